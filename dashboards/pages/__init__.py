"""Pages, one file each, found by discovery.

A module of this folder whose name does not begin with an underscore is a page. It says

    PATH       address below the root, such as "lab"
    LABEL      key of its name in dashboards/words/*.toml, such as "pages.lab"
    ORDER      place in the navigation, smallest first; the first page is the one at the root
    Page       a Solara component without arguments

What a visitor holds (language, theme, the live run) comes from ``dashboards.live.session.use_session()``.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class PageOf:
    """A page as the navigation knows it."""

    path: str
    label: str
    order: int
    component: Any


@cache
def found() -> tuple[PageOf, ...]:
    """All pages in the order of the navigation."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    modules = [import_module(f"{__name__}.{name}") for name in names]
    pages = [PageOf(m.PATH, m.LABEL, m.ORDER, m.Page) for m in modules]
    return tuple(sorted(pages, key=lambda page: (page.order, page.path)))
