"""From a scene to a component: ``View(world, history, frame, step, theme, language)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import solara

from dashboards.components.live_canvas import LiveCanvas
from dashboards.components.scenes import Scene, Seen
from dashboards.components.words import words
from dashboards.feed import Follower

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.feed import Feed
    from dashboards.frames import Frame, History, Snapshot, World

Act = Callable[[str, Any], None]


def nothing(_world: World, _language: str) -> Scene:
    """The ground of a view all of which changes."""
    return Scene()


def view(
    kind: str, scene: Callable[[Seen], Scene], ground: Callable[[World, str], Scene] = nothing, *, is_bare: bool = False
) -> Callable[..., Any]:
    """The component of a kind of view; a bare one has a title that is heard but not seen.

    It holds no state: ``selected`` (a region, -1 = none) comes from outside, and what is chosen in the
    picture goes to ``on_act(name, value)``: ("region", row), ("moment", step), ("apply", {"key": lever, "value"}).
    With a ``feed`` it goes on by itself from the moment shown, without being rendered anew: at the pace of
    frames, or of texts if it ``is_read``.
    """

    @solara.component
    def View(  # noqa: N802
        world: World,
        history: History,
        frame: Frame,
        step: int,
        theme: str = "light",
        language: str = "en",
        *,
        is_projected: bool = False,
        selected: int = -1,
        on_act: Act | None = None,
        feed: Feed | None = None,
        is_read: bool = False,
    ):
        traits: dict[str, Any] = {
            "theme": theme, "is_projected": is_projected, "is_bare": is_bare, "selected": selected, "on_act": on_act,
        }  # fmt: skip
        if feed is not None:
            fed_canvas(kind, scene, ground, feed, language, is_read=is_read, **traits)
            return
        seen = Seen(world, history, frame, step, language)
        live_canvas(
            kind, seen, lambda: scene(seen), (id(world), id(frame), step, language), lambda: ground(world, language),
            **traits,
        )  # fmt: skip

    return View


def live_canvas(
    kind: str,
    seen: Seen,
    scene: Callable[[], Scene],
    depends: list[Any] | tuple[Any, ...],
    ground: Callable[[], Scene] = Scene,
    **traits: Any,
) -> Any:
    """A LiveCanvas that is offered its scene whenever one of what it depends on has changed."""
    spoken = words(seen.language)
    element: Any = LiveCanvas.element(  # pyright: ignore[reportAttributeAccessIssue]
        kind=kind, title=spoken[f"{kind}_title"], words=spoken, source=source(seen.world.scenario), **traits
    )

    def offer() -> None:
        canvas: Any = solara.get_widget(element)
        canvas.offer(scene, ground, (id(seen.world), seen.language))

    solara.use_effect(offer, list(depends))
    return element


def fed_canvas(
    kind: str,
    scene: Callable[[Seen], Scene],
    ground: Callable[[World, str], Scene],
    feed: Feed,
    language: str,
    *,
    is_read: bool,
    **traits: Any,
) -> None:
    """A LiveCanvas that takes its scenes from a feed, past Solara."""
    spoken = words(language)
    element: Any = LiveCanvas.element(  # pyright: ignore[reportAttributeAccessIssue]
        kind=kind,
        title=spoken[f"{kind}_title"],
        words=spoken,
        source=source(feed.run.scenario),
        on_painted=feed.painted,
        **traits,
    )

    def follow() -> Callable[[], None]:
        canvas: LiveCanvas = solara.get_widget(element)  # pyright: ignore[reportAssignmentType]

        def show(snapshot: Snapshot) -> None:
            world = snapshot.world
            seen = Seen(world, snapshot.history, snapshot.frame, snapshot.step, language)
            canvas.offer(lambda: scene(seen), lambda: ground(world, language), (id(world), language))

        return feed.follow(Follower(show, canvas.tend, is_read))

    solara.use_effect(follow, [id(feed), language])


def source(scenario: Scenario) -> str:
    """Where a picture's numbers come from, in one line."""
    from abm import __version__

    return f"{scenario.name}, seed {scenario.seed} · industry-education-abm {__version__}"
