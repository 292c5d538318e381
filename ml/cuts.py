"""From which evidence on a match is shown, and called what: the cuts in cuts.json, by encoder and kind of match."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ml.weights import Kind
from ml.words import primary

Strength = Literal["close", "related", "worth a look"]


@dataclass(frozen=True)
class Cuts:
    """Compared with what the texts alone give, so that a shared place or a recent date never lifts a text on another
    subject into the list."""

    cut: float
    related: float
    close: float

    def strength(self, evidence: float) -> Strength:
        if evidence >= self.close:
            return "close"
        return "related" if evidence >= self.related else "worth a look"


@cache
def cuts_for(encoder: str, kind: Kind) -> Cuts:
    """The cuts measured for this encoder, or neutral ones for an encoder that nobody measured."""
    chosen = stored_cuts(encoder)[kind]
    return Cuts(chosen["cut"], chosen["related"], chosen["close"])


@cache
def scale_for(encoder: str, one: str, other: str) -> float:
    """A damped cosine times this is what the same two texts would have in English, by the encoder on whose scale the
    cuts were read, with a share of the words that two languages cannot have in common.

    As measured for this pair of languages or, where it was not, for any two.
    """
    scales = stored_cuts(encoder).get("scales", {})
    pair = "-".join(sorted({primary(one), primary(other)}))
    return float(scales.get(pair) or ("-" in pair and scales.get("two languages")) or 1)


@cache
def sentence_cut(encoder: str) -> float:
    """The damped cosine above which two sentences are said to meet."""
    return float(stored_cuts(encoder)["sentence"]["cut"])


@cache
def facet_cut(encoder: str) -> float:
    """From which a facet of two texts is the same: the cosine of two of its sentences plus the evidence of all."""
    return float(stored_cuts(encoder)["facet"]["cut"])


@cache
def passage_cut(encoder: str) -> float:
    """The evidence from which a passage of the course is said to help with a section."""
    return float(stored_cuts(encoder)["passage"]["cut"])


@dataclass(frozen=True)
class FillingCut:
    """From which evidence a passage is named to someone whose section says little, and how much of it must come from
    what their text says: what a form asks fits texts on any subject."""

    cut: float
    subject: float


@cache
def filling_cut(encoder: str) -> FillingCut:
    chosen = stored_cuts(encoder)["filling"]
    return FillingCut(chosen["cut"], chosen["subject"])


@cache
def tag_cut(encoder: str) -> float:
    """The score from which a topic or role is suggested for a text."""
    return float(stored_cuts(encoder)["tag"]["cut"])


@cache
def called_cut(encoder: str) -> float:
    """The damped cosine from which a sentence on what an idea needs calls for the role that it is nearest to."""
    return float(stored_cuts(encoder)["called"]["cut"])


@cache
def answer_cut(encoder: str) -> float:
    """The cosine from which a sentence added to a text is said to answer what was asked of it."""
    return float(stored_cuts(encoder)["answer"]["cut"])


@cache
def nearest_floor(encoder: str) -> float:
    """The evidence from which a text that is not close enough may be offered as what comes nearest."""
    return float(stored_cuts(encoder)["nearest"]["floor"])


def stored_cuts(encoder: str) -> dict[str, Any]:
    stored = json.loads(Path(__file__).with_name("cuts.json").read_text("utf-8"))["encoders"]
    chosen: dict[str, Any] = stored.get(encoder, stored["any other"])
    return chosen
