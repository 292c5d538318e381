"""The words in which a match is explained: the same for pages, mails and whatever else tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.codes import country_name
from app.ideas.models import SECTIONS
from app.matching.texts import Quote
from app.search.queries import Key, Kind
from app.search.rows import SubjectRow
from app.shown import listed
from ml.explaining import OTHER, Part, percentages

QUOTED = 120
"""Characters of a sentence in a line."""
ANCHORS = {
    "question": {"body": "question-body", "tried": "question-tried"},
    "nugget": {"summary": "summary", "activity": "activity"},
    "resource": {"summary": "summary-title"},
    "person": {"offers": "offers-title", "about": "about-title"},
}
"""Of the sections of a page, by the kind of its subject; those of ideas are named after their keys."""
SECTION_NAMES = {
    **{section.key: section.label for section in SECTIONS},
    "title": _l("Title"),
    "body": _l("Question"),
    "tried": _l("What was tried or read"),
    "answer": _l("Answer"),
    "summary": _l("Summary"),
    "activity": _l("Do this"),
    "offers": _l("Can help with"),
    "about": _l("About"),
}
PART_NAMES = {
    "meaning": _l("Meaning as a whole"),
    "sentences": _l("Sentences that meet"),
    "words": _l("Shared words"),
    "title": _l("Titles"),
    "topics": _l("Topics"),
    "role": _l("Roles"),
    "place": _l("Same country"),
    "author": _l("Same author"),
    "phase": _l("Same challenge phase"),
    "module": _l("Same module"),
    "received": _l("Answers that helped"),
    "freshness": _l("Recent"),
    "statement": _l("What they say they can do"),
    "language": _l("Same language"),
    "activity": _l("Active of late"),
    "presence": _l("Here not long ago"),
    OTHER: _l("Other"),
}
PART_NAMES_OF_PERSON = {
    **PART_NAMES,
    "meaning": _l("What they wrote"),
    "language": _l("A language they read"),
}
"""Whose parts tell of all that they wrote."""
STRENGTH_MEANINGS = {
    "close": _l("Close: the texts themselves share much of what they say."),
    "related": _l("Related: the texts share a good part of their subject."),
    "worth a look": _l("Worth a look: the texts share something; see for yourself how much."),
    None: _l("The texts themselves share too little to speak of: other facts brought this here."),
}
"""What the word beside a match says; None is for what has none."""


@dataclass(frozen=True)
class PlacedQuote:
    """A sentence, and where it is to be read."""

    text: str
    language: str
    section: str
    kind: Kind
    """Of the text in which it stands."""
    address: str | None
    """Of the section on the page of that text; None while it is being written."""

    @property
    def place(self) -> str:
        """The section, as the reader's language has it."""
        return section_name(self.section)


@dataclass(frozen=True)
class Reason:
    """Why two texts match, in what a person can check."""

    mine: PlacedQuote | None = None
    theirs: PlacedQuote | None = None
    words: Sequence[str] = ()
    topics: Sequence[str] = ()
    brings: Mapping[str, str] = field(default_factory=dict)
    """Roles that one side needs or asks and the other has: names by id."""
    roles_in_common: Mapping[str, str] = field(default_factory=dict)
    """Further roles of what was found that this one also has or needs: names by id."""
    is_same_country: bool = False
    is_alike: bool = False
    """Near enough in meaning as wholes, whatever their sentences say."""
    parts: Sequence[Part] = ()
    """What the score is made of: most first, together the score."""


@dataclass(frozen=True)
class Segment:
    """A part of a score as a bar shows it: whole percents, and at which percent it starts."""

    name: str
    percent: int
    start: int


def placed(quote: Quote, key: Key, page: str = "") -> PlacedQuote:
    """On the page with this address; on the page that is being read when none is given."""
    address = f"{page}#{anchor_of(key, quote.section)}"
    return PlacedQuote(quote.text, quote.language, quote.section, key[0], address)


def address_of(key: Key) -> str:
    """Of the page of an idea or question, or of an answer in its place; it leads on to the full address."""
    kind, subject_id = key
    return f"/{kind}s/{subject_id}"


def anchor_of(key: Key, section: str) -> str:
    """The id of the element in which a section stands on the page of its subject."""
    kind, subject_id = key
    if kind == "answer":
        return f"answer-{subject_id}"
    if section == "title":
        return "title"
    return f"{section}-title" if kind == "idea" else ANCHORS[kind][section]


def section_name(section: str) -> str:
    """As the reader's language has it."""
    return str(SECTION_NAMES[section])


def line_of(row: SubjectRow, reason: Reason) -> str:
    """Why, in one line of plain text: the most telling fact first; empty where nothing is known that can be checked."""
    facts = [*_roles(row, reason), *_words(row, reason)]
    if reason.topics:
        facts.append(_("same topic: %(topics)s", topics=listed(reason.topics)))
    if reason.is_same_country and row.country:
        facts.append(_("also in %(country)s", country=country_name(row.country)))
    line = "; ".join(facts) or _meaning(reason)
    return line[:1].upper() + line[1:]


def _roles(row: SubjectRow, reason: Reason) -> list[str]:
    if not reason.brings:
        return []
    roles = listed(reason.brings.values())
    if row.kind == "person":
        return [_("brings a role this needs: %(roles)s", roles=roles)]
    if row.kind == "question":
        return [_("asks your role: %(roles)s", roles=roles)]
    return [_("needs your role: %(roles)s", roles=roles)]


def _words(row: SubjectRow, reason: Reason) -> list[str]:
    if not reason.words:
        return []
    words = listed(reason.words)
    if row.kind == "person":
        return [_("writes about %(words)s", words=words)]
    return [_("both speak of %(words)s", words=words)]


def _meaning(reason: Reason) -> str:
    if reason.theirs and reason.theirs.section != "title":
        return _("says it in other words: “%(sentence)s”", sentence=_cut_short(reason.theirs.text))
    return _("alike in meaning as a whole") if reason.is_alike or reason.theirs else ""


def _cut_short(sentence: str) -> str:
    """At the end of a word, and not for the sake of a few letters."""
    if len(sentence) <= QUOTED + 5:
        return sentence
    return sentence[: QUOTED - 3].rsplit(" ", 1)[0] + "..."


def bar_of(row: SubjectRow, reason: Reason) -> list[Segment]:
    """What the score is made of, in whole percents that add up to 100; empty for a score of 0."""
    found = percentages(reason.parts)
    starts = accumulate((percent for _name, percent in found), initial=0)
    return [
        Segment(part_name(name, row.kind), percent, start)
        for (name, percent), start in zip(found, starts, strict=False)
    ]


def part_name(name: str, kind: Kind) -> str:
    """Of a part of a score of what was found, in the reader's language."""
    return str((PART_NAMES_OF_PERSON if kind == "person" else PART_NAMES)[name])


def strength_meaning(strength: str | None) -> str:
    """In a sentence, in the reader's language."""
    return str(STRENGTH_MEANINGS[strength])
