"""The panel beside the form: what meets a text being written, by what is the same in both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import cast

from flask_babel import lazy_gettext as _l

from app.accounts.models import Viewer
from app.matching.found import Found
from app.matching.queries import (
    CANDIDATES,
    QUESTIONS,
    Matches,
    Surroundings,
    look_around,
    matches_in,
    ranked,
    said_to,
)
from app.matching.reasons import PlacedQuote, placed
from app.matching.standing import standing_of
from app.matching.texts import Candidate, Quote, candidates, compared_by, draft_query, quotes_of, spoken_by
from app.search.queries import Key, Kind, SubjectText
from ml.facets import Facets, same_facets
from ml.languages import letters_of
from ml.ranking import Match

FACETS = {"problem": _l("problem"), "approach": _l("approach"), "place": _l("place"), "people": _l("people")}
"""Names, in the order in which they are shown: an idea stands under the first that is the same."""
FACET_OF = {"title": "problem", "problem": "problem", "body": "problem", "approach": "approach", "place": "people"}
"""By section. Where two places are the same is told by their countries: any two schools would be alike by words."""
IDEAS = 8
QUESTIONS_ASKED = 6
"""Questions beside a question being written: asked already, they need not be asked again."""
SAME_APPROACH = 2
"""Ideas of which the approach alone is the same."""
LETTERS_THAT_TELL = 80
"""A language that was not chosen."""


@dataclass(frozen=True)
class MetSentences:
    """The sentences of the text being written and of an idea that meet best in a facet."""

    mine: Quote
    theirs: Quote


@dataclass(frozen=True)
class Panel:
    """What meets a text being written."""

    around: Surroundings
    matches: Matches
    kind: Kind
    """Of the text: idea or question."""
    raised_by: int
    """How many other people wrote ideas or questions of the same problem before."""
    is_at_least: bool
    """Whether there may be more of them."""
    reads_like: str | None
    """The language that it seems to be written in, where another one was chosen."""

    @property
    def groups(self) -> list[tuple[str, list[Found]]]:
        """The ideas by the first facet that is the same; those that are near as a whole come last, under no name."""
        names = [*FACETS, ""]
        found = {name: [each for each in self.matches.ideas if next(iter(each.facets), "") == name] for name in names}
        return [(name, ideas) for name, ideas in found.items() if ideas]


def panel_for(viewer: Viewer, draft: SubjectText) -> Panel:
    """For a text that is being written. Nothing of it is kept."""
    standing = standing_of(viewer)
    around = look_around(viewer, standing, draft_query(draft))
    every = _every_idea_and_question(around)
    same = _same(around, every)
    found, most_questions = matches_in(around, _chosen(around, every, same)), QUESTIONS
    if draft.kind == "question":
        found, most_questions = replace(found, questions=answered_first(found.questions)), QUESTIONS_ASKED
    shown = found.shown_to(
        viewer,
        ("draft", draft.id),
        said_to(standing, viewer),
        most_ideas=IDEAS + SAME_APPROACH,
        most_questions=most_questions,
    )
    raised = _raised(around, same, draft)
    return Panel(
        around=around,
        kind=draft.kind,
        matches=replace(shown, ideas=[with_facets(each, same[each.row.key], draft.kind) for each in shown.ideas]),
        raised_by=len({around.texts[key].author_id for key in raised} - {None}),
        is_at_least=any(sum(key[0] == kind for key in raised) >= CANDIDATES for kind in ("idea", "question")),
        reads_like=_other_language(draft, around.query.text.language),
    )


def _other_language(draft: SubjectText, detected: str) -> str | None:
    """Where it was not chosen, and there is so much text that a few names cannot mislead."""
    is_telling = sum(map(letters_of, draft.sections.values())) >= LETTERS_THAT_TELL
    return detected if is_telling and detected != draft.language else None


def answered_first(questions: Sequence[Found]) -> list[Found]:
    """Those with an accepted answer, those with some other, and those that wait; closed ones after all
    open ones; each in the order that they had."""

    def state(found: Found) -> tuple[bool, int]:
        facts = found.row.facts
        return facts["is_closed"], 0 if facts["is_answered"] else 1 if facts["answers"] else 2

    return sorted(questions, key=state)


def _raised(around: Surroundings, same: Mapping[Key, Collection[str]], draft: SubjectText) -> list[Key]:
    """What others wrote of the same problem; beside a text that is published already, what they wrote before it."""
    own = candidates(around.standing, [draft.key]).get(draft.key) if draft.id else None
    before, author = (own.text.seconds, own.author_id) if own else (inf, draft.author_id)
    texts = {key: around.texts[key] for key, facets in same.items() if "problem" in facets}
    return [key for key, each in texts.items() if each.author_id != author and not each.text.seconds >= before]


def with_facets(found: Found, same: Mapping[str, MetSentences | None], kind: Kind) -> Found:
    """The match with what is the same in it, and with the two sentences that meet there."""
    facets = {facet: str(name) for facet, name in FACETS.items() if facet in same}
    meeting = next((same[facet] for facet in facets), None)
    if meeting is None:
        return replace(found, facets=facets)
    mine, row = meeting.mine, found.row
    written = PlacedQuote(mine.text, mine.language, mine.section, kind, address=None)
    reason = replace(found.reason, mine=written, theirs=placed(meeting.theirs, row.key, row.address))
    return replace(found, facets=facets, reason=reason)


def _every_idea_and_question(around: Surroundings) -> dict[Key, Match]:
    kinds, most = ("idea", "question"), len(around.texts)
    every = [match for kind in kinds for match in ranked(around.compared, around.texts, kind, limit=most, cut=False)]
    return {cast(Key, match.key): match for match in every}


def _chosen(around: Surroundings, every: Mapping[Key, Match], same: Mapping[Key, Collection[str]]) -> list[Match]:
    """The best ideas, and some that go about another problem in the same way."""
    best = ranked(around.compared, around.texts, "idea", limit=IDEAS)
    known = {match.key for match in best}
    others = [
        match for key, match in every.items() if key[0] == "idea" and "approach" in same[key] and key not in known
    ]
    return [*best, *others[:SAME_APPROACH]]


def _same(around: Surroundings, every: Mapping[Key, Match]) -> dict[Key, dict[str, MetSentences | None]]:
    """The facets in which each of these is the same as the text being written."""
    query, texts = around.query, {key: around.texts[key] for key in every}
    same: dict[Key, dict[str, MetSentences | None]] = {key: _same_by_tags(around, texts[key]) for key in every}
    quotes = quotes_of(texts)
    for name, text in query.by_encoder.items():
        read = [key for key in every if compared_by(query, texts[key]) == name]
        pairs = same_facets(
            Facets(text, facets_of(query.quotes)),
            [Facets(spoken_by(texts[key], quotes[key])[name], facets_of(quotes[key])) for key in read],
            [every[key].evidence for key in read],
            around.statistics[name],
            around.compared.heard,
        )
        for key, found in zip(read, pairs, strict=True):
            for facet, pair in found.items():
                if facet != "problem" or every[key].is_related:
                    same[key][facet] = MetSentences(query.quotes[pair.mine], quotes[key][pair.theirs])
    return same


def _same_by_tags(around: Surroundings, candidate: Candidate) -> dict[str, MetSentences | None]:
    mine, theirs = around.query.text, candidate.text
    is_same = {
        "place": mine.country is not None and mine.country == theirs.country,
        "people": bool(mine.roles & theirs.roles),
    }
    return {facet: None for facet, same in is_same.items() if same}


def facets_of(quotes: Sequence[Quote]) -> list[str]:
    """Of each sentence the facet it belongs to."""
    return [FACET_OF.get(quote.section, "") for quote in quotes]
