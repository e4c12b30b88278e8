"""Policy search on a toy whose cheapest good mix is known; interrupted and gone on with; the same under a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from abm.machine.errors import InputError
from experiments.analysis.search import Effort, Goal, Instrument, Search, front_of, search

INSTRUMENTS = (Instrument("money", 0.0, 1.0, "subsidy"), Instrument("rules", 0.0, 1.0, "reform"))
QUICK = Effort(n_proposals=120, batch=20, n_confirmed=12, seed=3)


class World:
    """Money is dear and reaches; rules are cheap, and only rules stay. ``rules`` needs 0.5 for nine in ten."""

    def __init__(self, replications: int, seed: int, after: int | None = None) -> None:
        self.replications, self.seed, self.left = replications, seed, after
        self.asked: list[pd.DataFrame] = []

    def __call__(self, points: pd.DataFrame) -> pd.DataFrame:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
        self.asked.append(points)
        frames: list[pd.DataFrame] = []
        for replication in range(self.replications):
            # Common random numbers: the draws of a replication are the same for all points.
            z = np.random.default_rng((self.seed, replication)).normal(size=2)
            push = points.money + points.rules
            edge = 0.5 - 0.1 * stats.norm.ppf(0.9)
            frames.append(pd.DataFrame({
                "point": range(len(points)), "replication": replication, "status": "ok",
                "cost": 10 * points.money + 2 * points.rules**2,
                "reached": (push > edge + 0.1 * z[0]).astype(float),
                "stayed": (points.rules > edge + 0.1 * z[1]).astype(float),
            }))  # fmt: skip
        return pd.concat(frames, ignore_index=True)


def found(journal: object = None, effort: Effort = QUICK, simulate: Callable | None = None) -> Search:
    return search(simulate or World(8, 1), World(200, 2), INSTRUMENTS, effort=effort, journal=journal)


@pytest.mark.parametrize("strategy", ["nsga2", "tpe"])
def test_the_cheapest_good_mix_is_found(strategy):
    result = found(effort=Effort(n_proposals=120, batch=20, n_confirmed=12, seed=3, strategy=strategy))
    best = result.cheapest
    assert best is not None
    assert best.money == 0
    # Kept needs both draws: probability .9 where each has sqrt(.9), so rules = .372 + .1 * 1.632 = .535, cost .573.
    assert best.cost == pytest.approx(0.573, abs=0.15)
    assert result.cheapest_sure.cost >= best.cost
    assert "reform" in result.answer()
    assert "subsidy" not in result.words(best)


def test_every_point_of_the_front_is_beaten_by_none():
    result = found()
    front = result.tables["front"]
    values = front[["cost", "reached", "stayed"]].to_numpy() * [1, -1, -1]
    for a in values:
        assert not any((b <= a).all() and (b < a).any() for b in values)
    assert front_of(np.array([[1.0, 2.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]])).tolist() == [True, True, False, True]


def test_a_search_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path):
    whole = found(tmp_path / "whole.journal")
    with pytest.raises(KeyboardInterrupt):
        found(tmp_path / "broken.journal", simulate=World(8, 1, after=3))
    with (tmp_path / "broken.journal").open("ab") as torn:
        # As a writer leaves it that is killed.
        torn.write(b'{"op_code":5,"worker_id":')
    again = World(8, 1)
    resumed = found(tmp_path / "broken.journal", simulate=again)
    pd.testing.assert_frame_equal(whole.tried, resumed.tried)
    pd.testing.assert_frame_equal(whole.confirmed, resumed.confirmed)
    assert sum(map(len, again.asked)) == 60  # three batches of six were answered before
    finished = World(8, 1)
    found(tmp_path / "broken.journal", simulate=finished)
    assert finished.asked == []
    longer = found(tmp_path / "broken.journal", Effort(n_proposals=140, batch=20, n_confirmed=12, seed=3))
    assert len(longer.tried) == 140


def test_a_seed_gives_the_same_search_and_another_a_different_one():
    pd.testing.assert_frame_equal(found().tried, found().tried)
    other = found(effort=Effort(n_proposals=120, batch=20, n_confirmed=12, seed=4))
    assert not found().tried.equals(other.tried)


def test_mixes_in_mind_are_tried_first():
    result = found(effort=Effort(n_proposals=4, batch=4, n_confirmed=2, starts=({"money": 0.0, "rules": 0.6},)))
    assert result.tried.iloc[0][["money", "rules"]].tolist() == [0.0, 0.6]


def test_an_unreachable_goal_is_said():
    class Never(World):
        def __call__(self, points):
            return super().__call__(points).assign(stayed=0.0)

    result = search(Never(4, 1), Never(20, 2), INSTRUMENTS, effort=Effort(n_proposals=20, batch=10, n_confirmed=4))
    assert result.cheapest is None and result.cheapest_sure is None
    assert result.answer().startswith("No mix was found")


def test_failed_runs_count_neither_way_and_are_said():
    class Failing(World):
        def __call__(self, points):
            runs = super().__call__(points)
            runs.loc[runs.replication == 0, ["status", "cost"]] = ["failed", np.nan]
            runs.loc[runs.point == 0, "status"] = "failed"
            return runs

    result = search(Failing(4, 1), World(20, 2), INSTRUMENTS, effort=Effort(n_proposals=20, batch=10, n_confirmed=4))
    assert (result.tried.n_runs[[0, 10]] == 0).all()
    assert (result.tried.n_runs.drop([0, 10]) == 3).all()
    assert any("26 runs failed" in caveat for caveat in result.caveats)
    with pytest.raises(InputError, match="every run failed"):
        search(World(4, 1), lambda points: World(2, 2)(points).assign(status="failed"), INSTRUMENTS,
               effort=Effort(n_proposals=4, batch=4))  # fmt: skip


def test_what_cannot_be_searched_is_refused(tmp_path):
    found(tmp_path / "one.journal", Effort(n_proposals=4, batch=4, n_confirmed=2))
    with pytest.raises(InputError, match="another search"):
        found(tmp_path / "one.journal", Effort(n_proposals=4, batch=4, n_confirmed=2, seed=9))
    with pytest.raises(InputError, match="did you mean `nsga2`"):
        Effort(strategy="nsga")
    with pytest.raises(InputError, match="no range"):
        Instrument("x", 1.0, 1.0)
    with pytest.raises(InputError, match="`price` is not in the runs"):
        search(World(2, 1), World(2, 1), INSTRUMENTS, goal=Goal(cost="price"), effort=Effort(n_proposals=4, batch=4))


def test_where_no_mix_is_better_than_asked_none_is_called_certain() -> None:
    from tests.trusted.claims import searched

    sure, cheap = 0, 0
    for i in range(20):
        one, _ = searched(i, 0.9, n=40)
        sure += one.cheapest_sure is not None
        cheap += one.cheapest is not None
    # 20 draws at 5 %: more than 5 come about once in 3,000 times. Each interval for itself called one certain in 9.
    assert cheap >= 10 and sure <= 5
    few, _ = searched(1, 0.97, n=40, runs=20)
    assert "it takes" in few.answer() and "fresh runs of each mix or more" in few.answer()


def test_twice_the_proposals_find_a_mix_that_is_sure() -> None:
    from tests.trusted.claims import searched

    # The cheapest of many that seemed good were lucky: alone they left no mix that was certain in 15 of 40 searches.
    for i in (1, 2, 3):
        one, chance = searched(i, 1.0, n=160)
        sure = one.cheapest_sure
        assert sure is not None and chance(sure) >= 0.9
        table = one.confirmed.sort_values("promise", ascending=False, kind="stable")
        assert table["p_sure"].is_monotonic_increasing
