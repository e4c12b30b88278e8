"""Nothing grows with enterprises x colleges: columns of a world and of one with twice as many of both."""

from __future__ import annotations

from collections.abc import Iterator

from abm import quarter
from abm.scenario import Scenario
from abm.world.state import State
from tests.benchmarks.clock import world
from tests.benchmarks.figures import Figure

GROUPS = ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students")
SMALL = {
    "population.n_regions": 31,
    "population.n_colleges": 400,
    "population.n_enterprises": 4000,
    "population.n_students": 40_000,
}


def sizes(scale: int) -> dict[str, int]:
    """Bytes of each column after one step of a world ``scale`` times the small one in all but regions."""
    larger = {name: n if name == "population.n_regions" else n * scale for name, n in SMALL.items()}
    scenario = Scenario(name="memory").with_overrides(**larger)
    state: State = world(scenario)
    quarter.step(state, scenario)
    return {
        f"{group}.{name}": column.nbytes for group in GROUPS for name, column in getattr(state, group)._asdict().items()
    }


def measure(is_quick: bool) -> Iterator[Figure]:
    """What a column grows by when everything doubles: twice, or not at all; a matrix of pairs would grow fourfold."""
    small, large = sizes(1), sizes(2)
    growth = {name: large[name] / small[name] for name in small if small[name]}
    most = max(growth, key=growth.__getitem__)
    note = (
        f"{most}; {sum(small.values()) / 1e6:.1f} MB became {sum(large.values()) / 1e6:.1f} MB in {len(growth)} columns"
    )
    yield Figure("memory", "largest growth of a column when all double", round(growth[most], 2), "x", 2.01, note=note)
