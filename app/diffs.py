"""What changed between two versions of a text, word by word, and two changes of one text put together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, pairwise
from time import monotonic
from typing import Literal
from unicodedata import category

from diff_match_patch import diff_match_patch

LONGEST_LOOK = 0.5
"""Seconds after which a difference is told in larger pieces."""
LONGEST_PAGE = 1.0
"""Seconds that all differences of a page take together."""

EAST = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
MARKS = "\u200c\u200d" + "".join(each for each in map(chr, range(0x300, 0xFE00)) if category(each)[0] == "M")
"""Signs that stand on or between letters, as the vowels of Hindi and Bengali, and what joins these."""
WORD = re.compile(rf"[{EAST}]|[^\W{EAST}](?:[{MARKS}]|[^\W{EAST}])*|\s+|.")
"""Letters that belong together, white space, or one other character; Chinese and Japanese write without spaces."""

Kind = Literal["removed", "same", "added"]
KINDS: dict[int, Kind] = {-1: "removed", 0: "same", 1: "added"}
FIRST_SIGN = 0x10000
"""The characters that stand for words while they are compared, clear of the surrogates."""


@dataclass(frozen=True)
class Piece:
    """Words that stand in both texts, in the earlier alone, or in the later alone."""

    kind: Kind
    text: str

    @property
    def words(self) -> int:
        return sum(word[0].isalnum() for word in _words(self.text))


@dataclass(frozen=True)
class Difference:
    """The pieces of both texts in their order."""

    pieces: tuple[Piece, ...]

    @property
    def is_none(self) -> bool:
        return all(piece.kind == "same" for piece in self.pieces)

    @property
    def earlier(self) -> tuple[Piece, ...]:
        """The pieces of the earlier text."""
        return tuple(piece for piece in self.pieces if piece.kind != "added")

    @property
    def later(self) -> tuple[Piece, ...]:
        """The pieces of the later text."""
        return tuple(piece for piece in self.pieces if piece.kind != "removed")

    @property
    def words_removed(self) -> int:
        return sum(piece.words for piece in self.pieces if piece.kind == "removed")

    @property
    def words_added(self) -> int:
        return sum(piece.words for piece in self.pieces if piece.kind == "added")


class Budget:
    """The seconds that several comparisons share. What is compared after they are spent is told in two pieces."""

    def __init__(self, seconds: float = LONGEST_PAGE) -> None:
        self._left = seconds

    @property
    def is_spent(self) -> bool:
        return self._left <= 0

    @contextmanager
    def spend(self) -> Iterator[float]:
        """The seconds that one comparison may take; those that it took are gone."""
        began = monotonic()
        yield min(LONGEST_LOOK, self._left)
        self._left -= monotonic() - began


def difference(before: str, after: str, *, budget: Budget | None = None) -> Difference:
    """Of two texts that may be empty. Equal texts give the same pieces; a hostile pair takes LONGEST_LOOK seconds."""
    signs = _Signs()
    compared = _compared(signs.written(before), signs.written(after), budget or Budget())
    return Difference(tuple(Piece(KINDS[kind], signs.read(text)) for kind, text in compared))


def merged(base: str, *, theirs: str, yours: str, budget: Budget | None = None) -> str | None:
    """The base with both changes in it; None when they touch the same words in different ways, or when there was no
    time left to see that."""
    if theirs == yours or yours == base:
        return theirs
    if theirs == base:
        return yours
    signs = _Signs()
    start, one, other = signs.written(base), signs.written(theirs), signs.written(yours)
    budget = budget or Budget()
    edits = sorted({*_edits(start, one, budget), *_edits(start, other, budget)})
    if any(later.start <= earlier.end for earlier, later in pairwise(edits)):
        return None
    result, at = "", 0
    for edit in edits:
        result += start[at : edit.start] + edit.text
        at = edit.end
    return signs.read(result + start[at:])


def words_gained(before: str, after: str) -> int:
    """How many words of the later text the earlier one lacks, wherever they stand; quick for any two texts."""
    return (_counted(after) - _counted(before)).total()


@dataclass(frozen=True, order=True)
class _Edit:
    """What stands from `start` up to `end` becomes `text`."""

    start: int
    end: int
    text: str


class _Signs:
    """One character for each different word, so that words are compared as if they were letters."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._numbers = count(FIRST_SIGN)

    def written(self, text: str) -> str:
        return "".join(self._sign(word) for word in _words(text))

    def read(self, signs: str) -> str:
        return "".join(self._words[sign] for sign in signs)

    def _sign(self, word: str) -> str:
        if word not in self._of:
            sign = chr(next(self._numbers))
            self._of[word], self._words[sign] = sign, word
        return self._of[word]


def _words(text: str) -> list[str]:
    return WORD.findall(text)


def _counted(text: str) -> Counter[str]:
    return Counter(word for word in _words(text) if word[0].isalnum())


def _compared(before: str, after: str, budget: Budget) -> list[tuple[int, str]]:
    if budget.is_spent:
        pieces = [(0, before)] if before == after else [(-1, before), (1, after)]
        return [piece for piece in pieces if piece[1]]
    library = diff_match_patch()
    with budget.spend() as seconds:
        library.Diff_Timeout = seconds
        compared = library.diff_main(before, after, False)
        library.diff_cleanupSemantic(compared)
    return compared


def _edits(before: str, after: str, budget: Budget) -> Iterable[_Edit]:
    at = 0
    open_edit: _Edit | None = None
    for kind, text in _compared(before, after, budget):
        if kind == 0:
            if open_edit:
                yield open_edit
            open_edit, at = None, at + len(text)
            continue
        edit = open_edit or _Edit(at, at, "")
        open_edit = (
            _Edit(edit.start, edit.end + len(text), edit.text)
            if kind < 0
            else _Edit(edit.start, edit.end, edit.text + text)
        )
        at += len(text) if kind < 0 else 0
    if open_edit:
        yield open_edit
