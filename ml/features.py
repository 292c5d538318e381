"""What can be told of a text beside a query: named features, each 0 to 1, for many texts at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.cuts import scale_for
from ml.encoders import Vectors, unit_rows
from ml.statistics import CorpusStatistics
from ml.words import Numbers, known_numbers, numbered_terms, numbers_of, primary

Column = NDArray[np.float64]
NO_VECTORS = np.zeros((0, 0), dtype=np.float32)

FRESH_DAYS = 10.0
# The words part reaches a half at this BM25 sum plus this share of the rarities of all the query's terms.
HALF_WORDS = 5.0
HALF_SHARE = 0.15
BEST_SENTENCES = 2


@dataclass(frozen=True, eq=False)
class Text:
    """One side of a match: an idea, question, answer, nugget, resource or draft.

    `vectors` are the raw section vectors, (n, dimension), the title's first; `sentences` those of its sentences.
    """

    key: Hashable
    vectors: Vectors = field(default_factory=lambda: NO_VECTORS)
    terms: Mapping[str, int] = field(default_factory=dict)
    title_terms: Mapping[str, int] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    needed_roles: frozenset[str] = frozenset()
    language: str = "en"
    country: str | None = None
    written_at: datetime | None = None
    author: Hashable = None
    phase: str | None = None
    """What a challenge asked for at the time, where it has phases."""
    module: Hashable = None
    """Of the course that it belongs to."""
    is_accepted: bool = False
    """Said to have helped by whoever asked."""
    sentences: NDArray[np.floating[Any]] = field(default_factory=lambda: NO_VECTORS)

    @cached_property
    def numbered_terms(self) -> tuple[Numbers, Column]:
        """The numbers of the terms, and how often each occurs."""
        return numbers_of(self.terms), np.fromiter(self.terms.values(), dtype=np.float64, count=len(self.terms))

    @cached_property
    def numbered_title(self) -> Numbers:
        return numbers_of(self.title_terms)

    @cached_property
    def direction(self) -> Vectors:
        """Of the text as a whole, (dimension,)."""
        return unit_rows(self.vectors.sum(axis=0))

    @property
    def spoken(self) -> NDArray[np.floating[Any]]:
        """The sentences or, where none are known, the sections."""
        return self.sentences if len(self.sentences) else self.vectors

    @cached_property
    def damped(self) -> list[Any]:
        """Holds the statistics last compared by with the sections as they tell them apart: see `told_apart`."""
        return []

    @cached_property
    def seconds(self) -> float:
        """When it was written, since 1970; not a number where that is not known."""
        return aware(self.written_at).timestamp() if self.written_at else nan


def readable(query: Text, candidates: Sequence[Text], statistics: CorpusStatistics) -> Column:
    """1 where the encoder reads the language of both texts, else 0."""
    reads_query = statistics.reads(query.language)
    return column(float(reads_query and statistics.reads(text.language)) for text in candidates)


def text_features(
    query: Text, texts: Sequence[Text], statistics: CorpusStatistics, is_read: Column, now: datetime | None
) -> dict[str, Column]:
    """Each named feature, 0 to 1, for each text."""
    terms = Terms.of(texts)
    return {
        "meaning": in_scale(meeting(query, texts, statistics), query, texts, statistics) * is_read,
        "words": words_feature(query, terms, statistics),
        "title": title_feature(query, texts, terms, statistics),
        "topics": shared_topics(query.topics, [text.topics for text in texts], statistics),
        "role": role_fits(query, [text.roles for text in texts]),
        "place": column(bool(query.country) and query.country == text.country for text in texts),
        "author": column(query.author is not None and query.author == text.author for text in texts),
        "phase": column(query.phase is not None and query.phase == text.phase for text in texts),
        "module": column(query.module is not None and query.module == text.module for text in texts),
        "language": column(primary(query.language) == primary(text.language) for text in texts),
        "freshness": freshness(age_in_days(column(text.seconds for text in texts), now)),
    }


def meeting(query: Text, texts: Sequence[Text], statistics: CorpusStatistics) -> Column:
    """Half how the texts meet as wholes, half how their sections do, each with its nearest, both ways; damped."""
    meaning = np.zeros(len(texts))
    present = [row for row, text in enumerate(texts) if len(text.vectors)]
    if not present or not len(query.vectors):
        return meaning
    theirs = told_apart([texts[row] for row in present], statistics)
    (mine,) = told_apart([query], statistics)
    counts = np.array([len(rows) for rows in theirs])
    starts, every = np.cumsum(counts) - counts, np.concatenate(theirs)
    cosines = every @ mine.T
    there = np.maximum.reduceat(cosines, starts).mean(axis=1)
    back = np.add.reduceat(cosines.max(axis=1), starts) / counts
    whole = unit_rows(np.add.reduceat(every, starts)) @ unit_rows(mine.mean(axis=0))
    meaning[present] = np.clip((there + back + 2 * whole) / 4, 0, 1)
    return meaning


def in_scale(values: Column, query: Text, texts: Sequence[Text], statistics: CorpusStatistics) -> Column:
    """What the texts share, brought to what they would share if both were in English."""
    scales = column(scale_for(statistics.encoder, query.language, text.language) for text in texts)
    return np.minimum(values * scales, 1)


def told_apart(texts: Sequence[Text], statistics: CorpusStatistics) -> list[Vectors]:
    """The damped sections of each text. A text keeps them, as it is compared again and again in the same field."""
    known = {text: text.damped[0] for text in texts if text.damped and text.damped[0][0] is statistics}
    if unknown := [text for text in texts if text not in known]:
        damped = statistics.sections(np.concatenate([text.vectors for text in unknown]))
        ends = np.cumsum([len(text.vectors) for text in unknown])
        for text, rows in zip(unknown, np.split(damped, ends[:-1]), strict=True):
            known[text] = (statistics, rows.copy())
            text.damped[:] = [known[text]]
    return [known[text][1] for text in texts]


def sentence_pairs(
    query: Text, texts: Sequence[Text], statistics: CorpusStatistics, heard: dict[Text, Vectors]
) -> Column:
    """The mean of the two sentences of each side that meet the other side best; damped: see `damped_sentences`."""
    met = np.zeros(len(texts))
    present = [row for row, text in enumerate(texts) if len(text.spoken)]
    if not present or not len(query.spoken):
        return met
    counts = np.array([len(texts[row].spoken) for row in present])
    starts = np.cumsum(counts) - counts
    theirs = np.concatenate(damped_sentences([texts[row] for row in present], statistics, heard))
    (mine,) = damped_sentences([query], statistics, heard)
    cosines = theirs @ mine.T
    there = np.sort(np.maximum.reduceat(cosines, starts), axis=1)[:, -BEST_SENTENCES:].mean(axis=1)
    met[present] = np.clip((there + best_of_each(cosines.max(axis=1), starts, counts)) / 2, 0, 1)
    return in_scale(met, query, texts, statistics)


def damped_sentences(texts: Sequence[Text], statistics: CorpusStatistics, heard: dict[Text, Vectors]) -> list[Vectors]:
    """What each of the texts says, as the statistics tell it apart; `heard` keeps it for as long as it is needed."""
    unknown = [text for text in texts if text not in heard and len(text.spoken)]
    if unknown:
        damped = statistics.sentences(np.concatenate([text.spoken for text in unknown]).astype(np.float32, copy=False))
        ends = np.cumsum([len(text.spoken) for text in unknown])
        heard.update(zip(unknown, np.split(damped, ends[:-1]), strict=True))
    return [heard.get(text, text.spoken) for text in texts]


def best_of_each(values: Column, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> Column:
    """The mean of the largest of each run, of all where a run is shorter."""
    owner = np.repeat(np.arange(len(starts)), counts)
    order = np.lexsort((-values, owner))
    is_taken = np.arange(len(values)) - starts[owner] < BEST_SENTENCES  # the order keeps each run where it was
    return summed(owner[is_taken], values[order][is_taken], len(starts)) / np.minimum(counts, BEST_SENTENCES)


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms of several texts one after the other: which term, how often, and of which text."""

    numbers: Numbers
    counts: Column
    rows: NDArray[np.intp]
    lengths: Column
    """Of each text, in terms."""

    @classmethod
    def of(cls, texts: Sequence[Text]) -> Terms:
        numbered = [text.numbered_terms for text in texts]
        rows = np.repeat(np.arange(len(texts)), [len(numbers) for numbers, _ in numbered])
        counts = joined([counts for _, counts in numbered])
        numbers = joined([numbers for numbers, _ in numbered])
        return cls(numbers, counts, rows, summed(rows, counts, len(texts)))

    def summed(self, values: Column) -> Column:
        """A value for each term -> their sum for each text."""
        return summed(self.rows, values, len(self.lengths))


