"""A page with one live view of a large world that goes on as fast as it can (see frames_server.py).

The model steps as on the Lab page. Its contracts are replaced by as many as are asked for, whose
substance moves from frame to frame: so many do not come about by themselves in a world of that size.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import solara

from abm.scenario import load
from dashboards.components import views
from dashboards.frames import Contracts, Frame
from dashboards.live import LiveRun

if TYPE_CHECKING:
    from abm.scenario import Scenario

STEPS = 100_000
"""Quarters after which the run would end; it does not get there."""


def scenario(n_enterprises: int, n_colleges: int) -> Scenario:
    """A world of that size on six regions."""
    population = {"n_regions": 6, "n_enterprises": n_enterprises, "n_colleges": n_colleges, "n_students": 4000}
    return load("reform_package").with_overrides(
        steps=STEPS, **{f"population.{name}": value for name, value in population.items()}
    )


def filled_up(frame: Frame, n_ties: int) -> Frame:
    """The same frame with ``n_ties`` contracts, most of them within a part of the world."""
    rng = np.random.default_rng(7)
    n, c = len(frame.enterprise_community), len(frame.college_community)
    enterprise = np.sort(rng.integers(0, n, n_ties)).astype(np.int32)
    near = (enterprise * c // n + rng.integers(0, max(2, c // 6), n_ties)) % c
    college = np.where(rng.random(n_ties) < 0.85, near, rng.integers(0, c, n_ties)).astype(np.int32)
    phase = rng.random(n_ties)
    substance = (0.5 + 0.5 * np.sin(2 * np.pi * (phase + frame.step / 40))).astype(np.float32)
    ones = np.ones(n_ties, np.int8)
    return replace(frame, contracts=Contracts(enterprise, college, 3 * ones, substance, substance, 0 * ones))


@solara.component
def Page() -> None:  # noqa: N802
    """The view, and a run that never pauses."""
    kind, sizes = os.environ["BENCH_KIND"], [int(n) for n in os.environ["BENCH_SIZES"].split()]
    run = solara.use_memo(lambda: LiveRun(scenario(*sizes[:2])), [])
    snapshot, set_snapshot = solara.use_state(run.snapshot())

    def follow() -> None:
        watcher = run.watch()
        run.set_speed(1000.0)
        run.play()
        while run.phase != "closed":
            got = watcher.next(1.0)
            if got is not None:
                set_snapshot(replace(got[1], frame=filled_up(got[1].frame, sizes[2])))
                watcher.acknowledge(got[0])

    solara.use_thread(follow, dependencies=[id(run)])
    solara.use_effect(lambda: run.close, [id(run)])
    if snapshot is not None:
        views()[kind].View(snapshot.world, snapshot.history, snapshot.frame, snapshot.step)
