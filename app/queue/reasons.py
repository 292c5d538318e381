"""The words in which the place of a question in a queue is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.matching.queueing import Factor, Ranked
from app.shown import listed

STEPS = ((0.75, 4), (0.5, 3), (0.25, 2), (0.0, 1))
"""From which value on a bar has how many of its four pieces."""
WORDS = {
    "answerable": {4: _l("clear"), 3: _l("quite clear"), 2: _l("bare"), 1: _l("bare")},
    "need": {4: _l("pressing"), 3: _l("waiting"), 2: _l("can wait"), 1: _l("can wait")},
    "fit": {
        4: _l("your field"),
        3: _l("near your field"),
        2: _l("touches your field"),
        1: _l("at its edge"),
    },
}
NAMES = {"answerable": _l("Can be answered now"), "need": _l("Need"), "fit": _l("Fit")}
ANSWERABLE = {
    "tried": _l("says what was tried"),
    "where": _l("says where"),
    "wanted": _l("says what kind of answer helps"),
    "specific": _l("is specific"),
    "length": _l("gives the background"),
    "topics": _l("names its topics"),
}
NEED = {"nobody": _l("nobody is on it"), "urgent": _l("has a date"), "others": _l("others have it too")}
DAY = 24
"""Hours."""
LEAST_TOLD = 0.02
"""Of a factor, that a part must add to be spoken of."""


@dataclass(frozen=True)
class FactorShown:
    """One of the three factors of a place in a queue."""

    name: str
    word: str
    level: int
    """1 to 4."""
    reasons: str
    """What speaks for it, most first; empty where nothing does."""


def factors_of(ranked: Ranked, *, topics: Mapping[str, str], roles: Mapping[str, str]) -> list[FactorShown]:
    """As a reader checks them. `topics` names the question's, `roles` those that it asks and the reader has."""
    says = {
        "answerable": _told(ranked.answerable, ANSWERABLE),
        "need": _need(ranked),
        "fit": _fit(ranked, topics, roles),
    }
    return [_shown(name, getattr(ranked, name), reasons) for name, reasons in says.items()]


def _shown(name: str, factor: Factor, reasons: list[str]) -> FactorShown:
    level = next(level for least, level in STEPS if factor.value >= least)
    return FactorShown(str(NAMES[name]), str(WORDS[name][level]), level, listed(reasons) if reasons else "")


def _need(ranked: Ranked) -> list[str]:
    if "waits" not in ranked.need.parts:
        return [_("has an answer, but none that was accepted"), *_told(ranked.need, NEED)]
    hours, days = int(ranked.hours), int(ranked.hours // DAY)
    if days < 2:
        waits = ngettext("has waited %(num)s hour", "has waited %(num)s hours", max(hours, 1))
    else:
        waits = ngettext("has waited %(num)s day", "has waited %(num)s days", days)
    return _told(ranked.need, {**NEED, "waits": waits})


def _fit(ranked: Ranked, topics: Mapping[str, str], roles: Mapping[str, str]) -> list[str]:
    names = {
        "fields": _("one of your fields: %(topic)s", topic=topics.get(str(ranked.field), "")),
        "meaning": _("like what you wrote"),
        "role": _("asks your role: %(roles)s", roles=listed(roles.values()) if roles else ""),
    }
    return _told(ranked.fit, names)


def _told(factor: Factor, names: Mapping[str, Any]) -> list[str]:
    """The parts that say something, most first."""
    parts = sorted(factor.parts.items(), key=lambda part: (-part[1], part[0]))
    return [str(names[name]) for name, adds in parts if name in names and adds >= LEAST_TOLD]
