"""Python faces of the Vue templates: their arguments are what a template shows, ``event_...`` what it reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

Hear = Callable[[Any], None]


@solara.component_vue("header.vue", vuetify=False)
def Header(  # noqa: N802
    pages: list[dict[str, str]], current: str, root: str, theme: str, language: str, is_projected: bool,
    words: dict[str, str], link: str | None, event_go: Hear, event_choices: Hear,
) -> None:  # fmt: skip
    """Navigation and the visitor's choices; puts ``link`` (a query string) into the address line."""


@solara.component_vue("present.vue", vuetify=False)
def Present(words: dict[str, str]) -> None:  # noqa: N802
    """One picture of the page at a time, as large as the screen; turned by the keys of a presenter's remote."""


@solara.component_vue("transport.vue", vuetify=False)
def Transport(  # noqa: N802
    step: int, head: int, horizon: int, phase: str, speed: float, speeds: list[float], number: int,
    ticks: list[list[Any]], bands: list[list[int]], words: dict[str, str], event_reset: Hear, event_play: Hear,
    event_step: Hear, event_seek: Hear, event_speed: Hear, event_seen: Hear, event_alive: Hear,
) -> None:  # fmt: skip
    """The bar at the bottom; reports every ``number`` that it has drawn."""


@solara.component_vue("levers.vue", vuetify=False)
def Levers(  # noqa: N802
    groups: list[dict[str, Any]], goneBack: int, words: dict[str, str], message: str, isPast: bool,  # noqa: N803
    isAll: bool, isOfPair: bool, event_change: Hear, event_reset: Hear, event_all: Hear,  # noqa: N803
) -> None:  # fmt: skip
    """Sliders in groups; what acts only at a reset is gathered and handed over together. ``goneBack``: another number
    after each undo, redo and removal. ``isOfPair``: two worlds stand beside them, which have the room on a tablet."""


@solara.component_vue("changes.vue", vuetify=False)
def Changes(  # noqa: N802
    rows: list[dict[str, Any]], undoable: bool, redoable: bool, words: dict[str, str], event_seek: Hear,
    event_remove: Hear, event_undo: Hear, event_redo: Hear,
) -> None:  # fmt: skip
    """What was changed in a run; a click goes to the moment."""


@solara.component_vue("chooser.vue", vuetify=False)
def Chooser(  # noqa: N802
    scenario: str, scenarios: list[dict[str, str]], seed: str, about: dict[str, Any], words: dict[str, str],
    given: dict[str, Any], kept: str, is_lost: bool, has_tables: bool, download: str, note: str, is_wrong: bool,
    most_bytes: int,
    event_choose: Hear, event_seed: Hear, event_upload: Hear, event_refused: Hear, event_export: Hear,
    event_link: Hear, event_forget: Hear,
) -> None:  # fmt: skip
    """Which world, from where, and what of it can be taken along. ``seed``: its digits, of which a browser's numbers
    would lose the last. ``given``: the link last asked for by ``event_link``. ``kept``: until when the server keeps the
    world shown; ``is_lost``: whether it goes with the page."""


@solara.component_vue("events.vue", vuetify=False)
def Events(rows: list[dict[str, Any]], words: dict[str, str], width: str, event_seek: Hear) -> None:  # noqa: N802
    """What happened, the latest first; a click goes to the moment."""


@solara.component_vue("again.vue", vuetify=False)
def Again(text: str, again: str, event_again: Hear) -> None:  # noqa: N802
    """Instead of a world that could not be begun: a button to try it again."""


@solara.component_vue("tabs.vue", vuetify=False)
def Tabs(names: list[str], chosen: int, label: str, event_choose: Hear) -> None:  # noqa: N802
    """A row of tabs; arrows go from one to the next."""


@solara.component_vue("seen.vue", vuetify=False)
def Seen(number: int, event_seen: Hear) -> None:  # noqa: N802
    """Reports every ``number`` that the browser has drawn; shows nothing."""


@solara.component_vue("difference.vue", vuetify=False)
def Difference(  # noqa: N802
    rows: list[dict[str, str]], chosen: str, a: list[float | None], b: list[float | None], horizon: int,
    share: str, bands: dict[str, Any] | None, isTesting: bool, hasBegun: bool, progress: str,  # noqa: N803
    spoken: str, caution: str, words: dict[str, str], event_choose: Hear, event_test: Hear,
) -> None:  # fmt: skip
    """Measures of two runs side by side, and one of them over time; with several seeds, what holds over them.
    ``spoken``: what of ``progress`` a screen reader says by itself. ``caution``: what a test has otherwise than what
    is shown; empty for nothing."""


@solara.component_vue("mend.vue", vuetify=False)
def Mend(  # noqa: N802
    rows: list[dict[str, Any]], tested: list[dict[str, Any]], told: str, isTesting: bool,  # noqa: N803
    worlds: list[dict[str, Any]], toldOfWorlds: str, isTestingWorlds: bool,  # noqa: N803
    progress: list[str], spoken: list[str], caution: str, words: dict[str, str],
    event_apply: Hear, event_test: Hear, event_worlds: Hear,
) -> None:  # fmt: skip
    """What alone would have closed most of the failed tables, a button where that is a lever, and what came of levers
    that were tried in this world, and in several. ``progress`` and ``spoken``: a text for each kind of test;
    ``caution``: what tests have otherwise than the run that is shown, empty for nothing."""
