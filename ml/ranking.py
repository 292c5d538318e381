"""Ranks texts and people for a text: named, bounded parts that add up to one score."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.encoders import Vectors, unit_rows
from ml.statistics import CorpusStatistics
from ml.weights import Kind, Strength, Weights, weights_for

Column = NDArray[np.float64]

# What the texts themselves say; the cut and the strength look at these parts only.
EVIDENCE = frozenset({"meaning", "title", "words", "statement"})
NEAR_COPY = 0.97
FRESH_DAYS = 30.0
# The BM25 sum at which the words part reaches half of its weight.
HALF_WORDS = 20.0
BUSY_TEXTS = 30
TELLING_TERMS = 32


@dataclass(frozen=True, eq=False)
class Text:
    """One side of a match: an idea, question, answer, nugget, resource or draft.

    `vectors` are the raw section vectors, (n, dimension), the title's first.
    """

    key: Hashable
    vectors: Vectors
    terms: Mapping[str, int] = field(default_factory=dict)
    title_terms: Mapping[str, int] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    needed_roles: frozenset[str] = frozenset()
    language: str = "en"
    country: str | None = None
    written_at: datetime | None = None


@dataclass(frozen=True, eq=False)
class Person:
    """Someone by what they wrote (`texts`) and what they say they can help with (`statement`)."""

    key: Hashable
    texts: Sequence[Text]
    statement: Text | None = None
    topics: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """`parts` add up to `score`, 0 to 1; `strength` says in a word how much the texts themselves share."""

    key: Hashable
    score: float
    parts: Mapping[str, float]
    strength: Strength


def rank_texts(
    query: Text,
    candidates: Sequence[Text],
    statistics: CorpusStatistics,
    *,
    kind: Kind,
    limit: int = 5,
    cut: bool = True,
    now: datetime | None = None,
) -> list[Match]:
    """The best matches first, at most `limit`; equal scores in the order of their keys.

    Of several candidates with one key the best stays. With `cut`, what says too little is left out, and so is a
    near-copy of a better match; without it everything is ranked. Age counts from `now`, or from when the query was
    written.
    """
    weights = weights_for(statistics.encoder, kind)
    features = text_features(query, candidates, statistics, now or query.written_at)
    keys = [candidate.key for candidate in candidates]
    return best_matches(keys, features, weights, candidates if cut else [], limit=limit, cut=cut)


def rank_people(
    query: Text, people: Sequence[Person], statistics: CorpusStatistics, *, limit: int = 3, cut: bool = True
) -> list[Match]:
    """The people who can help best first, at most `limit`; equal scores in the order of their keys."""
    weights = weights_for(statistics.encoder, "person")
    features = person_features(query, people, statistics)
    return best_matches([person.key for person in people], features, weights, [], limit=limit, cut=cut)


def text_features(
    query: Text, candidates: Sequence[Text], statistics: CorpusStatistics, now: datetime | None
) -> dict[str, Column]:
    """Each named feature, 0 to 1, for each candidate."""
    return {
        "meaning": meaning_feature(query.vectors, [text.vectors for text in candidates], statistics),
        "title": title_feature(query, candidates, statistics),
        "words": words_feature(query, candidates, statistics),
        "topics": column(shared_part(query.topics, text.topics) for text in candidates),
        "role": column(role_fit(query, text.roles) for text in candidates),
        "place": column(float(bool(query.country) and query.country == text.country) for text in candidates),
        "freshness": column(freshness(text.written_at, now) for text in candidates),
    }


def person_features(query: Text, people: Sequence[Person], statistics: CorpusStatistics) -> dict[str, Column]:
    """Each named feature, 0 to 1, for each person."""
    meaning, words = written_features(query, people, statistics)
    statements = [person.statement for person in people]
    stated = [text.vectors if text else query.vectors[:0] for text in statements]
    return {
        "meaning": meaning,
        "words": words,
        "statement": meaning_feature(query.vectors, stated, statistics),
        "topics": column(shared_part(query.topics, person.topics) for person in people),
        "role": column(role_fit(query, person.roles) for person in people),
        "activity": column(min(1.0, log1p(len(person.texts)) / log1p(BUSY_TEXTS)) for person in people),
    }


def written_features(query: Text, people: Sequence[Person], statistics: CorpusStatistics) -> tuple[Column, Column]:
    """Meaning and words of what each person wrote: the mean of their three nearest texts."""
    texts = [text for person in people for text in person.texts]
    meaning = meaning_feature(query.vectors, [text.vectors for text in texts], statistics)
    words = words_feature(query, texts, statistics)
    ends = np.cumsum([len(person.texts) for person in people], dtype=int)
    spans = [slice(end - len(person.texts), end) for end, person in zip(ends, people, strict=True)]
    return column(best_three(meaning[span]) for span in spans), column(best_three(words[span]) for span in spans)


def best_three(values: Column) -> float:
    """The sum of the three largest over three, so that one good text alone is worth a third."""
    return float(np.sort(values)[-3:].sum() / 3)


def meaning_feature(query: Vectors, candidates: Sequence[Vectors], statistics: CorpusStatistics) -> Column:
    """Half how the texts meet as wholes, half how their sections do, each with its nearest, both ways; centred."""
    meaning = np.zeros(len(candidates))
    present = [at for at, vectors in enumerate(candidates) if len(vectors)]
    if not present or not len(query):
        return meaning
    centre = statistics.trusted_centre()
    counts = np.array([len(candidates[at]) for at in present])
    starts = np.cumsum(counts) - counts
    mine = unit_rows(query - centre)
    theirs = unit_rows(np.concatenate([candidates[at] for at in present]) - centre)
    cosines = theirs @ mine.T
    there = np.maximum.reduceat(cosines, starts).mean(axis=1)
    back = np.add.reduceat(cosines.max(axis=1), starts) / counts
    whole = unit_rows(np.add.reduceat(theirs, starts)) @ unit_rows(mine.mean(axis=0))
    meaning[present] = np.clip((there + back + 2 * whole) / 4, 0, 1)
    return meaning


def title_feature(query: Text, candidates: Sequence[Text], statistics: CorpusStatistics) -> Column:
    """How much of each title, by the rarity of its terms, the other text takes up; the mean of both ways."""
    mine = rarities_of(query.title_terms, statistics)
    return column(
        (taken_up(mine, text.terms) + taken_up(rarities_of(text.title_terms, statistics), query.terms)) / 2
        for text in candidates
    )


def taken_up(rarities: Mapping[str, float], terms: Mapping[str, int]) -> float:
    found = sum(rarity for term, rarity in rarities.items() if term in terms)
    return found / sum(rarities.values()) if found else 0.0


def words_feature(query: Text, candidates: Sequence[Text], statistics: CorpusStatistics) -> Column:
    """BM25 of the query's terms, brought to 0..1."""
    rarities = rarest(rarities_of(query.terms, statistics))
    average = statistics.average_length or 1.0
    sums = column(bm25(rarities, text.terms, average) for text in candidates)
    return sums / (sums + HALF_WORDS)


