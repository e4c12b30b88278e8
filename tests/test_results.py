"""abm.run: tables, what they add up to, and that they do not depend on threads or on looking."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import abm
from abm.diagnosis import CAUSES
from abm.recording import KEPT_A_STEP, Recorder

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


def test_a_run_ends_when_told_and_says_so() -> None:
    partial = abm.run("classroom", seed=3, after_step=lambda state: state.step == 2, **SMALL)
    assert (partial.steps_done, partial.is_complete) == (2, False)
    assert partial.verdict().startswith("Stopped early, after 2 of 12 quarters.")


def test_of_very_many_failed_tables_even_ones_are_kept_with_their_weight(results: abm.Results) -> None:
    from abm.population import build
    from abm.scenario import load
    from abm.simulation import step

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
