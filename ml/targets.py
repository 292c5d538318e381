"""What the ranking is meant to reach, and what it reaches, beside simple rankings, in one run.

    python -m ml.targets DIR

DIR holds the sets of judged texts, each in a folder with its name; those that are absent are named and left out. Prints
one table in Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.evaluate import (
    ACTIVITY,
    ENCODERS,
    FUSION,
    OF_LATE,
    PLAIN,
    PRODUCT,
    evaluate_experts,
    evaluate_related,
    measured,
)
from ml.judged import read_judged_set
from ml.library import Library

TEXT_ONLY = f"{PRODUCT}, text only"
SIMPLE = ["BM25", "TF-IDF", PLAIN, FUSION, ACTIVITY, OF_LATE]


@dataclass(frozen=True)
class Aim:
    """What a system shall reach by a measure."""

    value: float
    system: str = PRODUCT
    measure: str = "nDCG@10"


@dataclass(frozen=True)
class Trial:
    """How a set is ranked, and what shall be reached on it."""

    folder: str
    aims: Sequence[Aim]
    has_people: bool = False
    older_only: bool = False
    listed_only: bool = False


TRIALS = [
    Trial("openideo-related-dev", [Aim(0.34), Aim(0.31, TEXT_ONLY)], older_only=True),
    Trial("stackfaq", [Aim(0.965)]),
    Trial("semeval16-q2q-dev", [Aim(0.79, measure="MAP")], listed_only=True),
    Trial(
        "openideo-experts-dev",
        [Aim(0.38), Aim(0.62, measure="AUC"), Aim(0.62, measure="AUC of late")],
        has_people=True,
    ),
]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    print_row(["set", "ranking", "measure", "aim", "reached", *SIMPLE])
    print_row(["---"] * (5 + len(SIMPLE)))
    for trial in TRIALS:
        if (options.folder / trial.folder).is_dir():
            print_trial(trial, systems_of(trial, options.folder / trial.folder, options.encoder))
        else:
            print_row([trial.folder, "not there", *[""] * (3 + len(SIMPLE))])


def print_trial(trial: Trial, systems: Mapping[str, Mapping[str, float]]) -> None:
    for aim in trial.aims:
        reached = [systems[name][aim.measure] if name in systems else None for name in (aim.system, *SIMPLE)]
        shown = ["" if value is None else f"{value:.3f}" for value in reached]
        print_row([trial.folder, aim.system, aim.measure, f"{aim.value:.3f}", *shown])


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml.targets", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="holds the folders of the sets")
    parser.add_argument("--encoder", choices=sorted(ENCODERS), default="minilm")
    return parser.parse_args(arguments)


def systems_of(trial: Trial, folder: Path, encoder: str) -> dict[str, dict[str, float]]:
    """The measures of each system."""
    judged = read_judged_set(folder, listed_only=trial.listed_only).limited(older_only=trial.older_only)
    evaluate = evaluate_experts if trial.has_people else evaluate_related
    library = Library.of(judged, ENCODERS[encoder]())
    return measured(judged, evaluate(judged, library, older_only=trial.older_only))


def print_row(cells: Sequence[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
