"""The time left of a sweep, on a clock of its own."""

from __future__ import annotations

import pytest

from experiments.sweep.pace import Pace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_is_said_before_anything_is_known(clock: Clock) -> None:
    pace = Pace(80, 2, clock)
    pace.hand_in(0, 10)
    assert pace.seconds_left() is None


def test_loading_the_model_is_not_the_pace_of_runs(clock: Clock) -> None:
    pace = Pace(80, 2, clock)
    for number in range(4):
        pace.hand_in(number, 10)
    clock.now = 14.0
    # Ten runs of a second each, the first with four more for the model.
    pace.end(0, 10, 14.0, 5.0)
    pace.end(1, 10, 14.0, 5.0)
    assert pace.seconds_left() == pytest.approx(60 * 1.0 / 2)
    clock.now = 19.0
    assert pace.seconds_left() == pytest.approx(60 / 2 - 5)


def test_a_chunk_of_one_run_counts_with_its_loading_until_more_is_known(clock: Clock) -> None:
    pace = Pace(4, 1, clock)
    pace.hand_in(0, 1)
    pace.end(0, 1, 6.0, 6.0)
    assert pace.seconds_left() == pytest.approx(18)
    pace.hand_in(1, 1)
    pace.end(1, 1, 2.0, 0.0)
    assert pace.seconds_left() == pytest.approx(4)


def test_runs_that_are_copied_take_no_time_and_the_last_chunk_is_not_shared(clock: Clock) -> None:
    pace = Pace(20, 2, clock)
    pace.hand_in(0, 10)
    pace.hand_in(1, 0)
    pace.hand_in(2, 10)
    pace.end(1, 0, 0.1, 0.0)
    assert pace.seconds_left() is None
    clock.now = 10.0
    pace.end(0, 10, 10.0, 0.0)
    assert pace.seconds_left() == pytest.approx(0, abs=1e-9)
    pace.give_back(2)
    pace.hand_in(2, 10)
    assert pace.seconds_left() == pytest.approx(10)
    pace.end(2, 10, 10.0, 0.0)
    assert pace.seconds_left() == 0.0
