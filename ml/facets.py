"""Whether two texts are the same in a facet, as in their problems or their approaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.cuts import facet_cut, scale_for
from ml.encoders import Vectors
from ml.explaining import SentencePair
from ml.features import Text, damped_sentences
from ml.statistics import CorpusStatistics


@dataclass(frozen=True, eq=False)
class Facets:
    """A text by one encoder, and for each of its sentences the facet that it belongs to, empty for none."""

    text: Text
    of_sentences: Sequence[str]

    def rows(self) -> dict[str, NDArray[np.intp]]:
        """The sentences of each facet."""
        names = np.array(self.of_sentences, dtype=object)
        return {name: np.flatnonzero(names == name) for name in dict.fromkeys(self.of_sentences) if name}


def same_facets(
    mine: Facets,
    theirs: Sequence[Facets],
    evidence: Sequence[float],
    statistics: CorpusStatistics,
    heard: dict[Text, Vectors],
) -> list[dict[str, SentencePair]]:
    """For each of theirs the facets in which it is the same as mine, with the two sentences that meet best.

    `evidence` is what each of theirs shares with mine as a whole: see `ranking.Match`; `heard` their sentences, as far
    as they are known: see `features.damped_sentences`.
    """
    my_rows, counts = mine.rows(), [len(each.text.sentences) for each in theirs]
    if not my_rows or not sum(counts):
        return [{} for _ in theirs]
    saying = [each.text for each in theirs if len(each.text.sentences)]
    (said,) = damped_sentences([mine.text], statistics, heard)
    cosines = said @ np.concatenate(damped_sentences(saying, statistics, heard)).T
    found = []
    for each, end, count, shared in zip(theirs, np.cumsum(counts), counts, evidence, strict=True):
        needed = facet_cut(statistics.encoder) - shared
        scale = scale_for(statistics.encoder, mine.text.language, each.text.language)
        of_text = cosines[:, end - count : end] * scale
        pairs = {
            name: best_pair(of_text, my_rows[name], rows, statistics.encoder)
            for name, rows in each.rows().items()
            if name in my_rows
        }
        found.append({name: pair for name, pair in pairs.items() if pair.similarity >= needed})
    return found


def best_pair(cosines: NDArray[Any], mine: NDArray[np.intp], theirs: NDArray[np.intp], encoder: str) -> SentencePair:
    """Of these rows and columns the two that meet best; earlier ones win between equals."""
    among = cosines[np.ix_(mine, theirs)]
    row, column = np.unravel_index(int(among.argmax()), among.shape)
    return SentencePair(int(mine[row]), int(theirs[column]), float(among[row, column]), encoder)
