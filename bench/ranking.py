"""How well the product ranks, beside simple rankings, on sets of texts that people have judged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import Answer, Figure
from bench.runs import PROJECT, Run
from ml.evaluate import PLAIN
from ml.judged import lines_of

QUESTION = "Ranking against simple rankings, by nDCG@10"
PRODUCT = "commons"
RELATED, EXPERTS = "openideo-related-dev", "openideo-experts-dev"
GROUPS_IN_A_HURRY = 1


def measure(run: Run) -> Answer:
    figures: list[Figure] = []
    notes: list[str] = []
    for name, options in {RELATED: ["related", "--older-only"], EXPERTS: ["experts"]}.items():
        folder = run.data / name
        if not (folder / "corpus.jsonl").exists():
            notes.append(f"{name} is not there (BENCH_DATA names its folder): left out.")
        elif not run.is_quick:
            figures += figures_of(name, evaluated(options, folder, run.folder))
        elif name == RELATED:
            part = first_groups(folder, run.folder / name)
            figures += figures_of(name, evaluated([*options, "--encoder", "hashing"], part, run.folder))
    notes.append("Aim: better than the encoder alone on related ideas, older ones only, as in the forum.")
    return Answer(QUESTION, figures, notes)


def evaluated(options: Sequence[str], folder: Path, into: Path) -> dict[str, Any]:
    """What `python -m ml.evaluate` reports."""
    task, *others = options
    command = [sys.executable, "-m", "ml.evaluate", task, str(folder), "--run", str(into / f"{task}.run"), *others]
    told = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True).stdout
    report: dict[str, Any] = json.loads(told)
    return report


def figures_of(name: str, report: dict[str, Any]) -> list[Figure]:
    """A line for each system, each against the encoder alone."""
    base = report["systems"][PLAIN]["nDCG@10"]
    return [
        Figure(
            f"{name}: {system}",
            ", ".join(f"{measure} {value:.3f}" for measure, value in measures.items()),
            f"{PLAIN}: {base:.3f}" if system != PLAIN else "",
            measures["nDCG@10"] / base if system != PLAIN else None,
            "above 1" if has_aim(name, system) else "",
            measures["nDCG@10"] > base if has_aim(name, system) else None,
        )
        for system, measures in report["systems"].items()
    ]


def has_aim(name: str, system: str) -> bool:
    return name == RELATED and system == PRODUCT


def first_groups(folder: Path, part: Path) -> Path:
    """A copy of the set with its first groups only."""
    part.mkdir()
    groups = list(dict.fromkeys(group_of(line) for line in lines_of(folder / "corpus.jsonl")))[:GROUPS_IN_A_HURRY]
    for file in ("corpus.jsonl", "queries.jsonl"):
        kept = [line for line in lines_of(folder / file) if group_of(line) in groups]
        (part / file).write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")
    (part / "qrels.tsv").write_text((folder / "qrels.tsv").read_text("utf-8"), "utf-8")
    return part


def group_of(line: dict[str, Any]) -> Any:
    return (line.get("metadata") or {}).get("group")
