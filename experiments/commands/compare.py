"""Compare two scenarios under the same seeds: metrics over time, and their difference with bands.

  abm compare classroom reform_package
  abm compare classroom mine.toml --metrics failed_share spent --seeds 20

Each is a shipped scenario or a .toml. Both run under the same seeds, so that chance that both share does not
hide what differs. Runs are kept in the store and not run again; more --seeds run only the new ones.
"""

from __future__ import annotations

import argparse

METRICS = ("failed_share", "mean_substantive_depth", "community_share")
SEEDS = 10


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm compare`."""
    from experiments.commands._methods import add_running

    add = parser.add_argument
    add("a", help="scenario: a name or a .toml")
    add("b", help="the one to compare with it")
    add_running(parser)
    add("--metrics", nargs="+", default=list(METRICS), metavar="NAME", help="default: " + " ".join(METRICS))
    add("--seeds", type=int, default=SEEDS, metavar="N", help=f"pairs of runs (default: {SEEDS})")
    add("--steps", type=int, metavar="N", help="quarters (default: as many as the shorter scenario has)")


def main(args: argparse.Namespace) -> int:
    """Run both, compare, report."""
    from dataclasses import replace

    from abm.machine.errors import InputError, with_unit
    from abm.machine.language import paragraph, say
    from abm.quarter.measurement.metrics import catalogue
    from abm.scenario import load as scenario
    from abm.scenario.differences import differences
    from experiments.analysis.comparison import compare
    from experiments.commands._consent import consent
    from experiments.commands._methods import report
    from experiments.sweep import sweep
    from experiments.sweep.store import HOME

    if args.seeds < 2:
        raise InputError(f"--seeds {args.seeds}", why="gives no band", mend="ask for 2 or more")
    sides = [scenario(given) for given in (args.a, args.b)]
    names = [side.name.replace("_", " ") for side in sides]
    if names[0] == names[1]:
        names = [f"{name} ({letter})" for name, letter in zip(names, "AB", strict=True)]
    steps = args.steps or min(side.steps for side in sides)
    store = args.store or HOME / f"compare-{sides[0].name}-{sides[1].name}"
    tables = []
    for side in sides:
        entries = {"name": f"compare-{side.name}", "base": side, "vary": {"protocol": [side.protocol]}}
        entries |= {"steps": steps, "replications": args.seeds, "outcomes": args.metrics}
        study = sweep(entries, store=store, workers=args.workers, is_quiet=args.quiet, confirm=consent(args.yes))
        runs = study.runs()
        kept = runs.loc[runs["status"] == "ok", ["run_key", "replication"]]
        tables.append(study.series(args.metrics).merge(kept, on="run_key"))
    about = [catalogue()[name] for name in args.metrics]
    labels = {of.name: with_unit(of.label, of.unit) for of in about}
    found = compare(tables[0], tables[1], args.metrics, names=(names[0], names[1]), labels=labels)
    apart = differences(*(side.with_overrides(steps=steps) for side in sides))
    found = replace(
        found, caveats=(*found.caveats, "How the worlds differ: " + ("; ".join(apart) or "in nothing") + ".")
    )
    print(paragraph(found.caveats[-1]))
    what = (
        say("{a} and {b}", a=names[0], b=names[1]),
        say("In what do {a} and {b} differ, and is it more than chance?", a=names[0], b=names[1]),
    )
    sources = {"scenarios": f"{sides[0].name}, {sides[1].name}", "pairs of runs": found.n_pairs, "quarters": steps}
    return report([found], f"compare-{sides[0].name}-{sides[1].name}", what, args.out, sources)