def title_feature(query: Text, texts: Sequence[Text], terms: Terms, statistics: CorpusStatistics) -> Column:
    """How much of each title, by the rarity of its terms, the other text takes up; the mean of both ways."""
    titles = [text.numbered_title for text in texts]
    words, rows = joined(titles), np.repeat(np.arange(len(texts)), [len(title) for title in titles])
    rarities = statistics.rarities(words)
    held = summed(rows, rarities * is_among(words, known_numbers(query.terms)), len(texts))
    whole = summed(rows, rarities, len(texts))
    mine, rarities_of_mine, sum_of_mine = statistics.asked(query.title_terms)
    taken = terms.summed(weights_of(mine, rarities_of_mine)[terms.numbers])
    return (taken / (sum_of_mine or 1.0) + held / np.where(whole > 0, whole, 1.0)) / 2


def words_feature(query: Text, terms: Terms, statistics: CorpusStatistics) -> Column:
    """BM25 of the query's terms, brought to 0..1: a half where it reaches a part of what the query could give."""
    numbers, rarities, every_rarity = statistics.asked(query.terms)
    damping = 1.2 * (0.25 + 0.75 * terms.lengths / (statistics.average_length or 1.0))
    weights = weights_of(numbers, rarities)[terms.numbers]
    sums = terms.summed(weights * 2.2 * terms.counts / (terms.counts + damping[terms.rows]))
    return np.asarray(sums / (sums + HALF_WORDS + HALF_SHARE * every_rarity))


