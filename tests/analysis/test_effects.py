"""Paired effects: intervals that cover, variance that falls, prices only where something was bought."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
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
    assert "Only push surely gains something" in found.answer()
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


def test_names_of_many_outcomes_do_not_run_into_one_another() -> None:
    runs = three(1)
    labels = {f"o{i}": f"outcome {i} ten years after the end, substantive depth a place" for i in range(7)}
    runs = runs.assign(**{name: runs["x"] + i for i, name in enumerate(labels)})
    figure = paired_effects(runs, list(labels), baseline="nothing", labels=labels).figures()["effects"]
    figure.draw_without_rendering()
    boxes = [ax.xaxis.label.get_window_extent() for ax in figure.axes]
    assert len(boxes) == 7
    assert not [(i, j) for i, a in enumerate(boxes) for j, b in enumerate(boxes[:i]) if a.overlaps(b)]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)


def three(seed: int, n: int = 10, effect: float = 0.0) -> pd.DataFrame:
    """Three arms beside the baseline and three outcomes; nothing acts but, if asked for, one arm on one outcome."""
    rng = np.random.default_rng(seed)
    tables = []
    for name in ("nothing", "a", "b", "c"):
        values = rng.normal(0.0, 1.0, (n, 3))
        values[:, 0] += effect * (name == "a")
        outcomes = dict(zip(("x", "y", "z"), values.T, strict=True))
        tables.append(pd.DataFrame({"arm": name, "replication": range(n), "status": "ok", "spent": 1.0, **outcomes}))
    return pd.concat(tables, ignore_index=True)


def test_where_nothing_acts_hardly_any_study_says_that_something_does() -> None:
    said = [paired_effects(three(seed), ["x", "y", "z"], baseline="nothing").answer() for seed in range(200)]
    assert sum("moves" in text for text in said) <= 16


def test_where_nothing_is_gained_hardly_any_study_names_a_price() -> None:
    found = (paired_effects(three(seed), ["x"], baseline="nothing", cost=("spent", "x")) for seed in range(200))
    assert sum(bool(np.isfinite(effects.costs["cost"]).any()) for effects in found) <= 16


def test_an_effect_as_large_as_its_spread_is_seen_at_twice_the_usual_number_of_seeds() -> None:
    # Nine differences tested together, 20 seeds, an effect as large as the spread of the difference of two runs.
    said = [paired_effects(three(seed, 20, 2**0.5), ["x", "y", "z"], baseline="nothing") for seed in range(200)]
    told = [bool(found.table.set_index(["arm", "outcome"]).loc[("a", "x"), "is_told"]) for found in said]
    assert sum(told) >= 160


def test_of_two_equal_prices_none_is_called_the_cheapest_and_a_clear_one_is() -> None:
    equal = paired_effects(priced(2.0, 2.0), ["y"], baseline="nothing", cost=("spent", "y"))
    assert len(equal.ties) == 1 and f"{equal.ties[0]} cannot be told from it" in equal.answer()
    clear = paired_effects(priced(2.0, 4.0), ["y"], baseline="nothing", cost=("spent", "y"))
    assert clear.ties == () and "The cheapest is push" in clear.answer()


def test_two_equal_prices_are_hardly_ever_told_apart() -> None:
    found = (paired_effects(priced(2.0, 2.0, s), ["y"], baseline="nothing", cost=("spent", "y")) for s in range(200))
    assert sum(not effects.ties for effects in found) <= 16


def test_of_two_arms_that_surely_move_it_the_larger_is_said_to_move_it_most_in_this_sample() -> None:
    runs = arms(20, 1, push=1.0, pull=-3.0)
    answer = paired_effects(runs, ["y"], baseline="nothing", labels={"y": "the outcome"}).answer()
    assert answer.startswith("Pull moves in this sample most the outcome: -")
    assert "Push" not in answer and "against nothing." in answer
    one = paired_effects(arms(20, 1, push=1.0, pull=0.0), ["y"], baseline="nothing").answer()
    assert one.startswith("Push moves y: +")


def priced(of_push: float, of_pull: float, seed: int = 1) -> pd.DataFrame:
    """Two arms that gain alike, at these prices."""
    runs = arms(20, seed, push=1.0, pull=1.0)
    return runs.assign(spent=runs["arm"].map({"nothing": 0.0, "push": of_push, "pull": of_pull}))
