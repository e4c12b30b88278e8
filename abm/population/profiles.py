"""What the first day looks like where no table says: role profiles and starting values.

Every number here is an assumption unless its comment names a source; none of them is read after
step 0. What scenarios vary (tax_due, initial_trust, dual_base ...) is in the catalogue instead.
"""

from __future__ import annotations

import numpy as np

from abm.world.state import Floats
from abm.world.vocabulary import AIMS

ROLES = ("enterprise", "college", "government", "students")
"""Order of the roles in the draws of aims: sub = 16*role + aim (Eq. 2)."""

ROLE_PROFILES: dict[str, tuple[float, ...]] = {
    #             profit talent innovation standing employment development   (order of state.AIMS)
    "enterprise": (0.45, 0.30, 0.15, 0.02, 0.03, 0.05),
    "college": (0.05, 0.15, 0.10, 0.40, 0.15, 0.15),
    "government": (0.02, 0.18, 0.25, 0.05, 0.40, 0.10),
    "students": (0.10, 0.15, 0.03, 0.27, 0.20, 0.25),
}
"""Weights that each role puts on the aims (paper 3.1 orders them; the numbers are assumptions)."""

FIELD_EMPHASIS = 2.0
"""Log demand of a sector for its own skill field (field s mod K) above the others."""
FIELD_SPREAD = 0.5
"""Spread of a sector's other long-run demands, as a share of p.demand_spread."""
OWN_SKILL_SPREAD = 1.0
"""Spread of the log demand that is particular to one enterprise."""
REGION_SPREAD = 0.5
"""Spread of the log sector shares of synthetic regions."""
SIZE_SPREAD = 0.8
"""Spread of the logarithm of enterprise size; the mean size is 1."""
ATTRACTION_SPREAD = 0.5
"""Spread of the logarithm of a college's attraction to applicants; the mean is 1."""
TECHNOLOGY_SPREAD = 0.15
"""Half-width of an enterprise's starting technology around its region's."""
DUAL_SPREAD = 0.1
"""Half-width of a college's dual-qualified share around p.dual_base."""
INITIAL_TECHNOLOGY = 0.3
"""Technology of a region about which nothing is known, 0-1."""
INITIAL_RETENTION = 0.58
"""Share of trainees that an enterprise expects to keep: 1 - 42 % half-year turnover (vocational class of 2018)."""
INITIAL_ENGAGEMENT = 0.2
"""Share of the faculty in cooperation."""
INITIAL_PLACEMENT = 0.6
"""Published share of graduates in field-related work; 62 % for the higher vocational class of 2018, rounded."""
INITIAL_MARKET_FIT = 0.5
"""Fill rate times mean fit that the open labour market is known for."""
REFERENCE_DENSITY = 5.0
"""Enterprises a college in the world for which p.college_partners is stated."""
LEVEL_SHARES = (0.55, 0.35, 0.10)
"""Shares of levels 1, 2, 3 among the contracts found at the start: few are deep."""
REVISION_CYCLE = 40
"""Quarters over which the colleges' revisions are staggered: the longest interval that a rule may set."""


def role_profile(role: str, divergence: float) -> Floats:
    """Role profile at an aim divergence in [0, 1]: the mean role at 0, twice as far from it at 1 (Eq. 1). Shape [M]."""
    roles = np.array([ROLE_PROFILES[name] for name in ROLES])
    mean = roles.sum(axis=0) / len(ROLES)
    profile = np.maximum(0.0, mean + 2.0 * divergence * (np.array(ROLE_PROFILES[role]) - mean))
    assert profile.shape == (len(AIMS),)
    return profile / profile.sum()


def cohesion(aim_cohesion: float, divergence: float) -> float:
    """Concentration of members' aims around their role (Eq. 2)."""
    return aim_cohesion * 0.5 / max(divergence, 0.05)
