"""A user's own tables of institutions, copied beside what was made of them: results say from what they come."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from abm.population.files import files_of
from abm.population.spec import PopulationSpec

FOLDER = "population"
"""Where a results folder has them."""


def copied(spec: PopulationSpec, folder: Path) -> dict[str, str]:
    """Copy the tables of a population into a folder; their hashes by file name, empty where it is made otherwise."""
    found: dict[str, str] = {}
    if spec.source != "tables":
        return found
    for path in files_of(spec.path):
        # Of two files of the same name, from two folders, each keeps its own.
        name, n = path.name, 1
        while name in found:
            n += 1
            name = f"{path.stem} ({n}){path.suffix}"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
        found[name] = digest(folder / name)
    return found


def path_of(folder: Path, names: dict[str, str]) -> str:
    """The copied tables as a scenario's `path`."""
    return os.pathsep.join(str(folder / name) for name in names)


def digest(path: Path) -> str:
    """BLAKE2b of a file, in 32 hexadecimal digits."""
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