def bm25(rarities: Mapping[str, float], terms: Mapping[str, int], average: float) -> float:
    damping = 1.2 * (0.25 + 0.75 * sum(terms.values()) / average)
    total = 0.0
    for term, rarity in rarities.items():
        if count := terms.get(term):
            total += rarity * 2.2 * count / (count + damping)
    return total


def rarest(rarities: Mapping[str, float]) -> dict[str, float]:
    """The terms of a long text that tell most: the common rest costs time and changes nothing."""
    ordered = sorted(rarities.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:TELLING_TERMS])


def rarities_of(terms: Mapping[str, int], statistics: CorpusStatistics) -> dict[str, float]:
    return {term: statistics.rarity(term) for term in terms}


def shared_part(one: frozenset[str], other: frozenset[str]) -> float:
    """The shared over the smaller of the two sets."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def role_fit(query: Text, roles: frozenset[str]) -> float:
    """1 for a role that the query needs; up to a half for roles that both have."""
    return 1.0 if query.needed_roles & roles else shared_part(query.roles, roles) / 2


def freshness(written_at: datetime | None, now: datetime | None) -> float:
    """1 for now, a half after a month, ever less after; 0 when a moment is unknown."""
    if written_at is None or now is None:
        return 0.0
    days = (aware(now) - aware(written_at)).total_seconds() / 86400
    return 1 / (1 + max(0.0, days) / FRESH_DAYS)


def aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def best_matches(
    keys: Sequence[Hashable],
    features: Mapping[str, Column],
    weights: Weights,
    texts: Sequence[Text],
    *,
    limit: int,
    cut: bool,
) -> list[Match]:
    """Weighs the features and takes the best, each key once, near-copies among `texts` once."""
    names = [name for name in features if weights.parts.get(name)]
    parts = (
        np.column_stack([weights.parts[name] * features[name] for name in names]) if names else np.zeros((len(keys), 0))
    )
    scores = parts.sum(axis=1)
    evidence = parts[:, [at for at, name in enumerate(names) if name in EVIDENCE]].sum(axis=1)
    chosen: dict[Hashable, int] = {}
    for row in sorted(range(len(keys)), key=lambda row: (-scores[row], sort_key(keys[row]))):
        if len(chosen) >= limit:
            break
        if keys[row] in chosen or (cut and evidence[row] < weights.cut):
            continue
        if texts and any(are_near_copies(texts[row], texts[other]) for other in chosen.values()):
            continue
        chosen[keys[row]] = row
    return [
        match_of(key, dict(zip(names, parts[row].tolist(), strict=True)), weights.strength(float(evidence[row])))
        for key, row in chosen.items()
    ]


def match_of(key: Hashable, parts: dict[str, float], strength: Strength) -> Match:
    return Match(key, min(1.0, sum(parts.values())), parts, strength)


def sort_key(key: Hashable) -> tuple[str, Any]:
    """Numbers by value, everything else by its text, so that keys of one kind always compare."""
    return ("", key) if isinstance(key, int | float) else (type(key).__name__, str(key))


def are_near_copies(one: Text, other: Text) -> bool:
    """Whether the two say almost the same from end to end."""
    return bool(direction(one.vectors) @ direction(other.vectors) > NEAR_COPY)


def direction(vectors: Vectors) -> Vectors:
    return unit_rows(vectors.sum(axis=0))


def column(values: Any) -> Column:
    return np.fromiter(values, dtype=np.float64)
