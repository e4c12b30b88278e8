"""A population as people know it: regions, sectors, colleges, enterprises, students.

Synthetic worlds, the provinces and a user's own files all become ``Tables``; ``initial.start_state``
turns them into columns. NaN and -1 mean "not known": the model then draws the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abm.population.identity import Members, unnamed
from abm.world.state import Floats, Ints, Keys, Rows


class Regions(NamedTuple):
    """One row a region, sorted by id."""

    id: Keys  # [R] draw key
    name: tuple[str, ...]  # [R]
    entrants: Ints  # [R] students admitted a year
    budget: Floats  # [R] public money for integration, relative to the mean per enterprise
    technology: Floats  # [R] mean starting technology, 0-1
    sector_shares: Floats  # [R, S] of enterprises and programmes; a row sums to 1, or NaN = drawn
    adjacency: npt.NDArray[np.bool_]  # [R, R] symmetric, False on the diagonal


class SectorProfiles(NamedTuple):
    """One row a sector."""

    name: tuple[str, ...]  # [S]
    log_demand: Floats  # [S, K] long-run log demand for skill fields, NaN = drawn


class CollegeTable(NamedTuple):
    """One row a college, sorted by (region, id)."""

    id: Keys  # [C] draw key
    region: Rows  # [C] row of the region
    field: Rows  # [C] sector served first, -1 = drawn
    attraction: Floats  # [C] weight in the yearly intake
    dual_qualified: Floats  # [C] share of teachers, 0-1
    engagement: Floats  # [C] 0-1
    reputation: Floats  # [C] 0-1
    partner_limit: Floats  # [C] whole numbers


class ProgrammeTable(NamedTuple):
    """What colleges offer, one row a college and field, sorted so; a college without a row has its region's mix."""

    college: Rows  # [Q] row of the college
    field: Rows  # [Q] row of the sector
    seats: Floats  # [Q] places a year


class EnterpriseTable(NamedTuple):
    """One row an enterprise, sorted by (region, id)."""

    id: Keys  # [N] draw key
    region: Rows  # [N] row of the region
    sector: Rows  # [N] -1 = drawn
    size: Floats  # [N] relative, mean 1
    technology: Floats  # [N] 0-1
    stability: Floats  # [N] 0-1
    retention: Floats  # [N] 0-1
    reputation: Floats  # [N] 0-1
    partner_limit: Floats  # [N] whole numbers


class StudentGroups(NamedTuple):
    """Students enrolled before step 0, sorted by (year, college, field): G groups of equal people."""

    college: Rows  # [G] row of the college
    year: Rows  # [G] of study, 1..3
    field: Rows  # [G] field of their programme, -1 = dealt out over those of the college
    students: Ints  # [G] people in the group
    motivation: Floats  # [G] 0-1, NaN = drawn
    ability: Floats  # [G] 0-1, NaN = drawn


class Called(NamedTuple):
    """Ids and names as those who know them use them; one entry a row of the world."""

    region: Members
    college: Members
    enterprise: Members


@dataclass(frozen=True)
class Tables:
    """All that is known of a population before anything is drawn."""

    regions: Regions
    sectors: SectorProfiles
    colleges: CollegeTable
    enterprises: EnterpriseTable
    students: StudentGroups | None = None
    """None = cohorts of the size of the yearly intake."""
    programmes: ProgrammeTable | None = None
    """None = every college has its region's mix of fields."""
    called: Called | None = None
    """What a user's own regions and institutions are called; None in invented worlds."""
    notes: tuple[str, ...] = ()
    """What was guessed, or passed over, when a user's tables were read."""

    @property
    def members(self) -> Called:
        """What regions and institutions are called, in any world."""
        if self.called is not None:
            return self.called
        return Called(
            unnamed(len(self.regions.id))._replace(name=list(self.regions.name)),
            unnamed(len(self.colleges.id)),
            unnamed(len(self.enterprises.id)),
        )


def largest_remainder(total: int, weights: Floats, at_least: int = 0) -> Ints:
    """Split ``total`` by weight into whole numbers that sum to it; equal remainders: the earlier row. Shape [n].

    With ``at_least`` no part is smaller; the total grows if it has to. Weights that sum to 0 count as equal.
    """
    if len(weights) == 0:
        return np.zeros(0, np.int64)
    weights = weights if weights.sum() > 0 else np.ones(len(weights))
    exact = total * (weights / weights.sum())
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: max(0, total - int(parts.sum()))]] += 1
    parts = np.maximum(parts, at_least)
    while parts.sum() > max(total, at_least * len(parts)):
        parts[int(np.argmax(parts))] -= 1
    return parts


def unknown_colleges(regions: Rows) -> CollegeTable:
    """Colleges of which only the region is known; ids count the rows. ``regions`` [C], sorted."""
    n = len(regions)
    return CollegeTable(np.arange(n, dtype=np.uint32), regions, np.full(n, -1, np.int32),
                        *(np.full(n, np.nan) for _ in range(5)))  # fmt: skip


def unknown_enterprises(regions: Rows) -> EnterpriseTable:
    """Enterprises of which only the region is known; ids count the rows. ``regions`` [N], sorted."""
    n = len(regions)
    return EnterpriseTable(np.arange(n, dtype=np.uint32), regions, np.full(n, -1, np.int32),
                           *(np.full(n, np.nan) for _ in range(6)))  # fmt: skip
