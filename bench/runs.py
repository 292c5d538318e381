"""What the benchmarks of one run share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.community import Communities

PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Run:
    folder: Path
    """For throw-away instances."""
    data: Path
    """Where the sets of judged texts are, if they are anywhere."""
    is_quick: bool

    @cached_property
    def communities(self) -> Communities:
        return Communities(self.folder)
