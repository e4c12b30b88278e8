"""How the worlds of a design's arms differ, in words: what a comparison of them compares."""

from __future__ import annotations

from dataclasses import replace

from abm.machine.language import say, spoken
from abm.scenario.differences import differences
from experiments.design.design import Design
from experiments.design.dimensions import ARM


def worlds_apart(design: Design, baseline: str | None = None) -> list[str]:
    """One sentence an arm: in what its world differs from the baseline's (default: the first arm's).

    Arms that no point of the design has are left out; empty for a design without arms to compare.
    """
    if ARM not in design.keys:
        return []
    had = set(design.points()[ARM])
    # Each under its own name, so that a policy which one has alone is said to be that arm's.
    worlds = {
        name: replace(design.base.with_overrides(**changes), name=name) for name, changes in design.arms if name in had
    }
    if not worlds or (baseline is not None and baseline not in worlds):
        return []
    first = next(iter(worlds)) if baseline is None else baseline
    return [_said(name, first, differences(worlds[first], world)) for name, world in worlds.items() if name != first]


def _said(name: str, first: str, apart: list[str]) -> str:
    if not apart:
        return say("{name} against {first}: the same world.", name=name, first=first)
    listed = say("; ").join(map(spoken, apart))
    return say("{name} against {first}: {apart}.", name=name, first=first, apart=listed)
