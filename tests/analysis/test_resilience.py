"""Loss and recovery of made-up responses whose loss and recovery are known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from abm.errors import InputError
from experiments.analysis.resilience import resilience

STEPS, AT = 120, 40


def table(shocked: dict[str, list[np.ndarray]], seeds: int = 6) -> pd.DataFrame:
    """Spared worlds grow and wobble; a shocked one is the spared one of its seed times 1 - its loss."""
    spared = [2 + 0.01 * np.arange(STEPS) + 0.1 * np.random.default_rng(i).normal(size=STEPS) for i in range(seeds)]
    parts = [
        pd.DataFrame({"shock": "none", "replication": i, "step": range(STEPS), "x": run, "n": 4.0})
        for i, run in enumerate(spared)
    ]
    for name, losses in shocked.items():
        for i, loss in enumerate(losses):
            values = {"x": spared[i] * (1 - loss), "n": 4.0 * (1 - loss)}
            parts.append(pd.DataFrame({"shock": name, "replication": i, "step": range(STEPS), **values}))
    return pd.concat(parts, ignore_index=True)


def fading(depth: float, half_life: float) -> np.ndarray:
    since = np.arange(STEPS) - AT
    return np.where(since >= 0, depth * 0.5 ** (np.maximum(since, 0) / half_life), 0.0)


def test_a_fading_loss_is_measured_and_recovers_in_time():
    found = resilience(table({"blow": [fading(0.5, 10)] * 6}), {"blow": AT}, ["x"], spared="none", communities="n")
    row = found.summary.iloc[0]
    level = 2 + 0.01 * (AT - 2.5)
    year = np.mean([0.5 * 0.5 ** (t / 10) * (2 + 0.01 * (AT + t)) for t in range(4)]) / level
    assert row.loss == pytest.approx(year, rel=0.05)
    # 0.5 x 2^(-t/10) x growth falls to a tenth of the level after about 24 quarters.
    assert 21 <= row.quarters <= 27
    assert row.recovered == 1 and row.n_hit == 6
    assert row.lasting == pytest.approx(0, abs=0.02)
    assert found.standing.standing[0] == pytest.approx(1, abs=0.02)
    assert "back within 10 % after" in found.answer().replace("10%", "10 %")
    before = found.paths[found.paths.quarter < 0]
    assert before["mean"].abs().max() == 0


def test_a_lasting_loss_never_recovers():
    found = resilience(table({"end": [fading(0.4, 1e9)] * 6}), {"end": AT}, ["x"], spared="none", communities="n")
    row = found.summary.iloc[0]
    assert math.isinf(row.quarters) and row.recovered == 0
    assert row.lasting > 0.4
    assert found.standing.standing[0] == pytest.approx(0.6, abs=0.001)
    assert "only in 0% of the runs" in found.answer()


def test_what_does_nothing_has_no_loss():
    found = resilience(table({"nothing": [np.zeros(STEPS)] * 6}), {"nothing": AT}, ["x"], spared="none")
    assert found.summary.loss[0] == 0
    assert found.summary.n_hit[0] == 0
    assert "no loss" in found.answer()
    assert "standing" not in found.tables


def test_half_of_the_runs_recover():
    losses = [fading(0.5, 10)] * 3 + [fading(0.5, 1e9)] * 3
    row = resilience(table({"blow": losses}), {"blow": AT}, ["x"], spared="none").summary.iloc[0]
    assert row.recovered == 0.5
    assert row.recovered_low < 0.5 < row.recovered_high
    assert math.isfinite(row.quarters)


def test_incomplete_pairs_are_said_and_odd_input_refused():
    runs = table({"blow": [fading(0.5, 10)] * 6})
    broken = runs[~((runs.shock == "blow") & (runs.replication == 2) & (runs.step > 80))]
    found = resilience(broken, {"blow": AT}, ["x"], spared="none")
    assert found.summary.n_runs[0] == 5
    assert "1 runs" in found.caveats[0]
    for words in ({"strikes": {"bow": AT}}, {"responses": ["y"]}, {"spared": "nobody"}):
        with pytest.raises(InputError, match="is not in the runs"):
            resilience(runs, **{"strikes": {"blow": AT}, "responses": ["x"], "spared": "none", **words})
    with pytest.raises(InputError, match="something to lose"):
        resilience(runs.assign(x=0.0), {"blow": AT}, ["x"], spared="none")
