"""The diagnosis is the decision rule asked again: its shortcuts save time and never change an answer."""

from __future__ import annotations

import numpy as np
import pytest

from abm.machine.kernels import kernel
from abm.quarter.negotiation.bargaining import N_TERMS, TAX_CREDIT, Term, common_terms, evaluate, may_close
from abm.quarter.negotiation.diagnosis import BISECTIONS, _change, diagnose, search_moves_under
from abm.quarter.negotiation.protocols import names, protocol
from abm.world.equations import N_AIMS
from abm.world.parameters import DEFAULTS
from abm.world.vocabulary import AIMS, CAUSES, N_MOVES
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
    """Smallest closing moves by negotiating every changed table from the beginning. Shape [T, len(CAUSES)]."""
    moves = np.full((len(terms), len(CAUSES)), np.nan)
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


def moves_with(bound, terms, name):
    """The same by the model's own search with another bound in the place of ``may_close``."""
    moves = np.full((len(terms), len(CAUSES)), np.nan)
    search = search_moves_under(protocol(name).agree, bound)
    search(0, len(terms), terms, COMMON, moves)
    return moves


@kernel(inline=True)
def always(terms, common, work):
    return True


@kernel(inline=True)
def without_tax_credit(terms, common, work):
    blind = np.empty(N_TERMS)
    for i in range(N_TERMS):
        blind[i] = terms[i]
    blind[TAX_CREDIT] = 0.0
    return may_close(blind, common, work)


@pytest.mark.parametrize("name", VOLUNTARY)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_shortcut_changes_the_diagnosis(name, seed):
    terms = failed_tables(name, seed)
    moves, _ = diagnose(terms, protocol(name), COMMON)
    closes = np.isfinite(moves[:, :N_MOVES])
    assert len(terms) > 500 and closes.any(axis=0).all() and not closes.all(axis=0).any()
    assert moves.tobytes() == moves_with(always, terms, name).tobytes()
    assert moves.tobytes() == moves_in_full(terms, name).tobytes()


def test_these_tables_would_show_a_bound_that_forgets_the_tax_credit():
    terms = failed_tables("concession", 1)
    moves, _ = diagnose(terms, protocol("concession"), COMMON)
    assert moves.tobytes() != moves_with(without_tax_credit, terms, "concession").tobytes()
