"""What each stage means, and how a move from one to another is written into the journal, which is its log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.ideas.models import ARCHIVED, STAGES

ACTION = "stage_changed"
"""The journal's name for a move."""
LONGEST_REASON = 300
"""Characters in which someone says why an idea moves."""


@dataclass(frozen=True)
class Stage:
    """Where an idea can stand, as its page explains it."""

    key: str
    meaning: Any
    next: Any
    """What happens next."""
    asks: Any = ""
    """What whoever moves the idea here is asked to say."""


PATH = (
    Stage(
        "published",
        _l("Everyone who may read it can find it. It looks for readers."),
        _l("Read what others say. When you begin to work it in, the idea is being refined."),
        _l("Why it goes back to the beginning"),
    ),
    Stage(
        "refining",
        _l("The author works in what others said."),
        _l("Fill in what is missing until somebody else could start with it."),
        _l("What you are working on"),
    ),
    Stage(
        "ready",
        _l("Somebody could start tomorrow: the problem, the way and the next step are said."),
        _l("Read it once more with the people whom it needs, then submit it."),
        _l("Why it is ready"),
    ),
    Stage(
        "submitted",
        _l("The author stands by it and says what they will do themselves."),
        _l("Moderators read submitted ideas when they look for good work to feature."),
        _l("Your pledge: what you will do yourself"),
    ),
)
ASIDE = Stage(
    ARCHIVED,
    _l(
        "Nobody works on it now; its author or a moderator says why. It can still be read, but lists show it only to "
        "those who ask for archived ideas."
    ),
    _l("Whoever wants to go on can build on it, and its author can take it up again."),
    _l("Why it is put aside"),
)


@dataclass(frozen=True)
class Move:
    """From one stage to another."""

    before: str
    after: str
    reason: str = ""

    @property
    def note(self) -> str:
        """As the journal keeps it."""
        return f"{self.before} -> {self.after}: {self.reason}"

    @property
    def is_onward(self) -> bool:
        return {self.before, self.after} <= {*STAGES} and STAGES.index(self.after) > STAGES.index(self.before)

    @property
    def needs_reason(self) -> bool:
        """Only an idea that gets ready speaks for itself."""
        return not (self.is_onward and self.after == "ready")


def move_in(note: str) -> Move | None:
    """The move that an entry of the journal tells of."""
    found = re.fullmatch(r"([a-z]+) -> ([a-z]+): (.*)", note, re.DOTALL)
    return Move(*found.groups()) if found else None
