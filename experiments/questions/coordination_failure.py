"""When does coordination fail?

Paper 3.2 names two reasons: talk is dear, and regions' policies do not fit one another. The boundary
between a world in which most negotiations end in a contract and one in which most fail is drawn over both;
then everything else that makes agreement hard may vary too, and the conditions of failure are put in
words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abm.world.parameters import DEFAULTS
from experiments.analysis._noise import LEVEL, student
from experiments.analysis._runs import column
from experiments.analysis._space import Space, title
from experiments.analysis._watch import Watch
from experiments.analysis.boundary import critical_value, find_boundary
from experiments.analysis.discovery import discover
from experiments.analysis.intervals import mean_interval
from experiments.design import Design, load
from experiments.questions import Reply, Setting
from experiments.questions._asking import evaluator, provenance, study

TITLE = "When does coordination fail"
CAVEATS = (
    "The price of talk is in the utility of the model, not in yuan: the boundary says which force "
    "decides, not a price.",
    "A failed negotiation is one without a contract; what a contract is worth is another question.",
)
LABEL = "share of failed negotiations"


def ask(setting: Setting) -> Reply:
    """Boundary over price of talk and policy dispersion; boxes over eight conditions."""
    plane = load("coordination-failure", replications=2 if setting.is_quick else 4)
    wide = load("conditions-of-failure", sampler={"name": "latin_hypercube", "n": 80 if setting.is_quick else 300})
    threshold = DEFAULTS.failure_share
    watch = Watch("boundary", is_quiet=setting.is_quiet)
    space = Space.from_design(plane)
    with evaluator(setting, plane) as simulate:
        n_points = 48 if setting.is_quick else 256
        border = find_boundary(
            space, simulate, "failed_share", threshold, n_points=n_points, start=min(64, n_points // 2), label=LABEL,
            watch=watch,
        )  # fmt: skip
    runs = study(setting, wide).runs()
    shift, lines = _shift(setting, plane, threshold)
    titles = {d.name: title(d) for d in wide.vary}
    boxes = discover(runs, wide.keys, "failed_share", above=threshold, min_density=0.9, label=LABEL, titles=titles)
    return Reply(
        answer=f"{border.answer()} {shift} {boxes.answer()}",
        tables={**border.tables, **lines, **boxes.tables},
        figures={**border.figures(), **boxes.figures()},
        n_runs=len(border.runs) + len(runs),
        provenance=provenance((plane, wide), threshold=threshold),
        caveats=tuple(dict.fromkeys((*border.caveats, *boxes.caveats))),
        conclusions={
            "most negotiations fail in most of the plane": "yes" if border.share_above > 0.5 else "no",
            "inconsistent policies move the critical price": shift.partition(":")[0],
            "the surest condition of failure": boxes.conditions[0].name if boxes.conditions else "none",
        },
    )


def _shift(setting: Setting, plane: Design, threshold: float) -> tuple[str, dict[str, pd.DataFrame]]:
    """By how much inconsistent policies move the critical price of talk, world by world."""
    prices, ends = np.linspace(0.0, 0.2, 6 if setting.is_quick else 12).tolist(), (0.0, 1.0)
    lines = load(
        plane.name,
        vary={"communication_cost": prices, "policy_dispersion": list(ends)},
        sampler="grid",
        replications=4 if setting.is_quick else 12,
    )
    runs: Any = study(setting, lines).runs()
    found = [
        critical_value(runs[runs["policy_dispersion"] == end], "communication_cost", "failed_share", threshold)
        for end in ends
    ]
    values = pd.DataFrame({
        "policy_dispersion": ends, "critical_price": [c.value for c in found], "low": [c.low for c in found],
        "high": [c.high for c in found],
    })  # fmt: skip
    tables = {"critical_prices": values}
    if not all(np.isfinite(c.value) for c in found):
        return "It cannot be told: in too few worlds a price of talk divides the two.", tables
    both = found[0].crossings.merge(found[1].crossings, on="replication")
    apart = column(both, "value_y") - column(both, "value_x")
    apart = apart[np.isfinite(apart)]
    at = [f"{c.value:.2g} ({c.low:.2g} to {c.high:.2g})" for c in found]
    d = mean_interval(apart)
    if student(apart) > LEVEL:
        word = "No shift of the critical price is told from chance"
    else:
        word = "Inconsistent policies raise the critical price" if d.value > 0 else "Inconsistent policies lower it"
    text = (
        f"{word}: it is {at[0]} utility a round where regions' policies agree and {at[1]} where they lie as far apart "
        f"as they can, {d.value:+.2g} ({d.low:+.2g} to {d.high:+.2g}) world by world."
    )
    if d.value > 0 and student(apart) <= LEVEL:
        text += " Pattern V2, by which inconsistency makes agreements across regions dearer, does not show in it."
    return text, tables
