"""Learns from judged lists how much each part of a match should weigh: pairwise logistic regression.

As in Joachims, "Optimizing search engines using clickthrough data" (2002), with the logistic loss: of two items of one
list, which is the better one is told from the difference of their features.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.features import Column
from ml.judged import JudgedSet
from ml.library import Library
from ml.measures import ndcg
from ml.ranking import compare, person_features, said
from ml.statistics import evenly
from ml.weights import KINDS_ALIKE, Kind, WeightSet

DEPTH = 10
FOLDS = 10
COMPARED = 100
"""Worse items that each better one is compared with, evenly from the whole list."""
ENOUGH_LISTS = 30
"""Fewer judged lists teach nothing."""
ENOUGH_DIFFERING = 10
"""A part that differs in fewer lists keeps its weight."""
PRIOR_LISTS = 100
"""The present weights count as much as what so many lists say."""
FLIPS = 10_000
SURE = 0.05
TOLERATED = 0.005
"""So much may a set lose by weights that win over all."""
SEED = 20261126


@dataclass(frozen=True, eq=False)
class JudgedList:
    """Items beside one query, each with a value for every feature and its gain, 0 where it is not relevant.

    What belongs together, as the texts of one challenge do, shares a `field`: it is learned from or tested on as one.
    """

    source: str
    """The name of the set of judgements."""
    field: Hashable
    features: Mapping[str, Column]
    gains: Column

    @property
    def is_telling(self) -> bool:
        """Whether it has something better and something worse."""
        return bool(len(self.gains)) and float(self.gains.max()) > float(self.gains.min())

    @property
    def place(self) -> tuple[str, str]:
        return self.source, str(self.field)


@dataclass(frozen=True)
class Lesson:
    """Weights of one group of kinds as they were learned, and what they are worth on lists that they were not learned
    from: nDCG@10 by source, with the present weights and with these."""

    kind: Kind
    parts: Mapping[str, float]
    lists: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    change: float
    """The mean over all lists."""
    p: float
    """That a change as large comes by chance: a sign-flip test over fields, one-sided."""

    @property
    def wins(self) -> bool:
        loses_none = all(self.after[source] >= self.before[source] - TOLERATED for source in self.before)
        return self.change > 0 and self.p < SURE and loses_none


def learn(lists: Sequence[JudgedList], kind: Kind, weights: WeightSet) -> Lesson | None:
    """From lists of one group of kinds. None where too few of them tell anything."""
    telling = [each for each in lists if each.is_telling]
    fields = sorted({each.place for each in telling})
    if len(telling) < ENOUGH_LISTS or len(fields) < 2:
        return None
    present = weights.parts[kind]
    before, after = np.zeros(len(telling)), np.zeros(len(telling))
    fold_of = {place: number % FOLDS for number, place in enumerate(fields)}
    for fold in range(min(FOLDS, len(fields))):
        learned = fitted([each for each in telling if fold_of[each.place] != fold], present)
        for row, each in enumerate(telling):
            if fold_of[each.place] == fold:
                before[row], after[row] = quality(each, present), quality(each, learned)
    return Lesson(
        kind=kind,
        parts=fitted(telling, present),
        lists=len(telling),
        before=means_by_source(telling, before),
        after=means_by_source(telling, after),
        change=float((after - before).mean()),
        p=sign_flip([each.place for each in telling], after - before),
    )


def taught(weights: WeightSet, lessons: Sequence[Lesson], name: str) -> WeightSet:
    """The weights with the parts of these lessons in the place of their own."""
    learned = {kind: lesson.parts for lesson in lessons for kind in KINDS_ALIKE[lesson.kind]}
    return WeightSet(name, {**weights.parts, **learned})


def fitted(lists: Sequence[JudgedList], present: Mapping[str, float]) -> dict[str, float]:
    """Weights, none negative, with the sum of the present ones.

    Parts that differ in few lists keep their weight; the others come nearer to what the lists say, the more there
    are.
    """
    telling = [each for each in lists if each.is_telling]
    differing = {name: sum(bool(np.ptp(each.features[name])) for each in telling) for name in present}
    names = [name for name in present if differing[name] >= ENOUGH_DIFFERING]
    if not names:
        return dict(present)
    pairs, shares = differences(telling, names)
    learned = non_negative(pairs, shares, names)
    room, whole = sum(present[name] for name in names), sum(learned.values())
    if not whole:
        return dict(present)
    trust = len(telling) / (len(telling) + PRIOR_LISTS)
    mixed = {name: (1 - trust) * present[name] + trust * room * learned[name] / whole for name in names}
    return {name: round(mixed.get(name, weight), 4) for name, weight in present.items()}


def differences(lists: Sequence[JudgedList], names: Sequence[str]) -> tuple[NDArray[np.float64], Column]:
    """Of telling lists: the features of a better item less those of a worse one, (pairs, names), and what each pair
    counts. The pairs of each list together count one."""
    rows, shares = [], []
    for each in lists:
        values = np.column_stack([each.features[name] for name in names])
        found = [
            values[better] - values[evenly(np.flatnonzero(each.gains < each.gains[better]), COMPARED)]
            for better in np.flatnonzero(each.gains > 0)
        ]
        pairs = np.concatenate(found)
        rows.append(pairs)
        shares.append(np.full(len(pairs), 1 / max(1, len(pairs))))
    return np.concatenate(rows), np.concatenate(shares)


def non_negative(pairs: NDArray[np.float64], shares: Column, names: Sequence[str]) -> dict[str, float]:
    """The coefficients by name; those that would be negative are left out, the most negative first."""
    from sklearn.linear_model import LogisticRegression

    open_columns = list(range(len(names)))
    found = dict.fromkeys(names, 0.0)
    while open_columns:
        chosen = pairs[:, open_columns]
        model = LogisticRegression(fit_intercept=False, max_iter=1000)
        # Each pair is seen from both sides, as the model has to see both answers.
        answers = np.repeat([1, 0], len(chosen))
        model.fit(np.concatenate([chosen, -chosen]), answers, sample_weight=np.tile(shares, 2))
        coefficients = model.coef_[0]
        if coefficients.min() >= 0:
            return {**found, **{names[at]: float(value) for at, value in zip(open_columns, coefficients, strict=True)}}
        del open_columns[int(coefficients.argmin())]
    return found


def quality(judged: JudgedList, parts: Mapping[str, float]) -> float:
    """nDCG@10 of the list in the order of these weights; equal ones as they come."""
    order = np.argsort(-score(judged, parts).round(6), kind="stable")
    gains = {str(row): float(gain) for row, gain in enumerate(judged.gains) if gain > 0}
    return ndcg([str(row) for row in order[:DEPTH]], gains, DEPTH)


def score(judged: JudgedList, parts: Mapping[str, float]) -> Column:
    return np.asarray(sum(weight * judged.features[name] for name, weight in parts.items()))


def means_by_source(lists: Sequence[JudgedList], values: Column) -> dict[str, float]:
    by_source: defaultdict[str, list[float]] = defaultdict(list)
    for each, value in zip(lists, values, strict=True):
        by_source[each.source].append(float(value))
    return {source: round(float(np.mean(some)), 4) for source, some in sorted(by_source.items())}


def sign_flip(fields: Sequence[Hashable], changes: Column) -> float:
    """How often the changes of whole fields, each with a sign by lot, add up to as much as they do."""
    numbers = {field: number for number, field in enumerate(dict.fromkeys(fields))}
    sums = np.bincount([numbers[field] for field in fields], changes, minlength=len(numbers))
    lots = np.random.default_rng(SEED).choice([-1.0, 1.0], (FLIPS, len(sums)))
    return float((1 + np.count_nonzero(lots @ sums >= sums.sum() - 1e-12)) / (1 + FLIPS))


def lists_of_texts(judged: JudgedSet, library: Library, *, source: str, older_only: bool) -> list[JudgedList]:
    """The lists of a set whose documents are texts."""
    found = []
    for query in judged.queries.values():
        candidates = judged.candidates(query, older_only=older_only)
        texts = [library.text(candidate) for candidate in candidates]
        if texts:
            compared = compare(library.text(query), texts, library.field(query.group).statistics)
            gains = np.array([judged.relevant[query.key].get(candidate.key, 0.0) for candidate in candidates])
            found.append(JudgedList(source, query.group or query.key, compared.looked_at("idea", len(texts)), gains))
    return found


def lists_of_people(judged: JudgedSet, library: Library, *, source: str, older_only: bool) -> list[JudgedList]:
    """The lists of a set whose documents are people."""
    found = []
    for query in judged.queries.values():
        candidates = judged.candidates(query, older_only=older_only)
        people = [library.with_own_ideas(library.person(candidate, judged), query, judged) for candidate in candidates]
        if people:
            texts = list(dict.fromkeys(text for person in people for text in said(person)))
            compared = compare(library.text(query), texts, library.field(query.group).statistics)
            gains = np.array([judged.relevant[query.key].get(candidate.key, 0.0) for candidate in candidates])
            found.append(JudgedList(source, query.group or query.key, person_features(compared, people), gains))
    return found
