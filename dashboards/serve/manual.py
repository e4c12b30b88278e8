"""Where the manual lies: built beside the sources, or in a folder that `abm wheelhouse` wrote."""

from __future__ import annotations

import shutil
from pathlib import Path

BUILT = Path(__file__).parents[2] / "build" / "manual"
START = "index.html"


def found() -> Path | None:
    """Its first page; None where it was not built."""
    return BUILT / START if (BUILT / START).is_file() else None


def copy(folder: Path) -> bool:
    """Put it into a folder; whether there is one."""
    if found() is None:
        return False
    shutil.copytree(BUILT, folder)
    return True
