"""Hysteresis: a lever is ramped up and down within one run; what is different on the way back, and what stays?

The loop is the response drawn against the lever: its area is the integral of (way down - way up)
over the lever, 0 where the present lever alone decides. It is taken in excess of a world never
pushed that runs under the same seed, so that growth which comes anyway is no loop. A lagging
response also draws a loop; what survives long after the exit tells the two apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError, nearest
from abm.results.notebook import Shown
from abm.scenario.policies import Policy
from experiments.analysis._noise import student, told
from experiments.analysis._runs import rows as rows_of
from experiments.analysis.intervals import Interval, band, interval_of, mean_interval, ratio_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from abm.world.state import Floats

POINTS = 101
"""Strengths at which the two ways are compared."""
YEAR = 4
"""Quarters over which built and kept are averaged."""


@dataclass(frozen=True)
class Ramp:
    """Up from ``start`` for ``rise`` quarters, ``hold`` at full strength, down for ``fall``, then nothing."""

    start: int = 8
    rise: int = 40
    hold: int = 0
    fall: int = 40
    after: int = 48
    """Quarters without the lever at the end."""

    def __post_init__(self) -> None:
        for name in ("start", "rise", "hold", "fall", "after"):
            least = 1 if name in ("rise", "fall") else 0
            if getattr(self, name) < least:
                raise InputError(f"{name} = {getattr(self, name)}", why="is no length of a ramp", mend="give quarters")

    @property
    def top(self) -> int:
        """First step at full strength."""
        return self.start + self.rise - 1

    @property
    def until(self) -> int:
        """First step of the way down."""
        return self.start + self.rise + self.hold

    @property
    def exit(self) -> int:
        """First step without the lever."""
        return self.until + self.fall - 1

    @property
    def steps(self) -> int:
        """Length of a run."""
        return self.exit + self.after

    @property
    def schedule(self) -> dict[str, int]:
        """The ramp in the words of a policy."""
        return {"from": self.start, "ramp": self.rise - 1, "until": self.until, "fade": self.fall - 1}

    @cached_property
    def strength(self) -> Floats:
        """Share of full strength at each step, as a policy on this schedule has it. Shape [steps]."""
        rule = Policy(from_step=self.start, ramp=self.rise - 1, until_step=self.until, fade=self.fall - 1)
        return np.array([rule.strength(t) for t in range(self.steps)])


def loop(strength: Floats, response: Floats, top: int, until: int) -> tuple[Floats, Floats]:
    """Response on the way up and on the way down at ``POINTS`` equal strengths from 0 to 1. Shapes [POINTS].

    ``top`` and ``until`` are the last step of the way up and the step before the way down begins.
    """
    grid = np.linspace(0.0, 1.0, POINTS)
    rising = np.flatnonzero(strength[: top + 1] == 0)
    begin = int(rising[-1]) if len(rising) else 0
    ended = np.flatnonzero(strength[until - 1 :] == 0)
    end = until - 1 + (int(ended[0]) + 1 if len(ended) else len(strength) - until + 1)
    up = np.interp(grid, strength[begin : top + 1], response[begin : top + 1])
    down = np.interp(grid, strength[until - 1 : end][::-1], response[until - 1 : end][::-1])
    return up, down


def area(up: Floats, down: Floats) -> float:
    """Integral of (down - up) over the strength, in units of the response."""
    return float(np.trapezoid(down - up, np.linspace(0.0, 1.0, POINTS)))


@dataclass(frozen=True)
class Hysteresis(Shown):
    """Loops of one or more pushes, with what they built and what was left of it."""

    summary: pd.DataFrame
    """One row a push and response: area, built, kept, share_kept, each with its 95 % interval; share_kept_surely (low,
    high): the interval for all pushes at once; p_built and is_built (of all pushes together, Holm); n_runs."""
    loops: pd.DataFrame
    """push, response, strength, up, down: means over runs, in excess of the world never pushed."""
    paths: pd.DataFrame
    """push, response, step, mean, low, high (95 % interval of the mean), in excess of the world never pushed."""
    ramp: Ramp
    labels: Mapping[str, str]
    """Response -> label with unit."""
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {"summary": self.summary, "loops": self.loops, "paths": self.paths}

    def figures(self) -> dict[str, Figure]:
        """Loops, and the way through time."""
        from experiments.analysis.hysteresis.figures import loops, paths

        return {"loops": loops(self), "paths": paths(self)}

    def answer(self) -> str:
        """What survives of each push in the first response, in a sentence each."""
        sentences: list[str] = []
        summary = rows_of(self.summary)
        for row in (row for row in summary if row["response"] == summary[0]["response"]):
            push, label = row["push"], self.labels.get(row["response"], row["response"])
            built, share = interval_of(row, "built"), interval_of(row, "share_kept")
            if not row["is_built"] or built.value < 0:
                word = f"lowered {label}" if row["is_built"] else f"built no {label} that is told from chance"
                sentences.append(f"{push}: {word} ({built}), so nothing could stay.")
                continue
            sure = Interval(share.value, row["share_kept_surely_low"], row["share_kept_surely_high"])
            sentences.append(
                f"{push}: raised {label} by {built}; {self.ramp.after} quarters after the exit {_left(share, sure)}. "
                f"Area of the loop {interval_of(row, 'area')}."
            )
        return " ".join(sentences)


def _left(share: Interval, sure: Interval | None = None) -> str:
    """What is left of what was built, in words; ``sure``: the interval that decides, where several are asked of."""
    said = f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}]"
    share = sure or share
    if share.low > 1.0:
        return f"it has grown on, to {said} of that"
    if share.low > 0.5:
        return f"{said} of that is still there"
    if share.high < 0.0:
        return f"all of that is gone, and it lies below the world never pushed ({said} is left)"
    if share.high < 0.5:
        return f"most of that is gone ({said} is left)"
    return f"it cannot be told whether half of that is left ({said})"


def hysteresis(
    series: pd.DataFrame,
    ramp: Ramp,
    responses: Sequence[str],
    *,
    never: str,
    labels: Mapping[str, str] | None = None,
    caveats: Sequence[str] = (),
) -> Hysteresis:
    """Loops of every push in a table of paths.

    series: columns push, replication, step (from 0) and the responses, one row a step; ``never`` names the push
    of strength 0 that the others are compared with, run by run of the same replication. Runs that
    lack their counterpart or steps are left out and counted in the caveats.
    """
    import pandas as pd

    pushes = [str(name) for name in dict.fromkeys(series["push"])]
    for name, known in ((never, pushes), *((response, list(series.columns)) for response in responses)):
        if name not in known:
            raise InputError(f"`{name}`", why="is not in the runs", mend=nearest(name, map(str, known)))
    summary: list[dict[str, object]] = []
    loops: list[pd.DataFrame] = []
    paths: list[pd.DataFrame] = []
    n_lost = 0
    for response in responses:
        wide: Any = series.pivot(index=["push", "replication"], columns="step", values=response)
        wide = wide.reindex(columns=range(ramp.steps))
        baseline = wide.loc[never]
        for push in pushes:
            if push == never:
                continue
            excess = wide.loc[push] - baseline.reindex(wide.loc[push].index)
            whole = excess.dropna()
            n_lost = max(n_lost, len(excess) - len(whole))
            if whole.empty:
                raise InputError(f"push `{push}`", why=f"has no whole run of `{response}` beside one of `{never}`")
            values = whole.to_numpy(np.float64)
            row, up, down = _of_push(values, ramp, len(pushes) - 1)
            summary.append({"push": push, "response": response, **row, "n_runs": len(values)})
            at = {"push": push, "response": response}
            grid = np.linspace(0.0, 1.0, POINTS)
            loops.append(pd.DataFrame({**at, "strength": grid, "up": up, "down": down}))
            frame = pd.DataFrame(dict(zip(("mean", "low", "high"), band(values), strict=True)))
            paths.append(pd.concat([pd.DataFrame({**at, "step": range(ramp.steps)}), frame], axis=1))
    for response in responses:
        own = [row for row in summary if row["response"] == response]
        for row, p, is_built in zip(own, *told([float(str(row["p_built"])) for row in own]), strict=True):
            row |= {"p_built": float(p), "is_built": bool(is_built)}
    said = (*caveats, f"{n_lost} runs were not whole, or had no counterpart, and are left out.") if n_lost else caveats
    tables = (pd.DataFrame(summary), pd.concat(loops, ignore_index=True), pd.concat(paths, ignore_index=True))
    return Hysteresis(*tables, ramp, dict(labels or {}), tuple(said))


def _of_push(excess: Floats, ramp: Ramp, among: int) -> tuple[dict[str, float], Floats, Floats]:
    """Areas, built, kept of all runs of a push, excess [runs, steps]; and its mean loop."""
    ways = [loop(ramp.strength, run, ramp.top, ramp.until) for run in excess]
    built = excess[:, max(0, ramp.until - YEAR) : ramp.until].mean(axis=1)
    kept = excess[:, -YEAR:].mean(axis=1) if ramp.after >= YEAR else np.full(len(excess), math.nan)
    row = {
        **mean_interval([area(up, down) for up, down in ways]).columns("area"),
        **mean_interval(built).columns("built"),
        **mean_interval(kept).columns("kept"),
        **ratio_interval(kept, built).columns("share_kept"),
        "p_built": student(built),
    }
    sure = ratio_interval(kept, built, among=among)
    row |= {"share_kept_surely_low": sure.low, "share_kept_surely_high": sure.high}
    return row, np.mean([up for up, _ in ways], axis=0), np.mean([down for _, down in ways], axis=0)
