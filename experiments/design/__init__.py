"""Design: a question to the model as a checked, frozen input, from a TOML file or a dictionary.

    name = "talk-is-dear"
    base = "classroom"              # a scenario: name or .toml
    steps = 80
    replications = 10
    sampler = "grid"                # one file each in experiments/design/samplers/; n = ... where it draws
    [vary]                          # parameters, levers, <policy>.<field>, population.<field>, protocol, steps, arm
    communication_cost = [0.0, 0.1, 0.2, 0.4]
    policy_dispersion = { low = 0.0, high = 1.0, n = 9 }

``outcomes`` (default: every metric, mean of the last year), ``series``, ``seed``, ``timeout``,
``simulator``, ``title`` and ``question`` may be said too, and whatever a scenario file says, to change the base:
``protocol``, [population], [parameters], [levers], [[policies]]. [arms.<name>] are sets of such
changes; a design with arms varies the key ``arm``. [[shocks]] befall the world between two steps
(experiments/design/shocks/).

Common random numbers: the seed of a run depends on the design's ``seed`` and the replication only,
so that all points meet the same draws.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abm.machine.errors import InputError, nearest
from experiments.design import reading
from experiments.design.design import MOST_REPLICATIONS, MOST_SEEDS, Design

__all__ = ["FOLDER", "MOST_REPLICATIONS", "MOST_SEEDS", "Design", "load", "names"]

FOLDER = Path(__file__).with_name("shipped")


def names() -> list[str]:
    """The designs that come with the package."""
    return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("*.toml"))


def load(design: str | os.PathLike[str] | Mapping[str, Any] | Design, **changes: Any) -> Design:
    """A design by the name of a shipped one, from a .toml file, from TOML text, or from a dictionary.

    ``changes`` replace its entries (``replications=3``, ``vary={...}``). InputError with the place, the
    reason and the mend for whatever does not fit.
    """

    if isinstance(design, Design):
        return reading.built({**design.to_tables(), **changes}, "design", "", None, design.name) if changes else design
    if isinstance(design, Mapping):
        return reading.built({**design, **changes}, "design", "", None, "unnamed")
    if isinstance(design, str) and "\n" in design:
        return reading.parsed(design, "design", None, "unnamed", changes)
    path = Path(design)
    if isinstance(design, str) and path.suffix != ".toml":
        shipped = {name: FOLDER / f"{name.replace('-', '_')}.toml" for name in names()}
        if design not in shipped:
            mend = f"{nearest(design[:80], shipped)}; a file has to end in .toml"
            raise InputError(f"design `{design[:80]}`", why="does not exist", mend=mend)
        path = shipped[design]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise InputError(f"{path}", why="cannot be read", mend=why) from None
    return reading.parsed(text, path.name, path.parent, path.stem.replace("_", "-"), changes)
