"""What search and negotiation see of the two sides, and how well (Eq. 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.streams import normal, of_field
from abm.world.equations import clip
from abm.world.levers import L
from abm.world.state import Bytes, Floats, Governments, Keys, Rows

if TYPE_CHECKING:
    from abm.world.parameters import Parameters
    from abm.world.state import State


class EnterpriseSight(NamedTuple):
    """What search and negotiation know of the enterprises."""

    id: Keys  # [N]
    region: Rows  # [N]
    demand: Floats  # [N, K]
    reputation: Floats  # [N]
    sector: Rows  # [N]
    college: Rows  # [N, H] remembered colleges
    field: Bytes  # [N, H] and the field of the programme
    trust: Floats  # [N, H] the enterprise's trust
    trusted: Floats  # [N, H] the college's trust
    reach: Floats  # [R] of the platform
    sight: Floats  # [R] share of the error in judging a partner that platform and digital link take away


class CollegeSight(NamedTuple):
    """What search and negotiation know of the colleges."""

    id: Keys  # [C]
    region: Rows  # [C]
    reputation: Floats  # [C]
    curriculum: Floats  # [P, K]
    n_fields: int
    """Fields S: the programme of college c and field s has the row c * S + s."""


def sights(state: State, p: Parameters) -> tuple[EnterpriseSight, CollegeSight]:
    """The columns that perception needs."""
    e, c, ties = state.enterprises, state.colleges, state.ties
    platform = np.ascontiguousarray(state.governments.levers[:, L.PLATFORM])
    return (
        EnterpriseSight(
            e.id,
            e.region,
            e.demand,
            e.reputation,
            e.sector,
            ties.college,
            ties.field,
            ties.trust_enterprise,
            ties.trust_college,
            platform,
            sight(state.governments, platform, p.digital_sight),
        ),
        CollegeSight(c.id, c.region, c.reputation, state.programmes.curriculum, len(state.sectors.demand)),
    )


def sight(governments: Governments, platform: Floats, digital_sight: float) -> Floats:
    """Share of the error in judging a partner that platform and digital link of a region take away (Eq. 13). Shape
    [R]."""
    link = np.minimum(governments.digital_colleges, governments.digital_enterprises)
    if not link.any():
        return platform
    # Without a link it is the platform to the last bit.
    return np.where(link > 0.0, 1.0 - (1.0 - platform) * (1.0 - digital_sight * link), platform)


@kernel(inline=True, borrows=True)
def assured_fit(fit, sight, is_known, p):
    """Fit that a side reckons with at a table (Eq. 20): the less, the less sure it is of it; ``sight`` of its
    region."""
    doubt = p.perception_noise * (1.0 - sight) * (1.0 - p.familiarity * is_known)
    return fit * max(0.0, 1.0 - p.fit_caution * doubt)


@kernel(inline=True, borrows=True)
def perceived(seed, stream, step, pair, fit, sight, is_known, p):
    """Fit of an enterprise and a programme as one side sees it (Eq. 13); ``sight`` of that side's region.

    ``pair``: ids of enterprise and college, and the field.
    """
    e_id, c_id, field = pair
    noise = p.perception_noise * (1.0 - sight) * (1.0 - p.familiarity * is_known)
    return clip(fit + noise * normal(seed, stream, of_field(step, field), e_id, c_id))
