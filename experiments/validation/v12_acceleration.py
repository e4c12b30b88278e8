"""V12: technology accelerates, ties stay shallow: D falls (scenario anchor, no target for every world)."""

from __future__ import annotations

from dataclasses import replace

from experiments.validation._pattern import Effect, Pattern, World, world

_START, _YEARS = 60, 6
_HALF_LIVES = (8.0, 6.0, 5.0, 4.0, 3.0, 2.0)


def _accelerating() -> World:
    """The provinces at a fiftieth; when they have settled, the half-life of skills shortens every year."""
    base = world("china", scale=0.02, steps=_START + 4 * _YEARS)
    changes = [(_START + 4 * i, base.scenario.with_overrides(skill_half_life=h)) for i, h in enumerate(_HALF_LIVES)]
    return replace(base, changes=tuple(changes))


PATTERN = Pattern(
    number="V12",
    statement="With accelerating technology and shallow ties D falls from about .62 by about .09 in six years",
    source="[15]",
    note="Only field-related jobs, one of eight indicators, follow demand quickly; nothing in the model lets "
    "industry's side fall with faster technology. The bounds of that indicator (0.4-0.9) were set once, for D"
    " before, under other parameters.",
    worlds={"accelerating": _accelerating()},
    effects=(
        Effect("D before", lambda runs: runs["accelerating"].mean("coordination", _START - 4, _START), 0.57, 0.67),
        Effect(
            "D after - before",
            lambda runs: (
                runs["accelerating"].last("coordination", 4)
                - runs["accelerating"].mean("coordination", _START - 4, _START)
            ),
            -0.14,
            -0.04,
        ),
    ),
)
