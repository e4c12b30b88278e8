"""The questions of the evidence: their sums on made-up runs whose answer is known, and each asked of small worlds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm import scenario
from abm.machine.language import speaking
from abm.scenario import Scenario
from abm.world.vocabulary import PARTIES
from experiments.questions import (
    Reply,
    Setting,
    _looking,
    frontier_jumps,
    outliving_subsidy,
    what_a_yuan_buys,
    who_pays,
)

SMALL = {"n_regions": 2, "n_colleges": 6, "n_enterprises": 30, "n_students": 240}
PLAYED: list[int] = []


def seen_in(world: Scenario) -> list[dict[str, Any]]:
    """Two rows that follow from the world, and a note that it was played."""
    PLAYED.append(world.seed)
    return [{"row": row, "value": world.seed * 10 + row + world.p.communication_cost} for row in (0, 1)]


def setting(tmp_path: Path, workers: int = 1) -> Setting:
    return Setting(tmp_path / "store", workers=workers, is_quick=True, is_quiet=True)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shipped scenarios with few institutions."""
    real = scenario.load

    def load(name: Any, *args: Any, **changes: Any) -> Scenario:
        found = real(name, *args, **changes)
        return found.with_overrides(population=SMALL) if found.population.source == "synthetic" else found

    monkeypatch.setattr(scenario, "load", load)


def test_what_was_seen_is_kept_and_what_is_new_is_played(tmp_path: Path) -> None:
    base = scenario.load("classroom").with_overrides(population=SMALL, steps=2)
    arms = {"cheap": base, "dear": base.with_overrides(communication_cost=0.5)}
    wanted = _looking.worlds(setting(tmp_path), "mine", arms, range(2))
    assert [(arm, seed) for arm, seed, _ in wanted] == [
        ("cheap", 1_000_000), ("cheap", 1_000_001), ("dear", 1_000_000), ("dear", 1_000_001),
    ]  # fmt: skip
    PLAYED.clear()
    seen = _looking.looked(setting(tmp_path), wanted, seen_in, "mine")
    assert len(PLAYED) == 4 and len(seen) == 8
    assert _looking.by_seed(seen, "value", arm="dear", row=1).tolist() == [10_000_001.5, 10_000_011.5]
    again = _looking.looked(setting(tmp_path), wanted, seen_in, "mine")
    assert len(PLAYED) == 4
    pd.testing.assert_frame_equal(seen, again)
    more = _looking.worlds(setting(tmp_path), "mine", arms, range(3))
    _looking.looked(setting(tmp_path), more, seen_in, "mine")
    assert PLAYED[4:] == [1_000_002, 1_000_002]


def test_several_processes_see_the_same(tmp_path: Path) -> None:
    base = scenario.load("classroom").with_overrides(population=SMALL, steps=2)
    wanted = _looking.worlds(setting(tmp_path), "mine", {"one": base}, range(3))
    alone = _looking.looked(setting(tmp_path / "a"), wanted, seen_in, "mine")
    PLAYED.clear()
    both = _looking.looked(setting(tmp_path / "b", workers=2), wanted, seen_in, "mine")
    assert not PLAYED, "they are played elsewhere"
    pd.testing.assert_frame_equal(alone, both)


