"""Processes that are forked after a run do runs of their own, and wait for no thread that they do not have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WORK = """
import multiprocessing, sys
from pathlib import Path

import numpy as np

import abm
from abm.machine import kernels
from experiments import sweep

PLACE = Path(sys.argv[1])


def piece(low, high, target):
    target[low:high] += 1


def runs(n):
    results = abm.run("classroom", seed=7, steps=2, threads=2)
    results.save(PLACE / f"results-{n}", report=False)
    target = np.zeros(40)
    kernels.over_blocks(piece, [(i, i + 10) for i in range(0, 40, 10)], target, threads=2)
    design = {"name": "forked", "base": "classroom", "steps": 1, "replications": 2, "outcomes": ["failed_share"],
              "vary": {"communication_cost": [0.0, 0.01]}}
    study = sweep.sweep(design, PLACE / f"store-{n}", 2, "threads", True)
    return results.result_hash(), target.tolist(), study.runs()["result_hash"].tolist()


if __name__ == "__main__":
    here = runs(0)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        there = pool.map_async(runs, [1, 2]).get(timeout=100)
    assert there == [here, here], (here, there)
    # The process that forked still has its own pool.
    assert runs(3) == here
    print("same")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_does_runs_and_sweeps_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(WORK)
    search = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(tmp_path / "work.py"), str(tmp_path)],
        capture_output=True, text=True, timeout=200, env={**os.environ, "PYTHONPATH": search},
    )  # fmt: skip
    assert done.stdout == "same\n", done.stderr[-2000:]
