"""From a scene to a component: ``View(seen, style)``."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import solara

from dashboards.live.scenes import PLAIN, Scene, Seen, Style
from dashboards.live.stream import Picture
from dashboards.views.live_canvas import LiveCanvas
from dashboards.words import say
from dashboards.words.vocabulary import caption, words

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.live.feed import Feed
    from dashboards.live.frames import Snapshot, World
    from dashboards.live.run import LiveRun

Ground = Callable[["World", str], Scene]


def nothing(_world: World, _language: str) -> Scene:
    """The ground of a view all of which changes."""
    return Scene()


def view(
    kind: str, scene: Callable[[Seen], Scene], ground: Ground = nothing, *, is_bare: bool = False
) -> Callable[..., Any]:
    """The component of a kind of view; a bare one has a title that is heard but not seen.

    It holds no state: what is selected comes from outside, and what is chosen in the picture goes to
    ``style.on_act``. With a ``feed`` it goes on by itself from the moment shown, without being rendered anew:
    at the pace of frames, or of texts if it ``is_read``.
    """

    has_ground = ground is not nothing

    @solara.component
    def View(seen: Seen, style: Style = PLAIN, *, feed: Feed | None = None, is_read: bool = False):  # noqa: N802
        if feed is not None:
            picture = fed(scene, ground, seen.language, feed.run, is_read=is_read)
            fed_canvas(kind, picture, feed, seen.language, has_ground=has_ground, is_bare=is_bare, **style.traits())
        else:
            moment = (id(seen.world), id(seen.frame), seen.step, seen.language)
            offered = (
                lambda: captioned(scene(seen), seen.world.scenario, seen),
                lambda: ground(seen.world, seen.language),
            )
            live_canvas(kind, seen, offered, moment, has_ground=has_ground, is_bare=is_bare, **style.traits())

    return View


def live_canvas(
    kind: str,
    seen: Seen,
    offered: tuple[Callable[[], Scene], Callable[[], Scene] | None],
    depends: tuple[Hashable, ...],
    **traits: Any,
) -> Any:
    """A LiveCanvas that is offered its scene (and ground) whenever one of what it depends on has changed."""
    spoken = words(seen.language)
    element: Any = LiveCanvas.element(  # pyright: ignore[reportAttributeAccessIssue]
        kind=kind,
        title=spoken[f"{kind}_title"],
        words=spoken,
        source=source(seen.world.scenario, seen.language),
        **traits,
    )

    def offer() -> None:
        canvas: Any = solara.get_widget(element)
        canvas.offer(*offered, (id(seen.world), seen.language))

    solara.use_effect(offer, list(depends))
    return element


def fed(
    scene: Callable[[Seen], Scene], ground: Ground, language: str, run: LiveRun, *, is_read: bool
) -> Callable[[LiveCanvas], Picture]:
    """How the picture on a canvas comes about from the frames of a feed."""

    def seen(snapshot: Snapshot) -> Seen:
        return Seen(snapshot.world, snapshot.history, snapshot.frame, snapshot.step, language)

    def shown(snapshot: Snapshot) -> Scene:
        now = seen(snapshot)
        return captioned(scene(now), run.scenario, now)

    def picture(canvas: LiveCanvas) -> Picture:
        return Picture(shown, lambda snapshot: ground(snapshot.world, language), canvas.keep, is_read)

    return picture


def fed_canvas(kind: str, picture: Callable[[LiveCanvas], Picture], feed: Feed, language: str, **traits: Any) -> None:
    """A LiveCanvas that takes its scenes from a feed, past Solara."""
    spoken = words(language)
    place = solara.use_memo(feed.stream.place, [id(feed)])
    element: Any = LiveCanvas.element(  # pyright: ignore[reportAttributeAccessIssue]
        kind=kind,
        title=spoken[f"{kind}_title"],
        words=spoken,
        source=source(feed.run.scenario, language),
        stream=feed.stream.key,
        place=place,
        **traits,
    )

    def follow() -> Callable[[], None]:
        canvas: LiveCanvas = solara.get_widget(element)  # pyright: ignore[reportAssignmentType]
        return feed.follow(place, picture(canvas))

    solara.use_effect(follow, [id(feed), language])


def captioned(scene: Scene, scenario: Scenario, seen: Seen) -> Scene:
    """The scene with what its picture says below itself where it is taken along."""
    told = caption(seen.language, source(scenario, seen.language), scenario.changes, seen.step)
    return replace(scene, words={**scene.words, "caption": told})


def source(scenario: Scenario, language: str) -> str:
    """Where a picture's numbers come from, in one line."""
    from abm.machine.version import __version__

    return say(language, "views.from", scenario=scenario.name, seed=scenario.seed, version=__version__)
