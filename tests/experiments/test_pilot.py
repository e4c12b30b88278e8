"""The pilot run of a sweep: helped to compile, shown, and stopped by Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from abm.machine.errors import InputError
from abm.results import progress, warmup
from experiments.design import Design, load
from experiments.sweep import pilot

SMALL = {
    "base": "classroom",
    "steps": 6,
    "replications": 1,
    "outcomes": ["failed_share"],
    "vary": {"communication_cost": [0.0, 0.01]},
}


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked of the help to compile: cores, and "complete" for a run that was completed."""
    calls: list[Any] = []

    @contextmanager
    def in_background(cores: int) -> Generator[None]:
        calls.append(cores)
        yield

    monkeypatch.setattr(warmup, "in_background", in_background)
    monkeypatch.setattr(warmup, "everything_is_compiled", lambda: calls.append("complete"))
    return calls


def design(**changes: Any) -> Design:
    return load(SMALL, **changes)


def test_the_first_steps_are_helped_and_shown(
    helped: list[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    assert pilot.measure(design(), workers=2, is_quiet=False).seconds > 0
    assert helped == [2, "complete"]
    assert "pilot run: " in capsys.readouterr().err
    pilot.measure(design(), workers=1)
    assert helped == [2, "complete", 1, "complete"]
    assert not capsys.readouterr().err


def test_a_run_too_short_to_compile_everything_does_not_end_the_help(helped: list[Any]) -> None:
    pilot.measure(design(steps=2), workers=2)
    assert helped == [2]


def test_a_run_that_is_told_of_a_timeout_is_not_said_to_have_taken_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def times_out(*_: Any) -> None:
        raise TimeoutError("the weather does not answer")

    monkeypatch.setattr(pilot, "simulate", times_out)
    with pytest.raises(InputError, match="TimeoutError: the weather does not answer"):
        pilot.measure(design(), workers=1)


def test_ctrl_c_stops_the_sweep_and_not_only_its_pilot(helped: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    begin = pilot._FirstSteps.begin_steps

    def press(self: pilot._FirstSteps) -> None:
        begin(self)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(pilot._FirstSteps, "begin_steps", press)
    with pytest.raises(KeyboardInterrupt):
        pilot.measure(design(), workers=2)
    assert helped == [2]
