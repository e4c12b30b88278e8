"""Which is the cheapest mix that reaches deep integration with probability 0.9 and stays after its exit?

Nine instruments act from the third to the fifteenth year and are then withdrawn. A run reaches deep integration
if half of the regions are in that stage in the last year under the policies, and keeps it if they still are
twelve years later. A multi-objective search proposes mixes; the best are run again under seeds of their own.
"""

from __future__ import annotations

from dataclasses import replace

from experiments.analysis._watch import Watch
from experiments.analysis.search import Effort, Goal, Instrument, Search, instruments_of, search
from experiments.design import load
from experiments.questions import Reply, Setting
from experiments.questions._asking import evaluator, provenance

TITLE = "The cheapest mix that stays"
CAVEATS = (
    "Cost is public money in the model's unit. Reforms, orders and charters cost no public money there: what they cost "
    "in effort and politics is not counted.",
    "Half of the regions in deep integration is a definition; thresholds of the stages are the model's.",
)
GOAL = Goal(
    cost_label="Public money spent in 27 years (model money)", goal_label="deep integration in half of the regions"
)

_SUPERVISED = {"supervision.probability": 0.5, "supervision.penalty": 0.3}
STARTS: tuple[dict[str, float], ...] = (
    {},
    _SUPERVISED,
    {"college_evaluation.reform": 0.7, **_SUPERVISED},
    {"college_evaluation.reform": 0.7, "charter.recognition": 1.0, **_SUPERVISED},
)
"""Mixes tried first: nothing, and what the patterns of validation are built with."""


def ask(setting: Setting) -> Reply:
    """Search the mixes, confirm the best."""
    design = load("policy-mixes", replications=4 if setting.is_quick else 6)
    last = replace(design, seed=design.seed + 1, replications=16 if setting.is_quick else 60)
    instruments = instruments_of(design)
    starts = [{i.name: i.low for i in instruments} | start for start in STARTS]
    effort = Effort(60, 20, 8, starts=starts) if setting.is_quick else Effort(240, 40, 20, starts=starts)
    journal = setting.store / "searches" / f"{design.name}-{effort.n_proposals}-{design.replications}.journal"
    with evaluator(setting, design) as simulate, evaluator(setting, last) as confirm:
        found = search(
            simulate, confirm, instruments, goal=GOAL, effort=effort, journal=journal,
            tell=Watch("search", is_quiet=setting.is_quiet),
        )  # fmt: skip
    about = provenance([design, last], strategy=effort.strategy, proposals=effort.n_proposals, search_seed=effort.seed)
    return Reply(
        found.answer(), found.tables, found.figures(), found.n_runs, about, found.caveats,
        conclusions={
            "a mix reaches and keeps deep integration as often as asked": _sure(found),
            **{f"{i.label} is part of the best mix": _part(found, i) for i in instruments},
        },
    )  # fmt: skip


def _sure(found: Search) -> str:
    return "surely" if found.cheapest_sure is not None else "seemingly" if found.cheapest is not None else "none"


def _part(found: Search, instrument: Instrument) -> str:
    return "yes" if found.best[instrument.name] > instrument.low + 1e-9 else "no"
