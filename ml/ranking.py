"""Ranks texts and people for a text: named, bounded parts that add up to one score."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from math import log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.cuts import Cuts, Strength, cuts_for
from ml.encoders import Vectors
from ml.features import (
    Column,
    Text,
    age_in_days,
    column,
    readable,
    role_fits,
    sentence_pairs,
    shared_topics,
    text_features,
    words_taken_up,
)
from ml.statistics import CorpusStatistics
from ml.weights import Kind, WeightSet, shipped_weights
from ml.words import primary

NEAR_COPY = 0.97
# Words of a language with few texts all look rare, so alone they count less.
WORDS_ALONE = 0.7
# With this many recent texts the activity part is full.
BUSY_TEXTS = 30
ACTIVE_DAYS = 14.0
LONG_AWAY_DAYS = 60.0
# How much the texts themselves share; the cut and the strength look at nothing else.
EVIDENCE = {"meaning": 0.4, "sentences": 0.3, "words": 0.25, "title": 0.05}
# Sentences are compared for so many of each list, or more where more are wanted: those that are best without.
LOOKED_AT_CLOSELY = 60


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

    @property
    def is_related(self) -> bool:
        return self.says_enough and self.strength != "worth a look"


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
    """The best matches first: see `Comparison.ranked`. Age counts from `now`, or from when the query was written."""
    return compare(query, candidates, statistics, now=now).ranked(kind=kind, limit=limit, cut=cut)


def rank_people(
    query: Text,
    people: Sequence[Person],
    statistics: CorpusStatistics,
    *,
    limit: int = 3,
    cut: bool = True,
    now: datetime | None = None,
) -> list[Match]:
    """The people who can help best first: see `Comparison.ranked_people`."""
    texts = list(dict.fromkeys(text for person in people for text in said(person)))
    return compare(query, texts, statistics, now=now).ranked_people(people, limit=limit, cut=cut)


def compare(
    query: Text,
    texts: Sequence[Text],
    statistics: CorpusStatistics,
    *,
    now: datetime | None = None,
    weights: WeightSet | None = None,
) -> Comparison:
    """Look at each text beside the query once; lists of several kinds can then be ranked from it.

    By the shipped weights unless others are given.
    """
    return compare_sides([Side(query, texts, statistics)], now=now, weights=weights)


@dataclass(frozen=True, eq=False)
class Side:
    """The texts that one encoder can compare with a query, all with vectors by it."""

    query: Text
    texts: Sequence[Text]
    statistics: CorpusStatistics


def compare_sides(
    sides: Sequence[Side], *, now: datetime | None = None, weights: WeightSet | None = None
) -> Comparison:
    """The same where several encoders share the texts among them: at least one side, each text on one of them."""
    moment = now or sides[0].query.written_at
    is_read = [readable(side.query, side.texts, side.statistics) for side in sides]
    features = [
        text_features(side.query, side.texts, side.statistics, read, moment)
        for side, read in zip(sides, is_read, strict=True)
    ]
    return Comparison(
        sides=sides,
        texts=[text for side in sides for text in side.texts],
        features={name: np.concatenate([each[name] for each in features]) for name in features[0]},
        is_read=np.concatenate(is_read),
        side_of=np.repeat(np.arange(len(sides)), [len(side.texts) for side in sides]),
        now=moment,
        weights=weights or shipped_weights(),
    )


@dataclass(frozen=True, eq=False)
class Comparison:
    """Texts beside a query: the columns of `features` have one entry for each, all 0 to 1.

    All features but that of the sentences, which only the best of a list are compared by.
    """

    sides: Sequence[Side]
    texts: Sequence[Text]
    features: Mapping[str, Column]
    is_read: Column
    side_of: NDArray[np.intp]
    """To which of the sides each text belongs."""
    now: datetime | None
    weights: WeightSet
    met: dict[Text, float] = field(default_factory=dict)
    """How well the sentences meet, of the texts that were looked at closely; comparisons of some of them share it."""
    heard: dict[Text, Vectors] = field(default_factory=dict)
    """The sentences of these, damped; shared likewise."""

    @property
    def query(self) -> Text:
        """By what does not depend on an encoder."""
        return self.sides[0].query

    @property
    def statistics(self) -> CorpusStatistics:
        """What is known of words and topics, which all sides share; its encoder's cuts hold for the whole list."""
        return self.sides[0].statistics

    def among(self, texts: Sequence[Text]) -> Comparison:
        """The same for some of the texts."""
        rows = self.rows_of(texts)
        features = {name: values[rows] for name, values in self.features.items()}
        return replace(self, texts=texts, features=features, is_read=self.is_read[rows], side_of=self.side_of[rows])

    def rows_of(self, texts: Iterable[Text]) -> list[int]:
        return [self._rows[text] for text in texts]

    def ranked(self, *, kind: Kind, limit: int, cut: bool = True) -> list[Match]:
        """The best matches first, at most `limit`; equal scores in the order of their keys.

        Of several texts with one key the best stays. With `cut`, what says too little is left out, and so is a
        near-copy of a better match; without it everything is ranked.
        """
        parts, features = self.weights.parts[kind], self.looked_at(kind, limit)
        strong = np.where(self.is_read, weighed(features, EVIDENCE), features["words"] * WORDS_ALONE)
        empty = [not len(text.vectors) for text in self.texts]
        keys, cuts = [text.key for text in self.texts], cuts_for(self.statistics.encoder, kind)
        chosen = Chosen(keys, features, strong, empty, parts, cuts)
        return chosen.matches(limit=limit, cut=cut, is_copy=self._is_copy)

    def looked_at(self, kind: Kind, most: int = 0) -> dict[str, Column]:
        """Each named feature for each text; that of the sentences where a list of so many looks closely, else 0."""
        met = self._sentences(self.weights.parts[kind], max(most, LOOKED_AT_CLOSELY))
        return {**self.features, "sentences": met}

    def ranked_people(self, people: Sequence[Person], *, limit: int, cut: bool = True) -> list[Match]:
        """The people who can help best first, at most `limit`; equal scores in the order of their keys.

        With `cut`, only people with at least one text, or a statement, on the subject are left. Recent texts count
        more. All that they said is among the texts.
        """
        cuts = cuts_for(self.statistics.encoder, "person")
        strong = column(best_of(self.on_subject, self.rows_of(said(person))) for person in people)
        if cut:
            people = [person for person, value in zip(people, strong, strict=True) if value >= cuts.cut]
            strong = strong[strong >= cuts.cut]
        keys, empty = [person.key for person in people], [not said(person) for person in people]
        chosen = Chosen(keys, person_features(self, people), strong, empty, self.weights.parts["person"], cuts)
        return chosen.matches(limit=limit, cut=cut)

    @cached_property
    def on_subject(self) -> Column:
        """How much each text has to do with the query's subject: enough to tell by whose texts someone knows it."""
        meaning, words = self.features["meaning"], self.features["words"]
        return np.where(self.is_read, (2 * meaning + words) / 3, words * WORDS_ALONE)

    def most_on_subject(self, texts: Sequence[Text]) -> list[Text]:
        """Some of the texts, those that have most to do with the query's subject first; equal ones as they come."""
        rows = self.rows_of(texts)
        return [texts[at] for at in np.argsort(-self.on_subject[rows].round(6), kind="stable")]

    @cached_property
    def days(self) -> Column:
        """The age of each text; 0 where a moment is not known, so that the text counts in full."""
        return np.nan_to_num(age_in_days(column(text.seconds for text in self.texts), self.now))

    def _sentences(self, parts: Mapping[str, float], most: int) -> Column:
        """How well the sentences meet, for the texts that are best without; 0 for the others."""
        known = {name: weight for name, weight in parts.items() if name in self.features}
        best = np.argsort(-weighed(self.features, known).round(6), kind="stable")[:most]
        unknown = [row for row in best.tolist() if self.texts[row] not in self.met]
        for number, side in enumerate(self.sides):
            texts = [self.texts[row] for row in unknown if self.side_of[row] == number]
            self.met.update(
                zip(texts, sentence_pairs(side.query, texts, side.statistics, self.heard).tolist(), strict=True)
            )
        met = np.zeros(len(self.texts))
        met[best] = [self.met[self.texts[row]] for row in best.tolist()]
        return met * self.is_read

    def _is_copy(self, row: int, other: int) -> bool:
        return self.side_of[row] == self.side_of[other] and are_near_copies(self.texts[row], self.texts[other])

    @cached_property
    def by_key(self) -> dict[Any, Text]:
        return {text.key: text for text in self.texts}

    @cached_property
    def _rows(self) -> dict[Text, int]:
        return {text: row for row, text in enumerate(self.texts)}


