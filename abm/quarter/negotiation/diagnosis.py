"""Why a table failed, and what would have closed it (Eq. 72; paper 3.2-3.4).

Every failed table is negotiated again with one thing changed at a time: first all the way, and if
that closes the deal, by bisection for the smallest part of the way that does. What helps with the
smallest move is the primary cause. Nothing here is correlation: it is the decision rule itself,
asked again.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.kernels import kernel, kernel_of_parts, over_blocks, row_blocks
from abm.quarter.negotiation.bargaining import (
    EVALUATION_REFORM,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    FIT_TRUE,
    N_TERMS,
    PROPOSER,
    RETENTION,
    STUDENT_REFORM,
    SUBSIDY,
    SUBSIDY_CEILING,
    TALK,
    TALK_INCONSISTENCY,
    TRUST_COLLEGE,
    TRUST_ENTERPRISE,
    contract_utilities,
    expect_of_partners,
    foresee,
    may_close,
    pays_a_round,
    table_workspace,
    weigh_aims,
    weigh_aims_as_evaluated,
)
from abm.world.vocabulary import (
    CAUSES,
    COMMUNICATION_COST,
    DISTRUST,
    EVALUATION,
    FUNDING,
    N_MOVES,
    NO_COMMON_INTEREST,
    POLICY_INCONSISTENCY,
    SKILL_MISMATCH,
    UNIDENTIFIED_INTEREST,
)

if TYPE_CHECKING:
    from abm.quarter.negotiation.bargaining import CommonTerms
    from abm.quarter.negotiation.protocols import Protocol
    from abm.world.state import Bytes, Floats

_SMALL = 64
"""Failed tables below which a second thread costs more than it gives."""
BISECTIONS = 5
"""The smallest move is known to 1 part in 32."""


@kernel(inline=True)
def move(terms, cause, x):
    """Change one thing of a table's terms by the share ``x`` of the way it can go."""
    if cause == UNIDENTIFIED_INTEREST:
        terms[FIT_ENTERPRISE] += x * (terms[FIT_TRUE] - terms[FIT_ENTERPRISE])
        terms[FIT_COLLEGE] += x * (terms[FIT_TRUE] - terms[FIT_COLLEGE])
    elif cause == COMMUNICATION_COST:
        terms[TALK] *= 1.0 - x
    elif cause == POLICY_INCONSISTENCY:
        terms[TALK_INCONSISTENCY] *= 1.0 - x
    elif cause == DISTRUST:
        terms[TRUST_ENTERPRISE] += x * (1.0 - terms[TRUST_ENTERPRISE])
        terms[TRUST_COLLEGE] += x * (1.0 - terms[TRUST_COLLEGE])
    elif cause == FUNDING:
        terms[SUBSIDY] += x * (SUBSIDY_CEILING - terms[SUBSIDY])
    elif cause == EVALUATION:
        terms[EVALUATION_REFORM] += x * (1.0 - terms[EVALUATION_REFORM])
        terms[STUDENT_REFORM] += x * (1.0 - terms[STUDENT_REFORM])
    elif cause == SKILL_MISMATCH:
        # The fit that there is: how unsure they are of it stays.
        better = 1.0 + x * (1.0 / terms[FIT_TRUE] - 1.0) if terms[FIT_TRUE] > 0.0 else 1.0
        terms[FIT_ENTERPRISE] *= better
        terms[FIT_COLLEGE] *= better
        terms[FIT_TRUE] *= better
    else:
        terms[RETENTION] += x * (1.0 - terms[RETENTION])


@kernel(inline=True)
def _change(usual, cause, x, changed):
    """Terms ``usual`` with one thing moved, into ``changed``."""
    for i in range(N_TERMS):
        changed[i] = usual[i]
    move(changed, cause, x)


@kernel(inline=True)
def _is_about_talk(cause):
    """Whether a change makes talk cheaper and touches nobody's utility."""
    return COMMUNICATION_COST <= cause <= POLICY_INCONSISTENCY


@kernel
def _primary(moves, cause):
    """The change with the smallest move; the first of the taxonomy on ties."""
    for t in range(moves.shape[0]):
        best, smallest = -1, np.inf
        for c in range(moves.shape[1]):
            if moves[t, c] < smallest:
                best, smallest = c, moves[t, c]
        cause[t] = best if best >= 0 else NO_COMMON_INTEREST


@cache
def search_moves_under(agree: Any, may_close: Any = may_close) -> Any:
    """The search for closing moves, compiled with a protocol's ``agree`` and with the bound that spares bargaining."""

    def search_moves(lo, hi, terms, common, moves):
        """Smallest closing moves of the failed tables lo..hi - 1: all the way first, then by bisection.

        Where a bound says that a changed table cannot close, nobody has to bargain to find out; and cheaper talk
        leaves the parties with the contract on which they would have agreed anyway.
        """
        work, changed = table_workspace(), np.empty(N_TERMS)
        utility, reservation, proposer, space = work.utility, work.reservation, work.proposer, work.protocol
        chosen, time, patience = work.contract, work.time, common.patience
        for t in range(lo, hi):
            usual = terms[t]
            weigh_aims(usual, common, work)
            expect_of_partners(usual, common, work)
            proposer[0] = usual[PROPOSER]
            for cause in range(N_MOVES):
                low, high, x = 0.0, np.nan, 1.0
                for _ in range(1 + BISECTIONS):
                    _change(usual, cause, x, changed)
                    if cause == EVALUATION:
                        weigh_aims_as_evaluated(changed, common, work)
                    elif cause == DISTRUST:
                        expect_of_partners(changed, common, work)
                    if not _is_about_talk(cause) or (cause == COMMUNICATION_COST and x == 1.0):
                        foresee(changed, common, work)
                        chosen[0] = -1
                        if _is_about_talk(cause) or may_close(changed, common, work):
                            contract_utilities(changed, common, work)
                            if _is_about_talk(cause) or pays_a_round(changed, common, work):
                                agree(utility, reservation, proposer, patience, space, chosen, time)
                    if chosen[0] >= 0 and (not _is_about_talk(cause) or pays_a_round(changed, common, work)):
                        high = x
                    elif x == 1.0:
                        break
                    else:
                        low = x
                    x = 0.5 * (low + high)
                moves[t, cause] = high
                if cause == EVALUATION:
                    weigh_aims_as_evaluated(usual, common, work)
                elif cause == DISTRUST:
                    expect_of_partners(usual, common, work)

    return kernel_of_parts(search_moves)


def diagnose(terms: Floats, protocol: Protocol, common: CommonTerms, threads: int = 1) -> tuple[Floats, Bytes]:
    """Smallest closing moves and primary causes of T failed tables.

    Shapes: terms [T, N_TERMS] -> moves [T, len(CAUSES)] (share of the way, NaN = does not close
    the deal alone), cause [T].
    """
    moves = np.full((len(terms), len(CAUSES)), np.nan)
    cause = np.empty(len(terms), np.int8)
    blocks = row_blocks(len(terms), threads, _SMALL)
    over_blocks(search_moves_under(protocol.agree), blocks, terms, common, moves, threads=threads)
    _primary(moves, cause)
    return moves, cause
