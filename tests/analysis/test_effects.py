"""Paired effects: intervals that cover, variance that falls, prices only where something was bought."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.errors import InputError
from experiments.analysis.effects import paired_effects
from experiments.analysis.intervals import band, mean_interval, ratio_interval
from experiments.sweep import sweep


def arms(n: int = 30, seed: int = 1, **effects: float) -> pd.DataFrame:
    """Runs whose arms share a common part within a replication; money is 2 a unit of effect."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0.0, 1.0, n)
    tables = []
    for name, effect in {"nothing": 0.0, **effects}.items():
        value = common + effect + rng.normal(0.0, 0.2, n)
        spent = 1.0 + 2.0 * effect
        tables.append(
            pd.DataFrame(
                {"arm": name, "replication": range(n), "status": "ok", "y": value, "spent": spent, "ties": value}
            )
        )
    return pd.concat(tables, ignore_index=True)


def test_the_interval_of_a_paired_difference_covers_the_effect_as_often_as_it_says() -> None:
    hits = 0
    for seed in range(400):
        row = paired_effects(arms(12, seed, push=0.5), ["y"], baseline="nothing").table.iloc[0]
        hits += row["low"] <= 0.5 <= row["high"]
    # 400 draws at 95 %: 380 expected, standard deviation 4.4.
    assert 366 <= hits <= 394


def test_common_random_numbers_cut_the_variance_of_a_difference() -> None:
    row = paired_effects(arms(200, push=0.5), ["y"], baseline="nothing").table.iloc[0]
    # Exact: 2 * 0.04 against 2 * 1.04.
    assert row["variance_ratio"] == pytest.approx(0.0385, rel=0.3)


def test_a_failed_run_takes_its_pair_out_and_is_said() -> None:
    runs = arms(10, push=0.5)
    runs.loc[(runs["arm"] == "push") & (runs["replication"] == 3), ["status", "y"]] = ["failed", np.nan]
    found = paired_effects(runs, ["y"], baseline="nothing")
    assert found.table.iloc[0]["n_pairs"] == 9
    assert found.caveats == ("1 of 20 runs could not be used (1 failed, 0 ended without a value of `y`).",)


def test_a_price_is_that_of_a_unit_gained_and_none_where_nothing_is() -> None:
    found = paired_effects(arms(40, push=0.5, idle=0.0), ["y"], baseline="nothing", cost=("spent", "ties"))
    push, idle = found.costs.to_dict("records")
    assert push["cost_low"] < 2.0 < push["cost_high"]
    assert np.isnan(idle["cost"])
    assert "The cheapest is push" in found.answer()
    assert set(found.figures()) == {"effects", "costs"}


def test_the_ratio_and_the_interval_agree_with_textbook_values() -> None:
    mean, low, high = mean_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    # t(0.975, 3) = 3.1824; s = 1.2910.
    assert (mean, low, high) == pytest.approx((2.5, 0.4457, 4.5543), abs=1e-4)
    assert ratio_interval(np.array([2.0, 2.0]), np.array([1.0, 1.0]))[0] == 2.0


def test_a_band_is_the_interval_of_each_column() -> None:
    values = np.array([[1.0, np.nan, np.nan], [2.0, 5.0, np.nan], [4.0, 7.0, np.nan], [5.0, np.nan, 3.0]])
    expected = np.array([mean_interval(column) for column in values.T]).T
    np.testing.assert_allclose(np.array(band(values)), expected)
    assert np.isnan(expected[1:, 2]).all() and expected[0, 2] == 3.0


def test_an_unknown_baseline_or_outcome_is_named() -> None:
    with pytest.raises(InputError, match="baseline `none` is not an arm"):
        paired_effects(arms(push=1.0), ["y"], baseline="none")
    with pytest.raises(InputError, match="did you mean `spent`"):
        paired_effects(arms(push=1.0), ["spend"], baseline="nothing")


def test_pairs_of_the_model_share_their_chance(tmp_path) -> None:
    design = {
        "name": "pairs",
        "base": "classroom",
        "steps": 24,
        "replications": 12,
        "population": {"n_regions": 3, "n_colleges": 9, "n_enterprises": 45, "n_students": 900},
        "outcomes": ["failed_share"],
        "sampler": "table",
        "arms": {"nothing": {}, "platform": {"levers": {"platform": 0.6}}},
        "points": [{"arm": "nothing"}, {"arm": "platform"}],
    }
    runs = sweep(design, store=tmp_path, executor="serial", is_quiet=True).runs()
    row = paired_effects(runs, ["failed_share"], baseline="nothing").table.iloc[0]
    assert row["n_pairs"] == 12
    assert row["variance_ratio"] < 1.0
