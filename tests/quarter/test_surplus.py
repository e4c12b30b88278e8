"""Division of a community's worth, against hand computation and enumeration of all coalitions."""

from __future__ import annotations

from itertools import combinations, permutations
from math import factorial

import numpy as np
import pytest
import worlds

from abm.quarter.community import surplus
from abm.quarter.community.network import Network
from abm.quarter.community.surplus import EQUAL, PROPORTIONAL, SHAPLEY, Settlement, part_of
from abm.world.ledger import N_LINES, Line
from abm.world.levers import L
from abm.world.parameters import DEFAULTS
from abm.world.realised import realised_ledgers


def network(links: list[tuple[int, int]], n_enterprises: int, n_colleges: int) -> Network:
    """Enterprises are nodes 0.., colleges follow; weights 0.5."""
    a, b = (np.array(side, np.int32) for side in zip(*links, strict=True))
    row = np.concatenate([np.arange(n_enterprises), np.arange(n_colleges)]).astype(np.int32)
    is_college = np.arange(n_enterprises + n_colleges) >= n_enterprises
    slot = np.zeros(len(a), np.int32)
    return Network(a, slot, b - n_enterprises, np.full(len(a), 0.5), a, b, a, b, np.full(len(a), 0.5), row, is_college)


def ends(
    both: list[tuple[float, float]], paid: list[tuple[float, float]] | None = None, aid: float = 0.0
) -> np.ndarray:
    """What ends earn (enterprise, college), with ``aid`` of public money in each, and what they pay."""
    worth = np.array(both)
    return np.column_stack([worth, worth - aid, np.array(paid) if paid else np.full_like(worth, 0.1)])


def value(coalition: frozenset[int], ties: dict[tuple[int, int], float], fixed: float, fee: float) -> float:
    """Characteristic function: ties inside, minus a fixed cost of any coalition or a fee a head."""
    inside = sum(w for (a, b), w in ties.items() if a in coalition and b in coalition)
    return inside - (fixed if coalition else 0.0) - fee * len(coalition)


def shapley(players: int, ties: dict[tuple[int, int], float], fixed: float = 0.0, fee: float = 0.0) -> list[float]:
    """By definition: mean marginal contribution over all coalitions of the others."""
    found: list[float] = []
    for i in range(players):
        others = [j for j in range(players) if j != i]
        total = 0.0
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for chosen in combinations(others, size):
                s = frozenset(chosen)
                total += weight * (value(s | {i}, ties, fixed, fee) - value(s, ties, fixed, fee))
        found.append(total)
    return found


GAMES = [
    (3, {(0, 2): 1.0, (1, 2): 0.5}),
    (5, {(0, 3): 1.0, (0, 4): -0.2, (1, 3): 0.7, (2, 4): 0.3}),
    (6, {(0, 4): 0.4, (1, 4): 0.4, (2, 5): 0.9, (3, 5): 0.1, (0, 5): 0.25}),
]


@pytest.mark.parametrize(("players", "ties"), GAMES)
def test_shapley_is_the_mean_marginal_contribution(players: int, ties: dict[tuple[int, int], float]) -> None:
    fee = 0.03
    own = [sum(w for tie, w in ties.items() if i in tie) for i in range(players)]
    worth = sum(ties.values()) - fee * players
    closed = [part_of(SHAPLEY, worth, players, own[i], 0.0, 0.0, fee) for i in range(players)]
    assert closed == pytest.approx(shapley(players, ties, fee=fee))
    # A fixed cost of the same size, borne by whatever coalition forms, is shared equally as well.
    assert closed == pytest.approx(shapley(players, ties, fixed=fee * players))
    assert sum(closed) == pytest.approx(worth)


def test_shapley_orders_agree_with_coalitions() -> None:
    """The enumeration of the tests itself: marginal contributions over all orders of arrival."""
    players, ties = GAMES[0]
    orders = list(permutations(range(players)))
    mean = [0.0] * players
    for order in orders:
        for k, i in enumerate(order):
            before = frozenset(order[:k])
            mean[i] += (value(before | {i}, ties, 0.0, 0.0) - value(before, ties, 0.0, 0.0)) / len(orders)
    assert mean == pytest.approx(shapley(players, ties))


def test_shapley_symmetry_and_dummy() -> None:
    players, ties = 4, {(0, 2): 0.6, (1, 2): 0.6}
    parts = shapley(players, ties)
    assert parts[0] == pytest.approx(parts[1]) == pytest.approx(part_of(SHAPLEY, 1.2, 4, 0.6, 0.0, 0.0, 0.0))
    # Player 3 adds nothing to any coalition and gets nothing.
    assert parts[3] == pytest.approx(0.0)
    assert part_of(SHAPLEY, 1.2, 4, 0.0, 0.0, 0.0, 0.0) == 0.0


