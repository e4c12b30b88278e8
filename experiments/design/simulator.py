"""Who makes a run of a design: the model as it is, or a function that does something to it on the way.

A design may name one, ``simulator = "module:function"``, for what no policy can say (an enterprise
taken away at some step). The function takes a run that is ready and a watcher, which it calls after
each step and obeys, and returns abm's Results. Its name and its code are part of every run's key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from abm.machine.errors import InputError
from abm.results.code_identity import fresh

if TYPE_CHECKING:
    from abm.results import Results, Run, Watcher

Simulator = Callable[["Run", "Watcher"], "Results"]


def plain(run: Run, watcher: Watcher) -> Results:
    """The model as it is."""
    return run.finish(watcher)


def simulator(name: str, where: str = "") -> Simulator:
    """The function of that name; `plain` if there is no name."""
    if not name:
        return plain
    module, _, function = name.partition(":")
    try:
        return getattr(fresh(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        mend = f'write "package.module:function", where workers can import it ({error})'
        raise InputError(f"`simulator` = {name!r}", place=where, why="cannot be found", mend=mend) from None
