"""The network of contracts on a fixed layout: regions where they lie, colleges in the middle, enterprises around."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.views.memberships import badges, colours, groups, labels, looks_until
from dashboards.views.tile_map import short
from dashboards.words import percent
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from abm.world.state import Floats, Rows
    from dashboards.live.frames import World

KIND = "network"
GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
INNER, OUTER = 0.12, 0.39
"""Radii within a region's tile, of side 1: colleges inside the first, enterprises between the two."""
BELOW_NAME = 0.08
"""How far below the middle of its tile a region's institutions stand, so that its name has room above them."""


def ground(world: World, language: str) -> Scene:
    """Places of all institutions, in tiles from the top left."""
    centre = world.tiles - world.tiles.min(axis=0) + 0.5
    if world.is_ring:
        angle = 2 * np.pi * np.arange(len(centre)) / len(centre) - np.pi / 2
        centre = 1.15 * np.column_stack([np.cos(angle), np.sin(angle)])
        centre += 0.5 - centre.min(axis=0)
    names = [short(world.region_label(r, language)) for r in range(len(centre))]
    size = centre.max(axis=0) + 0.5
    return Scene(
        words={"names": names, "across": float(size[0]), "down": float(size[1])},
        arrays={
            "centre": centre.astype(np.float32),
            "enterprise_at": _placed(world.enterprise_region, centre, INNER + 0.05, OUTER),
            "college_at": _placed(world.college_region, centre, 0.0, INNER),
        },
    )


def _placed(region: Rows, centre: Floats, inner: float, outer: float) -> np.ndarray:
    """Places of institutions in a ring around their region's centre, evenly spread (sunflower). Shape [n, 2]."""
    out = np.empty((len(region), 2))
    for r in range(len(centre)):
        rows = np.flatnonzero(region == r)
        k = np.arange(len(rows)) + 0.5
        radius = np.sqrt(inner**2 + (outer**2 - inner**2) * k / max(1, len(rows)))
        angle = k * GOLDEN_ANGLE
        out[rows] = centre[r] + (0.0, BELOW_NAME) + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return out.astype(np.float32)


def scene(seen: Seen) -> Scene:
    """Ends and substance of all running contracts; the community of each institution.

    ``who`` is the same number as long as communities and their members are.
    """
    spoken, contracts, world = words(seen.language), seen.frame.contracts, seen.world
    found, numbers = groups(seen), badges(looks_until(seen))
    established = np.array([*found.is_established, False])
    across = world.enterprise_region[contracts.enterprise] != world.college_region[contracts.college]
    share = float(across.mean()) if len(across) else float("nan")

    def table() -> Table:
        head = [spoken[key] for key in ("region", "network_contracts", "network_within")]
        home = world.enterprise_region[contracts.enterprise]
        return head, [
            [world.region_label(r, seen.language), int((home == r).sum()), int((~across & (home == r)).sum())]
            for r in range(len(world.region_names))
        ]

    who = {
        "enterprise": np.where(established[found.enterprise], found.enterprise, -1).astype(np.int16),
        "college": np.where(established[found.college], found.college, -1).astype(np.int16),
        "colour": colours(found, numbers).astype(np.int8),
    }
    names = labels(found, numbers)
    mark = zlib.crc32(b"".join([*(values.tobytes() for values in who.values()), " ".join(names).encode()]))
    return Scene(
        spoken["network_label"].format(n=len(across), share=percent(seen.language, share)),
        {"step": seen.step, "numbers": names, "who": mark},
        {
            "from": contracts.enterprise.astype(np.uint16), "to": contracts.college.astype(np.uint16),
            "substance": np.rint(255 * np.clip(contracts.substance, 0, 1)).astype(np.uint8),
            **who,
        },
        table,
    )  # fmt: skip


View = view(KIND, scene, ground)
