"""Which policies matter?

All levers move over their whole ranges, and every number that is not known well from half to one and
a half times its default. Elementary effects (Morris) find the few inputs that matter for substance;
total indices (Sobol) then divide its variance among them.
"""

from __future__ import annotations

from typing import Any

from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE
from experiments.analysis._runs import rows
from experiments.analysis._space import Space
from experiments.analysis.sensitivity import METHODS, analyse, points
from experiments.design import Design, load
from experiments.questions import Reply, Setting
from experiments.questions._asking import evaluator, provenance

TITLE = "Which policies matter"
CAVEATS = (
    "Ranges decide: an input matters as much as it is allowed to move. Levers move over all that the model allows, "
    "uncertainties by half of their default to either side.",
    "Morris ranks; with few trajectories neighbours in the ranking are not told apart.",
)
NARROW, WIDE = 0.5, 1.5
"""Range of an uncertainty, in multiples of its default."""
LABEL = "substantive depth a place"
OUTCOMES = {"substance": LABEL, "related": "field-related jobs"}


def uncertainties() -> dict[str, dict[str, float]]:
    """Ranges of the numbers that are not known well; without those whose default is 0."""
    found: dict[str, dict[str, float]] = {}
    for p in CATALOGUE.values():
        low, high = max(p.low, NARROW * p.default), min(p.high, WIDE * p.default)
        if p.role == "uncertainty" and low < high and p.unit != "step":
            found[p.name] = {"low": low, "high": high}
    return found


def ask(setting: Setting) -> Reply:
    """Morris over all inputs, Sobol over those that matter."""
    levers = load("policies-that-matter", replications=1 if setting.is_quick else 2)
    ranges: dict[str, Any] = {d.name: {"low": d.low, "high": d.high} for d in levers.vary}
    # A few trajectories tell an input from noise by their seeds.
    every = _with(levers, ranges | uncertainties()).with_replications(1 if setting.is_quick else 4)
    trajectories, n, n_kept = (4, 16, 4) if setting.is_quick else (6, 64, 7)
    space = Space.from_design(every)
    with evaluator(setting, every) as simulate:
        screened = simulate(points("morris", space, trajectories))
    found = {
        name: analyse("morris", space, screened, name, trajectories, label=label) for name, label in OUTCOMES.items()
    }
    kept = found["substance"].important(n_kept)
    few = _with(levers, {name: (ranges | uncertainties())[name] for name in kept})
    chosen = Space.from_design(few)
    with evaluator(setting, few) as simulate:
        divided = simulate(points("sobol", chosen, n))
    shares = analyse("sobol", chosen, divided, "substance", n, label=LABEL)
    policies = [row["key"] for row in rows(found["substance"].table) if row["key"] in BY_NAME and row["is_told"]]
    listed = ", ".join(BY_NAME[name].label for name in policies[:3])
    most = f" The levers that move it most by Morris's effects are {listed}." if policies else ""
    results = (*found.values(), shares)
    return Reply(
        answer=f"Of {len(space.dimensions)} inputs: {found['substance'].answer()} {shares.answer()}{most}",
        tables={name: table for result in results for name, table in result.tables.items()},
        figures={name: figure for result in results for name, figure in result.figures().items()},
        n_runs=len(screened) + len(divided),
        provenance=provenance((every, few), trajectories=trajectories, base_samples=n),
        caveats=tuple(dict.fromkeys(note for result in results for note in result.caveats)),
        conclusions={
            f"{row['label']} moves {result.label} ({METHODS[result.method].title})": "told"
            if row["is_told"]
            else "not told"
            for result in (found["substance"], shares)
            for row in rows(result.table)[:5]
        },
    )


def _with(design: Design, ranges: dict[str, Any]) -> Design:
    """The design over other keys; the method draws its own points, so few are planned."""
    sampler = {"name": "latin_hypercube", "n": 2}
    return load("policies-that-matter", vary=ranges, sampler=sampler, replications=design.replications)
