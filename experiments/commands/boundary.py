"""Draw the boundary at which an outcome crosses a threshold, over one or two varied keys.

  abm boundary coordination-failure --outcome failed_share --threshold 0.5
  abm boundary my_design.toml --threshold 0.1 --points 128 --replications 4

The ranges are those of the design's [vary]. After a Sobol start the points go where the side is in doubt:
about a fifth of the runs of a grid that is as sure. What is in the store is not run again, so a boundary that
was stopped goes on, and --points more than before adds to it.
"""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm boundary`."""
    from experiments.commands._methods import add_shared

    add_shared(parser)
    add = parser.add_argument
    add("--outcome", metavar="NAME", help="outcome of the design (default: its only one)")
    add("--threshold", type=float, required=True, metavar="X", help="value that divides the two regimes")
    add("--points", type=int, default=256, metavar="N", help="points in all, each with all replications (default: 256)")


def main(args: argparse.Namespace) -> int:
    """Start, follow the boundary, report."""
    from abm.machine.errors import InputError
    from experiments.analysis._space import Space
    from experiments.analysis._watch import Watch
    from experiments.analysis.boundary import BATCH, START, find_boundary
    from experiments.commands._consent import consent
    from experiments.commands._methods import designed, label_of, outcome_of, report, sources, words
    from experiments.evaluator import Evaluator

    design = designed(args)
    name = outcome_of(design, args.outcome)
    if args.points < BATCH:
        raise InputError(f"--points {args.points}", why="is too few", mend=f"ask for {BATCH} or more")
    space = Space.from_design(design)
    with Evaluator(design, store=args.store, workers=args.workers, confirm=consent(args.yes)) as simulate:
        found = find_boundary(
            space, simulate, name, args.threshold, n_points=args.points, start=min(START, args.points // 2),
            label=label_of(design, name), watch=Watch("boundary", is_quiet=args.quiet),
        )  # fmt: skip
    about = sources(design, len(found.runs), threshold=args.threshold)
    return report([found], f"{design.name}-boundary", words(design), args.out, about)
