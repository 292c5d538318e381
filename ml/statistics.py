"""What a corpus of public texts is like as a whole: the only thing a match knows beyond its own two texts."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from math import log

import numpy as np
from numpy.typing import NDArray

from ml.encoders import Vectors
from ml.words import Numbers, known_numbers, numbered_terms, numbers_of

# Below about this many texts the mean says more about those texts than about the field.
TRUSTED_DOCUMENTS = 20


@dataclass(frozen=True, eq=False)
class CorpusStatistics:
    """Computed from public texts only, so a private text can influence nothing that others see.

    `centre` is the mean of all section vectors, (dimension,) float32; `average_length` counts terms.
    """

    centre: Vectors
    document_frequency: Mapping[str, int]
    documents: int
    average_length: float
    encoder: str = ""

    @classmethod
    def of(cls, vectors: Vectors, documents: Iterable[Mapping[str, int]], encoder: str = "") -> "CorpusStatistics":
        """From all section vectors (n, dimension) and the terms of each document."""
        frequency: Counter[str] = Counter()
        lengths = []
        for document in documents:
            frequency.update(document.keys())
            lengths.append(sum(document.values()))
        centre = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1])
        average = sum(lengths) / len(lengths) if lengths else 0.0
        return cls(centre.astype(np.float32), dict(frequency), len(lengths), average, encoder)

    @classmethod
    def empty(cls, dimension: int, encoder: str = "") -> "CorpusStatistics":
        """Of no texts at all: nothing is centred and all terms weigh the same."""
        return cls(np.zeros(dimension, dtype=np.float32), {}, 0, 0.0, encoder)

    @classmethod
    def from_json(cls, text: str) -> "CorpusStatistics":
        """The inverse of `to_json`."""
        stored = json.loads(text)
        return cls(**stored | {"centre": np.asarray(stored["centre"], dtype=np.float32)})

    def to_json(self) -> str:
        stored = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps(stored | {"centre": self.centre.tolist()}, ensure_ascii=False)

    def trusted_centre(self) -> Vectors:
        """The centre, drawn towards the origin while there are few documents."""
        return np.asarray(self.centre * (self.documents / (self.documents + TRUSTED_DOCUMENTS)), dtype=np.float32)

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
