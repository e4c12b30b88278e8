"""The guard: other sites, foreign names, floods and large bodies are refused; answers are protected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from dashboards.serve import server
from dashboards.serve.guard import Guard, OfAPage, OwnAddress, Rate, hashes, own_names
from dashboards.serve.networks import Network
from tests.dashboards.asking import HOST, answered, ask, knock

OWN = f"http://{HOST}"


async def hello(_request: Any) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def echo(request: Request) -> JSONResponse:
    return JSONResponse(dict(request.headers))


async def accept(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def guarded(*further: str, is_behind_proxy: bool = False) -> Guard:
    routes = [
        Route("/", hello, methods=["GET", "POST"]), Route("/echo", echo), WebSocketRoute("/socket", accept)
    ]  # fmt: skip
    return Guard(Starlette(routes=routes), own_names("127.0.0.1", further), is_behind_proxy=is_behind_proxy)


def test_own_names_pass_and_answers_are_protected() -> None:
    answer = ask(guarded(), "/")
    assert answer.body == b"hello"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "", "[::1", "127.0.0.1:1/; script-src *", "127.0.0.1, evil.example"],
)
def test_a_foreign_name_is_refused(host: str) -> None:
    answer = ask(guarded(), "/", headers={"host": host})
    assert answer.status == 421
    assert "*" not in answer.headers["content-security-policy"]


TOLD_BY_PROXIES = {
    "x-script-name": "/<script>alert(1)</script>", "script-name": "/x", "x-forwarded-for": "1.2.3.4",
    "x-forwarded-proto": "https", "x-forwarded-host": "evil.example", "x-forwarded-prefix": "/x",
    "x-real-ip": "1.2.3.4", "forwarded": "for=1.2.3.4", "x-original-url": "/x", "x-rewrite-url": "/x",
}  # fmt: skip


@pytest.mark.parametrize("is_behind_proxy", [False, True])
def test_what_proxies_say_is_told_to_nobody(is_behind_proxy: bool) -> None:
    answer = ask(guarded(is_behind_proxy=is_behind_proxy), "/echo", headers={**TOLD_BY_PROXIES, "x-other": "kept"})
    assert b"kept" in answer.body
    assert not [name for name in TOLD_BY_PROXIES if f'"{name}"'.encode() in answer.body]


def test_an_address_that_no_page_has_is_refused() -> None:
    assert ask(guarded(), "/vendor/\0").status == 400


def test_scripts_that_stand_in_a_page_are_named_by_their_hashes() -> None:
    page = '<script src="/a.js"></script><p><script>let a = "</p>";</script></p><script type="module">b()</script>'
    # As `openssl dgst -sha256 -binary | base64` has them.
    assert hashes(page) == [
        "'sha256-VB+6QdbgE+wY0mI7ADvs75YNMIg1NVrhXFdvNVyoUkQ='",
        "'sha256-cf242PFc/kb7xD0Qzhsmd9vvRkc+cWFmbi+k+YvtdKc='",
    ]


def test_a_name_that_is_allowed_passes() -> None:
    app, headers = guarded("abm.school.example"), {"host": "abm.school.example"}
    assert ask(app, "/", headers=headers).status == 200
    assert knock(app, "/socket", headers | {"origin": "https://abm.school.example"}) == "websocket.accept"


def test_only_behind_a_proxy_the_port_of_a_page_may_be_another() -> None:
    headers = {"host": "abm.school.example:8765", "origin": "https://abm.school.example", "x-forwarded-for": "10.0.0.1"}
    assert knock(guarded("abm.school.example"), "/socket", headers) == "websocket.close"
    app = guarded("abm.school.example", is_behind_proxy=True)
    assert knock(app, "/socket", headers) == "websocket.accept"


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("null", 403), (f"{OWN}/; script-src *", 403), (f"{OWN}/", 403), (OWN, 200)],
)
def test_pages_of_other_sites_are_refused(origin: str, status: int) -> None:
    assert ask(guarded(), "/", method="POST", headers={"origin": origin}).status == status


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "null"])
def test_sockets_of_other_sites_and_ports_are_refused(origin: str) -> None:
    assert knock(guarded(), "/socket", {"origin": origin}) == "websocket.close"


def test_a_socket_of_our_own_page_passes() -> None:
    assert knock(guarded(), "/socket", {"origin": OWN}) == "websocket.accept"


def test_the_page_of_another_visitor_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    from solara.server import kernel_context
    from solara.server.server import COOKIE_KEY_SESSION_ID

    monkeypatch.setattr(kernel_context, "contexts", {"k1": SimpleNamespace(session_id="ann")})
    middleware = [Middleware(OfAPage)]
    app = Starlette(routes=[WebSocketRoute("/kernels/{kernel_id}/{name}", accept, middleware=middleware)])

    def opened(kernel: str, visitor: str) -> bool:
        query = {"query_string": b"session_id=1"}
        found = knock(app, f"/kernels/{kernel}/x", {"cookie": f"{COOKIE_KEY_SESSION_ID}={visitor}"}, **query)
        return found == "websocket.accept"

    assert opened("k1", "ann")
    assert opened("k2", "bob")
    assert not opened("k1", "bob")


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


def test_on_all_networks_an_address_that_came_later_passes_and_no_other() -> None:
    hotspot = "192.168.137.1"
    headers = {"host": f"{hotspot}:8765", "origin": f"http://{hotspot}:8765"}
    app = OwnAddress(Starlette(routes=[WebSocketRoute("/socket", accept)]), own_names("0.0.0.0"))
    assert knock(app, "/socket", headers) == "websocket.close"
    # A name that was made to lead here (DNS rebinding) is none of this machine.
    assert knock(app, "/socket", {"host": "evil.example:8765"}, server=(hotspot, 8765)) == "websocket.close"
    assert knock(app, "/socket", headers, server=(hotspot, 8765)) == "websocket.accept"
    assert knock(app, "/socket", headers, server=(f"::ffff:{hotspot}", 8765)) == "websocket.accept"


def test_who_serves_all_networks_is_told_every_address_and_may_scan_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [Network("wlan0", "192.168.1.5"), Network("eth0", "10.0.0.7")]
    monkeypatch.setattr(server, "networks", lambda: there)
    everywhere = server.Address("0.0.0.0", 8765, "/abm")
    first, second = "http://192.168.1.5:8765/abm/", "http://10.0.0.7:8765/abm/"
    assert server.for_others(everywhere) == [f"for others: {first}", f"for others: {second}"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "█" in "".join(server.for_others(everywhere)[2:])
    assert server.for_others(server.Address()) == []
    assert everywhere.url == "http://127.0.0.1:8765/abm/"


ATTACK = """
import asyncio, json, sys
from dashboards.serve.server import Address, application
from tests.dashboards.asking import ask, knock

