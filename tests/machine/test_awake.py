"""Time in which nothing could run is no time of a run."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from abm.machine.awake import LONGEST, Awake
from experiments.design import load
from experiments.runs import chunks, identity


def test_a_gap_between_two_looks_counts_as_one_look() -> None:
    now = 0.0
    awake = Awake(lambda: now)
    for _ in range(8):
        now += 0.25
        awake()
    now += 3600.0
    assert awake() == pytest.approx(2.0 + LONGEST)


def test_a_run_during_which_the_machine_slept_did_not_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = [0.0]
    monkeypatch.setattr(chunks, "Awake", lambda: Awake(lambda: time.perf_counter() + asleep[0]))

    def slept(*_: Any) -> None:
        asleep[0] += 3600.0
        time.sleep(2 * chunks.LOOK_EVERY)
        raise RuntimeError("ended by itself")

    monkeypatch.setattr(chunks, "simulate", slept)
    entries = {"name": "t", "base": "classroom", "vary": {"protocol": ["nash"]}, "outcomes": ["failed_share"]}
    run = chunks.PlannedRun("key", 1, {"protocol": "nash"})
    (row,) = chunks.do(chunks.Chunk(Path(), 0, load(entries), (run,), 120.0, identity.model()))
    assert row.error == "RuntimeError: ended by itself"
    assert row.seconds < 120.0
