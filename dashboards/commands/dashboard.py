"""Open the dashboard: see coordination fail and communities emerge, live in a browser.

Serves this machine only, unless --host says otherwise. The first start fetches the page's
third-party files (15 MB); from then on no network is needed.

With RESULTS it opens a run of before (a folder that `abm run` wrote) at its end, or the map of outcomes of a sweep
(a store that `abm sweep` wrote).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from abm.machine.language import say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm dashboard`."""
    add = parser.add_argument
    add("results", nargs="?", type=Path, metavar="RESULTS", help="results of a run or a store of sweeps to open")
    add("--host", default="127.0.0.1", help="address to serve on (default: 127.0.0.1, this machine only)")
    add("--port", type=int, default=8765, help="port (default: 8765)")
    add("--no-browser", action="store_true", help="do not open a browser")
    add("--root-path", default="", metavar="PATH", help="path under which a proxy shows it, such as /abm")
    add("--behind-proxy", action="store_true",
        help="believe a proxy on this machine who calls and by which scheme (X-Forwarded-For and -Proto)")  # fmt: skip
    add("--keep", type=Path, metavar="DIR",
        help="keep worlds that visitors upload there, each by a link that nobody can guess")  # fmt: skip
    add("--keep-days", type=int, metavar="N", help="days after which a kept world is deleted (default: 30)")
    what = "offer the game of `abm play` at /play: quick, lesson, double, or a scenario (default: lesson)"
    add("--allow-play", nargs="?", const="lesson", metavar="GAME", help=what)
    add("--allow-host", action="append", default=[], metavar="NAME", help="further name by which browsers may call it")


def main(args: argparse.Namespace) -> int:
    """Get the assets if they are missing, then serve until Ctrl-C."""
    from abm.machine.errors import InputError
    from dashboards.live.worlds import DAYS, WORLDS
    from dashboards.serve import assets, server

    if args.keep_days is not None and args.keep is None:
        raise InputError("--keep-days", why="keeps nothing alone", mend="name a folder by --keep")
    if args.keep_days is not None and args.keep_days < 1:
        raise InputError(f"--keep-days {args.keep_days}", why="is less than a day", mend="give 1 or more")
    if args.keep is not None:
        WORLDS.keep_in(args.keep, args.keep_days or DAYS)
    address = server.Address(args.host, args.port, "/" + args.root_path.strip("/") if args.root_path else "",
                             tuple(args.allow_host), args.behind_proxy)  # fmt: skip
    server.check_port(address)
    # Before anything of a page is imported: it is read once.
    server.prepare_environment(address)
    start = _start(args.results) if args.results is not None else ""
    if assets.missing():
        print(say("first start: fetching the page's third-party files"), file=sys.stderr)
        assets.fetch()
    if args.host not in server.LOOPBACK:
        open_to_all = say(
            "warning: {host} lets everybody in this network use the dashboard; it asks nobody for a name",
            host=args.host,
        )
        print(open_to_all, file=sys.stderr)
    if args.allow_play is not None:
        from dashboards.commands.play import HOME, announce
        from dashboards.play.offered import offer

        offered = offer(args.allow_play, HOME, args.host, args.port, address.root_path)
        announce(offered.room, offered.room.joining(), offered.host_page(address.url), is_alone=False)
    server.serve(address, opens_browser=not args.no_browser, start=start)
    return 0


def _start(results: Path) -> str:
    """The page, below the address of the dashboard, that shows results of before."""
    from urllib.parse import urlencode

    from abm.machine.errors import InputError
    from abm.results.saved import SCENARIO
    from dashboards.commands._earlier import opened
    from dashboards.controls.links import Link, write
    from dashboards.live.worlds import WORLDS
    from dashboards.outcomes import stores

    if (results / SCENARIO).is_file():
        world, step = opened(results)
        return f"lab{write(Link(world=WORLDS.open(results.absolute().name, world), step=step))}"
    names = stores.open_store(results)
    if not names:
        mend = "give the results folder of a run, or the store of a sweep with two settings to draw a map of"
        raise InputError(f"{results}", why="holds nothing that a page can show", mend=mend)
    return f"map?{urlencode({'study': names[0]})}"
