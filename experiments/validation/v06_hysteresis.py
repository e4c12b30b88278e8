"""V6: what a push by reform and supervision has built outlasts the push."""

from __future__ import annotations

import numpy as np

from experiments.validation._pattern import Effect, Pattern, Runs, difference, package, world

_PEAK, _END, _STEPS = 40, 72, 120
_DEPTH = "substantive_depth_per_place"


def _ramp() -> tuple[dict[str, object], ...]:
    """The package up to full strength in 32 quarters from step 8, and down again in 32."""
    return tuple({**rule, "fade": _END - _PEAK - 1} for rule in package(8, until=_PEAK, ramp=_PEAK - 8 - 1))


def _loop(runs: Runs) -> float:
    """Mean height of the loop: depth on the way down minus depth on the way up at the same lever."""
    depth = runs["pushed"].metrics[_DEPTH]
    return float((depth[_PEAK:_END] - depth[8:_PEAK][::-1]).mean())


def _kept(runs: Runs) -> float:
    """Of what the push had built at its peak above the world never pushed, the share there at the end."""
    pushed, never = runs["pushed"].metrics[_DEPTH], runs["never"].metrics[_DEPTH]
    built = np.max((pushed - never)[8:_END])
    return float((pushed - never)[-12:].mean() / built)


PATTERN = Pattern(
    number="V6",
    statement="Hysteresis: a lever is ramped up and down again, integration stays",
    source="paper 5.2 P3",
    worlds={"pushed": world(policies=_ramp(), steps=_STEPS), "never": world(policies=(), steps=_STEPS)},
    effects=(
        Effect("depth a place, way down - way up", _loop, above=0.05),
        Effect(
            "depth a place 48 quarters after, pushed - never", difference(_DEPTH, "pushed", "never", 12), above=0.05
        ),
        Effect("share kept of what was built", _kept, above=0.5),
    ),
)
