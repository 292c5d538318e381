"""What each named part may add to a score, by kind of match: the shipped weights in weights.json, or learned ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["idea", "question", "resource", "nugget", "person"]
KINDS_ALIKE: Mapping[Kind, tuple[Kind, ...]] = {
    "idea": ("idea", "question"),
    "resource": ("resource", "nugget"),
    "person": ("person",),
}
"""Kinds that share their weights, by the first of them."""


@dataclass(frozen=True)
class WeightSet:
    """The weights of each part for each kind; those of one kind add up to at most 1. Equal names mean equal weights."""

    name: str
    parts: Mapping[Kind, Mapping[str, float]]

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True)
class WeightsRecord:
    """What is known of how good a weight set is."""

    name: str
    scores: Mapping[str, float]
    """nDCG@10, by the name of the set of judged texts that it was measured on."""
    measured: Mapping[Kind, str]
    """How its weights were found, in a sentence for each kind."""


@cache
def shipped_weights() -> WeightSet:
    """Those that come with the program."""
    stored = _shipped()
    return WeightSet(stored["name"], stored["parts"])


def shipped_record() -> WeightsRecord:
    """How good they are, as NOTES.md says."""
    stored = _shipped()
    return WeightsRecord(stored["name"], stored["scores"], stored["measured"])


@cache
def _shipped() -> Any:
    return json.loads(Path(__file__).with_name("weights.json").read_text("utf-8"))
