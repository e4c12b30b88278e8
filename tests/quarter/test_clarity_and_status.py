"""Vague terms, a status that credits hang on, terms that are fixed or revised, research that is needed, joint worth and
co-design (Eq. 105-113), each against a value by hand; at their neutral values none of them moves anything."""

from __future__ import annotations

import numpy as np
import pytest

from abm.population import build
from abm.quarter import step
from abm.quarter.delivery.conduct import keep_status
from abm.quarter.delivery.imprint import share_aims, update_programmes
from abm.quarter.measurement.metrics.codesign import weights_in_planning
from abm.quarter.measurement.metrics.worth import joint_worth
from abm.quarter.policy import policy
from abm.quarter.search.agenda import due_contracts
from abm.quarter.technology import research_that_counts
from abm.scenario import Scenario
from abm.world import ledger
from abm.world.levers import F, L
from abm.world.parameters import DEFAULTS, as_row
from abm.world.realised import realised_ledgers
from abm.world.state import State
from abm.world.vocabulary import RENEWAL, REVIEW
from tests.quarter import worlds
from tests.reference.worlds import KEEN, World

P = DEFAULTS
TWO = np.array([[0.8, 0.2], [0.3, 0.7]])


def pair(**columns: float) -> State:
    """One enterprise under contract with the one college; ``columns`` of the tie."""
    state = worlds.world([0], [4], [(0, 0)], TWO)
    t = state.ties
    t.college[0, 0], t.level[0, 0], t.remaining[0, 0], t.cost_share[0, 0], t.founded[0, 0] = 0, 4, 9, 0.5, 0
    for name, value in columns.items():
        getattr(t, name)[0, 0] = value
    state.enterprises.n_partners[0] = state.colleges.n_partners[0] = 1
    return state


def test_vague_terms_are_read_as_a_duty_of_the_other() -> None:
    assert ledger.as_read(0.4, 0.5) == pytest.approx(0.4 + 0.5 * (0.98 - 0.4))
    assert ledger.as_read(0.4, 1.0) == pytest.approx(0.98)
    assert ledger.as_read(0.4, 0.0) == 0.4


def test_guidelines_take_vagueness_away() -> None:
    def last(**over: object) -> dict[str, float]:
        rules = (("guidelines", {"clarity": 1.0}),) if over.pop("guided", False) else ()
        scenario = World({**KEEN, **over}, rules).scenario()
        state = build(scenario, 3)
        for _ in range(6):
            step(state, scenario)
        return state.metrics

    plain, vague, guided = last(), last(vagueness=1.0), last(vagueness=1.0, guided=True)
    assert vague["mean_formal_depth"] != plain["mean_formal_depth"]
    for name, value in guided.items():
        assert value == plain[name] or np.isnan(value), name


@pytest.mark.parametrize(("level", "rate"), [(3, 0.1 * 0.5), (4, 0.1 * 0.5 + 0.5 * 0.2 * 0.5), (5, 0.1)])
def test_research_draws_aims_together_as_far_as_it_closes_gaps(level: int, rate: float) -> None:
    p = P._replace(identity_rate=0.1, identity_research=0.5, research_gain=0.2)
    mine, theirs = np.array([[0.6, 0.4, 0, 0, 0, 0.0]]), np.array([[0.2, 0.4, 0.4, 0, 0, 0.0]])
    share_aims(np.array([[0]], np.int32), np.array([[level]], np.int8), np.array([[0.5]]), mine, theirs, as_row(p))
    assert mine[0] == pytest.approx([0.6 - 0.4 * rate, 0.4, 0.4 * rate, 0, 0, 0])
    assert theirs[0] == pytest.approx([0.2 + 0.4 * rate, 0.4, 0.4 - 0.4 * rate, 0, 0, 0])


def test_research_counts_by_need_and_yields_more_among_different_fields() -> None:
    p = P._replace(research_fit=0.5, research_orientation=0.25, research_diversity=2.0)
    ties = (
        np.array([[0, 1, 0]], np.int32), np.array([[0, 0, 1]], np.int8), np.array([[4, 5, 3]], np.int8),
        np.array([[0.8, 0.5, 0.9]]),
    )  # fmt: skip
    demand, main = np.array([[1.0, 0.0]]), np.array([0, 1], np.int32)
    curriculum = np.array([[0.6, 0.4], [0.5, 0.5], [0.5, 0.5], [0.2, 0.8]])
    asked = np.array([[1.0, 0.0], [0.5, 0.5], [0.8, 0.2], [0.5, 0.5]])
    counted, gain = research_that_counts(ties, demand, main, (curriculum, asked), as_row(p))
    met = 0.75 * 0.6 + 0.25 * 1.0, 0.75 * 0.2 + 0.25 * 0.8
    # A contract of level 3 is no joint research: it stays as it is, and its college's field does not count.
    assert counted[0] == pytest.approx([0.8 * (1 - 0.5 * (1 - met[0])), 0.5 * (1 - 0.5 * (1 - met[1])), 0.9])
    assert gain == pytest.approx([1 + 2.0 * 0.5])
    counted, gain = research_that_counts(ties, demand, main, (curriculum, asked), as_row(P))
    assert counted.tolist() == ties[3].tolist() and gain.tolist() == [1.0]


