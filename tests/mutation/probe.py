"""Plays worlds of the golden file in plain Python; the first that differs from what is known ends it.

``python -m tests.mutation.probe FILE``: compares with the digests in FILE, or writes them there if it is not there.
Exit code 0: all as before; 1: one differs; anything else: it could not be played.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

from tests import golden


def digests(name: str) -> list[str]:
    """Digests of a world's columns, played here."""
    world = golden.worlds()[name]
    # Plain Python reads the fields of a record only from this kind of array.
    world.scenario.__dict__["parameter_record"] = world.scenario.parameter_record.view(np.recarray)
    return list(golden.run(world)["digest"])


def main() -> int:
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    known = Path(sys.argv[1])
    worlds = golden.worlds()
    # Small ones first; scenarios of the package are large and say little more.
    names = [n for n, w in worlds.items() if w.scenario.name == "small" and w.scenario.population.n_enterprises <= 60]
    if known.exists():
        before: dict[str, list[str]] = json.loads(known.read_text())
        for name in sorted(before, key=lambda n: ("charter" in n or "money" in n, len(before[n]))):
            if digests(name) != before[name]:
                print(name)
                return 1
        return 0
    known.write_text(json.dumps({name: digests(name) for name in names}))
    return 0


if __name__ == "__main__":
    if os.environ.get("NUMBA_DISABLE_JIT") != "1":
        sys.exit("set NUMBA_DISABLE_JIT=1: worlds are played in plain Python")
    sys.exit(main())
