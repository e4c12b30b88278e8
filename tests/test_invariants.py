"""What holds in every world at every step, whatever its parameters, rules and population."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from abm.population import build
from abm.quarter import step
from abm.quarter.measurement.metrics import catalogue, regional_catalogue
from abm.quarter.negotiation.protocols import names as protocols
from abm.scenario import Scenario, load
from abm.scenario.policies import rules
from abm.scenario.policies import settings as numbers_of
from abm.world.levers import LEVERS
from abm.world.parameters import CATALOGUE
from abm.world.public_money import public_money
from abm.world.state import ABSENT, COHORTS, EMPLOYED, ENROLLED, SEEKING, State

STEPS = 6
FREE = [
    p
    for p in CATALOGUE.values()
    if p.role == "uncertainty" and p.name not in ("technology_jump_step", "enterprise_partners")
]


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, float]:
    """Some parameters anywhere in their range, ends included."""
    chosen = draw(st.lists(st.sampled_from(FREE), max_size=12, unique_by=lambda p: p.name))
    return {p.name: draw(st.sampled_from((p.low, p.high)) | st.floats(p.low, p.high)) for p in chosen}


@st.composite
def policies(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to five rules with schedules of all kinds."""
    found: list[dict[str, Any]] = []
    for name in draw(st.lists(st.sampled_from(sorted(rules())), max_size=5)):
        rule: dict[str, Any] = {"rule": name, "from": draw(st.integers(0, 3)), "ramp": draw(st.integers(0, 2))}
        if draw(st.booleans()):
            rule |= {"until": rule["from"] + draw(st.integers(1, 3)), "fade": draw(st.integers(0, 2))}
        for key, of in numbers_of(rules()[name]).items():
            if draw(st.booleans()):
                rule[key] = draw(st.floats(of.low, of.high))
        found.append(rule)
    return found


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[Scenario, int]:
    """A small world of any kind and a seed."""
    many = st.sampled_from((0, 1, 3, 8, 20))
    counts = {
        "n_regions": draw(st.integers(1, 4)),
        "n_colleges": draw(many),
        "n_enterprises": draw(many),
        "n_students": draw(st.sampled_from((0, 1, 50, 200))),
        "n_sectors": draw(st.integers(1, 4)),
        "n_skills": draw(st.integers(2, 5)),
        "n_slots": draw(st.integers(1, 4)),
    }
    moved = draw(st.lists(st.sampled_from([lever for lever in LEVERS if not lever.is_whole]), max_size=2, unique=True))
    scenario = Scenario(name="drawn").with_overrides(
        population=counts,
        parameters=draw(parameters()),
        policies=draw(policies()),
        protocol=draw(st.sampled_from(protocols())),
        levers={lever.name: draw(st.floats(lever.low, lever.high)) for lever in moved},
    )
    return scenario, draw(st.integers(0, 2**63 - 1))


def assert_shares(state: State) -> None:
    """Everything that is a share lies in [0, 1]."""
    e, c, t, s, g = state.enterprises, state.colleges, state.ties, state.students, state.governments
    shares = {
        "trust_enterprise": t.trust_enterprise,
        "trust_college": t.trust_college,
        "effort_enterprise": t.effort_enterprise,
        "effort_college": t.effort_college,
        "substance": t.substance,
        "cost_share": t.cost_share,
        "reputation of enterprises": e.reputation,
        "reputation of colleges": c.reputation,
        "technology": e.technology,
        "skilled": e.skilled,
        "retention": e.retention,
        "engagement": c.engagement,
        "dual_qualified": c.dual_qualified,
        "practice_offer": state.programmes.practice_offer,
        "related": state.programmes.related,
        "placement": c.placement,
        "motivation of bodies": c.motivation,
        "market_fit": g.market_fit,
        "raiders": g.raiders,
        "paid_subsidy": g.paid_subsidy,
        "paid_credit": g.paid_credit,
        "inconsistency": g.inconsistency,
        "motivation": s.motivation,
        "ability": s.ability,
        "practice": s.practice,
        "match": s.match,
        "joint_research": state.sectors.joint_research,
    }
    for name, values in shares.items():
        assert ((values >= 0) & (values <= 1 + 1e-6)).all(), name
    assert (s.skills >= 0).all()
    assert (s.skills.sum(axis=0) <= 1 + 1e-5).all()


