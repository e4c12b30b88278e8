"""The unit cube of what varies: the way there from points, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.machine.errors import InputError, with_unit
from experiments.analysis._runs import Floats
from experiments.design.dimensions import Dimension

if TYPE_CHECKING:
    from experiments.design import Design


@dataclass(frozen=True)
class Space:
    """Dimensions in their order."""

    dimensions: tuple[Dimension, ...]

    @classmethod
    def of(cls, ranges: Mapping[str, tuple[float, float]], units: Mapping[str, str] | None = None) -> Space:
        """A plain space from name -> (low, high); names are labels."""
        units = units or {}
        made = (
            Dimension(name, name.replace("_", " "), units.get(name, "1"), low, high)
            for name, (low, high) in ranges.items()
        )
        return cls(tuple(made))

    @classmethod
    def from_design(cls, design: Design) -> Space:
        """The varied keys of a design; InputError for one that has words in place of numbers."""
        for d in design.vary:
            if not d.is_numeric:
                mend = "vary numbers only, or use `abm sweep`"
                raise InputError(f"`{d.name}`", place=f"design {design.name}", why="takes words", mend=mend)
        return cls(design.vary)

    @property
    def names(self) -> list[str]:
        return [d.name for d in self.dimensions]

    @property
    def problem(self) -> dict[str, Any]:
        """The unit cube as SALib describes problems; what is drawn there goes through ``points``."""
        n = len(self.dimensions)
        return {"num_vars": n, "names": self.names, "bounds": [[0.0, 1.0]] * n}

    def points(self, unit: Floats) -> pd.DataFrame:
        """Points of the unit cube, shape [n, d], in the units of their dimensions; whole numbers rounded."""
        return pd.DataFrame({d.name: d.at(unit[:, j]) for j, d in enumerate(self.dimensions)})

    def unit(self, points: pd.DataFrame) -> Floats:
        """The way back. Shape [n, d], 0-1."""
        columns = [[d.share(value) for value in points[d.name].tolist()] for d in self.dimensions]
        return np.array(columns, np.float64).T


def title(d: Dimension) -> str:
    """Label with unit, for an axis."""
    label = d.label[:1].upper() + d.label[1:]
    return with_unit(label, d.unit)
