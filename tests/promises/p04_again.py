"""A finished study runs nothing again; more replications run only those; other studies' runs are reused."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.sweep import sweep
from tests.benchmarks.figures import Figure
from tests.experiments import simulators
from tests.promises.sweeps import folder, stand_in


def measure(is_quick: bool) -> Iterator[Figure]:
    """A stand-in that counts how often it is called."""
    n = 10 if is_quick else 100

    def calls(**changes: object) -> int:
        before = simulators.CALLS["n"]
        sweep(stand_in("counted", **changes), store, 1, "serial", True)
        return simulators.CALLS["n"] - before

    with folder() as store:
        first = calls(replications=n)
        again = calls(replications=n)
        more = calls(replications=n + 5)
        other = calls(name="other", vary={"communication_cost": [0.0, 0.01, 0.05]}, replications=n)
    # Two pilot calls before each sweep that has something to do.
    yield Figure("4 again", f"runs made at first, of {4 * n}", first - 2, "runs", 4 * n)
    yield Figure("4 again", "runs made when the finished study is run again", again, "runs", 0)
    yield Figure("4 again", "runs made for 5 more replications of 4 points", more - 2, "runs", 20)
    yield Figure("4 again", f"runs made for a study that shares 2 of 3 points, {n} replications", other - 2, "runs", n)
