"""Ranks texts and people for a text: named, bounded parts that add up to one score."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from math import log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.encoders import Vectors, unit_rows
from ml.statistics import CorpusStatistics
from ml.weights import Kind, Strength, Weights, languages_of, weights_for
from ml.words import primary

Column = NDArray[np.float64]

NEAR_COPY = 0.97
FRESH_DAYS = 30.0
# The words part reaches a half at this BM25 sum plus this share of the rarities of all the query's terms.
HALF_WORDS = 5.0
HALF_SHARE = 0.15
# Words of a language with few texts all look rare, so alone they count less.
WORDS_ALONE = 0.7
# With this many recent texts the activity part is full.
BUSY_TEXTS = 30
ACTIVE_DAYS = 14.0


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

    @cached_property
    def length(self) -> int:
        """In terms."""
        return sum(self.terms.values())


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
    """`parts` add up to `score`, 0 to 1; `evidence`, 0 to 1, is how much the texts themselves share, `strength` says
    it in a word, and `says_enough` whether that is as much as the cut asks for."""

    key: Hashable
    score: float
    parts: Mapping[str, float]
    evidence: float
    strength: Strength
    says_enough: bool


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
    strong = evidence(features["meaning"], features["words"], readable(query, candidates, statistics))
    empty = [not len(text.vectors) for text in candidates]
    chosen = Chosen([text.key for text in candidates], features, strong, empty, weights)
    return chosen.matches(limit=limit, cut=cut, texts=candidates)


def rank_people(
    query: Text,
    people: Sequence[Person],
    statistics: CorpusStatistics,
    *,
    limit: int = 3,
    cut: bool = True,
    now: datetime | None = None,
) -> list[Match]:
    """The people who can help best first, at most `limit`; equal scores in the order of their keys.

    With `cut`, only people with at least one text, or a statement, on the subject are left. Recent texts count more,
    as seen from `now`, or from when the query was written.
    """
    weights = weights_for(statistics.encoder, "person")
    features, strong = person_features(query, people, statistics, now or query.written_at)
    empty = [not said(person) for person in people]
    chosen = Chosen([person.key for person in people], features, strong, empty, weights)
    return chosen.matches(limit=limit, cut=cut, texts=[])


def evidence(meaning: Column, words: Column, is_readable: Column) -> Column:
    """How much the texts themselves share, 0 to 1; the cut and the strength look at nothing else.

    Where the encoder does not read a language, the words speak alone.
    """
    return np.where(is_readable, (2 * meaning + words) / 3, words * WORDS_ALONE)


def readable(query: Text, candidates: Sequence[Text], statistics: CorpusStatistics) -> Column:
    """1 where the encoder reads the language of both texts, else 0."""
    languages = languages_of(statistics.encoder)
    reads_query = languages is None or primary(query.language) in languages
    return column(
        float(reads_query and (languages is None or primary(text.language) in languages)) for text in candidates
    )


def text_features(
    query: Text, candidates: Sequence[Text], statistics: CorpusStatistics, now: datetime | None
) -> dict[str, Column]:
    """Each named feature, 0 to 1, for each candidate."""
    return {
        "meaning": meaning_feature(query, candidates, statistics),
        "words": words_feature(query, candidates, statistics),
        "title": title_feature(query, candidates, statistics),
        "topics": column(shared_part(query.topics, text.topics) for text in candidates),
        "role": column(role_fit(query, text.roles) for text in candidates),
        "place": column(float(bool(query.country) and query.country == text.country) for text in candidates),
        "freshness": column(freshness(text.written_at, now, FRESH_DAYS) for text in candidates),
    }


def person_features(
    query: Text, people: Sequence[Person], statistics: CorpusStatistics, now: datetime | None
) -> tuple[dict[str, Column], Column]:
    """Each named feature, 0 to 1, for each person; and the evidence of the best single text of each."""
    texts = [text for person in people for text in said(person)]
    meaning = meaning_feature(query, texts, statistics)
    words = words_feature(query, texts, statistics)
    strong = evidence(meaning, words, readable(query, texts, statistics))
    ends = np.cumsum([len(said(person)) for person in people], dtype=int)
    every = [slice(end - len(said(person)), end) for person, end in zip(people, ends, strict=True)]
    written = [slice(end - len(person.texts), end) for person, end in zip(people, ends, strict=True)]
    features = {
        "meaning": column(best_three(meaning[span]) for span in written),
        "words": column(best_three(words[span]) for span in written),
        "statement": column(
            strong[span.start] if person.statement else 0.0 for person, span in zip(people, every, strict=True)
        ),
        "topics": column(shared_part(query.topics, person.topics) for person in people),
        "role": column(role_fit(query, person.roles) for person in people),
        "language": column(float(speaks(person, query.language)) for person in people),
        "activity": column(activity(person, now) for person in people),
    }
    return features, column(strong[span].max(initial=0.0) for span in every)


def said(person: Person) -> list[Text]:
    """The statement, where there is one, and then the texts."""
    return [*([person.statement] if person.statement else []), *person.texts]


def speaks(person: Person, language: str) -> bool:
    return primary(language) in map(primary, person.languages)


def best_three(values: Column) -> float:
    """The sum of the three largest over three, so that one good text alone is worth a third."""
    return float(np.sort(values)[-3:].sum() / 3)


def activity(person: Person, now: datetime | None) -> float:
    """How much someone wrote of late; where a moment is unknown the text counts in full."""
    recent = sum(freshness(text.written_at, now, ACTIVE_DAYS, unknown=1.0) for text in person.texts)
    return min(1.0, log1p(recent) / log1p(BUSY_TEXTS))


def meaning_feature(query: Text, candidates: Sequence[Text], statistics: CorpusStatistics) -> Column:
    """How near the texts are in meaning, 0 where the encoder does not read both."""
    return meeting(query.vectors, [text.vectors for text in candidates], statistics) * readable(
        query, candidates, statistics
    )


def meeting(query: Vectors, candidates: Sequence[Vectors], statistics: CorpusStatistics) -> Column:
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
    """BM25 of the query's terms, brought to 0..1: a half where it reaches a part of what the query could give."""
    rarities = rarities_of(query.terms, statistics)
    average = statistics.average_length or 1.0
    sums = column(bm25(rarities, text, average) for text in candidates)
    return sums / (sums + HALF_WORDS + HALF_SHARE * sum(rarities.values()))


