"""The game's one door to the model's economy: what a contract pays each party, what the model's agent would reply, and
why no agreement came about.

All of it is the model's own table (abm/quarter/negotiation): whoever changes what contracts are worth changes it
there and here, and nowhere else in the game.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.quarter.negotiation.bargaining import (
    AIMS_STUDENTS,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    N_TERMS,
    PROPOSER,
    STUDENT_REFORM,
    TALK,
    TALK_INCONSISTENCY,
    TRUST_COLLEGE,
    TRUST_ENTERPRISE,
    another,
    common_terms,
    contract_level,
    contract_share,
    evaluate,
    public_share,
    worths,
)
from abm.quarter.negotiation.protocols import protocol as find_protocol
from abm.quarter.negotiation.protocols.concession import accepts_from
from abm.world.equations import reformed_weight
from abm.world.ledger import Line, given_up
from abm.world.levers import L
from abm.world.realised import realised_ledgers
from abm.world.state import N_CONTRACTS, N_SHARES, QUARTERS_A_YEAR, Floats, Rows
from abm.world.vocabulary import COLLEGE, ENTERPRISE, GOVERNMENT, N_LEVELS, N_PARTIES, STANDING, STUDENTS, TALENT

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State

POINTS = 100.0
"""Points a quarter of one unit of the model's worth."""
A_YEAR = QUARTERS_A_YEAR * POINTS
"""Points a year of one unit of worth a quarter."""
NEVER = 2.0
"""Time of who does not accept at all; times of acceptance are 0-1."""
SAME = 1e-12
"""Times that are the same but for rounding."""
TALKERS = (ENTERPRISE, COLLEGE)
CURVES = "concession"
"""Protocol under which the model's agents bargain along curves; under others one names the contract."""


class Contract(NamedTuple):
    """What can be signed: a formal level, and the enterprise's share of the cost in tenths."""

    level: int
    tenths: int

    @property
    def number(self) -> int:
        """Its place among all contracts."""
        return (self.level - 1) * N_SHARES + self.tenths


def contract(number: int) -> Contract:
    """The contract of a number."""
    return Contract(int(contract_level(number)), round(float(contract_share(number)) * (N_SHARES - 1)))


def number_of(level: object, tenths: object) -> int | None:
    """The number of a contract; None for what is not in the set of contracts."""
    if type(level) is not int or type(tenths) is not int:
        return None
    is_one = 1 <= level <= N_LEVELS and 0 <= tenths < N_SHARES
    return Contract(level, tenths).number if is_one else None


def told(number: int) -> dict[str, int]:
    """A contract as pages have it; empty for none."""
    return contract(number)._asdict() if number >= 0 else {}


@dataclass(frozen=True)
class Sheet:
    """What all contracts at one table are worth to its four parties, a quarter, and when the model's agents accept."""

    terms: Floats  # [N_TERMS]
    utility: Floats  # [4, 55]
    reservation: Floats  # [4]
    accepts_from: Floats  # [4, 55] 0-1, NEVER = does not
    talk: Floats  # [55] price of a round of talk about each contract to each talker, spread over its length
    talk_rounds: float
    quarters: Floats  # [6] length of a contract by level

    def rounds(self, time: float) -> float:
        """Rounds of talk until an agreement at this time."""
        return 1.0 + self.talk_rounds * time

    def gain(self, party: int, number: int, time: float) -> float:
        """What a contract agreed on at this time leaves to a party above what it has without."""
        talk = float(self.talk[number]) * self.rounds(time) if party in TALKERS else 0.0
        return float(self.utility[party, number] - talk - self.reservation[party])

    def pays(self, number: int, time: float) -> bool:
        """Whether the contract is worth the talk until then to both talkers, to the last bit as the model has it."""
        level = number // N_SHARES + 1
        price = (self.terms[TALK] + self.terms[TALK_INCONSISTENCY]) * level
        gain = min(self.utility[q, number] - self.reservation[q] for q in TALKERS) * self.quarters[level]
        return bool(gain >= 0.0 and gain >= price * (1.0 + self.talk_rounds * time))

    @property
    def subsidies(self) -> list[float]:
        """Share of the cost of each level that public money pays."""
        return [float(public_share(self.terms, level)) for level in range(1, N_LEVELS + 1)]

    def product(self, number: int) -> float:
        """Product of what the contract gives to all four."""
        product = 1.0
        for q in range(N_PARTIES):
            product *= float(self.utility[q, number]) - float(self.reservation[q])
        return product

    def closest(self) -> int:
        """The party furthest below its reservation value in the contract that comes closest to all four."""
        short = self.reservation[:, None] - self.utility
        number = int(short.max(axis=0).argmin())
        return int(short[:, number].argmax())

    def quality(self) -> float:
        """What students can expect: fit and trust as the two sides see them, 0-1."""
        fit = 0.5 * (self.terms[FIT_ENTERPRISE] + self.terms[FIT_COLLEGE])
        return float(fit * 0.5 * (self.terms[TRUST_ENTERPRISE] + self.terms[TRUST_COLLEGE]))


