"""The rankings to beat: BM25, TF-IDF, plain cosine of whole texts, and a fixed mixture of two."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.encoders import Vectors

Scores = NDArray[np.float64]


class Bm25:
    """Okapi BM25 (k1 1.2, b 0.75) over documents given as term counts."""

    def __init__(self, documents: Sequence[Mapping[str, int]]) -> None:
        self._columns: dict[str, int] = {}
        self._weights = self._weighted(documents)

    def scores(self, query: Mapping[str, int]) -> Scores:
        """One score a document, (n,)."""
        columns = [self._columns[term] for term in query if term in self._columns]
        return np.asarray(self._weights[:, columns].sum(axis=1)).ravel()

    def _weighted(self, documents: Sequence[Mapping[str, int]]) -> Any:
        counts = counted_matrix(documents, self._columns)
        lengths = np.asarray(counts.sum(axis=1)).ravel()
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        rarity = np.log(1 + (len(documents) - frequency + 0.5) / (frequency + 0.5))
        rows = np.repeat(np.arange(len(documents)), np.diff(counts.indptr))
        damping = 1.2 * (0.25 + 0.75 * lengths[rows] / max(lengths.mean(), 1e-9))
        counts.data = rarity[counts.indices] * 2.2 * counts.data / (counts.data + damping)
        return counts.tocsc()


class TfIdf:
    """scikit-learn's TF-IDF with sublinear counts, compared by cosine."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(sublinear_tf=True, strip_accents="unicode", stop_words="english")
        self._rows = self._vectorizer.fit_transform([*texts, "nothing"])[:-1]

    def scores(self, query: str) -> Scores:
        """One score a document, (n,)."""
        scores = self._rows @ self._vectorizer.transform([query]).T
        return np.asarray(scores.toarray(), dtype=np.float64).ravel()


def cosines(query: Vectors, documents: Vectors) -> Scores:
    """(dimension,) and (n, dimension) unit rows -> (n,)."""
    return np.asarray(documents @ query, dtype=np.float64)


def mixture(meaning: Scores, words: Scores) -> Scores:
    """0.7 meaning and 0.3 words, each stretched to 0..1 over the candidates."""
    return 0.7 * stretched(meaning) + 0.3 * stretched(words)


def stretched(scores: Scores) -> Scores:
    if not len(scores):
        return scores
    span = float(scores.max() - scores.min())
    return np.asarray((scores - scores.min()) / (span or 1.0), dtype=np.float64)


def counted_matrix(documents: Sequence[Mapping[str, int]], columns: dict[str, int]) -> Any:
    """Term counts as a sparse matrix (documents, terms); `columns` learns the place of each term."""
    from scipy.sparse import csr_matrix

    rows, places, counts = [], [], []
    for row, document in enumerate(documents):
        for term, count in document.items():
            rows.append(row)
            places.append(columns.setdefault(term, len(columns)))
            counts.append(float(count))
    return csr_matrix((counts, (rows, places)), shape=(len(documents), max(1, len(columns))))
