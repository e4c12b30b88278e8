"""What would have closed one failed table: its own decision rule, asked again with one thing changed.

Things (trust, fit, the price of talk ...) come from the diagnosis in the table's record, in their own
units. Levers are moved here, one at a time, to the smallest value at which the four parties sign.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.quarter.negotiation.bargaining import (
    EVALUATION_REFORM,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    FIT_TRUE,
    PROPOSER,
    STUDENT_REFORM,
    SUBSIDY,
    TALK,
    TALK_INCONSISTENCY,
    TAX_CREDIT,
    common_terms,
    contract_level,
    contract_share,
    evaluate,
    worths,
)
from abm.quarter.negotiation.diagnosis import move
from abm.quarter.negotiation.protocols import protocol as find_protocol
from abm.world.levers import BY_NAME
from abm.world.state import N_CONTRACTS, N_SHARES
from abm.world.vocabulary import CAUSES, COLLEGE, ENTERPRISE, N_MOVES

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import Bytes, Floats, TableRecord

STEPS = 0.01
"""Levers are moved in hundredths: what a person can set."""
DIRECT = {
    "subsidy_rate": SUBSIDY, "tax_credit": TAX_CREDIT, "evaluation_reform": EVALUATION_REFORM,
    "student_reform": STUDENT_REFORM,
}  # fmt: skip
"""Levers that are a term of the table themselves."""
PAID = ("subsidy_rate", "tax_credit")
"""Those of them that a region's budget must carry."""
PLATFORM = "platform"
"""Lever that makes talk cheaper and both sides see better."""


class Constraint(NamedTuple):
    """What stood in the way."""

    kind: str
    """short (no contract is enough for all), talk (it costs more than is gained), or declined (nothing did)."""
    party: int
    """Index of PARTIES."""
    gets: float
    """What the party gets from the contract that comes closest, a quarter."""
    needs: float
    """What it asks for: its reservation value."""
    talk: float
    """Price of a round of talk to each talker, spread over the contract's length."""
    level: int
    """Formal level of that contract, 1-5."""
    share: float
    """Enterprise's share of its cost, 0-1."""
    contract: int
    """Its number among the 55."""


class Move(NamedTuple):
    """One change that would have closed the table, alone or with others."""

    what: str
    """A cause of diagnosis.CAUSES (a thing changed in itself) or a lever's name."""
    before: float
    after: float
    is_lever: bool
    adds: float = math.nan
    """What it adds all the way to the gain of the party that was short, a quarter; NaN = not asked."""


def constraint(record: TableRecord, i: int, scenario: Scenario) -> Constraint:
    """What stopped the table in row ``i`` of a record: for a declined one, what would have stopped the talk."""
    terms = record.terms[i : i + 1]
    common, protocol = common_terms(scenario.p), find_protocol(scenario.protocol)
    utility, reservation = worths(terms, common)
    contract, time = np.empty(1, np.int64), np.empty(1)
    workspace = np.empty(utility.shape[-1])
    protocol.agree(utility, reservation, terms[:, PROPOSER], common.patience, workspace, contract, time)
    k, binding = int(contract[0]), int(evaluate(terms, protocol, common).binding[0])
    kind = "declined" if binding < 0 else "short" if k < 0 else "talk"
    # Who could have signed and yet did not was invited and stayed away.
    party = int(record.binding[i]) if binding < 0 else binding
    levels = np.arange(N_CONTRACTS) // N_SHARES + 1
    # A round of talk, spread over the contract; at the last call one is enough.
    talk = (terms[0, TALK] + terms[0, TALK_INCONSISTENCY]) * levels / common.levels.quarters[levels]
    gains = utility[0] - reservation[0][:, None]
    if k < 0:
        k = int(gains.min(axis=0).argmax())
    elif kind == "talk":
        left = (gains[[ENTERPRISE, COLLEGE]].min(axis=0) - talk) * common.levels.quarters[levels]
        k = int(np.where(gains.min(axis=0) >= 0.0, left, -np.inf).argmax())
    return Constraint(
        kind, party, float(utility[0, party, k]), float(reservation[0, party]), float(talk[k]), int(contract_level(k)),
        float(contract_share(k)), k,
    )  # fmt: skip


