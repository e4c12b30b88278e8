"""Pages opened without a browser, what stands on them, and waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import solara
from solara.routing import Router, router_context

from dashboards.controls.bench import Bench
from dashboards.live.session import Session, provide_session


@solara.component
def _Opened(session: Session, page: ModuleType) -> None:  # noqa: N802
    router_context.provide(Router(f"/{page.PATH}", []))
    provide_session(session)
    page.Page()


@contextmanager
def opened(session: Session, page: ModuleType) -> Iterator[Any]:
    """The top widget of a page that a visitor has open; at the end both the page and the visitor's runs are gone."""
    box, context = solara.render(_Opened(session, page), handle_error=False)
    try:
        yield box
    finally:
        context.close()
        session.end_all()


@contextmanager
def alone(query: str) -> Iterator[Bench]:
    """The bench of a visitor who came by a link; at the end both it and the visitor's runs are gone."""
    session = Session("ann")
    made = Bench(session, query)
    try:
        yield made
    finally:
        made.close()
        session.end_all()


def at(bench: Bench, step: int) -> None:
    """Wait until the bench's run shows a step."""
    run = bench.run.value
    assert run is not None
    run.seek(step)
    until(lambda: run.phase in ("paused", "done") and run.shown_step() == step)


def widgets(top: Any) -> list[Any]:
    """A widget and all below it, in their order."""
    below = [child for child in getattr(top, "children", []) if not isinstance(child, str)]
    return [top, *(widget for child in below for widget in widgets(child))]


def holds(top: Any, trait: str) -> bool:
    """Whether a widget with such a property stands there."""
    return any(widget.has_trait(trait) for widget in widgets(top))


def part(top: Any, trait: str) -> Any:
    """The first widget with such a property."""
    return next(widget for widget in widgets(top) if widget.has_trait(trait))


def until(is_so: Callable[[], Any], seconds: float = 250.0) -> None:
    """Wait for it, at most so long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)
