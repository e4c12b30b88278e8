"""What is taught where: each region's places by field, what moved since the year before, and how alike regions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.views.talent import sector_label
from dashboards.views.tile_map import short
from dashboards.words import percent
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from abm.world.state import Floats
    from dashboards.live.frames import World
    from dashboards.live.offer import Offer

KIND = "programmes"
NOTED = 0.005
"""Share of a region's places from which a move within a year is marked."""


def ground(world: World, language: str) -> Scene:
    """Names of regions and fields."""
    return Scene(
        words={
            "names": [short(world.region_label(r, language)) for r in range(len(world.region_names))],
            "fields": [sector_label(name, language) for name in world.sector_names],
        }
    )


def alike(share: Floats) -> Floats:
    """How much of each region's places is spread over fields as in the mean of all regions, 0-1. Shape [R]."""
    return 1.0 - 0.5 * np.abs(share - share.mean(axis=0)).sum(axis=1)


def year_before(seen: Seen) -> Offer | None:
    """What was offered four quarters ago, as far as the run has come."""
    known = [offer for step, offer in seen.history.offers if step <= seen.step - 4]
    return known[-1] if known else None


def scene(seen: Seen) -> Scene:
    """Shares, moves of a year, programmes opened and closed by region and field; how alike each region is."""
    spoken, language, world = words(seen.language), seen.language, seen.world
    now, before = seen.frame.offer, year_before(seen)
    moved = np.zeros_like(now.share) if before is None else now.share - before.share
    opened = np.zeros(now.share.shape, bool) if before is None else (now.programmes > 0) & (before.programmes == 0)
    closed = np.zeros(now.share.shape, bool) if before is None else (now.programmes == 0) & (before.programmes > 0)
    same = alike(now.share)

    def table() -> Table:
        head = [spoken["region"], *(sector_label(name, language) for name in world.sector_names),
                spoken["programmes_alike"]]  # fmt: skip
        return head, [
            [world.region_label(r, language), *(percent(language, float(v)) for v in row),
             percent(language, float(same[r]))]
            for r, row in enumerate(now.share)
        ]  # fmt: skip

    def last(name: str) -> float:
        return float(seen.last(name))

    figures = [
        (f"{now.programmes.sum()}", spoken["programmes_n"]),
        (percent(language, last("field_mix_homogeneity")), spoken["programmes_homogeneity"]),
        (percent(language, last("seats_moved")), spoken["programmes_moved"]),
        (_pair(last("programmes_opened"), last("programmes_closed")), spoken["programmes_turnover"]),
    ]
    label = spoken["programmes_label"].format(n=now.programmes.sum(), alike=percent(language, float(same.mean())))
    return Scene(
        label,
        {"step": seen.step, "figures": figures},
        {
            "share": now.share, "programmes": now.programmes.astype(np.int32), "alike": same,
            "mark": (np.sign(moved) * (np.abs(moved) >= NOTED)).astype(np.int8),
            "turn": (opened.astype(np.int8) - closed.astype(np.int8)),
        },
        table,
    )  # fmt: skip


def _pair(opened: float, closed: float) -> str:
    return f"+{opened:.0f} −{closed:.0f}" if np.isfinite(opened) and np.isfinite(closed) else "–"


View = view(KIND, scene, ground)
