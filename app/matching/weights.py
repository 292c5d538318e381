"""By which weights matches are ranked now."""

from __future__ import annotations

from ml.weights import WeightSet, shipped_weights


def weights_in_use() -> WeightSet:
    return shipped_weights()
