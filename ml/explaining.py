"""Why two texts match: what the score is made of, the two sentences that meet, and what both speak of and need."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p

import numpy as np

from ml.cuts import sentence_cut
from ml.encoders import Vectors
from ml.features import Text
from ml.ranking import Match
from ml.statistics import CorpusStatistics
from ml.words import is_empty, primary

OTHER = "other"
"""Stands for the parts that each add too little to be told apart."""


@dataclass(frozen=True)
class Part:
    """What a named part adds to a score; `share`, 0 to 1, is how much of the score that is."""

    name: str
    adds: float
    share: float


@dataclass(frozen=True)
class SentencePair:
    """`mine` and `theirs` are row numbers; `similarity` is the damped cosine by the encoder."""

    mine: int
    theirs: int
    similarity: float
    encoder: str


@dataclass(frozen=True)
class Wording:
    """The terms of a text, how often it uses each, and how it writes each."""

    terms: Mapping[str, int]
    labels: Sequence[str]
    language: str = "en"


@dataclass(frozen=True, eq=False)
class Pair:
    """A text that asks, and what was matched with it."""

    query: Text
    subject: Text
    """What was matched: of a person what they state."""
    match: Match
    spoken: Mapping[str, tuple[Vectors, Vectors]] = field(default_factory=dict)
    """By encoder the damped sentences of the query, and those that speak for the match."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """How the query writes its terms."""
    wordings: Sequence[Wording] = ()
    """Of the texts that speak for the match."""
    wanted_roles: frozenset[str] = frozenset()
    """Those that one side needs or asks, where the other side is a person, who has `brought_roles`."""
    brought_roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Explanation:
    """Why a pair is one. The parts add up to `score`; those that add most come first, and none adds nothing."""

    score: float
    parts: Sequence[Part]
    sentences: SentencePair | None
    words: Sequence[str]
    topics: frozenset[str]
    roles: frozenset[str]
    """Wanted and brought."""
    roles_in_common: frozenset[str]
    """Those of the subject that the query also has or needs, beside `roles`."""
    is_same_country: bool
    is_alike: bool
    """Near enough in meaning as wholes, whatever their sentences say."""


def explain(pair: Pair, statistics: CorpusStatistics) -> Explanation:
    """`statistics` are those of words, which all encoders share."""
    query, subject, match = pair.query, pair.subject, pair.match
    roles = pair.wanted_roles & pair.brought_roles
    return Explanation(
        score=match.score,
        parts=parts_of(match),
        sentences=closest_by_any(pair.spoken),
        words=shared_words(query.terms, pair.wordings, statistics, language=query.language, labels=pair.labels),
        topics=query.topics & subject.topics,
        roles=roles,
        roles_in_common=(subject.roles & (query.roles | query.needed_roles)) - roles,
        is_same_country=query.country is not None and query.country == subject.country,
        is_alike=match.says_enough and any(match.parts.get(part) for part in ("meaning", "statement")),
    )


def parts_of(match: Match) -> list[Part]:
    """What the score is made of, most first, equal ones by their names; nothing of a score of 0.

    Where the parts together give more than the most that a score can be, each counts for its share of that.
    """
    whole = sum(match.parts.values())
    shares = {name: adds / whole for name, adds in match.parts.items() if adds > 0}
    ordered = sorted(shares, key=lambda name: (-round(shares[name], 6), name))
    return [Part(name, shares[name] * match.score, shares[name]) for name in ordered]


def percentages(parts: Sequence[Part]) -> list[tuple[str, int]]:
    """Names and whole percents of the score, which add up to 100; what is less than one percent is in OTHER, the last.

    By largest remainders, so that a number is less than one away from what it stands for.
    """
    shares = {part.name: 100 * part.share for part in parts if part.share >= 0.01}
    shares[OTHER] = 100 * sum(part.share for part in parts if part.share < 0.01)
    whole = {name: int(share) for name, share in shares.items()}
    missing = round(sum(shares.values())) - sum(whole.values())
    for name in sorted(shares, key=lambda name: (whole[name] - shares[name], name))[:missing]:
        whole[name] += 1
    return [(name, percent) for name, percent in whole.items() if percent]


def closest_by_any(spoken: Mapping[str, tuple[Vectors, Vectors]]) -> SentencePair | None:
    """The two sentences that meet best, by whichever encoder reads both; the earlier one wins between equals."""
    pairs = (closest_sentences(mine, theirs, encoder=name) for name, (mine, theirs) in spoken.items())
    return max(filter(None, pairs), key=lambda pair: pair.similarity, default=None)


def closest_sentences(mine: Vectors, theirs: Vectors, *, encoder: str) -> SentencePair | None:
    """Of damped sentences the two that meet best, or None when none do; earlier ones win between equals."""
    if not len(mine) or not len(theirs):
        return None
    cosines = mine @ theirs.T
    row, column = np.unravel_index(int(cosines.argmax()), cosines.shape)
    similarity = float(cosines[row, column])
    if similarity < sentence_cut(encoder):
        return None
    return SentencePair(int(row), int(column), similarity, encoder)


def shared_words(
    mine: Mapping[str, int],
    theirs: Sequence[Wording],
    statistics: CorpusStatistics,
    *,
    language: str = "en",
    labels: Mapping[str, str],
    limit: int = 4,
) -> list[str]:
    """The most telling terms that mine and their texts use, as theirs write them: rare ones, and repeated ones.

    `language` is that of mine, which writes its terms as `labels` say. Of a text in another one only names are taken,
    which both write with a capital letter: other words that look alike may do so by chance.
    """
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for wording in theirs:
        is_same_language = primary(wording.language) == primary(language)
        for (term, count), label in zip(wording.terms.items(), wording.labels, strict=True):
            is_name = label[:1].isupper() and labels.get(term, "")[:1].isupper()
            if term in mine and (is_same_language or is_name):
                counts[term] += count
                written.setdefault(term, label)
    weights = {
        term: statistics.rarity(term) * log1p(mine[term] * count)
        for term, count in counts.items()
        if is_telling(term, statistics, language)
    }
    return [written[term] for term in sorted(weights, key=lambda term: (-weights[term], term))][:limit]


def is_telling(term: str, statistics: CorpusStatistics, language: str) -> bool:
    """Whether it says something of a text's subject, and no more than a sixth of all texts use it, or very few.

    Rarity alone does not tell: where all write of e-waste, as many use "phone" as "small", and more than "nobody".
    """
    is_rare = statistics.document_frequency.get(term, 0) <= max(3, statistics.documents / 6)
    return is_rare and not is_empty(term, language)
