"""Who cooperates with whom: contracts as a matrix, enterprises across and colleges down, ordered by community.

Communities are blocks on the diagonal, numbered; institutions outside all of them come last.
"""

from __future__ import annotations

import numpy as np

from dashboards.components.live_view import view
from dashboards.components.memberships import badges, colours, groups, labels, looks_until
from dashboards.components.scenes import Scene, Seen, Table
from dashboards.components.words import words
from dashboards.i18n import percent

KIND = "matrix"


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

    def table() -> Table:
        head = [spoken[key] for key in ("community", "enterprises", "colleges", "matrix_inside")]
        rows = [
            [
                label or spoken["candidate"], int((found.enterprise == g).sum()), int((found.college == g).sum()),
                int((inside & (found.enterprise[contracts.enterprise] == g)).sum()),
            ]
            for g, label in enumerate(labels(found, numbers))
        ]  # fmt: skip
        return head, [
            *rows,
            [spoken["outside"], int((found.enterprise < 0).sum()), int((found.college < 0).sum()), "–"],
        ]

    return Scene(
        spoken["matrix_label"].format(n=len(inside), share=percent(seen.language, share)),
        {
            "step": seen.step, "n_enterprises": len(across), "n_colleges": len(down), "numbers": labels(found, numbers),
            "is_established": found.is_established,
        },
        {
            "x": across[contracts.enterprise].astype(np.uint16), "y": down[contracts.college].astype(np.uint16),
            "substance": np.rint(255 * np.clip(contracts.substance, 0, 1)).astype(np.uint8),
            "is_inside": inside.astype(np.uint8), "enterprise_from": enterprise_from, "college_from": college_from,
            "colour": colours(found, numbers).astype(np.int8),
        },
        table,
    )  # fmt: skip


View = view(KIND, scene)
