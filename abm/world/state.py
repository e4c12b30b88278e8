"""The columns: everything the model remembers between two steps.

One NamedTuple of arrays for each kind of stakeholder. An agent is a row; phases write the
columns, equations only read them. N enterprises, C colleges, R regions (governments), S sectors,
K skill fields, H tie slots of an enterprise, A students admitted a year, M aims, P = C * S programmes.

Institutions hold float64, students float32: sixteen million of them must fit into a laptop.
``id`` is the draw key: random draws follow the id, never the row, so that reordering rows changes
no result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from abm.world.vocabulary import N_LEVELS

if TYPE_CHECKING:
    from abm.world.parameters import Parameters

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.int8]
Keys = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

N_SHARES = 11
"""Enterprise's share of the cost: 0, 0.1, ... 1."""
N_CONTRACTS = N_LEVELS * N_SHARES
COHORTS = 4
"""Years of students held at once: three in training, one followed after graduation."""
QUARTERS_A_YEAR = 4
PROGRAMME_QUARTERS = 12

ENROLLED, SEEKING, EMPLOYED, ABSENT = 0, 1, 2, 3
"""Status of a student; ABSENT rows belong to nobody yet (only before the first intake)."""


class Governments(NamedTuple):
    """One row a region."""

    id: Keys  # [R] draw key
    aims: Floats  # [R, M] weights on the simplex
    levers: Floats  # [R, L] what policy moves now, in the order of levers.LEVERS
    stance: Floats  # [R, levers.N_DISPERSED] where the region's own rules stand, 0-1 (policy dispersion)
    inconsistency: Floats  # [R, R] distance between two regions' policies, 0-1
    adjacency: Flags  # [R, R] neighbours
    budget: Floats  # [R] money a quarter
    spent: Floats  # [R, F] money spent so far, in the order of levers.SPENDING
    spent_now: Floats  # [R, F] money spent in this step
    paid_subsidy: Floats  # [R] share of the subsidies promised to running contracts that was paid this quarter, 0-1
    paid_credit: Floats  # [R] the same of the tax credits
    entrants: Ints  # [R] students admitted a year
    known_fine: Floats  # [R] audit probability x penalty that partners' efforts of before were made under
    market_fit: Floats  # [R] what the open labour market gives: fill rate x mean fit of hires, 0-1
    digital_colleges: Floats  # [R] digital stock of its colleges, 0-1
    digital_enterprises: Floats  # [R] that of its enterprises, 0-1
    raiders: Floats  # [R] share of vacancies held by enterprises without deep ties, 0-1
    stage: Bytes  # [R] stage of integration, 0-3


class Sectors(NamedTuple):
    """What industry asks for."""

    mean_log_demand: Floats  # [S, K] long-run profile
    log_demand: Floats  # [S, K] Ornstein-Uhlenbeck state
    demand: Floats  # [S, K] softmax of it, on the simplex
    joint_research: Floats  # [S] mean substantive joint R&D of the sector's enterprises, 0-1
    frontier: Floats  # [S] best technology that there is, 1 at the start
    frontier_log_demand: Floats  # [S, K] long-run profile of the skills that the frontier asks for


class Programmes(NamedTuple):
    """One row a college and field: the row of college c and field s is c * S + s. What has no seats is not offered."""

    seats: Floats  # [P] share of its region's places a year; over a region they sum to 1; 0 = not offered
    curriculum: Floats  # [P, K] on the simplex
    partner_demand: Floats  # [P, K] partners' demand weighted by substantive depth
    partner_depth: Floats  # [P] sum of substantive depth over ties
    practice_offer: Floats  # [P] share of training that partners can host, 0-1
    revision_phase: Ints  # [P] quarter of the revision cycle, staggered
    related: Floats  # [P] record: share of its graduates in field-related work, 0-1


class Colleges(NamedTuple):
    """One row a college; rows are sorted by region."""

    id: Keys  # [C]
    region: Rows  # [C]
    field: Rows  # [C] sector that it serves first: its main field
    aims: Floats  # [C, M]
    base_aims: Floats  # [C, M] those of its role, before partners move them; never change
    student_aims: Floats  # [C, M] the student body's weights
    base_student_aims: Floats  # [C, M] the same before motivation moves them; never changes
    motivation: Floats  # [C] mean motivation of the students it has, 0-1
    attraction: Floats  # [C] weight when a region's places were first split over its colleges
    engagement: Floats  # [C] of the faculty in cooperation, 0-1
    dual_qualified: Floats  # [C] share of teachers with industry qualification, 0-1
    reputation: Floats  # [C] for effort, 0-1
    placement: Floats  # [C] published share of graduates in field-related work, 0-1
    partner_limit: Ints  # [C]
    n_partners: Ints  # [C] ties with a contract
    cluster: Ints  # [C] its cluster of serious ties at the last yearly look, -1 = in none
    community: Ints  # [C] id of its integration community, -1 = none


