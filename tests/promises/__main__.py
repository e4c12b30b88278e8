"""Measure the promises that were asked for and print one table; exit code 1 if one is not kept."""

from __future__ import annotations

import argparse
import json
import pkgutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from tests import promises
from tests.benchmarks.figures import Figure, machine, render


def main(words: Sequence[str] | None = None) -> int:
    names = sorted(m.name for m in pkgutil.iter_modules(promises.__path__) if m.name.startswith("p"))
    known = {int(name[1:3]): import_module(f"tests.promises.{name}") for name in names}
    parser = argparse.ArgumentParser(prog="python -m tests.promises", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs and kills (marked in the table)")
    parser.add_argument("--only", nargs="+", type=int, choices=known, metavar="N", help=f"{sorted(known)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    args = parser.parse_args(words)
    about, begun = machine(), time.perf_counter()
    found: list[Figure] = []
    for number in args.only or known:
        print(f"promise {number}: {(known[number].__doc__ or '').splitlines()[0]}", file=sys.stderr, flush=True)
        for figure in known[number].measure(args.quick):
            found.append(figure)
            print(f"  {figure.what}: {figure.value:.4g} {figure.unit} {figure.note}", file=sys.stderr, flush=True)
    print(render(about, found, is_quick=args.quick, seconds=time.perf_counter() - begun))
    if args.json:
        figures = [asdict(f) | {"ratio": f.ratio, "is_met": f.is_met} for f in found]
        args.json.write_text(json.dumps({"machine": about, "quick": args.quick, "figures": figures}, indent=1) + "\n")
    return 0 if all(figure.is_met is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
