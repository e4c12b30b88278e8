"""Does the model warn before it tips? Runs of one push that tip against runs of the same push that do not.

A run tips where its response jumps by p.tipping_jump between windows of p.tipping_window quarters (as
the detector of tipping has it). Runs of different pushes are not compared: a push that works moves every
indicator, and would be taken for a warning. The last window before the jump is left out, for the jump
may have begun in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.results.notebook import Shown
from abm.world.parameters import CATALOGUE
from experiments.analysis._runs import rows
from experiments.analysis.tipping import INDICATORS, Warnings, tipping_step, warnings_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LEAST = 3
"""Runs of a push that tip, and that do not, each long enough to be looked at, from which a warning is judged."""


@dataclass(frozen=True)
class EarlyWarning(Shown):
    """Which runs tip, and how well rising indicators tell them beforehand."""

    counts: pd.DataFrame
    """One row a push: push, n_runs, n_tip, step (median step of tipping, NaN for none)."""
    label: str
    """Of the response."""
    push: str
    """The push whose runs are compared; empty if none has enough of both kinds."""
    warnings: Warnings | None
    window: int
    """Quarters of the windows."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        if self.warnings is None:
            return {"tipping": self.counts}
        return {"tipping": self.counts, "warning_scores": self.warnings.scores, "warning_roc": self.warnings.roc}

    def figures(self) -> Mapping[str, Figure]:
        """The ROC curves, if there are any."""
        from experiments.analysis.tipping.figures import roc

        return {} if self.warnings is None else {"warnings": roc(self.warnings)}

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know."""
        if self.warnings is None:
            return ()
        return (
            f"Early warning was looked for in one response ({self.label}) of one push, with one window "
            f"({self.window} quarters); a run that does not tip may have come close to it.",
        )

    def answer(self) -> str:
        """How many runs tip, and whether anything foretold them."""
        parts = [f"{row['n_tip']} of {row['n_runs']} under {row['push']}" for row in rows(self.counts)]
        sentence = f"Runs in which {self.label} tips (jumps within a few years): {', '.join(parts)}."
        if self.warnings is None:
            kinds = f"{LEAST} runs that tip and {LEAST} that do not, long enough beforehand"
            return f"{sentence} No push has {kinds}: no warning can be judged."
        areas = self.warnings.auc
        said = " and ".join(f"{areas[name]} for {name}" for name in INDICATORS)
        sure = [areas[name].value > 0.5 for name in INDICATORS if self.warnings.is_told[name]]
        if any(sure):
            word = "gives some warning"
        elif sure:
            word = "gives no warning (it is rarer before a jump)"
        else:
            word = "gives no warning that can be told from chance"
        scores = self.warnings.scores
        tipped = scores.loc[scores["tips"], list(INDICATORS)]
        flat = int((tipped.fillna(0.0) == 0.0).all(axis=1).sum())
        return (
            f"{sentence} Before the jump, a rise of the usual indicators {word}: among the runs of {self.push} the "
            f"area under the ROC curve is {said} (0.5 = chance). In {flat} of the {len(tipped)} runs that tip "
            f"neither indicator shows any trend beforehand."
        )


def early_warning_of(series: pd.DataFrame, response: str, *, start: int, label: str = "") -> EarlyWarning:
    """Judge early warnings of a response. series: as for ``hysteresis``; start: first quarter looked at."""
    import pandas as pd

    size, jump, ratio = (float(CATALOGUE[f"tipping_{name}"].default) for name in ("window", "jump", "ratio"))
    wide: Any = series.pivot(index=["push", "replication"], columns="step", values=response)
    paths = {str(push): own.dropna().to_numpy(np.float64) for push, own in wide.groupby(level="push", sort=False)}
    tips = {push: [tipping_step(run, int(size), jump, ratio) for run in own] for push, own in paths.items()}
    found: list[dict[str, object]] = []
    for push, at in tips.items():
        known = [step for step in at if step >= 0]
        step = float(np.median(known)) if known else np.nan
        found.append({"push": push, "n_runs": len(at), "n_tip": len(known), "step": step})
    counts = pd.DataFrame(found)
    fewer = {str(row["push"]): min(row["n_tip"], row["n_runs"] - row["n_tip"]) for row in rows(counts)}
    push = max(fewer, key=lambda name: fewer[name])
    text = label or response.replace("_", " ")
    window = int(size)
    if fewer[push] < LEAST:
        return EarlyWarning(counts, text, "", None, window)
    warned = warnings_of(list(paths[push]), tips[push], window=window, start=start, margin=window)
    kinds = [bool(row["tips"]) for row in rows(warned.scores.dropna(subset=list(INDICATORS)))]
    if min(kinds.count(True), kinds.count(False)) < LEAST:
        return EarlyWarning(counts, text, "", None, window)
    return EarlyWarning(counts, text, push, warned, window)
