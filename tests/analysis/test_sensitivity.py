"""Sensitivity indices against functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.errors import InputError
from experiments.analysis._space import Space
from experiments.analysis.sensitivity import METHODS, analyse, points, sensitivity

SPACE = Space.of({"x1": (-np.pi, np.pi), "x2": (-np.pi, np.pi), "x3": (-np.pi, np.pi)})
# Ishigami & Homma (1990) with a = 7, b = 0.1: closed forms of Saltelli et al. (2008).
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}


def ishigami(drawn: pd.DataFrame) -> pd.DataFrame:
    x1, x2, x3 = (drawn[name].to_numpy() for name in SPACE.names)
    y = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
    return pd.DataFrame({"point": range(len(drawn)), "replication": 0, "status": "ok", "y": y})


def test_sobol_indices_of_ishigami_lie_in_their_intervals() -> None:
    table = sensitivity("sobol", SPACE, ishigami, "y", 1024).table.set_index("key")
    for name in SPACE.names:
        row = table.loc[name]
        assert row["low"] <= TOTAL[name] <= row["high"]
        assert abs(row["first"] - FIRST[name]) <= row["first_half_width"]
        assert row["high"] - row["low"] < 0.2


@pytest.mark.parametrize("method", ["morris", "delta", "pawn"])
def test_other_methods_find_what_matters_and_leave_out_what_does_not(method: str) -> None:
    space = Space.of({"strong": (0.0, 1.0), "weak": (0.0, 1.0), "idle": (0.0, 1.0)})

    def simulate(drawn: pd.DataFrame) -> pd.DataFrame:
        y = 3.0 * drawn["strong"] + drawn["weak"] ** 2
        return pd.DataFrame({"point": range(len(drawn)), "replication": 0, "status": "ok", "y": y})

    found = sensitivity(method, space, simulate, "y", 20 if method == "morris" else 500)
    assert found.important(3) == ["strong", "weak", "idle"]
    assert (found.table["low"] > 0).tolist() == [True, True, False]
    assert abs(found.table.iloc[2]["index"]) < 0.15 * found.table.iloc[0]["index"]
    assert "strong" in found.answer()
    assert METHODS[method].title in found.answer()


def test_morris_gives_the_slope_of_a_line() -> None:
    space = Space.of({"a": (0.0, 10.0), "b": (0.0, 1.0)})

    def simulate(drawn: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {"point": range(len(drawn)), "replication": 0, "status": "ok", "y": 2 * drawn["a"] - drawn["b"]}
        )

    table = sensitivity("morris", space, simulate, "y", 10).table.set_index("key")
    assert table.loc["a", "mu"] == pytest.approx(20.0)
    assert table.loc["b", "mu"] == pytest.approx(-1.0)


def test_failed_points_take_their_base_sample_out_and_are_said() -> None:
    n = 256
    runs = ishigami(points("sobol", SPACE, n))
    runs.loc[[0, 7, 8], "status"] = "failed"
    found = analyse("sobol", SPACE, runs, "y", n)
    assert found.n_points == (n - 2) * 5
    assert found.caveats == (
        "3 of 1,280 runs could not be used (3 failed, 0 ended without a value of `y`).",
        "2 of 256 groups of 5 points were left out for it.",
    )
    table = found.table.set_index("key")
    assert all(table.loc[name, "low"] <= TOTAL[name] <= table.loc[name, "high"] for name in SPACE.names)


def test_what_cannot_be_asked_is_named() -> None:
    with pytest.raises(InputError, match="did you mean `sobol`"):
        points("sobl", SPACE, 64)
    with pytest.raises(InputError, match="not a power of 2"):
        points("sobol", SPACE, 100)
    runs = ishigami(points("pawn", SPACE, 50)).assign(y=1.0)
    with pytest.raises(InputError, match="the same at every point"):
        analyse("pawn", SPACE, runs, "y", 50)


def test_a_sample_too_small_is_refused_and_not_taken_for_no_effect(capfd: pytest.CaptureFixture[str]) -> None:
    runs = ishigami(points("delta", SPACE, 24))
    with pytest.raises(InputError, match="Borgonovo's delta of `y` cannot be worked out from 24 points"):
        analyse("delta", SPACE, runs, "y", 24)
    assert capfd.readouterr() == ("", "")


def test_every_method_draws_whole_blocks() -> None:
    for name, method in METHODS.items():
        n = 16
        assert len(points(name, SPACE, n)) == n * method.block(3)
