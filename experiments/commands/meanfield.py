"""The model as system dynamics: mean-field equations over the mean of the agents, and the distance between them.

  abm meanfield reform_package
  abm meanfield my_scenario.toml --seeds 10 --steps 120 --out mean_field

A few difference equations of depth, trust, engagement and technology, made of the model's own with agents replaced by
their means: nothing is fitted. They begin where the world of the first seed begins, and rules act as they did there.
What the agents do beyond them is what comes of their being different.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm meanfield`."""
    add = parser.add_argument
    add("scenario", nargs="?", default="classroom", metavar="SCENARIO", help="a name, or a file (default: classroom)")
    add("--seeds", type=int, default=5, metavar="N", help="runs of the model (default: 5)")
    add("--seed", type=int, default=1, metavar="N", help="the first of their seeds (default: 1)")
    add("--steps", type=int, metavar="N", help="quarters (default: the scenario's)")
    add(
        "--out",
        type=Path,
        default=Path("meanfield"),
        metavar="DIR",
        help="where picture and table go (default: meanfield)",
    )
    add("--quiet", action="store_true", help="no progress")


def main(args: argparse.Namespace) -> int:
    """Run, solve, draw, say how far apart they are."""
    import numpy as np
    import pandas as pd

    from abm import scenario
    from abm.machine.disk import unwritable
    from abm.machine.language import say
    from abm.machine.spreadsheet import write_csv
    from abm.results.columns import dictionary
    from abm.results.folder import DICTIONARY
    from experiments.analysis._watch import Watch
    from experiments.analysis.mean_field import figure_of, mean_field
    from experiments.commands._methods import at_least
    from experiments.figures import style as figure_style
    from experiments.report.columns import AGENTS, of_mean_field

    at_least("--seeds", args.seeds, 2, "gives no interval")
    at_least("--seed", args.seed, 0, "is no seed")
    world = scenario.load(args.scenario)
    if args.steps is not None:
        world = world.with_overrides(steps=args.steps)
    watch = Watch("mean field", is_quiet=args.quiet, is_of_runs=True)
    found = mean_field(world, range(args.seed, args.seed + args.seeds), tell=watch)
    print(found.answer())
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        with figure_style.drawing():
            png, _ = figure_style.save(figure_of(found), args.out, "mean_field")
        steps = np.arange(len(next(iter(found.solution.values()))))
        columns = {"step": steps, **found.solution}
        columns |= {f"{AGENTS}{name}": np.nanmean(values, axis=0) for name, values in found.agents.items()}
        write_csv(pd.DataFrame(columns), args.out / "mean_field.csv")
        write_csv(dictionary({"mean_field": of_mean_field()}), args.out / f"{DICTIONARY}.csv")
    except OSError as error:
        raise unwritable(f"--out {args.out}", error, "give another folder") from error
    print(say("picture: {place}", place=png))
    return 0
