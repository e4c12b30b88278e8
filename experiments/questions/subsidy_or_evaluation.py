"""Is it subsidy or evaluation reform that turns paper into substance?

Every package of policies runs under the same seeds as the world without policy; the differences are
taken pair by pair. What a substantive contract costs is public money over the whole run for each
substantive contract and quarter that the package adds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abm.world.levers import SPENDING
from experiments.analysis._runs import column
from experiments.analysis.effects import paired_effects
from experiments.analysis.robustness import of_effects
from experiments.design import Design, load
from experiments.questions import Reply, Setting
from experiments.questions._asking import provenance, study

TITLE = "Subsidy or evaluation reform"
CAVEATS = (
    "Evaluation reform costs no public money in the model; what it costs in politics is not modelled.",
    "Strengths of the packages are choices of the design; other strengths have other effects.",
)
AT_END = 20
"""Quarters whose mean number of contracts is compared."""
BASELINE = "no policy"
LABELS = {
    "substance": "substantive depth a place (depth)",
    "formalism": "formal minus substantive level (levels)",
    "contracts": "substantive contracts (contracts)",
    "cost": "Public money for a substantive contract and quarter (money; a mean enterprise owes 0.1 in tax a quarter)",
}


def ask(setting: Setting) -> Reply:
    """Paired effects of six packages, and their price of a substantive contract."""
    design = load("subsidy-or-evaluation", replications=6 if setting.is_quick else 24)
    found = study(setting, design)
    runs = found.runs().merge(money_and_contracts(found.series()), on="run_key", how="left")
    effects = paired_effects(
        runs, ["substance", "formalism", "contracts"], baseline=BASELINE, cost=("money", "contract_quarters"),
        labels=LABELS,
    )  # fmt: skip
    ratio = float(np.nanmedian(column(effects.table, "variance_ratio")))
    return Reply(
        answer=f"{effects.answer()} {_assumed_free(design)} Running both worlds of a pair under one seed leaves "
        f"{ratio:.0%} of the variance that unpaired runs would have (median over effects).",
        tables=effects.tables,
        figures=effects.figures(),
        n_runs=len(runs),
        provenance=provenance((design,)),
        caveats=effects.caveats,
        conclusions=of_effects(effects),
    )


def _assumed_free(design: Design) -> str:
    """Which packages are cheap by assumption: none of their rules costs public money in the model."""
    free = [
        name
        for name, changes in design.arms
        if changes.get("policies") and not any(rule["rule"] in SPENDING for rule in changes["policies"])
    ]
    if not free:
        return ""
    of = free[0] if len(free) == 1 else ", ".join(free[:-1]) + " and " + free[-1]
    itself = "itself costs" if len(free) == 1 else "themselves cost"
    return (
        f"That {of} {itself} no public money is an assumption of the model: the price is what follows from more "
        "contracts (tax credits), and an order by price that rests on it is assumed, not found."
    )


def money_and_contracts(series: pd.DataFrame) -> pd.DataFrame:
    """Public money and substantive contract-quarters of each run, and the mean number of such contracts at the end.

    Contracts of a quarter are money over money a contract; quarters without any count as 0.
    """
    spent, price = column(series, "spent"), column(series, "spent_per_substantive_tie")
    contracts = np.divide(spent, price, out=np.zeros(len(spent)), where=np.isfinite(price) & (price > 0))
    table = pd.DataFrame({"run_key": series["run_key"], "step": series["step"], "money": spent, "n": contracts})
    late: Any = table[column(table, "step") > column(table, "step").max() - AT_END]
    whole = table.groupby("run_key").agg(money=("money", "sum"), contract_quarters=("n", "sum"))
    return whole.join(late.groupby("run_key").agg(contracts=("n", "mean"))).reset_index()
