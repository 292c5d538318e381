"""Times of single calls, and where they go."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from bench.report import short

LOOKED_INTO = ("app/matching", "app/search", "/ml/")
SHOWN_PARTS = 8
ALL_OF_IT = 0.9
Call = Callable[[], object]


def milliseconds(call: Call) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def in_pairs(pairs: Iterable[tuple[Call, Call]]) -> tuple[list[float], list[float]]:
    """The times of the first calls and of the second ones in milliseconds, taken in turns."""
    times = [(milliseconds(one), milliseconds(other)) for one, other in pairs]
    return [one for one, _ in times], [other for _, other in times]


def percentile(times: Sequence[float], share: int) -> float:
    return float(np.percentile(times, share))


def shown(times: Sequence[float]) -> str:
    return f"p50 {short(percentile(times, 50))} ms, p95 {short(percentile(times, 95))} ms"


def where_time_goes(calls: Iterable[Call]) -> str:
    """The functions of matching, search and ml in which most of the time passes, with what they call; in percent."""
    profile = cProfile.Profile()
    for call in calls:
        profile.runcall(call)
    stats = pstats.Stats(profile)
    total = stats.total_tt or 1.0
    spent = {
        f"{file.rsplit('/', 1)[-1].removesuffix('.py')}.{function}": cumulative / total
        for (file, _, function), (_, _, _, cumulative, _) in stats.stats.items()
        if any(room in file for room in LOOKED_INTO) and not function.startswith("<")
    }
    parts = sorted((part for part in spent.items() if part[1] < ALL_OF_IT), key=lambda part: -part[1])
    return ", ".join(f"{name} {share:.0%}" for name, share in parts[:SHOWN_PARTS])
