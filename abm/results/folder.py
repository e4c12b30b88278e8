"""The results folder: written beside its place and renamed into it, so that it is whole or not there.

metrics.parquet      one row a step: national metrics
regions.parquet      one row a step and region
events.parquet       one row an event
contracts.parquet    one row an event in the life of a contract: signed, renewed, lapsed, blamed, ended, fined, and why
tables.parquet       one row a failed table: cause, binding party, closing moves
communities.parquet  one row a year and community
detections.parquet   one row an episode of the whole run: failure, emergence, tipping, collapse
scenario.toml        the scenario as it was run
population/          a user's own tables of institutions, if it was run with any
manifest.json        seed, steps, versions, plug-ins, platform, time, commit, hashes of the results and of own tables
summary.txt          what a person reads
report.html          the same with pictures; needs no network
columns.csv          what each column of the tables means, beside CSV
results.xlsx         all tables as sheets of one workbook, the last one what each column means, if asked for
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine import disk, plugins
from abm.machine.errors import InputError
from abm.machine.version import __version__

if TYPE_CHECKING:
    from abm.results.run_tables import RunTables

MANIFEST = "manifest.json"
BUILT_FROM = "commit.txt"
"""File of a built package with the commit of its sources (setup.py writes it)."""
WORKBOOK = "results.xlsx"
DICTIONARY = "columns"
"""Name of the data dictionary beside tables."""
PACKAGES = ("numpy", "numba", "llvmlite", "pyarrow", "pandas", "mesa")


def fresh(folder: Path) -> Path:
    """``folder``, or the first of folder-2, folder-3, ... that does not exist."""
    found, n = folder, 1
    while found.exists():
        n += 1
        found = folder.with_name(f"{folder.name}-{n}")
    return found


def check(folder: Path) -> Path:
    """The folder, if results may be written there; an InputError says why not. Makes its parents."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}", why="is a file", mend="give a folder that is new or empty")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise InputError(f"{folder}", why="holds other files", mend="give a new or empty one, or one of older results")
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        disk.discard(_beside(folder))
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _beside(folder: Path) -> Path:
    place = folder.absolute()
    return Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))


def _unwritable(folder: Path, error: OSError) -> InputError:
    return disk.unwritable(f"{folder}", error, "give another folder with --out")


def write(results: RunTables, folder: Path, *, csv: bool, report: bool, bom: bool = True, xlsx: bool = False) -> Path:
    """Write everything beside ``folder`` and rename it into place. An older results folder is replaced."""
    check(folder)
    try:
        part = _beside(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        _fill(results, part, csv=csv, report=report, bom=bom, xlsx=xlsx)
        part.chmod(0o777 & ~_mask())
        disk.take_place(part, folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        disk.discard(part)
    return folder


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _fill(results: RunTables, part: Path, *, csv: bool, report: bool, bom: bool, xlsx: bool) -> None:
    from pyarrow import parquet

    from abm.machine import arrow, spreadsheet
    from abm.results import own_tables
    from abm.results.columns import dictionary, for_sheets, sheet_tables
    from abm.results.summary import summary

    for name in results.columns:
        parquet.write_table(arrow.table(results.told(name)), part / f"{name}.parquet", compression="zstd")
        if csv:
            spreadsheet.write_csv(for_sheets(results.frame(name)), part / f"{name}.csv", bom=bom)
    about = dictionary(sheet_tables()) if csv or xlsx else None
    if csv and about is not None:
        spreadsheet.write_csv(about, part / f"{DICTIONARY}.csv", bom=bom)
    if xlsx and about is not None:
        sheets = {name: for_sheets(results.frame(name)) for name in results.columns}
        spreadsheet.write_workbook({**sheets, DICTIONARY: about}, part / WORKBOOK)
    scenario = results.scenario
    own = own_tables.copied(scenario.population, part / own_tables.FOLDER)
    if own:
        # Tables beside a scenario are found from there, wherever the folder goes.
        path = own_tables.path_of(Path(own_tables.FOLDER), own)
        scenario = replace(scenario, population=replace(scenario.population, path=path))
    (part / "scenario.toml").write_text(scenario.to_toml(), encoding="utf-8")
    about = {**manifest(results), "own_tables": own}
    (part / MANIFEST).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (part / "summary.txt").write_text(summary(results) + "\n", encoding="utf-8")
    if report:
        from abm.results.report import html

        (part / "report.html").write_text(html(results), encoding="utf-8")


def manifest(results: RunTables) -> dict[str, Any]:
    """What is needed to make the results again, and to know that they are the same."""
    return {
        "scenario": results.scenario.name,
        "seed": results.scenario.seed,
        "steps": results.scenario.steps,
        "steps_done": results.steps_done,
        "complete": results.is_complete,
        "result_hash": results.result_hash(),
        "tables_read": list(results.population.notes) if results.population else [],
        "seconds": round(results.seconds, 3),
        "abm": __version__,
        "plugins": plugins.codes(),
        "commit": commit(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "processors": os.cpu_count(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def commit() -> str | None:
    """The commit of the sources, with -dirty if they were changed; of an installed package, what it was built from."""
    here = Path(__file__).parents[1]
    if not (here.parent / ".git").exists():
        built = here / BUILT_FROM
        return built.read_text(encoding="utf-8").strip() or None if built.is_file() else None
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=here, capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None
