"""The diagnosis is the decision rule asked again: its shortcuts save time and never change an answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from abm.machine.kernels import kernel
from abm.quarter.negotiation.bargaining import (
    N_TERMS,
    TAX_CREDIT,
    Term,
    common_terms,
    contract_utilities,
    evaluate,
    expect_of_partners,
    foresee,
    foresees_a_deal,
    may_close,
    pays_a_round,
    table_workspace,
    weigh_aims,
    worths,
)
from abm.quarter.negotiation.diagnosis import (
    BISECTIONS,
    SHARED_WITHIN,
    _change,
    closing_moves,
    closing_sets,
    diagnose,
    move,
    search_moves_under,
)
from abm.quarter.negotiation.protocols import names, protocol
from abm.world.equations import N_AIMS
from abm.world.parameters import DEFAULTS
from abm.world.state import N_CONTRACTS, N_SHARES
from abm.world.vocabulary import AIMS, COLLEGE, ENTERPRISE, N_MOVES, NO_COMMON_INTEREST, SEVERAL
from tests.quarter.test_protocols import random_terms

VOLUNTARY = [name for name in names() if not protocol(name).is_binding]
COMMON = common_terms(
    DEFAULTS._replace(cost_linear=2 * DEFAULTS.cost_linear, cost_quadratic=2 * DEFAULTS.cost_quadratic)
)
"""Cooperation is dear here, so that it is money that decides."""


def failed_tables(name, seed, n=4000):
    """Terms of failed tables, half of them with a credit on taxes that are due. Shape [T, N_TERMS]."""
    terms = random_terms(seed, n)
    terms[:, Term.TAX_CREDIT], terms[:, Term.TAX_DUE] = np.where(np.arange(n) % 2, 0.5, 0.0), 1.0
    terms[:, Term.SUBSIDY] *= 0.2
    # Governments that want development agree to pay more.
    terms[:, Term.AIMS_GOVERNMENT : Term.AIMS_GOVERNMENT + N_AIMS] *= 0.5
    terms[:, Term.AIMS_GOVERNMENT + AIMS.index("development")] += 0.5
    return terms[evaluate(terms, protocol(name), COMMON).contract < 0]


@kernel
def changed_tables(terms, cause, x, changed):
    for t in range(terms.shape[0]):
        _change(terms[t], cause, x[t], changed[t])


def moves_in_full(terms, name):
    """Smallest closing moves by negotiating every changed table from the beginning. Shape [T, N_MOVES]."""
    moves = np.full((len(terms), N_MOVES), np.nan)
    for cause in range(N_MOVES):
        low, high, x = np.zeros(len(terms)), np.full(len(terms), np.nan), np.ones(len(terms))
        for _ in range(1 + BISECTIONS):
            changed = np.empty_like(terms)
            changed_tables(terms, cause, x, changed)
            closes = evaluate(changed, protocol(name), COMMON).contract >= 0
            high, low = np.where(closes, x, high), np.where(closes, low, x)
            x = np.where(np.isnan(high), 1.0, 0.5 * (low + high))
        moves[:, cause] = high
    return moves


def moves_with(closes_by, terms, name):
    """The same by the model's own search with something else that tells whether tables close."""
    moves = np.full((len(terms), N_MOVES), np.nan)
    search = search_moves_under(protocol(name).agree, closes_by)
    search(0, len(terms), terms, COMMON, moves)
    return moves


@kernel
def closes_in_full(cause, changed, usual, common, work):
    """Everything is worked out anew, and no bound is asked."""
    weigh_aims(changed, common, work)
    expect_of_partners(changed, common, work)
    foresee(changed, common, work)
    contract_utilities(changed, common, work)
    return pays_a_round(changed, common, work)


@kernel
def closes_without_tax_credit(cause, changed, usual, common, work):
    """A bound that forgets the tax credit is asked first."""
    blind = np.empty(N_TERMS)
    for i in range(N_TERMS):
        blind[i] = changed[i]
    blind[TAX_CREDIT] = 0.0
    closes = closes_in_full(cause, changed, usual, common, work)
    return closes and may_close(blind, common, work)


@pytest.mark.parametrize("name", VOLUNTARY)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_shortcut_changes_the_diagnosis(name, seed):
    terms = failed_tables(name, seed)
    moves = closing_moves(terms, protocol(name), COMMON)
    closes = np.isfinite(moves)
    assert len(terms) > 500 and closes.any(axis=0).all() and not closes.all(axis=0).any()
    assert moves.tobytes() == moves_with(closes_in_full, terms, name).tobytes()
    assert moves.tobytes() == moves_in_full(terms, name).tobytes()


def test_these_tables_would_show_a_bound_that_forgets_the_tax_credit():
    terms = failed_tables("concession", 1)
    moves = closing_moves(terms, protocol("concession"), COMMON)
    assert moves.tobytes() != moves_with(closes_without_tax_credit, terms, "concession").tobytes()


LEVEL = np.arange(N_CONTRACTS) // N_SHARES + 1


def net_gains(terms):
    """What each contract leaves each party, a round of talk paid by the talkers. Shape [T, 4, 55]."""
    utility, _ = worths(terms, COMMON)
    price = (terms[:, Term.TALK] + terms[:, Term.TALK_INCONSISTENCY])[:, None] * LEVEL / COMMON.levels.quarters[LEVEL]
    utility[:, ENTERPRISE] -= price
    utility[:, COLLEGE] -= price
    return utility


def at_nearest(terms):
    """Gains of the four parties at the contract that leaves most to the one that it leaves least. Shape [T, 4]."""
    gains = net_gains(terms)
    return np.take_along_axis(gains, gains.min(axis=1).argmax(axis=1)[:, None, None], axis=2)[:, :, 0]