def things(terms: Floats, moves: Floats, adds: Floats) -> list[Move]:
    """Changes of things that alone close the table, those first that add most to the gain of the party that was short.

    ``terms`` [N_TERMS] of the table; ``moves`` [len(CAUSES)] and ``adds`` [N_MOVES] as the diagnosis gives them.
    """
    # Of a declined invitation that would have closed nothing was asked.
    found = [_thing(terms, c, float(moves[c]), float(adds[c])) for c in range(N_MOVES) if math.isfinite(moves[c])]
    return sorted(found, key=lambda one: -one.adds)


def together(terms: Floats, chosen: Bytes) -> list[Move]:
    """Changes all the way that close the table together. ``chosen`` [N_MOVES]: 1 for those of the set."""
    return [_thing(terms, c, 1.0, math.nan) for c in np.flatnonzero(chosen).tolist()]


def _thing(terms: Floats, cause: int, share: float, adds: float) -> Move:
    all_the_way, so_far = terms.copy(), terms.copy()
    move(all_the_way, cause, 1.0)
    move(so_far, cause, share)
    # Of two sides the one that has further to go.
    column = int(np.abs(all_the_way - terms).argmax())
    return Move(CAUSES[cause], float(terms[column]), float(so_far[column]), is_lever=False, adds=adds)


def levers(record: TableRecord, i: int, platforms: tuple[float, float], scenario: Scenario) -> list[Move]:
    """Levers that alone close the table, each at the smallest hundredth that does; those moved least first.

    ``platforms``: reach of the platform in the enterprise's and in the college's region. Those that cost
    public money are left out where the budget was empty; a table that only lacked the will to come has none.
    """
    if constraint(record, i, scenario).kind == "declined":
        return []
    found: list[tuple[float, Move]] = []
    for name in (*DIRECT, PLATFORM):
        if name in PAID and not record.is_funded[i]:
            continue
        lever = BY_NAME[name]
        start = platforms[0] if name == PLATFORM else float(record.terms[i, DIRECT[name]])
        hundredths = np.arange(math.floor(start / STEPS) + 1, round(lever.high / STEPS) + 1)
        values = hundredths.astype(np.float64) * STEPS
        after = _smallest(record.terms[i], name, platforms, values, scenario)
        if after is not None:
            found.append(((after - start) / (lever.high - lever.low), Move(name, start, after, is_lever=True)))
    return [lever for _, lever in sorted(found, key=lambda item: item[0])]


def _smallest(
    terms: Floats, lever: str, platforms: tuple[float, float], values: Floats, scenario: Scenario
) -> float | None:
    """The first of the values at which the table closes; all are tried, so none is missed."""
    if not len(values):
        return None
    tables = np.repeat(terms[None], len(values), axis=0)
    for row, value in zip(tables, values, strict=True):
        set_lever(row, lever, value, platforms, scenario.p.platform_talk)
    closed = evaluate(tables, find_protocol(scenario.protocol), common_terms(scenario.p)).contract >= 0
    return round(float(values[int(closed.argmax())]), 2) if closed.any() else None


def set_lever(terms: Floats, lever: str, value: float, platforms: tuple[float, float], platform_talk: float) -> None:
    """Terms of one table as they would be with a lever at ``value`` in both regions, in place.

    The platform (Eq. 20, 23) scales the price of talk by 1 - platform_talk x reach, and what each side
    holds back for want of knowing the fit by 1 - reach. Where the college's region has a platform of more than
    ``value`` already, it keeps it.
    """
    if lever != PLATFORM:
        terms[DIRECT[lever]] = value
        return
    cheaper = (1.0 - platform_talk * value) / (1.0 - platform_talk * platforms[0])
    terms[TALK] *= cheaper
    terms[TALK_INCONSISTENCY] *= cheaper
    for column, start in ((FIT_ENTERPRISE, platforms[0]), (FIT_COLLEGE, platforms[1])):
        blur = (1.0 - max(value, start)) / (1.0 - start) if start < 1.0 else 1.0
        terms[column] = terms[FIT_TRUE] + blur * (terms[column] - terms[FIT_TRUE])