def sheet(terms: Floats, scenario: Conditions) -> Sheet:
    """The sheet of one table, from its row of terms."""
    common = common_terms(scenario.p)
    utility, reservation = worths(terms[None], common)
    times = np.empty((N_PARTIES, N_CONTRACTS))
    if scenario.protocol == CURVES:
        accepts_from(utility, reservation, common.patience, times)
    else:
        # Under other protocols agents have no curves of their own: with people they accept what leaves them whole.
        times[:] = np.where(utility[0] >= reservation[0][:, None], 0.0, NEVER)
    levels = np.arange(N_CONTRACTS) // N_SHARES + 1
    price = (terms[TALK] + terms[TALK_INCONSISTENCY]) * levels / common.levels.quarters[levels]
    return Sheet(terms, utility[0], reservation[0], times, price, common.talk_rounds, common.levels.quarters)


class Agreement(NamedTuple):
    """What the model's agents come to: a contract (-1 = none), the rounds of talk, and who stopped it (-1 = nobody)."""

    number: int
    rounds: float
    stopped_by: int


def settle_after_all(one: Sheet, scenario: Conditions) -> Agreement:
    """What the table comes to where the talk up to its agreement would cost more than it gives (Eq. 23)."""
    utility, reservation = one.utility[None], one.reservation[None]
    number, time, stopped_by = another(one.terms, utility, reservation, common_terms(scenario.p))
    return Agreement(number, one.rounds(time), stopped_by)


def agents_alone(terms: Floats, scenario: Conditions) -> Agreement:
    """What the model's agents would have agreed on at this table."""
    found = evaluate(terms[None], find_protocol(scenario.protocol), common_terms(scenario.p))
    return Agreement(int(found.contract[0]), float(found.rounds[0]), int(found.binding[0]))


def is_binding(scenario: Conditions) -> bool:
    """Whether nobody may walk away."""
    return find_protocol(scenario.protocol).is_binding


def named_contract(one: Sheet, scenario: Conditions) -> tuple[int, float]:
    """The contract that a protocol without curves names for the model's agents, and its time; -1 = none."""
    number, time, space = np.empty(1, np.int64), np.empty(1), np.empty(N_CONTRACTS)
    find_protocol(scenario.protocol).agree(
        one.utility[None], one.reservation[None], one.terms[None, PROPOSER], common_terms(scenario.p).patience, space,
        number, time,
    )  # fmt: skip
    return int(number[0]), float(time[0])