def words_taken_up(query: Text, written: Sequence[Sequence[Text]], statistics: CorpusStatistics) -> Column:
    """The share of the query's words, by their rarity, that stand anywhere in what each person wrote."""
    used = [joined([text.numbered_terms[0] for text in texts]) for texts in written]
    people, words = np.repeat(np.arange(len(written)), [len(each) for each in used]), joined(used)
    numbers, rarities, every_rarity = statistics.asked(query.terms)
    weights = weights_of(numbers, rarities)
    is_asked = weights[words] > 0
    once = np.unique(people[is_asked] * len(weights) + words[is_asked])
    return summed(once // len(weights), weights[once % len(weights)], len(written)) / (every_rarity or 1.0)


def weights_of(numbers: Numbers, weights: Column) -> Column:
    """The weight of every term that has a number; 0 for all but these."""
    every = np.zeros(numbered_terms())
    every[numbers] = weights
    return every


def is_among(numbers: Numbers, some: Numbers) -> NDArray[np.bool_]:
    return weights_of(some, np.ones(len(some)))[numbers] > 0


def summed(rows: NDArray[np.intp], values: Column, count: int) -> Column:
    """The sum of the values of each row, (count,)."""
    return np.asarray(np.bincount(rows, values, minlength=count), dtype=np.float64)


def joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def shared_parts(one: frozenset[str], others: Sequence[frozenset[str]]) -> Column:
    """The shared over the smaller of the two sets, for each of the others."""
    if not one:
        return np.zeros(len(others))
    return column(len(one & other) / min(len(one), len(other)) if other else 0.0 for other in others)


def role_fits(query: Text, having: Sequence[frozenset[str]]) -> Column:
    """1 for a role that the query needs; up to a half for roles that both have."""
    brings = column(not query.needed_roles.isdisjoint(roles) for roles in having)
    return np.where(brings, 1.0, shared_parts(query.roles, having) / 2)


def shared_topics(mine: frozenset[str], others: Sequence[frozenset[str]], statistics: CorpusStatistics) -> Column:
    """The cosine of the two sets, in which rare topics weigh more."""

    def weight(topics: Iterable[str]) -> float:
        return sum(map(statistics.topic_weight, topics))

    whole = weight(mine)
    return column(weight(mine & other) / sqrt(whole * weight(other)) if mine & other else 0.0 for other in others)


def age_in_days(seconds: Column, now: datetime | None) -> Column:
    """Not a number where a moment is not known."""
    return np.maximum(0.0, ((aware(now).timestamp() if now else nan) - seconds) / 86400)


def freshness(days: Column) -> Column:
    """1 for now, a half after FRESH_DAYS, ever less after; 0 where a moment is not known."""
    return np.nan_to_num(1 / (1 + days / FRESH_DAYS))


def aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def column(values: Any) -> Column:
    return np.fromiter(values, dtype=np.float64)
