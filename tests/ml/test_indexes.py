"""The nearest vectors are found, whether all are compared in full or only the most promising."""

import numpy as np
import pytest

from ml import indexes
from ml.encoders import Vectors, unit_rows
from ml.indexes import HIDDEN, Index

CHANCE = np.random.default_rng(7)


def subjects(count: int, texts_each: int) -> Vectors:
    """Texts around subjects, as in a forum, in 64 dimensions of which some matter more than others."""
    weights = 1 / np.sqrt(np.arange(1, 65))
    centres = np.repeat(CHANCE.normal(size=(count, 64)), texts_each, axis=0)
    return unit_rows((centres + 0.6 * CHANCE.normal(size=centres.shape)) * weights)


def nearest(
    index: Index, asked: Vectors, wanted: int, is_hidden: np.ndarray | None = None, among: slice | None = None
) -> list[int]:
    among = among or slice(0, len(index.vectors))
    hidden = np.zeros(among.stop - among.start, dtype=bool) if is_hidden is None else is_hidden
    rows, similarities = index.nearest(asked, among, wanted=wanted, is_hidden=hidden)
    seen = [(-similarity, row) for row, similarity in zip(rows, similarities, strict=True) if similarity > HIDDEN]
    return [int(row) for _, row in sorted(seen)[:wanted]]


def exact(vectors: Vectors, asked: Vectors, wanted: int) -> list[int]:
    return [int(row) for row in np.argsort(-(vectors @ asked.T).max(axis=1), kind="stable")[:wanted]]


def test_few_vectors_are_all_compared() -> None:
    vectors = subjects(20, 10)
    assert nearest(Index.of(vectors), vectors[3:5], 12) == exact(vectors, vectors[3:5], 12)


def test_of_many_vectors_nearly_all_of_the_nearest_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "FEW", 100)
    monkeypatch.setattr(indexes, "LEADING", 24)
    vectors = subjects(100, 20)
    index = Index.of(vectors)
    assert index.leading.shape == (2000, 24)
    shares = []
    for at in range(0, 2000, 50):
        asked = vectors[at : at + 2]
        shares.append(len(set(nearest(index, asked, 20)) & set(exact(vectors, asked, 20))) / 20)
    assert np.mean(shares) > 0.95


@pytest.mark.parametrize("few", [100, 10_000])
def test_hidden_vectors_are_never_found(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(indexes, "FEW", few)
    vectors = subjects(50, 20)
    is_hidden = np.arange(1000) % 2 == 0
    found = nearest(Index.of(vectors), vectors[:1], 30, is_hidden)
    assert len(found) == 30
    assert not any(is_hidden[found])


@pytest.mark.parametrize("few", [100, 10_000])
def test_only_the_span_that_is_asked_for_is_looked_at(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(indexes, "FEW", few)
    vectors = subjects(50, 20)
    found = nearest(Index.of(vectors), vectors[:1], 30, among=slice(400, 700))
    assert len(found) == 30
    assert set(found) <= set(range(400, 700))
    best = 400 + exact(vectors[400:700], vectors[:1], 1)[0]
    assert found[0] == best


def test_no_vectors_are_no_trouble() -> None:
    assert nearest(Index.of(np.zeros((0, 64), dtype=np.float32)), subjects(1, 1), 5) == []
