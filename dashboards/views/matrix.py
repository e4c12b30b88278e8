"""Who cooperates with whom: contracts as a matrix, enterprises across and colleges down, ordered by community.

Communities are blocks on the diagonal, numbered; institutions outside all of them come last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.views.memberships import badges, colours, groups, labels, looks_until
from dashboards.words import percent
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from dashboards.live.frames import World
    from dashboards.views.memberships import Groups

KIND = "matrix"
NAMED = 3
"""Colleges of a community that are told by name."""


def ranked(group: np.ndarray, n_groups: int, region: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position of each row when ordered by group (none last), then region; and where each group starts [G + 1]."""
    key = np.where(group >= 0, group, n_groups)
    order = np.lexsort((region, key))
    position = np.empty(len(group), np.int64)
    position[order] = np.arange(len(group))
    return position, np.searchsorted(key[order], np.arange(n_groups + 1))


def scene(seen: Seen) -> Scene:
    """Positions and substance of all running contracts, and the blocks."""
    spoken, world, contracts = words(seen.language), seen.world, seen.frame.contracts
    found, numbers = groups(seen), badges(looks_until(seen))
    n = len(found.ids)
    across, enterprise_from = ranked(found.enterprise, n, world.enterprise_region)
    down, college_from = ranked(found.college, n, world.college_region)
    inside = (found.enterprise[contracts.enterprise] >= 0) & (
        found.enterprise[contracts.enterprise] == found.college[contracts.college]
    )
    share = float(inside.mean()) if len(inside) else float("nan")

    named = _named(world, found, n, spoken["comma"])

    def table() -> Table:
        head = [spoken[key] for key in ("community", "enterprises", "colleges", "matrix_inside")]
        rows = [
            [
                f"{label or spoken['candidate']}{names and spoken['colon']}{names}",
                int((found.enterprise == g).sum()), int((found.college == g).sum()),
                int((inside & (found.enterprise[contracts.enterprise] == g)).sum()),
            ]
            for g, (label, names) in enumerate(zip(labels(found, numbers), named, strict=True))
        ]  # fmt: skip
        return head, [
            *rows,
            [spoken["outside"], int((found.enterprise < 0).sum()), int((found.college < 0).sum()), "–"],
        ]

    return Scene(
        spoken["matrix_label"].format(n=len(inside), share=percent(seen.language, share)),
        {
            "step": seen.step, "n_enterprises": len(across), "n_colleges": len(down), "numbers": labels(found, numbers),
            "is_established": found.is_established, "named": named,
        },
        {
            "x": across[contracts.enterprise].astype(np.uint16), "y": down[contracts.college].astype(np.uint16),
            "substance": np.rint(255 * np.clip(contracts.substance, 0, 1)).astype(np.uint8),
            "is_inside": inside.astype(np.uint8), "enterprise_from": enterprise_from, "college_from": college_from,
            "colour": colours(found, numbers).astype(np.int8),
        },
        table,
    )  # fmt: skip


def _named(world: World, found: Groups, n_groups: int, comma: str) -> list[str]:
    """The first colleges of each group by name; empty in invented worlds, where they have none."""
    if not world.is_own:
        return [""] * n_groups
    told: list[str] = []
    for g in range(n_groups):
        rows = np.flatnonzero(found.college == g).tolist()
        more = "…" if len(rows) > NAMED else ""
        told.append(comma.join(world.college_label(row) for row in rows[:NAMED]) + more)
    return told


View = view(KIND, scene)
