"""Row 78: which inputs move depth, in groups that can be told apart, and at which price of talk things tip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import say
from experiments.analysis.intervals import mean_interval
from experiments.figures import panels
from experiments.paper.rows import LAST, worlds
from experiments.paper.shown import _draw, _seeds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

HALF = 0.5
"""Share of failed negotiations at which coordination counts as tipped."""
PRICE = "communication_cost"
"""Parameter whose critical value is looked for."""
GROUP = 3
"""Inputs in the upper group."""


def _moves(seen: Seen, metric: str) -> Column:
    """What each input does to an outcome, by seed: the world with it less the world as it is. Shape [inputs, seeds]."""
    plain = seen.against[metric][:, -LAST:].mean(axis=1)
    return np.array([np.nanmean(side[metric][:, -LAST:], axis=1) - plain for side in (seen.of, *seen.each)])


def measure(seen: Seen) -> Column:
    """Mean effect of the upper group of inputs less that of the others, sizes without sign: groups and signs are those
    that the first half of the seeds gives, the effect is that of the second half."""
    moves = _moves(seen, seen.metric)
    first, second = _seeds.halves(moves.shape[1])
    told = moves[:, first].mean(axis=1)
    order = np.argsort(np.abs(told))[::-1]
    toward = np.sign(told)[:, None] * moves[:, second]
    return toward[order[:GROUP]].mean(axis=0) - toward[order[GROUP:]].mean(axis=0)


def _prices(seen: Seen) -> tuple[Column, Column]:
    """Prices of talk among the sides, in order, and the share of negotiations that fail there. [n], [n, seeds]."""
    failed: dict[float, Column] = {}
    for side, kept in zip(seen.experiment.sides, seen.sides, strict=True):
        if set(dict(side.changes)) <= {PRICE}:
            as_it_is = getattr(worlds()[side.world][0].p, PRICE)
            price = float(dict(side.changes).get(PRICE, as_it_is))
            failed[price] = np.nanmean(kept["failed_share"][:, -LAST:], axis=1)
    order = sorted(failed)
    return np.array(order), np.array([failed[price] for price in order])


def crossings(prices: Column, failed: Column) -> Column:
    """Price at which each seed's share of failures first passes HALF, by the straight line between two prices; NaN
    where it does not. failed: [n, seeds]."""
    found = np.full(failed.shape[1], np.nan)
    for i, of in enumerate(failed.T):
        for k in range(1, len(prices)):
            if of[k - 1] < HALF <= of[k]:
                part = (HALF - of[k - 1]) / (of[k] - of[k - 1])
                found[i] = prices[k - 1] + part * (prices[k] - prices[k - 1])
                break
    return found


def draw(seen: Seen) -> Figure:
    """Inputs by what they do to depth, and the price of talk at which half of negotiations fail."""
    figure, axes = _draw.beside(2, 3.0)
    moves = _moves(seen, seen.metric)
    order = np.argsort(np.abs(moves.mean(axis=1)))[::-1]
    sides = (seen.experiment.of, *seen.experiment.each)
    names = [_draw.named(sides[i]) for i in order]
    _draw.effects(axes[0], names, [moves[i] for i in order], seen.experiment.least)
    axes[0].axhline(GROUP - 0.5, color=panels.GREY, lw=0.6, ls=":")
    axes[0].set_xlabel(say("change of {what}", what=_draw.label(seen.metric)))
    prices, failed = _prices(seen)
    low, middle, high = np.array([[f.low, f.value, f.high] for f in map(mean_interval, failed)]).T
    axes[1].fill_between(prices, low, high, color=panels.BLUE, alpha=0.15, lw=0)
    axes[1].plot(prices, middle, "o-", color=panels.BLUE)
    axes[1].axhline(HALF, color=panels.GREY, lw=0.6)
    # A seed that fails by half at the lowest price, or at none, has no such price: said, for it makes the mean less.
    found = crossings(prices, failed)
    critical, known = mean_interval(found), int(np.isfinite(found).sum())
    if np.isfinite(critical.low):
        axes[1].axvspan(critical.low, critical.high, color=panels.VERMILION, alpha=0.25, lw=0)
        title = say("half fail at {value}", value=f"{critical}")
        axes[1].set_title(f"{title}\n" + say("in {n} of {all} seeds", n=known, all=len(found)), fontsize="small")
    axes[1].set(xlabel=say("price of a round of talk"), ylabel=_draw.label("failed_share"))
    return figure