def best_reply(one: Sheet, party: int, clock: float, offered: int, accepts: Floats) -> int:
    """What the model's agent of one side offers at a time: of what it accepts by then, and government and students at
    all, the nearest to what the other side offered last (-1: the best for itself). -1 = it has nothing to offer.

    ``accepts`` [4, 55]: from when each party accepts what.
    """
    others = np.maximum(accepts[GOVERNMENT], accepts[STUDENTS])
    price = one.talk * (1.0 + one.talk_rounds * np.maximum(clock, np.minimum(others, 1.0)))
    left = one.utility[party] - price - one.reservation[party]
    can = (accepts[party] <= clock + SAME) & (others < NEVER) & (left >= 0.0)
    if not can.any():
        # Not yet: it asks for the best that it could live with.
        can = (accepts[party] < NEVER) & (others < NEVER) & (left >= 0.0)
        if not can.any():
            return -1
        return int(np.where(can, one.utility[party], -np.inf).argmax())
    if offered < 0:
        return int(np.where(can, one.utility[party], -np.inf).argmax())
    numbers = np.arange(N_CONTRACTS)
    apart = np.abs(numbers // N_SHARES - offered // N_SHARES) * N_SHARES + np.abs(
        numbers % N_SHARES - offered % N_SHARES
    )
    return int(np.where(can, apart - 1e-3 * one.utility[party], np.inf).argmin())


class Yield(NamedTuple):
    """What running contracts give in one quarter; one row a contract."""

    enterprise: Rows
    slot: Rows
    college: Rows
    points: Floats  # [n, 4] above what each party has without, own effort paid


def yields(state: State, scenario: Conditions) -> Yield:
    """What each running contract gives to its parties with the efforts of this quarter, before fines: its ledger with
    what was really done (Eq. 53)."""
    enterprise, slot = (rows.astype(np.int32) for rows in np.nonzero(state.ties.level))
    lines = realised_ledgers(state, scenario.p, enterprise, slot)
    lines[:, :, Line.FINES] = 0.0
    return Yield(enterprise, slot, state.ties.college[enterprise, slot], POINTS * lines.sum(axis=2))


def fine(level: int, penalty: float) -> float:
    """Points that a fine takes."""
    return POINTS * penalty * level / N_LEVELS


def least_quality(student_aims: Floats, reform: float, scenario: Conditions) -> tuple[float, ...]:
    """The quality (fit x trust) from which students of these aims do not lose by a contract of each level (Eq. 20, 21);
    1 where none is enough."""
    common, found = common_terms(scenario.p), list[float]()
    qualities = np.linspace(0.0, 1.0, 101)
    terms = np.zeros((len(qualities), N_TERMS))
    terms[:, AIMS_STUDENTS : AIMS_STUDENTS + len(student_aims)] = student_aims
    terms[:, STUDENT_REFORM] = reform
    terms[:, FIT_ENTERPRISE] = terms[:, FIT_COLLEGE] = qualities
    terms[:, TRUST_ENTERPRISE] = terms[:, TRUST_COLLEGE] = 1.0
    utility, reservation = worths(terms, common)
    for level in range(N_LEVELS):
        enough = np.flatnonzero(utility[:, STUDENTS, level * N_SHARES] >= reservation[:, STUDENTS])
        found.append(float(qualities[enough[0]]) if len(enough) else 1.0)
    return tuple(found)


def elsewhere(state: State, role: int, row: int, scenario: Conditions) -> list[float]:
    """Points a year that an enterprise or a college has elsewhere for what each level would bind of it (Eq. 21); they
    are taken off what a contract is worth to it."""
    p = common_terms(scenario.p).conduct
    if role == ENTERPRISE:
        talent, standing = float(state.enterprises.aims[row, TALENT]), 0.0
        market = float(state.governments.market_fit[state.enterprises.region[row]])
    else:
        reform = float(state.governments.levers[state.colleges.region[row], L.EVALUATION_REFORM])
        talent, standing, market = 0.0, float(reformed_weight(state.colleges.aims[row], 0, STANDING, reform)), 0.0
    return [A_YEAR * float(given_up(role, level, talent, standing, market, p)) for level in range(1, N_LEVELS + 1)]


def level_lasts(scenario: Conditions) -> list[float]:
    """Years for which a contract of each level 1-5 binds."""
    quarters = common_terms(scenario.p).levels.quarters
    return [float(q) / QUARTERS_A_YEAR for q in quarters[1:]]
