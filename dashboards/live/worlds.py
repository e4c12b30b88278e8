"""Worlds that are not shipped and yet have a link: those the server was started with, and visitors' own that it keeps.

A kept world is a folder of its scenario and tables below the folder that `abm dashboard --keep` names. Its name, which
the link says, cannot be guessed: who has the link has the world, and may delete it.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine import disk
from abm.machine.errors import InputError
from abm.machine.version import __version__
from abm.scenario import load

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.live.played import PlayedWorld

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
ABOUT, SCENARIO, TABLES = "about.json", "scenario.toml", "tables"
DAYS = 30
MOST_KEPT = 1000
MOST_BYTES = 2 * 1024**3
"""Worlds, and their files together, that are kept at a time."""
A_DAY = 86400.0


@dataclass(frozen=True)
class World:
    """A world with a link of its own."""

    scenario: Scenario
    version: str
    """Of the program that laid it down."""
    until: float | None = None
    """When it is deleted, in seconds since 1970; None = as long as the server runs."""
    doubt: str = ""
    """Key of what one should know of it (dashboards/words); empty for nothing."""
    played: PlayedWorld | None = None
    """Where people played it: what they decided."""


@dataclass
class Worlds:
    """All of them, for every visitor. May be called from any thread."""

    folder: Path | None = None
    """Where visitors' own are kept; None = nowhere."""
    days: int = DAYS
    _opened: dict[str, World] = field(default_factory=dict[str, World])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, name: str, world: World) -> str:
        """Have a world as long as the server runs; the name that its link says."""
        key = "-".join(re.findall(r"[A-Za-z0-9_]+", name))[:48] or "run"
        with self._lock:
            self._opened[key] = world
        return key

    def keep_in(self, folder: Path, days: int) -> None:
        """Keep visitors' worlds there from now on. InputError if nothing can be written there."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".probe-{secrets.token_hex(4)}"
            probe.mkdir(mode=0o700)
            disk.discard(probe)
        except OSError as error:
            raise disk.unwritable(f"{folder}", error, "give another folder with --keep") from error
        self.folder, self.days = folder, days
        self.clear()

    def keep(self, scenario: Scenario, tables: list[Path]) -> tuple[str, float]:
        """Keep a world whose tables are ``tables``: the name that its link says, and until when. InputError if there
        is no room for it."""
        assert self.folder is not None
        self.clear()
        key, until = secrets.token_urlsafe(18), time.time() + self.days * A_DAY
        part = self.folder / f".{key}"
        with self._lock:
            kept = self._kept()
            n_bytes = sum(_size(folder) for folder in kept) + sum(path.stat().st_size for path in tables)
            if len(kept) >= MOST_KEPT or n_bytes > MOST_BYTES:
                raise InputError(
                    "the world",
                    why="cannot be kept: the server keeps as many as it may",
                    mend="take it along as a file",
                )
            try:
                part.mkdir(mode=0o700)
                if tables:
                    (part / TABLES).mkdir()
                    for path in tables:
                        shutil.copyfile(path, part / TABLES / path.name)
                    scenario = replace(scenario, population=replace(scenario.population, path=TABLES))
                (part / SCENARIO).write_text(scenario.to_toml(), encoding="utf-8")
                about = {"abm": __version__, "until": until, "name": scenario.name}
                (part / ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
                # Whole or not there.
                disk.rename(part, self.folder / key)
            except OSError as error:
                disk.discard(part)
                raise InputError(
                    "the world", why=f"cannot be kept ({disk.said(error)})", mend="take it along as a file"
                ) from None
        return key, until

    def find(self, key: str) -> World:
        """The world of a link. InputError for one that is not there, or no longer whole."""
        if key in self._opened:
            return self._opened[key]
        gone = InputError("the world of this link", why="is not kept here (any more)", mend="upload its files again")
        if self.folder is None or not KEY.fullmatch(key):
            raise gone
        place = self.folder / key
        try:
            about: Any = json.loads((place / ABOUT).read_text(encoding="utf-8"))
            version, until = str(about["abm"]), float(about["until"])
        except FileNotFoundError:
            raise gone from None
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            raise InputError(
                "the world of this link", why="is no longer whole on the server", mend="upload its files again"
            ) from None
        if until <= time.time():
            raise gone
        return World(load(place / SCENARIO), version, until)

    def forget(self, key: str) -> None:
        """Delete a kept world."""
        if self.folder is not None and KEY.fullmatch(key):
            disk.discard(self.folder / key)

    def clear(self) -> None:
        """Delete those whose time is over, and what was left half laid down."""
        if self.folder is None:
            return
        now = time.time()
        for place in list(self.folder.iterdir()):
            name = place.name.removeprefix(".")
            if not place.is_dir() or not KEY.fullmatch(name):
                continue
            try:
                if place.name.startswith("."):
                    # Another server may be at it: only what has long been left alone.
                    is_over = place.stat().st_mtime < now - A_DAY
                else:
                    is_over = float(json.loads((place / ABOUT).read_text(encoding="utf-8"))["until"]) <= now
            except (OSError, ValueError, TypeError, KeyError, RecursionError):
                is_over = False
            if is_over:
                disk.discard(place)

    def _kept(self) -> list[Path]:
        assert self.folder is not None
        return [place for place in self.folder.iterdir() if (place / ABOUT).is_file()]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


WORLDS = Worlds()
