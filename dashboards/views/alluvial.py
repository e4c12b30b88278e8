"""Births, mergers, splits and deaths of communities from year to year, with modularity against chance beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.views.memberships import Badge, badges, looks_until
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from dashboards.live.frames import Look, World

KIND = "alluvial"


def ground(world: World, language: str) -> Scene:
    """How many institutions there are, and how long the run may become."""
    n = len(world.enterprise_id) + len(world.college_id)
    return Scene(words={"institutions": n, "horizon": world.scenario.steps})


def scene(seen: Seen) -> Scene:
    """One column of blocks a year, and who went where between two years."""
    spoken, looks = words(seen.language), looks_until(seen)
    numbers = badges(looks)
    blocks = [row for column, look in enumerate(looks) for row in _blocks(column, look, numbers)]
    place = {(column, id_): i for i, (column, id_, *_) in enumerate(blocks)}
    flows = [
        (place[column - 1, flow.source], place[column, flow.target], flow.enterprises + flow.colleges)
        for column, look in enumerate(looks)
        for flow in look.flows
        if (column - 1, flow.source) in place and (column, flow.target) in place
    ]
    z = seen.last("modularity_z")
    alive = [c for c in looks[-1].communities if c.is_established] if looks else []

    def table() -> Table:
        head = [spoken[key] for key in ("year", "alluvial_communities", "alluvial_candidates", "alluvial_members")]
        return head, [
            [
                look.step // 4, sum(c.is_established for c in look.communities),
                sum(not c.is_established for c in look.communities), sum(c.n_members for c in look.communities),
            ]
            for look in looks
        ]  # fmt: skip

    moved = np.array(flows, np.int32).reshape(len(flows), 3)
    shape = np.array(blocks, np.int32).reshape(len(blocks), 6)
    return Scene(
        spoken["alluvial_label"].format(n=len(alive), ever=len(numbers)),
        {
            "step": seen.step, "years": [look.step for look in looks], "z": float(z) if np.isfinite(z) else None,
            "born": len(numbers), "alive": len(alive),
        },
        {
            "column": shape[:, 0], "members": shape[:, 2], "number": shape[:, 3], "colour": shape[:, 4],
            "is_alone": shape[:, 5].astype(np.uint8),
            "flow_from": moved[:, 0], "flow_to": moved[:, 1], "flow": moved[:, 2],
        },
        table,
    )  # fmt: skip


def _blocks(column: int, look: Look, numbers: dict[int, Badge]) -> list[tuple[int, ...]]:
    """Column, id, members, number (0 = candidate), colour, whether it stands alone; communities first."""
    rows: list[tuple[int, ...]] = []
    for c in look.communities:
        badge = numbers[c.id] if c.is_established else Badge(0, -1)
        rows.append((column, c.id, c.n_members, badge.number, badge.colour, int(c.is_self_sustaining)))
    return sorted(rows, key=lambda row: (row[3] == 0, row[3], row[1]))


View = view(KIND, scene, ground)
