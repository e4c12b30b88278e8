"""Which views the pages show, and where: a view is a module of dashboards/components with a ``View``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import solara

from dashboards.session import use_session

if TYPE_CHECKING:
    from dashboards.frames import Snapshot

HALF, WIDE, THIRD, TWO_THIRDS = "", "is-wide", "is-third", "is-two-thirds"
TABS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "lab.tab_overview",
        (("tile_map", HALF), ("causes", HALF), ("blame_card", HALF), ("depth", HALF), ("stages", HALF)),
    ),
    ("lab.tab_communities", (("matrix", HALF), ("network", HALF), ("alluvial", WIDE), ("early_warning", WIDE))),
    ("lab.tab_people", (("talent", WIDE), ("money", WIDE))),
)
"""Tabs of the Lab: key of the name, and its views with their widths."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
PACED = ("verdict", "blame_card", "stages", "alluvial", "talent", "money", "early_warning")
"""Views that are read, not watched: they change at the pace of texts."""


@cache
def component(name: str) -> Any:
    """The ``View`` of a module of dashboards/components; None if there is no such module."""
    path = f"dashboards.components.{name}"
    return import_module(path).View if find_spec(path) is not None else None


@solara.component
def ViewOf(  # noqa: N802
    name: str,
    frame: Snapshot,
    text: Snapshot,
    selected: int,
    on_act: Callable[[str, Any], None],
    classes: str = "",
    more: Mapping[str, Any] = NOTHING,
) -> None:
    """One view in its frame on the page; ``more`` is what this view alone is told."""
    session = use_session()
    view = component(name)
    shown = text if name in PACED else frame
    with solara.Div(classes=["abm-card", classes] if classes else ["abm-card"]):
        if view is not None:
            view(
                shown.world, shown.history, shown.frame, shown.step, session.theme.value, session.language.value,
                is_projected=session.is_projected.value, selected=selected, on_act=on_act, **more,
            )  # fmt: skip
