"""What was measured: a table for the terminal, JSON for programs, Markdown for people."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

COLUMNS = ("what", "measured", "against", "ratio", "aim", "met")


@dataclass(frozen=True)
class Figure:
    """One measured thing beside what it is compared with, both from the same run, and beside its aim."""

    what: str
    measured: str
    against: str = ""
    ratio: float | None = None
    """Measured divided by what it is compared with."""
    aim: str = ""
    is_met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        met = {True: "yes", False: "NO", None: ""}[self.is_met]
        return self.what, self.measured, self.against, shown_ratio(self.ratio), self.aim, met


@dataclass(frozen=True)
class Answer:
    """What one benchmark found out."""

    question: str
    figures: Sequence[Figure] = ()
    notes: Sequence[str] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    """When and on what machine it was measured."""


def shown_ratio(ratio: float | None) -> str:
    return "" if ratio is None else short(ratio)


def short(number: float) -> str:
    """Three digits, or all those before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def machine() -> dict[str, Any]:
    """The machine and its software, without its name or any of its paths."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "") if platform.system() == "Linux" else ""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "memory": f"{memory / 2**30:.0f} GiB",
        "processor": processor(),
        "system": system or platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load before": round(os.getloadavg()[0], 2),
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def print_answer(answer: Answer) -> None:
    print(f"\n{answer.question}")
    for row in aligned([COLUMNS, *(figure.cells() for figure in answer.figures)]):
        print(f"  {row}")
    for note in answer.notes:
        print(f"  {note}")


def aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def save(answers: dict[str, Answer], folder: Path) -> None:
    """Write results.json and results.md; benchmarks that were not run keep what they found the last time."""
    file = folder / "results.json"
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    kept |= {name: asdict(answer) for name, answer in answers.items()}
    file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (folder / "results.md").write_text(markdown(kept), "utf-8")


def markdown(kept: dict[str, Any]) -> str:
    parts = [
        "# What was measured",
        "Made by `make bench`. Both sides of a ratio come from the same run, in turns, so that whatever else the "
        "machine did falls on both. Absolute numbers belong to the machine named with them.",
    ]
    for name, answer in kept.items():
        parts += [f"## {name}: {answer['question']}", machine_line(answer["facts"])]
        parts.append(markdown_table([Figure(**figure) for figure in answer["figures"]]))
        parts += [f"- {note}" for note in answer["notes"]]
    return "\n\n".join(parts) + "\n"


def machine_line(facts: dict[str, Any]) -> str:
    return "; ".join(str(value) if name == "date" else f"{name} {value}" for name, value in facts.items()) + "."


def markdown_table(figures: Sequence[Figure]) -> str:
    rows = [COLUMNS, tuple("---" for _ in COLUMNS), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