def test_who_pays_is_the_difference_of_ledgers_seed_by_seed() -> None:
    lost = dict(zip(PARTIES, (3.0, 1.0, 0.0, -2.0), strict=True))
    noise = np.random.default_rng(1).normal(0, 0.8, (len(lost), 12))
    rows = [
        {"arm": arm, "seed": seed, "party": party, "failed_share": 0.8 if arm == who_pays.FAILS else 0.1,
         "enterprises": 30, "colleges": 6,
         "net": 10.0 * seed + noise[i, seed] - (lost[party] if arm == who_pays.FAILS else noise[i, seed] * 0.5)}
        for i, party in enumerate(lost) for arm in (who_pays.FAILS, who_pays.HOLDS) for seed in range(12)
    ]  # fmt: skip
    table = who_pays.differences(pd.DataFrame(rows)).set_index("party")
    assert np.allclose(table["mean"], [-3.0, -1.0, 0.0, 2.0], atol=0.4)
    assert table["is_told"].tolist() == [True, True, False, True]
    said = who_pays.answer(table.reset_index(), pd.DataFrame(rows))
    assert said.startswith("Where 80% of the negotiations fail, and not 10% as under")
    assert re.search(r"get 2\.\d million yuan a year less of their contracts \(95 % interval 1\.\d to 2\.\d\)", said)
    assert "30 enterprises and 6 colleges" in said
    assert re.search(r"Enterprise: [23]\.\d less \(95 % interval 2\.\d to 3\.\d\)", said)
    assert re.search(r"Students: [12]\.\d more \(95 % interval 1\.\d to 2\.\d\)", said)
    assert "Most is lost by enterprise, and more than by college beyond chance (by " in said
    turned = pd.DataFrame(rows).assign(
        arm=lambda seen: seen["arm"].map({who_pays.FAILS: who_pays.HOLDS, who_pays.HOLDS: who_pays.FAILS})
    )
    said = who_pays.answer(who_pays.differences(turned), turned)
    assert re.search(r"get 2\.\d million yuan a year more of their contracts \(95 % interval 1\.\d to 2\.\d\)", said)


def test_a_ledger_is_added_up_over_all_contracts(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who_pays, "FROM", 4)
    world = scenario.load("classroom").with_overrides(steps=12, seed=3, tax_credit=0.3, supervision=0.0)
    found = {str(row["party"]): row for row in who_pays.ledgers(world)}
    assert list(found) == list(PARTIES)
    # What enterprises are credited governments pay.
    assert 0 < found["enterprise"]["tax_credit"] == pytest.approx(-found["government"]["public_money"])
    assert found["enterprise"]["public_money"] == 0.0
    assert found["enterprise"]["contracts"] > 0


def test_the_chance_that_one_that_stays_has_more() -> None:
    values, stays = np.array([1.0, 2.0, 3.0, 4.0, np.nan]), np.array([False, True, False, True, True])
    assert outliving_subsidy.auc(values, stays) == 0.75
    assert outliving_subsidy.auc(np.ones(5), stays) == 0.5
    assert np.isnan(outliving_subsidy.auc(values, np.ones(5, bool)))


NO_MATTER = ("surplus_left", "share_left", "mean_depth", "share_colleges", "age")


def communities(n_worlds: int, is_telling: bool) -> pd.DataFrame:
    """Communities of which the larger stay, or of which chance decides."""
    draw = np.random.default_rng(2)
    rows = [
        {"arm": arm, "world": world, "members": float(draw.integers(4, 40)), "is_self_sustaining": 1.0,
         **{mark: float(draw.random()) for mark in NO_MATTER}}
        for arm in (outliving_subsidy.ENDS, outliving_subsidy.GOES_ON) for world in range(n_worlds) for _ in range(4)
    ]  # fmt: skip
    seen = pd.DataFrame(rows)
    chance = draw.random(len(seen))
    seen["stays"] = (seen["members"] > 20) ^ (chance < 0.1) if is_telling else chance < 0.7
    return seen


def test_a_mark_is_chosen_in_one_half_and_judged_in_the_other() -> None:
    seen = communities(40, is_telling=True)
    ended = seen[seen["arm"] == outliving_subsidy.ENDS]
    marks = outliving_subsidy.judged(ended)
    first = marks.iloc[0]
    assert first["mark"] == "members" and first["low"] > 0.7 and first["communities"] == 80
    flipped = ended.assign(stays=np.where(ended["world"] % 2 == 1, ended["members"] <= 20, ended["stays"]))
    assert outliving_subsidy.judged(flipped).iloc[0]["auc"] < 0.1, "what chooses does not judge"
    lives = outliving_subsidy.survival(seen)
    said = outliving_subsidy.answer(lives, marks)
    assert "By their ledgers all 160 would stand" in said and "is: members (chance" in said
    by_chance = communities(40, is_telling=False)
    unsure = outliving_subsidy.judged(by_chance[by_chance["arm"] == outliving_subsidy.ENDS])
    assert "No mark tells them apart" in outliving_subsidy.answer(outliving_subsidy.survival(by_chance), unsure)
    with speaking("zh"):
        assert "成员数" in outliving_subsidy.answer(lives, marks)


