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

from abm.bargaining import (
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
    agree,
    appraise,
    may_close,
    open_table,
    price,
    rounds_of_talk,
    walks_away,
    wish,
    wish_as_evaluated,
)
from abm.kernels import kernel, over_blocks, plugged, row_blocks

if TYPE_CHECKING:
    from abm.protocols import Protocol
    from abm.stakes import Stakes
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
EVENT_CAUSES = (*CAUSES, "mandate", "effort_below_standard", "one_sided_effort", "partner_left")
"""Why something happened to a contract: what kept it from being renewed; the order by which it was signed; the
effort that an audit fined; the gap between efforts for which one side blamed the other; the loss of a party."""
MANDATE = EVENT_CAUSES.index("mandate")
EFFORT_BELOW_STANDARD = EVENT_CAUSES.index("effort_below_standard")
ONE_SIDED_EFFORT = EVENT_CAUSES.index("one_sided_effort")
PARTNER_LEFT = EVENT_CAUSES.index("partner_left")
N_MOVES = 8
COMMUNICATION_COST, POLICY_INCONSISTENCY = CAUSES.index("communication_cost"), CAUSES.index("policy_inconsistency")
EVALUATION = CAUSES.index("evaluation")
UNIDENTIFIED_INTEREST = CAUSES.index("unidentified_interest")
COLD_PARTNER = CAUSES.index("cold_partner")
NO_COMMON_INTEREST = CAUSES.index("no_common_interest")
_SMALL = 64
"""Failed tables below which a second thread costs more than it gives."""
BISECTIONS = 5
"""The smallest move is known to 1 part in 32."""


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


@kernel(inline=True)
def _change(usual, cause, x, changed):
    """Terms ``usual`` with one thing moved, into ``changed``."""
    for i in range(N_TERMS):
        changed[i] = usual[i]
    _move(changed, cause, x)


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
def _search_with(protocol: Protocol) -> Any:
    return plugged(search_moves, agree=protocol.agree)


def search_moves(lo, hi, terms, common, moves):
    """Smallest closing moves of the failed tables lo..hi - 1: all the way first, then by bisection.

    Where a bound says that a changed table cannot close, nobody has to bargain to find out; and cheaper talk
    leaves the parties with the contract on which they would have agreed anyway.
    """
    yields, costs, assets, _, outside, patience, public_funds_cost, student_cost, talk_rounds = common
    worth, utility, reservation, proposer, room, contract, time = open_table()
    changed = np.empty(N_TERMS)
    for t in range(lo, hi):
        usual = terms[t]
        wish(usual, yields, outside, worth, reservation)
        proposer[0] = usual[PROPOSER]
        for cause in range(N_MOVES):
            low, high, x = 0.0, np.nan, 1.0
            for _ in range(1 + BISECTIONS):
                _change(usual, cause, x, changed)
                if cause == EVALUATION:
                    wish_as_evaluated(changed, yields, outside, worth, reservation)
                if not _is_about_talk(cause) or (cause == COMMUNICATION_COST and x == 1.0):
                    appraise(changed, student_cost, worth)
                    contract[0] = -1
                    if _is_about_talk(cause) or may_close(changed, costs, public_funds_cost, worth, reservation):
                        price(changed, costs, assets, public_funds_cost, worth, utility)
                        agree(utility, reservation, proposer, patience, room, contract, time)
                rounds = rounds_of_talk(talk_rounds, time)
                if contract[0] >= 0 and walks_away(changed, rounds, contract[0], utility, reservation) < 0:
                    high = x
                elif x == 1.0:
                    break
                else:
                    low = x
                x = 0.5 * (low + high)
            moves[t, cause] = high
            if cause == EVALUATION:
                wish_as_evaluated(usual, yields, outside, worth, reservation)


def diagnose(terms: Floats, protocol: Protocol, common: Stakes, threads: int = 1) -> tuple[Floats, Bytes]:
    """Smallest closing moves and primary causes of T failed tables.

    Shapes: terms [T, N_TERMS] -> moves [T, len(CAUSES)] (share of the way, NaN = does not close
    the deal alone), cause [T].
    """
    moves = np.full((len(terms), len(CAUSES)), np.nan)
    cause = np.empty(len(terms), np.int8)
    blocks = row_blocks(len(terms), threads, _SMALL)
    over_blocks(_search_with(protocol), blocks, terms, common, moves, threads=threads)
    _primary(moves, cause)
    return moves, cause
