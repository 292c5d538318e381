"""What a corpus of public texts is like as a whole: the only thing a match knows beyond its own two texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.encoders import Vectors, unit_rows
from ml.words import Numbers, known_numbers, numbered_terms, numbers_of, primary

# Below about this many texts the mean says more about those texts than about the field.
TRUSTED_DOCUMENTS = 20
COMMON_DIRECTIONS = 16
DAMPING = 0.25


@dataclass(frozen=True, eq=False)
class Damping:
    """How vectors of one field are told apart: as seen from their centre, with less of what most of them share.

    The directions in which the texts of a field vary most say what the field is about, not what sets a text apart:
    along each of `directions` (k, dimension) the share `kept` (k,) stays. Measured in NOTES.md.
    """

    centre: Vectors
    directions: Vectors
    kept: Vectors

    @classmethod
    def of(cls, vectors: Vectors, documents: int) -> Damping:
        """From the vectors (n, dimension) of so many documents; few documents are trusted little."""
        if not len(vectors):
            return cls.none(vectors.shape[1])
        trust = documents / (documents + TRUSTED_DOCUMENTS)
        centre = vectors.mean(axis=0) * trust
        moved = vectors - centre
        spread, directions = variation(moved)
        mean = max(float(spread.sum()) / vectors.shape[1], 1e-12)
        common = np.maximum(spread[::-1][:COMMON_DIRECTIONS], 0)
        kept = 1 - trust * (1 - ((common + 2 * mean) / (2 * mean)) ** -DAMPING)
        chosen = np.ascontiguousarray(directions[:, ::-1][:, :COMMON_DIRECTIONS].T)
        return cls(*(np.asarray(each, dtype=np.float32) for each in (centre, chosen, kept)))

    @classmethod
    def none(cls, dimension: int) -> Damping:
        """Of no texts at all: nothing is moved."""
        nothing = np.zeros((0, dimension), dtype=np.float32)
        return cls(np.zeros(dimension, dtype=np.float32), nothing, nothing[:, 0])

    @classmethod
    def from_lists(cls, stored: Mapping[str, Any]) -> Damping:
        """The inverse of `to_lists`."""
        centre = np.asarray(stored["centre"], dtype=np.float32)
        directions = np.asarray(stored["directions"], dtype=np.float32).reshape(-1, len(centre))
        return cls(centre, directions, np.asarray(stored["kept"], dtype=np.float32))

    def to_lists(self) -> dict[str, Any]:
        return {each.name: np.round(getattr(self, each.name), 6).tolist() for each in fields(self)}

    def __call__(self, vectors: Vectors) -> Vectors:
        """(n, dimension) -> unit rows (n, dimension); a zero row stays zero."""
        moved = vectors - self.centre
        return unit_rows(moved - ((moved @ self.directions.T) * (1 - self.kept)) @ self.directions)


@dataclass(frozen=True, eq=False)
class CorpusStatistics:
    """Computed from public texts only, so a private text can influence nothing that others see.

    `average_length` counts terms.
    """

    sections: Damping
    sentences: Damping
    document_frequency: Mapping[str, int]
    topic_frequency: Mapping[str, int]
    documents: int
    average_length: float
    encoder: str = ""
    languages: Collection[str] | None = None
    """Those that the encoder reads; None for any."""

    @classmethod
    def of(
        cls,
        sections: Vectors,
        sentences: Vectors,
        documents: Iterable[Mapping[str, int]],
        *,
        topics: Iterable[Iterable[str]] = (),
        encoder: str = "",
        languages: Collection[str] | None = None,
    ) -> CorpusStatistics:
        """From vectors of sections and of sentences, (n, dimension), and the terms and topics of each document."""
        frequency: Counter[str] = Counter()
        lengths = []
        for document in documents:
            frequency.update(document.keys())
            lengths.append(sum(document.values()))
        return cls(
            sections=Damping.of(sections, len(lengths)),
            sentences=Damping.of(sentences, len(lengths)),
            document_frequency=dict(frequency),
            topic_frequency=dict(Counter(topic for some in topics for topic in set(some))),
            documents=len(lengths),
            average_length=sum(lengths) / len(lengths) if lengths else 0.0,
            encoder=encoder,
            languages=sorted(languages) if languages is not None else None,
        )

    @classmethod
    def empty(cls, dimension: int, encoder: str = "", languages: Collection[str] | None = None) -> CorpusStatistics:
        """Of no texts at all: nothing is damped and all terms weigh the same."""
        nothing = np.zeros((0, dimension), dtype=np.float32)
        return cls.of(nothing, nothing, [], encoder=encoder, languages=languages)

    @classmethod
    def from_json(cls, text: str) -> CorpusStatistics:
        """The inverse of `to_json`."""
        stored = json.loads(text)
        dampings = {name: Damping.from_lists(stored[name]) for name in ("sections", "sentences")}
        return cls(**stored | dampings)

    def to_json(self) -> str:
        stored = {each.name: getattr(self, each.name) for each in fields(self)}
        dampings = {name: stored[name].to_lists() for name in ("sections", "sentences")}
        return json.dumps(stored | dampings, ensure_ascii=False)

    def reads(self, language: str) -> bool:
        """Whether the encoder reads it."""
        return self.languages is None or primary(language) in self.languages

    def topic_weight(self, topic: str) -> float:
        """A topic that few texts have says more."""
        return log(1 + max(1, self.documents) / max(1, self.topic_frequency.get(topic, 1)))

    def rarity(self, term: str) -> float:
        """Inverse document frequency as BM25 has it, above 0."""
        return self._rarity(self.document_frequency.get(term, 0))

    def rarities(self, numbers: Numbers) -> NDArray[np.float64]:
        """The same for terms given by their numbers."""
        known = self._numbered_rarities
        places = np.minimum(numbers, len(known) - 1)  # later numbers belong to terms that no text here has
        return known[places]

    def asked(self, terms: Collection[str]) -> tuple[Numbers, NDArray[np.float64], float]:
        """Of a query's terms: the numbers of those that have one, their rarities, and the sum of all rarities.

        A term without a number stands in no text that it could be compared with.
        """
        rarity_of_others = float(self._numbered_rarities[-1])
        numbers = known_numbers(terms)
        rarities = self.rarities(numbers)
        return numbers, rarities, float(rarities.sum()) + rarity_of_others * (len(terms) - len(numbers))

    @cached_property
    def _numbered_rarities(self) -> NDArray[np.float64]:
        """By number; the last stands for all terms that are not here."""
        terms = numbers_of(self.document_frequency)
        known = np.full(numbered_terms() + 1, self._rarity(0))
        known[terms] = [self._rarity(frequency) for frequency in self.document_frequency.values()]
        return known

    def _rarity(self, frequency: int) -> float:
        frequency = min(frequency, self.documents)
        return log(1 + (self.documents - frequency + 0.5) / (frequency + 0.5))


def variation(moved: Vectors) -> tuple[Vectors, Vectors]:
    """How much rows (n, dimension) vary, ascending (k,), and along which unit columns (dimension, k); k is the lesser
    of n and dimension: along all other directions they do not vary at all, and few rows cost little."""
    if len(moved) >= moved.shape[1]:
        return np.linalg.eigh(moved.T @ moved / len(moved))
    spread, weights = np.linalg.eigh(moved @ moved.T / len(moved))
    return spread, unit_rows(weights.T @ moved).T


def evenly(rows: NDArray[Any], most: int) -> NDArray[Any]:
    """No more than `most` of the rows, from beginning to end."""
    return rows[:: -(-len(rows) // most)] if len(rows) > most else rows
