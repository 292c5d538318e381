"""Tags that a text may carry: those whose definition is near it, and those that near texts carry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ml.cuts import called_cut, cuts_for, tag_cut
from ml.encoders import Vectors
from ml.statistics import CorpusStatistics

# What each part may add; chosen on the demo community, see NOTES.md.
WEIGHTS = {"definition": 0.5, "carried": 0.4, "words": 0.1}
SENTENCES_THAT_MEET = 2
# The words part reaches a half at this sum of rarities.
HALF_WORDS = 6.0
# The carried part reaches a half when this much evidence, squared, stands behind a tag and behind nothing else.
DOUBT = 0.2
# From which likeness of a definition, share of the texts nearby and weight of the words each is named as a reason.
TELLING = 0.14

Reason = Literal["definition", "carried", "words"]


@dataclass(frozen=True, eq=False)
class Definition:
    """A tag with the damped vector, as of a sentence, of its name and definition, and the terms that name it."""

    tag: str
    vector: Vectors
    terms: Collection[str]


@dataclass(frozen=True)
class Neighbour:
    """A text near the one in question: how much they share, 0 to 1, and its tags."""

    evidence: float
    tags: Collection[str]
    is_idea: bool


@dataclass(frozen=True)
class Suggestion:
    """A tag; `parts` add up to `score`. `ideas` counts the near ideas that carry it."""

    tag: str
    parts: Mapping[str, float]
    ideas: int

    @property
    def score(self) -> float:
        return sum(self.parts.values())

    @property
    def reasons(self) -> list[Reason]:
        """Those that tell, the strongest first; at least one."""
        strongest = sorted(WEIGHTS, key=lambda part: -self.parts[part])
        told = [part for part in strongest if self.parts[part] >= TELLING * WEIGHTS[part]] or strongest[:1]
        return [part for part in ("definition", "carried", "words") if part in told]


def suggested(
    sentences: Vectors,
    terms: Collection[str],
    definitions: Sequence[Definition],
    neighbours: Sequence[Neighbour],
    statistics: CorpusStatistics,
    *,
    without: Collection[str] = (),
    limit: int,
) -> list[Suggestion]:
    """The best tags for a text of which are given the damped sentences, (n, dimension), and the terms; none of those it
    has already, none below the cut."""
    if not len(sentences) or not definitions:
        return []
    close = cuts_for(statistics.encoder, "nugget").cut
    near = [each for each in neighbours if each.evidence >= close]
    scored = [
        Suggestion(
            each.tag,
            {
                "definition": WEIGHTS["definition"] * likeness(sentences, each.vector),
                "carried": WEIGHTS["carried"] * carried(each.tag, near),
                "words": WEIGHTS["words"] * named(each, terms, statistics),
            },
            ideas=sum(other.is_idea and each.tag in other.tags for other in near),
        )
        for each in definitions
        if each.tag not in without
    ]
    cut = tag_cut(statistics.encoder)
    best = sorted(scored, key=lambda each: (-round(each.score, 6), each.tag))
    return [each for each in best if each.score >= cut][:limit]


@dataclass(frozen=True)
class Call:
    """A tag that a text calls for, and the row of the sentence that does so best."""

    tag: str
    sentence: int


def called_for(
    sentences: Vectors,
    terms: Sequence[Collection[str]],
    definitions: Sequence[Definition],
    statistics: CorpusStatistics,
    *,
    limit: int,
) -> list[Call]:
    """The tags that a text asks for, the surest first; `sentences`, (n, dimension) damped, and `terms` are aligned.

    A sentence calls for what it names and, by meaning alone, for no more than the one tag that it is nearest to: a
    sentence on someone who visits yards is a little near to everyone who visits.
    """
    if not len(sentences) or not definitions:
        return []
    near = sentences @ np.stack([each.vector for each in definitions]).T
    cut, best = called_cut(statistics.encoder), near.argmax(axis=1)
    surest: dict[str, tuple[float, int]] = {}
    for row, said in enumerate(terms):
        for at, definition in enumerate(definitions):
            is_named = named(definition, said, statistics) > 0
            if is_named or (at == best[row] and near[row, at] >= cut):
                sure = float(near[row, at]) + is_named
                surest[definition.tag] = max(surest.get(definition.tag, (-1.0, 0)), (round(sure, 6), -row))
    in_order = sorted(surest, key=lambda tag: (-surest[tag][0], tag))
    return [Call(tag, -surest[tag][1]) for tag in in_order[:limit]]


def likeness(sentences: Vectors, definition: Vectors) -> float:
    """The mean of the sentences that meet a definition best."""
    best = np.sort(np.clip(sentences @ definition, 0, 1))[-SENTENCES_THAT_MEET:]
    return float(best.mean())


def carried(tag: str, near: Sequence[Neighbour]) -> float:
    """The share of the texts nearby that carry it, closer ones weighing more; less where few and weak ones speak."""
    whole = sum(each.evidence**2 for each in near)
    return sum(each.evidence**2 for each in near if tag in each.tags) / (whole + DOUBT)


def named(definition: Definition, terms: Collection[str], statistics: CorpusStatistics) -> float:
    """How telling the words are by which the text names it, 0 to 1."""
    rarities = sum(statistics.rarity(term) for term in sorted(set(definition.terms) & set(terms)))
    return rarities / (rarities + HALF_WORDS)