def bm25(rarities: Mapping[str, float], text: Text, average: float) -> float:
    damping = 1.2 * (0.25 + 0.75 * text.length / average)
    counts = text.terms
    return sum(rarities[term] * 2.2 * counts[term] / (counts[term] + damping) for term in rarities.keys() & counts)


def rarities_of(terms: Mapping[str, int], statistics: CorpusStatistics) -> dict[str, float]:
    return {term: statistics.rarity(term) for term in terms}


def shared_part(one: frozenset[str], other: frozenset[str]) -> float:
    """The shared over the smaller of the two sets."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def role_fit(query: Text, roles: frozenset[str]) -> float:
    """1 for a role that the query needs; up to a half for roles that both have."""
    return 1.0 if query.needed_roles & roles else shared_part(query.roles, roles) / 2


def freshness(written_at: datetime | None, now: datetime | None, half_life: float, *, unknown: float = 0.0) -> float:
    """1 for now, a half after `half_life` days, ever less after; `unknown` where a moment is not known."""
    if written_at is None or now is None:
        return unknown
    days = (aware(now) - aware(written_at)).total_seconds() / 86400
    return 1 / (1 + max(0.0, days) / half_life)


def aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Chosen:
    """Weighed candidates: `keys`, `is_empty`, `evidence` and the columns of `features` have one entry for each."""

    keys: Sequence[Hashable]
    features: Mapping[str, Column]
    evidence: Column
    is_empty: Sequence[bool]
    weights: Weights

    def matches(self, *, limit: int, cut: bool, texts: Sequence[Text]) -> list[Match]:
        """The best, each key once; with `cut` those that say enough, near-copies among `texts` once."""
        weighed = {name: weight * self.features[name] for name, weight in self.weights.parts.items()}
        # Rounded, because the last digits of a product of matrices depend on what stands beside a row.
        scores = sum(weighed.values(), np.zeros(len(self.keys))).round(6)
        rows: dict[Hashable, int] = {}
        for row in sorted(range(len(self.keys)), key=lambda row: self._order(row, scores)):
            if len(rows) >= limit:
                break
            if self.keys[row] not in rows and not (cut and self._left_out(row, rows.values(), texts)):
                rows[self.keys[row]] = row
        return [self._match(row, {name: float(part[row]) for name, part in weighed.items()}) for row in rows.values()]

    def _order(self, row: int, scores: Column) -> tuple[float, bool, tuple[str, Any]]:
        return -scores[row], self.is_empty[row], sort_key(self.keys[row])

    def _left_out(self, row: int, better: Iterable[int], texts: Sequence[Text]) -> bool:
        if not self._says_enough(row):
            return True
        return bool(texts) and any(are_near_copies(texts[row], texts[other]) for other in better)

    def _match(self, row: int, parts: dict[str, float]) -> Match:
        shared = float(self.evidence[row])
        score, strength = min(1.0, sum(parts.values())), self.weights.strength(shared)
        return Match(self.keys[row], score, parts, shared, strength, self._says_enough(row))

    def _says_enough(self, row: int) -> bool:
        return bool(self.evidence[row] >= self.weights.cut)


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
