"""Row 89: one tie of each world, told by its events beside its curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import say, wrapped
from abm.world.vocabulary import CONTRACT_EVENTS, EVENT_CAUSES
from experiments.analysis.one_tie import CURVES, Follower, Happened, Life, Pair, draw_depth, told
from experiments.figures import panels
from experiments.figures import style as figure_style

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from abm.results import Results
    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Kept, Seen

MOST_EVENTS = 400
"""Events of a tie that are kept; no tie has as many."""
TOLD = 16
"""Lines of events in the picture: the first event of each kind."""
WIDE = 62
"""Characters of a line there."""
watch = Follower


def keep(results: Results, follower: Follower) -> dict[str, npt.NDArray[np.float64]]:
    """The tie to which most different things happened: its curves [steps], its events as numbers, -1 after them."""
    life = follower.life(next(iter(follower.pairs(results))), results)
    events = np.full((MOST_EVENTS, 4), -1.0)
    for i, one in enumerate(life.events[:MOST_EVENTS]):
        cause = EVENT_CAUSES.index(one.cause) if one.cause else -1
        events[i] = (one.step, CONTRACT_EVENTS.index(one.what), one.level, cause)
    return {**life.curves, "events": events, "pair": np.array(life.pair, np.float64)}


def measure(seen: Seen) -> Column:
    """Mean depth lived by that tie, while under contract, in one world less that in the other."""

    def lived(side: Kept) -> Column:
        under = np.nan_to_num(side["formal_depth"]) > 0
        return np.nanmean(np.where(under, side["substance"], np.nan), axis=1)

    return lived(seen.of) - lived(seen.against)


def _life(side: Kept, seed: int) -> Life:
    rows = [row for row in side["events"][seed].astype(int).tolist() if row[0] >= 0]
    happened = [Happened(t, CONTRACT_EVENTS[w], level, EVENT_CAUSES[c] if c >= 0 else "") for t, w, level, c in rows]
    pair = Pair(*map(int, side["pair"][seed]))
    return Life(pair, {name: np.asarray(side[name][seed], np.float64) for name in CURVES}, tuple(happened))


def draw(seen: Seen) -> Figure:
    """The tie of the first seed in both worlds, with what happened to it told below."""
    figure, axes = figure_style.new(panels.WIDTH, 4.6, rows=2, columns=2, height_ratios=[3, 3])
    for column, (side, title) in enumerate(zip(seen.sides, (say("with the reform"), say("without")), strict=False)):
        life = _life(side, 0)
        draw_depth(axes[0, column], life)
        axes[0, column].set_title(title)
        lines = [line for event in told(life, is_brief=True) for line in wrapped(event, WIDE, more="   ")][:TOLD]
        axes[1, column].axis("off")
        text = axes[1, column].text(0.0, 1.0, "\n".join(lines), va="top", fontsize=6.0)
        text.set_in_layout(False)
    return figure
