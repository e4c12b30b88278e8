"""What kind each file is that the server sends: its own table, since the system's may be wrong.

On Windows Python's ``mimetypes`` reads the registry, into which other programs write; where that calls a script
``text/plain``, no browser runs it (the guard forbids guessing), and the page stays blank.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNKNOWN = "application/octet-stream"
TYPES = {
    ".css": "text/css",
    ".csv": "text/csv",
    ".eot": "application/vnd.ms-fontobject",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".ipynb": "application/json",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".vue": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_SENT = (200, 206, 304)
"""Answers that are the file itself; any other is a page that says why not."""


def media_type(path: str) -> str | None:
    """Kind of a file by its ending, with the letters of a text; None for an ending that the table lacks."""
    kind = TYPES.get(PurePosixPath(path).suffix.lower())
    return f"{kind}; charset=utf-8" if kind is not None and kind.startswith("text/") else kind


class Typed:
    """ASGI middleware: says of every file that is sent what the table says."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request."""
        kind = media_type(str(scope["path"])) if scope["type"] == "http" else None
        if kind is None:
            await self.app(scope, receive, send)
            return

        async def with_kind(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _SENT:
                MutableHeaders(scope=message)["Content-Type"] = kind
            await send(message)

        await self.app(scope, receive, with_kind)
