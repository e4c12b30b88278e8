"""Phase 1, technology: what industry asks for moves, and the frontier with it (Eq. 6-8, 94-96, 109, 110, 117; paper
2.1, 3.2, 3.3, 5.2).

Technology is a level relative to the frontier of an enterprise's sector. Where the frontier moves, who stands still
falls behind; staff that fits and joint research close the gap (Nelson & Phelps 1966), and what is adopted changes the
skills that the sector asks for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.streams import Stream, normal, uniform
from abm.world.equations import digital_link
from abm.world.levers import L
from abm.world.programmes import programme_row

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State
from abm.world.vocabulary import CO_BUILT

WRITES = (
    "sectors.mean_log_demand",
    "sectors.log_demand",
    "sectors.demand",
    "sectors.joint_research",
    "sectors.frontier",
    "sectors.frontier_log_demand",
    "enterprises.demand",
    "enterprises.technology",
    "enterprises.data",
    "flows",
)
"""Flows, where the frontier moves: ``frontier_jumps`` (sectors whose frontier jumped this quarter)."""

_TECHNOLOGY = int(Stream.TECHNOLOGY)
_FRONTIER = int(Stream.FRONTIER)
_PLATFORM = int(L.PLATFORM)


def technology(state: State, scenario: Conditions) -> None:
    """Move the frontier and skill demand, shift it in a jump, and let staff and joint R&D raise technology."""
    p, record, sectors = scenario.p, scenario.parameter_record, state.sectors
    if p.technology_jump > 0.0 and state.step == int(p.technology_jump_step):
        for profile in (sectors.mean_log_demand, sectors.log_demand, sectors.frontier_log_demand):
            profile[:] = (1.0 - p.technology_jump) * profile + p.technology_jump * np.roll(profile, 1, axis=1)
    e, ties = state.enterprises, state.ties
    state.flows.pop("frontier_jumps", None)
    if p.frontier_growth > 0.0 or p.frontier_jump_rate > 0.0:
        jumps = _move_frontier(state.seed, state.step, sectors, e.sector, e.technology, record)
        state.flows["frontier_jumps"] = float(jumps)
    _advance(state.seed, state.step, sectors, e.sector, e.own_skills, record, e.demand)
    counted, gain = ties.substance, np.ones(len(e.id))
    if p.research_fit > 0.0 or p.research_diversity > 0.0:
        of_programmes = (state.programmes.curriculum, state.programmes.partner_demand)
        counted, gain = research_that_counts(
            (ties.college, ties.field, ties.level, ties.substance),
            e.demand,
            state.colleges.field,
            of_programmes,
            record,
        )
    if p.data_adoption > 0.0:
        _gather_data(state.governments, e.region, ties.substance, record, e.data)
    _adopt(sectors, e.sector, e.technology, e.skilled, e.data, (ties.level, counted, gain), record)


@kernel
def _move_frontier(seed, step, sectors, sector, technology, parameter_record):
    """The frontier grows and jumps, and everybody's technology falls by as much against it (Eq. 94).

    Returns the number of sectors whose frontier jumped.
    """
    p = parameter_record[0]
    n_sectors, n_fields = sectors.demand.shape
    moved, before = np.empty(n_sectors), np.empty(n_fields)
    n_jumps = 0
    for s in range(n_sectors):
        u = uniform(seed, _FRONTIER, 0, s, 0)
        moved[s] = 1.0 + p.frontier_growth * (1.0 + p.frontier_growth_spread * (2.0 * u - 1.0))
        if uniform(seed, _FRONTIER, step, s, 1) < p.frontier_jump_rate:
            n_jumps += 1
            moved[s] *= 1.0 + p.frontier_jump_size
            before[:] = sectors.frontier_log_demand[s]
            for k in range(n_fields):
                turned = before[k - 1] if k > 0 else before[n_fields - 1]
                new = (1.0 - p.frontier_jump_skills) * before[k] + p.frontier_jump_skills * turned
                sectors.frontier_log_demand[s, k] = new
        sectors.frontier[s] *= moved[s]
    for e in range(sector.shape[0]):
        technology[e] /= moved[sector[e]]
    return n_jumps


@kernel(borrows=True)
def _advance(seed, step, sectors, sector, own_skills, parameter_record, demand):
    """Skill demand of sectors and enterprises (Eq. 6, 7)."""
    p = parameter_record[0]
    n_sectors, n_fields = sectors.demand.shape
    for s in range(n_sectors):
        half_life = p.skill_half_life / (1.0 + p.technology_feedback * sectors.joint_research[s])
        phi = 0.5 ** (1.0 / half_life)
        spread = p.demand_spread * math.sqrt(1.0 - phi * phi)
        total = 0.0
        for k in range(n_fields):
            mean = sectors.mean_log_demand[s, k]
            x = mean + (sectors.log_demand[s, k] - mean) * phi + spread * normal(seed, _TECHNOLOGY, step, s, k)
            sectors.log_demand[s, k] = x
            sectors.demand[s, k] = math.exp(x)
            total += sectors.demand[s, k]
        for k in range(n_fields):
            sectors.demand[s, k] /= total
    own = p.own_skill_share
    for e in range(sector.shape[0]):
        for k in range(n_fields):
            demand[e, k] = (1.0 - own) * sectors.demand[sector[e], k] + own * own_skills[e, k]


@kernel
def research_that_counts(ties, demand, main_field, of_programmes, parameter_record):
    """Joint research counts as far as it meets the enterprise's need (Eq. 109), and yields more where partners of many
    fields do it (Eq. 110). ``ties``: college, field, level and substance [N, H]; ``of_programmes``: curriculum and
    partners' demand [P, K]. Returns the substance that counts [N, H], and what a unit of it yields [N].
    """
    p = parameter_record[0]
    college, field, level, substance = ties
    curriculum, partner_demand = of_programmes
    n_colleges = main_field.shape[0]
    n_fields = curriculum.shape[0] // max(1, n_colleges)
    counted, gain, partners = substance.copy(), np.ones(level.shape[0]), np.zeros(n_fields)
    turned = p.research_orientation
    for e in range(level.shape[0]):
        partners[:] = 0.0
        n = 0.0
        for h in range(level.shape[1]):
            if level[e, h] < CO_BUILT:
                continue
            c = college[e, h]
            own, theirs = programme_row(c, main_field[c], n_fields), programme_row(c, field[e, h], n_fields)
            partners[main_field[c]] += 1.0
            n += 1.0
            met = 0.0
            for k in range(demand.shape[1]):
                can = (1.0 - turned) * curriculum[own, k] + turned * partner_demand[theirs, k]
                met += min(demand[e, k], can)
            counted[e, h] *= 1.0 - p.research_fit * (1.0 - met)
        if n > 0.0:
            alike = 0.0
            for s in range(n_fields):
                alike += (partners[s] / n) ** 2
            gain[e] += p.research_diversity * (1.0 - alike)
    return counted, gain


@kernel(borrows=True)
def _gather_data(governments, region, substance, parameter_record, data):
    """What enterprises have of data grows with the digital link, the platform and their deepest tie (Eq. 117)."""
    p = parameter_record[0]
    for e in range(region.shape[0]):
        r = region[e]
        deepest = 0.0
        for h in range(substance.shape[1]):
            deepest = max(deepest, substance[e, h])
        link = digital_link(governments.digital_colleges[r], governments.digital_enterprises[r])
        within_reach = 1.0 - (1.0 - link) * (1.0 - governments.levers[r, _PLATFORM]) * (1.0 - deepest)
        data[e] += p.data_rate * (within_reach - data[e])


@kernel
def _adopt(sectors, sector, technology, skilled, data, ties, parameter_record):
    """Staff that fits, data and substantive joint R&D raise technology (Eq. 8, 95); skills asked for follow (Eq. 96).
    ``ties``: level, and substance as it counts [N, H], and what a unit of it yields [N] (1 unless diversity counts)."""
    p = parameter_record[0]
    level, substance, gain = ties
    n_sectors = sectors.joint_research.shape[0]
    research, adopted, members = np.zeros(n_sectors), np.zeros(n_sectors), np.zeros(n_sectors)
    for e in range(sector.shape[0]):
        joint = 0.0
        for h in range(level.shape[1]):
            if level[e, h] >= CO_BUILT:
                joint = max(joint, substance[e, h])
        a = technology[e]
        by_staff_and_data = p.adoption_rate * skilled[e] + p.data_adoption * data[e]
        taken_up = min(1.0, p.research_gain * joint * gain[e] + by_staff_and_data)
        technology[e] = a + taken_up * (1.0 - a) - p.technology_decay * a * (1.0 - joint)
        research[sector[e]] += joint
        adopted[sector[e]] += taken_up
        members[sector[e]] += 1.0
    for s in range(n_sectors):
        sectors.joint_research[s] = research[s] / members[s] if members[s] > 0.0 else 0.0
        pull = p.adopted_skills * adopted[s] / members[s] if members[s] > 0.0 else 0.0
        for k in range(sectors.mean_log_demand.shape[1]):
            # Exactly nothing as long as no jump has parted the two profiles.
            sectors.mean_log_demand[s, k] += pull * (sectors.frontier_log_demand[s, k] - sectors.mean_log_demand[s, k])