def test_other_rules() -> None:
    assert part_of(EQUAL, 1.2, 4, 0.6, 0.1, 0.4, 0.0) == pytest.approx(0.3)
    assert part_of(PROPORTIONAL, 1.2, 4, 0.6, 0.1, 0.4, 0.0) == pytest.approx(0.3)
    assert part_of(PROPORTIONAL, 1.2, 4, 0.6, 0.3, 0.4, 0.0) == pytest.approx(0.9)
    # Where nobody carries a cost, proportional parts are equal.
    assert part_of(PROPORTIONAL, 1.2, 4, 0.6, 0.0, 0.0, 0.0) == pytest.approx(0.3)


def settled(
    net: Network, found: np.ndarray, charter: float, rule: int, terms: tuple[float, float, float]
) -> Settlement:
    labels = np.zeros(net.n_nodes, np.int64)
    return surplus.divide(net, labels, found, np.array([charter]), np.array([rule]), terms)


def test_without_a_charter_each_keeps_its_own() -> None:
    net = network([(0, 2), (1, 2)], 2, 1)
    result = settled(net, ends([(0.3, 0.2), (0.1, 0.4)], aid=0.15), 0.0, SHAPLEY, (0.01, 1.0, 0.05))
    assert result.part.tolist() == pytest.approx([0.3, 0.1, 0.6])
    sums = result.clusters[0]
    assert sums[surplus.WORTH] == pytest.approx(1.0)
    assert sums[surplus.WORTH_ALONE] == pytest.approx(0.4)
    assert sums[surplus.SMALLEST_ALONE] == pytest.approx(-0.05)
    assert (sums[surplus.N_ENTERPRISES], sums[surplus.N_COLLEGES], sums[surplus.N_TIES]) == (2, 1, 2)


def test_the_fee_of_a_charter_counts_once_in_what_is_left_without_public_money() -> None:
    """Members who earn .04 a head without public money do not stand by themselves under a fee of .05."""
    net = network([(0, 2), (1, 2)], 2, 1)
    sums = settled(net, ends([(0.3, 0.2), (0.3, 0.2)], aid=0.26), 0.5, SHAPLEY, (0.1, 0.0, 9.0)).clusters[0]
    assert sums[surplus.SMALLEST_ALONE] == pytest.approx(min(0.04, 2 * -0.06) - 0.05)
    assert sums[surplus.WORTH_ALONE] == pytest.approx(2 * (0.04 - 0.06) - 3 * 0.05)
    sums = settled(net, ends([(0.3, 0.3), (0.3, 0.3)], aid=0.26), 0.5, SHAPLEY, (0.1, 0.0, 9.0)).clusters[0]
    assert sums[surplus.SMALLEST_ALONE] == pytest.approx(0.04 - 0.05), "the fee takes it below nothing"


@pytest.mark.parametrize("rule", [EQUAL, PROPORTIONAL, SHAPLEY])
@pytest.mark.parametrize("pooled", [0.0, 0.4, 1.0])
def test_every_rule_divides_all_there_is(rule: int, pooled: float) -> None:
    net = network([(0, 3), (1, 3), (1, 4), (2, 4)], 3, 2)
    found = ends([(0.3, 0.2), (0.1, 0.4), (0.2, 0.2), (0.5, 0.1)], [(0.1, 0.3), (0.2, 0.1), (0.0, 0.2), (0.1, 0.1)])
    result = settled(net, found, 0.5, rule, (0.02, pooled, 10.0))
    assert (result.label == 0).all()
    assert result.part.sum() == pytest.approx(2.0 - 0.02 * 0.5 * 5)
    assert result.part.sum() == pytest.approx(result.clusters[0, surplus.WORTH])


def test_who_does_better_alone_leaves_and_who_has_nobody_left_too() -> None:
    # Equal parts of 1.2: the hub (college 3) keeps 1.05 alone, gets 0.3, and goes; nobody has a tie then.
    net = network([(0, 3), (1, 3), (2, 3)], 3, 1)
    result = settled(net, ends([(0.05, 0.35)] * 3), 1.0, EQUAL, (0.0, 1.0, 0.1))
    assert result.label.tolist() == [-1] * 4
    assert result.reason.tolist() == [surplus.WITHOUT_TIE] * 3 + [surplus.BETTER_ALONE]
    # A smaller pool is worth staying in: 0.1 * 0.3 + 0.9 * 1.05 = 0.975 >= 1.05 - 0.1.
    result = settled(net, ends([(0.05, 0.35)] * 3), 1.0, EQUAL, (0.0, 0.1, 0.1))
    assert result.part.tolist() == pytest.approx([0.1 * 0.3 + 0.9 * 0.05] * 3 + [0.975])


def test_who_loses_leaves() -> None:
    net = network([(0, 2), (1, 2)], 2, 1)
    result = settled(net, ends([(-0.1, 0.5), (0.2, 0.3)]), 0.0, EQUAL, (0.0, 1.0, 0.05))
    assert result.label.tolist() == [-1, 0, 0]
    assert result.reason.tolist() == [surplus.DEFICIT, 0, 0]
    # Its tie counts no more for the others.
    assert result.part.tolist() == pytest.approx([0.0, 0.2, 0.3])


