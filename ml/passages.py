"""For each section of a text the piece of the course that helps, and the two sentences by which it does."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.cuts import filling_cut, passage_cut, scale_for
from ml.encoders import Vectors, unit_rows
from ml.explaining import is_telling
from ml.statistics import CorpusStatistics

TITLE = "title"
# What each part may add: the two sentences that meet best, the section and the text beside the piece, and shared words.
WEIGHTS = {"sentence": 0.35, "section": 0.25, "text": 0.2, "words": 0.2}
# The same for a section without words of its own: what the form asks there, and the text as a whole.
FILLING = {"asked": 0.5, "text": 0.3, "words": 0.2}
# The words part reaches a half at this sum of rarities.
HALF_WORDS = 8.0
# What a piece gains in the choice when it has not been read; it never lifts one over the cut.
UNREAD = 0.03
SECTIONS_PER_PIECE = 2


@dataclass(frozen=True, eq=False)
class Spoken:
    """The sentences of a text by one encoder, in order: damped vectors (n, dimension), and of each its section and
    terms."""

    key: Hashable
    sentences: Vectors
    sections: Sequence[str]
    terms: Sequence[Collection[str]]
    language: str = "en"

    def rows_of(self, *sections: str) -> list[int]:
        return [row for row, each in enumerate(self.sections) if each in sections]

    def only(self, sections: Sequence[str]) -> Spoken:
        """What these sections say."""
        rows = self.rows_of(*sections)
        kept = [(self.sections[row], self.terms[row]) for row in rows]
        return replace(
            self,
            sentences=self.sentences[rows] if rows else self.sentences[:0],
            sections=[section for section, _ in kept],
            terms=[terms for _, terms in kept],
        )


@dataclass(frozen=True)
class Meeting:
    """A section of a text and a piece. `parts` add up to `score`; `mine` and `theirs` are rows of sentences, `mine` is
    None for a section that has none."""

    section: str
    key: Hashable
    mine: int | None
    theirs: int
    parts: Mapping[str, float]

    @property
    def score(self) -> float:
        return sum(self.parts.values())


@dataclass(frozen=True, eq=False)
class Shelf:
    """The pieces of the course by one encoder, their sentences one after the other."""

    pieces: Sequence[Spoken]
    statistics: CorpusStatistics
    rows: NDArray[np.intp]
    """Of each sentence its row in its piece; titles are left out: they name a passage and are none."""
    starts: NDArray[np.intp]
    sentences: Vectors
    directions: Vectors
    """Of each piece as a whole, (pieces, dimension)."""
    terms: Sequence[frozenset[str]]

    @classmethod
    def of(cls, pieces: Sequence[Spoken], statistics: CorpusStatistics) -> Shelf:
        """Pieces that are a title alone have no passage, and are left out."""
        bodies = {piece: [row for row, each in enumerate(piece.sections) if each != TITLE] for piece in pieces}
        told = [piece for piece in pieces if bodies[piece]]
        counts = np.array([len(bodies[piece]) for piece in told], dtype=np.intp)
        nothing = np.zeros((0, statistics.sentences.centre.shape[0]), dtype=np.float32)
        return cls(
            pieces=told,
            statistics=statistics,
            rows=np.array([row for piece in told for row in bodies[piece]], dtype=np.intp),
            starts=np.cumsum(counts) - counts,
            sentences=np.concatenate([nothing, *(piece.sentences[bodies[piece]] for piece in told)]),
            directions=np.concatenate([nothing, *(direction(piece.sentences)[None] for piece in told)]),
            terms=[frozenset().union(*piece.terms) for piece in told],
        )

    def meetings(self, text: Spoken) -> list[Meeting]:
        """Every section of a text with every piece that is close enough to it; the best first."""
        if not len(text.sentences) or not self.pieces:
            return []
        scales = self._scales(text.language)
        cosines, on_the_whole = text.sentences @ self.sentences.T, self.directions @ direction(text.sentences) * scales
        found = []
        for section in dict.fromkeys(each for each in text.sections if each != TITLE):
            own = text.rows_of(section)
            of_section = cosines[own]
            on_section = self.directions @ direction(text.sentences[own]) * scales
            best = np.maximum.reduceat(of_section.max(axis=0), self.starts) * scales
            words = self._words([text.terms[row] for row in own], text.language)
            for place in range(len(self.pieces)):
                parts = weighed(
                    WEIGHTS,
                    sentence=best[place],
                    section=on_section[place],
                    text=on_the_whole[place],
                    words=words[place],
                )
                mine, theirs = self._pair(of_section, place)
                found.append(Meeting(section, self.pieces[place].key, own[mine], theirs, parts))
        return best_first(each for each in found if each.score >= passage_cut(self.statistics.encoder))

    def to_fill(self, text: Spoken, asked: Mapping[str, Vectors]) -> list[Meeting]:
        """For sections that say little, by the damped vector of what the form asks in each and by what the text says
        so far, every piece on its subject that is close enough; the best first."""
        if not len(text.sentences) or not self.pieces:
            return []
        scales = self._scales(text.language)
        on_the_whole = self.directions @ direction(text.sentences) * scales
        words = self._words(text.terms, text.language)
        found = []
        for section, question in asked.items():
            answers = (self.sentences @ question)[None]
            best = np.maximum.reduceat(answers[0], self.starts)  # both are in English
            for place in range(len(self.pieces)):
                parts = weighed(FILLING, asked=best[place], text=on_the_whole[place], words=words[place])
                _, theirs = self._pair(answers, place)
                found.append(Meeting(section, self.pieces[place].key, None, theirs, parts))
        cut = filling_cut(self.statistics.encoder)
        return best_first(
            each for each in found if each.score >= cut.cut and each.parts["text"] + each.parts["words"] >= cut.subject
        )

    def _pair(self, cosines: Vectors, place: int) -> tuple[int, int]:
        """The row of the text's sentence and of the piece's that meet best; earlier ones win between equals."""
        start = int(self.starts[place])
        end = int(self.starts[place + 1]) if place + 1 < len(self.starts) else len(self.rows)
        of_piece = cosines[:, start:end]
        mine, theirs = np.unravel_index(int(of_piece.argmax()), of_piece.shape)
        return int(mine), int(self.rows[start + int(theirs)])

    def _scales(self, language: str) -> NDArray[np.float64]:
        factors = [scale_for(self.statistics.encoder, language, piece.language) for piece in self.pieces]
        return np.array(factors)

    def _words(self, said: Sequence[Collection[str]], language: str) -> list[float]:
        """How telling the terms are that each piece shares with these sentences, 0 to 1."""
        own = {
            term: self.statistics.rarity(term)
            for term in sorted(frozenset().union(*said))
            if is_telling(term, self.statistics, language)
        }
        sums = [sum(rarity for term, rarity in own.items() if term in terms) for terms in self.terms]
        return [each / (each + HALF_WORDS) for each in sums]


def chosen(
    meetings: Sequence[Meeting], *, unread: Collection[Hashable] = (), is_repeated: bool = True
) -> dict[str, Meeting]:
    """For each section the piece that helps most, the unread one of two that help about as much.

    No piece stands for more than SECTIONS_PER_PIECE sections; where it may be repeated, unless nothing else is close
    enough to one.
    """
    wanted = best_first(preferred(each) if each.key in unread else each for each in meetings)
    taken: dict[str, Meeting] = {}
    for is_last_resort in (False, True) if is_repeated else (False,):
        for each in wanted:
            times = sum(other.key == each.key for other in taken.values())
            if each.section not in taken and (is_last_resort or times < SECTIONS_PER_PIECE):
                taken[each.section] = each
    return taken


def preferred(meeting: Meeting) -> Meeting:
    return replace(meeting, parts={**meeting.parts, "unread": UNREAD})


def best_first(meetings: Iterable[Meeting]) -> list[Meeting]:
    """Equals in the order of their names, so that equal texts give equal lists."""
    return sorted(meetings, key=lambda each: (-round(each.score, 6), each.section, str(each.key)))


def weighed(weights: Mapping[str, float], **values: float) -> dict[str, float]:
    return {name: weight * min(max(float(values[name]), 0.0), 1.0) for name, weight in weights.items()}


def direction(rows: Vectors) -> Vectors:
    """Of sentences (n, dimension) as a whole, (dimension,)."""
    return unit_rows(rows.mean(axis=0))
