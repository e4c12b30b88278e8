"""What is around every page: the header, the visitor's choices and the session."""

from __future__ import annotations

from typing import Any

import solara
from solara.lab import cookies
from solara.lab import theme as vuetify_theme
from solara.server import kernel_context

from dashboards.controls.parts import Header
from dashboards.live.session import Session, provide_session
from dashboards.pages import found
from dashboards.words import languages

LANGUAGE_COOKIE = "abm-language"
"""Tells the server the language before the page has said anything."""


def _session() -> Session:
    """A new visitor's, in the language that the page has already been given (head/custom.js)."""
    session = Session(visitor=solara.get_session_id())
    if kernel_context.has_current_context():
        page = kernel_context.get_current_context()
        session.is_connected = lambda: kernel_context.PageStatus.CONNECTED in page.page_status.values()
        session.leave = lambda: page.close("its place was needed")
    chosen = (cookies.value or {}).get(LANGUAGE_COOKIE)
    if chosen in languages():
        session.language.value = chosen
    return session


@solara.component
def Layout(children: list[Any]) -> None:  # noqa: N802
    """The header above the page; everything the visitor holds begins and ends here."""
    session = solara.use_memo(_session, [])
    provide_session(session)
    solara.use_effect(lambda: session.end_all, [])
    router = solara.use_router()
    path = router.path.strip("/").partition("/")[0]
    first = found()[0].path

    def choose(choices: dict[str, Any]) -> None:
        session.theme.value = "dark" if choices.get("theme") == "dark" else "light"
        session.language.value = "zh" if choices.get("language") == "zh" else "en"
        session.is_projected.value = choices.get("is_projected") is True
        vuetify_theme.dark = session.theme.value == "dark"

    def go(target: str) -> None:
        session.link.value = None
        router.push("/" + target)

    current = path or first
    Header(
        pages=[{"path": page.path, "label": session.say(page.label)} for page in found()],
        current=current,
        root=router.root_path.rstrip("/") if router.root_path else "",
        theme=session.theme.value,
        language=session.language.value,
        is_projected=session.is_projected.value,
        words=session.words("header"),
        link=session.link.value,
        event_go=go,
        event_choices=choose,
    )
    solara.Div(children=children, classes=["abm", "abm-page"], attributes={"id": "abm-main", "role": "main"})
