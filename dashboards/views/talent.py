"""Where graduates go: from the field of their college to work in their field, outside it, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.words import percent
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from dashboards.live.frames import World

KIND = "talent"
MOST_FIELDS = 10
"""Fields shown one by one; of more, the smallest are put together."""


def ground(world: World, language: str) -> Scene:
    """Nothing but the words that stay."""
    return Scene()


def kept(sizes: np.ndarray) -> np.ndarray:
    """Row of the picture for each field: the largest have one each, the rest share the last. Shape [S]."""
    if len(sizes) <= MOST_FIELDS:
        return np.arange(len(sizes))
    largest = np.sort(np.argsort(-sizes, kind="stable")[: MOST_FIELDS - 1])
    out = np.full(len(sizes), MOST_FIELDS - 1)
    out[largest] = np.arange(MOST_FIELDS - 1)
    return out


def sector_label(name: str, language: str) -> str:
    """A sector's name; those of invented worlds and of the official groups in Chinese too."""
    if language != "zh":
        return name
    kind, _, number = name.partition(" ")
    known = {"economy": "经济", "agriculture": "农业", "industry": "工业", "services": "服务业", "sector": "行业"}
    return f"{known[kind]} {number}".rstrip() if kind in known else name


def scene(seen: Seen) -> Scene:
    """People by college's field (rows) and where they are: in-field work by sector, other work, no work."""
    spoken, talent, world = words(seen.language), seen.frame.talent, seen.world
    row = kept(talent.in_field.sum(axis=1) + talent.out_of_field.sum(axis=1) + talent.no_work)
    n = int(row.max()) + 1 if len(row) else 0
    flows = np.zeros((n, n + 2))
    np.add.at(flows, (row[:, None], row[None, :]), talent.in_field)
    np.add.at(flows[:, n], row, talent.out_of_field.sum(axis=1))
    np.add.at(flows[:, n + 1], row, talent.no_work)
    first = [int(np.flatnonzero(row == i)[0]) for i in range(n)]
    names = [sector_label(world.sector_names[s], seen.language) for s in first]
    if len(row) > MOST_FIELDS:
        names[-1] = spoken["talent_others"]
    total = flows.sum()
    outside, idle = (float(flows[:, n + i].sum() / total) if total else float("nan") for i in (0, 1))

    def table() -> Table:
        head = [spoken[key] for key in ("talent_field", "talent_in_field", "talent_outside", "talent_no_work")]
        return head, [[names[i], int(flows[i, :n].sum()), int(flows[i, n]), int(flows[i, n + 1])] for i in range(n)]

    return Scene(
        spoken["talent_label"].format(outside=percent(seen.language, outside), idle=percent(seen.language, idle)),
        {"step": seen.step, "names": names, "total": float(total)},
        {"flows": flows.astype(np.float32)},
        table,
    )


View = view(KIND, scene, ground)
