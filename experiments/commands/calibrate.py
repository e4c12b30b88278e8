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
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from abm.machine.errors import InputError, nearest

if TYPE_CHECKING:
    from experiments.analysis.calibration import Anchor


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm calibrate`."""
    from experiments.commands._methods import add_running

    add = parser.add_argument
    what = "set of anchors for both eras: name or path of a .csv (default: coupling_2015_2021)"
    add("anchors", nargs="?", default="coupling_2015_2021", help=what)
    add_running(parser)
    add("--design", default="anchor-eras", help="design that runs one era (default: anchor-eras)")
    add("--points", type=int, default=60, metavar="N", help="points that train the emulator (default: 60)")
    add("--draws", type=int, default=100, metavar="N", help="fresh runs from the posterior (default: 100)")
    add("--particles", type=int, default=200, metavar="N", help="of a population of ABC-SMC (default: 200)")
    add("--populations", type=int, default=4, metavar="N", help="of ABC-SMC at most, before the last (default: 4)")
    add("--last", type=int, default=20_000, metavar="N", help="simulations of the last population (default: 20000)")
    add("--seed", type=int, default=1, metavar="N", help="of draws and priors (default: 1)")
    add("--self-test", type=int, metavar="N", help="simulation-based calibration with N data sets, on a known toy")


def main(args: argparse.Namespace) -> int:
    """Train, calibrate, check, report."""
    from experiments.commands._methods import at_least

    at_least("--seed", args.seed, 0, "is no seed")
    at_least("--particles", args.particles, 20)
    at_least("--populations", args.populations, 1)
    at_least("--last", args.last, 1000)
    if args.self_test is not None:
        return _self_test(args)
    from experiments.analysis import eras
    from experiments.analysis.calibration import calibrate
    from experiments.analysis.posterior import Pace
    from experiments.commands._consent import consent
    from experiments.commands._methods import report, sources, words
    from experiments.design import load
    from experiments.evaluator import Evaluator
    from experiments.questions.anchor_2015_2021 import CAVEATS

    wanted = _wanted(args)
    pace = Pace(args.particles, args.populations, last=args.last)
    design = load(args.design)
    last, asked = eras.fresh(design, 1, 1), consent(args.yes)
    with Evaluator(design, args.store, args.workers, is_quiet=args.quiet, confirm=asked) as simulate:
        runs = eras.both(simulate)(eras.points(args.points, args.seed))
        with Evaluator(last, args.store, args.workers, is_quiet=args.quiet, confirm=asked) as confirm:
            found = calibrate(
                runs, eras.both(confirm), eras.RANGES, wanted, pace=pace, n_draws=args.draws, seed=args.seed,
                labels=eras.LABELS, caveats=CAVEATS,
            )  # fmt: skip
    about = sources(design, 2 * (len(runs) + args.draws), anchors=args.anchors, seed=args.seed)
    return report([found], f"{Path(args.anchors).stem}-calibration", words(design), args.out, about)


def _wanted(args: argparse.Namespace) -> tuple[Anchor, ...]:
    """The anchors; InputError for what would show only after all runs are done."""
    from experiments import anchors
    from experiments.analysis import eras
    from experiments.analysis.calibration import least_points
    from experiments.commands._methods import at_least

    at_least("--points", args.points, least_points(eras.RANGES), f"is too few for {len(eras.RANGES)} parameters")
    at_least("--draws", args.draws, 1)
    wanted = anchors.load(args.anchors)
    for anchor in wanted:
        if anchor.outcome not in eras.OUTCOMES:
            mend = nearest(anchor.outcome, eras.OUTCOMES)
            raise InputError(f"`{anchor.outcome}`", place=f"anchors {args.anchors}", why="is no outcome", mend=mend)
    return wanted


def _ignore_interrupts() -> None:
    """Ctrl-C is for the process that waits for the workers, not for them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _self_test(args: argparse.Namespace) -> int:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from abm.results import processors
    from experiments.analysis._watch import Watch
    from experiments.analysis.calibration.self_test import SCALE, TOY, self_test, toy
    from experiments.analysis.posterior import Pace
    from experiments.commands._methods import report

    if args.self_test < 20:
        raise InputError(f"--self-test {args.self_test}", why="is too few to count ranks", mend="give 20 or more")
    pace = Pace(args.particles, args.populations, last=args.last)
    workers, apart = args.workers or processors(), get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=apart, initializer=_ignore_interrupts) as pool:
        watch = Watch("self-test", is_quiet=args.quiet)
        found = self_test(toy, TOY, SCALE, n=args.self_test, pace=pace, seed=args.seed, pool=pool, tell=watch)
    print(found.summary.to_string(index=False))
    question = ("Simulation-based calibration", "Does the truth lie in its posterior as often as it should?")
    return report([found], "self-test", question, args.out, {"data sets": args.self_test, "seed": args.seed})
