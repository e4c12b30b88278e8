"""Asking an ASGI application without a server: one request, or the first answer to a websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1:8765"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    app: Any, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b"",
    sent: list[dict[str, Any]] | None = None,
) -> Answer:  # fmt: skip
    """The answer to one HTTP request; ``sent`` keeps what was sent, even if the application fails after it."""
    return answered(_run(app, _scope("http", path, headers, body) | {"method": method}, body, sent))


def answered(sent: list[dict[str, Any]]) -> Answer:
    """The answer that messages of an application make up."""
    start = next(message for message in sent if message["type"] == "http.response.start")
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    parts = [message.get("body", b"") for message in sent if message["type"] == "http.response.body"]
    return Answer(start["status"], found, b"".join(parts))


def knock(app: Any, path: str, headers: Mapping[str, str], **more: Any) -> str:
    """Type of the first message that a websocket gets: websocket.accept or websocket.close."""
    return _run(app, _scope("websocket", path, headers, b"") | more, b"")[0]["type"]


def websocket_scope(path: str) -> dict[str, Any]:
    """What a server tells of a websocket that a browser opens."""
    return _scope("websocket", path, None, b"")


def _scope(kind: str, path: str, headers: Mapping[str, str] | None, body: bytes) -> dict[str, Any]:
    given = {"host": HOST, "content-length": str(len(body))} | dict(headers or {})
    return {
        "type": kind, "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()], "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8765), "http_version": "1.1", "subprotocols": [],
    }  # fmt: skip


def _run(
    app: Any, scope: dict[str, Any], body: bytes, sent: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    sent = [] if sent is None else sent
    waiting = [
        {"type": "websocket.connect"} if scope["type"] == "websocket" else {"type": "http.request", "body": body}
    ]

    async def receive() -> dict[str, Any]:
        if not waiting:
            # The caller stays connected.
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))
    return sent
