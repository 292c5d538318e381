"""How good a ranking is against judgements: nDCG, reciprocal rank, recall, average precision."""

from collections.abc import Mapping, Sequence
from math import log2

Ranking = Sequence[str]
Gains = Mapping[str, float]


def mean_measures(rankings: Mapping[str, Ranking], relevant: Mapping[str, Gains]) -> dict[str, float]:
    """Means over all queries that were ranked; a query that found nothing counts 0."""
    measures = {
        "nDCG@10": [ndcg(ranking, relevant[query], 10) for query, ranking in rankings.items()],
        "MRR@10": [reciprocal_rank(ranking, relevant[query], 10) for query, ranking in rankings.items()],
        "R@10": [recall(ranking, relevant[query], 10) for query, ranking in rankings.items()],
        "R@100": [recall(ranking, relevant[query], 100) for query, ranking in rankings.items()],
        "MAP": [average_precision(ranking, relevant[query]) for query, ranking in rankings.items()],
    }
    return {name: round(sum(values) / max(1, len(values)), 4) for name, values in measures.items()}


def ndcg(ranking: Ranking, gains: Gains, depth: int) -> float:
    """Discounted gain of the first `depth`, over that of the best possible ranking."""
    best = discounted(sorted(gains.values(), reverse=True)[:depth])
    return discounted([gains.get(key, 0.0) for key in ranking[:depth]]) / best if best else 0.0


def discounted(gains: Sequence[float]) -> float:
    return sum(gain / log2(rank + 2) for rank, gain in enumerate(gains))


def reciprocal_rank(ranking: Ranking, gains: Gains, depth: int) -> float:
    ranks = (rank for rank, key in enumerate(ranking[:depth], start=1) if key in gains)
    return 1 / next(ranks, float("inf"))


def recall(ranking: Ranking, gains: Gains, depth: int) -> float:
    return sum(key in gains for key in ranking[:depth]) / len(gains) if gains else 0.0


def average_precision(ranking: Ranking, gains: Gains) -> float:
    """The mean over all relevant documents of the precision at their rank, 0 for those that are not ranked."""
    ranks = [rank for rank, key in enumerate(ranking, start=1) if key in gains]
    return sum(found / rank for found, rank in enumerate(ranks, start=1)) / len(gains) if gains else 0.0
