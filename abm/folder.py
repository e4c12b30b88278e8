"""The results folder: written beside its place and renamed into it, so that it is whole or not there.

metrics.parquet      one row a step: national metrics
regions.parquet      one row a step and region
events.parquet       one row an event
contracts.parquet    one row an event in the life of a contract: signed, renewed, lapsed, blamed, ended, fined, and why
tables.parquet       one row a failed table: cause, binding party, closing moves
communities.parquet  one row a year and community
scenario.toml        the scenario as it was run
manifest.json        seed, steps, versions, platform, time, commit, hash of the results
summary.txt          what a person reads
report.html          the same with pictures; needs no network
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm import __version__
from abm.errors import InputError

if TYPE_CHECKING:
    from abm.results import Results

MANIFEST = "manifest.json"
PACKAGES = ("numpy", "numba", "llvmlite", "pyarrow", "pandas", "mesa", "graspologic-native")


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
        _beside(folder).rmdir()
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _beside(folder: Path) -> Path:
    place = folder.absolute()
    return Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(f"{folder}", why=f"cannot be written ({error.strerror})", mend="give another folder with --out")


def write(results: Results, folder: Path, *, csv: bool, report: bool) -> Path:
    """Write everything beside ``folder`` and rename it into place. An older results folder is replaced."""
    check(folder)
    try:
        part = _beside(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        _fill(results, part, csv=csv, report=report)
        part.chmod(0o777 & ~_mask())
        if folder.exists():
            old = _beside(folder)
            folder.replace(old / "old")
            part.replace(folder)
            shutil.rmtree(old)
        else:
            part.replace(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _fill(results: Results, part: Path, *, csv: bool, report: bool) -> None:
    from pyarrow import parquet

    from abm import arrow

    for name, columns in results.columns.items():
        parquet.write_table(arrow.table(columns), part / f"{name}.parquet", compression="zstd")
        if csv:
            results.frame(name).to_csv(part / f"{name}.csv", index=False)
    (part / "scenario.toml").write_text(results.scenario.to_toml(), encoding="utf-8")
    (part / MANIFEST).write_text(json.dumps(manifest(results), indent=2) + "\n", encoding="utf-8")
    (part / "summary.txt").write_text(results.summary() + "\n", encoding="utf-8")
    if report:
        from abm.report import html

        (part / "report.html").write_text(html(results), encoding="utf-8")


def manifest(results: Results) -> dict[str, Any]:
    """What is needed to make the results again, and to know that they are the same."""
    return {
        "scenario": results.scenario.name,
        "seed": results.scenario.seed,
        "steps": results.scenario.steps,
        "steps_done": results.steps_done,
        "complete": results.is_complete,
        "result_hash": results.result_hash(),
        "seconds": round(results.seconds, 3),
        "abm": __version__,
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
    """The commit of the sources, with -dirty if they were changed; None outside a checkout."""
    here = Path(__file__).parent
    if not (here.parent / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=here, capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None
