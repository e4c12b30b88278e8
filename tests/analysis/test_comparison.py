"""Two scenarios over time: the difference within seeds, its band, and who is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.analysis.comparison import compare


def series(level: float, n: int = 12, seed: int = 0, steps: int = 40) -> pd.DataFrame:
    """Paths that share a replication's common part, whatever the level."""
    tables = []
    for replication in range(n):
        common = np.random.default_rng(replication).normal(0.0, 1.0)
        own = np.random.default_rng([seed, replication]).normal(0.0, 0.1, steps)
        values = common + level * np.arange(1, steps + 1) / steps + own
        tables.append(pd.DataFrame({"replication": replication, "step": np.arange(1, steps + 1), "m": values}))
    return pd.concat(tables, ignore_index=True)


def test_the_difference_is_taken_within_seeds() -> None:
    hits = 0
    for seed in range(60):
        found = compare(series(0.0, seed=2 * seed), series(1.0, seed=2 * seed + 1), ["m"], names=("calm", "push"))
        row = found.ends.iloc[0]
        # Mean of the ramp over the last 20 of 40 steps.
        hits += row["low"] < 0.7625 < row["high"]
    # 60 draws at 95 %: fewer than 51 come about once in 1,000 times.
    assert hits >= 51
    # Between seeds the spread is 1; within, about 0.14 / sqrt(20).
    assert row["high"] - row["low"] < 0.1
    last = found.series.iloc[-1]
    assert last["difference"] == pytest.approx(1.0, abs=0.2)
    assert last["a_high"] - last["a_low"] > 0.8
    assert "ends higher" in found.answer()
    assert set(found.figures()) == {"m"}


def test_the_same_scenario_does_not_end_apart() -> None:
    answers = [compare(series(0.5, seed=2 * k), series(0.5, seed=2 * k + 1), ["m"]).answer() for k in range(40)]
    # 40 draws at 95 %: more than 7 that end apart come about once in 1,000 times.
    assert sum("No difference at the end is told" not in answer for answer in answers) <= 7


def test_runs_without_a_partner_are_said() -> None:
    found = compare(series(0.0, n=5), series(1.0, n=7, seed=2), ["m"])
    assert found.n_pairs == 5
    assert found.caveats == ("2 replications without a partner were left out.",)
    with pytest.raises(InputError, match="run 2 or more"):
        compare(series(0.0, n=1), series(1.0, n=7), ["m"])


def test_a_run_shorter_than_five_years_is_not_said_to_have_them() -> None:
    assert "Means of all 8 quarters" in compare(series(0.0, steps=8), series(1.0, steps=8), ["m"]).answer()
    assert "Means of the last five years" in compare(series(0.0), series(1.0), ["m"]).answer()


def test_of_many_metrics_that_do_not_differ_hardly_any_study_names_one() -> None:
    names = [f"m{j}" for j in range(12)]

    def noise(seed: int) -> pd.DataFrame:
        values = np.random.default_rng(seed).normal(size=(40, 12))
        return pd.DataFrame(values, columns=names).assign(replication=np.repeat(range(10), 4), step=list(range(4)) * 10)

    answers = [compare(noise(2 * k), noise(2 * k + 1), names).answer() for k in range(40)]
    # 40 draws at 5 %: more than 8 come about once in 10,000 times; each metric for itself it would be 18.
    assert sum("ends higher" in answer or "ends lower" in answer for answer in answers) <= 8
    assert "all tested together at 5 %" in answers[0]


def test_a_metric_without_a_value_is_named() -> None:
    gone = series(0.0).assign(m=np.nan)
    with pytest.raises(InputError, match="`m` has no value at the end in any pair"):
        compare(gone, series(1.0), ["m"])
    some = series(0.0, n=6)
    some.loc[some["replication"] == 0, "m"] = np.nan
    assert np.isfinite(compare(some, series(1.0, n=6, seed=2), ["m"]).ends["low"]).all()
