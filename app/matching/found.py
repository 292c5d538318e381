"""What a list of matches shows: each with its row and the reason, in what a person can check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from app.accounts.models import Viewer
from app.matching.standing import Standing, visible_rows
from app.matching.texts import Candidate, Query, Quote, Sentences, sentences_of
from app.search.queries import Key
from app.search.rows import SubjectRow
from ml.encoders import Vectors
from ml.explaining import Wording, closest_sentences, shared_words
from ml.ranking import Match
from ml.statistics import CorpusStatistics


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
    strength: str | None
    """None where the texts share too little to speak of: something else brought them together."""
    score: float
    parts: Mapping[str, float]
    reason: Reason


def explained(
    viewer: Viewer,
    standing: Standing,
    query: Query,
    texts: Mapping[Key, Candidate],
    *,
    lists: Sequence[Sequence[Match]],
    written: Mapping[Any, Sequence[Key]],
    statistics: CorpusStatistics,
) -> list[list[Found]]:
    """Each match with its row and its reason. A person is explained by their statement and by what they wrote."""
    keys = [cast(Key, match.key) for matches in lists for match in matches]
    rows = visible_rows(viewer, standing, keys)
    speaking = {key: [key, *written.get(key, [])] for key in keys}
    sentences = sentences_of({each: texts[each] for some in speaking.values() for each in some if each in texts})
    mine = statistics.sentences(query.sentences.stacked())
    return [
        [
            Found(
                row=rows[match.key],
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
                    sentences=sentences,
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
    mine: Vectors,
    speaking: Sequence[Key],
    texts: Mapping[Key, Candidate],
    sentences: Mapping[Key, Sentences],
    statistics: CorpusStatistics,
) -> Reason:
    said = [
        (quote, vector)
        for key in speaking
        for quote, vector in zip(sentences[key].quotes, sentences[key].vectors, strict=True)
        if not (key[0] == "answer" and quote.section == "title")  # the words of whoever asked
    ]
    theirs = Sentences([quote for quote, _ in said], [vector for _, vector in said])
    wordings = [Wording(texts[key].text.terms, texts[key].labels) for key in speaking if key in texts]
    pair = closest_sentences(mine, statistics.sentences(theirs.stacked()), encoder=statistics.encoder)
    return Reason(
        mine=query.sentences.quotes[pair.mine] if pair else None,
        theirs=theirs.quotes[pair.theirs] if pair else None,
        words=shared_words(query.text.terms, wordings, statistics, language=query.text.language),
        topics=[name for topic, name in row.topics.items() if topic in query.text.topics],
        brings=_roles_that_fit(query, row),
        is_same_country=row.country is not None and row.country == query.text.country,
        is_alike=match.says_enough and any(match.parts.get(part) for part in ("meaning", "statement")),
    )


def _roles_that_fit(query: Query, row: SubjectRow) -> dict[str, str]:
    """Those that a person brings to the text, or that a text needs or asks of the person: names by id."""
    if row.kind == "person":
        return {role: name for role, name in row.roles.items() if role in query.text.needed_roles}
    if query.key is None or query.key[0] != "person":
        return {}
    wanted = row.roles if row.kind == "question" else row.needed_roles
    return {role: name for role, name in wanted.items() if role in query.text.roles}