def test_what_ends_earn_is_the_ledger_with_what_was_done() -> None:
    """Every line of Eq. 53 written out again for one contract of level 4, fined and half paid."""
    p = DEFAULTS._replace(blame_exit=0.4)
    state = worlds.world([0, 1], [4, 4], [(0, 0)], np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]))
    e, c, t, g = state.enterprises, state.colleges, state.ties, state.governments
    e.aims[0], c.aims[1] = (0.3, 0.25, 0.15, 0.1, 0.1, 0.1), (0.05, 0.15, 0.2, 0.3, 0.15, 0.15)
    c.student_aims[1] = (0.1, 0.2, 0.1, 0.3, 0.2, 0.1)
    e.retention[0], c.engagement[1], g.market_fit[:] = 0.6, 0.35, (0.4, 0.7)
    t.college[0, 0], t.level[0, 0], t.cost_share[0, 0], t.founded[0, 0] = 1, 4, 0.7, 2
    t.subsidy[0, 0], t.tax_credit[0, 0], t.talk[0, 0] = 0.3, 0.02, 0.6
    t.effort_enterprise[0, 0], t.effort_college[0, 0] = 0.8, 0.45
    g.levers[0, [L.SUPERVISION, L.PENALTY]], g.levers[1, [L.SUPERVISION, L.PENALTY]] = (0.9, 0.9), (0.3, 0.4)
    g.levers[1, [L.EVALUATION_REFORM, L.STUDENT_REFORM]] = 0.5, 0.2
    g.paid_subsidy[:], g.paid_credit[:] = (0.5, 1.0), (0.25, 1.0)
    state.step = 5
    lines = realised_ledgers(state, p, np.zeros(1, np.int32), np.zeros(1, np.int32))[0]
    d, done = 0.8, (0.8 * 0.45) ** p.output_elasticity
    fit = float(np.minimum(e.demand[0], state.programmes.curriculum[2]).sum())
    x, curve = d / p.profit_peak_depth, p.innovation_curvature
    yields = np.array([
        p.productive_return * x * np.exp(1 - x), d, d**curve * (1 + curve * (1 - d)),
        p.standing_cost * d * (d - p.standing_recovery_depth), d**0.5,
        d * (d - p.drudgery_depth) / (1 - p.drudgery_depth),
    ])  # fmt: skip
    kept, full = fit * done, fit * (p.paper_employment + (1 - p.paper_employment) * done)
    scale = np.array([1, kept, kept, 1, full, kept])
    w_c, w_s = c.aims[1] * (1 + 0.5 * 0.3 / 0.7), c.student_aims[1] * (1 + 0.2 * 0.3 / 0.7)
    w_c[3], w_s[3] = 0.3 * 0.5, 0.3 * 0.8
    worth = [p.enterprise_worth * e.aims[0], p.college_worth * w_c, g.aims[0], w_s]
    cost = p.cost_linear * d + p.cost_quadratic * d * d
    college_effort = p.college_effort_cost * (1 + p.standing_burden * w_c[3]) * (1 - p.engagement_ease * 0.35) * d
    expected = np.zeros((4, N_LINES))
    for party in range(4):
        expected[party, :6] = worth[party] * yields * scale
    expected[0, 1] *= 0.6
    expected[:2, Line.COST] = -0.7 * cost, -0.3 * cost
    expected[:2, Line.SUBSIDY] = 0.7 * cost * 0.15, 0.3 * cost * 0.15
    expected[0, Line.TAX_CREDIT] = 0.005
    expected[:2, Line.EFFORT] = -p.effort_cost * d * 0.8, -college_effort * 0.45
    expected[:2, Line.TALK] = -0.6 / p.quarters_co_built
    # The college alone falls short of the standard, and is judged by the rules of its own region.
    assert 0.45 < p.audit_standard < 0.8
    expected[1, Line.FINES] = -0.3 * 0.4 * d
    expected[:, Line.OUTSIDE] = (
        -p.enterprise_worth * p.enterprise_outside * 0.25 * 0.4 * d, -p.college_worth * p.college_outside * w_c[3] * d,
        -p.government_outside * d, -(p.student_outside * w_s[3] + p.student_cost) * d,
    )  # fmt: skip
    assert lines == pytest.approx(expected, abs=1e-12)
    ends_of = surplus.surplus_of_ends(state, p, network([(0, 1)], 1, 1)._replace(slot=np.zeros(1, np.int32)))
    own = expected[:2].sum(axis=1) - expected[:2, Line.TALK]
    aid = expected[:2, Line.SUBSIDY] + expected[:2, Line.TAX_CREDIT]
    carried = -(expected[:2, Line.COST] + aid)
    assert ends_of[0] == pytest.approx([*own, *(own - aid), *carried], abs=1e-12)
