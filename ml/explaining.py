"""Why two texts match: the two sentences that meet, and the words they share."""

from dataclasses import dataclass
from math import log1p

import numpy as np

from ml.encoders import Vectors, unit_rows
from ml.statistics import CorpusStatistics
from ml.weights import explaining_for
from ml.words import is_empty, stem_labels, terms


@dataclass(frozen=True)
class SentencePair:
    """`mine` and `theirs` are row numbers; `similarity` is the centred cosine."""

    mine: int
    theirs: int
    similarity: float


def closest_sentences(mine: Vectors, theirs: Vectors, statistics: CorpusStatistics) -> SentencePair | None:
    """The two sentences that meet best, or None when none do; earlier ones win between equals."""
    if not len(mine) or not len(theirs):
        return None
    centre = statistics.trusted_centre()
    cosines = unit_rows(mine - centre) @ unit_rows(theirs - centre).T
    row, column = np.unravel_index(int(cosines.argmax()), cosines.shape)
    similarity = float(cosines[row, column])
    if similarity < explaining_for(statistics.encoder).cut:
        return None
    return SentencePair(int(row), int(column), similarity)


def shared_words(
    mine: str, theirs: str, statistics: CorpusStatistics, *, language: str = "en", limit: int = 4
) -> list[str]:
    """The most telling terms that both texts use, written as in `theirs`: rare ones, and ones that are repeated."""
    labels = stem_labels(theirs, language)
    my_terms, their_terms = terms(mine, language), terms(theirs, language)
    weights = {
        term: statistics.rarity(term) * log1p(my_terms[term] * their_terms[term])
        for term in my_terms.keys() & labels.keys()
        if is_telling(term, statistics, language)
    }
    return [labels[term] for term in sorted(weights, key=lambda term: (-weights[term], term))][:limit]


def is_telling(term: str, statistics: CorpusStatistics, language: str) -> bool:
    """Whether it says something of a text's subject, and no more than a sixth of all texts use it, or very few.

    Rarity alone does not tell: where all write of e-waste, as many use "phone" as "small", and more than "nobody".
    """
    is_rare = statistics.document_frequency.get(term, 0) <= max(3, statistics.documents / 6)
    return is_rare and not is_empty(term, language)
