"""What takes more than a moment to work out and is done beside the run that is shown: one at a time, in the order in
which it was asked for.

Whoever asked may have gone on or left before it is done; then it ends at its next step and gives its turn away.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

LOOK = 0.2
"""Seconds after which one that waits looks whether its turn has come, and whether it is still wanted."""
_waiting: deque[object] = deque()
"""Who has asked, the one that is worked out first: a second at the same time would only make both take twice as long.
Single operations of a deque are whole, whatever other threads do."""


class Unwanted(Exception):  # noqa: N818
    """Nobody waits for it any more."""


def until(is_unwanted: Callable[[], bool]) -> Callable[[], None]:
    """What looks now and then whether somebody waits still, and raises Unwanted where nobody does."""

    def look() -> None:
        if is_unwanted():
            raise Unwanted

    return look


def is_taken() -> bool:
    """Whether something is worked out or waits to be."""
    return bool(_waiting)


@contextmanager
def in_turn(is_unwanted: Callable[[], bool], wait: Callable[[], object] = lambda: None) -> Generator[None]:
    """Wait for the turn and give it back. ``wait`` is called once if others are first. Raises Unwanted if nobody wants
    it any more before it comes."""
    ticket, look = object(), until(is_unwanted)
    # A thread may be ended from outside at any line: from before it is in the row it is taken out again.
    try:
        _waiting.append(ticket)
        is_first = _waiting[0] is ticket
        if not is_first:
            wait()
        while not is_first:
            look()
            time.sleep(LOOK)
            is_first = _waiting[0] is ticket
        yield
    finally:
        with suppress(ValueError):
            _waiting.remove(ticket)
