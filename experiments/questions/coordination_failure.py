"""When does coordination fail?

Paper 3.2 names two reasons: talk is dear, and regions' policies do not fit one another. The boundary
between a world in which most negotiations end in a contract and one in which most fail is drawn over both;
then everything else that makes agreement hard may vary too, and the conditions of failure are put in
words.
"""

from __future__ import annotations

from abm.parameters import DEFAULTS
from experiments.analysis._space import Space, title
from experiments.analysis._watch import Watch
from experiments.analysis.boundary import Boundary, find_boundary
from experiments.analysis.discovery import discover
from experiments.design import load
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
    titles = {d.name: title(d) for d in wide.vary}
    boxes = discover(runs, wide.keys, "failed_share", above=threshold, min_density=0.9, label=LABEL, titles=titles)
    return Reply(
        answer=f"{border.answer()} {_shift(border)} {boxes.answer()}",
        tables={**border.tables, **boxes.tables},
        figures={**border.figures(), **boxes.figures()},
        n_runs=len(border.runs) + len(runs),
        provenance=provenance((plane, wide), threshold=threshold),
        caveats=tuple(dict.fromkeys((*border.caveats, *boxes.caveats))),
    )


def _shift(border: Boundary) -> str:
    """By how much inconsistent policies move the critical price of talk."""
    line = border.line
    if line.empty:
        return "No price of talk in this range divides the two."
    at = {
        end: line.loc[line["policy_dispersion"] == line["policy_dispersion"].agg(end), "communication_cost"].mean()
        for end in ("min", "max")
    }
    return (
        f"The critical price of talk is {at['min']:.2g} utility a round where regions' policies agree and "
        f"{at['max']:.2g} where they lie as far apart as they can."
    )
