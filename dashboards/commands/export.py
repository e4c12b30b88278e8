"""Write a run as one HTML file that plays in any browser, offline: scrub, hover, cards of failed negotiations.

RESULTS is a folder that `abm run` wrote. The run is made again from its scenario and seed and must come out the same;
what another version of the model ran is refused by name.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.world.state import State


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm export`."""
    add = parser.add_argument
    add("results", type=Path, metavar="RESULTS", help="results folder of a run, as `abm run` writes it")
    add("--html", type=Path, required=True, metavar="FILE", help="the file to write")
    what = "languages that it holds, the first as it opens (default: English and Chinese)"
    add("--language", nargs="+", default=["en", "zh"], metavar="KEY", help=what)


def main(args: argparse.Namespace) -> int:
    """Film the run, hold it against the folder, write the file."""
    from abm.machine import disk
    from abm.machine.errors import InputError, nearest
    from abm.machine.language import say
    from abm.results.progress import Progress
    from abm.results.saved import saved
    from dashboards.onefile.film import filmed
    from dashboards.onefile.page import page
    from dashboards.play.again import found
    from dashboards.words import languages

    spoken = list(dict.fromkeys(args.language))
    if unknown := [key for key in spoken if key not in languages()]:
        known = list(languages())
        mend = nearest(unknown[0], known) or f"give one of {', '.join(known)}"
        raise InputError(f"--language {unknown[0]}", why="is no language of the pages", mend=mend)
    if args.html.is_dir():
        raise InputError(f"{args.html}", why="is a folder", mend="give the name of a file, such as run.html")
    run = saved(args.results)
    game = found(args.results)
    played = None if game is None else game.world()
    title = say("{world}, seed {seed}: ", world=run.scenario.name, seed=run.scenario.seed)
    with Progress(run.steps_done, title=title) as progress:

        def tell(state: State) -> bool:
            if state.step > 0:
                return progress(state)
            progress.begin_steps()
            return False

        film = filmed(run.scenario, run.steps_done, spoken, tell, played)
    run.check(film.results.result_hash())
    text = page(film, spoken, run.version)
    try:
        args.html.absolute().parent.mkdir(parents=True, exist_ok=True)
        # Beside its place first: an older file is there until the new one is whole.
        part = args.html.with_name(f".{args.html.name}-{os.getpid()}")
        try:
            part.write_text(text, encoding="utf-8")
            disk.replace(part, args.html)
        finally:
            disk.discard(part)
    except OSError as error:
        raise disk.unwritable(f"{args.html}", error, "give another file with --html") from error
    print(f"{args.html}: {len(text.encode()) / 1e6:.1f} MB")
    return 0
