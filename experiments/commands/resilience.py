"""Strike a world: loss of its hubs, a technology jump, the end of its policies. Loss, recovery, what stands.

  abm resilience reform_package
  abm resilience my_world.toml --at 40 --hubs 0.2 --replications 60 --response community_share

Every struck run is held against the run under the same seed that is spared. What is in the store is
not run again.
"""

from __future__ import annotations

import argparse

from abm.machine.errors import InputError

RESPONSES = ("substantive_depth_per_place", "field_related_share")
COMMUNITIES = "n_communities"


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm resilience`."""
    from experiments.commands._methods import add_running

    add = parser.add_argument
    add("scenario", help="name of a scenario or path of a .toml")
    add_running(parser)
    add("--at", type=int, default=60, metavar="N", help="quarters before the shock (default: 60)")
    add("--steps", type=int, metavar="N", help="quarters in all (default: the scenario's)")
    add("--hubs", type=float, default=0.1, metavar="X", help="share of institutions lost, hubs first (default: 0.1)")
    add("--replications", type=int, default=20, metavar="N", help="pairs of runs a shock (default: 20)")
    what = f"what is looked at, higher is better; repeatable (default: {', '.join(RESPONSES)})"
    add("--response", action="append", metavar="METRIC", help=what)


def main(args: argparse.Namespace) -> int:
    """Strike, compare, report."""
    from abm import scenario
    from abm.machine.language import say
    from experiments.analysis._worlds import SPARED, names_of, series_by, shocked
    from experiments.analysis.resilience import resilience
    from experiments.commands._consent import consent
    from experiments.commands._methods import at_least, metric_labels, report, sources
    from experiments.sweep import sweep

    if not 0 < args.hubs <= 1:
        raise InputError(f"--hubs {args.hubs}", why="is not a share above 0 and up to 1", mend="give 0.1, say")
    at_least("--replications", args.replications, 2, "gives no interval")
    world = scenario.load(args.scenario)
    if args.steps is not None:
        world = world.with_overrides(steps=args.steps)
    responses = args.response or list(RESPONSES)
    labels = metric_labels(responses)
    kept = list(dict.fromkeys([*responses, COMMUNITIES]))
    design = shocked(world, args.at, args.hubs, args.replications, kept)
    study = sweep(design, args.store, args.workers, is_quiet=args.quiet, confirm=consent(args.yes))
    names = names_of(design)
    found = resilience(
        series_by(study, "shock", names), {name: args.at for name in names if name != SPARED}, responses,
        spared=SPARED, communities=COMMUNITIES, labels=labels,
    )  # fmt: skip
    title = (
        say("Shocks to {what}", what=world.name),
        "What does each shock take, how fast is it back, and what stands?",
    )
    about = sources(design, len(study.summary()), at=args.at, hubs=args.hubs)
    return report([found], f"{world.name}-resilience", title, args.out, about)
