"""Phase 1, technology: what industry asks for moves (Eq. 6-8; paper 5.2 P2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.streams import Stream, normal

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State
from abm.world.vocabulary import CO_BUILT

WRITES = (
    "sectors.mean_log_demand",
    "sectors.log_demand",
    "sectors.demand",
    "sectors.joint_research",
    "enterprises.demand",
    "enterprises.technology",
)

_TECHNOLOGY = int(Stream.TECHNOLOGY)


def technology(state: State, scenario: Conditions) -> None:
    """Move skill demand, shift it in a jump, and let joint R&D raise technology."""
    p = scenario.p
    if p.technology_jump > 0.0 and state.step == int(p.technology_jump_step):
        for profile in (state.sectors.mean_log_demand, state.sectors.log_demand):
            profile[:] = (1.0 - p.technology_jump) * profile + p.technology_jump * np.roll(profile, 1, axis=1)
    e, ties = state.enterprises, state.ties
    _advance(state.seed, state.step, state.sectors, e.sector, e.own_skills, scenario.parameter_record, e.demand)
    _research(
        state.sectors.joint_research, e.sector, e.technology, ties.level, ties.substance, scenario.parameter_record
    )


@kernel
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
def _research(joint_research, sector, technology, level, substance, parameter_record):
    """Substantive joint R&D raises technology (Eq. 8)."""
    p = parameter_record[0]
    n_sectors = joint_research.shape[0]
    research, members = np.zeros(n_sectors), np.zeros(n_sectors)
    for e in range(sector.shape[0]):
        joint = 0.0
        for h in range(level.shape[1]):
            if level[e, h] >= CO_BUILT:
                joint = max(joint, substance[e, h])
        a = technology[e]
        technology[e] = a + p.research_gain * joint * (1.0 - a) - p.technology_decay * a * (1.0 - joint)
        research[sector[e]] += joint
        members[sector[e]] += 1.0
    for s in range(n_sectors):
        joint_research[s] = research[s] / members[s] if members[s] > 0.0 else 0.0
