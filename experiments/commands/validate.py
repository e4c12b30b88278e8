"""Hold the model against patterns that integration is known to show.

Each pattern runs two or more worlds under the same seeds and looks at the differences between
them. It holds if the whole 95 % interval of each of its effects lies where it must. A pattern that
does not hold is reported as such; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from abm.machine.disk import unwritable
from abm.machine.errors import InputError, nearest
from experiments.commands._methods import at_least

SEEDS, QUICK_SEEDS = 20, 4
OF_TARGETS = 701
"""The first seed for published figures: nobody looked at it while anything was set."""


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm validate`."""
    add = parser.add_argument
    add("--seeds", type=int, metavar="N", help=f"seeds of every world (default: {SEEDS})")
    add(
        "--first-seed",
        type=int,
        metavar="N",
        help="the first of them; fresh ones judge (default: 1, sizes: 501, figures: 701)",
    )
    add("--quick", action="store_true", help=f"only {QUICK_SEEDS} seeds: wider intervals, fewer patterns hold")
    add("--only", metavar="V3,V7", help="only these patterns")
    add("--workers", type=int, default=2, metavar="N", help="processes; results do not depend on it (default: 2)")
    add("--out", type=Path, metavar="FILE.md", help="write the table as Markdown too")
    add("--targets", action="store_true", help="instead of patterns: what the model gives for published figures")
    add("--world-size", metavar="SCENARIO", help="instead of patterns: do shares depend on the size of this world?")
    add("--quiet", action="store_true", help="no progress")


def main(args: argparse.Namespace) -> int:
    """Run the patterns, print the table; 1 if one does not hold."""
    n_seeds = (QUICK_SEEDS if args.quick else SEEDS) if args.seeds is None else args.seeds
    if n_seeds < 2:
        raise InputError(f"--seeds {n_seeds}", why="gives no interval", mend="ask for 2 or more")
    if args.first_seed is not None:
        at_least("--first-seed", args.first_seed, 0, "is no seed")
    if args.workers < 1:
        raise InputError(f"--workers {args.workers}", why="is too few", mend="ask for 1 or more")
    if args.out is not None and not args.out.parent.is_dir():
        raise InputError(f"--out {args.out}", why="is in a folder that does not exist", mend="make the folder first")
    return _world_size(args, n_seeds) if args.world_size is not None else _patterns(args, n_seeds)


def _world_size(args: argparse.Namespace, n_seeds: int) -> int:
    from abm.scenario import load
    from experiments.validation import _world_size as world_size

    source = load(args.world_size).population.source
    if source != "synthetic":
        why = f"has a population from {source}: it has no counts to multiply"
        raise InputError(f"--world-size {args.world_size}", why=why, mend="name a scenario such as classroom")
    seeds = _seeds(args, n_seeds, world_size.FIRST_SEED)
    found = world_size.shifts(args.world_size, seeds, workers=args.workers, is_quiet=args.quiet)
    print(world_size.text(found))
    _write(args.out, world_size.markdown(args.world_size, found, seeds))
    return 0 if all(shift.holds for shift in found if shift.is_asked and shift.mean == shift.mean) else 1


def _patterns(args: argparse.Namespace, n_seeds: int) -> int:
    from experiments.validation import patterns, patterns_of_targets
    from experiments.validation._runner import validate
    from experiments.validation._table import markdown, markdown_of_targets, text

    found = {pattern.number: pattern for pattern in (patterns_of_targets() if args.targets else patterns())}
    wanted = list(found) if args.only is None else [word.strip().upper() for word in args.only.split(",")]
    for number in wanted:
        if number not in found:
            raise InputError(f"--only {number}", why="is not a pattern", mend=nearest(number, found))
    seeds = _seeds(args, n_seeds, OF_TARGETS if args.targets else 1)
    outcomes = validate(
        [found[number] for number in dict.fromkeys(wanted)], seeds, workers=args.workers, is_quiet=args.quiet
    )
    print(text(outcomes, is_of_targets=args.targets))
    _write(args.out, (markdown_of_targets if args.targets else markdown)(outcomes, seeds))
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def _seeds(args: argparse.Namespace, n_seeds: int, usual: int) -> range:
    first = usual if args.first_seed is None else args.first_seed
    return range(first, first + n_seeds)


def _write(out: Path | None, page: str) -> None:
    if out is None:
        return
    try:
        out.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        mend = "give another file next time (what was found is printed above)"
        raise unwritable(f"--out {out}", error, mend) from None
