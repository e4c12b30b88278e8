"""Who begins a request and does not get on with it is hung up on; who uses a connection is not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from dashboards.serve import patience
from dashboards.serve.guard import Guard, own_names
from tests.dashboards.opened import until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
WITHIN = 0.6


async def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(patience, "WITHIN", WITHIN)
    routes = [Route("/", hello, methods=["GET", "POST"]), WebSocketRoute("/echo", echo)]
    app = Guard(Starlette(routes=routes), own_names("127.0.0.1"))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", http=patience.Patient))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, 20)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


def called(port: int, *parts: bytes, every: float = 0.1) -> tuple[bytes, float]:
    """What comes back until the server hangs up, and after how many seconds it did."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        got = b""
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(every)
            while more := line.recv(4096):
                got += more
        except ConnectionError:
            pass
    return got, time.monotonic() - begun


HEAD = b"Host: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    "parts",
    [(), (b"GET / HTTP/1.1\r\n" + HEAD,), tuple(b"GET / HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaa".split(b"a"))],
    ids=["nothing", "half a head", "drop by drop"],
)
def test_a_request_that_does_not_get_on_is_hung_up_on(parts: tuple[bytes, ...], port: int) -> None:
    got, seconds = called(port, *(part or b"a" for part in parts))
    assert got == b""
    assert seconds < WITHIN + 3.5


def test_a_body_that_does_not_come_holds_no_connection(port: int) -> None:
    _, seconds = called(port, b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000\r\n\r\n", *[b"a"] * 60)
    assert seconds < WITHIN + 3.5


@pytest.mark.parametrize(
    ("length", "status"), [(b"Transfer-Encoding: chunked", b"411"), (b"Content-Length: 99999999", b"413")]
)
def test_a_body_without_end_is_not_read(length: bytes, status: bytes, port: int) -> None:
    got, seconds = called(port, b"POST / HTTP/1.1\r\n" + HEAD + length + b"\r\n\r\n", b"10\r\n" + 16 * b"a" + b"\r\n")
    assert got.startswith(b"HTTP/1.1 " + status)
    assert seconds < WITHIN + 3.5


def test_a_websocket_and_a_connection_in_use_stay(port: int) -> None:
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{port}/echo") as line:
        time.sleep(2 * WITHIN)
        line.send("still here")
        assert line.recv(5) == "still here"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for _ in range(4):
            line.sendall(b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n")
            got = b""
            while not got.endswith(b"hello"):
                more = line.recv(4096)
                assert more, "hung up on"
                got += more
            time.sleep(WITHIN / 3)
