"""Does integration survive policy exit?

Paper 5.2 P3. Three policies are ramped up over ten years and down again over ten, and nothing follows for
twelve more: a subsidy, an order, and evaluation reform with supervision. What each built is held against the
world never pushed, under the same seeds; what is left of it long after the exit is the answer, and the loop
between the way up and the way down shows whether the lever of today alone decides.
"""

from __future__ import annotations

from experiments.analysis._worlds import names_of, ramped, series_by
from experiments.analysis.hysteresis import Ramp, hysteresis
from experiments.design import load
from experiments.questions import Reply, Setting
from experiments.questions._asking import provenance, study

TITLE = "What survives of a policy"
CAVEATS = (
    "A response that only lags behind the lever draws a loop too; what is left twelve years after the exit does not.",
    "Strengths and lengths of the three pushes are assumptions; they are not equal in cost.",
)
LABELS = {
    "substantive_depth_per_place": "substantive depth a place",
    "mean_formal_depth": "formal depth of contracts",
    "community_share": "share of institutions in communities",
}
RAMP = Ramp(start=8, rise=40, hold=0, fall=40, after=48)


def ask(setting: Setting) -> Reply:
    """Ramp each arm of the design, and draw its loop."""
    design = load("policy-exit", replications=6 if setting.is_quick else 30)
    pushed = ramped(design, RAMP, list(LABELS))
    done = study(setting, pushed)
    found = hysteresis(
        series_by(done, "push", names_of(pushed)), RAMP, list(LABELS), never="never", labels=LABELS
    )  # fmt: skip
    return Reply(
        found.answer(), found.tables, found.figures(), len(done.summary()), provenance([pushed]), found.caveats
    )
