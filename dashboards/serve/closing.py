"""A page is closed while threads that worked for it end: neither may stumble over the other.

Solara notes which page each thread works for. A page that is closed takes out all its threads, one that ends takes out
itself; where the thread is quicker by a moment, closing fails before it is done, and who waits for its end waits on.
"""

from __future__ import annotations

from typing import Any


class Workers(dict[str, Any]):
    """The page of each thread, by the thread; what is gone already may be taken out once more."""

    def __delitem__(self, thread: str) -> None:
        self.pop(thread, None)


def bear_threads_that_end() -> None:
    """From now on pages are closed whole. Before anything is served."""
    from solara.server import kernel_context

    kernel_context.current_context = Workers(kernel_context.current_context)
