"""Boxes and trees: the same boxes as the EMA workbench, and a planted box found again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.analysis.discovery import discover
from experiments.analysis.discovery.prim import trajectory


def planted(n: int = 600, seed: int = 0, noise: float = 0.04) -> tuple[np.ndarray, np.ndarray]:
    """Cases in the corner a > 0.6, b < 0.35, some noise elsewhere."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, 4))
    return x, ((x[:, 0] > 0.6) & (x[:, 1] < 0.35)) | (rng.random(n) < noise)


def runs(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(x, columns=list("abcd")).assign(
        point=range(len(x)), replication=0, status="ok", failed_share=y.astype(float)
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.long
def test_every_box_is_that_of_the_ema_workbench(seed: int) -> None:
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    x, y = planted(seed=seed)
    theirs = prim.Prim(pd.DataFrame(x, columns=list("abcd")), y.astype(float), threshold=0.8).find_box()
    ours = trajectory(x, y)
    path = theirs.peeling_trajectory
    assert len(ours) == len(path)
    for box, limits, row, p in zip(ours, theirs.box_lims, path.to_dict("records"), theirs.qp, strict=True):
        assert np.array_equal(np.array([box.low, box.high]), limits.to_numpy(float))
        assert (box.coverage, box.density, box.mass) == pytest.approx((row["coverage"], row["density"], row["mass"]))
        for j, name in enumerate("abcd"):
            expected = [np.nan if value == -1 else value for value in p.get(name, [-1, -1])]
            assert box.quasi_p[j] == pytest.approx(expected, nan_ok=True)


def test_a_planted_box_is_found_and_said_in_words() -> None:
    found = discover(runs(*planted(1500)), list("abcd"), "failed_share", above=0.5, min_density=0.95)
    assert [c.name for c in found.conditions] in (["a", "b"], ["b", "a"])
    limits = {c.name: c for c in found.conditions}
    assert limits["a"].low == pytest.approx(0.6, abs=0.05)
    assert limits["b"].high == pytest.approx(0.35, abs=0.05)
    assert limits["a"].high is None
    assert found.box.density >= 0.95
    assert f"a at least {limits['a'].low:.3g}" in found.answer()
    assert found.tree["density"].iloc[0] > 0.9
    assert found.tree["coverage"].sum() == pytest.approx(1.0)
    assert found.tree["mass"].sum() == pytest.approx(1.0)


def test_pure_chance_gives_no_condition_that_is_sure_by_much() -> None:
    rng = np.random.default_rng(3)
    found = discover(runs(rng.random((400, 4)), rng.random(400) < 0.3), list("abcd"), "failed_share", above=0.5)
    assert found.box.coverage < 0.6 or found.box.n_restricted == 0


def test_failed_runs_are_left_out_and_said() -> None:
    table = runs(*planted())
    table.loc[:4, "status"] = "failed"
    found = discover(table, list("abcd"), "failed_share", above=0.5)
    assert len(found.y) == 595
    assert found.caveats[0].startswith("5 of 600 runs could not be used")


def test_a_bound_that_divides_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="holds in 0 of 600 runs"):
        discover(runs(*planted()), list("abcd"), "failed_share", above=2.0)
    with pytest.raises(InputError, match="give either above or below"):
        discover(runs(*planted()), list("abcd"), "failed_share")


def test_where_most_runs_are_cases_the_box_is_denser_than_they_are() -> None:
    x = np.random.default_rng(4).random((600, 4))
    table = runs(x, x[:, 0] > 0.15)
    found = discover(table, list("abcd"), "failed_share", above=0.5)
    assert [c.name for c in found.conditions] == ["a"]
    assert found.box.density > (1 + found.y.mean()) / 2
    with pytest.raises(InputError, match=r"a density of 0\.8 is no more than that of all runs, of which 8"):
        discover(table, list("abcd"), "failed_share", above=0.5, min_density=0.8)


def noise(seed: int, points: int = 100, seeds: int = 3) -> pd.DataFrame:
    """Cases that no input moves, though some points have more of them than others, whatever their inputs."""
    rng = np.random.default_rng(seed)
    x = np.repeat(rng.random((points, 4)), seeds, axis=0)
    y = rng.random(points * seeds) < np.repeat(rng.beta(0.6, 1.4, points), seeds)
    return runs(x, y).assign(point=np.repeat(range(points), seeds), replication=np.tile(range(seeds), points))


@pytest.mark.long
def test_where_nothing_acts_hardly_any_study_names_conditions() -> None:
    said = [discover(noise(seed), list("abcd"), "failed_share", above=0.5).answer() for seed in range(200)]
    assert sum(not text.startswith("No condition tells") for text in said) <= 16


@pytest.mark.long
def test_a_planted_box_is_told_from_chance_with_so_many_points() -> None:
    found = [discover(runs(*planted(200, s)), list("abcd"), "failed_share", above=0.5) for s in range(40)]
    assert sum(one.p <= 0.05 for one in found) >= 32


def test_a_density_that_nothing_reaches_is_said() -> None:
    x = np.random.default_rng(5).random((800, 3))
    y = np.random.default_rng(6).random(800) < np.where(x[:, 0] > 0.6, 0.7, 0.1)
    found = discover(
        pd.DataFrame(x, columns=list("abc")).assign(status="ok", failed_share=y.astype(float)),
        list("abc"), "failed_share", above=0.5, min_density=0.97,
    )  # fmt: skip
    assert found.box.density < 0.97
    assert "No box and no leaf holds the 97 % that were asked for" in found.answer().replace("%", " %").replace(
        "  ", " "
    )
    assert found.density.low < found.density.value == found.box.density < found.density.high
    assert found.fresh < found.box.density and "hold" in found.caveats[0]


def test_of_box_and_leaf_the_one_that_covers_more_at_the_density_is_chosen() -> None:
    for seed in range(10):
        x, y = planted(600, seed, noise=0.02)
        found = discover(runs(x, y), list("abcd"), "failed_share", above=0.5, min_density=0.9)
        leaves = found.tree[found.tree["density"] >= 0.9]
        assert found.box.density >= 0.9 or not len(leaves)
        assert found.box.coverage >= leaves["coverage"].max() - 0.02
