"""What a list of matches shows: each with its row and the reason, in what a person can check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.accounts.models import Viewer
from app.feedback.forms import Place
from app.matching.reasons import (
    PlacedQuote,
    Reason,
    Segment,
    address_of,
    bar_of,
    line_of,
    placed,
    strength_meaning,
)
from app.matching.standing import Standing, visible_rows
from app.matching.statistics import Statistics
from app.matching.texts import NO_ENCODER, Candidate, Query, Quote, compared_by, quotes_of, spoken_by
from app.search.queries import Key, Kind
from app.search.rows import SubjectRow
from ml.encoders import Vectors
from ml.explaining import Pair, SentencePair, Wording, explain
from ml.features import Text
from ml.ranking import Match


@dataclass(frozen=True)
class Found:
    """One match as a page shows it."""

    row: SubjectRow
    language: str
    """In which it is written, whatever was chosen in the form."""
    strength: str | None
    """None where the texts share too little to speak of: something else brought them together."""
    score: float
    parts: Mapping[str, float]
    reason: Reason
    place: Place | None = None
    """Where it stands in whose list; what is found by a search stands in none."""
    verdict: str | None = None
    """What the viewer said of it there."""
    facets: Mapping[str, str] = field(default_factory=dict)
    """In which it is the same as a text being written, with their names: see `facets.FACETS`."""

    @property
    def line(self) -> str:
        """Why, in one line of plain text in the reader's language."""
        return line_of(self.row, self.reason)

    @property
    def bar(self) -> list[Segment]:
        """What the score is made of, in whole percents."""
        return bar_of(self.row, self.reason)

    @property
    def strength_meaning(self) -> str:
        """What the strength says, in a sentence."""
        return strength_meaning(self.strength)


def explained(
    viewer: Viewer,
    standing: Standing,
    query: Query,
    texts: Mapping[Key, Candidate],
    *,
    lists: Sequence[Sequence[Match]],
    written: Mapping[Any, Sequence[Key]],
    statistics: Statistics,
) -> list[list[Found]]:
    """Each match with its row and its reason. A person is explained by their statement and by what they wrote."""
    keys = [cast(Key, match.key) for matches in lists for match in matches]
    rows = visible_rows(viewer, standing, keys)
    speaking = {key: [each for each in (key, *written.get(key, [])) if each in texts] for key in keys}
    reasons = Reasons(
        query, texts, statistics, quotes_of({key: texts[key] for some in speaking.values() for key in some})
    )
    return [
        [
            Found(
                row=rows[match.key],
                language=texts[match.key].text.language,
                strength=match.strength if match.says_enough else None,
                score=match.score,
                parts=match.parts,
                reason=reasons.of(match, rows[match.key], speaking[match.key]),
            )
            for match in matches
            if match.key in rows
        ]
        for matches in lists
    ]


@dataclass(frozen=True)
class Reasons:
    """Why texts go with a query; `quotes` are the sentences of `texts`."""

    query: Query
    texts: Mapping[Key, Candidate]
    statistics: Statistics
    quotes: Mapping[Key, Sequence[Quote]]

    def of(self, match: Match, row: SubjectRow, speaking: Sequence[Key]) -> Reason:
        """By what these texts say for the match."""
        subject, said = self.texts[row.key].text, [self.texts[key] for key in speaking]
        sentences = self._sentences(speaking)
        wanted, brought = _roles_wanted_and_brought(self.query, row.kind, subject)
        pair = Pair(
            query=self.query.text,
            subject=subject,
            match=match,
            spoken={name: (self._mine[name], some.vectors) for name, some in sentences.items()},
            labels=self.query.labels,
            wordings=[Wording(each.text.terms, each.labels, each.text.language) for each in said],
            wanted_roles=wanted,
            brought_roles=brought,
        )
        why = explain(pair, self.statistics[NO_ENCODER])
        mine, theirs = self._quotes(why.sentences, sentences, row) if why.sentences else (None, None)
        return Reason(
            mine=mine,
            theirs=theirs,
            words=why.words,
            topics=[name for topic, name in row.topics.items() if topic in why.topics],
            brings={role: name for role, name in {**row.roles, **row.needed_roles}.items() if role in why.roles},
            roles_in_common={role: name for role, name in row.roles.items() if role in why.roles_in_common},
            is_same_country=why.is_same_country,
            is_alike=why.is_alike,
            parts=why.parts,
        )

    def _quotes(
        self, pair: SentencePair, sentences: Mapping[str, Sentences], row: SubjectRow
    ) -> tuple[PlacedQuote, PlacedQuote]:
        """The two sentences, each with its place."""
        mine, (key, theirs) = self.query.quotes[pair.mine], sentences[pair.encoder].quotes[pair.theirs]
        page = row.address if key == row.key else address_of(key)
        return self._placed_here(mine), placed(theirs, key, page)

    def _placed_here(self, quote: Quote) -> PlacedQuote:
        query = self.query
        if query.key and query.is_published:
            return placed(quote, query.key)
        return PlacedQuote(quote.text, quote.language, quote.section, query.kind, address=None)

    def _sentences(self, speaking: Sequence[Key]) -> dict[str, Sentences]:
        """What these texts say, by each encoder that reads it and the query."""
        found: dict[str, Sentences] = {}
        for name in self._mine:
            said = [
                ((key, quote), vector)
                for key in speaking
                if compared_by(self.query, self.texts[key]) == name
                for quote, vector in zip(
                    self.quotes[key], spoken_by(self.texts[key], self.quotes[key])[name].sentences, strict=False
                )
                if not (key[0] == "answer" and quote.section == "title")  # the words of whoever asked
            ]
            if said:
                vectors = in_full(np.stack([vector for _, vector in said]))
                found[name] = Sentences([quote for quote, _ in said], self.statistics[name].sentences(vectors))
        return found

    @cached_property
    def _mine(self) -> dict[str, Vectors]:
        """The damped sentences of the query, by encoder."""
        return {
            name: self.statistics[name].sentences(in_full(text.sentences))
            for name, text in self.query.by_encoder.items()
            if len(text.sentences)
        }


@dataclass(frozen=True, eq=False)
class Sentences:
    """Sentences, each with the text that it is of, and their damped vectors."""

    quotes: Sequence[tuple[Key, Quote]]
    vectors: Vectors


def in_full(vectors: NDArray[Any]) -> Vectors:
    """Kept at half precision, compared at full."""
    return vectors.astype(np.float32, copy=False)


def _roles_wanted_and_brought(query: Query, kind: Kind, subject: Text) -> tuple[frozenset[str], frozenset[str]]:
    """Those that a text needs or asks, and those of the person on the other side; none between two texts."""
    if kind == "person":
        return query.text.needed_roles, subject.roles
    if query.key is None or query.key[0] != "person":
        return frozenset(), frozenset()
    return subject.roles if kind == "question" else subject.needed_roles, query.text.roles