def changed_by(terms, causes):
    """Terms of tables with all of these causes moved all the way."""
    changed = terms.copy()
    for row in changed:
        for cause in causes:
            move(row, cause, 1.0)
    return changed


@pytest.mark.parametrize("name", VOLUNTARY)
def test_the_primary_cause_is_the_change_that_adds_most_to_the_gain_of_the_party_that_was_short(name):
    """Eq. 72 by negotiating every changed table anew and asking what it leaves the party that was short."""
    terms = failed_tables(name, 3)[:800]
    found = diagnose(terms, protocol(name), COMMON)
    before = at_nearest(terms)
    short = before.argmin(axis=1)
    assert (before.min(axis=1) < 0).all(), "somebody is short at every table that failed"
    adds = np.full((len(terms), N_MOVES), np.nan)
    for cause in range(N_MOVES):
        changed = changed_by(terms, [cause])
        closes = evaluate(changed, protocol(name), COMMON).contract >= 0
        gain = at_nearest(changed)[np.arange(len(terms)), short] - before.min(axis=1)
        adds[closes, cause] = gain[closes]
    np.testing.assert_allclose(found.adds, adds, rtol=0, atol=1e-12)
    alone = np.isfinite(adds).any(axis=1)
    assert (found.cause[alone] == np.nanargmax(adds[alone], axis=1)).all()
    together = evaluate(changed_by(terms[~alone], range(N_MOVES)), protocol(name), COMMON).contract >= 0
    assert (found.cause[~alone] == np.where(together, SEVERAL, NO_COMMON_INTEREST)).all()
    assert together.any()


def test_causes_that_add_nearly_as_much_share_a_failure():
    terms = failed_tables("concession", 4)
    found = diagnose(terms, protocol("concession"), COMMON)
    np.testing.assert_allclose(found.parts.sum(axis=1), 1.0, rtol=1e-15)
    alone = found.cause < N_MOVES
    most = np.nanmax(found.adds[alone], axis=1, keepdims=True)
    sharing = found.adds[alone] >= (1 - SHARED_WITHIN) * most
    assert ((found.parts[alone, :N_MOVES] > 0) == sharing).all()
    assert (sharing.sum(axis=1) > 1).any() and (sharing.sum(axis=1) == 1).any()
    assert (found.parts[np.flatnonzero(~alone), found.cause[~alone]] == 1.0).all()


def test_of_what_several_things_failed_the_smallest_set_is_found():
    """No smaller set closes the table, and none of its size leaves more to the party that was short."""
    terms = failed_tables("concession", 5, 8000)
    found = diagnose(terms, protocol("concession"), COMMON)
    terms = terms[found.cause == SEVERAL][:40]
    sets = closing_sets(terms, protocol("concession"), COMMON)
    short = at_nearest(terms).argmin(axis=1)
    assert len(terms) == 40
    for row, chosen, party in zip(terms, sets, short, strict=True):
        size, left = int(chosen.sum()), {}
        assert size >= 2
        for n in (size - 1, size):
            for causes in combinations(range(N_MOVES), n):
                changed = changed_by(row[None], causes)
                if evaluate(changed, protocol("concession"), COMMON).contract[0] >= 0:
                    left[causes] = at_nearest(changed)[0, party]
        assert all(len(causes) == size for causes in left)
        assert left[tuple(np.flatnonzero(chosen))] == pytest.approx(max(left.values()), abs=1e-12)


@kernel
def deals_seen(terms, common, anew, shortcut, found, worth, risk):
    """Whether tables may close, and what levels are then worth, by the shortcut or by foreseeing all of them."""
    work = table_workspace()
    for t in range(len(terms)):
        weigh_aims(terms[t], common, work)
        expect_of_partners(terms[t], common, work)
        foresee(terms[t], common, work)
        if shortcut:
            found[t] = foresees_a_deal(terms[t], common, work, anew)
        else:
            found[t] = may_close(terms[t], common, work)
        worth[t], risk[t] = work.worth, work.risk


@pytest.mark.parametrize("elasticity", [0.1, 0.75, 1.0, 2.0])
@pytest.mark.parametrize("anew", [(True, True), (True, False), (False, True)])
def test_a_bound_gives_up_no_table_that_may_close(elasticity, anew):
    common = common_terms(DEFAULTS._replace(output_elasticity=elasticity))
    terms = random_terms(5, 4000)
    found = np.zeros((2, len(terms)), bool)
    worth, risk = np.empty((2, len(terms), 5, 4, 6)), np.empty((2, len(terms), 2, 6))
    for shortcut in (0, 1):
        deals_seen(terms, common, anew, bool(shortcut), found[shortcut], worth[shortcut], risk[shortcut])
    assert 0 < found[0].sum() < len(terms)
    assert (found[0] == found[1]).all()
    assert worth[0, found[0], :, :, 1:].tobytes() == worth[1, found[0], :, :, 1:].tobytes()
    assert risk[0, found[0], :, 1:].tobytes() == risk[1, found[0], :, 1:].tobytes()


@pytest.mark.parametrize("name", VOLUNTARY)
def test_what_a_change_adds_is_known_where_it_closes_the_deal(name):
    terms = failed_tables(name, 3)
    moves = closing_moves(terms, protocol(name), COMMON)
    assert (np.isfinite(diagnose(terms, protocol(name), COMMON).adds) == np.isfinite(moves)).all()
    who_may_refuse = replace(protocol(name), always_agrees=False)
    for one, other in zip(
        diagnose(terms, protocol(name), COMMON), diagnose(terms, who_may_refuse, COMMON), strict=True
    ):
        assert one.tobytes() == other.tobytes()
