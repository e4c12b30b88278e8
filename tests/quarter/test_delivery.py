"""Delivery: how trust learns and effort falls short, and what an early end strands and whom else it hurts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import worlds

from abm.quarter.delivery import choose_effort, settle_quarter
from abm.quarter.negotiation.bargaining import N_TERMS, Term, common_terms, worths
from abm.scenario import Scenario
from abm.world import ledger
from abm.world.ledger import chance_below_standard, conduct
from abm.world.levers import L
from abm.world.parameters import DEFAULTS
from abm.world.state import State
from abm.world.vocabulary import BLAME, CONTRACT_EVENTS, EVENT_CAUSES, ONGOING

FLAT = np.array([[0.5, 0.5]])
P = DEFAULTS._replace(
    cost_quadratic=0.4, specific_assets=0.5, blame_gap=0.1, blame_exit=1.5, blame_trust_loss=0.0, entity_fallout=0.25,
    reputation_learning_rate=0.0,
)  # fmt: skip
"""A gap of efforts of .7 or more ends a contract for certain: 1.5 * .7 > 1."""
ASSETS = {4: 0.5 * 0.4 * 0.64, 5: 0.5 * 0.4}
"""Eq. 85 by hand: half of the quadratic cost at depth .8 and 1."""


def play(state: State, **changes: float) -> State:
    settle_quarter(state, Scenario(name="test", p=P._replace(**changes)))
    return state


def one_sided(level: int) -> State:
    """Enterprise 0 works under its contract with college 0, which does little; enterprise 0 also
    has a contract with college 1, enterprise 1 with both. All trust fully where nothing else is said."""
    state = worlds.world([0, 0], [4, 4], [(0, 0), (0, 0)], FLAT)
    t = state.ties
    t.college[:] = [[0, 1], [0, 1]]
    t.level[:] = [[level, 1], [1, 1]]
    t.trust_enterprise[:], t.trust_college[:] = 1.0, 1.0
    t.trust_college[0, 0] = 0.0
    t.effort_enterprise[:], t.effort_college[:] = 0.9, 0.9
    t.effort_enterprise[0, 0], t.effort_college[0, 0] = 1.0, 0.1
    t.cost_share[0, 0], t.remaining[:], t.founded[:] = 0.5, 9, 0
    state.governments.levers[:, L.SUPERVISION] = 0.0
    state.enterprises.n_partners[:], state.colleges.n_partners[:] = 2, 2
    # Every place for partners is taken: reputations tell all and fade nowhere.
    state.enterprises.partner_limit[:], state.colleges.partner_limit[:] = 2, 2
    state.enterprises.reputation[:], state.colleges.reputation[:] = 0.8, 0.6
    return state


def test_a_visit_is_too_slight_to_be_left():
    state = play(one_sided(1))
    assert state.ties.level[0, 0] == 1 and state.ties.remaining[0, 0] == 8
    assert [state.flows[what] for what in ("blames_by_enterprises", "ended_by_blame")] == [0.0, 0.0]


@pytest.mark.parametrize("level", [2, 3, 4, 5])
@pytest.mark.parametrize("wronged", ["enterprise", "college"])
def test_whoever_is_wronged_leaves_and_what_is_sunk_is_stranded(level: int, wronged: str):
    state = one_sided(level)
    t = state.ties
    if wronged == "college":
        t.effort_enterprise[0, 0], t.effort_college[0, 0] = 0.1, 1.0
        t.trust_college[0, 0] = 1.0
    play(state, blame_trust_loss=0.3)
    assert (t.level[0, 0], t.cause_of_end[0, 0]) == (0, BLAME)
    assert [state.flows[f"blames_by_{one}s"] for one in ("enterprise", "college")] == [
        float(wronged == "enterprise"), float(wronged == "college"),
    ]  # fmt: skip
    # Eight quarters are left after this one; levels below co-built programmes have nothing sunk.
    assert state.flows["stranded"] == pytest.approx(8 * ASSETS.get(level, 0.0))
    # The trust of the wronged alone suffers; where an entity breaks up nothing of that pair is left to suffer more.
    trusts = {"enterprise": t.trust_enterprise[0, 0], "college": t.trust_college[0, 0]}
    assert trusts[wronged] == pytest.approx(0.7)
    assert trusts["college" if wronged == "enterprise" else "enterprise"] == (0.0 if wronged == "enterprise" else 1.0)


@pytest.mark.parametrize("level", [2, 4, 5])
def test_blame_alone_ends_nothing(level: int):
    state = play(one_sided(level), blame_exit=0.0)
    assert (state.ties.level[0, 0], state.ties.cause_of_end[0, 0]) == (level, ONGOING)
    assert [state.flows[what] for what in ("blames_by_enterprises", "stranded")] == [1.0, 0.0]
    # A gap that is not larger than what passes as normal is no wrong at all.
    state = play(one_sided(level), blame_gap=0.9)
    assert state.flows["blames_by_enterprises"] == 0.0 and state.ties.level[0, 0] == level


def test_what_has_run_its_time_strands_nothing():
    state = one_sided(5)
    state.ties.remaining[0, 0] = 1
    assert play(state).ties.level[0, 0] == 0
    assert state.flows["stranded"] == 0.0


def test_an_order_cannot_be_left():
    state = one_sided(5)
    state.ties.is_mandated[0, 0] = 1
    assert play(state).ties.level[0, 0] == 5


def test_the_end_of_an_entity_hurts_third_parties():
    state = play(one_sided(5))
    t, e, c = state.ties, state.enterprises, state.colleges
    assert t.level.tolist() == [[0, 1], [1, 1]]
    # College 1 trusts enterprise 0 less and enterprise 1 college 0; between the two of them nothing has changed.
    assert t.trust_college.tolist() == [[0.0, 0.75], [1.0, 1.0]]
    assert t.trust_enterprise.tolist() == [[1.0, 1.0], [0.75, 1.0]]
    assert e.reputation.tolist() == pytest.approx([0.6, 0.8])
    assert c.reputation.tolist() == pytest.approx([0.45, 0.6])
    assert e.n_partners.tolist() == [1, 2] and c.n_partners.tolist() == [1, 2]


def test_a_co_built_contract_ends_between_its_partners_alone():
    state = play(one_sided(4))
    assert state.ties.level[0, 0] == 0
    assert state.ties.trust_college[0, 1] == 1.0 and state.ties.trust_enterprise[1, 0] == 1.0
    assert state.enterprises.reputation.tolist() == [0.8, 0.8]


@pytest.mark.parametrize(("level", "share"), [(1, 0.5), (3, 0.5), (4, 0.0), (4, 0.3), (5, 1.0)])
def test_distrust_makes_specific_assets_dear(level: int, share: float):
    """What specific assets take from a ledger: share * sunk * chance of an early end a quarter * half of the contract,
    by hand where effort costs nothing and everybody therefore makes all of it (Eq. 20, 85, 90, 91)."""
    p = P._replace(effort_cost=0.0, college_effort_cost=0.0, effort_temperature=1e-3, blame_exit=0.7)
    terms = np.full((1, N_TERMS), 0.2)
    trusts = {Term.TRUST_ENTERPRISE: 0.8, Term.TRUST_COLLEGE: 0.4}
    terms[0, [*trusts, Term.SUBSIDY, Term.TAX_CREDIT, Term.EVIDENCE]] = *trusts.values(), 0.25, 0.0, 3.0
    terms[0, [Term.NEWS_ENTERPRISE, Term.NEWS_COLLEGE, Term.READING_ENTERPRISE, Term.READING_COLLEGE]] = 0.0
    k, depth = (level - 1) * 11 + round(10 * share), level / 5

    def worth(p) -> np.ndarray:
        return worths(terms, common_terms(p))[0][0, :, k]

    lost = worth(p._replace(specific_assets=0.0)) - worth(p)
    length = {1: 0, 3: 0, 4: p.quarters_co_built, 5: p.quarters_entity}[level]
    expected = []
    for own, q in zip((share, 1 - share), trusts.values(), strict=True):
        partner = q - p.trust_caution * math.sqrt(q * (1 - q) / 4) * depth
        # The subsidy of .25 and the research funding of .2 are carried by others.
        expected.append(own * ASSETS.get(level, 0.0) * 0.55 * 0.7 * (1 - partner) * length / 2)
    assert lost == pytest.approx([*expected, 0.0, 0.0], abs=1e-12)
    assert (level >= 4) == any(expected)


def pairs(n: int, level: int, **columns: float) -> State:
    """n enterprises, each under contract with the one college; ``columns`` of the ties."""
    state = worlds.world([0], [4], [(0, 0)] * n, FLAT)
    t = state.ties
    t.college[:, 0], t.level[:, 0], t.remaining[:, 0], t.cost_share[:, 0] = 0, level, 9, 0.5
    for name, value in columns.items():
        getattr(t, name)[:, 0] = value
    state.enterprises.n_partners[:], state.colleges.n_partners[:] = 1, n
    return state


def test_trust_is_the_mean_of_a_belief_and_forgets_at_the_rate_of_learning():
    """Without forgetting trust is (n*q + sum of efforts)/(n + their number), the mean of a Beta belief; with it
    evidence nears 1/rate, and trust moves by the rate (Eq. 28)."""
    state = pairs(1, 3, trust_enterprise=0.3, trust_college=0.6, evidence=2.0)
    t, seen = state.ties, np.zeros((2, 12))
    still = Scenario(name="test", p=P._replace(trust_learning_rate=0.0))
    for state.step in range(12):
        choose_effort(state, still)
        seen[:, state.step] = t.effort_enterprise[0, 0], t.effort_college[0, 0]
        n = state.step + 1
        assert t.evidence[0, 0] == pytest.approx(2.0 + n)
        assert t.trust_college[0, 0] == pytest.approx((2.0 * 0.6 + seen[0].sum()) / (2.0 + n))
        assert t.trust_enterprise[0, 0] == pytest.approx((2.0 * 0.3 + seen[1].sum()) / (2.0 + n))
    assert seen.std(axis=1).min() > 0.01
    forgetful = Scenario(name="test", p=P._replace(trust_learning_rate=0.2))
    for state.step in range(12, 112):
        before = t.trust_enterprise[0, 0]
        choose_effort(state, forgetful)
    assert t.evidence[0, 0] == pytest.approx(5.0)
    assert t.trust_enterprise[0, 0] - before == pytest.approx(0.2 * (t.effort_college[0, 0] - before))


@pytest.mark.parametrize(("before", "now"), [(0.0, 0.12), (0.12, 0.0), (0.1, 0.1)])
def test_new_rules_are_foreseen_as_far_as_they_are_new(before: float, now: float):
    """A partner's expected effort moves by the slope of its own reply times what of its fine is new; what is known of
    fines follows them at the rate of learning (Eq. 90)."""
    p = P._replace(trust_caution=0.0, rules_foreseen=0.8, effort_temperature=0.5, trust_learning_rate=0.25)
    base = 0.6
    expected = ledger.expected_effort(base, 4.0, 0.6, now - before, conduct(p))
    assert expected == pytest.approx(base + base * (1 - base) * 0.8 * (now - before) / 0.5)
    # Never all or nothing, however harsh or lax the rules become.
    assert ledger.expected_effort(base, 4.0, 0.6, 9.0, conduct(p)) == 0.98
    assert ledger.expected_effort(base, 4.0, 0.6, -9.0, conduct(p)) == pytest.approx(0.02)
    state = pairs(1, 3)
    state.governments.known_fine[:] = before
    state.governments.levers[:, [L.SUPERVISION, L.PENALTY]] = 0.3, now / 0.3
    for quarter in range(1, 4):
        settle_quarter(state, Scenario(name="test", p=p))
        assert state.governments.known_fine == pytest.approx(now + (before - now) * 0.75**quarter)


@pytest.mark.parametrize(("standard", "noise"), [(0.5, 0.7), (0.8, 0.7), (0.4, 2.0), (0.1, 0.7)])
def test_efforts_fall_short_of_the_standard_as_often_as_parties_reckon(standard: float, noise: float):
    """Of many like contracts the share below the standard is Eq. 93, and the median effort is that without noise."""
    n = 3000
    p = P._replace(audit_standard=standard, effort_noise=noise)
    state, quiet = (pairs(n, 3, trust_enterprise=0.7, trust_college=0.8, evidence=8.0) for _ in range(2))
    choose_effort(state, Scenario(name="test", p=p))
    choose_effort(quiet, Scenario(name="test", p=p._replace(effort_noise=0.0)))
    for side in ("effort_enterprise", "effort_college"):
        efforts, usual = getattr(state.ties, side)[:, 0], getattr(quiet.ties, side)[0, 0]
        part = (usual - p.shirk_effort) / (1 - p.shirk_effort)
        x = math.log(part / (1 - part))
        chance = chance_below_standard(x, p)
        assert abs((efforts < standard).mean() - chance) < 4 * math.sqrt(chance * (1 - chance) / n) + 1e-12
        assert np.median(efforts) == pytest.approx(usual, abs=0.05)
        assert (efforts > p.shirk_effort).all() and (efforts < 1).all()


def told(state: State) -> list[tuple[str, int, int, int, str, float]]:
    """Contract events as what, enterprise, college, level, cause and value."""
    return [
        (CONTRACT_EVENTS[what], e, c, level, EVENT_CAUSES[cause], value)
        for batch in state.contract_events
        for what, e, c, _, level, cause, value in zip(*(column.tolist() for column in batch), strict=True)
    ]


def audited(supervision: float) -> State:
    """Enterprise 0 in contracts with both colleges, enterprise 1 with college 0; all but one side of them idle."""
    state = one_sided(5)
    t = state.ties
    t.level[:] = [[5, 1], [2, 0]]
    state.enterprises.partner_limit[1] = state.colleges.partner_limit[1] = 1
    t.effort_enterprise[:] = [[0.9, 0.5], [0.3, 0.0]]
    t.effort_college[:] = [[0.2, 0.4], [0.35, 0.0]]
    state.governments.levers[:, L.SUPERVISION] = supervision
    settle_quarter(state, Scenario(name="test", p=P._replace(audit_standard=0.5, audit_reputation_loss=0.1)))
    return state


def test_every_fine_and_every_blame_is_an_event_with_its_cause():
    state, weak = audited(1.0), "effort_below_standard"
    gap = pytest.approx(0.7)
    assert told(state) == [
        ("college fined", 0, 0, 5, weak, 0.2),
        # Effort at the standard is enough.
        ("college fined", 0, 1, 1, weak, 0.4),
        ("enterprise fined", 1, 0, 2, weak, 0.3),
        ("college fined", 1, 0, 2, weak, 0.35),
        # The contract that ends in this quarter was still audited, at the level that it had.
        ("blamed by enterprise", 0, 0, 5, "one_sided_effort", gap),
        ("ended by blame", 0, 0, 5, "one_sided_effort", gap),
    ]
    found = {name: state.flows[name] for name in ("fines_enterprises", "fines_colleges", "audits")}
    assert found == {"fines_enterprises": 1, "fines_colleges": 3, "audits": 3}
    # A tenth of the reputation for each fine over the contracts served, then a quarter for the entity that broke up.
    assert state.enterprises.reputation.tolist() == pytest.approx([0.8 * 0.75, 0.8 * 0.9])
    assert state.colleges.reputation.tolist() == pytest.approx([0.6 * 0.9 * 0.75, 0.6 * 0.9])


def test_who_is_not_supervised_is_not_fined():
    state = audited(0.0)
    assert {what for what, *_ in told(state)} == {"blamed by enterprise", "ended by blame"}
    assert state.flows["audits"] == 0.0
