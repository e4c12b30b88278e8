"""Why a table failed, and what would have closed it (Eq. 72; paper 3.2-3.4).

Every failed table is negotiated again with one thing changed at a time: first all the way, and if
that closes the deal, by bisection for the smallest part of the way that does. What helps with the
smallest move is the primary cause. Nothing here is correlation: it is the decision rule itself,
asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.bargaining import (
    EVALUATION_REFORM,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    FIT_TRUE,
    RETENTION,
    STUDENT_REFORM,
    SUBSIDY,
    SUBSIDY_CEILING,
    TALK,
    TALK_INCONSISTENCY,
    TRUST_COLLEGE,
    TRUST_ENTERPRISE,
    evaluate,
)
from abm.kernels import kernel, over_blocks

if TYPE_CHECKING:
    from abm.bargaining import Stakes
    from abm.protocols import Protocol
    from abm.state import Bytes, Floats

CAUSES = (
    "unidentified_interest",
    "communication_cost",
    "policy_inconsistency",
    "distrust",
    "funding",
    "evaluation",
    "skill_mismatch",
    "poaching",
    "cold_partner",
    "no_common_interest",
)
"""The fixed taxonomy of failure. The first eight are changed one at a time; a partner is cold when
nothing else was missing; without common interest no single change helps."""
N_MOVES = 8
UNIDENTIFIED_INTEREST = CAUSES.index("unidentified_interest")
COLD_PARTNER = CAUSES.index("cold_partner")
NO_COMMON_INTEREST = CAUSES.index("no_common_interest")
BISECTIONS = 5
"""The smallest move is known to 1 part in 32."""
BLOCK = 128
"""Failed tables diagnosed together: their utilities stay in the second-level cache."""


@kernel(inline=True)
def _move(terms, cause, x):
    """Change one thing of a table's terms by the share ``x`` of the way it can go."""
    if cause == 0:
        terms[FIT_ENTERPRISE] += x * (terms[FIT_TRUE] - terms[FIT_ENTERPRISE])
        terms[FIT_COLLEGE] += x * (terms[FIT_TRUE] - terms[FIT_COLLEGE])
    elif cause == 1:
        terms[TALK] *= 1.0 - x
    elif cause == 2:
        terms[TALK_INCONSISTENCY] *= 1.0 - x
    elif cause == 3:
        terms[TRUST_ENTERPRISE] += x * (1.0 - terms[TRUST_ENTERPRISE])
        terms[TRUST_COLLEGE] += x * (1.0 - terms[TRUST_COLLEGE])
    elif cause == 4:
        terms[SUBSIDY] += x * (SUBSIDY_CEILING - terms[SUBSIDY])
    elif cause == 5:
        terms[EVALUATION_REFORM] += x * (1.0 - terms[EVALUATION_REFORM])
        terms[STUDENT_REFORM] += x * (1.0 - terms[STUDENT_REFORM])
    elif cause == 6:
        terms[FIT_ENTERPRISE] += x * (1.0 - terms[FIT_ENTERPRISE])
        terms[FIT_COLLEGE] += x * (1.0 - terms[FIT_COLLEGE])
    else:
        terms[RETENTION] += x * (1.0 - terms[RETENTION])


@kernel
def _moved(terms, row, cause, x):
    """Copies of the tables ``row`` with each its own single change. Shape [n, N_TERMS]."""
    changed = np.empty((row.shape[0], terms.shape[1]))
    for i in range(row.shape[0]):
        changed[i] = terms[row[i]]
        _move(changed[i], cause[i], x[i])
    return changed


@kernel
def _narrow(contract, low, high, x):
    """One bisection: deals that closed need no more than x, the others need more."""
    for i in range(x.shape[0]):
        if contract[i] >= 0:
            high[i] = x[i]
        else:
            low[i] = x[i]
        x[i] = 0.5 * (low[i] + high[i])


@kernel
def _primary(moves, cause):
    """The change with the smallest move; the first of the taxonomy on ties."""
    for t in range(moves.shape[0]):
        best, smallest = -1, np.inf
        for c in range(moves.shape[1]):
            if moves[t, c] < smallest:
                best, smallest = c, moves[t, c]
        cause[t] = best if best >= 0 else NO_COMMON_INTEREST


def diagnose(terms: Floats, protocol: Protocol, common: Stakes, threads: int = 1) -> tuple[Floats, Bytes]:
    """Smallest closing moves and primary causes of T failed tables.

    Shapes: terms [T, N_TERMS] -> moves [T, len(CAUSES)] (share of the way, NaN = does not close
    the deal alone), cause [T].
    """
    moves = np.full((len(terms), len(CAUSES)), np.nan)
    cause = np.empty(len(terms), np.int8)
    blocks = [(lo, min(lo + BLOCK, len(terms))) for lo in range(0, len(terms), BLOCK)]
    over_blocks(_search_moves, blocks, terms, protocol, common, moves, threads=threads)
    _primary(moves, cause)
    return moves, cause


def _search_moves(lo: int, hi: int, terms: Floats, protocol: Protocol, common: Stakes, moves: Floats) -> None:
    """Fill in the moves of the tables lo..hi - 1."""
    row = np.repeat(np.arange(lo, hi), N_MOVES)
    what = np.tile(np.arange(N_MOVES), hi - lo)
    helps = evaluate(_moved(terms, row, what, np.ones(len(row))), protocol, common, names_binding=False).contract >= 0
    row, what = row[helps], what[helps]
    if not len(row):
        return
    low, high, x = np.zeros(len(row)), np.ones(len(row)), np.full(len(row), 0.5)
    for _ in range(BISECTIONS):
        outcome = evaluate(_moved(terms, row, what, x), protocol, common, names_binding=False)
        _narrow(outcome.contract, low, high, x)
    moves[row, what] = high
