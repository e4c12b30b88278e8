"""Boundaries of known toys: the area put on the wrong side, the island, and critical values with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.analysis._space import Space
from experiments.analysis.boundary import critical_value, find_boundary
from tests.analysis.toys import height, plane, simulator

SQUARE = Space.of({"x": (0.0, 1.0), "y": (0.0, 1.0)})


def test_1024_runs_put_at_most_1_2_percent_of_the_plane_on_the_wrong_side() -> None:
    errors, expected = [], []
    truth = height(*plane()) > 0
    for seed in (1, 2, 3):
        found = find_boundary(SQUARE, simulator(seed), "z", 0.0, seed=seed)
        assert len(found.runs) == 1024
        errors.append(np.mean((found.chance > 0.5) != truth))
        expected.append(found.doubtful)
        island = (np.hypot(plane()[0] - 0.3, plane()[1] - 0.22) < 0.04) & truth
        assert (found.chance[island] > 0.5).all()
    assert max(errors) <= 0.012
    # What the map says of itself is what it is, within a half.
    assert np.mean(expected) == pytest.approx(np.mean(errors), rel=0.5)


def test_a_grid_of_ten_times_the_runs_is_worse() -> None:
    cells = 51
    middle = (np.arange(cells) + 0.5) / cells
    x, y = (values.ravel() for values in np.meshgrid(middle, middle, indexing="ij"))
    runs = simulator(1)(pd.DataFrame({"x": x, "y": y}))
    assert len(runs) > 10_000
    mean = runs.groupby("point")["z"].mean().to_numpy().reshape(cells, cells)
    across, along = (np.minimum((values * cells).astype(int), cells - 1) for values in plane())
    assert np.mean((mean[across, along] > 0) != (height(*plane()) > 0)) > 0.02


def test_a_line_has_its_crossing_where_it_is() -> None:
    def simulate(points: pd.DataFrame) -> pd.DataFrame:
        rng = np.random.default_rng(len(points))
        x = np.repeat(points["k"].to_numpy(), 4)
        n = len(points)
        return pd.DataFrame(
            {
                "point": np.repeat(np.arange(n), 4),
                "replication": np.tile(np.arange(4), n),
                "status": "ok",
                "y": np.tanh((x - 3.7) / 2) + rng.normal(0.0, 0.1, len(x)),
            }
        )

    found = find_boundary(Space.of({"k": (0.0, 10.0)}), simulate, "y", 0.0, n_points=40, start=16)
    assert found.line["k"].tolist() == pytest.approx([3.7], abs=0.15)
    assert set(found.figures()) == {"phase_map"}


def test_failed_runs_are_left_out_and_said() -> None:
    toy = simulator(1)

    def simulate(points: pd.DataFrame) -> pd.DataFrame:
        runs = toy(points)
        runs.loc[runs["point"] == 0, ["status", "z"]] = ["failed", np.nan]
        return runs

    found = find_boundary(SQUARE, simulate, "z", 0.0, n_points=64, start=32)
    assert found.caveats[0].startswith("12 of 256 runs could not be used (12 failed")


def worlds(seed: int, n: int = 8) -> pd.DataFrame:
    """Replications whose crossing lies at 3 times a lognormal factor of their own."""
    rng = np.random.default_rng(seed)
    k = np.exp(np.linspace(0.0, 3.0, 16))
    tables = []
    for replication in range(n):
        shift = rng.normal(0.0, 0.2)
        y = 0.7 - 0.1 * np.tanh(np.log(k / 3.0) - shift) + rng.normal(0.0, 0.005, 16)
        tables.append(pd.DataFrame({"ratio": k, "replication": replication, "status": "ok", "y": y}))
    return pd.concat(tables, ignore_index=True)


def test_the_interval_of_a_critical_value_covers_it() -> None:
    hits = 0
    for seed in range(20):
        found = critical_value(worlds(seed), "ratio", "y", 0.7, is_log=True)
        hits += found.low <= 3.0 <= found.high
    # 20 draws at 95 %: fewer than 16 come about once in 400 times.
    assert hits >= 16


def test_the_interval_covers_where_no_two_runs_share_a_value_of_the_key() -> None:
    hits = 0
    for seed in range(20):
        runs = worlds(seed)
        runs["ratio"] *= np.random.default_rng(seed).uniform(0.999, 1.001, len(runs))
        found = critical_value(runs, "ratio", "y", 0.7, is_log=True)
        hits += found.low <= 3.0 <= found.high
        # Worlds are apart by exp(0.2): the interval of 8 is about 2.36 * 0.2 / sqrt(8) to each side.
        assert 0.1 < np.log(found.high / found.low) < 0.7
    assert hits >= 16


def test_without_a_crossing_there_is_no_value() -> None:
    found = critical_value(worlds(1), "ratio", "y", 0.2, is_log=True)
    assert np.isnan(found.value)
    assert "does not cross 0.2" in found.answer()


def test_three_keys_are_no_plane() -> None:
    space = Space.of({"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0)})
    with pytest.raises(InputError, match="vary one or two"):
        find_boundary(space, simulator(1), "z", 0.0)
