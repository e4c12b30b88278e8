"""Ramp policies up and down within one run: the loop, and what survives their exit.

  abm hysteresis policy-exit
  abm hysteresis my_design.toml --never nothing --response community_share --rise 20 --fall 20 --after 40

Each arm of the design is a push: all of its policies are ramped together. The arm --never pushes nothing, and the
others are held against it under the same seeds; whether runs that tip are foretold is asked of the first response.
What is in the store is not run again.
"""

from __future__ import annotations

import argparse

from abm.machine.errors import InputError, nearest

RESPONSE = "substantive_depth_per_place"


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm hysteresis`."""
    from experiments.commands._methods import add_shared

    add_shared(parser)
    add = parser.add_argument
    add("--never", default="never", metavar="ARM", help="the arm without a push (default: never)")
    add("--response", action="append", metavar="METRIC", help=f"what is looked at; repeatable (default: {RESPONSE})")
    add("--start", type=int, default=8, metavar="N", help="quarters before the ramp (default: 8)")
    add("--rise", type=int, default=40, metavar="N", help="quarters up (default: 40)")
    add("--hold", type=int, default=0, metavar="N", help="quarters at full strength (default: 0)")
    add("--fall", type=int, default=40, metavar="N", help="quarters down (default: 40)")
    add("--after", type=int, default=48, metavar="N", help="quarters without policy at the end (default: 48)")


def main(args: argparse.Namespace) -> int:
    """Ramp, draw the loops, report."""
    from experiments.analysis._worlds import names_of, ramped, series_by
    from experiments.analysis.early_warning import early_warning_of
    from experiments.analysis.hysteresis import Ramp, hysteresis
    from experiments.commands._consent import consent
    from experiments.commands._methods import at_least, designed, metric_labels, report, sources, words
    from experiments.sweep import sweep

    ramp = Ramp(args.start, args.rise, args.hold, args.fall, args.after)
    responses = args.response or [RESPONSE]
    labels = metric_labels(responses)
    design = ramped(designed(args), ramp, responses)
    names = names_of(design)
    if args.never not in names:
        mend = nearest(args.never, names)
        raise InputError(f"--never {args.never}", place=f"design {design.name}", why="is no arm", mend=mend)
    at_least("--replications", design.replications, 2, "gives no interval")
    study = sweep(design, args.store, args.workers, is_quiet=args.quiet, confirm=consent(args.yes))
    series = series_by(study, "push", names)
    found = hysteresis(series, ramp, responses, never=args.never, labels=labels)
    warned = early_warning_of(series, responses[0], start=ramp.start, label=labels[responses[0]])
    about = sources(design, len(study.summary()), ramp=str(ramp))
    return report([found, warned], f"{design.name}-hysteresis", words(design), args.out, about)
