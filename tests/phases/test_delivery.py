"""Delivery where somebody is left: what an early end strands, who therefore stays, and whom else it hurts."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from abm.bargaining import N_TERMS, Term, worths
from abm.diagnosis import EVENT_CAUSES
from abm.levers import L
from abm.parameters import DEFAULTS
from abm.phases.delivery import bear, delivery
from abm.scenario import Scenario
from abm.stakes import stakes
from abm.state import BLAME, CONTRACT_EVENTS, ONGOING, State

FLAT = np.array([[0.5, 0.5]])
P = DEFAULTS._replace(
    effort_cost=0.12, cost_quadratic=0.4, specific_assets=0.5, blame_gap=0.1, blame_exit=1.0, blame_trust_loss=0.0,
    trust_learning_rate=0.0, entity_fallout=0.25, effort_noise=0.0, effort_temperature=0.05,
    reputation_learning_rate=0.0,
)  # fmt: skip
ASSETS = {4: 0.5 * 0.4 * 0.64, 5: 0.5 * 0.4}
"""Eq. 85 by hand: half of the quadratic cost at depth .8 and 1."""


def play(state: State, **changes: float) -> State:
    delivery(state, Scenario(name="test", p=P._replace(**changes)))
    return state


def one_sided(level: int, share: float) -> State:
    """Enterprise 0 under contract with college 0, which expects nothing of it and does nothing; enterprise 0 also
    has a contract with college 1, enterprise 1 with both. All trust fully where nothing else is said."""
    state = worlds.world([0, 0], [4, 4], [(0, 0), (0, 0)], FLAT)
    t = state.ties
    t.college[:] = [[0, 1], [0, 1]]
    t.level[:] = [[level, 1], [1, 1]]
    t.trust_enterprise[:], t.trust_college[:] = 1.0, 1.0
    t.trust_college[0, 0] = 0.0
    t.cost_share[0, 0], t.remaining[:], t.founded[:] = share, 9, 0
    state.governments.levers[:, L.SUPERVISION] = 0.0
    state.enterprises.n_partners[:], state.colleges.n_partners[:] = 2, 2
    state.enterprises.reputation[:], state.colleges.reputation[:] = 0.8, 0.6
    return state


def wrong(state: State) -> float:
    """What the effort that is not returned costs the enterprise a quarter."""
    t = state.ties
    return 0.12 * 0.2 * t.level[0, 0] * (t.effort_enterprise[0, 0] - t.effort_college[0, 0])


def gap(level: int) -> float:
    """Cost of the wrong to the enterprise where nothing can end."""
    return wrong(play(one_sided(level, 0.5), blame_exit=0.0))


@pytest.mark.parametrize("level", [2, 3])
def test_shallow_contracts_have_no_assets_that_hold_a_wronged_partner(level: int):
    assert gap(level) > 0.0
    state = play(one_sided(level, 1.0))
    assert state.ties.level[0, 0] == 0
    assert state.ties.cause_of_end[0, 0] == BLAME
    assert state.flows["stranded"] == 0.0


@pytest.mark.parametrize("level", [4, 5])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_wronged_leaves_if_the_wrong_costs_more_than_its_assets(level: int, side: int):
    # The share of the cost at which both weigh the same, and a little beside it.
    share = gap(level) / ASSETS[level]
    assert 0.1 < share < 0.9
    state = play(one_sided(level, share + side * 0.01))
    stays = side > 0
    assert (state.ties.level[0, 0] > 0) == stays
    assert state.ties.cause_of_end[0, 0] == (ONGOING if stays else BLAME)
    # Eight quarters are left after this one.
    assert state.flows["stranded"] == pytest.approx(0.0 if stays else 8 * ASSETS[level])
    # A subsidy carries its share of the assets: then it pays to leave.
    state = one_sided(level, share + side * 0.01)
    state.ties.subsidy[0, 0] = 0.1
    assert play(state).ties.level[0, 0] == 0


def test_what_has_run_its_time_strands_nothing():
    state = one_sided(5, 0.0)
    state.ties.remaining[0, 0] = 1
    assert play(state).ties.level[0, 0] == 0
    assert state.flows["stranded"] == 0.0


def test_an_order_cannot_be_left():
    state = one_sided(5, 0.0)
    state.ties.is_mandated[0, 0] = 1
    assert play(state).ties.level[0, 0] == 5


def test_the_end_of_an_entity_hurts_third_parties():
    state = play(one_sided(5, 0.0))
    t, e, c = state.ties, state.enterprises, state.colleges
    assert t.level.tolist() == [[0, 1], [1, 1]]
    # College 1 trusts enterprise 0 less and enterprise 1 college 0; between the two of them nothing has changed.
    assert t.trust_college.tolist() == [[0.0, 0.75], [1.0, 1.0]]
    assert t.trust_enterprise.tolist() == [[1.0, 1.0], [0.75, 1.0]]
    assert e.reputation.tolist() == pytest.approx([0.6, 0.8])
    assert c.reputation.tolist() == pytest.approx([0.45, 0.6])
    assert e.n_partners.tolist() == [1, 2] and c.n_partners.tolist() == [1, 2]


def test_a_co_built_contract_ends_between_its_partners_alone():
    state = play(one_sided(4, 0.0))
    assert state.ties.level[0, 0] == 0
    assert state.ties.trust_college[0, 1] == 1.0 and state.ties.trust_enterprise[1, 0] == 1.0
    assert state.enterprises.reputation.tolist() == [0.8, 0.8]


@pytest.mark.parametrize(("level", "share"), [(1, 0.5), (3, 0.5), (4, 0.0), (4, 0.3), (5, 1.0)])
def test_distrust_makes_specific_assets_dear(level: int, share: float):
    """Utilities with and without specific assets differ by (1 - trust) * share * assets * (1 - subsidy), by hand."""
    terms = np.full((1, N_TERMS), 0.2)
    terms[0, [Term.TRUST_ENTERPRISE, Term.TRUST_COLLEGE, Term.SUBSIDY, Term.TAX_CREDIT]] = 0.9, 0.4, 0.25, 0.0
    k = (level - 1) * 11 + round(10 * share)

    def worth(p) -> np.ndarray:
        return worths(terms, stakes(p))[0][0, :, k]

    lost = worth(P._replace(specific_assets=0.0)) - worth(P)
    sunk = ASSETS.get(level, 0.0) * 0.75
    assert lost == pytest.approx([share * sunk * 0.1, (1 - share) * sunk * 0.6, 0.0, 0.0], abs=1e-12)


def told(state: State) -> list[tuple[str, int, int, int, str, float]]:
    """Contract events as what, enterprise, college, level, cause and value."""
    return [
        (CONTRACT_EVENTS[what], e, c, level, EVENT_CAUSES[cause], value)
        for batch in state.contract_events
        for what, e, c, level, cause, value in zip(*(column.tolist() for column in batch), strict=True)
    ]


def audited(supervision: float) -> State:
    """Enterprise 0 in contracts with both colleges, enterprise 1 with college 0; all but one side of them idle."""
    state = one_sided(5, 0.0)
    t = state.ties
    t.level[:] = [[5, 1], [2, 0]]
    t.effort_enterprise[:] = [[0.9, 0.5], [0.3, 0.0]]
    t.effort_college[:] = [[0.2, 0.4], [0.35, 0.0]]
    state.governments.levers[:, L.SUPERVISION] = supervision
    bear(state, Scenario(name="test", p=P._replace(audit_standard=0.5, audit_reputation_loss=0.1)))
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
