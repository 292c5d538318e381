"""The weights and cuts in weights.json, by encoder and by kind of match."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["idea", "question", "resource", "nugget", "person"]
Strength = Literal["close", "related", "worth a look"]


@dataclass(frozen=True)
class Weights:
    """What each named part may add to a score; the parts' weights add up to at most 1.

    `cut`, `related` and `close` are compared with what the texts alone give, so that a shared place or a recent date
    never lifts a text on another subject into the list.
    """

    parts: Mapping[str, float]
    cut: float
    related: float
    close: float

    def strength(self, evidence: float) -> Strength:
        if evidence >= self.close:
            return "close"
        return "related" if evidence >= self.related else "worth a look"


@dataclass(frozen=True)
class Explaining:
    """`cut`: the centred cosine above which two sentences are said to meet."""

    cut: float


@cache
def weights_for(encoder: str, kind: Kind) -> Weights:
    """The weights measured for this encoder, or neutral ones for an encoder that nobody measured."""
    by_kind = stored_weights(encoder)
    chosen = by_kind[kind]
    return Weights(chosen["parts"], chosen["cut"], chosen["related"], chosen["close"])


@cache
def languages_of(encoder: str) -> frozenset[str] | None:
    """The languages an encoder reads; None for any."""
    languages = stored_weights(encoder)["reads"]
    return None if languages is None else frozenset(languages)


@cache
def explaining_for(encoder: str) -> Explaining:
    return Explaining(stored_weights(encoder)["sentence"]["cut"])


@cache
def nearest_floor(encoder: str) -> float:
    """The evidence from which a text that is not close enough may be offered as what comes nearest."""
    return float(stored_weights(encoder)["nearest"]["floor"])


def stored_weights(encoder: str) -> dict[str, Any]:
    stored = json.loads(Path(__file__).with_name("weights.json").read_text("utf-8"))["encoders"]
    chosen: dict[str, Any] = stored.get(encoder, stored["any other"])
    return chosen