def weighed(features: Mapping[str, Column], weights: Mapping[str, float]) -> Column:
    return np.asarray(sum(weight * features[name] for name, weight in weights.items()))


def person_features(comparison: Comparison, people: Sequence[Person]) -> dict[str, Column]:
    """Each named feature, 0 to 1, for each person."""
    query, features = comparison.query, comparison.features
    written = [comparison.rows_of(person.texts) for person in people]
    stated = [comparison.rows_of([person.statement] if person.statement else []) for person in people]
    return {
        "meaning": column(best_three(features["meaning"], rows) for rows in written),
        "words": words_taken_up(query, [person.texts for person in people], comparison.statistics),
        "statement": column(best_of(comparison.on_subject, rows) for rows in stated),
        "topics": shared_topics(query.topics, [person.topics for person in people], comparison.statistics),
        "role": role_fits(query, [person.roles for person in people]),
        "language": column(float(speaks(person, query.language)) for person in people),
        "received": column(best_of(comparison.on_subject, accepted_of(comparison, rows)) for rows in written),
        "activity": column(activity(comparison.days[rows]) for rows in written),
        "presence": column(presence(comparison.days[rows]) for rows in written),
    }


def accepted_of(comparison: Comparison, rows: Sequence[int]) -> list[int]:
    """Those of these texts that helped whoever asked."""
    return [row for row in rows if comparison.texts[row].is_accepted]