app = application(Address(root_path=sys.argv[1]))

async def begun():
    went_up, sent = asyncio.Event(), []
    async def receive():
        if not sent:
            return {"type": "lifespan.startup"}
        await asyncio.Event().wait()
    async def send(message):
        sent.append(message["type"])
        went_up.set()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    await went_up.wait()
    task.cancel()

asyncio.run(begun())
mark = "/x\\"><script>alert(1)</script>"
headers = {"accept": "text/html"}
bad = headers | {"x-script-name": mark, "script-name": mark, "x-forwarded-prefix": mark, "x-forwarded-proto": mark,
                 "x-forwarded-host": mark}
def at(path, **more):
    answer = ask(app, sys.argv[1] + path, **more)
    return [answer.status, answer.headers.get("content-security-policy", ""), answer.body.decode(errors="replace")]
print("ANSWERS", json.dumps({
    "attack": at("/", headers=bad), "after": at("/lab", headers=headers), "nul": at("/vendor/\\0"),
    "long": at("/vendor/" + 5000 * "a"), "close": at("/_solara/api/close/x", method="POST"),
    "socket": knock(app, sys.argv[1] + "/jupyter/api/kernels/x/channels", {}),
}))
"""


class Scripts(HTMLParser):
    """Addresses of the scripts of a page, and whether elements have scripts as attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag == "script":
            self.sources += [value or "" for name, value in attrs if name == "src"]


@pytest.mark.parametrize("root_path", ["", "/abm"])
def test_one_request_sets_nothing_for_the_pages_of_others(root_path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ATTACK, root_path], capture_output=True, text=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "ABM_WARMUP": "0"}, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.partition("ANSWERS ")[2])
    for name in ("attack", "after"):
        status, policy, page = answers[name]
        assert status == 200
        assert "alert(1)" not in page
        found = Scripts(page)
        assert found.sources and all(source.startswith(f"{root_path}/") for source in found.sources)
        assert not found.handlers
        assert f'data-base-url="{root_path}/jupyter/"' in page
        allowed = next(part for part in policy.split("; ") if part.startswith("script-src")).split(" ")
        assert "'unsafe-inline'" not in allowed
        assert set(hashes(page)) <= set(allowed)
    assert answers["attack"][2] == answers["after"][2]
    assert [answers[name][0] for name in ("nul", "long", "close")] == [400, 404, 400]
    assert answers["socket"] == "websocket.close"
    assert all(policy for _, policy, _ in (answers[name] for name in ("nul", "long", "close")))


async def fail(_request: Request) -> PlainTextResponse:
    raise RuntimeError("a fault of ours")


def test_an_answer_to_a_fault_is_protected_too() -> None:
    sent: list[Any] = []
    with pytest.raises(RuntimeError, match="a fault of ours"):
        ask(Guard(Starlette(routes=[Route("/", fail)]), own_names("127.0.0.1")), "/", sent=sent)
    answer = answered(sent)
    assert answer.status == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
