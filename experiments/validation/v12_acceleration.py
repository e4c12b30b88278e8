"""V12: technology accelerates, ties stay shallow: coordination falls (scenario anchor, not a target for every world)."""

from __future__ import annotations

from dataclasses import replace

from experiments.validation._pattern import Effect, Pattern, World, world

_START, _YEARS = 24, 6
_HALF_LIVES = (9.0, 8.0, 7.0, 6.0, 5.0, 4.0)


def _accelerating() -> World:
    """The provinces at a fiftieth; from step 24 on the half-life of skills shortens every year."""
    base = world("china", scale=0.02, steps=_START + 4 * _YEARS)
    changes = [(_START + 4 * i, base.scenario.with_overrides(skill_half_life=h)) for i, h in enumerate(_HALF_LIVES)]
    return replace(base, changes=tuple(changes))


PATTERN = Pattern(
    number="V12",
    statement="With accelerating technology and shallow ties D falls from about .62 by about .09 in six years",
    source="[15]",
    worlds={"accelerating": _accelerating()},
    effects=(
        Effect("D before", lambda runs: runs["accelerating"].mean("coordination", _START - 4, _START), 0.57, 0.67),
        Effect(
            "D after - before",
            lambda runs: runs["accelerating"].last("coordination", 4)
            - runs["accelerating"].mean("coordination", _START - 4, _START),
            -0.14,
            -0.04,
        ),
    ),
)
