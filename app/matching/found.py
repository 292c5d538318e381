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
from app.matching.standing import Standing, visible_rows
from app.matching.statistics import Statistics
from app.matching.texts import NO_ENCODER, Candidate, Query, Quote, compared_by, quotes_of
from app.search.queries import Key
from app.search.rows import SubjectRow
from ml.encoders import Vectors
from ml.explaining import Wording, closest_sentences, shared_words
from ml.ranking import Match


@dataclass(frozen=True)
class Reason:
    """Why two texts match, in what a person can check."""

    mine: Quote | None = None
    theirs: Quote | None = None
    words: Sequence[str] = ()
    topics: Sequence[str] = ()
    brings: Mapping[str, str] = field(default_factory=dict)
    """Roles that one side needs or asks and the other has: names by id."""
    is_same_country: bool = False
    is_alike: bool = False
    """Near enough in meaning as wholes, whatever their sentences say."""


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
        query, texts = self.query, [self.texts[key] for key in speaking]
        wordings = [Wording(each.text.terms, each.labels, each.text.language) for each in texts]
        mine, theirs = self._closest(speaking)
        return Reason(
            mine=mine,
            theirs=theirs,
            words=shared_words(query.text.terms, wordings, self.statistics[NO_ENCODER], language=query.text.language),
            topics=[name for topic, name in row.topics.items() if topic in query.text.topics],
            brings=_roles_that_fit(query, row),
            is_same_country=row.country is not None and row.country == query.text.country,
            is_alike=match.says_enough and any(match.parts.get(part) for part in ("meaning", "statement")),
        )

    def _closest(self, speaking: Sequence[Key]) -> tuple[Quote, Quote] | tuple[None, None]:
        """The two sentences that meet best, by whichever encoder reads both."""
        best: tuple[float, Quote, Quote] | None = None
        for name, mine in self._mine.items():
            said = [
                (quote, vector)
                for key in speaking
                if compared_by(self.query, self.texts[key]) == name
                for quote, vector in zip(self.quotes[key], self.texts[key].by_encoder[name].sentences, strict=True)
                if not (key[0] == "answer" and quote.section == "title")  # the words of whoever asked
            ]
            theirs = in_full(np.stack([vector for _, vector in said])) if said else mine[:0]
            pair = closest_sentences(mine, self.statistics[name].sentences(theirs), encoder=name)
            if pair and (best is None or pair.similarity > best[0]):
                best = pair.similarity, self.query.quotes[pair.mine], said[pair.theirs][0]
        return best[1:] if best else (None, None)

    @cached_property
    def _mine(self) -> dict[str, Vectors]:
        """The damped sentences of the query, by encoder."""
        return {
            name: self.statistics[name].sentences(in_full(text.sentences))
            for name, text in self.query.by_encoder.items()
            if len(text.sentences)
        }


def in_full(vectors: NDArray[Any]) -> Vectors:
    """Kept at half precision, compared at full."""
    return vectors.astype(np.float32, copy=False)


def _roles_that_fit(query: Query, row: SubjectRow) -> dict[str, str]:
    """Those that a person brings to the text, or that a text needs or asks of the person: names by id."""
    if row.kind == "person":
        return {role: name for role, name in row.roles.items() if role in query.text.needed_roles}
    if query.key is None or query.key[0] != "person":
        return {}
    wanted = row.roles if row.kind == "question" else row.needed_roles
    return {role: name for role, name in wanted.items() if role in query.text.roles}
