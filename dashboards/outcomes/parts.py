"""Python faces of the Vue templates of the page Map of outcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

Hear = Callable[[Any], None]


@solara.component_vue("order.vue", vuetify=False)
def Order(  # noqa: N802
    plan: dict[str, Any], worlds: list[dict[str, str]], settings: list[dict[str, Any]], limits: dict[str, int],
    studies: list[str], phase: str, done: int, cells: int, left: str, message: str, words: dict[str, str],
    event_order: Hear, event_pause: Hear, event_load: Hear, event_take: Hear, event_refused: Hear,
) -> None:  # fmt: skip
    """What to survey, how far it is, and sweeps to load instead."""


@solara.component_vue("reading.vue", vuetify=False)
def Reading(  # noqa: N802
    outcomes: list[dict[str, str]], outcome: str, axes: list[dict[str, Any]], cell: dict[str, str] | None,
    here: str, note: str, words: dict[str, str], event_pick: Hear, event_axis: Hear,
) -> None:  # fmt: skip
    """Which outcome is shown, the cell that was chosen, and where the live run stands."""
