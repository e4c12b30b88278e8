"""From a scene to a component: ``View(world, history, frame, step, theme, language)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import solara

from dashboards.components.live_canvas import LiveCanvas
from dashboards.components.scenes import Scene, Seen
from dashboards.components.words import words

if TYPE_CHECKING:
    from dashboards.frames import Frame, History, World

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
    ``on_painted`` is called at each sign of life of the browser.
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
        on_painted: Callable[[], None] | None = None,
    ):
        seen = Seen(world, history, frame, step, language)
        live_canvas(
            kind, seen, lambda: scene(seen), (id(world), id(frame), step, language), lambda: ground(world, language),
            theme=theme, is_projected=is_projected, is_bare=is_bare, selected=selected, on_act=on_act,
            on_painted=on_painted,
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
        kind=kind, title=spoken[f"{kind}_title"], words=spoken, source=source(seen.world), **traits
    )

    def offer() -> None:
        canvas: Any = solara.get_widget(element)
        canvas.offer(scene, ground, (id(seen.world), seen.language))

    solara.use_effect(offer, list(depends))
    return element


def source(world: World) -> str:
    """Where a picture's numbers come from, in one line."""
    from abm import __version__

    return f"{world.scenario.name}, seed {world.scenario.seed} · industry-education-abm {__version__}"
