"""From the columns of a built world to objects, and back to arrays for comparison."""

from __future__ import annotations

import numpy as np

from abm.world.levers import DISPERSED, LEVERS, SPENDING
from abm.world.state import ABSENT, State
from abm.world.vocabulary import AIMS
from tests.reference.agents import (
    Cohort,
    CollegeAgent,
    EnterpriseAgent,
    GovernmentAgent,
    Programme,
    Sector,
    StudentAgent,
    Tie,
    by_aim,
)

LEVER_NAMES = [lever.name for lever in LEVERS]
STANCE_NAMES = [LEVERS[index].name for index in DISPERSED]
GOVERNMENT_NUMBERS = (
    "budget",
    "paid_subsidy",
    "paid_credit",
    "entrants",
    "market_fit",
    "known_fine",
    "raiders",
    "stage",
    "digital_colleges",
    "digital_enterprises",
)
COLLEGE_NUMBERS = (
    "motivation",
    "attraction",
    "engagement",
    "dual_qualified",
    "reputation",
    "placement",
    "partner_limit",
    "n_partners",
    "cluster",
    "community",
)
PROGRAMME_NUMBERS = ("seats", "partner_depth", "practice_offer", "revision_phase", "related")
ENTERPRISE_NUMBERS = (
    "size",
    "technology",
    "stability",
    "retention",
    "tax_due",
    "reputation",
    "partner_limit",
    "n_partners",
    "vacancies",
    "posted",
    "staff",
    "cluster",
    "community",
    "skilled",
    "data",
    "recorded_staff",
    "recorded_fit",
    "recorded_related",
    "quarters_kept",
    "credited",
)
TIE_NUMBERS = (
    "trust_enterprise",
    "trust_college",
    "evidence",
    "level",
    "cost_share",
    "subsidy",
    "tax_credit",
    "talk",
    "is_mandated",
    "effort_enterprise",
    "effort_college",
    "substance",
    "remaining",
    "founded",
    "cause_of_end",
    "joint_gain",
)
STUDENT_NUMBERS = ("motivation", "ability", "practice", "match", "field", "status", "hired_at")


def numbers(row) -> list[float]:
    return [value.item() for value in row]


def copy_world(twin, state: State) -> None:
    copy_governments(twin, state.governments)
    for row in range(len(state.sectors.demand)):
        s = state.sectors
        profiles = (numbers(s.mean_log_demand[row]), numbers(s.log_demand[row]), numbers(s.demand[row]))
        frontier = (s.frontier[row].item(), numbers(s.frontier_log_demand[row]))
        twin.sectors.append(Sector(row, *profiles, s.joint_research[row].item(), *frontier))
    copy_colleges(twin, state.colleges)
    copy_programmes(twin, state.programmes)
    copy_enterprises(twin, state.enterprises)
    copy_ties(twin, state.ties)
    copy_students(twin, state.students)


def copy_governments(twin, g) -> None:
    for row in range(len(g.id)):
        agent = GovernmentAgent(twin, row, int(g.id[row]))
        agent.aims = by_aim(g.aims[row])
        agent.levers = dict(zip(LEVER_NAMES, numbers(g.levers[row]), strict=True))
        agent.stance = dict(zip(STANCE_NAMES, numbers(g.stance[row]), strict=True))
        agent.inconsistency = numbers(g.inconsistency[row])
        agent.spent = dict(zip(SPENDING, numbers(g.spent[row]), strict=True))
        agent.spent_now = dict(zip(SPENDING, numbers(g.spent_now[row]), strict=True))
        for name in GOVERNMENT_NUMBERS:
            setattr(agent, name, getattr(g, name)[row].item())
        twin.governments.append(agent)
    for agent in twin.governments:
        agent.neighbours = [other for other in twin.governments if g.adjacency[agent.row, other.row]]


def copy_colleges(twin, c) -> None:
    for row in range(len(c.id)):
        region = twin.governments[c.region[row]]
        agent = CollegeAgent(twin, row, int(c.id[row]), region)
        agent.field = twin.sectors[c.field[row]]
        for name in ("aims", "base_aims", "student_aims", "base_student_aims"):
            setattr(agent, name, by_aim(getattr(c, name)[row]))
        for name in COLLEGE_NUMBERS:
            setattr(agent, name, getattr(c, name)[row].item())
        region.colleges.append(agent)
        twin.colleges.append(agent)


def copy_programmes(twin, programmes) -> None:
    for college in twin.colleges:
        for sector in twin.sectors:
            row = college.row * len(twin.sectors) + sector.row
            one = Programme(
                college, sector, numbers(programmes.curriculum[row]), numbers(programmes.partner_demand[row])
            )
            for name in PROGRAMME_NUMBERS:
                setattr(one, name, getattr(programmes, name)[row].item())
            college.programmes.append(one)