def assert_mixes(state: State) -> None:
    """Weights and mixes lie on the simplex."""
    e, c, offered = state.enterprises, state.colleges, state.programmes
    for values in (
        e.aims, e.demand, e.own_skills, c.aims, c.student_aims, offered.curriculum, offered.partner_demand,
        state.governments.aims, state.sectors.demand,
    ):  # fmt: skip
        assert (values >= -1e-12).all()
        assert values.sum(axis=1) == pytest.approx(np.ones(len(values)))


def assert_programmes(state: State) -> None:
    """The places of a region with colleges sum to 1, and contracts are with programmes that are offered."""
    seats = state.programmes.seats.reshape(len(state.colleges.id), -1)
    assert (seats >= 0).all()
    assert (seats.sum(axis=1) > 0).all()
    by_region = np.bincount(state.colleges.region, seats.sum(axis=1), len(state.governments.id))
    assert by_region[np.unique(state.colleges.region)] == pytest.approx(1.0)
    runs = state.ties.level > 0
    assert (seats[state.ties.college[runs], state.ties.field[runs]] > 0).all()


def assert_ties(state: State) -> None:
    """Partners are counted on both sides and within limits; what has no contract has nothing of one."""
    e, c, t = state.enterprises, state.colleges, state.ties
    runs = t.level > 0
    assert (e.n_partners == runs.sum(axis=1)).all()
    assert (c.n_partners == np.bincount(t.college[runs], minlength=len(c.id))).all()
    assert (e.n_partners <= e.partner_limit).all()
    assert (c.n_partners <= c.partner_limit).all()
    assert ((t.level >= 0) & (t.level <= 5)).all()
    assert ((t.college >= -1) & (t.college < len(c.id))).all()
    assert (t.college[runs] >= 0).all()
    assert (t.founded[runs] >= 0).all()
    assert (t.cause_of_end[runs] == 0).all()
    assert (np.abs(t.cost_share * 10 - np.round(t.cost_share * 10)) < 1e-9).all()
    for column in (t.substance, t.subsidy, t.tax_credit):
        assert (column[~runs] == 0).all()
    assert (t.substance <= 0.2 * t.level + 1e-12).all()
    for remembered, field in zip(t.college, t.field, strict=True):
        known = list(zip(remembered[remembered >= 0].tolist(), field[remembered >= 0].tolist(), strict=True))
        assert len(set(known)) == len(known), "a programme is remembered once"


def assert_money(state: State, spent_before: np.ndarray) -> None:
    """Nobody spends what there is not, and the sums add up."""
    g = state.governments
    assert (g.spent_now >= -1e-12).all()
    assert (g.spent_now.sum(axis=1) <= public_money(state).budget * (1 + 1e-9) + 1e-12).all()
    assert g.spent == pytest.approx(spent_before + g.spent_now)
    low, high = (np.array([getattr(lever, end) for lever in LEVERS], float) for end in ("low", "high"))
    assert ((g.levers >= low) & (g.levers <= high)).all()


