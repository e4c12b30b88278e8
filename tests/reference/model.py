"""The twin itself: a Mesa model whose step is the nine phases in order."""

from __future__ import annotations

import math
import time

import mesa

from abm.world.state import COHORTS, State
from tests.reference.agents import CollegeAgent, EnterpriseAgent, GovernmentAgent, Happening, Sector
from tests.reference.community import community
from tests.reference.delivery import delivery
from tests.reference.draws import Dice
from tests.reference.labour_market import labour_market
from tests.reference.measurement import measurement
from tests.reference.negotiation import negotiation
from tests.reference.policy import policy
from tests.reference.search import search
from tests.reference.technology import technology
from tests.reference.training import training
from tests.reference.world import copy_world

SCHEDULE = (technology, policy, search, negotiation, delivery, training, labour_market, community, measurement)


class Twin(mesa.Model):
    """The whole model in plain objects. Start it with ``Twin.from_state``."""

    def __init__(self, seed: int, scenario) -> None:
        super().__init__()
        self.draw_seed, self.inputs = seed, scenario
        self.p, self.protocol = scenario.p, scenario.protocol
        self.t = 0
        self.dice = Dice(seed, 0)
        self.governments: list[GovernmentAgent] = []
        self.sectors: list[Sector] = []
        self.colleges: list[CollegeAgent] = []
        self.enterprises: list[EnterpriseAgent] = []
        self.cohorts: list = [None] * COHORTS
        self.communities: list = []
        self.n_communities_seen = 0
        self.agenda: list = []
        self.tables: list = []
        self.happened: list[Happening] = []
        self.metrics: dict[str, float] = {}
        self.regional: dict[str, list[float]] = {}
        self.deaths: list[tuple[int, str]] = []
        self.field_related = math.nan
        self.related_here: dict = {}
        self.turnover = math.nan
        self.mastered = self.skilled = math.nan
        self.synergy = math.nan
        self.related_jobs = math.nan
        self.first_jobs: list = []
        self.first_jobs_kept: set = set()
        self.served = 0
        self.no_room: list = []
        self.frontier_jumps = 0
        self.field_mismatch = self.emerging_share = math.nan
        self.stranded = 0.0
        self.candidates: dict = {}
        self.self_sustaining: dict = {}

    @classmethod
    def from_state(cls, state: State, scenario) -> Twin:
        """Copy a built world into objects; nothing is shared with the columns."""
        twin = cls(int(state.seed), scenario)
        copy_world(twin, state)
        twin.at(state.step)
        return twin

    def at(self, t: int) -> None:
        self.t = t
        self.dice = Dice(self.draw_seed, t)

    @property
    def emerging(self) -> Sector | None:
        """The sector that grows from nothing (Eq 101)."""
        number = self.p.emerging_sector
        return self.sectors[int(number) % len(self.sectors)] if number >= 0 else None

    def community_strength(self, region: GovernmentAgent) -> float:
        """Section 5.9: what a community gives its members, more under a charter."""
        informal = self.p.community_informal
        return informal + (1 - informal) * region.levers["charter"]

    def shared_strength(self, enterprise: EnterpriseAgent, college: CollegeAgent) -> float:
        """Strength of the community that both belong to, 0 without one (S of Eq 20)."""
        is_shared = enterprise.community >= 0 and enterprise.community == college.community
        return self.community_strength(enterprise.region) if is_shared else 0.0

    def relief(self, enterprise: EnterpriseAgent, college: CollegeAgent) -> float:
        """Share of effort that the base of the community that both belong to takes off (Eq 124)."""
        is_shared = enterprise.community >= 0 and enterprise.community == college.community
        return self.p.base_relief * self.p.shared_base * enterprise.region.levers["charter"] if is_shared else 0.0

    def step(self) -> None:
        for phase in SCHEDULE:
            phase(self)
        self.at(self.t + 1)


def time_per_step(state: State, scenario, steps: int = 4) -> float:
    """Seconds a step of the twin takes, on the world and the draws of ``state`` (which does not change)."""
    twin = Twin.from_state(state, scenario)
    start = time.perf_counter()
    for _ in range(steps):
        twin.step()
    return (time.perf_counter() - start) / steps


__all__ = ["SCHEDULE", "Twin", "time_per_step"]
