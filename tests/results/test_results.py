"""abm.run: tables, what they add up to, and that they do not depend on threads or on looking."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import abm
from abm.results import TABLES
from abm.results.recording import KEPT_A_STEP, Recorder
from abm.scenario import load
from abm.world.vocabulary import CAUSES

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 600, "steps": 12}


@pytest.fixture(scope="module")
def results() -> abm.Results:
    return abm.run("classroom", seed=3, **SMALL)


def test_public_names_are_found_and_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys, abm; heavy = {'numba', 'mesa', 'pandas', 'numpy', 'pyarrow'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert set(abm.__all__) <= set(dir(abm)); [getattr(abm, name) for name in abm.__all__]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="public names"):
        _ = abm.nothing


def test_tables_add_up(results: abm.Results) -> None:
    regions, metrics = results.regions, results.metrics
    assert results.is_complete and list(metrics["step"]) == list(range(12))
    by_step = regions.groupby("step")[["tables", "signed", *(f"failed_{cause}" for cause in CAUSES)]].sum()
    assert np.array_equal(by_step["tables"], metrics["n_tables"])
    failed = by_step[[f"failed_{cause}" for cause in CAUSES]].sum(axis=1)
    assert np.array_equal(by_step["tables"], by_step["signed"] + failed)
    assert set(results.tables["cause"]) <= set(CAUSES)
    assert np.allclose(regions.groupby("step")["spent_supervision"].sum(), metrics["spent_supervision"])


def test_the_same_bytes_with_any_number_of_threads_and_in_another_process(results: abm.Results) -> None:
    assert abm.run("classroom", seed=3, threads=3, **SMALL).result_hash() == results.result_hash()
    code = f"import abm; print(abm.run('classroom', seed=3, **{SMALL!r}).result_hash())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == results.result_hash()
    assert abm.run("classroom", seed=4, **SMALL).result_hash() != results.result_hash()


def test_the_hash_of_results_is_that_of_folders_written_before_detections_were_kept() -> None:
    columns = {
        "metrics": {"step": np.arange(2, dtype=np.int32), "agreement_rate": np.array([0.25, np.nan])},
        "regions": {"name": ["north", "south"], "stage": np.array([0, 3], np.int8)},
        "events": {"kind": ["stage_changed"], "value": np.array([1.0])},
        "contracts": {"what": ["signed"], "weight": np.array([1.5])},
        "tables": {"cause": ["funding", "distrust"]},
        "communities": {"enterprises": [[1, 2, 3]], "has_charter": np.array([True])},
    }
    assert set(columns) | {"detections"} == set(TABLES)
    results = abm.Results(load("classroom"), 2, ("north", "south"), columns)
    assert results.result_hash() == "adf9364e8483392f0ff27661f5a9a37d"
    columns["communities"]["has_charter"][0] = False
    assert results.result_hash() != "adf9364e8483392f0ff27661f5a9a37d"


def test_a_run_ends_when_told_and_says_so() -> None:
    partial = abm.run("classroom", seed=3, after_step=lambda state: state.step == 2, **SMALL)
    assert (partial.steps_done, partial.is_complete) == (2, False)
    assert partial.verdict().startswith("Stopped early, after 2 of 12 quarters.")


def test_of_very_many_failed_tables_even_ones_are_kept_with_their_weight(results: abm.Results) -> None:
    from abm.population import build
    from abm.quarter import step

    scenario = load("classroom").with_overrides(**SMALL)
    state = build(scenario, 3)
    step(state, scenario)
    assert state.tables is not None
    failed = np.flatnonzero(state.tables.cause >= 0)
    n = 3 * KEPT_A_STEP
    state.tables = type(state.tables)(*(column[np.resize(failed, n)] for column in state.tables))
    recorder = Recorder()
    recorder.record(state)
    tables = recorder.tables()
    assert len(tables["cause"]) == KEPT_A_STEP
    assert list(tables["table"][:3]) == [0, 3, 6]
    assert np.sum(tables["weight"]) == n


@pytest.fixture
def ctrl_c_interrupts() -> Iterator[None]:
    """Python's own answer to Ctrl-C, also where the tests were started with SIGINT ignored (nohup, a script)."""
    import signal

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.fixture
def no_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test before in the same process may have left a prompt behind: IPython sets both."""
    monkeypatch.delattr("builtins.get_ipython", raising=False)
    monkeypatch.delattr(sys, "ps1", raising=False)


@pytest.mark.usefixtures("ctrl_c_interrupts", "no_prompt")
def test_a_run_at_the_prompt_is_shown_and_what_was_done_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    import signal

    from abm.results import progress

    seen: list[int] = []

    def stop(state: Any) -> bool:
        seen.append(int(state.step))
        if len(seen) == 3:
            signal.raise_signal(signal.SIGINT)
        return False

    results = abm.run("classroom", seed=1, steps=8, progress=True, after_step=stop)
    assert results.steps_done == 3 and not results.is_complete and len(results.metrics) == 3
    assert "stopped after 3 of 8 steps, which are kept" in capfd.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        abm.run("classroom", seed=1, steps=8, after_step=lambda _: signal.raise_signal(signal.SIGINT) is not None)
    patience, progress.PATIENCE = progress.PATIENCE, 0.0
    try:
        abm.run("classroom", seed=1, steps=8, progress=True)
    finally:
        progress.PATIENCE = patience
    assert capfd.readouterr().err


@pytest.mark.usefixtures("no_prompt")
def test_who_waits_at_a_prompt_is_told(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    from abm.results import progress

    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    abm.run("classroom", seed=1, steps=4)
    assert not capfd.readouterr().err
    monkeypatch.setattr("builtins.get_ipython", lambda: None, raising=False)
    abm.run("classroom", seed=1, steps=4)
    assert capfd.readouterr().err
    monkeypatch.delattr("builtins.get_ipython")
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    abm.run("classroom", seed=1, steps=4)
    assert "step" in (said := capfd.readouterr().err) or "building the world" in said
