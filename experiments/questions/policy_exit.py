"""Does integration survive policy exit?

Paper 5.2 P3. Three policies are ramped up over ten years and down again over ten, and nothing follows for
twelve more: a subsidy, an order, and evaluation reform with supervision. What each built is held against the
world never pushed, under the same seeds; what is left of it long after the exit is the answer, and the loop
between the way up and the way down shows whether the lever of today alone decides. Where some runs of a push tip
and others do not, it is asked whether variance and autocorrelation rose before.
"""

from __future__ import annotations

from experiments.analysis._runs import rows
from experiments.analysis._worlds import names_of, ramped, series_by
from experiments.analysis.early_warning import early_warning_of
from experiments.analysis.hysteresis import Hysteresis, Ramp, hysteresis
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
TIPS = "community_share"
"""Where the model can jump: an institution is in a community or not, whatever the depth of its ties."""
CHOSEN = f"Of the three responses, {LABELS[TIPS]} was chosen after looking: in it some runs tip and others do not."
RAMP = Ramp(start=8, rise=40, hold=0, fall=40, after=48)
FAST = Ramp(start=8, rise=20, hold=0, fall=20, after=48)
"""The same with half the time to build."""
FIRST = next(iter(LABELS))


def ask(setting: Setting) -> Reply:
    """Ramp each arm of the design, and draw its loop."""
    design = load("policy-exit", replications=6 if setting.is_quick else 30)
    pushed = ramped(design, RAMP, list(LABELS))
    done = study(setting, pushed)
    series = series_by(done, "push", names_of(pushed))
    found = hysteresis(series, RAMP, list(LABELS), never="never", labels=LABELS)
    fast = ramped(design, FAST, list(LABELS))
    quick = hysteresis(series_by(study(setting, fast), "push", names_of(fast)), FAST, list(LABELS), never="never")
    warned = early_warning_of(series, TIPS, start=RAMP.start, label=LABELS[TIPS])
    return Reply(
        f"{found.answer()} {_of_length(found, quick)} {warned.answer()} {CHOSEN}",
        {**found.tables, **warned.tables, "summary_of_the_short_ramp": quick.summary},
        {**found.figures(), **warned.figures()},
        2 * len(done.summary()),
        provenance([pushed, fast]),
        (*found.caveats, *warned.caveats),
        conclusions={f"{push} on {LABELS[FIRST]}": word for push, word in _built(found).items()},
    )


def _built(found: Hysteresis) -> dict[str, str]:
    """What each push did to the first response."""
    own = [row for row in rows(found.summary) if row["response"] == FIRST]
    return {
        row["push"]: "not told" if not row["is_built"] else "raised" if row["built"] > 0 else "lowered" for row in own
    }


def _of_length(found: Hysteresis, quick: Hysteresis) -> str:
    """Whether the same comes of a ramp of half the length."""
    slow, fast = _built(found), _built(quick)
    other = [f"{push} ({slow[push]} it in {RAMP.rise} quarters, {fast[push]} in {FAST.rise})" for push in slow
             if slow[push] != fast[push]]  # fmt: skip
    if not other:
        return f"Ramps of {FAST.rise} quarters up and down in place of {RAMP.rise} move the same, the same way."
    return f"It depends on the length of the ramp for {' and '.join(other)}."
