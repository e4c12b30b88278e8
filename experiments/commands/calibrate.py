"""Calibrate parameters to what was seen, and check what they then foretell.

  abm calibrate coupling_2015_2021
  abm calibrate coupling_2015_2021 --points 120 --draws 80
  abm calibrate --self-test 200

Runs over the priors train an emulator; ABC-SMC (pyABC) with it gives the posterior; fresh runs of the model at draws
from the posterior are held against the anchors. --self-test calibrates data sets whose parameters are known and
prints how often the 90 % intervals hold the truth, and whether its ranks are uniform.
"""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm calibrate`."""
    from experiments.commands._methods import add_running

    add = parser.add_argument
    what = "set of anchors for both eras: name or path of a .csv (default: coupling_2015_2021)"
    add("anchors", nargs="?", default="coupling_2015_2021", help=what)
    add_running(parser)
    add("--design", default="anchor-eras", help="design that runs one era (default: anchor-eras)")
    add("--points", type=int, default=60, metavar="N", help="points that train the emulator (default: 60)")
    add("--draws", type=int, default=40, metavar="N", help="fresh runs from the posterior (default: 40)")
    add("--seed", type=int, default=1, metavar="N", help="of draws and priors (default: 1)")
    add("--self-test", type=int, metavar="N", help="simulation-based calibration with N data sets, on a known toy")


def main(args: argparse.Namespace) -> int:
    """Train, calibrate, check, report."""
    if args.self_test is not None:
        return _self_test(args)
    from experiments import anchors
    from experiments.analysis import eras
    from experiments.analysis.calibration import calibrate
    from experiments.commands._methods import report, sources, words
    from experiments.design import load
    from experiments.evaluator import Evaluator
    from experiments.questions.anchor_2015_2021 import CAVEATS

    wanted = anchors.load(args.anchors)
    design = load(args.design)
    last = eras.fresh(design, 1, 1)
    with Evaluator(design, args.store, args.workers, is_quiet=args.quiet) as simulate:
        runs = eras.both(simulate)(eras.points(args.points, args.seed))
        with Evaluator(last, args.store, args.workers, is_quiet=args.quiet) as confirm:
            found = calibrate(
                runs, eras.both(confirm), eras.RANGES, wanted, n_draws=args.draws, seed=args.seed,
                labels=eras.LABELS, caveats=CAVEATS,
            )  # fmt: skip
    about = sources(design, 2 * (len(runs) + args.draws), anchors=args.anchors, seed=args.seed)
    return report([found], f"{args.anchors}-calibration", words(design), args.out, about)


def _self_test(args: argparse.Namespace) -> int:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from abm.errors import InputError
    from abm.results import processors
    from experiments.analysis._watch import Watch
    from experiments.analysis.self_test import SCALE, TOY, self_test, toy
    from experiments.commands._methods import report

    if args.self_test < 20:
        raise InputError(f"--self-test {args.self_test}", why="is too few to count ranks", mend="give 20 or more")
    with ProcessPoolExecutor(args.workers or processors(), mp_context=get_context("spawn")) as pool:
        watch = Watch("self-test", is_quiet=args.quiet)
        found = self_test(toy, TOY, SCALE, n=args.self_test, seed=args.seed, pool=pool, tell=watch)
    print(found.summary.to_string(index=False))
    question = ("Simulation-based calibration", "Does the truth lie in its posterior as often as it should?")
    return report([found], "self-test", question, args.out, {"data sets": args.self_test, "seed": args.seed})
