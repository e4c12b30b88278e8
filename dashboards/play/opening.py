"""A room is opened: for a new game, or for one that was stopped."""

from __future__ import annotations

from pathlib import Path

from abm.machine.errors import InputError
from abm.machine.inputs import in_range
from abm.results import folder
from dashboards.play import journal
from dashboards.play.game import DEBRIEF, Game
from dashboards.play.journal import Header, Journal
from dashboards.play.plan import plan
from dashboards.play.room import Room, hashed
from dashboards.play.serving import new_code


def opened(
    game: str, secret: str, *, out: Path | None = None, home: Path, seed: int | None = None, pace: float = 1.0,
    resumed: Path | None = None, code: str = "", threads: int | None = None,
) -> Room:  # fmt: skip
    """The room of a game, in a folder of its own. ``secret``: the host's. ``resumed``: the folder of a game that was
    stopped; Path() = the last one below ``home``. InputError for what cannot be."""
    if not in_range(pace, 0.01, 20.0):
        raise InputError(f"--pace {pace:g}", why="is outside 0.01-20", mend="1 = as the game has it, 2 = twice as long")
    if resumed is not None:
        return _resumed(journal.last(home) if resumed == Path() else resumed, secret, threads)
    chosen = plan(game, seed, pace)
    place = out or folder.fresh(home / Path(game).stem)
    if (place / journal.FILE).exists():
        raise InputError(
            f"{place}", why="holds a game", mend=f"go on with `abm play --resume {place}`, or name another"
        )
    header = Header(game, chosen.scenario.to_toml(), pace, code or new_code(), hashed(secret))
    begun = Game(chosen, threads=threads)
    return Room(begun, Journal(place, header), {header.host})


def _resumed(place: Path, secret: str, threads: int | None) -> Room:
    """The room as it was when it stopped: every entry is played again. Phones come back to their seats themselves."""
    header, entries = journal.read(place)
    game = Game(header.plan(), threads=threads)
    for entry in entries:
        game.apply(entry)
    room = Room(game, Journal(place, header, is_new=False), {header.host, hashed(secret)})
    room.since = float(entries[-1]["at"]) if entries else 0.0
    room.expect_back()
    if game.part == DEBRIEF:
        room.tell()
    return room
