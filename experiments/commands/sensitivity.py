"""Say which varied keys matter for an outcome, over their whole ranges.

  abm sensitivity talk-is-dear --outcome failed_share --n 64
  abm sensitivity my_design.toml --method morris --n 10 --outcome failed_share community_share

The ranges are those of the design's [vary]; the method draws its own points there. Methods: sobol (shares
of variance; n a power of 2, n (keys + 2) points), morris (screening of many keys; n (keys + 1) points),
delta and pawn (shift of the whole distribution; n points). What is in the store is not run again.
"""

from __future__ import annotations

import argparse

DEFAULT_N = {"sobol": 64, "morris": 10, "delta": 300, "pawn": 300}


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm sensitivity`."""
    from experiments.commands._methods import add_shared

    add_shared(parser)
    add = parser.add_argument
    what = ", ".join(DEFAULT_N) + " (default: sobol); several are held against one another"
    add("--method", nargs="+", default=["sobol"], metavar="NAME", help=what)
    add("--n", type=int, metavar="N", help="base samples, trajectories or points (default: 64, 10, 300, 300)")
    add("--outcome", nargs="+", metavar="NAME", help="outcomes of the design (default: its only one)")


def main(args: argparse.Namespace) -> int:
    """Draw, run, analyse, report."""
    from dataclasses import replace

    from abm.machine.errors import InputError
    from abm.machine.language import paragraph
    from experiments.analysis._space import Space
    from experiments.analysis.sensitivity import analyse, disagreements, points
    from experiments.commands._consent import consent
    from experiments.commands._methods import designed, label_of, outcome_of, report, sources, words
    from experiments.evaluator import Evaluator

    design = designed(args)
    outcomes = [outcome_of(design, name) for name in args.outcome or [None]]
    methods = list(dict.fromkeys(args.method))
    sizes = {method: DEFAULT_N.get(method, 64) if args.n is None else args.n for method in methods}
    if min(sizes.values()) < 2:
        raise InputError(f"--n {args.n}", why="is too few", mend="ask for 2 or more")
    space = Space.from_design(design)
    drawn = {method: points(method, space, n) for method, n in sizes.items()}
    with Evaluator(
        design, store=args.store, workers=args.workers, is_quiet=args.quiet, confirm=consent(args.yes)
    ) as simulate:
        runs = {method: simulate(drawn[method]) for method in methods}
    results = [
        analyse(method, space, runs[method], name, n, label=label_of(design, name))
        for method, n in sizes.items()
        for name in outcomes
    ]
    notes = disagreements(results)
    if notes:
        print("\n".join(map(paragraph, notes)) + "\n")
        results[-1] = replace(results[-1], caveats=(*results[-1].caveats, *notes))
    named = {"method": ", ".join(methods), "n": ", ".join(str(n) for n in sizes.values())}
    about = sources(design, sum(map(len, runs.values())), **named)
    return report(results, f"{design.name}-{'-'.join(methods)}", words(design), args.out, about)
