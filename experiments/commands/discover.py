"""Find the conditions under which an outcome ends above, or below, a bound.

  abm discover conditions-of-failure --above 0.5
  abm discover my_design.toml --outcome community_share --below 0.1 --density 0.9

The design's points are run (what is in the store is not run again); the answer is a box in words (PRIM) and
a tree (CART) over the varied keys. --density says how pure the box must be: lower covers more of the cases.
"""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm discover`."""
    from experiments.commands._methods import add_shared

    add_shared(parser)
    add = parser.add_argument
    add("--outcome", metavar="NAME", help="outcome of the design (default: its only one)")
    side = parser.add_mutually_exclusive_group(required=True)
    side.add_argument("--above", type=float, metavar="X", help="cases are runs whose outcome lies above")
    side.add_argument("--below", type=float, metavar="X", help="cases are runs whose outcome lies below")
    what = "least share of cases in the box (default: 0.8, or half way from that of all runs to 1 if that is more)"
    add("--density", type=float, metavar="SHARE", help=what)


def main(args: argparse.Namespace) -> int:
    """Sweep, discover, report."""
    from abm.machine.errors import InputError
    from experiments.analysis._space import Space, title
    from experiments.analysis.discovery import discover
    from experiments.commands._consent import consent
    from experiments.commands._methods import designed, label_of, outcome_of, report, sources, words
    from experiments.sweep import sweep

    design = designed(args)
    name = outcome_of(design, args.outcome)
    if args.density is not None and not 0.0 < args.density <= 1.0:
        raise InputError(f"--density {args.density:g}", why="is not a share above 0", mend="give 0.5 to 1")
    space = Space.from_design(design)
    runs = sweep(design, store=args.store, workers=args.workers, is_quiet=args.quiet, confirm=consent(args.yes)).runs()
    found = discover(
        runs, space.names, name, above=args.above, below=args.below, min_density=args.density,
        label=label_of(design, name), titles={d.name: title(d) for d in space.dimensions},
    )  # fmt: skip
    return report([found], f"{design.name}-conditions", words(design), args.out, sources(design, len(runs)))
