"""Equal money: the factor by which an arm's fields are multiplied so that it spends as much as another arm.

Both arms run under the design's own seeds, so that they spend the same in the study itself. Money need not follow the
factor in a line, or at all: the factor is looked for between two that spend less and more (regula falsi, Illinois).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError
from abm.machine.language import say
from abm.world.levers import SPENDING
from experiments.design.design import Design
from experiments.design.dimensions import ARM, Dimension
from experiments.design.matching import Match, ends, scaled
from experiments.design.outcomes import Outcome

if TYPE_CHECKING:
    import pandas as pd

CLOSE = 0.01
"""Of the money that the other arm spends beyond this arm at its weakest: nearer is equal."""
MOST = 10
"""Factors that are tried."""
DIGITS = 4
"""Of a factor."""
Run = Callable[[Design], "pd.DataFrame"]
"""Runs a design and gives its runs."""


@dataclass(frozen=True)
class _Arms:
    """Money of arms of a design, by running them."""

    design: Design
    match: Match
    run: Run
    tell: Callable[[str], None]

    def money(self, arm: str, factor: float = 1.0) -> Any:
        """Money of each replication by kind, of an arm whose matched fields are multiplied. InputError if none ran."""
        arms = dict(self.design.arms)
        self.tell(
            say("equal money: what `{arm}` spends", arm=arm)
            if factor == 1.0
            else say("equal money: what `{arm}` spends at {factor} times its fields", arm=arm, factor=f"{factor:.4g}")
        )
        if arm == self.match.arm:
            arms[arm] = scaled(self.match, arms[arm], factor)
        names = dict.fromkeys([*self.match.money, *(f"spent_{kind}" for kind in SPENDING)])
        asked = replace(
            self.design,
            name=f"{self.design.name}-money",
            vary=(Dimension(ARM, "arm", "", values=(arm,)),),
            rows=((arm,),),
            arms=tuple(arms.items()),
            matches=(),
            outcomes=tuple(Outcome(name, name, "sum", None) for name in names),
            series=(),
        )
        runs: Any = self.run(asked)
        good: Any = runs[runs["status"] == "ok"].set_index("replication")
        if good.empty:
            raise InputError(f"arm `{arm}`", why="has no run that went well", mend="look at the errors of its runs")
        return good[list(names)]

    def of(self, money: Any) -> float:
        """Mean over replications of what counts."""
        return float(np.asarray(money[list(self.match.money)], np.float64).sum(axis=1).mean())


def matched(design: Design, run: Run, tell: Callable[[str], None] = lambda _: None) -> Design:
    """The design, its matched arms scaled. InputError for an arm that cannot spend as much, or only more.

    tell: hears what is run next.
    """
    found = [match if match.factor is not None else _match(_Arms(design, match, run, tell)) for match in design.matches]
    arms = dict(design.arms)
    for match, before in zip(found, design.matches, strict=True):
        if before.factor is None and match.factor is not None:
            arms[match.arm] = scaled(match, arms[match.arm], match.factor)
    return replace(design, arms=tuple(arms.items()), matches=tuple(found))


def _match(arms: _Arms) -> Match:
    match = arms.match
    place = f"[arms.{match.arm}] of design `{arms.design.name}`"
    first, last = ends(match, dict(arms.design.arms)[match.arm], place)
    target = arms.money(match.to)
    wanted = arms.of(target)
    tried: dict[float, Any] = {}

    def gap(factor: float) -> float:
        if factor not in tried:
            tried[factor] = arms.money(match.arm, factor)
        return arms.of(tried[factor]) - wanted

    low, high = first, min(1.0, last)
    below, above = gap(low), gap(high)
    close = CLOSE * abs(below)
    if below * above > 0 and last > high:
        low, below, high = high, above, last
        above = gap(high)
    if below * above > 0:
        spent = sorted(gap(factor) + wanted for factor in tried)
        why = f"spends {spent[0]:.4g} to {spent[-1]:.4g}, and `{match.to}` {wanted:.4g}"
        mend = f"match `{match.to}` to `{match.arm}` the other way, scale more of its fields, or change their ranges"
        raise InputError(f"arm `{match.arm}`", place=place, why=why, mend=mend)
    side = 0
    while min(map(abs, (gap(factor) for factor in tried))) > close and len(tried) < MOST:
        middle = float(f"{(low * above - high * below) / (above - below):.{DIGITS}g}")
        if middle in tried:
            break
        here = gap(middle)
        if here * above > 0:
            high, above, below, side = middle, here, below / 2 if side == 1 else below, 1
        else:
            low, below, above, side = middle, here, above / 2 if side == -1 else above, -1
    best = min(tried, key=lambda factor: abs(gap(factor)))
    kinds = [f"spent_{kind}" for kind in SPENDING]
    parts = tuple((name, float(tried[best][name].mean() - target[name].mean())) for name in kinds)
    return replace(match, factor=best, spent=gap(best) + wanted, wanted=wanted, parts=parts)
