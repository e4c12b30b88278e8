"""Files that a visitor brings: a scenario, tables of institutions, or both; checked before anything is built.

Nothing that is uploaded is executed: scenarios are TOML, tables CSV, workbooks or parquet. They are kept in a
folder of the visitor's own that goes with the visitor.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from abm.machine import bounded, disk
from abm.machine.bounded import Budget
from abm.machine.disk import NO_ROOM, said
from abm.machine.errors import InputError, TablesError
from abm.population.files import SUFFIXES, by_columns, plain_name, read
from abm.population.schema import TABLES
from abm.scenario import Scenario, from_toml, load

MOST_BYTES = 8 * 1024**2
MOST_FILES = 8
MOST_ROWS = 2_000_000
MOST_UNPACKED = 256 * 1024**2
"""Rows and bytes of the parquet tables of an upload once they are read."""
MEND = f"give one .toml, or tables named {', '.join(TABLES)} with the ending .csv, .xlsx or .parquet"


def received(files: object, most: int = MOST_FILES) -> dict[str, bytes]:
    """Name and content of what the browser sent (base64). InputError for too much or for what is no file."""
    if not isinstance(files, list | tuple):
        raise InputError("the upload", why="did not arrive whole", mend="upload it again")
    files = cast("Sequence[Any]", files)
    if not 0 < len(files) <= most:
        raise InputError(f"{len(files)} files", why=f"is not between 1 and {most}", mend=MEND)
    found: dict[str, bytes] = {}
    for file in files:
        name, text = (file.get("name"), file.get("content")) if isinstance(file, Mapping) else (None, None)
        if not isinstance(name, str) or not isinstance(text, str):
            raise InputError("the upload", why="did not arrive whole", mend="upload it again")
        if sum(map(len, found.values())) + len(text) * 3 // 4 > MOST_BYTES:
            raise InputError(
                "the upload", why=f"is larger than {MOST_BYTES // 1024**2} MB", mend="use `abm run` for it"
            )
        try:
            found[name] = base64.b64decode(text, validate=True)
        # binascii.Error, and what a text that is not ASCII gives.
        except ValueError:
            raise InputError(f"`{name[:80]}`", why="did not arrive whole", mend="upload it again") from None
    return found


def scenario_from(files: Mapping[str, bytes], folder: Path, base: Scenario | None = None) -> Scenario:
    """The scenario that the files describe; tables are written to ``folder``. InputError says what is wrong.

    ``base``: whose parameters and policies tables alone are run with (``classroom`` if not given).
    """
    texts = {name: content for name, content in files.items() if name.lower().endswith(".toml")}
    tables = {name: content for name, content in files.items() if name not in texts}
    if len(texts) > 1:
        raise InputError(f"{len(texts)} scenarios", why="came at once", mend="give one")
    scenario = _scenario(*next(iter(texts.items()))) if texts else base or load("classroom")
    if tables:
        left = budget()
        paths = [_kept(name, content, folder, left) for name, content in tables.items()]
        return scenario.with_overrides(**{"population.source": "tables", "population.path": str(folder)}, name=_name(
            scenario, texts, paths))  # fmt: skip
    if scenario.population.source == "tables":
        why = "points to tables that were not uploaded with it"
        raise InputError("`population.path`", place=next(iter(texts)), why=why, mend="upload them together")
    return scenario


def of_upload(error: InputError, folder: Path) -> InputError:
    """The same error, which names what was uploaded instead of the server's folder."""
    if isinstance(error, TablesError):
        # Its places are names of files.
        return error
    texts = (error.what, error.place, error.why, error.mend)
    what, place, why, mend = (t.replace(f"{folder}{os.sep}", "").replace(str(folder), "the upload") for t in texts)
    values = {
        key: text.replace(f"{folder}{os.sep}", "") if isinstance(text, str) else text
        for key, text in error.values.items()
    }
    return InputError(what, place=place, why=why, mend=mend, code=error.code, values=values)


def _name(scenario: Scenario, texts: Mapping[str, bytes], paths: Sequence[Path]) -> str:
    return scenario.name if texts else "tables-" + "-".join(sorted(path.stem for path in paths))[:40]


def _scenario(name: str, content: bytes) -> Scenario:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(name[:80], why="is not UTF-8 text", mend="save the file as UTF-8") from None
    return from_toml(text, name[:80])


def _kept(name: str, content: bytes, folder: Path, left: Budget) -> Path:
    """Write one table under its own plain name; a browser's file name never becomes a path."""
    plain, ending = plain_name(name), f".{name.rpartition('.')[2].lower()}"
    untold = InputError(f"`{name[:80]}`", why="does not tell which table it holds", mend=MEND)
    if ending not in SUFFIXES:
        raise untold
    path = folder / f"{plain if plain in TABLES else 'workbook'}{ending}"
    if path.is_file():
        raise InputError(f"`{name[:80]}`", why="holds a table that came already", mend="give one of them")
    try:
        path.write_bytes(content)
    except OSError as error:
        why = f"cannot be kept ({said(error)})"
        mend = "make room on the server, or upload less" if error.errno in NO_ROOM else "tell whoever runs the server"
        raise InputError(path.name, why=why, mend=mend) from None
    if ending == ".parquet":
        check_parquet(path, left)
    if plain in TABLES or ending == ".xlsx":
        return path
    # Not called after a table: by its columns.
    which = by_columns([str(column) for column in read(path, [])[0].frame.columns])
    if which is None or (folder / f"{which}{ending}").exists():
        raise untold
    named = folder / f"{which}{ending}"
    disk.rename(path, named)
    return named


def budget() -> Budget:
    """What the parquet tables of one upload may hold together."""
    return Budget(MOST_ROWS, MOST_UNPACKED, "use `abm run` for it")


def check_parquet(path: Path, left: Budget) -> None:
    """InputError for a table that cannot be read, or that would take more memory than is left to the upload."""
    bounded.table(path, left, path.name)
