"""Play: a class becomes the region, on its phones. Enterprises and colleges negotiate, empty seats play themselves.

Serves the network that this machine is in: phones scan a code and play in their browsers; nothing is
installed and no internet is needed. Games: quick (5 minutes), lesson (45, the default), double (90), or the
world of a scenario file. `abm play --check` finds out beforehand whether phones get through.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from abm.machine.language import say

if TYPE_CHECKING:
    from dashboards.play.room import Room

HOME = Path("play")
"""Where games are kept unless --out says otherwise."""
PORT = 8000


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm play`."""
    add = parser.add_argument
    add("game", nargs="?", default="lesson", help="quick, lesson, double, or the path of a scenario (default: lesson)")
    add("--port", type=int, default=PORT, help=f"port (default: {PORT})")
    add("--host", default="0.0.0.0", help="address to serve on (default: every network of this machine)")
    add("--seed", type=int, metavar="N", help="seed of the world (default: the game's)")
    add("--pace", type=float, default=1.0, metavar="X", help="time limits times X (default: 1)")
    add("--out", type=Path, metavar="DIR", help="folder of this game (default: play/GAME)")
    what = "go on with a game that was stopped: its folder, or the last one"
    add("--resume", nargs="?", const="", metavar="DIR", help=what)
    add("--wifi", default="", metavar="NAME", help="name of the Wi-Fi, for a code that phones scan to enter it")
    add("--wifi-password", default="", metavar="WORD", help="its password")
    add("--allow-host", action="append", default=[], metavar="NAME", help="further name by which phones may call it")
    add("--no-browser", action="store_true", help="do not open the host's page")
    add("--check", action="store_true", help="find out, with one phone, whether phones get through")
    add("--print", dest="sheets", type=Path, metavar="DIR", help="write role cards and debriefing sheets to print")


def main(args: argparse.Namespace) -> int:
    """Check the network, write what is to print, or open a room and serve it until Ctrl-C."""
    if args.sheets is not None:
        from dashboards.play.printing import write

        for path in write(args.sheets):
            print(path)
        return 0
    from dashboards.play import serving
    from dashboards.serve import networks, server

    server.check_port(server.Address(args.host, args.port))
    if args.check:
        from dashboards.play.checking import check

        return check(args.host, args.port)
    from dashboards.play.opening import opened

    wifi = networks.wifi(args.wifi, args.wifi_password) if args.wifi else ""
    resumed = None if args.resume is None else Path(args.resume) if args.resume else Path()
    secret = secrets.token_urlsafe(9)
    room = opened(args.game, secret, out=args.out, home=HOME, seed=args.seed, pace=args.pace, resumed=resumed)
    room.wifi = wifi
    code = room.journal.header.code
    room.joining = lambda: serving.addresses(args.port, code, args.host)
    found = room.joining()
    host_page = f"http://127.0.0.1:{args.port}/host#k={secret}"
    if args.host not in ("0.0.0.0", "127.0.0.1", "localhost"):
        host_page = f"http://{args.host}:{args.port}/host#k={secret}"
    announce(room, found, host_page)
    serving.serve(
        room, args.host, args.port, tuple(args.allow_host), opens_browser="" if args.no_browser else host_page
    )
    print("\n" + say("kept: {folder}", folder=room.journal.folder))
    return 0


def announce(room: Room, found: list[str], host_page: str, *, is_alone: bool = True) -> None:
    """Say where phones join, where projector and host are, and where the game is kept; ``is_alone``: nothing else is
    served, which would say where it is and how it ends."""
    from dashboards.serve import networks

    if is_alone and sys.stdout.isatty():
        print(networks.drawn(found[0]))
    print(say("join:      {address}   code {code}", address=found[0], code=room.journal.header.code))
    for other in found[1:]:
        print(f"           {other}")
    secret = host_page.partition("#")[2]
    on_a_phone = f"{found[0].partition('?')[0]}host#{secret}"
    print(say("projector: {address}", address=f"{host_page.partition('/host')[0]}/wall"))
    print(say("host:      {address}   (yours alone; on a phone: {phone})", address=host_page, phone=on_a_phone))
    folder = room.journal.folder
    if is_alone:
        print(say("game:      {folder}   (stopped? abm play --resume {folder})", folder=folder))
    for line in networks.advice():
        print(f"abm play: {line}", file=sys.stderr)
    if is_alone:
        print(say("Ctrl-C ends it"), flush=True)
