"""Single lines of the model's decisions that other tests would not miss: each by hand, at the point that it decides."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import worlds

from abm.machine.streams import Stream, unit, words
from abm.population import build, tables
from abm.population.draws import limit_partners
from abm.population.initial import start_state
from abm.quarter import PHASES, schedule
from abm.quarter import community as communities
from abm.quarter.community import surplus
from abm.quarter.community.network import Network
from abm.quarter.delivery import TieColumns
from abm.quarter.delivery.conduct import blame
from abm.quarter.delivery.imprint import update_programmes
from abm.quarter.labour_market import labour_market
from abm.quarter.negotiation import negotiation
from abm.quarter.negotiation.bargaining import N_TERMS, TALK, TALK_INCONSISTENCY, another, common_terms
from abm.quarter.policy import policy
from abm.quarter.policy.observed import by_region
from abm.scenario import Scenario
from abm.scenario.policies import Observation
from abm.scenario.policies.subsidy import Subsidy
from abm.world.equations import N_AIMS, reformed_weight
from abm.world.ledger import Line, early_end
from abm.world.level_tables import level_tables
from abm.world.levers import DISPERSED, LEVERS, L
from abm.world.parameters import DEFAULTS, as_row
from abm.world.realised import realised_ledgers
from abm.world.state import N_CONTRACTS, N_SHARES, Community
from abm.world.vocabulary import (
    BLAMED_BY_ENTERPRISE,
    CAUSES,
    COLLEGE,
    ENDED_BY_BLAME,
    ENTERPRISE,
    PARTIES,
    STANDING,
)

SMALL = Scenario(name="test").with_overrides(
    **{"population.n_regions": 2, "population.n_colleges": 6, "population.n_enterprises": 24,
       "population.n_students": 180}
)  # fmt: skip


def linked(state) -> Network:
    """Enterprise 0 with college 0, the only link."""
    one = np.zeros(1, np.int32)
    ends = np.array([0, 1], np.int32)
    weight, nodes = np.full(1, 0.5), (ends[:1], ends[1:])
    return Network(one, one, one, weight, *nodes, *nodes, weight, np.zeros(2, np.int32), np.array([False, True]))


def test_what_was_promised_counts_as_far_as_it_was_paid_and_from_the_quarter_after_it_was_signed() -> None:
    state = worlds.world([0], [4], [(0, 0)], np.array([[0.5, 0.5]]))
    t = state.ties
    t.college[0, 0], t.level[0, 0], t.cost_share[0, 0], t.subsidy[0, 0], t.tax_credit[0, 0] = 0, 3, 0.6, 0.4, 0.05
    state.governments.paid_subsidy[:], state.governments.paid_credit[:] = 0.5, 0.2
    cost = level_tables(DEFAULTS).costs[3]
    t.founded[0, 0] = 7
    for step, subsidy, credit in ((8, 0.4 * 0.5, 0.05 * 0.2), (7, 0.4, 0.05)):
        state.step = step
        own = realised_ledgers(state, DEFAULTS, np.zeros(1, np.int32), np.zeros(1, np.int32))[0]
        for party, share in ((ENTERPRISE, 0.6), (COLLEGE, 0.4)):
            assert own[party, Line.COST] == pytest.approx(-share * cost, rel=1e-12)
            assert own[party, Line.SUBSIDY] == pytest.approx(share * cost * subsidy, rel=1e-12)
            assert own[party, Line.TAX_CREDIT] == pytest.approx(credit if party == ENTERPRISE else 0.0, rel=1e-12)
        ends = surplus.surplus_of_ends(state, DEFAULTS, linked(state))
        assert ends[0, surplus.PAID_ENTERPRISE] == pytest.approx(0.6 * cost * (1 - subsidy) - credit, rel=1e-12)
        assert ends[0, surplus.PAID_COLLEGE] == pytest.approx(0.4 * cost * (1 - subsidy), rel=1e-12)
        for gain, alone, aid in (
            (surplus.GAIN_ENTERPRISE, surplus.ALONE_ENTERPRISE, 0.6 * cost * subsidy + credit),
            (surplus.GAIN_COLLEGE, surplus.ALONE_COLLEGE, 0.4 * cost * subsidy),
        ):
            assert ends[0, gain] - ends[0, alone] == pytest.approx(aid, rel=1e-12)


def test_who_is_paid_to_cooperate_carries_no_cost_by_which_parts_are_divided() -> None:
    assert surplus.part_of(surplus.PROPORTIONAL, 1.2, 4, 0.6, -0.1, 0.4, 0.0) == 0.0
    weight, nodes = np.full(2, 0.5), (np.zeros(2, np.int32), np.array([1, 2], np.int32))
    net = Network(
        np.zeros(2, np.int32), np.arange(2, dtype=np.int32), np.arange(2, dtype=np.int32), weight, *nodes, *nodes,
        weight, np.zeros(3, np.int32), np.array([False, True, True]),
    )  # fmt: skip
    # The enterprise is paid .1 for each tie, the colleges carry .1 and .3.
    ends = np.zeros((2, surplus.N_ENDS))
    ends[:, surplus.GAIN_ENTERPRISE], ends[:, surplus.GAIN_COLLEGE] = 0.3, 0.2
    ends[:, surplus.PAID_ENTERPRISE], ends[:, surplus.PAID_COLLEGE] = -0.1, (0.1, 0.3)
    rule = np.array([surplus.PROPORTIONAL])
    found = surplus.divide(net, np.zeros(3, np.int64), ends, np.ones(1), rule, (0.0, 1.0, 9.0))
    assert found.clusters[0, surplus.ALL_PAID] == pytest.approx(0.4)
    assert found.part == pytest.approx([0.0, 0.25, 0.75])


@pytest.mark.parametrize("reform", [0.0, 0.5, 1.0])
def test_who_looks_at_standing_alone_spreads_what_a_reform_frees_evenly(reform: float) -> None:
    weights = np.zeros(N_AIMS)
    weights[STANDING] = 1.0
    found = [reformed_weight(weights, 0, aim, reform) for aim in range(N_AIMS)]
    others = [worth for aim, worth in enumerate(found) if aim != STANDING]
    assert found[STANDING] == pytest.approx(1.0 - reform)
    assert others == pytest.approx([reform / (N_AIMS - 1)] * (N_AIMS - 1))


@pytest.mark.parametrize(("most", "least"), [(6.0, 1), (0.25, 0)])
def test_a_college_has_room_for_a_partner_however_few_enterprises_there_are(most: float, least: int) -> None:
    p = as_row(DEFAULTS._replace(college_partners=most)).view(np.recarray)
    table = SimpleNamespace(id=np.arange(2), partner_limit=np.full(2, np.nan))
    colleges = SimpleNamespace(partner_limit=np.zeros(2, np.int64))
    plain = getattr(limit_partners, "py_func", limit_partners)
    plain(p, table, colleges, np.array([1.0, 40.0]), 0.05, np.full((2, 4), 0.5))
    assert colleges.partner_limit.tolist() == [least, int(most * 0.05 * 40.0 + 0.5)]


def test_nobody_is_so_badly_matched_that_he_leaves_for_certain() -> None:
    state = worlds.world([0], [400], [(0, 0)], np.array([[0.5, 0.5]]))
    certain = worlds.scenario(
        labour_tightness=1.0, migration_rate=0.0, base_turnover=3.0, poaching=0.0, mismatch_turnover=0.0
    )
    labour_market(state, certain)
    hired = state.enterprises.staff[0]
    state.step = 1
    labour_market(state, certain)
    lots = np.array([unit(words(state.seed, int(Stream.TURNOVER), 1, state.colleges.id[0], j)[0]) for j in range(400)])
    assert hired == 400 and 0 < state.flows["quits"] == (lots < 0.95).sum() < 400


def look(large: int) -> SimpleNamespace:
    """Twelve members of old: ``large`` enterprises and a college in cluster 1, the others in cluster 0."""
    enterprises = {e: int(e < large) for e in range(10)}
    whole = [(frozenset(range(large, 10)), frozenset({1})), (frozenset(range(large)), frozenset({0}))]
    return SimpleNamespace(whole=whole, cluster_of=(enterprises, {0: 1, 1: 0}))


def test_a_community_splits_from_a_quarter_of_its_members_on() -> None:
    old = Community(0, 0, frozenset(range(10)), frozenset({0, 1}), 0, established=0)
    assert communities._has_split(old, look(2), 0), "three of twelve"
    larger = Community(0, 0, frozenset(range(11)), frozenset({0, 1}), 0, established=0)
    assert not communities._has_split(larger, look(2), 0), "three of thirteen"


def test_partly_harmonised_regions_keep_the_rest_of_their_own_way() -> None:
    state = build(SMALL, 1)
    half = SMALL.with_overrides(policy_dispersion=0.5, subsidy_rate=0.4, harmonisation=0.5)
    policy(state, half)
    g = state.governments
    own = 0.5 * (1 - 0.5)
    assert g.levers[:, L.SUBSIDY_RATE] == pytest.approx(0.4 * (1 + own * (2 * g.stance[:, 0] - 1)), rel=1e-12)
    columns = [int(i) for i in DISPERSED]
    ranges = np.array([LEVERS[i].high - LEVERS[i].low for i in columns])
    apart = own * np.abs(g.stance[0] - g.stance[1]) + np.abs(g.levers[0, columns] - g.levers[1, columns]) / ranges
    assert g.inconsistency[0, 1] == pytest.approx(min(1.0, apart.mean()), rel=1e-12)
    assert 0.0 < g.inconsistency[0, 1] < 1.0


def talk_about_one_contract(k: int, enterprise: float, college: float) -> tuple[int, float, int]:
    """What a table comes to at which nothing but contract ``k`` is acceptable, at a price of 0.25 a round and level."""
    terms = np.zeros(N_TERMS)
    terms[TALK], terms[TALK_INCONSISTENCY] = 0.125, 0.125
    utility = np.full((1, len(PARTIES), N_CONTRACTS), -1.0)
    utility[0, :, k] = 0.0
    utility[0, ENTERPRISE, k], utility[0, COLLEGE, k] = enterprise, college
    return another(terms, utility, np.zeros((1, len(PARTIES))), common_terms(DEFAULTS))


@pytest.mark.parametrize("level", [1, 2, 5])
def test_who_is_left_with_just_what_a_round_of_talk_costs_signs(level: int) -> None:
    """A round about a contract of level l costs l prices, weighed against the gain over the whole contract (Eq. 23)."""
    k, quarters = (level - 1) * N_SHARES + 4, level_tables(DEFAULTS).quarters[level]
    just = 0.25 * level / quarters
    while just * quarters < 0.25 * level:
        just = np.nextafter(just, 1.0)
    less = just * (1 - 1e-9)
    assert talk_about_one_contract(k, just, just) == (k, 0.0, -1), "left with exactly nothing"
    assert talk_about_one_contract(k, just, less) == (-1, 0.0, COLLEGE)
    assert talk_about_one_contract(k, less, less) == (-1, 0.0, ENTERPRISE), "of equals the enterprise"


def test_what_is_observed_is_a_main_cause_only_by_its_whole_name() -> None:
    state = build(SMALL, 1)
    assert by_region(state, "main_cause_nonsense") is None
    assert by_region(state, CAUSES[0]) is None
    assert by_region(state, f"main_cause_{CAUSES[0]}") is not None


def test_a_contract_begins_without_effort_and_substance_whatever_its_place_held() -> None:
    world = SMALL.with_overrides(initial_trust=0.9, effort_cost=0.05, communication_cost=0.0)
    state = start_state(tables(world), world, 1)
    for phase in schedule()[: PHASES.index("negotiation")]:
        phase(state, world)
    t = state.ties
    free = t.level == 0
    t.effort_enterprise[free] = t.effort_college[free] = t.substance[free] = 0.75
    negotiation(state, world)
    new = free & (t.level > 0)
    assert new.any()
    for column in (t.effort_enterprise, t.effort_college, t.substance):
        assert not column[new].any()


def test_a_blame_is_a_row_of_three_numbers() -> None:
    none, zero = np.zeros((1, 1)), np.zeros((1, 1), np.int8)
    contracts = TieColumns(
        np.zeros((1, 1), np.int32), zero, np.full((1, 1), 4, np.int8), zero, none, none, none,
        np.ones((1, 1), np.int64), *np.ones((3, 1, 1)), np.full((1, 1), 0.9), none, none, none,
    )  # fmt: skip
    ids = np.zeros(1, np.uint32), np.zeros(1, np.uint32)
    # A gap of .9 ends the contract for certain where the chance is 1/.9 of it or more, and never where it is 0.
    for chance, kinds in ((1 / 0.9, [BLAMED_BY_ENTERPRISE, ENDED_BY_BLAME]), (0.0, [BLAMED_BY_ENTERPRISE])):
        rows = blame(1, 1, ids, contracts, as_row(DEFAULTS._replace(blame_gap=0.1, blame_exit=chance)))
        assert rows.tolist() == [[0, 0, kind] for kind in kinds]


def test_an_early_end_is_drawn_with_the_chance_that_parties_reckon_with() -> None:
    """Of many contracts with the same gap of efforts the share that ends is ``early_end`` (Eq. 91)."""
    n, gap = 4000, 0.4
    shape = (n, 1)
    none, zero = np.zeros(shape), np.zeros(shape, np.int8)
    p = DEFAULTS._replace(blame_gap=0.1, blame_exit=0.6)
    for level, chance in ((1, 0.0), (2, 0.24), (5, 0.24)):
        trusts = np.ones((3, *shape))
        contracts = TieColumns(
            np.arange(n, dtype=np.int32).reshape(shape), zero, np.full(shape, level, np.int8), zero, none, none, none,
            np.ones(shape, np.int64), *trusts, np.full(shape, 0.9), np.full(shape, 0.9 - gap), none, none,
        )  # fmt: skip
        rows = blame(np.uint64(3), 5, (np.arange(n, dtype=np.uint32),) * 2, contracts, as_row(p))
        assert early_end(level, 0.9, 0.9 - gap, p) == pytest.approx(chance)
        ended = (rows[:, 2] == ENDED_BY_BLAME).sum() / n
        assert abs(ended - chance) < 4 * np.sqrt(chance * (1 - chance) / n) + 1e-12


def test_a_rule_is_not_asked_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def levers(self: Subsidy, seen: Observation) -> dict[str, float]:
        asked.append(seen.step)
        return {"subsidy_rate": 0.3}

    monkeypatch.setattr(Subsidy, "levers", levers)
    later = SMALL.with_overrides(policies=[{"rule": "subsidy", "from": 2, "until": 4}])
    state = build(later, 1)
    for state.step in range(6):
        policy(state, later)
    assert asked == [2, 3]


@pytest.mark.parametrize(("limit", "share"), [(0, 0.0), (1, 1.0), (2, 0.5)])
def test_practice_is_offered_for_each_place_that_a_programme_has_for_partners(limit: int, share: float) -> None:
    state = worlds.world([0], [4], [(0, 0)], np.array([[0.5, 0.5]]))
    t, c, e = state.ties, state.colleges, state.enterprises
    t.college[0, 0], t.level[0, 0], t.substance[0, 0] = 0, 3, 0.5
    e.size[0], c.partner_limit[0], c.community[0] = 1, limit, -1
    record = as_row(DEFAULTS._replace(practice_per_depth=1.0))
    partners = (t.college, t.field, t.level, t.substance, t.founded == state.step)
    update_programmes(state.programmes, c, state.governments.levers, e.size, e.demand, partners, record)
    assert state.programmes.practice_offer[0] == pytest.approx(0.5 * share * (0.5 + 0.5 * c.dual_qualified[0]))