class Enterprises(NamedTuple):
    """One row an enterprise; rows are sorted by region."""

    id: Keys  # [N]
    region: Rows  # [N]
    sector: Rows  # [N]
    size: Floats  # [N] relative, mean 1
    aims: Floats  # [N, M]
    base_aims: Floats  # [N, M] those of its role, before partners move them; never change
    own_skills: Floats  # [N, K] what is particular to this enterprise, on the simplex
    demand: Floats  # [N, K] skills it asks for, on the simplex
    technology: Floats  # [N] level relative to the frontier of its sector, 0-1
    stability: Floats  # [N] of its jobs, 0-1 (lowers turnover)
    retention: Floats  # [N] share of trainees it expects to keep, 0-1
    tax_due: Floats  # [N] quarterly tax that a credit can be set against
    reputation: Floats  # [N] for effort, 0-1
    partner_limit: Ints  # [N]
    n_partners: Ints  # [N]
    vacancies: Ints  # [N] open now
    posted: Ints  # [N] posted since the last graduation
    staff: Ints  # [N] graduates of the followed cohort it employs
    cluster: Ints  # [N] its cluster of serious ties at the last yearly look, -1 = in none
    community: Ints  # [N] -1 = none
    skilled: Floats  # [N] record: share of its posts filled, times the fit of who fills them, 0-1
    data: Floats  # [N] on skills and technology that it can draw on, 0-1 (gathered where adoption uses it)
    recorded_staff: Ints  # [N] graduates of the last cohort that it employed half a year after their graduation
    recorded_fit: Floats  # [N] sum of their fits
    recorded_related: Ints  # [N] of these, in field-related work
    quarters_kept: Ints  # [N] quarters in a row in which it has kept up the depth that its status asks for
    credited: Floats  # [N] share of its tax credits that it is paid, with or without its status, 0-1


class Ties(NamedTuple):
    """What an enterprise remembers of H programmes; ``level`` 0 = memory without a contract."""

    college: Rows  # [N, H] row of the college, -1 = empty slot
    field: Bytes  # [N, H] field of its programme, a row of sectors
    trust_enterprise: Floats  # [N, H] the enterprise's trust in the college's effort, 0-1
    trust_college: Floats  # [N, H] the college's trust in the enterprise's effort, 0-1
    evidence: Floats  # [N, H] quarters of common practice that both trusts rest on, older ones counting less
    level: Bytes  # [N, H] formal level 0-5
    cost_share: Floats  # [N, H] enterprise's share of the cost
    subsidy: Floats  # [N, H] share of the cost promised by the government at signing
    tax_credit: Floats  # [N, H] money a quarter promised at signing, to an enterprise with its status
    talk: Floats  # [N, H] what the talk that led to the contract cost each of the two sides
    is_mandated: Bytes  # [N, H] 1 = signed by order
    effort_enterprise: Floats  # [N, H] last quarter, 0-1
    effort_college: Floats  # [N, H]
    substance: Floats  # [N, H] substantive depth of the last quarter, 0-1 (0 without a contract)
    remaining: Ints  # [N, H] quarters left of the contract
    founded: Ints  # [N, H] step of signing, -1 = never
    cause_of_end: Bytes  # [N, H]
    joint_gain: Floats  # [N, H] what both gained together by joint research, 0-1


class Students(NamedTuple):
    """Four yearly cohorts of A rows; inside a cohort rows are sorted by programme."""

    offsets: Ints  # [COHORTS, P + 1] first row of each programme, counted from the cohort's start
    entry_step: Ints  # [COHORTS] step of the intake (negative for those enrolled before step 0)
    motivation: Singles  # [COHORTS, A] 0-1
    ability: Singles  # [COHORTS, A] 0-1
    skills: Singles  # [K, COHORTS, A] mastered share of each skill field; sums to at most 1
    practice: Singles  # [COHORTS, A] share of the programme spent in partner enterprises or with their experts, 0-1
    employer: Rows  # [COHORTS, A] row of the enterprise, -1 = none
    match: Singles  # [COHORTS, A] fit with the employer's demand, 0-1
    field: Bytes  # [COHORTS, A] sector that fits the graduate best, -1 before graduation
    status: Bytes  # [COHORTS, A]
    hired_at: Bytes  # [COHORTS, A] quarters after graduation when its last job began, -1 = none yet


class Agenda(NamedTuple):
    """Who meets whom at the T tables of a step, in order of priority."""

    enterprise: Rows  # [T] row
    college: Rows  # [T] row
    field: Bytes  # [T] field of the programme in question
    slot: Rows  # [T] slot of the tie in the enterprise's memory, -1 = strangers
    kind: Bytes  # [T] NEW_BY_ENTERPRISE, NEW_BY_COLLEGE, RENEWAL, REVIEW, DECLINED
    inviter: Bytes  # [T] party that called the table: ENTERPRISE (and all renewals) or COLLEGE


