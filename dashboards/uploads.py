"""Files that a visitor brings: a scenario, tables of institutions, or both; checked before anything is built.

Nothing that is uploaded is executed: scenarios are TOML, tables CSV or parquet. They are kept in a
folder of the visitor's own that goes with the visitor.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from abm.errors import InputError, TablesError
from abm.population.schema import TABLES
from abm.scenario import Scenario, from_toml, load

MOST_BYTES = 8 * 1024**2
MOST_FILES = 8
MOST_ROWS = 2_000_000
MOST_UNPACKED = 512 * 1024**2
"""Rows and bytes of a parquet table once it is read."""
MEND = "give one .toml, or tables named " + ", ".join(TABLES) + " with the ending .csv or .parquet"


def received(files: Sequence[Mapping[str, Any]], most: int = MOST_FILES) -> dict[str, bytes]:
    """Name and content of what the browser sent (base64). InputError for too much or for what is no file."""
    if not 0 < len(files) <= most:
        raise InputError(f"{len(files)} files", why=f"is not between 1 and {most}", mend=MEND)
    found: dict[str, bytes] = {}
    for file in files:
        name = str(file.get("name", ""))
        text = str(file.get("content", ""))
        if sum(map(len, found.values())) + len(text) * 3 // 4 > MOST_BYTES:
            raise InputError(
                "the upload", why=f"is larger than {MOST_BYTES // 1024**2} MB", mend="use `abm run` for it"
            )
        try:
            found[name] = base64.b64decode(text, validate=True)
        except binascii.Error:
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
        paths = [_kept(name, content, folder) for name, content in tables.items()]
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
    what, place, why, mend = (t.replace(f"{folder}/", "").replace(str(folder), "the upload") for t in texts)
    return InputError(what, place=place, why=why, mend=mend)


def _name(scenario: Scenario, texts: Mapping[str, bytes], paths: Sequence[Path]) -> str:
    return scenario.name if texts else "tables-" + "-".join(sorted(path.stem for path in paths))[:40]


def _scenario(name: str, content: bytes) -> Scenario:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(name[:80], why="is not UTF-8 text", mend="save the file as UTF-8") from None
    return from_toml(text, name[:80])


def _kept(name: str, content: bytes, folder: Path) -> Path:
    """Write one table under its own plain name; a browser's file name never becomes a path."""
    stem, _, ending = name.rpartition(".")
    if stem not in TABLES or ending.lower() not in ("csv", "parquet"):
        raise InputError(f"`{name[:80]}`", why="does not tell which table it holds", mend=MEND)
    path = folder / f"{stem}.{ending.lower()}"
    try:
        path.write_bytes(content)
    except OSError as error:
        why = f"cannot be kept ({error.strerror})"
        raise InputError(path.name, why=why, mend="make room on the server, or upload less") from None
    if path.suffix == ".parquet":
        check_parquet(path)
    return path


def check_parquet(path: Path) -> None:
    """Look at the announced size only: a small file may unpack to more than the memory holds."""
    from pyarrow import ArrowException, parquet

    try:
        about = parquet.read_metadata(path)
    except (ArrowException, OSError) as error:
        why = f"cannot be read as parquet ({str(error)[:200]})"
        raise InputError(path.name, why=why, mend="write it again or use CSV") from None
    size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    if about.num_rows > MOST_ROWS or size > MOST_UNPACKED:
        why = f"unpacks to {about.num_rows:,} rows and {size / 1024**2:,.0f} MB"
        raise InputError(path.name, why=why, mend="use `abm run` for it")
