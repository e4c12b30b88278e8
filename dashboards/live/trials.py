"""What takes more than a moment to work out and is done beside the run that is shown: one visitor's at a time.

Whoever asked may have gone on or left before it is done; then it ends at its next step and gives its turn away.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

TURN = threading.Lock()
"""Held by the one that is worked out: a second at the same time would only make both take twice as long."""
LOOK = 0.2
"""Seconds after which one that waits looks whether it is still wanted."""


class Unwanted(Exception):  # noqa: N818
    """Nobody waits for it any more."""


@contextmanager
def in_turn(is_unwanted: Callable[[], bool]) -> Generator[None]:
    """Wait for the turn and give it back. Raises Unwanted if nobody wants it any more before it comes."""
    while not TURN.acquire(timeout=LOOK):
        if is_unwanted():
            raise Unwanted
    try:
        yield
    finally:
        TURN.release()
