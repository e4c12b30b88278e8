"""A run as reels: for each language and kind of view every moment's scenes, packed as for a live page.

A reel is compressed (gzip) and holds, one after the other, each with its length before it (4 bytes, little endian):
the ground, the moment before the first quarter, and the moment after each. A moment of the card has several scenes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.population import start_state, tables
from abm.results import Results
from abm.results.recording import Recorder
from dashboards.controls import content
from dashboards.live.frames import History, Snapshot, frame_of, world_of
from dashboards.live.played import PlayedWorld, step_of
from dashboards.live.scenes import Scene, Seen
from dashboards.live.session import Session
from dashboards.live.stream import packed
from dashboards.views import blame_card, views
from dashboards.views.live_view import captioned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from abm.scenario import Scenario
    from abm.world.state import State

CARDS = 12
"""Failed negotiations of a moment that have their card, those that one would look at first; and one of each region."""


@dataclass
class Reel:
    """The moments of one kind of view in one language, compressed as they come."""

    _squeeze: Any = field(default_factory=lambda: zlib.compressobj(9, wbits=31))
    _parts: list[bytes] = field(default_factory=list[bytes])

    def add(self, message: bytes) -> None:
        """Take the next moment."""
        self._parts.append(self._squeeze.compress(struct.pack("<I", len(message)) + message))

    def content(self) -> bytes:
        """The whole reel; nothing can be added any more."""
        self._parts.append(self._squeeze.flush())
        return b"".join(self._parts)


@dataclass(frozen=True)
class Film:
    """All reels of a run, and what stands around the pictures."""

    results: Results
    reels: dict[tuple[str, str], bytes]
    """By language and kind of view."""
    events: dict[str, list[dict[str, Any]]]
    """What happened, the latest first, by language."""
    ticks: list[list[Any]]
    bands: list[list[int]]
    n_regions: int


def filmed(
    scenario: Scenario, steps: int, languages: Sequence[str], tell: Callable[[State], bool] | None = None,
    played: PlayedWorld | None = None,
) -> Film:  # fmt: skip
    """Run the first ``steps`` quarters of a scenario, as people ``played`` them if they did, and film them; ``tell``
    hears of each, True from it is Ctrl-C."""
    known, step = tables(scenario), step_of(played)
    state, recorder = start_state(known, scenario, scenario.seed), Recorder()
    world, frame = world_of(scenario, state), frame_of(state, scenario.p.related_fit)
    history = History((), (), len(world.region_names))
    reels = {(language, kind): Reel() for language in languages for kind in views()}
    for (language, kind), reel in reels.items():
        ground = getattr(views()[kind], "ground", None)
        reel.add(packed(0, [(0, ground(world, language), True)] if ground else []))
    while True:
        for (language, kind), reel in reels.items():
            seen = Seen(world, history, frame, state.step, language)
            reel.add(packed(state.step, [(i, scene, False) for i, scene in enumerate(_scenes(kind, seen, scenario))]))
        if tell is not None and tell(state):
            raise KeyboardInterrupt
        if state.step == steps:
            break
        step(state, scenario)
        recorder.record(state)
        frame = frame_of(state, scenario.in_force(state.step - 1).p.related_fit)
        if not history.steps:
            history = History(tuple(frame.metrics), tuple(frame.regions), len(world.region_names))
        history.append(frame)
    last = Snapshot(world, history, frame)
    return Film(
        Results(scenario, recorder.steps, known.regions.name, recorder.columns(known.regions.name), 0.0, known),
        {which: reel.content() for which, reel in reels.items()},
        {language: content.event_rows(spoken(language), scenario.changes, last) for language in languages},
        content.ticks(scenario.changes, last),
        content.bands(last),
        len(world.region_names),
    )


def spoken(language: str) -> Session:
    """A session of nobody that speaks a language."""
    session = Session(visitor="")
    session.language.value = language
    return session


def _scenes(kind: str, seen: Seen, scenario: Scenario) -> list[Scene]:
    """What a kind of view shows of a moment, with the table of its numbers among its words."""
    found = _cards(seen, scenario) if kind == blame_card.KIND else [views()[kind].scene(seen)]
    return [_with_table(captioned(scene, scenario, seen)) for scene in found]


def _cards(seen: Seen, scenario: Scenario) -> list[Scene]:
    ranks = blame_card.order(seen, -1)
    chosen = list(range(min(CARDS, len(ranks))))
    if ranks and seen.frame.failures is not None:
        region = seen.frame.failures.record.region[ranks]
        firsts = np.unique(region, return_index=True)[1]
        chosen += sorted(set(firsts.tolist()) - set(chosen))
    now = scenario.in_force(max(0, seen.step - 1))
    cards = [blame_card.scene_of(seen, i, scenario=now) for i in chosen or [0]]
    return [
        replace(card, words={**card.words, "at": at, "all": len(cards)}) if "at" in card.words else card
        for at, card in enumerate(cards, 1)
    ]


def _with_table(scene: Scene) -> Scene:
    if scene.table is None:
        return scene
    head, rows = scene.table()
    shown = [["–" if cell == "nan" else cell for cell in row] for row in rows]
    return replace(scene, words={**scene.words, "table": [head, shown]})
