"""A results folder run again, by what made it: the model, or what a package registers under the entry points of GROUP.

Each of these is a function (folder, steps, after_step) -> Results, or None for a folder that it did not make: a game
of people, say, which the model alone would play otherwise.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from abm.results import Results
    from abm.results.saved import Saved
    from abm.world.state import State

    Maker = Callable[[Path, int, Callable[[State], bool] | None], Results | None]

GROUP = "abm.again"


def again(of: Saved, *, after_step: Callable[[State], bool] | None = None, progress: bool | None = None) -> Results:
    """The run of a folder once more, as far as it went; ``after_step`` sees every quarter, and ends it by True."""
    from abm.results import run

    for point in entry_points(group=GROUP):
        maker: Maker = point.load()
        if (results := maker(of.folder, of.steps_done, after_step)) is not None:
            return results
    return run(of.scenario, steps=of.steps_done, threads=None, after_step=after_step, progress=progress)
