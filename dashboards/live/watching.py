"""How frames go from a run to those who look on: always the latest, never more than two on their way."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboards.live.frames import Snapshot

MOST_UNACKNOWLEDGED = 2
ACKNOWLEDGEMENT_TIMEOUT = 1.0
"""Seconds without an acknowledgement after which a frame counts as lost and the moment is given again."""


class Board:
    """The latest snapshot, and the lock that guards it and everything else that a run shares."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.version = 0
        self.snapshot: Snapshot | None = None
        self.is_closed = False
        self.heard_at = time.monotonic()
        """When somebody last acknowledged or asked for something."""

    def put(self, snapshot: Snapshot | None) -> None:
        """Show a snapshot in place of the one before; None shows the same again (something about it has changed)."""
        with self.changed:
            self.snapshot = snapshot or self.snapshot
            self.version += 1
            self.changed.notify_all()

    def heard(self) -> None:
        """A sign of life from a browser."""
        with self.changed:
            self.heard_at = time.monotonic()
            self.changed.notify_all()


class Watcher:
    """One browser page that looks on; ``next`` is called by one thread, ``acknowledge`` by any."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._seen = -1
        self._sent, self._acknowledged = 0, 0
        self._sent_at = 0.0

    def next(self, timeout: float) -> tuple[int, Snapshot] | None:
        """Number and content of the latest frame not seen yet; None after ``timeout`` seconds or at the run's end.

        Waits while two frames are unacknowledged; after a second of that the latest is given in any case.
        """
        board = self.board
        deadline = time.monotonic() + timeout
        with board.changed:
            while not board.is_closed:
                now = time.monotonic()
                is_open = self._sent - self._acknowledged < MOST_UNACKNOWLEDGED
                is_lost = self._sent > self._acknowledged and now - self._sent_at > ACKNOWLEDGEMENT_TIMEOUT
                if board.snapshot is not None and (is_lost or (is_open and board.version != self._seen)):
                    if is_lost:
                        self._acknowledged = self._sent
                    self._seen, self._sent_at = board.version, now
                    self._sent += 1
                    return self._sent, board.snapshot
                if now >= deadline:
                    return None
                board.changed.wait(min(deadline - now, 0.25))
        return None

    def acknowledge(self, number: int) -> None:
        """The browser has drawn frame ``number``."""
        with self.board.changed:
            self._acknowledged = max(self._acknowledged, min(number, self._sent))
        self.board.heard()
