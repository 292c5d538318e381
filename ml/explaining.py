"""Why two texts match: the two sentences that meet, and the words they share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np

from ml.cuts import sentence_cut
from ml.encoders import Vectors
from ml.statistics import CorpusStatistics
from ml.words import is_empty, primary


@dataclass(frozen=True)
class SentencePair:
    """`mine` and `theirs` are row numbers; `similarity` is the damped cosine."""

    mine: int
    theirs: int
    similarity: float


def closest_sentences(mine: Vectors, theirs: Vectors, *, encoder: str) -> SentencePair | None:
    """Of damped sentences the two that meet best, or None when none do; earlier ones win between equals."""
    if not len(mine) or not len(theirs):
        return None
    cosines = mine @ theirs.T
    row, column = np.unravel_index(int(cosines.argmax()), cosines.shape)
    similarity = float(cosines[row, column])
    if similarity < sentence_cut(encoder):
        return None
    return SentencePair(int(row), int(column), similarity)


@dataclass(frozen=True)
class Wording:
    """The terms of a text, how often it uses each, and how it writes each."""

    terms: Mapping[str, int]
    labels: Sequence[str]
    language: str = "en"


def shared_words(
    mine: Mapping[str, int],
    theirs: Sequence[Wording],
    statistics: CorpusStatistics,
    *,
    language: str = "en",
    limit: int = 4,
) -> list[str]:
    """The most telling terms that mine and their texts use, as theirs write them: rare ones, and repeated ones.

    `language` is that of mine. Of a text in another one only names are taken, which are written with a capital letter:
    other words that look alike may do so by chance.
    """
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for wording in theirs:
        is_same_language = primary(wording.language) == primary(language)
        for (term, count), label in zip(wording.terms.items(), wording.labels, strict=True):
            if term in mine and (is_same_language or label[:1].isupper()):
                counts[term] += count
                labels.setdefault(term, label)
    weights = {
        term: statistics.rarity(term) * log1p(mine[term] * count)
        for term, count in counts.items()
        if is_telling(term, statistics, language)
    }
    return [labels[term] for term in sorted(weights, key=lambda term: (-weights[term], term))][:limit]


def is_telling(term: str, statistics: CorpusStatistics, language: str) -> bool:
    """Whether it says something of a text's subject, and no more than a sixth of all texts use it, or very few.

    Rarity alone does not tell: where all write of e-waste, as many use "phone" as "small", and more than "nobody".
    """
    is_rare = statistics.document_frequency.get(term, 0) <= max(3, statistics.documents / 6)
    return is_rare and not is_empty(term, language)
