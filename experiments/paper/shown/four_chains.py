"""Row 60: the four chains by field (asked for, taught, held, at work, used), and the gap at each joint."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.language import say
from abm.world.state import EMPLOYED, SEEKING
from experiments.figures import panels
from experiments.figures import style as figure_style
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from abm.results import Results
    from abm.world.state import State
    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Kept, Seen

CHAINS = ("taught", "held", "at_work", "used")
"""Shares of what a field's enterprises ask for, one after the other: in curricula; in graduates; in posts filled; in
these at the technology that the enterprises have reached."""


class Chains:
    """Looks on at a run and knows the chains of its last quarter."""

    def __init__(self) -> None:
        self.last: State | None = None

    def __call__(self, state: State) -> bool:
        """Remember the world; never ends the run."""
        self.last = state
        return False


watch = Chains


def chains_of(state: Any) -> npt.NDArray[np.float64]:
    """The chains by field, in the order of CHAINS; NaN where a field has nobody. Shape [4, S]."""
    demand, e, programmes, students = state.sectors.demand, state.enterprises, state.programmes, state.students
    n = len(demand)
    found = np.full((len(CHAINS), n), np.nan)
    fields = np.arange(len(programmes.seats)) % n
    graduates = [_graduates(students, i, n) for i in range(len(students.entry_step))]
    for s in range(n):
        fit = np.minimum(programmes.curriculum, demand[s]).sum(axis=1)
        weight = np.where(fields == s, programmes.seats, 0.0)
        if weight.sum() > 0:
            found[0, s] = (fit * weight).sum() / weight.sum()
        skills = np.concatenate([own[:, field == s] for own, field in graduates], axis=1)
        if skills.size:
            found[1, s] = np.minimum(skills, demand[s][:, None]).sum(axis=0).mean()
        mine = e.sector == s
        if mine.any():
            found[2, s] = e.skilled[mine].mean()
            found[3, s] = (e.skilled * e.technology)[mine].mean()
    return found


def _graduates(students: Any, cohort: int, n: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Skills [K, x] of the graduates of a cohort, and the fields [x] of their programmes."""
    offsets = np.asarray(students.offsets[cohort])
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    status = np.asarray(students.status[cohort])[: len(rows)]
    out = (status == SEEKING) | (status == EMPLOYED)
    return np.asarray(students.skills[:, cohort, : len(rows)], np.float64)[:, out], rows[out] % n


def keep(results: Results, seen: Chains) -> dict[str, npt.NDArray[np.float64]]:
    """The chains at the end of the run. Shape [4, S]."""
    return {"chains": chains_of(seen.last)}


def measure(seen: Seen) -> Column:
    """What comes out at the end of the chains, of what is asked for, in one world less in the other."""
    return np.nanmean(seen.of["chains"][:, -1] - seen.against["chains"][:, -1], axis=1)


def gaps(side: Kept) -> npt.NDArray[np.float64]:
    """What is lost at each joint, mean over fields. Shape [4, seeds]."""
    whole = np.concatenate([np.ones_like(side["chains"][:, :1]), side["chains"]], axis=1)
    return np.nanmean(whole[:, :-1] - whole[:, 1:], axis=2).T


def draw(seen: Seen) -> Figure:
    """The chains of every field in both worlds, and what each joint loses less with the reform, with intervals."""
    figure, axes = _draw.beside(3, 2.7)
    names = [say("asked for"), say("taught"), say("held"), say("at work"), say("used")]
    for ax, side, title in zip(axes, seen.sides, (say("with the reform"), say("without")), strict=False):
        mean = np.nanmean(side["chains"], axis=0)
        for s in range(mean.shape[1]):
            line = np.r_[1.0, mean[:, s]]
            ax.plot(range(5), line, color=figure_style.LINES[s % len(figure_style.LINES)], lw=0.9, alpha=0.8)
        ax.plot(range(5), np.r_[1.0, np.nanmean(mean, axis=1)], color=panels.INK, lw=2.2)
        ax.set_xticks(range(5), names, rotation=40, ha="right")
        ax.set(ylim=(0, 1.02), title=title)
    axes[0].set_ylabel(say("share of what a field asks for"))
    joints = [f"{a} > {b}" for a, b in pairwise(names)]
    _draw.effects(axes[2], joints, list(gaps(seen.of) - gaps(seen.against)), seen.experiment.least)
    axes[2].set_title(say("change of each gap"))
    return figure
