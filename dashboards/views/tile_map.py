"""Where coordination fails: regions as equal tiles, filled by their share of failed tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.results.summary import FAILING
from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.words import percent
from dashboards.words.vocabulary import stage_names, words

if TYPE_CHECKING:
    from abm.world.state import Floats
    from dashboards.live.frames import World

KIND = "tile_map"


def ground(world: World, language: str) -> Scene:
    """Places and names of the tiles."""
    names = [short(world.region_label(r, language)) for r in range(len(world.region_names))]
    return Scene(
        words={"names": names, "threshold": FAILING, "stage_names": stage_names(language)},
        arrays={"tiles": world.tiles},
    )


def short(name: str) -> str:
    """A region's name without what all provinces' names end in."""
    for ending in ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def failed_by_region(seen: Seen) -> Floats:
    """Share of the last year's tables that failed, by region; NaN without tables. Shape [R]."""
    tables, failed = (seen.regional(name)[-4:].sum(axis=0) for name in ("tables", "failed"))
    return np.divide(failed, tables, out=np.full(tables.shape, np.nan), where=tables > 0)


def scene(seen: Seen) -> Scene:
    """Failed share, share of institutions in communities, and stage of each region."""
    spoken, regions = words(seen.language), seen.frame.regions
    failed = failed_by_region(seen)
    inside, stage = regions["community_share"], regions["stage"]
    names = [seen.world.region_label(r, seen.language) for r in range(len(failed))]
    above = int((failed > FAILING).sum())

    def table() -> Table:
        head = [spoken[key] for key in ("region", "tile_map_failed", "tile_map_inside", "stage")]
        stages = stage_names(seen.language)
        order = np.argsort(-np.nan_to_num(failed, nan=-1.0), kind="stable")
        return head, [
            [
                names[r],
                percent(seen.language, float(failed[r])),
                percent(seen.language, float(inside[r])),
                f"{int(stage[r]) + 1} {stages[int(stage[r])]}",
            ]
            for r in order
        ]

    return Scene(
        spoken["tile_map_label"].format(n=above, all=len(failed), share=percent(seen.language, FAILING)),
        {"step": seen.step},
        {"failed": failed, "inside": inside, "stage": stage.astype(np.int8)},
        table,
    )


View = view(KIND, scene, ground)
