"""A live run: it plays, shows past moments again, and takes another course from any of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from abm import run
from abm.machine.errors import InputError
from abm.scenario import Scenario, load
from abm.scenario.changes import Change
from abm.world.state import State
from dashboards.live import limits
from dashboards.live.checkpoints import Checkpoints
from dashboards.live.frames import Frame
from dashboards.live.run import LiveRun
from tests.dashboards.opened import until

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 900, "steps": 24}


def small() -> Scenario:
    return load("classroom").with_overrides(**SMALL)


@contextmanager
def alive(scenario: Scenario, **options: object) -> Iterator[LiveRun]:
    live = LiveRun(scenario, **options)  # type: ignore[arg-type]
    try:
        until(lambda: live.snapshot() is not None)
        yield live
    finally:
        live.close()
        assert live.join(10)


def at(live: LiveRun, step: int) -> None:
    live.seek(step)
    until(lambda: live.phase in ("paused", "done") and live.snapshot().step == step)  # type: ignore[union-attr]


def failed(live: LiveRun) -> np.ndarray:
    snapshot = live.snapshot()
    assert snapshot is not None
    return snapshot.history.metric("failed_share", snapshot.step).copy()


def test_a_live_run_is_the_run_of_its_scenario() -> None:
    with alive(small()) as live:
        at(live, 24)
        assert live.phase == "done"
        expected = run(small()).columns["metrics"]["failed_share"]
        np.testing.assert_array_equal(failed(live), expected)


@pytest.mark.parametrize("asked", ["pause", "seek", "change"])
def test_who_stands_stays_at_the_moment_shown(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """Where a quarter takes long a pause is one only when the quarter that was begun is shown, and so is an arrival."""
    with alive(small()) as live:
        at(live, 6)
        quick = live._advance

        def slow(state: State) -> Frame | None:
            time.sleep(0.3)
            return quick(state)

        monkeypatch.setattr(live, "_advance", slow)
        live.play()
        until(lambda: live.shown_step() >= 7)
        time.sleep(0.1)
        {"pause": live.pause, "seek": lambda: live.seek(4), "change": lambda: live.change({"subsidy_rate": 0.5})}[
            asked
        ]()
        if asked == "change":
            live.pause()
        seen: list[tuple[str, int]] = []
        end = time.monotonic() + 3.0
        while time.monotonic() < end:
            with live._changed:
                seen.append((live.phase, live.shown_step()))
            time.sleep(0.002)
        standing = [step for phase, step in seen if phase == "paused"]
        assert len(standing) > 100 and len(set(standing)) == 1
        assert asked != "seek" or standing[0] == 4


def test_past_moments_are_shown_as_they_were() -> None:
    with alive(small()) as live:
        at(live, 20)
        snapshot = live.snapshot()
        assert snapshot is not None
        later = snapshot.frame
        at(live, 7)
        assert live.head == 20
        at(live, 20)
        again = live.snapshot()
        assert again is not None
        assert again.frame is not later
        assert again.frame.events == later.events
        for a, b in zip(again.frame.contracts, later.contracts, strict=True):
            np.testing.assert_array_equal(a, b)


def test_another_course_from_a_past_moment_can_be_replayed_from_its_log() -> None:
    with alive(small()) as live:
        at(live, 16)
        before = failed(live)
        at(live, 6)
        live.change({"subsidy_rate": 0.6})
        until(lambda: live.head == 6)
        at(live, 16)
        after = failed(live)
        assert live.changes == (Change(6, "subsidy_rate", 0.6),)
        np.testing.assert_array_equal(after[:6], before[:6])
        assert (after[6:] != before[6:]).any()
    changed = small().with_overrides(changes=[Change(6, "subsidy_rate", 0.6)])
    with alive(changed, start_at=16) as twin:
        until(lambda: twin.phase == "paused" and twin.head == 16)
        np.testing.assert_array_equal(failed(twin), after)


def test_a_change_in_the_past_keeps_later_ones_and_each_can_be_undone_redone_or_removed() -> None:
    with alive(small()) as live:
        at(live, 12)
        live.change({"subsidy_rate": 0.3})
        at(live, 16)
        late = failed(live)
        at(live, 4)
        live.change({"evaluation_reform": 0.8})
        at(live, 16)
        both = (Change(12, "subsidy_rate", 0.3), Change(4, "evaluation_reform", 0.8))
        assert live.changes == both
        np.testing.assert_array_equal(failed(live), _of(both, 16))
        live.undo()
        until(lambda: live.changes == both[:1] and live.phase == "paused")
        assert live.shown_step() == 16, "the moment shown stays"
        np.testing.assert_array_equal(failed(live), late)
        live.redo()
        until(lambda: live.changes == both and live.phase == "paused")
        live.remove(both[0])
        until(lambda: live.changes == both[1:] and live.phase == "paused")
        np.testing.assert_array_equal(failed(live), _of(both[1:], 16))
        live.undo()
        live.undo()
        live.undo()
        live.undo()
        until(lambda: live.changes == () and live.phase == "paused")
        np.testing.assert_array_equal(failed(live), _of((), 16))
        assert not live.course.before


def _of(changes: tuple[Change, ...], steps: int) -> np.ndarray:
    return run(small().with_overrides(changes=changes, steps=steps)).columns["metrics"]["failed_share"]


def test_what_cannot_be_left_out_without_breaking_a_later_change_is_told_and_stays() -> None:
    from abm.scenario.policies import rules

    policy = rules()["subsidy"]()
    with alive(small().with_overrides(policies=[])) as live:
        live.change({"policies": [policy]})
        until(lambda: len(live.changes) == 1)
        at(live, 2)
        live.change({"subsidy.rate": 0.2})
        until(lambda: len(live.changes) == 2)
        with pytest.raises(InputError, match="subsidy"):
            live.remove(live.changes[0])
        assert [change.start for change in live.changes] == [0, 2]


def test_what_acts_only_at_the_start_cannot_be_changed_on_the_way() -> None:
    with alive(small()) as live, pytest.raises(InputError, match="acts only when the world is built"):
        live.change({"population.n_colleges": 3})


def test_at_most_two_frames_are_under_way_and_a_lost_one_is_given_again() -> None:
    with alive(small()) as live:
        watcher = live.watch()
        first = watcher.next(1.0)
        assert first is not None
        live.step()
        until(lambda: live.snapshot().step == 1)  # type: ignore[union-attr]
        second = watcher.next(1.0)
        assert second is not None
        live.step()
        until(lambda: live.snapshot().step == 2)  # type: ignore[union-attr]
        assert watcher.next(0.1) is None
        again = watcher.next(3.0)
        assert again is not None
        assert again[1].step == 2


def test_stepping_waits_when_nobody_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.live.run.ABANDONED_AFTER", 0.2)
    with alive(small()) as live:
        live.set_speed(4)
        live.play()
        time.sleep(1.5)
        reached = live.head
        assert 0 < reached < 6
        time.sleep(0.5)
        assert live.head == reached
        live.heard()
        until(lambda: live.head > reached)


def test_checkpoints_keep_to_their_budget() -> None:
    with alive(small(), budget=lambda: 1) as live:
        at(live, 24)
        at(live, 3)
        assert live.snapshot().step == 3  # type: ignore[union-attr]
        assert len(live._checkpoints.steps) <= 2


def test_the_first_checkpoint_is_never_lost() -> None:
    from abm.population import build

    state = build(small(), 1)
    kept = Checkpoints(lambda: 0)
    for step in range(0, 40, 4):
        state.step = step
        kept.offer(state)
    assert kept.steps[0] == 0
    assert kept.nearest(39).step <= 39


def test_past_states_are_thinned_out_evenly_and_when_there_are_more_runs() -> None:
    from abm.population import build

    state = build(small(), 1)
    size, most = Checkpoints(lambda: 10**12), [10**12]
    size.keep(state)
    kept = Checkpoints(lambda: most[0])
    for step in range(0, 41, 4):
        state.step = step
        kept.offer(state)
    assert kept.steps == list(range(0, 41, 4))
    most[0] = int(4.5 * size.n_bytes)
    state.step = 44
    kept.offer(state)
    assert kept.steps == [0, 16, 32, 44]
    assert kept.n_bytes <= most[0]
    assert kept.nearest(31).step == 16


def test_runs_share_what_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.PLACES, "taken", lambda: 0)
    assert limits.checkpoint_bytes() == limits.CHECKPOINTS_A_RUN
    monkeypatch.setattr(limits.PLACES, "taken", lambda: limits.RUNS_IN_ALL)
    assert limits.checkpoint_bytes() * limits.RUNS_IN_ALL <= limits.CHECKPOINTS_IN_ALL