def assert_students(state: State) -> None:
    """Everybody is somewhere, once: in training, looking for work, or with an employer that counts them."""
    s, e, c = state.students, state.enterprises, state.colleges
    assert (e.vacancies >= 0).all()
    assert (e.staff >= 0).all()
    last = 4 * ((state.step - 1) // 4)
    for slot in range(COHORTS):
        n = int(s.offsets[slot, -1])
        assert (np.diff(s.offsets[slot]) >= 0).all()
        status, employer = s.status[slot, :n], s.employer[slot, :n]
        assert ((employer >= 0) == (status == EMPLOYED)).all()
        assert (employer < len(e.id)).all()
        if s.entry_step[slot] > last - 12:
            assert (status == ENROLLED).all()
        else:
            assert s.entry_step[slot] == last - 12
            assert np.isin(status, (SEEKING, EMPLOYED)).all()
            assert (e.staff == np.bincount(employer[employer >= 0], minlength=len(e.id))).all()
            # Every vacancy is one posted and not filled.
            assert (e.vacancies + e.staff == e.posted).all()
        # Who is admitted is whom the regions with colleges admit.
        home = np.repeat(np.repeat(c.region, len(state.sectors.demand)), np.diff(s.offsets[slot]))
        open_regions = np.unique(c.region)
        admitted = np.bincount(home, minlength=len(state.governments.id))
        assert (admitted[open_regions] == state.governments.entrants[open_regions]).all()
        assert admitted.sum() == n
    assert sorted(s.entry_step.tolist()) == [last - 12, last - 8, last - 4, last]
    assert not (s.status[:, : int(s.offsets[0, -1])] == ABSENT).any()


def assert_metrics(state: State) -> None:
    """Every metric lies in the range that its catalogue declares, or cannot be measured."""
    for name, metric in catalogue().items():
        value = state.metrics[name]
        assert math.isnan(value) or metric.low <= value <= metric.high, f"{name} = {value}"
    for name, metric in regional_catalogue().items():
        values = state.regional_metrics[name]
        known = values[~np.isnan(values)]
        assert ((known >= metric.low) & (known <= metric.high)).all(), f"{name} = {values}"


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_every_world_keeps_its_books(drawn: tuple[Scenario, int]) -> None:
    scenario, seed = drawn
    state = build(scenario, seed)
    for _ in range(STEPS):
        spent = state.governments.spent.copy()
        step(state, scenario)
        assert_shares(state)
        assert_mixes(state)
        assert_ties(state)
        assert_money(state, spent)
        assert_students(state)
        assert_metrics(state)


QUARRELS = st.fixed_dictionaries(
    {
        "blame_exit": st.floats(0.5, 1.0),
        "blame_gap": st.floats(0.02, 0.2),
        "specific_assets": st.sampled_from((0.0, 0.5)),
        "effort_noise": st.sampled_from((0.5, 2.0)),
    }
)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(QUARRELS, st.integers(0, 2**63 - 1))
@example({"blame_exit": 1.0, "blame_gap": 0.02, "specific_assets": 0.0}, 1)
def test_metrics_keep_their_range_where_blame_ends_most_contracts(changes: dict[str, float], seed: int) -> None:
    """Blames over the contracts that were left came to 8 a contract."""
    scenario = load("classroom").with_overrides(**changes)
    state = build(scenario, seed)
    for _ in range(24):
        step(state, scenario)
        assert_metrics(state)
    assert state.metrics["n_ties"] < len(state.enterprises.id), "hardly a contract lasts"


EMPTY = {
    "no enterprises": {"population.n_enterprises": 0},
    "no colleges": {"population.n_colleges": 0},
    "a region without colleges": {"population.n_colleges": 2},
    "no students": {"population.n_students": 0},
    "no budget": {"budget_per_enterprise": 0.0},
    "one region": {"population.n_regions": 1},
    "nobody at all": {"population.n_enterprises": 0, "population.n_colleges": 0, "population.n_students": 0},
    "nobody has room": {"enterprise_partners": 0.0, "initial_ties": 1.0},
    "no talk, no cost": {"communication_cost": 0.0, "cost_linear": 0.0, "cost_quadratic": 0.0},
}


@pytest.mark.parametrize("changes", EMPTY.values(), ids=list(EMPTY))
def test_a_world_that_lacks_something_runs(changes: dict[str, float]) -> None:
    small = {
        "population.n_regions": 3,
        "population.n_colleges": 6,
        "population.n_enterprises": 20,
        "population.n_students": 240,
    }
    every_rule = [{"rule": name} for name in rules() if name != "mandate"]
    scenario = Scenario(name="lacking").with_overrides(policies=every_rule, **{**small, **changes})
    state = build(scenario, 1)
    for _ in range(14):
        spent = state.governments.spent.copy()
        step(state, scenario)
        assert_ties(state)
        assert_money(state, spent)
        assert_students(state)
    if scenario.p.budget_per_enterprise == 0:
        assert not state.governments.spent.any()
