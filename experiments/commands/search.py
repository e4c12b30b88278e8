"""Search for the cheapest mix of policies that reaches a goal and keeps it.

  abm search policy-mixes
  abm search my_design.toml --proposals 400 --confirm 60 --strategy tpe --probability 0.8

The ranges under [vary] are the instruments, their low end means not used. The design's outcomes cost, reached and
stayed judge a run: the goal is reached, or kept, where they are at least --threshold. The best mixes are run
again under fresh seeds. The search keeps a journal beside its runs: it goes on where it was stopped, and
--proposals more than before adds to it.
"""

from __future__ import annotations

import argparse

from abm.machine.errors import InputError


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm search`."""
    from experiments.commands._methods import add_shared

    add_shared(parser)
    add = parser.add_argument
    for name, meaning in (("cost", "what a mix costs"), ("reached", "the goal"), ("stayed", "the goal long after")):
        add(f"--{name}", default=name, metavar="NAME", help=f"outcome: {meaning} (default: {name})")
    add("--threshold", type=float, default=0.5, metavar="X", help="from where the goal is reached (default: 0.5)")
    add("--probability", type=float, default=0.9, metavar="P", help="asked of a mix (default: 0.9)")
    add("--proposals", type=int, default=240, metavar="N", help="mixes tried (default: 240)")
    add("--batch", type=int, default=40, metavar="N", help="mixes proposed at once (default: 40)")
    add("--best", type=int, default=20, metavar="N", help="mixes run again (default: 20)")
    add("--confirm", type=int, default=60, metavar="N", help="fresh seeds of these (default: 60)")
    add("--strategy", default="nsga2", metavar="NAME", help="nsga2 or tpe (default: nsga2)")
    add("--seed", type=int, default=1, metavar="N", help="of the search's own draws (default: 1)")


def main(args: argparse.Namespace) -> int:
    """Search, confirm, report."""
    from dataclasses import replace
    from pathlib import Path

    from experiments.analysis._watch import Watch
    from experiments.analysis.search import Effort, Goal, instruments_of, search
    from experiments.commands._consent import consent
    from experiments.commands._methods import at_least, designed, outcome_of, report, sources, words
    from experiments.evaluator import Evaluator
    from experiments.sweep.store import HOME

    if not 0 < args.probability < 1:
        raise InputError(f"--probability {args.probability}", why="is not between 0 and 1", mend="give 0.9, say")
    for option in ("proposals", "batch", "best", "confirm"):
        at_least(f"--{option}", getattr(args, option), 1)
    at_least("--seed", args.seed, 0, "is no seed")
    design = designed(args)
    columns = [outcome_of(design, getattr(args, name), f"--{name}") for name in ("cost", "reached", "stayed")]
    goal = Goal(*columns, threshold=args.threshold, probability=args.probability)
    effort = Effort(args.proposals, args.batch, args.best, args.strategy, args.seed)
    last = replace(design, seed=design.seed + 1, replications=args.confirm)
    store = Path(args.store or HOME / design.name)
    journal = store / "searches" / f"{args.strategy}-{args.seed}-{args.batch}-{design.replications}.journal"
    asked = consent(args.yes)
    with (
        Evaluator(design, store, args.workers, confirm=asked) as simulate,
        Evaluator(last, store, args.workers, confirm=asked) as confirm,
    ):
        found = search(
            simulate, confirm, instruments_of(design), goal=goal, effort=effort, journal=journal,
            tell=Watch("search", is_quiet=args.quiet),
        )  # fmt: skip
    about = sources(design, found.n_runs, strategy=args.strategy, search_seed=args.seed, proposals=args.proposals)
    return report([found], f"{design.name}-search", words(design), args.out, about)
