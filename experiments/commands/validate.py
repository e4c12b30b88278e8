"""Hold the model against patterns that integration is known to show.

Each pattern runs two or more worlds under the same seeds and looks at the differences between
them. It holds if the whole 95 % interval of each of its effects lies where it must. A pattern that
does not hold is reported as such; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from abm.errors import InputError, nearest

SEEDS, QUICK_SEEDS = 20, 4


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm validate`."""
    add = parser.add_argument
    add("--seeds", type=int, metavar="N", help=f"seeds of every world (default: {SEEDS})")
    add("--quick", action="store_true", help=f"only {QUICK_SEEDS} seeds: wider intervals, fewer patterns hold")
    add("--only", metavar="V3,V7", help="only these patterns")
    add("--workers", type=int, default=2, metavar="N", help="processes; results do not depend on it (default: 2)")
    add("--out", type=Path, metavar="FILE.md", help="write the table as Markdown too")
    add("--quiet", action="store_true", help="no progress")


def main(args: argparse.Namespace) -> int:
    """Run the patterns, print the table; 1 if one does not hold."""
    from experiments.validation import patterns
    from experiments.validation._runner import validate
    from experiments.validation._table import markdown, text

    found = {pattern.number: pattern for pattern in patterns()}
    wanted = list(found) if args.only is None else [word.strip().upper() for word in args.only.split(",")]
    for number in wanted:
        if number not in found:
            raise InputError(f"--only {number}", why="is not a pattern", mend=nearest(number, found))
    n_seeds = (QUICK_SEEDS if args.quick else SEEDS) if args.seeds is None else args.seeds
    if n_seeds < 2:
        raise InputError(f"--seeds {n_seeds}", why="gives no interval", mend="ask for 2 or more")
    if args.workers < 1:
        raise InputError(f"--workers {args.workers}", why="is too few", mend="ask for 1 or more")
    if args.out is not None and not args.out.parent.is_dir():
        raise InputError(f"--out {args.out}", why="is in a folder that does not exist", mend="make the folder first")
    outcomes = validate(
        [found[number] for number in dict.fromkeys(wanted)],
        range(1, n_seeds + 1),
        workers=args.workers,
        is_quiet=args.quiet,
    )
    print(text(outcomes))
    if args.out is not None:
        try:
            args.out.write_text(markdown(outcomes, n_seeds), encoding="utf-8", newline="\n")
        except OSError as error:
            mend = "what was found is printed above; give another file next time"
            raise InputError(f"--out {args.out}", why=f"cannot be written ({error.strerror})", mend=mend) from None
    return 0 if all(outcome.holds for outcome in outcomes) else 1
