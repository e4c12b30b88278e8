"""A proxy that shows a server under a path, as in nginx `location /abm/ { proxy_pass http://127.0.0.1:PORT/; }`."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()
    target.close()


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, path: str, strips: bool
) -> None:
    """One request, or one websocket: everything behind the head is handed on as it comes."""
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
        return
    method, target, version = lines[0].split(" ")
    if not target.startswith(f"{path}/"):
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        return
    is_socket = any(line.lower() == "upgrade: websocket" for line in lines)
    kept = [line for line in lines[1:] if is_socket or not line.lower().startswith("connection:")]
    head = [f"{method} {target.removeprefix(path) if strips else target} {version}", *kept, "X-Forwarded-For: 10.0.0.1"]
    behind, server = await asyncio.open_connection("127.0.0.1", port)
    server.write("\r\n".join([*head, *(() if is_socket else ("Connection: close",)), "", ""]).encode("latin-1"))
    await asyncio.gather(_pour(reader, server), _pour(behind, writer))


@contextmanager
def proxied(port: int, path: str, *, strips: bool) -> Iterator[str]:
    """The address under which the proxy shows a server of this machine. ``strips``: whether the server is asked for
    what lies behind the path."""
    opened: queue.Queue[tuple[int, Callable[[], object]]] = queue.Queue()

    async def serve() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        server = await asyncio.start_server(lambda r, w: _forward(r, w, port, path, strips), "127.0.0.1", 0)
        opened.put((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(ended.set)))
        await ended.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    own, end = opened.get(timeout=10)
    try:
        yield f"http://127.0.0.1:{own}{path}"
    finally:
        end()
        thread.join(10)
