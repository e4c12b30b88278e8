"""The life of one tie, an enterprise and a programme of a college: its events with their causes, beside its curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.language import current, say
from abm.world.vocabulary import CONTRACT_EVENTS, EVENT_CAUSES, LEVELS, N_LEVELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from abm.results import Results
    from abm.world.state import Floats, State

CURVES = (
    "formal_depth", "substance", "effort_enterprise", "effort_college", "trust_enterprise", "trust_college",
)  # fmt: skip
"""What is followed of a tie, 0-1 each; NaN while the enterprise does not remember the programme."""


class Pair(NamedTuple):
    """Who: rows of the enterprise and the college, and the field of the programme."""

    enterprise: int
    college: int
    field: int


class Happened(NamedTuple):
    """One event of a tie."""

    step: int
    what: str
    """One of CONTRACT_EVENTS."""
    level: int
    cause: str
    """One of EVENT_CAUSES; empty: agreed freely."""


@dataclass(frozen=True)
class Life:
    """What became of a tie."""

    pair: Pair
    curves: dict[str, Floats]
    """By name of CURVES, one value a quarter. Shape [steps] each."""
    events: tuple[Happened, ...]


@dataclass
class Follower:
    """Looks on at a run, quarter by quarter, and keeps what ties are."""

    quarters: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def __call__(self, state: State) -> bool:
        """Keep the quarter; never ends the run."""
        ties = state.ties
        self.quarters.append({
            "college": ties.college.copy(), "field": ties.field.copy(), "formal_depth": ties.level.copy(),
            **{name: getattr(ties, name).astype(np.float32) for name in CURVES[1:]},
        })  # fmt: skip
        return False

    def pairs(self, results: Results) -> dict[Pair, int]:
        """Everybody who ever had a contract, with the quarters under contract; first those to whom most different
        things happened (events at different levels), then those under contract longest."""
        keys: list[Any] = []
        for now in self.quarters:
            e, h = np.nonzero(now["formal_depth"])
            keys.append(np.stack([e, now["college"][e, h], now["field"][e, h]], axis=1))
        found, n = np.unique(np.concatenate(keys), axis=0, return_counts=True)
        table = results.columns["contracts"]
        kinds: dict[tuple[int, int, int], set[tuple[str, int]]] = {}
        for *pair, what, level in zip(
            *(np.asarray(table[name]).tolist() for name in ("enterprise", "college", "field")), table["what"],
            np.asarray(table["level"]).tolist(), strict=True,
        ):  # fmt: skip
            kinds.setdefault((pair[0], pair[1], pair[2]), set()).add((what, level))
        different = np.array([len(kinds.get((int(e), int(c), int(f)), ())) for e, c, f in found])
        order = np.lexsort((*found.T[::-1], -n, -different))
        return {Pair(*map(int, found[i])): int(n[i]) for i in order}

    def life(self, pair: Pair, results: Results) -> Life:
        """The life of one of them."""
        curves = {name: np.full(len(self.quarters), np.nan) for name in CURVES}
        for t, now in enumerate(self.quarters):
            here = (now["college"][pair.enterprise] == pair.college) & (now["field"][pair.enterprise] == pair.field)
            for slot in np.flatnonzero(here)[:1].tolist():
                for name in CURVES:
                    curves[name][t] = now[name][pair.enterprise, slot]
        curves["formal_depth"] /= N_LEVELS
        table = results.columns["contracts"]
        mine = np.flatnonzero(
            (np.asarray(table["enterprise"]) == pair.enterprise)
            & (np.asarray(table["college"]) == pair.college)
            & (np.asarray(table["field"]) == pair.field)
        )
        events = [
            Happened(int(table["step"][i]), str(table["what"][i]), int(table["level"][i]), str(table["cause"][i]))
            for i in mine.tolist()
        ]
        return Life(pair, curves, tuple(events))


def told(life: Life) -> list[str]:
    """One line an event: when (quarters count from 1), what, at which level, why, and how much of it was lived."""
    lines: list[str] = []
    for event in life.events:
        what = CONTRACT_EVENTS.label(event.what, current())
        level = say("level {level} ({name})", level=event.level, name=LEVELS.label(event.level, current()))
        why = EVENT_CAUSES.label(event.cause, current()) if event.cause else say("agreed freely")
        now = {name: values[min(event.step, len(values) - 1)] for name, values in life.curves.items()}
        if np.isfinite(now["substance"]):
            lived = say(
                "depth lived {depth}, efforts {mine} and {theirs}, trust {trust} and {back}",
                depth=f"{now['substance']:.2f}", mine=f"{now['effort_enterprise']:.2f}",
                theirs=f"{now['effort_college']:.2f}", trust=f"{now['trust_enterprise']:.2f}",
                back=f"{now['trust_college']:.2f}",
            )  # fmt: skip
            lines.append(
                say(
                    "quarter {q}: {what}, {level}; {why}; {lived}",
                    q=event.step + 1,
                    what=what,
                    level=level,
                    why=why,
                    lived=lived,
                )
            )
        else:
            lines.append(say("quarter {q}: {what}, {level}; {why}", q=event.step + 1, what=what, level=level, why=why))
    return lines


def _draw_depth(ax: Axes, life: Life) -> None:
    """Depth on paper and as lived, with a mark at every event."""
    from experiments.figures import panels

    x = 1 + np.arange(len(life.curves["substance"]))
    for event in life.events:
        good = event.what in ("signed", "renewed", "reviewed")
        ax.axvline(event.step + 1, color=panels.GREEN if good else panels.VERMILION, lw=0.7, ls="-" if good else ":")
    ax.step(x, life.curves["formal_depth"], where="mid", color=panels.GREY, ls="--", label=say("depth on paper"))
    ax.plot(x, life.curves["substance"], color=panels.BLUE, label=say("depth lived"))
    ax.set(xlabel=say("quarter"), ylim=(-0.03, 1.03))
    ax.legend(loc="best")


def figure_of(life: Life, title: str = "") -> Figure:
    """Depth, effort and trust through time, with the events marked."""
    from experiments.figures import panels

    figure, axes = panels.panels(3, 2.5, 8.2)
    x = 1 + np.arange(len(life.curves["substance"]))
    _draw_depth(axes[0], life)
    axes[0].set_title(title or say("depth"))
    for ax, kind, name in ((axes[1], "effort", say("effort")), (axes[2], "trust", say("trust"))):
        sides: Sequence[tuple[str, str, str]] = (("enterprise", panels.BLUE, "-"), ("college", panels.VERMILION, "--"))
        for side, colour, line in sides:
            ax.plot(x, life.curves[f"{kind}_{side}"], color=colour, ls=line, label=say(side))
        ax.set(xlabel=say("quarter"), ylim=(-0.03, 1.03), title=name)
        ax.legend(loc="best")
    figure.set_label(
        say("Depth, effort and trust of one tie; green lines: signed, renewed or revised; dotted red: everything else.")
    )
    return figure
