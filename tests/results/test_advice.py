"""Advice: its branches are runs that anybody can make, its ranks and intervals follow from them, its money is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

import abm
from abm.machine.errors import InputError
from abm.machine.language import speaking
from abm.population import tables
from abm.results.advice import (
    AGAINST,
    CONFIDENCE,
    GROUPS,
    LEVERS_THAT_HELP,
    MEASURES,
    Advice,
    Estimate,
    Mend,
    advise,
    estimates,
)
from abm.results.branches import Move, Task, changed, moment, move, played, possible_pairs
from abm.results.mends import section
from abm.scenario import Scenario, load
from abm.world.levers import BY_NAME, LEVERS, can_act, helpful_end, is_paid
from abm.world.vocabulary import CAUSES, DISTRUST, FUNDING

SMALL: dict[str, Any] = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 400}
QUARTER, HORIZON, SEEDS, FIRST = 5, 8, 3, 11


@pytest.fixture(scope="module")
def world() -> Scenario:
    # A rule on a lever that adds, one that takes the larger, and one that looks at what is measured.
    rules = (
        {"rule": "subsidy", "rate": 0.1},
        {"rule": "supervision", "probability": 0.3},
        {"rule": "adaptive_platform", "start": 0.1},
    )
    return load("classroom").with_overrides(steps=QUARTER + HORIZON, policies=rules, **SMALL)


@pytest.fixture(scope="module")
def advice(world: Scenario) -> Advice:
    return advise(world, QUARTER, horizon=HORIZON, seeds=SEEDS, first_seed=FIRST)


def measured(results: abm.Results, scenario: Scenario) -> dict[str, float]:
    """Measures of the last quarters of a run, from its tables alone."""
    metrics: Any = results.columns["metrics"]
    regions: Any = results.columns["regions"]

    def later(name: str) -> Any:
        return metrics[name][metrics["step"] >= QUARTER]

    is_later = regions["step"] >= QUARTER
    met, signed = (float(regions[name][is_later].sum()) for name in ("tables", "signed"))
    thousands = possible_pairs(moment(tables(scenario), scenario, FIRST, 0)) / 1000
    return {
        "failures_per_pair": (met - signed) / (HORIZON / 4) / thousands,
        "failed_share": (met - signed) / met,
        "tables_per_pair": met / (HORIZON / 4) / thousands,
        "depth": float(np.mean(later("mean_substantive_depth"))),
        "depth_per_place": float(np.mean(later("substantive_depth_per_place"))),
        "jobs": float(np.mean(later("field_related_jobs")[later("step") % 4 == 1])),
        "spent_kcny": float(np.sum(later("spent_kcny"))),
    }


def run(world: Scenario, seed: int, moves: Sequence[Move]) -> dict[str, float]:
    changes: list[dict[str, Any]] = [{"from": QUARTER, one.lever: one.value} for one in moves]
    return measured(abm.run(world.with_overrides(changes=changes), seed), world)


def test_effects_are_differences_of_plain_runs_bit_for_bit(world: Scenario, advice: Advice) -> None:
    seeds = range(FIRST, FIRST + SEEDS)
    base = [run(world, seed, ()) for seed in seeds]
    by_lever = {mend.moves[0].lever: mend for mend in advice.mends[1:]}
    # Paid by a rule too, paid, free, one whose end is low.
    for lever in ("subsidy_rate", "supervision", "platform", "evaluation_reform", "revision_interval"):
        mend = by_lever[lever]
        branch = [run(world, seed, mend.moves) for seed in seeds]
        for name in MEASURES:
            then, now = (np.array([one[name] for one in runs]) for runs in (branch, base))
            found = mend.found[name]
            assert found.value == then.mean(), (lever, name)
            assert found.effect == (then - now).mean(), (lever, name)
            if (then - now).std() > 0:
                low, high = stats.t.interval(
                    CONFIDENCE, SEEDS - 1, loc=(then - now).mean(), scale=stats.sem(then - now)
                )
                assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12, abs=1e-12)
            else:
                assert found.low == found.high == found.effect
    assert any(mend.found["failures_per_pair"].effect for mend in by_lever.values())


def test_levers_that_cannot_act_are_not_played_and_those_that_act_together_are() -> None:
    world = load("classroom").with_overrides(**SMALL)
    found = advise(world, 2, horizon=1, seeds=1, pairs=True)
    idle = {"penalty", "guidelines", "status_credit", "certificates", "emerging_support", "looking_ahead"}
    idle |= {"digital_colleges", "digital_enterprises"}
    pairs = {tuple(one.lever for one in mend.moves) for mend in found.mends if len(mend.moves) == 2}
    levels = dict(zip(BY_NAME, world.base_levers, strict=True))
    for name in idle:
        assert can_act(name, world.p, levels) == (name not in found.left_out)
    assert ("digital_colleges", "digital_enterprises") in pairs and ("supervision", "penalty") in pairs
    assert not any("guidelines" in pair or "looking_ahead" in pair for pair in pairs)


def test_all_levers_that_help_are_tried_and_ranked_in_their_group(advice: Advice) -> None:
    tried = [mend.moves[0].lever for mend in advice.mends[1:]]
    assert sorted([*tried, *advice.left_out]) == sorted(LEVERS_THAT_HELP) and len(tried) > 10
    assert not {"mandate", "subsidy_budget", "distribution_rule"} & set(LEVERS_THAT_HELP)
    for group in GROUPS[:2]:
        of = advice.of(group)
        assert [mend.rank for mend in of] == list(range(1, len(of) + 1))
        effects = [mend.found["failures_per_pair"].effect for mend in of]
        assert effects == sorted(effects)
        assert all(is_paid(mend.moves[0].lever) == (group == "paid") for mend in of)
    assert {mend.moves[0].lever for mend in advice.of("paid")} == {
        "subsidy_rate", "tax_credit", "supervision", "platform", "dual_programme", "research_funding",
        "staff_exchange",
    }  # fmt: skip


def test_levers_go_halfway_from_where_they_stand(world: Scenario, advice: Advice) -> None:
    for mend in advice.mends[1:]:
        (one,) = mend.moves
        end = helpful_end(BY_NAME[one.lever])
        assert end is not None
        assert one.after == pytest.approx((one.before + end) / 2, abs=0.0051)
    # Where a rule adds 0.1 to nothing, the base becomes what is asked for less 0.1: the sum is what is meant.
    subsidy = next(mend.moves[0] for mend in advice.mends[1:] if mend.moves[0].lever == "subsidy_rate")
    assert subsidy.value == pytest.approx(subsidy.after - subsidy.before, abs=0.0051)
    assert move(world, 0, "mandate", 0.0, 0.5) is None
    assert move(world, 0, "charter", 1.0, 0.5) is None
    assert all(helpful_end(lever) in (None, lever.low, lever.high) for lever in LEVERS)


def test_a_world_that_nobody_asks_about_is_the_same_without_explanations() -> None:
    plain = load("classroom").with_overrides(**SMALL)
    known = tables(plain)
    explained, quick = (
        played(moment(known, plain, 3, 4, is_explained), plain, 4, is_explained=is_explained)
        for is_explained in (True, False)
    )
    assert explained.causes.sum() == quick.causes.sum() > 0
    assert np.count_nonzero(explained.causes) > 2 > np.count_nonzero(quick.causes)
    for name in explained._fields:
        if name != "causes":
            assert np.array_equal(getattr(explained, name), getattr(quick, name), equal_nan=True), name
    looked: list[int] = []

    def look() -> None:
        looked.append(len(looked))
        if len(looked) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(moment(known, plain, 3, 0), plain, 4, look=look)
    assert looked == [0, 1, 2]
    looked.clear()
    with pytest.raises(KeyboardInterrupt):
        moment(known, plain, 3, 4, look=look)
    assert looked == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "budget"), [("classroom", 0.0), ("classroom", 150.0), ("classroom", 2500.0), ("reform_package", 600.0)]
)
def test_no_change_costs_more_than_the_budget(name: str, budget: float) -> None:
    plain = load(name).with_overrides(**SMALL)
    found = advise(plain, 4, horizon=6, seeds=2, budget_kcny=budget)
    free = advise(plain, 4, horizon=6, seeds=2)
    costs = {mend.moves[0].lever: mend.found["spent_kcny"].effect for mend in found.mends[1:]}
    assert costs and all(cost <= budget for cost in costs.values())
    assert found.budget_kcny == budget and math.isnan(free.budget_kcny)
    dear = {mend.moves[0].lever for mend in free.of("paid") if mend.found["spent_kcny"].effect > budget}
    for lever in dear if budget else ():
        # Scaled until the money fits, and no smaller than it has to be.
        assert costs[lever] >= 0.7 * budget, lever
    if not budget:
        assert "supervision" in found.left_out and not {"supervision", "platform"} & costs.keys()
        assert "platform" in dear
    for mend in found.of("free"):
        if mend.found["spent_kcny"].effect < budget:
            assert mend.moves[0].after != mend.moves[0].before


def test_pairs_are_both_changes_at_once() -> None:
    plain = load("classroom").with_overrides(**SMALL, steps=QUARTER + HORIZON)
    found = advise(plain, QUARTER, horizon=HORIZON, seeds=2, first_seed=FIRST, pairs=True)
    singles, both = found.of("paid") + found.of("free"), found.of("paid pair") + found.of("free pair")
    # Two digital ends act together alone, and a status only with a credit that can hang on it.
    assert len(both) == len(singles) * (len(singles) - 1) // 2 + 2 > 50
    assert len({frozenset(one.lever for one in mend.moves) for mend in both}) == len(both)
    assert all(any(is_paid(one.lever) for one in mend.moves) for mend in found.of("paid pair"))
    best = found.of("paid pair")[0]
    base, then = ([run(plain, seed, moves) for seed in (FIRST, FIRST + 1)] for moves in ((), best.moves))
    effect = np.mean([b["failures_per_pair"] - a["failures_per_pair"] for a, b in zip(base, then, strict=True)])
    assert best.found["failures_per_pair"].effect == effect
    assert best.found["failures_per_pair"].effect == min(m.found["failures_per_pair"].effect for m in both
                                                         if m.group == "paid pair")  # fmt: skip


def test_intervals_leave_out_what_could_not_be_measured() -> None:
    base, branch = np.ones((3, len(MEASURES))), np.full((3, len(MEASURES)), 3.0)
    branch[0, 0], branch[1, 0] = math.nan, 5.0
    branch[:2, 1], branch[:, 2] = math.nan, math.nan
    found = estimates(base, branch)
    half = stats.t.ppf(0.95, 1) * np.std([4.0, 2.0], ddof=1) / math.sqrt(2)
    assert found[MEASURES[0]] == pytest.approx((4.0, 3.0, 3.0 - half, 3.0 + half))
    assert found[MEASURES[1]][:2] == (3.0, 2.0) and math.isnan(found[MEASURES[1]].low)
    assert all(map(math.isnan, found[MEASURES[2]]))
    assert found[MEASURES[3]] == (3.0, 2.0, 2.0, 2.0)


def mended(lever: str, effect: float, half: float, rank: int) -> Mend:
    found = {name: Estimate(5.0, effect, effect - half, effect + half) for name in MEASURES}
    return Mend((Move(lever, 0.0, 0.5, 0.5),), found, rank)


def advised(cause: int, *mends: Mend) -> Advice:
    base = Mend((), {name: Estimate(5.0, 0.0, 0.0, 0.0) for name in MEASURES})
    return Advice(8, 4, 8, 1, math.nan, cause, 0.4, (base, *mends))


def test_the_verdict_says_cause_and_mend_and_whether_they_differ() -> None:
    paid, free = mended("subsidy_rate", -3.0, 1.0, 1), mended("evaluation_reform", -2.0, 1.0, 1)
    for language in ("en", "zh"):
        with speaking(language):
            agrees, differs = (advised(cause, paid, free).verdict() for cause in (FUNDING, DISTRUST))
            for text, cause in ((agrees, FUNDING), (differs, DISTRUST)):
                assert CAUSES.label(cause, language) in text and "40%" in text
                assert "-3.0 [-4.0, -2.0]" in text and "-2.0 [-3.0, -1.0]" in text
                for lever in ("subsidy_rate", "evaluation_reform"):
                    of = BY_NAME[lever]
                    assert (of.label_zh if language == "zh" else of.label) in text
            assert agrees != differs and (" differ: " in differs or "不一致" in differs)
            nothing = advised(FUNDING, mended("subsidy_rate", -3.0, 4.0, 1))
            assert nothing.best is None and not nothing.agrees and "-3.0" not in nothing.verdict()
            assert advised(-1, paid).verdict() not in (agrees, differs)
    assert advised(FUNDING, paid, free).best is paid and advised(FUNDING, paid, free).agrees
    assert set(AGAINST) <= set(BY_NAME)


def test_levers_are_told_from_chance_all_together_and_the_best_of_those_is_named() -> None:
    t90 = stats.t.ppf(0.95, 7)
    for n, half in ((1, 9.0), (2, 9.0), (20, 9.0), (20, 3.0)):
        alike = [mended(lever, -10.0, half, 1) for lever in LEVERS_THAT_HELP[:n]]
        p = n * stats.t.sf(10.0 / (half / t90), 7)
        found = advised(FUNDING, *alike)
        assert [found.is_told(one) for one in alike] == [p <= 0.05] * n, (n, half, p)
    # One that an interval of its own would tell, of many; the largest effect, which nothing tells; one that all do.
    many = [mended(lever, 0.0, 4.0, i + 4) for i, lever in enumerate(LEVERS_THAT_HELP[5:])]
    vague, own = mended("evaluation_reform", -30.0, 40.0, 1), mended("subsidy_rate", -10.0, 9.5, 1)
    sure = mended("charter", -8.0, 2.0, 2)
    found = advised(FUNDING, own, vague, sure, *many)
    assert own.found["failures_per_pair"].high < 0.0
    assert [found.is_told(one) for one in (own, vague, sure)] == [False, False, True]
    assert found.best is sure and not found.agrees
    for language in ("en", "zh"):
        labels = [one.label(language) for one in (own, vague, sure)]
        assert [label in found.verdict(language) for label in labels] == [False, False, True]
    none = advised(FUNDING, own, vague, *many)
    n = 2 + len(many)
    assert none.best is None and f"Of {n} levers that were each moved alone none lowers failures" in none.verdict("en")
    assert f"单独调整的 {n} 个杠杆中" in none.verdict("zh")
    # An effect that is the same in all seeds is sure; one that has no interval is not.
    assert advised(FUNDING, mended("charter", -1.0, 0.0, 1)).best is not None
    assert advised(FUNDING, mended("charter", 1.0, 0.0, 1), mended("subsidy_rate", -1.0, math.nan, 1)).best is None


def test_a_language_of_ones_own_is_that_of_who_is_spoken_to() -> None:
    found = advised(DISTRUST, mended("subsidy_rate", -3.0, 1.0, 1), mended("charter", -2.0, 1.0, 1))
    said: dict[str, str] = {}
    for language in ("en", "zh"):
        with speaking(language):
            said[language] = found.verdict()
    for language in ("en", "zh"):
        with speaking(language):
            assert {other: found.verdict(other) for other in ("en", "zh")} == said


def test_who_waits_looks_before_each_quarter_and_may_end_it_all() -> None:
    plain = load("classroom").with_overrides(**SMALL, steps=QUARTER + HORIZON)
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    found = advise(plain, QUARTER, horizon=2, seeds=2, look=look)
    # As text: the budget is not a number, which equals nothing.
    assert str(found) == str(advise(plain, QUARTER, horizon=2, seeds=2))
    assert looks == 2 * (QUARTER + 2 * len(found.mends)), "each moment is reached once, each branch is played once"


@pytest.mark.parametrize("last", [QUARTER - 2, QUARTER + 1])
def test_what_a_look_raises_ends_it_within_a_branch(last: int) -> None:
    plain = load("classroom").with_overrides(**SMALL, steps=QUARTER + HORIZON)
    heard: list[int] = []
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks > last:
            raise LookupError

    with pytest.raises(LookupError):
        advise(plain, QUARTER, horizon=2, seeds=2, look=look, watch=lambda done, planned: heard.append(done))
    assert looks == last + 1 and heard == [0], "within the first branch"


def test_the_report_shows_the_mends_or_how_to_get_them(advice: Advice) -> None:
    assert "abm advise RESULTS" in section(None)
    shown = section(advice)
    for mend in advice.mends[1:]:
        assert f'<th scope="row">{mend.label()}</th>' in shown
    assert shown.count("<table>") == 2 and advice.verdict()[:40] in shown


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"quarter": 14}, "`quarter` = 14 is not in the run, which has 13 quarters"),
        ({"quarter": 2.5}, "`quarter` = 2.5 is not in the run"),
        ({"horizon": 0}, "`horizon` = 0 is not a whole number from 1 on"),
        ({"seeds": 1.5}, "`seeds` = 1.5 is not a whole number from 1 on"),
        ({"budget_kcny": -1}, "`budget_kcny` = -1 is not an amount of money from 0 on, in 1,000 yuan"),
        ({"budget_kcny": "much"}, "`budget_kcny` = 'much' is not an amount of money"),
    ],
)
def test_what_cannot_be_is_refused(world: Scenario, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(").replace("[", r"\[")):
        advise(world, **asked)


def test_a_change_joins_those_of_the_scenario(world: Scenario) -> None:
    own = world.with_overrides(changes=({"from": 2, "platform": 0.2},))
    one = Move("charter", 0.0, 0.5, 0.5)
    assert [(c.start, c.key, c.value) for c in changed(own, 5, (one,)).changes] == [
        (2, "platform", 0.2), (5, "charter", 0.5),
    ]  # fmt: skip
    assert changed(own, 5, ()) is own and Task(1).moves == ()
