"""Python faces of the Vue templates of the page Learn."""

# Arguments are declared for the template; the functions have no body.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

Hear = Callable[[Any], None]


@solara.component_vue("scenes.vue", vuetify=False)
def Scenes(  # noqa: N802
    scenes: list[dict[str, Any]], current: int, words: dict[str, str], event_go: Hear, event_kept: Hear
) -> None:
    """The way through the scenes; reports those that this browser has seen before."""


@solara.component_vue("tile.vue", vuetify=False)
def Tile(root: str, words: dict[str, str]) -> None:  # noqa: N802
    """The game that this dashboard offers; ``root``: where its pages are."""


@solara.component_vue("bet.vue", vuetify=False)
def Bet(  # noqa: N802
    scene: dict[str, Any], choices: list[dict[str, Any]], bet: int, stage: str, words: dict[str, str],
    event_choose: Hear, event_start: Hear, event_skip: Hear,
) -> None:  # fmt: skip
    """Rule, story, question and the bet."""


@solara.component_vue("reveal.vue", vuetify=False)
def Reveal(  # noqa: N802
    headline: str, is_right: bool, surprise: str, learnt: str, free: str, notes: str,
    measured: list[dict[str, str]], words: dict[str, str], isLast: bool, lab: str, event_next: Hear, event_again: Hear,  # noqa: N803
) -> None:  # fmt: skip
    """What the model says, what was learnt, what may be tried now (``free``), and the notes for the teacher."""


@solara.component_vue("curves.vue", vuetify=False)
def Curves(  # noqa: N802
    title: str, curves: list[dict[str, Any]], span: list[int], horizon: int, top: float, percent: bool,
    words: dict[str, str],
) -> None:  # fmt: skip
    """Lines over time, each named at its end; ``span`` are the quarters that are measured."""


@solara.component_vue("hand.vue", vuetify=False)
def Hand(  # noqa: N802
    quarter: int, horizon: int, invitations: list[dict[str, Any]], figures: list[dict[str, str]],
    news: str, words: dict[str, str], is_over: bool, event_play: Hear,
) -> None:  # fmt: skip
    """The desk of the college that the visitor plays."""
