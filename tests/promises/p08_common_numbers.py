"""Common random numbers halve the variance of a paired difference; a policy that never acts changes no bit."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.sweep import sweep
from tests.benchmarks.figures import Figure
from tests.promises.sweeps import classroom, folder

OUTCOMES = ["failed_share", "mean_formal_depth", "substantive_depth_per_enterprise"]


def measure(is_quick: bool) -> Iterator[Figure]:
    """The real model in the classroom world, with and without a small change."""
    n = 10 if is_quick else 40
    with folder() as store:
        design = classroom(replications=n, steps=40, outcomes=OUTCOMES, vary={"communication_cost": [0.11, 0.12]})
        runs = sweep(design, store, 2, None, True).runs()
        for outcome in OUTCOMES:
            wide = runs.pivot(index="replication", columns="point", values=outcome)
            ratio = (wide[1] - wide[0]).var() / (wide[0].var() + wide[1].var())
            what = f"variance of the paired difference / unpaired, {outcome}, {n} seeds"
            yield Figure("8 common numbers", what, float(ratio), "1", 0.5)
        never = [{"rule": "subsidy", "rate": 0.5, "from": 1000}]
        arms = {"plain": {"policies": []}, "never": {"policies": never}}
        both = sweep(classroom(replications=5, steps=40, arms=arms), store, 1, None, True).runs()
    hashes = both.pivot(index="replication", columns="arm", values="result_hash")
    differ = int((hashes["plain"] != hashes["never"]).sum())
    yield Figure("8 common numbers", "runs of 5 that a policy which never acts changes", differ, "runs", 0)
