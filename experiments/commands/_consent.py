"""Work that takes long or fills the disk begins when a person has agreed to it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from abm.machine.errors import InputError

if TYPE_CHECKING:
    from experiments.sweep.driver import Estimate

LONG, LARGE = 3600.0, 1e9
"""Seconds and bytes from which is asked first."""


def add_yes(parser: argparse.ArgumentParser) -> None:
    """The argument that agrees beforehand."""
    parser.add_argument("--yes", action="store_true", help="do not ask before runs of more than an hour or a gigabyte")


def consent(is_agreed: bool) -> Callable[[Estimate], None]:
    """Says what long work will take, and asks; raises InputError if nobody can be asked, or says no."""
    from abm.machine.language import say
    from abm.results.progress import duration
    from experiments.commands._store import size

    def ask(cost: Estimate) -> None:
        n, took, room = f"{cost.n_runs:,}", duration(cost.seconds), size(cost.size)
        words = say("{n} runs: about {took} and {room} on disk", n=n, took=took, room=room)
        if cost.seconds <= LONG and cost.size <= LARGE:
            return
        if is_agreed:
            print(words, file=sys.stderr)
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise InputError(words, why="is much", mend="add --yes if it is meant, or ask for less")
        print(say("{words}. Go on? [y/N] ", words=words), end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes", "是"):
            raise InputError(words, why="was not wanted", mend="nothing was run")

    return ask
