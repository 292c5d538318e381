"""Two people's changes of one text side by side: what goes together by itself, and what somebody has to decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from app.diffs import Budget, Difference, difference, merged

Outcome = Literal["same", "theirs", "yours", "both", "conflict"]


@dataclass(frozen=True)
class ThreeWay:
    """A text that two people changed: `theirs` is saved, `yours` is not yet."""

    base: str | None
    """What both began from; None when that is not known any more."""
    theirs: str
    yours: str
    budget: Budget = field(default_factory=Budget, compare=False, kw_only=True)
    """That the parts of a page share."""

    @cached_property
    def outcome(self) -> Outcome:
        """Who changed it; both where the changes go together, and a conflict where they do not."""
        if self.theirs == self.yours:
            return "same"
        if self._together is None:
            return "conflict"
        if self.yours == self.base:
            return "theirs"
        return "yours" if self.theirs == self.base else "both"

    @property
    def text(self) -> str:
        """With both changes in it; in a conflict, yours."""
        return self.yours if self._together is None else self._together

    @cached_property
    def their_change(self) -> Difference:
        return difference(self.base or "", self.theirs, budget=self.budget)

    @cached_property
    def your_change(self) -> Difference:
        return difference(self.base or "", self.yours, budget=self.budget)

    @cached_property
    def _together(self) -> str | None:
        if self.theirs == self.yours:
            return self.yours
        return (
            None if self.base is None else merged(self.base, theirs=self.theirs, yours=self.yours, budget=self.budget)
        )