def test_a_status_is_earned_kept_lost_and_earned_again_and_with_it_the_credit() -> None:
    rules = [{"rule": "integration_status", "share": 0.75}]
    world = Scenario(name="test").with_overrides(
        policies=rules, policy_dispersion=0.0, status_depth=0.4, status_quarters=2.0
    )
    state = pair(effort_enterprise=0.5, tax_credit=0.1, remaining=9)
    g, e, t = state.governments, state.enterprises, state.ties

    def quarter(effort: float) -> float:
        """The credit that is paid in a quarter before which so much effort was put in."""
        t.effort_enterprise[0, 0] = effort
        keep_status(g.levers, e.region, t, e.quarters_kept, world.parameter_record)
        policy(state, world)
        return float(g.spent_now[0, F.TAX_CREDIT])

    assert quarter(0.5) == pytest.approx(0.025), "no scheme yet: nothing was counted"
    paid = [quarter(effort) for effort in (0.5, 0.5, 0.5, 0.49, 0.49, 0.5, 0.5)]
    assert paid == pytest.approx([0.025, 0.1, 0.1, 0.025, 0.025, 0.025, 0.1])
    assert t.tax_credit[0, 0] == 0.1, "the promise stays"
    policy(state, world.with_overrides(policies=[]))
    assert g.spent_now[0, F.TAX_CREDIT] == pytest.approx(0.1), "nothing hangs on it any more"
    keep_status(g.levers, e.region, t, e.quarters_kept, world.parameter_record)
    assert e.quarters_kept[0] == 0, "a scheme that comes again begins anew"


def test_working_is_worth_the_status_where_work_decides_about_it() -> None:
    p = P._replace(status_depth=0.3, status_quarters=8, shadow_of_future=0.9, shirk_effort=0.2)
    assert [ledger.status_at_stake(d, 0.1, p) for d in (0.2, 0.4, 1.0)] == [0.0, 0.1, 0.1]
    assert ledger.status_at_stake(1.0, 0.1, p._replace(shirk_effort=0.5)) == 0.0, "even shirking keeps it"
    assert ledger.status_discount(5, p) == pytest.approx(0.9**3)
    assert ledger.status_discount(9, p) == 1.0


def test_terms_that_are_fixed_hold_what_was_asked_for() -> None:
    state = worlds.world([0], [4], [(0, 0), (0, 1)], TWO)
    t, e, offered = state.ties, state.enterprises, state.programmes
    t.college[:, 0], t.level[:, 0], t.substance[:, 0] = 0, 3, [0.2, 0.6]
    offered.partner_demand[0] = [0.0, 1.0]

    def heard(fixed: float, agreed: list[bool]) -> list[float]:
        offered.partner_demand[0] = [0.0, 1.0]
        partners = (t.college, t.field, t.level, t.substance, np.array([[one, False] for one in agreed]))
        record = as_row(P._replace(fixed_terms=fixed))
        update_programmes(offered, state.colleges, state.governments.levers, e.size, e.demand, partners, record)
        return offered.partner_demand[0].tolist()

    now = (0.25 * TWO[0] + 0.75 * TWO[1]).tolist()
    assert heard(0.0, [False, False]) == pytest.approx(now, abs=1e-15)
    assert heard(1.0, [False, False]) == pytest.approx([0.0, 1.0])
    assert heard(1.0, [True, True]) == pytest.approx(now)
    # The first has agreed this quarter; of the second half is heard, and half stays as it was.
    assert heard(0.5, [True, False]) == pytest.approx(
        (0.25 * TWO[0] + 0.375 * TWO[1] + 0.375 * np.array([0.0, 1.0])).tolist()
    )


@pytest.mark.parametrize(("step", "limit", "kinds"), [(4, 0.7, [REVIEW]), (4, 0.6, []), (3, 0.7, []), (4, 0.0, [])])
def test_terms_are_revised_when_demand_has_moved(step: int, limit: float, kinds: list[int]) -> None:
    """At the anniversary of a joint entity between partners who do not trust each other."""
    state = pair(level=5)
    state.programmes.partner_demand[0] = [0.45, 0.55]
    wanted = (state.enterprises.demand, state.programmes.partner_demand, 2)

    def called() -> list[int]:
        record = as_row(P._replace(revision_of_terms=limit))
        return due_contracts(step, state.enterprises.n_partners, state.ties, wanted, record).kind.tolist()

    # Of (.8, .2) what is known covers .65.
    assert called() == kinds
    state.ties.remaining[0, 0] = 0
    assert called() == [RENEWAL]


def test_joint_worth_is_what_all_make_less_what_they_put_in() -> None:
    state = pair(effort_enterprise=0.7, effort_college=0.6, subsidy=0.4, tax_credit=0.05, talk=0.3)
    together, alone = joint_worth(state, P)
    rows = np.zeros(1, np.int32)
    lines = realised_ledgers(state, P, rows, rows)[0]
    money = lines[:, [ledger.SUBSIDY, ledger.TAX_CREDIT, ledger.TALK, ledger.FINES]].sum()
    assert alone == pytest.approx(-lines[:, ledger.OUTSIDE].sum()) and alone > 0
    assert together - alone == pytest.approx(lines.sum() - money)
    assert joint_worth(worlds.world([0], [4], [(0, 0)], TWO), P) == (0.0, 0.0)


def test_enterprises_weigh_in_planning_by_what_decides_there() -> None:
    state = pair()
    offered, levers = state.programmes, state.governments.levers
    state.colleges.partner_limit[0], offered.partner_depth[0], offered.related[0] = 10, 1.0, 0.25
    levers[0, L.FORESIGHT], deep = 0.2, np.array([0.25, 0.0])
    arguments = (levers, state.colleges.region, state.colleges.partner_limit, offered, deep, 1.0)
    # Ten places that hold a depth of 1: half of what counts is what partners say.
    assert weights_in_planning(*arguments) == pytest.approx((0.5 / 0.75, 0.5 * 0.8, 0.25 / 1.25))
    levers[0, L.PROGRAMME_ADJUSTMENT] = 0.0
    assert weights_in_planning(*arguments)[0] == 0.0