def struck(saved_by_pace: float) -> pd.DataFrame:
    """Runs in which the jump costs .2, and a quarter's pace saves so much of it."""
    draw = np.random.default_rng(3)
    rows = []
    for interval in frontier_jumps.INTERVALS:
        for share in (frontier_jumps.NONE, frontier_jumps.MOST):
            for k in range(8):
                level = 0.8 + 0.01 * k
                loss = 0.2 - (saved_by_pace if interval == 1 else 0.0) + draw.normal(0, 0.001)
                for arm, forces in ((frontier_jumps.SPARED, level), (frontier_jumps.STRUCK, level - loss)):
                    rows.append(
                        {"arm": arm, frontier_jumps.INTERVAL: interval, frontier_jumps.SHARE: share,
                         "replication": k, "forces": forces}
                    )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("saved", "said"), [(0.05, "is every 1 quarters"), (0.0, "No quicker pace saves more")])
def test_a_pace_saves_what_it_saves(saved: float, said: str) -> None:
    losses = frontier_jumps.lost(struck(saved))
    table, gains = frontier_jumps.by_speed(losses), frontier_jumps.saved(losses)
    quick = gains.set_index("pace").loc["revised every 1 quarters"]
    assert quick["saved"] == pytest.approx(saved, abs=0.002)
    assert table["lost"].max() == pytest.approx(0.2, abs=0.002)
    answer = frontier_jumps.answer(table, gains)
    assert said in answer and "the jump takes 0.199" in answer


def bought(**given: tuple[float, float]) -> pd.DataFrame:
    """Ten seeds in which policies add so many jobs for so much money (1,000 yuan), everywhere and in two places."""
    draw = np.random.default_rng(4)
    runs = []
    for k in range(10):
        level, spent = 1000.0 + draw.normal(0, 50), 500.0
        runs.append({"arm": what_a_yuan_buys.NOTHING, "replication": k, "jobs": level, "money": spent})
        for rule, (jobs, money) in given.items():
            for place, share in ((what_a_yuan_buys.EVERYWHERE, 1.0), ("Here", 0.5), ("There", 0.1)):
                more, cost = jobs * share + draw.normal(0, 0.5), money if share == 1.0 else money / 2
                runs.append({"arm": f"{rule}: {place}", "replication": k, "jobs": level + more, "money": spent + cost})
    return what_a_yuan_buys.gains(pd.DataFrame(runs))


def test_a_million_yuan_buys_jobs_over_money() -> None:
    more = bought(platform=(13.0, 2000.0), subsidy=(6.0, 2000.0), tax_credit=(0.0, 2000.0), supervision=(-9.0, 2000.0))
    table = what_a_yuan_buys.bought_by(more)
    of = table.set_index(["rule", "place"])
    # 13 jobs more in each of 13 years for 2 million.
    assert of.loc[("platform", "everywhere"), "bought"] == pytest.approx(84.5, rel=0.05)
    assert of.loc[("platform", "Here"), "bought"] == pytest.approx(84.5, rel=0.1)
    assert of.loc[("platform", "There"), "bought"] == pytest.approx(16.9, rel=0.3)
    assert of["is_told"].xs("everywhere", level="place").tolist() == [True, True, False, True]
    assert what_a_yuan_buys.buys_most(table, more) == "platform"
    said = what_a_yuan_buys.said(what_a_yuan_buys.AS_IS, table, more)
    assert re.search(r"buys most by platform, 8\d job-years \[8\d, 8\d\]", said)
    assert re.search(r"It buys less by subsidy \(3\d|It buys less by subsidy \(4\d", said)
    assert re.search(r"By province it buys most in Here \(8\d\) and least in There \(1\d\)", said)
    assert re.search(r"Supervision costs 11\d job-years \(11\d to 1[12]\d\) and 2 million yuan", said)
    assert said.endswith("No gain is told from chance by tax credit.")


