"""How well a ranking tells the people who really answered from others who are as active."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.features import Column
from ml.measures import Gains

AS_ACTIVE = 1.25
"""Two people are as active as each other where neither has more than so many times what the other has."""

Scored = Sequence[tuple[str, float]]


@dataclass(frozen=True)
class MatchedAuc:
    """`mean` is over queries, each the mean of its people: a query is what is drawn by chance and, as in nDCG, none
    counts more for having many people to compare. `by_pair` is over all pairs. Chance gives a half; so does nobody."""

    mean: float
    by_pair: float
    people: int
    """Relevant people who were compared."""
    left_out: int
    """Relevant people with nobody to compare them with."""
    queries: int
    """Those in which someone was compared."""


def matched_auc(
    rankings: Mapping[str, Scored], activities: Mapping[str, Scored], relevant: Mapping[str, Gains]
) -> MatchedAuc:
    """How often a relevant person has a better score than another who is as active; equal scores count half.

    `activities` tells for each query how active each candidate is. A relevant person is compared with the candidates
    who are not relevant and as active, weighed by `peers`; who has no such peer is left out and counted.
    """
    met = [duels(rankings[query], each, relevant[query]) for query, each in activities.items()]
    compared = [[duel for duel in each if duel.pairs] for each in met]
    means = [np.mean([duel.won / duel.pairs for duel in each]) for each in compared if each]
    every = [duel for each in compared for duel in each]
    pairs, people = sum(duel.pairs for duel in every), len(every)
    return MatchedAuc(
        mean=float(np.mean(means)) if means else 0.5,
        by_pair=sum(duel.won for duel in every) / pairs if pairs else 0.5,
        people=people,
        left_out=sum(map(len, met)) - people,
        queries=len(means),
    )


@dataclass(frozen=True)
class Duels:
    """Of one relevant person with their peers, each counted by its weight."""

    won: float
    pairs: float


def duels(ranking: Scored, activity: Scored, gains: Gains) -> list[Duels]:
    """Those of each relevant person among the people whose activity is told."""
    scores = dict(ranking)
    # Rounded, as the ranking itself takes scores for equal that differ in their last digits.
    score = np.array([scores.get(key, -np.inf) for key, _ in activity]).round(6)
    active = np.array([value for _, value in activity]).round(6)
    is_relevant = np.array([key in gains for key, _ in activity], dtype=bool)
    found = []
    for row in np.flatnonzero(is_relevant):
        weights = peers(active, active[row], ~is_relevant)
        wins = (score[row] > score) + (score[row] == score) / 2
        found.append(Duels(won=float(weights @ wins), pairs=float(weights.sum())))
    return found


def peers(active: Column, mine: float, may_be: NDArray[np.bool_]) -> Column:
    """What each person counts in a comparison with one who is so active, 0 for those who are more or less so.

    Whoever is exactly as active counts 1. Those a little more active together count as much as those a little less
    active, namely as many as the smaller side has; so activity alone wins exactly half of all comparisons.
    """
    is_near = may_be & (np.maximum(active, mine) <= AS_ACTIVE * np.minimum(active, mine))
    more, less = is_near & (active > mine), is_near & (active < mine)
    side = min(more.sum(), less.sum())
    return (is_near & (active == mine)) + side * (more / max(1, more.sum()) + less / max(1, less.sum()))
