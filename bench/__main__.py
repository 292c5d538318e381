"""`python -m bench [NAME ...] [--quick]`: run the benchmarks, print what they found, keep it."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench import latency, multilingual, pages, queue, ranking, routing, throughput
from bench.report import Answer, machine, print_answer, save
from bench.runs import PROJECT, Run

BENCHMARKS: Mapping[str, Callable[[Run], Answer]] = {
    "pages": pages.measure,
    "latency": latency.measure,
    "throughput": throughput.measure,
    "multilingual": multilingual.measure,
    "ranking": ranking.measure,
    "queue": queue.measure,
    "routing": routing.measure,
}


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    answers = {}
    with tempfile.TemporaryDirectory(prefix="commons-bench-") as folder:
        run = Run(Path(folder), options.data, options.quick)
        for name in options.names or BENCHMARKS:
            facts = machine()
            answers[name] = replace(BENCHMARKS[name](run), facts=facts)
            print_answer(answers[name])
    if options.quick:
        print("\nA quick run: small sizes, nothing kept.")
    else:
        save(answers, PROJECT / "bench")


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which to run: {', '.join(BENCHMARKS)}; default all")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything works")
    data = Path(os.environ.get("BENCH_DATA") or PROJECT.parent / "shared" / "data")
    parser.set_defaults(data=data)
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
