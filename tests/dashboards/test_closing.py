"""A page is closed whole, though a thread that worked for it ends in the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from solara.server import kernel_context
from solara.server.kernel import Kernel

from dashboards.serve.closing import Workers, bear_threads_that_end

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ENDED = "a thread that has just ended"


@pytest.fixture(autouse=True)
def own_loop() -> Iterator[None]:
    """A page without a server takes the thread's event loop, or makes one that nobody closes: said in a later test."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


def closing(of: type[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A page that was closed while a thread of it ended: it was still there when the page looked who is."""

    class Late(of):
        def copy(self) -> dict[str, Any]:
            return dict(self) | {ENDED: page}

    monkeypatch.setattr(kernel_context, "current_context", Late())
    # Without a server widgets belong to no page.
    monkeypatch.setattr(kernel_context.widgets.Widget, "close_all", lambda: None)
    page = kernel_context.VirtualKernelContext(id="one", session_id="ann", kernel=Kernel())
    page.close()
    return page


def test_a_page_is_closed_whole_though_a_thread_of_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    page = closing(Workers, monkeypatch)
    assert page.closed_event.is_set() and page not in kernel_context.current_context.values()


def test_solara_alone_fails_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it does not any more, what bears it can go."""
    with pytest.raises(KeyError, match=ENDED):
        closing(dict, monkeypatch)


def test_who_works_for_whom_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_context, "current_context", {"a thread": None})
    bear_threads_that_end()
    assert isinstance(kernel_context.current_context, Workers) and kernel_context.current_context == {"a thread": None}
