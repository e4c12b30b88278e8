"""Row 90: published figures held against the model, those that it was fitted to apart from those only checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.language import say, wrapped
from experiments import anchors
from experiments.analysis.intervals import mean_interval
from experiments.anchors.provinces import rank_correlation, real_index
from experiments.figures import panels
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from abm.results import Results
    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Kept, Seen

IS_ONE_SIDED = True
YEARS = {2015: (26, 30), 2018: (38, 42), 2021: (50, 54)}
"""Year -> quarters of the run that stand for it: six years of a run that has settled, as the published ones are."""
SPREADS = 2.0
"""Standard deviations about a published figure within which the model hits it."""
# A change is hit where the model shows half to one and a half times of it.
CHANCE = 0.355
"""Rank correlation of 31 provinces that chance exceeds once in twenty times, both signs (Spearman)."""
_METRICS = ("coordination", "field_related_share", "employed_half_year")


class Figured(NamedTuple):
    """A published figure, and the band in which the model counts as hitting it."""

    label: str
    value: float
    low: float
    high: float
    is_fitted: bool
    """Whether a parameter, or a bound of an indicator, was set with an eye on it."""


def keep(results: Results) -> dict[str, npt.NDArray[np.float64]]:
    """The model's counterparts: metrics of each year, and D of productive forces by province at both ends."""
    metrics = results.columns["metrics"]
    found = {
        f"{name}_{year}": np.asarray(np.nanmean(np.asarray(metrics[name], np.float64)[slice(*window)]), np.float64)
        for name in _METRICS
        for year, window in YEARS.items()
    }
    shape = (results.steps_done, len(results.region_names))
    regions = np.asarray(results.columns["regions"]["forces_coordination"], np.float64).reshape(shape)
    real = real_index()
    first, last = (np.nanmean(regions[slice(*YEARS[year])], axis=0) for year in (2015, 2021))
    found["ranks"] = np.asarray(rank_correlation(last, real[2021].coordination))
    change = real[2021].coordination - real[2017].coordination
    found["ranks_of_change"] = np.asarray(rank_correlation(last - first, change))
    return found


def figures() -> dict[str, Figured]:
    """What was published, by the name of its counterpart."""
    known = {anchor.outcome: anchor for anchor in anchors.load("coupling_2015_2021")}

    def band(label: str, outcome: str, *, is_fitted: bool) -> Figured:
        value, spread = known[outcome].value, SPREADS * known[outcome].spread
        return Figured(label, value, value - spread, value + spread, is_fitted)

    fall = known["coordination_2021"].value - known["coordination_2015"].value
    return {
        "coordination_2015": band(say("D in 2015"), "coordination_2015", is_fitted=True),
        "field_related_share_2018": band(say("work in the field, class of 2018"), "related_2018", is_fitted=True),
        "employed_half_year_2018": band(say("at work half a year on, class of 2018"), "employed_2018", is_fitted=True),
        "coordination_2021": band(say("D in 2021"), "coordination_2021", is_fitted=False),
        "fall": Figured(say("D in 2021 less D in 2015"), fall, 1.5 * fall, 0.5 * fall, False),
        "ranks": Figured(say("ranks of provinces, 2021 (correlation)"), 1.0, CHANCE, 1.0, False),
        "ranks_of_change": Figured(say("ranks of their change (correlation)"), 1.0, CHANCE, 1.0, False),
    }  # fmt: skip


def _in_model(kept: Kept) -> dict[str, Column]:
    """The counterparts by name. Shape [seeds] each."""
    found = {name: kept[name] for name in figures() if name != "fall"}
    return found | {"fall": kept["coordination_2021"] - kept["coordination_2015"]}


def measure(seen: Seen) -> Column:
    """Share of the figures that were only checked which a seed hits."""
    model = _in_model(seen.of)
    hits = [(model[n] >= f.low) & (model[n] <= f.high) for n, f in figures().items() if not f.is_fitted]
    return np.mean(hits, axis=0)


def draw(seen: Seen) -> Figure:
    """Every figure with its band, and the model's value with its interval; fitted above, only checked below."""
    figure, (ax,) = _draw.beside(1, 2.9)
    model, known = _in_model(seen.of), figures()
    n_fitted = sum(f.is_fitted for f in known.values())
    names: list[str] = []
    for y, (name, f) in enumerate(known.items()):
        found = mean_interval(model[name])
        is_hit = f.low <= found.value <= f.high
        ax.plot([f.low, f.high], [y, y], color=panels.PALE, lw=7, solid_capstyle="butt")
        ax.plot([f.value], [y], "|", color=panels.INK, ms=9)
        colour = panels.BLUE if is_hit else panels.VERMILION
        ax.plot([found.low, found.high], [y, y], color=colour, lw=1.4)
        ax.plot([found.value], [y], "o" if is_hit else "s", color=colour, mfc=colour if is_hit else "white")
        sort = say("fitted") if f.is_fitted else say("only checked")
        names.append(f"{f.label} - {sort}, {say('hit') if is_hit else say('miss')}: {found.value:.2f}")
    panels.rows(ax, names)
    ax.axhline(n_fitted - 0.5, color=panels.GREY, lw=0.6, ls=":")
    ax.set_xlabel("\n".join(wrapped(say("grey: what was published, and its band; dot: the model, 95 % interval"), 44)))
    return figure
