"""Which views the pages show, and where: a view is a module of dashboards/views with a ``View``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import solara

from dashboards.live.run import PLAYING
from dashboards.live.scenes import Seen, Style
from dashboards.live.session import Session, use_session

if TYPE_CHECKING:
    from dashboards.live.feed import Feed
    from dashboards.live.frames import Snapshot
    from dashboards.live.run import LiveRun

HALF, TALL, WIDE, THIRD, TWO_THIRDS = "", "is-tall", "is-wide", "is-third", "is-two-thirds"
TALLEST = "is-tall is-tallest"
TABS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "lab.tab_overview",
        (("tile_map", HALF), ("causes", HALF), ("blame_card", TALLEST), ("depth", HALF), ("stages", HALF)),
    ),
    ("lab.tab_communities", (("matrix", HALF), ("network", TALL), ("early_warning", HALF), ("alluvial", WIDE))),
    ("lab.tab_people", (("talent", WIDE), ("programmes", WIDE), ("forces", WIDE), ("money", WIDE))),
)
"""Tabs of the Lab: key of the name, and its views with their widths; a tall one stands beside two, the tallest beside
the event log as well."""
OVER_MANY = (("tile_map", TALL), ("causes", HALF), ("depth", HALF), ("blame_card", HALF), ("stages", HALF))
"""The overview of many regions."""
MANY = 12
"""Regions above which their map and their stages are so tall that other views stand beside them."""
READ = ("verdict", "stages", "alluvial", "talent", "programmes", "forces", "money", "early_warning")
"""Views that are read, not watched: they change at the pace of texts."""
TOLD = ("blame_card",)
"""Views that choose by themselves what of a moment they keep, and are rendered with the texts."""


def arranged(tab: int, feed: Feed) -> tuple[tuple[str, str], ...]:
    """Views of a tab with their widths: the map of many regions stands beside two, the card beside their stages."""
    is_many = feed.latest is not None and len(feed.latest.world.region_names) > MANY
    return OVER_MANY if tab == 0 and is_many else TABS[tab][1]


@cache
def component(name: str) -> Any:
    """The ``View`` of a module of dashboards/views; None if there is no such module."""
    path = f"dashboards.views.{name}"
    return import_module(path).View if find_spec(path) is not None else None


def use_choice(run: LiveRun) -> tuple[int, Callable[[str, Any], None]]:
    """The row of the region that is chosen in the views of a page, -1 = none, and who hears what is chosen there:
    a region, or a moment of the run to go to."""
    region, set_region = solara.use_state(-1)

    def hear(name: str, value: Any) -> None:
        if name == "region":
            set_region(int(value))
        elif name == "moment":
            run.seek(int(value))

    return region, hear


def is_shown(feed: Feed, waiting: str) -> bool:
    """Whether there is something to show of a run; says, as part of the component that asks, that it is being built
    (in the words of a key) or why it has stopped."""
    session = use_session()
    error = feed.run.error
    if feed.has_failed.value and error is not None:
        solara.HTML("p", escape(session.told(error)), classes=["abm-note", "is-wrong"], attributes={"role": "alert"})
    if feed.has_stumbled.value:
        solara.HTML("p", session.say("lab.stumbled"), classes=["abm-note", "is-wrong"], attributes={"role": "alert"})
    if not feed.is_there.value:
        solara.HTML("div", session.say(waiting), classes=["abm-wait"], attributes={"role": "status"})
    return feed.is_there.value


@solara.component
def ViewOf(  # noqa: N802
    name: str, feed: Feed, selected: int, on_act: Callable[[str, Any], None], classes: str = ""
) -> None:
    """One view of a run in its frame on the page; there is something to show of the run."""
    session, view = use_session(), component(name)
    with solara.Div(classes=["abm-card", classes] if classes else ["abm-card"]):
        if name in TOLD:
            ToldView(name, feed, selected, on_act)
        elif view is not None and feed.latest is not None:
            view(_seen(feed.latest, session), _style(session, selected, on_act), feed=feed, is_read=name in READ)


@solara.component
def ToldView(name: str, feed: Feed, selected: int, on_act: Callable[[str, Any], None]) -> None:  # noqa: N802
    """A view that is rendered anew with the texts."""
    session, told = use_session(), feed.told.value
    now = told.snapshot or feed.latest
    if now is not None:
        component(name)(
            _seen(now, session), _style(session, selected, on_act), is_playing=told.phase == PLAYING,
            scenario=feed.run.scenario_now(),
        )  # fmt: skip


def _seen(now: Snapshot, session: Session) -> Seen:
    return Seen(now.world, now.history, now.frame, now.step, session.language.value)


def _style(session: Session, selected: int, on_act: Callable[[str, Any], None]) -> Style:
    return Style(session.theme.value, session.is_projected.value, selected, on_act)
