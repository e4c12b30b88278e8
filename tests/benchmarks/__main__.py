"""Measure what was asked for and print one table."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks import classroom, country, frames, growth, many_runs, memory, pages, start, students, twin
from tests.benchmarks.document import refresh, surroundings
from tests.benchmarks.figures import Figure, machine, render

BENCHMARKS: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "country": country.measure,
    "classroom": classroom.measure,
    "runs": many_runs.measure,
    "twin": twin.measure,
    "students": students.measure,
    "growth": growth.measure,
    "start": start.measure,
    "cold": start.measure_cold,
    "memory": memory.measure,
    "frames": frames.measure,
    "pages": pages.measure,
}


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0 whether or not the targets are met, which the table says; 1 if a benchmark came to no end."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller worlds and fewer runs (marked in the table)")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the tables into docs/performance.md")
    args = parser.parse_args(words)
    if args.page and (args.quick or args.only):
        parser.error("--page shows a whole measurement: leave out --quick and --only")
    if args.page:
        # Whether it can be written is asked before minutes are spent.
        surroundings(args.page)
    about = machine()
    found: list[Figure] = []
    failed: list[str] = []
    begun = time.perf_counter()
    for name in args.only or BENCHMARKS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            found.extend(BENCHMARKS[name](args.quick))
        except Exception as error:  # noqa: BLE001
            # Minutes of other measurements are not lost for one that comes to no end.
            print(f"{name}: failed ({error})", file=sys.stderr, flush=True)
            failed.append(name)
    print(render(about, found, is_quick=args.quick, seconds=time.perf_counter() - begun))
    if args.json:
        figures = [asdict(f) | {"ratio": f.ratio, "is_met": f.is_met} for f in found]
        args.json.write_text(json.dumps({"machine": about, "quick": args.quick, "figures": figures}, indent=1) + "\n")
    if args.page:
        if failed:
            print(f"{args.page} is left as it was: {', '.join(failed)} failed", file=sys.stderr)
        else:
            refresh(args.page, about, found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
