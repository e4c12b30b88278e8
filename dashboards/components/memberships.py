"""Communities as pictures name them: a number for life, and one of six colours while they live."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from abm.state import Ints
    from dashboards.components.scenes import Seen
    from dashboards.frames import Look

N_COLOURS = 6
"""Colours that can be told apart; a community without one is grey."""


class Badge(NamedTuple):
    """How a community is shown."""

    number: int
    """From 1, in the order in which communities became established."""
    colour: int
    """0-5, or -1 where all six are taken."""


def badges(looks: list[Look]) -> dict[int, Badge]:
    """Badges of all communities that were ever established, by id. A colour is free again once its community is
    gone; the number stays."""
    found: dict[int, Badge] = {}
    taken: dict[int, int] = {}
    for look in looks:
        alive = {c.id for c in look.communities if c.is_established}
        taken = {colour: owner for colour, owner in taken.items() if owner in alive}
        for one in sorted(alive - found.keys()):
            colour = next((i for i in range(N_COLOURS) if i not in taken), -1)
            if colour >= 0:
                taken[colour] = one
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
    """Colour of each group, -1 = grey (candidates and those beyond six). Shape [G]."""
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
