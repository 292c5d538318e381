"""What changed between two revisions of a text, part by part, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from operator import attrgetter
from time import monotonic
from typing import Any, Protocol

from app.diffs import Budget, Difference, Piece, difference
from app.journal.queries import Entry
from app.kept import kept

AROUND = 120
"""Characters of unchanged text that stay on each side of a change."""
WORTH_FOLDING = 3 * AROUND
"""Characters of unchanged text that are shown whole."""
LONGEST_COUNT = 1.5
"""Seconds in which a list counts words. What is left is counted when the list is looked at next."""
KEPT_COUNTS = 4000
KEPT_DIFFERENCES = 60
"""Few, because one takes up to a megabyte."""


class Revised(Protocol):
    """A revision of any text."""

    number: int
    created_at: datetime

    @property
    def texts(self) -> Mapping[str, Any]:
        """All that it says, by part."""


@dataclass(frozen=True)
class Stretch:
    """A piece of a text as a page shows it; unchanged text that is left out has the kind "left-out" and no words."""

    kind: str
    text: str = ""


@dataclass(frozen=True)
class SectionChange:
    """One part of a text that two revisions say differently."""

    key: str
    label: str
    before: str
    after: str
    budget: Budget = field(default_factory=Budget, compare=False)

    @cached_property
    def difference(self) -> Difference:
        return kept_difference(self.before, self.after, budget=self.budget)

    @property
    def words_removed(self) -> int:
        return self.count()[0]

    @property
    def words_added(self) -> int:
        return self.count()[1]

    @property
    def is_counted(self) -> bool:
        """Whether this process has compared these texts before."""
        return kept("changed_words", most=KEPT_COUNTS).get(self._digest) is not None

    def count(self) -> tuple[int, int]:
        """How many words are removed and added; kept, as revisions never change."""
        known = kept("changed_words", most=KEPT_COUNTS)
        words: tuple[int, int] | None = known.get(self._digest)
        if words is None:
            words = self.difference.words_removed, self.difference.words_added
            if not self.budget.is_spent:
                known.put(self._digest, words)
        return words

    @cached_property
    def _digest(self) -> bytes:
        return _digest_of(self.before, self.after)


@dataclass(frozen=True)
class RevisionRow:
    """One revision in a list, with what it changed in the one before; nothing for the first."""

    revision: Revised
    changes: Sequence[SectionChange]
    is_counted: bool
    """Whether the words of all changes are counted."""

    @property
    def created_at(self) -> datetime:
        return self.revision.created_at

    @property
    def words_removed(self) -> int:
        return sum(change.words_removed for change in self.changes)

    @property
    def words_added(self) -> int:
        return sum(change.words_added for change in self.changes)


def kept_difference(before: str, after: str, *, budget: Budget) -> Difference:
    """Kept from page to page, unless the budget cut it short."""
    known, digest = kept("differences", most=KEPT_DIFFERENCES), _digest_of(before, after)
    found: Difference | None = known.get(digest)
    if found is None:
        found = difference(before, after, budget=budget)
        if not budget.is_spent:
            known.put(digest, found)
    return found


def changed_parts(before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """The keys of the parts that say something else, in the order of `labels`; costs no comparing of words."""
    return [key for key in labels if (before.get(key) or "") != (after.get(key) or "")]


def changes_of(before: Revised, after: Revised, labels: Mapping[str, str]) -> list[SectionChange]:
    """The parts that changed, in the order of `labels`, which name them by key; what has no label is not compared. They
    share the time of a page."""
    earlier, later, budget = before.texts, after.texts, Budget()
    return [
        SectionChange(key, labels[key], earlier.get(key) or "", later.get(key) or "", budget)
        for key in changed_parts(earlier, later, labels)
    ]


def rows_of(revisions: Sequence[Revised], labels: Mapping[str, str], *, size: int) -> list[RevisionRow]:
    """Of revisions that come newest first, as many as a page holds; the one after these is only compared with."""
    until = monotonic() + LONGEST_COUNT
    rows = []
    for revision, before in zip(revisions[:size], [*revisions[1 : size + 1], None], strict=False):
        changes = changes_of(before, revision, labels) if before else []
        rows.append(RevisionRow(revision, changes, all(_is_counted(change, until) for change in changes)))
    return rows


def with_history(
    rows: Sequence[RevisionRow], history: Sequence[Entry], *, is_newest: bool, before: Revised | None
) -> list[RevisionRow | Entry]:
    """These rows and what else happened at their time, the newest first. `before` is the revision that the next page
    begins with; each entry stands on the page of the revision that came after it."""
    here = [
        entry
        for entry in history
        if (is_newest or (rows and entry.created_at < rows[0].created_at))
        and (before is None or entry.created_at >= before.created_at)
    ]
    return sorted([*rows, *here], key=attrgetter("created_at"), reverse=True)


def stretches(pieces: Sequence[Piece], *, is_whole: bool = False) -> list[Stretch]:
    """For a page: long unchanged text is left out in the middle, or at the end of the text that it stands at."""
    shown = []
    for place, piece in enumerate(pieces):
        if is_whole or piece.kind != "same" or len(piece.text) <= WORTH_FOLDING:
            shown.append(Stretch(piece.kind, piece.text))
            continue
        if place > 0:
            shown.append(Stretch("same", _head(piece.text)))
        shown.append(Stretch("left-out"))
        if place < len(pieces) - 1:
            shown.append(Stretch("same", _tail(piece.text)))
    return shown


def _digest_of(before: str, after: str) -> bytes:
    return sha256(repr((before, after)).encode()).digest()


def _is_counted(change: SectionChange, until: float) -> bool:
    """Counts its words while there is time; what was counted before needs none."""
    if monotonic() < until:
        change.count()
    return change.is_counted


def _head(text: str) -> str:
    """Up to a space, where there is one."""
    start = text[:AROUND]
    return start[: start.rfind(" ") + 1] or start


def _tail(text: str) -> str:
    end = text[-AROUND:]
    return end[end.find(" ") :] if " " in end else end
