"""What each named part may add to a score, by kind of match: the shipped weights in weights.json, or learned ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["idea", "question", "resource", "nugget", "person"]


@dataclass(frozen=True)
class WeightSet:
    """The weights of each part for each kind; those of one kind add up to at most 1. Equal names mean equal weights."""

    name: str
    parts: Mapping[Kind, Mapping[str, float]]

    def __hash__(self) -> int:
        return hash(self.name)


@cache
def shipped_weights() -> WeightSet:
    """Those that come with the program."""
    stored = json.loads(Path(__file__).with_name("weights.json").read_text("utf-8"))
    return WeightSet(stored["name"], stored["parts"])
