"""Threads of a page that must not end before the page does: what fails is logged, told and begun again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds before the work is begun again: the longer, the more often it has failed in a row."""


def until_done(work: Callable[[], None], cancelled: threading.Event, tell: Callable[[bool], None]) -> None:
    """Do the work until it ends by itself or is cancelled. ``tell`` hears True whenever it has failed.

    The work itself says that it goes well again: how long that takes only it knows.
    """
    wait = FIRST_WAIT
    while not cancelled.is_set():
        try:
            work()
            return
        except Exception:
            # Whatever it was, the page would stand still without a word.
            LOG.exception("a page's thread failed; it begins again in %g seconds", wait)
        try:
            tell(True)
        except Exception:
            LOG.exception("the page could not be told")
        cancelled.wait(wait)
        wait = min(2 * wait, LONGEST_WAIT)
