"""The game that a dashboard offers beside its pages (`abm dashboard --allow-play`): its room, and where it is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from dashboards.live.beside import BESIDE, Beside
from dashboards.play.opening import opened
from dashboards.play.room import Room
from dashboards.play.serving import addresses, parts, scripts

PATH = "/play"
"""Where the game's pages are on a dashboard."""


@dataclass(frozen=True)
class Offer:
    """A room and the secret of its host."""

    room: Room
    secret: str

    def host_page(self, url: str) -> str:
        """The page of the host, below the dashboard's address."""
        return f"{url.rstrip('/')}{PATH}/host#k={self.secret}"


def offer(game: str, home: Path, host: str, port: int, root_path: str) -> Offer:
    """Open a room for a game; the pages show its tile from now on. InputError for what cannot be played."""
    secret = secrets.token_urlsafe(9)
    room = opened(game, secret, home=home)
    room.joining = lambda: addresses(port, room.journal.header.code, host, f"{root_path}{PATH}/")
    routes, working = parts(room)
    BESIDE[:] = [Beside(PATH, routes, working, scripts())]
    return Offer(room, secret)
