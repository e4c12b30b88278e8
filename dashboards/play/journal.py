"""The game on disk: one line an entry, written before it acts. A server that was killed goes on from here.

Secrets of seats are there as hashes, names of people not at all.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from abm.machine import disk
from abm.machine.errors import InputError
from abm.machine.version import __version__
from abm.scenario import from_toml
from dashboards.play.plan import Plan, plan

FILE = "journal.jsonl"
FORM = 1
"""Of the file; another form cannot be read."""


@dataclass(frozen=True)
class Header:
    """What a game starts from."""

    game: str
    scenario: str
    """As a file holds it."""
    pace: float
    code: str
    """What people type to join."""
    host: str
    """Hash of the host's secret."""

    def plan(self) -> Plan:
        """The game, in the world that it was begun in."""
        from dataclasses import replace

        known = plan(self.game if not self.game.endswith(".toml") else "lesson", pace=self.pace)
        return replace(known, name=self.game, scenario=from_toml(self.scenario, FILE))


class Journal:
    """Entries of one game, appended to its file."""

    def __init__(self, folder: Path, header: Header, *, is_new: bool = True) -> None:
        self.folder, self.header = folder, header
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = (folder / FILE).open("a", encoding="utf-8")
        except OSError as error:
            raise disk.unwritable(f"{folder}", error, "give another folder with --out") from error
        if is_new:
            self._line({"form": FORM, "abm": __version__, **vars(header)})
            self.flush()

    def write(self, entry: dict[str, Any]) -> None:
        """Append one entry; it survives the end of this process."""
        self._line(entry)

    def flush(self) -> None:
        """Wait until it is on the disk: survives the end of the machine too."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Nothing is appended any more."""
        self.flush()
        self._file.close()

    def _line(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()


def read(folder: Path) -> tuple[Header, list[dict[str, Any]]]:
    """A game that was begun: how, and its entries. The last line may be half written. InputError if there is none."""
    path = folder / FILE
    if not path.is_file():
        raise InputError(f"{folder}", why="holds no game", mend=f"give the folder that `abm play` named ({FILE})")
    # Whole lines only: what a killed server had begun to write was never answered.
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    lines = whole.decode("utf-8", errors="replace").splitlines()
    try:
        head, *entries = [json.loads(line) for line in lines]
        if head.pop("form") != FORM:
            raise KeyError("form")
        version = head.pop("abm")
        header = Header(**head)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}", why="is not a game's journal, or was changed", mend="begin a new game") from None
    if version != __version__:
        raise InputError(f"{path}", why=f"was begun with version {version}", mend=f"install it; this is {__version__}")
    return header, entries


def last(home: Path) -> Path:
    """The game that was played last below a folder."""
    found = sorted(home.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise InputError(f"{home}", why="holds no game to resume", mend="name its folder: abm play --resume DIR")
    return found[-1].parent
