"""The dashboard's server for worlds with as many contracts as are asked for, in a process of its own.

python -m tests.benchmarks.frames_server PORT CONTRACTS

Pages, feed and model are those that visitors have. Only the contracts in the frames are replaced, by as
many as wanted whose substance moves from frame to frame: so many do not come about by themselves in a
world of a few hundred institutions. With 0 contracts nothing is replaced.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dashboards.live import run as live
from dashboards.live.frames import Contracts, frame_of
from dashboards.serve import assets, server

if TYPE_CHECKING:
    from abm.world.state import State
    from dashboards.live.frames import Frame


@cache
def _ties(n_ties: int, n_enterprises: int, n_colleges: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Enterprises, colleges and phases of the contracts, most of them within a part of the world."""
    rng = np.random.default_rng(7)
    enterprise = np.sort(rng.integers(0, n_enterprises, n_ties)).astype(np.int32)
    near = (enterprise * n_colleges // n_enterprises + rng.integers(0, max(2, n_colleges // 6), n_ties)) % n_colleges
    college = np.where(rng.random(n_ties) < 0.85, near, rng.integers(0, n_colleges, n_ties)).astype(np.int32)
    return enterprise, college, rng.random(n_ties)


def filled_up(frame: Frame, n_ties: int) -> Frame:
    """The same frame with ``n_ties`` contracts."""
    enterprise, college, phase = _ties(n_ties, len(frame.enterprise_community), len(frame.college_community))
    substance = (0.5 + 0.5 * np.sin(2 * np.pi * (phase + frame.step / 40))).astype(np.float32)
    ones = np.ones(n_ties, np.int8)
    return replace(frame, contracts=Contracts(enterprise, college, 3 * ones, substance, substance, 0 * ones))


def serve(port: int, n_ties: int) -> None:
    """Serve until the process is ended."""

    def frame(state: State, related_fit: float) -> Frame:
        return filled_up(frame_of(state, related_fit), n_ties)

    if n_ties:
        live.frame_of = frame
    # As `abm dashboard` does: without them pages stay empty.
    assets.fetch(is_quiet=True)
    server.serve(server.Address(port=port), opens_browser=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