def said(person: Person) -> list[Text]:
    """The statement, where there is one, and then the texts."""
    return [*([person.statement] if person.statement else []), *person.texts]


def speaks(person: Person, language: str) -> bool:
    return primary(language) in map(primary, person.languages)


def best_of(values: Column, rows: Sequence[int]) -> float:
    return float(values[rows].max(initial=0.0))


def best_three(values: Column, rows: Sequence[int]) -> float:
    """The sum of the three largest over three, so that one good text alone is worth a third."""
    return float(np.sort(values[rows])[-3:].sum() / 3)


def activity(days: Column) -> float:
    """How much someone wrote of late, from the ages of their texts; full with so many texts of today."""
    return min(1.0, log1p(np.exp(-days / ACTIVE_DAYS).sum()) / log1p(BUSY_TEXTS))


def presence(days: Column) -> float:
    """1 for someone who wrote just now, 0 for someone who has not for long."""
    return max(0.0, 1 - log1p(days.min()) / log1p(LONG_AWAY_DAYS)) if len(days) else 0.0


@dataclass(frozen=True, eq=False)
class Chosen:
    """Weighed candidates: `keys`, `is_empty`, `evidence` and the columns of `features` have one entry for each."""

    keys: Sequence[Hashable]
    features: Mapping[str, Column]
    evidence: Column
    is_empty: Sequence[bool]
    weights: Mapping[str, float]
    cuts: Cuts

    def matches(
        self, *, limit: int, cut: bool, is_copy: Callable[[int, int], bool] = lambda _row, _other: False
    ) -> list[Match]:
        """The best, each key once; with `cut` those that say enough, and of two copies the better."""
        parts = {name: weight * self.features[name] for name, weight in self.weights.items()}
        # Rounded, because the last digits of a product of matrices depend on what stands beside a row.
        scores = sum(parts.values(), np.zeros(len(self.keys))).round(6)
        says_enough = np.flatnonzero(self.evidence >= self.cuts.cut).tolist()
        open_rows: Iterable[int] = says_enough if cut else range(len(self.keys))
        rows: dict[Hashable, int] = {}
        for row in sorted(open_rows, key=lambda row: self._order(row, scores)):
            if len(rows) >= limit:
                break
            if self.keys[row] not in rows and not (cut and any(is_copy(row, better) for better in rows.values())):
                rows[self.keys[row]] = row
        return [self._match(row, {name: float(part[row]) for name, part in parts.items()}) for row in rows.values()]

    def _order(self, row: int, scores: Column) -> tuple[float, bool, tuple[str, Any]]:
        return -scores[row], self.is_empty[row], sort_key(self.keys[row])

    def _match(self, row: int, parts: dict[str, float]) -> Match:
        shared = float(self.evidence[row])
        score, strength = min(1.0, sum(parts.values())), self.cuts.strength(shared)
        return Match(self.keys[row], score, parts, shared, strength, shared >= self.cuts.cut)


def sort_key(key: Hashable) -> tuple[str, Any]:
    """Numbers by value, everything else by its text, so that keys of one kind always compare."""
    return ("", key) if isinstance(key, int | float) else (type(key).__name__, str(key))


def are_near_copies(one: Text, other: Text) -> bool:
    """Whether the two, by one encoder, say almost the same from end to end."""
    return bool(one.direction @ other.direction > NEAR_COPY)
