"""What a browser is told where it gets no page, in both languages: there is none, or the server failed over it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse

from dashboards.words import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>:root{{color-scheme:light dark}}"
    "body{{font:16px/1.6 system-ui,sans-serif;max-width:36em;margin:18vh auto;"
    "padding:0 24px}}a{{margin-right:16px;white-space:nowrap}}</style>{told}</html>"
)

MISSING, FAULT = "header.no_such_page", "header.fault"
"""Keys of what is said."""


class NoSuchPage:
    """ASGI middleware: answers with such a page where a browser asks for one and there is none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on; of an answer 404 to a browser nothing but the number is kept."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        is_missing = False

        async def watched(message: Message) -> None:
            nonlocal is_missing
            is_missing = is_missing or message.get("status") == 404
            if not is_missing:
                await send(message)

        await self.app(scope, receive, watched)
        if is_missing:
            await HTMLResponse(page(scope.get("root_path", ""), MISSING), 404)(scope, receive, send)


def told_of_a_fault(root_path: str) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What answers where the server failed over a request; the fault itself goes into the server's log."""

    async def answer(request: Request, _fault: Exception) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("Internal Server Error", 500)
        return HTMLResponse(page(root_path, FAULT), 500)

    return answer


def page(root_path: str, said: str) -> str:
    """The page as HTML; ``root_path``: the path under which a proxy shows the dashboard, ``said``: key of the sentence
    before the pages that there are."""
    from dashboards.pages import found

    root = escape(root_path.rstrip("/"))
    told: list[str] = []
    for language in LANGUAGES:
        links = "".join(f'<a href="{root}/{p.path}">{escape(say(language, p.label))}</a>' for p in found())
        told.append(f'<p lang="{language}">{escape(say(language, said))}<br>{links}</p>')
    title = " · ".join(say(language, "header.brand") for language in LANGUAGES)
    return PAGE.format(title=escape(title), told="".join(told))
