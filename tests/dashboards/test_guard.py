"""The guard: other sites, foreign names, floods and large bodies are refused; answers are protected."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from dashboards.guard import Guard, Rate, own_names
from tests.dashboards.asking import HOST, ask, knock

OWN = f"http://{HOST}"


async def hello(_request: Any) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def accept(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def guarded(*further: str) -> Guard:
    routes = [Route("/", hello, methods=["GET", "POST"]), WebSocketRoute("/socket", accept)]
    return Guard(Starlette(routes=routes), own_names("127.0.0.1", further))


def test_own_names_pass_and_answers_are_protected() -> None:
    answer = ask(guarded(), "/")
    assert answer.body == b"hello"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert "http" not in policy


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1"])
def test_a_foreign_name_is_refused(host: str) -> None:
    assert ask(guarded(), "/", headers={"host": host}).status == 421


def test_a_name_that_is_allowed_passes() -> None:
    app, headers = guarded("abm.school.example"), {"host": "abm.school.example"}
    assert ask(app, "/", headers=headers).status == 200
    far = headers | {"origin": "https://abm.school.example", "x-forwarded-for": "10.0.0.1"}
    assert knock(app, "/socket", far) == "websocket.accept"


@pytest.mark.parametrize(("origin", "status"), [("https://evil.example", 403), ("null", 403), (OWN, 200)])
def test_pages_of_other_sites_are_refused(origin: str, status: int) -> None:
    assert ask(guarded(), "/", method="POST", headers={"origin": origin}).status == status


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "null"])
def test_sockets_of_other_sites_and_ports_are_refused(origin: str) -> None:
    assert knock(guarded(), "/socket", {"origin": origin}) == "websocket.close"


def test_a_socket_of_our_own_page_passes() -> None:
    assert knock(guarded(), "/socket", {"origin": OWN}) == "websocket.accept"


def test_a_large_body_is_refused() -> None:
    assert ask(guarded(), "/", method="POST", body=b"x" * 100_000).status == 413


def test_a_flood_is_refused_and_ends() -> None:
    rate = Rate(burst=5, a_second=2)
    assert [rate.allows("a", now=10.0) for _ in range(6)] == [True] * 5 + [False]
    assert rate.allows("b", now=10.0)
    assert rate.allows("a", now=10.6)
    assert not rate.allows("a", now=10.6)
    app = guarded()
    app.requests = Rate(burst=1, a_second=0)
    assert [ask(app, "/").status for _ in range(2)] == [200, 429]


def test_callers_that_never_come_back_are_forgotten() -> None:
    rate = Rate(burst=5, a_second=2)
    for caller in range(rate.MOST_CALLERS + 100):
        rate.allows(str(caller), now=1.0)
    assert len(rate._left) <= rate.MOST_CALLERS


def test_beyond_loopback_the_machines_own_names_pass() -> None:
    assert own_names("127.0.0.1") == {"127.0.0.1", "localhost", "::1"}
    assert len(own_names("0.0.0.0")) > 4
