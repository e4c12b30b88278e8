"""One college of a world played by hand: its answers to invitations and its effort come from a person.

Everything else is the model: the same phases in the same order, and the hand acts between them. After
the search (Eq. 12-18) the person accepts or declines what enterprises invite the college to; after the
effort of the quarter (Eq. 26-28, 32) the college's own is replaced, with what follows from it: substance
and the enterprises' trust. What the college would have given by itself is kept and shown. Renewals,
the college's own invitations and the terms of contracts stay with the model.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np

from abm.population import build
from abm.quarter import quarter
from abm.quarter.delivery import choose_effort, settle_quarter
from abm.world.equations import substantive_depth
from abm.world.vocabulary import BLAMED_BY_ENTERPRISE, DECLINED, NEW_BY_ENTERPRISE

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State

HAND_METRICS = (
    "partners",
    "lived_depth",
    "own_effort",
    "would_give",
    "partners_effort",
    "partners_trust",
    "reputation",
    "practice_offer",
    "blames",
)
"""What is measured of the college each quarter: contracts; their substantive depth together; its effort
as given and as the model would have chosen it; its partners' effort and trust; its reputation; the
share of its training that partners can host; how often it was blamed. NaN where it has no contract."""


@dataclass(frozen=True)
class Invitation:
    """An enterprise that asks for a meeting this quarter."""

    enterprise: int
    """Row."""
    sector: int
    size: float
    """Relative, mean 1."""
    trust: float
    """What the college expects of its effort: remembered, or its reputation. 0-1."""
    is_known: bool
    would_come: bool
    """Whether the college would come by its own judgement."""


@dataclass
class CollegeByHand:
    """A world in which college ``college`` (a row) is played by a person, a quarter at a time.

    ``open_quarter`` shows who invites; ``close_quarter`` takes the person's answers and plays the rest.
    """

    scenario: Scenario
    seed: int
    college: int = 0
    state: State = field(init=False, repr=False)
    series: dict[str, list[float]] = field(init=False, repr=False)
    """Of HAND_METRICS, a number a quarter."""
    others: list[float] = field(init=False, repr=False)
    """Substantive depth of the other colleges, mean over them, a number a quarter."""
    turn: RLock = field(init=False, repr=False, compare=False, default_factory=RLock)
    """Held while a quarter is played. A page is drawn by another thread than the one that plays: whoever shows
    several things of one quarter holds it too, and gives it back before asking to be drawn."""

    def __post_init__(self) -> None:
        self.state = build(self.scenario, self.seed)
        self.series = {name: [] for name in HAND_METRICS}
        self.others = []
        self._effort: float | None = None
        self._quarter: Generator[str] | None = None

    @property
    def is_over(self) -> bool:
        """Whether all quarters are played."""
        return self.state.step >= self.scenario.steps

    def open_quarter(self) -> list[Invitation]:
        """Play the quarter up to the invitations, once, and say who invites the college."""
        with self.turn:
            if self._quarter is None:
                self._quarter = quarter(self.state, self.scenario, {"delivery": self._deliver})
                # Invitations are made in the search; the quarter stands still before they are negotiated.
                while next(self._quarter) != "negotiation":
                    pass
            return [self._invitation(int(row)) for row in self._rows()]

    def close_quarter(self, effort: float | None, answers: Mapping[int, bool] | None = None) -> None:
        """Play the rest of the quarter.

        ``effort`` that the college gives in all its contracts, 0-1, and its ``answers`` by row of the
        enterprise; what is left out, the model decides. Raises ValueError for an effort outside 0-1.
        """
        if effort is not None and not 0.0 <= effort <= 1.0:
            raise ValueError(f"effort {effort} is outside 0-1")
        with self.turn:
            self.open_quarter()
            self._answer(answers or {})
            self._effort = effort
            for _ in self._quarter or ():
                pass
            self._quarter = None
            self._measure()

    def accept_all(self) -> dict[int, bool]:
        """Answers that accept every invitation of this quarter."""
        return {invitation.enterprise: True for invitation in self.open_quarter()}

    def _rows(self) -> np.ndarray:
        agenda = self.state.agenda
        assert agenda is not None
        is_asked = (agenda.inviter == 0) & ((agenda.kind == NEW_BY_ENTERPRISE) | (agenda.kind == DECLINED))
        return np.flatnonzero(is_asked & (agenda.college == self.college))

    def _invitation(self, row: int) -> Invitation:
        state, agenda = self.state, self.state.agenda
        assert agenda is not None
        e, slot = int(agenda.enterprise[row]), int(agenda.slot[row])
        trust = state.ties.trust_college[e, slot] if slot >= 0 else state.enterprises.reputation[e]
        return Invitation(
            enterprise=e,
            sector=int(state.enterprises.sector[e]),
            size=float(state.enterprises.size[e]),
            trust=float(trust),
            is_known=slot >= 0,
            would_come=bool(agenda.kind[row] == NEW_BY_ENTERPRISE),
        )

    def _answer(self, answers: Mapping[int, bool]) -> None:
        """Accepted ones come to the table while the college and the enterprise have room (Eq. 18)."""
        agenda = self.state.agenda
        assert agenda is not None
        for row in self._rows():
            e = int(agenda.enterprise[row])
            answer = answers.get(e)
            if answer is False:
                agenda.kind[row] = DECLINED
            elif answer and agenda.kind[row] == DECLINED and self._has_room(e):
                agenda.kind[row] = NEW_BY_ENTERPRISE

    def _has_room(self, enterprise: int) -> bool:
        state, agenda = self.state, self.state.agenda
        assert agenda is not None
        is_new = agenda.kind <= 1
        at_college = int((is_new & (agenda.college == self.college)).sum()) + int(
            state.colleges.n_partners[self.college]
        )
        at_enterprise = int((is_new & (agenda.enterprise == enterprise)).sum())
        at_enterprise += int(state.enterprises.n_partners[enterprise])
        return (
            at_college < state.colleges.partner_limit[self.college]
            and at_enterprise < state.enterprises.partner_limit[enterprise]
        )

    def _deliver(self, state: State, scenario: Scenario) -> None:
        """The phase of delivery, with the college's effort as it was chosen."""
        ties, effort = state.ties, self._effort
        trust = ties.trust_enterprise.copy()
        choose_effort(state, scenario)
        mine = (ties.college == self.college) & (ties.level > 0)
        self._would_give = float(ties.effort_college[mine].mean()) if mine.any() else math.nan
        if effort is not None:
            ties.effort_college[mine] = effort
            contracts = zip(ties.level[mine], ties.effort_enterprise[mine], strict=True)
            ties.substance[mine] = [substantive_depth(level, theirs, effort) for level, theirs in contracts]
            # Partners learn by the evidence that they have so far, this quarter's among it (Eq. 28).
            ties.trust_enterprise[mine] = trust[mine] + (effort - trust[mine]) / ties.evidence[mine]
        self._given = float(ties.effort_college[mine].mean()) if mine.any() else math.nan
        self._partners_effort = float(ties.effort_enterprise[mine].mean()) if mine.any() else math.nan
        settle_quarter(state, scenario)

    def _measure(self) -> None:
        state, ties, c = self.state, self.state.ties, self.college
        runs = ties.level > 0
        mine = runs & (ties.college == c)
        blames = sum(int(((e.what == BLAMED_BY_ENTERPRISE) & (e.college == c)).sum()) for e in state.contract_events)
        found = {
            "partners": float(mine.sum()),
            "lived_depth": float(ties.substance[mine].sum()),
            "own_effort": self._given,
            "would_give": self._would_give,
            "partners_effort": self._partners_effort,
            "partners_trust": float(ties.trust_enterprise[mine].mean()) if mine.any() else math.nan,
            "reputation": float(state.colleges.reputation[c]),
            "practice_offer": _practice_offer(state, c),
            "blames": float(blames),
        }
        for name, value in found.items():
            self.series[name].append(value)
        n_others = len(state.colleges.id) - 1
        total = float(ties.substance[runs & (ties.college != c)].sum())
        self.others.append(total / n_others if n_others else math.nan)


def _practice_offer(state: State, college: int) -> float:
    """Share of training that partners of a college can host, 0-1: mean over its programmes by seats."""
    n = len(state.sectors.demand)
    mine = slice(college * n, (college + 1) * n)
    seats = state.programmes.seats[mine]
    return float((seats * state.programmes.practice_offer[mine]).sum() / seats.sum()) if seats.sum() > 0 else 0.0