def test_what_buys_alike_is_not_ranked_and_what_buys_nothing_not_named() -> None:
    alike = bought(platform=(6.0, 2000.0), subsidy=(6.1, 2000.0))
    table = what_a_yuan_buys.bought_by(alike)
    assert what_a_yuan_buys.buys_most(table, alike) is None
    said = what_a_yuan_buys.said(what_a_yuan_buys.AS_IS, table, alike)
    assert "Not told from it: " in said and "It buys less" not in said
    idle = bought(platform=(0.0, 2000.0), subsidy=(0.0, 2000.0))
    said = what_a_yuan_buys.said(what_a_yuan_buys.AS_IS, what_a_yuan_buys.bought_by(idle), idle)
    assert said.endswith("no policy that costs public money buys jobs beyond chance.")


def test_what_saves_money_has_no_price_and_its_gain_is_told_all_the_same() -> None:
    saves = bought(platform=(6.0, -2000.0), subsidy=(6.0, 2000.0))
    table = what_a_yuan_buys.bought_by(saves)
    assert table.loc[table["rule"] == "platform", "bought"].isna().all()
    assert what_a_yuan_buys.buys_most(table, saves) == "subsidy"
    said = what_a_yuan_buys.said(what_a_yuan_buys.AS_IS, table, saves)
    assert re.search(r"no more public money that is told from none, by platform \(7\d", said)
    assert "No gain is told" not in said
    alone = bought(platform=(6.0, -2000.0), subsidy=(-6.0, -2000.0))
    said = what_a_yuan_buys.said(what_a_yuan_buys.AS_IS, what_a_yuan_buys.bought_by(alone), alone)
    assert "by platform" in said and "no policy" not in said
    assert re.search(r"Subsidy costs [78]\d job-years \([78]\d to [78]\d\) and saves 2 million yuan", said)


def test_chance_alone_names_a_best_policy_no_more_often_than_it_may() -> None:
    draw = np.random.default_rng(6)
    named = 0
    for _ in range(200):
        runs = [
            {"arm": arm, "replication": k, "jobs": draw.normal(1000, 5), "money": 500.0 + 100 * (arm != "nothing")}
            for k in range(12) for arm in ("nothing", "a: everywhere", "b: everywhere", "c: everywhere")
        ]  # fmt: skip
        more = what_a_yuan_buys.gains(pd.DataFrame(runs))
        table = what_a_yuan_buys.bought_by(more)
        named += "buys most" in what_a_yuan_buys.said("as it is", table, more)
    assert named <= 16


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "changes"),
    [
        (who_pays, {"FROM": 8, "STEPS": 12}),
        (outliving_subsidy, {"EXIT": 20, "STEPS": 40}),
        (frontier_jumps, {"AFTER": 2, "INTERVALS": (1, 20)}),
        (what_a_yuan_buys, {"STEPS": 12, "PAID": ("subsidy", "platform"), "worlds": lambda: REGIONS}),
    ],
    ids=["who-pays", "outliving-subsidy", "frontier-jumps", "what-a-yuan-buys"],
)
def test_each_answers_of_small_worlds(
    question: Any, changes: dict[str, Any], small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in changes.items():
        monkeypatch.setattr(question, name, value)
    monkeypatch.setattr(outliving_subsidy, "draws", lambda n: DRAWN)
    reply = question.ask(setting(tmp_path))
    assert isinstance(reply, Reply)
    assert reply.answer.endswith(".") and reply.tables and reply.figures and reply.conclusions
    assert question.ask(setting(tmp_path)).answer == reply.answer
    with speaking("zh"):
        said = question.ask(setting(tmp_path)).answer
    assert said != reply.answer and "。" in said


DRAWN = [{"reform": 0.7, "supervision": 0.5, "platform": 0.5, "subsidy": 0.4}] * 2
REGIONS = {"regions": (scenario.load("classroom").with_overrides(population=SMALL), "", "")}
