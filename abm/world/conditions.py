"""What holds in a run from its first quarter to its last: all that a phase may ask of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from abm.world.levers import LEVERS
from abm.world.parameters import DEFAULTS, Parameters, as_row


@dataclass(frozen=True)
class Conditions:
    """What a run takes place under. `abm.Scenario` adds who lives there, rules, length and words."""

    name: str = "unnamed"
    protocol: str = "concession"
    """Name of the bargaining protocol."""
    p: Parameters = DEFAULTS
    """The parameters, one number each."""
    levers: tuple[tuple[str, float], ...] = ()
    """Where levers stand without a rule, if not at their neutral value."""

    @cached_property
    def parameter_record(self) -> NDArray[Any]:
        """The parameters as kernels read them, one record. Shape [1]."""
        return as_row(self.p)

    @cached_property
    def base_levers(self) -> tuple[float, ...]:
        """Every lever without a rule, in the order of ``levers.L``."""
        moved = dict(self.levers)
        return tuple(moved.get(lever.name, float(lever.neutral)) for lever in LEVERS)
