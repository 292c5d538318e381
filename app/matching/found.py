"""What a list of matches shows: each with its row and the reason, in what a person can check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    speaking = {key: [key, *written.get(key, [])] for key in keys}
    quotes = quotes_of({each: texts[each] for some in speaking.values() for each in some if each in texts})
    mine = {
        name: statistics[name].sentences(in_full(text.sentences))
        for name, text in query.by_encoder.items()
        if len(text.sentences)
    }
    return [
        [
            Found(
                row=rows[match.key],
                language=texts[match.key].text.language,
                strength=match.strength if match.says_enough else None,
                score=match.score,
                parts=match.parts,
                reason=_reason(
                    match,
                    rows[match.key],
                    query=query,
                    mine=mine,
                    speaking=speaking[match.key],
                    texts=texts,
                    quotes=quotes,
                    statistics=statistics,
                ),
            )
            for match in matches
            if match.key in rows
        ]
        for matches in lists
    ]


def _reason(
    match: Match,
    row: SubjectRow,
    *,
    query: Query,
    mine: Mapping[str, Vectors],
    speaking: Sequence[Key],
    texts: Mapping[Key, Candidate],
    quotes: Mapping[Key, Sequence[Quote]],
    statistics: Statistics,
) -> Reason:
    wordings = [Wording(texts[key].text.terms, texts[key].labels) for key in speaking if key in texts]
    own_quote, their_quote = _closest(query, mine, speaking, texts, quotes, statistics)
    return Reason(
        mine=own_quote,
        theirs=their_quote,
        words=shared_words(query.text.terms, wordings, statistics[NO_ENCODER], language=query.text.language),
        topics=[name for topic, name in row.topics.items() if topic in query.text.topics],
        brings=_roles_that_fit(query, row),
        is_same_country=row.country is not None and row.country == query.text.country,
        is_alike=match.says_enough and any(match.parts.get(part) for part in ("meaning", "statement")),
    )


def _closest(
    query: Query,
    mine: Mapping[str, Vectors],
    speaking: Sequence[Key],
    texts: Mapping[Key, Candidate],
    quotes: Mapping[Key, Sequence[Quote]],
    statistics: Statistics,
) -> tuple[Quote, Quote] | tuple[None, None]:
    """The two sentences that meet best, by whichever encoder reads both."""
    best: tuple[float, Quote, Quote] | None = None
    for name, own in mine.items():
        said = [
            (quote, vector)
            for key in speaking
            if key in texts and compared_by(query, texts[key]) == name
            for quote, vector in zip(quotes[key], texts[key].by_encoder[name].sentences, strict=True)
            if not (key[0] == "answer" and quote.section == "title")  # the words of whoever asked
        ]
        theirs = in_full(np.stack([vector for _, vector in said])) if said else own[:0]
        pair = closest_sentences(own, statistics[name].sentences(theirs), encoder=name)
        if pair and (best is None or pair.similarity > best[0]):
            best = pair.similarity, query.quotes[pair.mine], said[pair.theirs][0]
    return best[1:] if best else (None, None)


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
