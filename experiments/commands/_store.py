"""What the commands on sweeps share: finding a store's studies, and words for time and size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from abm.machine.errors import InputError

if TYPE_CHECKING:
    from experiments.sweep.store import Study


def found(path: Path) -> list[Study]:
    """The studies of a store, the oldest first; InputError if there are none."""
    from experiments.sweep.store import studies

    if not path.is_dir():
        raise InputError(f"{path}", why="is not a folder", mend="give the store of a sweep: studies/NAME")
    all_of_them = studies(path)
    if not all_of_them and (path / "manifest.json").exists():
        all_of_them = [study for study in studies(path.absolute().parent) if study.folder.name == path.absolute().name]
    if not all_of_them:
        raise InputError(f"{path}", why="holds no studies", mend="`abm sweep DESIGN --store DIR` makes one")
    return all_of_them


def size(n_bytes: float) -> str:
    """A size on disk in words."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:.3g} {unit}"
    return f"{n_bytes:.0f} B"