def all_programmes(twin) -> list[Programme]:
    return [one for college in twin.colleges for one in college.programmes]


def copy_enterprises(twin, e) -> None:
    for row in range(len(e.id)):
        region = twin.governments[e.region[row]]
        agent = EnterpriseAgent(twin, row, int(e.id[row]), region, twin.sectors[e.sector[row]])
        agent.aims, agent.base_aims = by_aim(e.aims[row]), by_aim(e.base_aims[row])
        agent.own_skills, agent.demand = numbers(e.own_skills[row]), numbers(e.demand[row])
        for name in ENTERPRISE_NUMBERS:
            setattr(agent, name, getattr(e, name)[row].item())
        region.enterprises.append(agent)
        twin.enterprises.append(agent)


def copy_ties(twin, ties) -> None:
    n_slots = ties.college.shape[1]
    for enterprise in twin.enterprises:
        for slot in range(n_slots):
            place = enterprise.row, slot
            college = ties.college[place]
            tie = Tie(None if college < 0 else twin.colleges[college].programmes[ties.field[place]])
            for name in TIE_NUMBERS:
                setattr(tie, name, getattr(ties, name)[place].item())
            enterprise.memory.append(tie)


def copy_students(twin, students) -> None:
    for slot in range(len(students.entry_step)):
        cohort = Cohort(int(students.entry_step[slot]))
        twin.cohorts[slot] = cohort
        for number, programme in enumerate(all_programmes(twin)):
            first, last = students.offsets[slot, number : number + 2]
            for row in range(first, last):
                if students.status[slot, row] == ABSENT:
                    cohort.is_there = False
                    continue
                student = StudentAgent(twin, programme, row - int(first))
                student.skills = [np.float32(x) for x in students.skills[:, slot, row]]
                for name in STUDENT_NUMBERS:
                    value = getattr(students, name)[slot, row]
                    setattr(student, name, value if value.dtype == np.float32 else value.item())
                employer = students.employer[slot, row]
                student.employer = twin.enterprises[employer] if employer >= 0 else None
                cohort.students.append(student)


def columns(twin) -> dict[str, np.ndarray]:
    """Everything that the twin knows, as arrays under the names of the columnar state."""
    found: dict[str, list] = {}

    def take(group: str, agents, **readers) -> None:
        for name, read in readers.items():
            found[f"{group}.{name}"] = [read(agent) for agent in agents]

    def aims(name: str):
        return lambda agent: [getattr(agent, name)[aim] for aim in AIMS]

    def attributes(names) -> dict:
        return {name: (lambda agent, name=name: getattr(agent, name)) for name in names}

    take(
        "governments",
        twin.governments,
        aims=aims("aims"),
        levers=lambda g: [g.levers[name] for name in LEVER_NAMES],
        inconsistency=lambda g: g.inconsistency,
        spent=lambda g: [g.spent[name] for name in SPENDING],
        spent_now=lambda g: [g.spent_now[name] for name in SPENDING],
        **attributes(GOVERNMENT_NUMBERS),
    )
    of_sectors = ("mean_log_demand", "log_demand", "demand", "joint_research", "frontier", "frontier_log_demand")
    take("sectors", twin.sectors, **attributes(of_sectors))
    take(
        "colleges",
        twin.colleges,
        aims=aims("aims"),
        base_aims=aims("base_aims"),
        student_aims=aims("student_aims"),
        **attributes(COLLEGE_NUMBERS),
    )
    take("programmes", all_programmes(twin), **attributes(("curriculum", "partner_demand", *PROGRAMME_NUMBERS)))
    take(
        "enterprises",
        twin.enterprises,
        aims=aims("aims"),
        base_aims=aims("base_aims"),
        **attributes(("demand", *ENTERPRISE_NUMBERS)),
    )

    def of_ties(read):
        return lambda enterprise: [read(tie) for tie in enterprise.memory]

    readers = {name: of_ties(lambda tie, name=name: getattr(tie, name)) for name in TIE_NUMBERS}
    readers["college"] = of_ties(lambda tie: tie.college.row if tie.college else -1)
    readers["field"] = of_ties(lambda tie: tie.programme.number if tie.programme else 0)
    take("ties", twin.enterprises, **readers)
    return {name: np.array(values) for name, values in found.items()}


def cohort_columns(twin, slot: int) -> dict[str, np.ndarray]:
    """One cohort's students as arrays, in order of college, field and number."""
    students = twin.cohorts[slot].students
    found = {name: np.array([getattr(s, name) for s in students]) for name in STUDENT_NUMBERS}
    found["employer"] = np.array([s.employer.row if s.employer else -1 for s in students])
    found["skills"] = np.array([s.skills for s in students]).T
    return found