class TableRecord(NamedTuple):
    """What happened at the T tables of one step, and why those that failed did."""

    enterprise: Rows  # [T] row
    college: Rows  # [T] row
    field: Bytes  # [T] field of the programme
    region: Rows  # [T] of the enterprise
    kind: Bytes  # [T] NEW_BY_ENTERPRISE, NEW_BY_COLLEGE, RENEWAL, REVIEW, DECLINED
    level: Bytes  # [T] level signed, 0 = failed
    share: Floats  # [T] enterprise's share of the cost in the signed contract
    rounds: Floats  # [T] of talk
    is_mandated: Bytes  # [T]
    is_funded: Bytes  # [T] 0 = public money could not carry what was agreed
    cause: Bytes  # [T] primary cause of failure, index of diagnosis.CAUSES; -1 = signed
    binding: Bytes  # [T] party whose constraint bound, index of PARTIES; -1 = signed
    terms: Floats  # [T, len(Term)] what the parties knew and stood under (bargaining.Term)
    adds: (
        Floats  # [T, N_MOVES] what each change that closes the deal alone adds to the gain of the party that was short
    )
    parts: Floats  # [T, len(CAUSES)] part of the failure that each cause has; rows of failed tables add up to 1
    is_turned_down: Bytes  # [T] 1 = would have closed, but the invited declined


class TableRules(NamedTuple):
    """Under which rules the tables of a step were negotiated."""

    protocol: str
    p: Parameters


@dataclass
class Community:
    """An integration community, or a candidate for one. Members are agents' ids, not rows."""

    id: int
    founded: int
    """Step at which the cluster was first seen."""
    enterprises: frozenset[int]
    colleges: frozenset[int]
    region: int
    """Row of the region in which most members sit."""
    candidate_quarters: int = 0
    established: int = -1
    """Step at which it became an integration community; -1 = not (yet)."""
    is_self_sustaining: bool = False
    mean_depth: float = 0.0
    """Mean substantive depth of its ties, 0-1."""
    surplus: float = 0.0
    """Worth of all its ties a quarter, subsidies included."""
    surplus_unsubsidised: float = 0.0
    has_charter: bool = False
    left: frozenset[int] = frozenset()
    """Enterprises that left because they do better alone (until the next yearly look)."""
    left_colleges: frozenset[int] = frozenset()
    """Colleges that left, likewise."""

    @property
    def n_members(self) -> int:
        """Enterprises and colleges inside."""
        return len(self.enterprises) + len(self.colleges)


class MemberFlow(NamedTuple):
    """Members that went from one community or candidate to another at the last yearly look; -1 = none."""

    source: int
    """Id before the look."""
    target: int
    """Id after it."""
    enterprises: int
    colleges: int


class ContractEvents(NamedTuple):
    """What happened to contracts in a phase; one row an event."""

    what: Bytes  # [X] index of CONTRACT_EVENTS
    enterprise: Rows  # [X] row
    college: Rows  # [X] row
    field: Bytes  # [X] field of the programme
    level: Bytes  # [X] formal level of the contract
    cause: Bytes  # [X] index of diagnosis.EVENT_CAUSES; -1 = agreed freely
    value: Floats  # [X] effort that an audit found, gap between efforts that brought blame, 0-1; NaN = neither


class Event(NamedTuple):
    """Something that happened, with its cause; rows, not ids; -1 = does not apply."""

    step: int
    kind: str
    """stage_changed; candidate_found, candidate_lost; community_born, community_split, community_died,
    community_joined, community_left. What happens to single contracts is in ContractEvents."""
    region: int
    enterprise: int
    college: int
    cause: str
    value: float
    """What it amounts to; for communities their id."""


@dataclass
class State:
    """A whole world at one moment. ``quarter.step`` changes it in place."""

    seed: np.uint64
    step: int
    governments: Governments
    sectors: Sectors
    colleges: Colleges
    programmes: Programmes
    enterprises: Enterprises
    ties: Ties
    students: Students
    communities: list[Community] = field(default_factory=list[Community])
    n_communities_seen: int = 0
    agenda: Agenda | None = None
    """Tables called in this step."""
    tables: TableRecord | None = None
    """The negotiation record of the last step."""
    table_rules: TableRules | None = None
    """Rules under which these were negotiated."""
    flows: dict[str, float] = field(default_factory=dict[str, float])
    """Counts of the last step that metrics need (blames, fines, hires, quits ...), by name."""
    measured: dict[str, float] = field(default_factory=dict[str, float])
    """What is measured once a year, by name; carried forward until it is measured again."""
    regional: dict[str, Floats] = field(default_factory=dict[str, Floats])
    """Rates by region [R], by name; the last measured ones, NaN where there is nobody to measure."""
    contract_events: list[ContractEvents] = field(default_factory=list[ContractEvents])
    """What happened to contracts in the last step, in the order of the phases."""
    befallen: list[ContractEvents] = field(default_factory=list[ContractEvents])
    """What befell contracts since the last step; the events of the next one begin with it."""
    events: list[Event] = field(default_factory=list[Event])
    """Events of the last step."""
    member_flows: list[MemberFlow] = field(default_factory=list[MemberFlow])
    """Who went where at the last yearly look at the communities."""
    metrics: dict[str, float] = field(default_factory=dict[str, float])
    """Metrics of the last step; NaN = cannot be measured yet."""
    regional_metrics: dict[str, Floats] = field(default_factory=dict[str, Floats])
    """Metrics of the last step by region [R]; NaN = cannot be measured yet."""
    threads: int = 1
