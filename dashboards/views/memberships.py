"""Communities as pictures name them: a number for life, and a colour while they live."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from abm.world.state import Ints
    from dashboards.live.frames import Look
    from dashboards.live.scenes import Seen

N_COLOURS = 18
"""Six fills that can be told apart, each plain and with two marks (drawing/look.js). Grey is who belongs to none."""


class Badge(NamedTuple):
    """How a community is shown."""

    number: int
    """From 1, in the order in which communities became established."""
    colour: int
    """0-17: the fill is colour % 6, its mark colour // 6."""


def badges(looks: list[Look]) -> dict[int, Badge]:
    """Badges of all communities that were ever established, by id. A colour is free again once its community is
    gone; the number stays. Where all are taken, the one that fewest have is given again."""
    found: dict[int, Badge] = {}
    owners: dict[int, set[int]] = {colour: set() for colour in range(N_COLOURS)}
    for look in looks:
        alive = {c.id for c in look.communities if c.is_established}
        for those in owners.values():
            those &= alive
        for one in sorted(alive - found.keys()):
            colour = min(owners, key=lambda i: (len(owners[i]), i))
            owners[colour].add(one)
            found[one] = Badge(len(found) + 1, colour)
    return found


def looks_until(seen: Seen) -> list[Look]:
    """Yearly looks up to the moment."""
    return [look for look in seen.history.looks if look.step <= seen.step]


class Groups(NamedTuple):
    """Who belongs to which community or candidate at the moment. G groups, established ones first."""

    ids: list[int]
    is_established: list[bool]
    is_self_sustaining: list[bool]
    enterprise: Ints  # [N] group, -1 = none
    college: Ints  # [C]


def groups(seen: Seen) -> Groups:
    """Groups of the moment: communities by number, then candidates by size."""
    numbers = badges(looks_until(seen))
    ordered = sorted(
        seen.frame.communities,
        key=lambda c: (c.established < 0, numbers[c.id].number if c.id in numbers else 0, -c.n_members),
    )
    world = seen.world
    enterprise = np.full(len(world.enterprise_id), -1, np.int64)
    college = np.full(len(world.college_id), -1, np.int64)
    for side, ids, out in (("enterprises", world.enterprise_id, enterprise), ("colleges", world.college_id, college)):
        order = np.argsort(ids, kind="stable")
        for g, one in enumerate(ordered):
            members = np.fromiter(getattr(one, side), np.int64)
            if len(members):
                out[order[np.searchsorted(ids[order], members)]] = g
    return Groups(
        [c.id for c in ordered], [c.established >= 0 for c in ordered], [c.is_self_sustaining for c in ordered],
        enterprise, college,
    )  # fmt: skip


def colours(groups: Groups, numbers: dict[int, Badge]) -> Ints:
    """Colour of each group, -1 = grey (candidates). Shape [G]."""
    found = [
        numbers[i].colour if i in numbers and ok else -1
        for i, ok in zip(groups.ids, groups.is_established, strict=True)
    ]
    return np.array(found, np.int64)


def labels(groups: Groups, numbers: dict[int, Badge]) -> list[str]:
    """Number of each community; nothing for candidates."""
    return [
        str(numbers[i].number) if i in numbers and ok else ""
        for i, ok in zip(groups.ids, groups.is_established, strict=True)
    ]
