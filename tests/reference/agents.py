"""Who lives in the twin: ordinary Mesa agents with ordinary attributes, and the ties between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import mesa
import numpy as np

from abm.world.state import ENROLLED
from abm.world.vocabulary import AIMS, ONGOING


def clip(x: float, low: float = 0.0, high: float = 1.0) -> float:
    return min(high, max(low, x))


def overlap(a: list[float], b: list[float]) -> float:
    """Shared part of two skill profiles."""
    total = 0.0
    for x, y in zip(a, b, strict=True):
        total += min(x, y)
    return total


def by_aim(row) -> dict[str, float]:
    return {aim: float(value) for aim, value in zip(AIMS, row, strict=True)}


@dataclass(eq=False)
class Sector:
    """A branch of industry and what it asks for."""

    row: int
    mean_log_demand: list[float]
    log_demand: list[float]
    demand: list[float]
    joint_research: float
    frontier: float
    frontier_log_demand: list[float]


@dataclass
class Tie:
    """One slot of an enterprise's memory: a programme that it knows, with or without a contract."""

    programme: Programme | None = None
    trust_enterprise: float = 0.0
    trust_college: float = 0.0
    evidence: float = 0.0
    level: int = 0
    cost_share: float = 0.0
    subsidy: float = 0.0
    tax_credit: float = 0.0
    talk: float = 0.0
    is_mandated: int = 0
    effort_enterprise: float = 0.0
    effort_college: float = 0.0
    substance: float = 0.0
    remaining: int = 0
    founded: int = -1
    cause_of_end: int = ONGOING
    joint_gain: float = 0.0

    @property
    def college(self) -> CollegeAgent | None:
        return self.programme.college if self.programme else None

    @property
    def is_active(self) -> bool:
        return self.level > 0

    @property
    def depth(self) -> float:
        return self.level / 5


class Happening(NamedTuple):
    """Something that happened to a contract, and why; ``value``: the effort or the gap that it turned on."""

    what: str
    enterprise: int
    college: int
    field: int
    level: int
    cause: str = ""
    value: float = math.nan


class GovernmentAgent(mesa.Agent):
    """The government of one region."""

    def __init__(self, model: mesa.Model, row: int, key: int) -> None:
        super().__init__(model)
        self.row, self.id = row, key
        self.aims: dict[str, float] = {}
        self.levers: dict[str, float] = {}
        self.stance: dict[str, float] = {}
        self.inconsistency: list[float] = []
        self.neighbours: list[GovernmentAgent] = []
        self.enterprises: list[EnterpriseAgent] = []
        self.colleges: list[CollegeAgent] = []
        self.budget = 0.0
        self.paid_subsidy = 1.0
        self.paid_credit = 1.0
        self.spent: dict[str, float] = {}
        self.spent_now: dict[str, float] = {}
        self.entrants = 0
        self.market_fit = 0.0
        self.known_fine = 0.0
        self.raiders = 0.0
        self.digital_colleges = 0.0
        self.digital_enterprises = 0.0
        self.stage = 0
        self.emerging_shares: list[float] = []

    @property
    def money(self) -> float:
        """Budget of the quarter, with what the centre transfers (Eq 128)."""
        return self.budget * (1 + self.levers["transfer"])

    @property
    def link(self) -> float:
        """Digital link of colleges and enterprises: as good as its weaker end (Eq 116)."""
        return min(self.digital_colleges, self.digital_enterprises)

    @property
    def verified(self) -> float:
        """Share of practice that a certificate vouches for and that a year's audits back (Eq 118)."""
        return self.levers["certificates"] * (1 - (1 - self.levers["supervision"]) ** 4)

    @property
    def expected_fine(self) -> float:
        """What an audit may cost who shirks, a unit of depth."""
        return self.levers["supervision"] * self.levers["penalty"]

    @property
    def news(self) -> float:
        """What of it partners have not been under yet (Eq 90)."""
        return self.expected_fine - self.known_fine


class CollegeAgent(mesa.Agent):
    """One vocational college with its student body."""

    def __init__(self, model: mesa.Model, row: int, key: int, region: GovernmentAgent) -> None:
        super().__init__(model)
        self.row, self.id, self.region = row, key, region
        self.field: Sector
        self.aims: dict[str, float] = {}
        self.base_aims: dict[str, float] = {}
        self.student_aims: dict[str, float] = {}
        self.base_student_aims: dict[str, float] = {}
        self.motivation = 0.0
        self.attraction = 0.0
        self.programmes: list[Programme] = []
        self.engagement = 0.0
        self.dual_qualified = 0.0
        self.reputation = 0.0
        self.placement = 0.0
        self.partner_limit = 0
        self.n_partners = 0
        self.cluster = -1
        self.community = -1


@dataclass(eq=False)
class Programme:
    """What a college offers, or could offer, in one field."""

    college: CollegeAgent
    field: Sector
    curriculum: list[float]
    partner_demand: list[float]
    seats: float = 0.0
    partner_depth: float = 0.0
    practice_offer: float = 0.0
    revision_phase: int = 0
    related: float = 0.0

    @property
    def number(self) -> int:
        """What draws about it are keyed with, beside the college's id."""
        return self.field.row

    @property
    def places(self) -> float:
        """Its part of the college's places for partners."""
        total = sum(other.seats for other in self.college.programmes)
        return self.college.partner_limit * self.seats / total if total > 0 else 0.0


class EnterpriseAgent(mesa.Agent):
    """One enterprise with its memory of programmes."""

    def __init__(self, model: mesa.Model, row: int, key: int, region: GovernmentAgent, sector: Sector) -> None:
        super().__init__(model)
        self.row, self.id, self.region, self.sector = row, key, region, sector
        self.size = 1.0
        self.aims: dict[str, float] = {}
        self.base_aims: dict[str, float] = {}
        self.own_skills: list[float] = []
        self.demand: list[float] = []
        self.technology = 0.0
        self.stability = 0.0
        self.retention = 0.0
        self.tax_due = 0.0
        self.reputation = 0.0
        self.partner_limit = 0
        self.n_partners = 0
        self.vacancies = 0
        self.posted = 0
        self.staff = 0
        self.cluster = -1
        self.community = -1
        self.skilled = 0.0
        self.data = 0.0
        self.recorded_staff = 0
        self.recorded_fit = 0.0
        self.recorded_related = 0
        self.quarters_kept = 0
        self.credited = 1.0
        self.memory: list[Tie] = []

    def active_ties(self) -> list[Tie]:
        return [tie for tie in self.memory if tie.is_active]

    def tie_with(self, programme: Programme) -> Tie | None:
        """What the enterprise remembers of a programme, in whatever slot."""
        for tie in self.memory:
            if tie.programme is programme:
                return tie
        return None


class StudentAgent(mesa.Agent):
    """One student; its numbers are single precision, as in the columns."""

    def __init__(self, model: mesa.Model, programme: Programme, number: int) -> None:
        super().__init__(model)
        self.programme, self.college, self.number = programme, programme.college, number
        self.motivation = np.float32(0)
        self.ability = np.float32(0)
        self.skills: list[np.float32] = []
        self.practice = np.float32(0)
        self.employer: EnterpriseAgent | None = None
        self.match = np.float32(0)
        self.field = -1
        self.status = ENROLLED
        self.hired_at = -1


@dataclass
class Cohort:
    """All students admitted in one step, by college (in row order), field and number."""

    entry_step: int
    students: list[StudentAgent] = field(default_factory=list)
    is_there: bool = True

    def of(self, programme: Programme) -> list[StudentAgent]:
        return [student for student in self.students if student.programme is programme]
