"""A study's folder as a browser sends it: the few files that a map needs, under names of the server's own making."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from abm.machine.errors import InputError
from dashboards.controls.uploads import budget, check_parquet

if TYPE_CHECKING:
    from experiments.sweep.store import Study

MOST_FILES = 2000
WANTED = re.compile(r"(?:(?P<above>.*)/)?(?P<inside>manifest\.json|plan\.parquet|summary/\d{1,9}\.parquet)")
"""Files of a study that a map needs, below the folder that was chosen; order.vue sends no others."""


def study_from(files: Mapping[str, bytes], folder: Path) -> Study:
    """The study in what was sent, written below ``folder``. InputError for none, several, or tables that are too large.

    A visitor may choose the folder of a study or one above it.
    """
    from experiments.sweep.store import Study

    found: dict[str, dict[str, bytes]] = {}
    for name, content in files.items():
        match = WANTED.fullmatch(name)
        if match:
            found.setdefault(match["above"] or "", {})[match["inside"]] = content
    studies = {above: parts for above, parts in found.items() if "manifest.json" in parts}
    if len(studies) != 1:
        what, why = ("the folder", "holds no study") if not studies else (f"{len(studies)} studies", "came at once")
        raise InputError(what, why=why, mend="choose the folder of one study, in which manifest.json is")
    ((above, parts),) = studies.items()
    label = re.sub(r"[^\w.-]", "_", above.rpartition("/")[2])[:40] or "study"
    home = folder / label.lstrip(".")
    (home / "summary").mkdir(parents=True)
    if "plan.parquet" not in parts:
        raise InputError(label, why="has no plan.parquet", mend="copy the whole folder of the study again")
    left = budget()
    for inside, content in parts.items():
        path = home / inside
        path.write_bytes(content)
        if path.suffix == ".parquet":
            check_parquet(path, left)
    return Study(home)
