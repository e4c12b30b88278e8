"""How many seeds a study takes, from its first ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.machine.language import paragraph, say
from experiments.analysis._runs import column

if TYPE_CHECKING:
    from experiments.sweep.store import Study


def advise(study: Study, planned: int, workers: int | None) -> list[str]:
    """A line a difference of an arm from the first; for designs of other keys what a point's mean is known to."""
    from abm.results import processors
    from experiments.analysis.intervals import CONFIDENCE
    from experiments.analysis.sample_size import PILOT, advice
    from experiments.commands.effects import MOST
    from experiments.design.dimensions import ARM

    runs: Any = study.runs()
    outcomes = study.outcomes[:MOST]
    hands = workers or processors()
    each = float(column(runs, "seconds").sum()) / max(1, runs["replication"].nunique()) / hands
    if study.keys == [ARM]:
        first = str(runs[ARM].iloc[runs["point"].argmin()])
        found = advice(runs, outcomes, arm=ARM, baseline=first, planned=planned)
        lines = [paragraph(item.words(planned, each)) for item in found]
        head = say("Against {first}, all {n} differences tested together, told with a chance of 80 %:", first=first,
                   n=len(found))  # fmt: skip
        return [head, *lines] if lines else [_too_few(PILOT)]
    from scipy.special import stdtrit

    lines = []
    for name in outcomes:
        inside = runs[runs["status"] == "ok"].groupby("point")[name].var(ddof=1)
        spread = float(inside.mean()) ** 0.5
        if planned > 1 and spread == spread:
            half = float(stdtrit(planned - 1, 0.5 + CONFIDENCE / 2)) * spread / planned**0.5
            lines.append(
                say("{name}: {planned} seeds give the mean of a point to +- {half} (95 % interval)", name=name,
                    planned=planned, half=f"{half:.2g}")
            )  # fmt: skip
    return lines or [_too_few(PILOT)]


def _too_few(n: int) -> str:
    return say(
        "Too few runs went well to say how many seeds it takes: that takes 2 seeds of each arm or point; --advise runs "
        "{n} where the design plans as many.",
        n=n,
    )
