"""The table of levers is the one place where they are counted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import abm
from abm.population import build
from abm.quarter.policy import policy
from abm.scenario import load

WORLD = """
import numpy as np
from abm import quarter
from abm.world import levers
from abm.population import build
from abm.scenario import load
sizes = {"n_regions": 3, "n_colleges": 3, "n_enterprises": 6, "n_students": 30}
world = load("classroom").with_overrides(policy_dispersion=0.9, population=sizes, policies=[{"rule": "charter"}])
# Plain Python reads the fields of a record only from this kind of array.
world.__dict__["parameter_record"] = world.parameter_record.view(np.recarray)
state = build(world, 1)
quarter.step(state, world)
print(levers.N_DISPERSED, state.governments.stance.shape[1], len(set(state.governments.levers[:, levers.L.CHARTER])))
"""


def test_a_ninth_lever_can_be_dispersed(tmp_path: Path) -> None:
    package = tmp_path / "abm"
    shutil.copytree(Path(abm.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    text = (package / "world" / "levers.py").read_text("utf-8")
    (package / "world" / "levers.py").write_text(
        text.replace("    L.FORESIGHT,\n)", "    L.FORESIGHT,\n    L.CHARTER,\n)"), "utf-8"
    )
    # Plain Python says where it reads beyond an array.
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "ignore", "-c", WORLD]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["9", "9", "3"]


@pytest.mark.parametrize("column", ["stance", "levers"])
def test_columns_are_counted_before_a_kernel_reads_them(column: str) -> None:
    world = load("classroom")
    state = build(world, 1)
    cut = getattr(state.governments, column)[:, :-1]
    state.governments = state.governments._replace(**{column: cut.copy()})
    with pytest.raises(ValueError, match=f"`{column}` of the governments has the shape"):
        policy(state, world)
