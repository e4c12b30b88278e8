"""Row 86: mean-field equations over the mean of the agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.analysis import mean_field
from experiments.analysis.mean_field import SERIES, MeanField

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from abm.results import Results
    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

IS_ONE_SIDED = True


def keep(results: Results) -> dict[str, npt.NDArray[np.float64]]:
    """The agents' mean and the equations' solution under the same rules. Shape [steps] each."""
    from abm.population import build

    world = results.scenario
    solved = mean_field.solve(world, build(world, world.seed, threads=1), mean_field.levers_of(results))
    agents = {name: np.asarray(results.columns["metrics"][name], np.float64) for name in SERIES}
    return agents | {f"solved_{name}": values for name, values in solved.items()}


def _found(seen: Seen) -> MeanField:
    """Equations and agents of the side with the reform; a solution for each seed."""
    agents = {name: seen.of[name] for name in SERIES}
    return MeanField({name: seen.of[f"solved_{name}"] for name in SERIES}, agents)


def measure(seen: Seen) -> Column:
    """Part of what moves that the equations explain, of the series that they explain least."""
    found = _found(seen)
    return np.min([found.explained(name) for name in SERIES], axis=0)


def draw(seen: Seen) -> Figure:
    """The mean of the solutions over the mean of the agents."""
    found = _found(seen)
    return mean_field.figure_of(
        MeanField({name: values.mean(axis=0) for name, values in found.solution.items()}, found.agents)
    )
