"""Stream: all pictures of one page in one binary message a frame, on a websocket of their own.

Solara's connection carries what a page is built of: every message on it is wrapped in several others and
handled in the order of the page's rendering. Frames are many and may be skipped; they go past it. While
two messages are not painted yet nothing is sent, and a scene that is never sent is never made: the newest
moment wins, for all pictures together. A picture that is out of sight gets its first scene, so that the
page has its heights, and then rests. When a connection is lost the browser makes a new one and is given
everything again.

A message is: length of the head (4 bytes, little endian), the head as JSON, padding to 4 bytes, then the
arrays one after the other, each padded to 4 bytes. The head has the number to be acknowledged and, for each
scene, place, words and what arrays there are. A browser answers with the number that it has painted, or with
the list of the pictures that it has: [place, mark of this picture, whether it is in sight].
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import struct
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from dashboards.live.frames import Snapshot
    from dashboards.live.scenes import Scene

PATH = "/frames"
MOST_UNDER_WAY = 2
"""Messages sent and not painted."""
MOST_PICTURES = 64
"""On one page; of a longer list the rest is not heard."""
GONE = 4404
"""Websocket's code for: there is no such stream (any more)."""
MISHEARD = 1003
"""Websocket's code for: this is not what one says here."""


@dataclass(eq=False)
class Picture:
    """A picture that is given frames."""

    scene: Callable[[Snapshot], Scene]
    ground: Callable[[Snapshot], Scene]
    """What does not change from scene to scene; sent before the first."""
    keep: Callable[[Scene], None]
    """Called with each scene that is sent."""
    is_read: bool
    """Whether it changes at the pace of texts."""
    wanted: Snapshot | None = None
    """The newest moment that was not sent yet."""
    shown: Snapshot | None = None
    """The last moment that was wanted."""
    is_begun: bool = False
    """Whether the browser has its ground and a scene."""


@dataclass(frozen=True)
class There:
    """A picture as the browser has it."""

    mark: int
    """New whenever the browser builds it anew."""
    is_seen: bool


@dataclass(eq=False)
class Stream:
    """Pictures of one page, and the connection to its browser. May be called from any thread."""

    on_painted: Callable[[], None]
    """Called when a message has been painted."""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """By which the browser finds it; nobody else can guess it."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._places = itertools.count()
        self._pictures: dict[int, Picture] = {}
        self._there: dict[int, There] = {}
        self._send: Callable[[bytes | None], None] | None = None
        self._sent, self._painted = 0, 0
        _streams[self.key] = self

    def place(self) -> int:
        """A number for a picture that the page will have."""
        return next(self._places)

    def add(self, place: int, picture: Picture) -> Callable[[], None]:
        """Send this picture's scenes to a place; the answer ends it."""
        with self._lock:
            self._pictures[place] = picture

        def remove() -> None:
            with self._lock:
                if self._pictures.get(place) is picture:
                    del self._pictures[place]

        return remove

    def want(self, snapshot: Snapshot, *, is_read: bool) -> None:
        """Have all pictures that are read, or all that are watched, show this moment."""
        with self._lock:
            for picture in self._pictures.values():
                if picture.is_read == is_read:
                    picture.wanted = picture.shown = snapshot

    def tend(self) -> bool:
        """Send what is wanted if the browser is free; whether something waits for that."""
        with self._lock:
            due = [(place, picture) for place, picture in self._pictures.items() if self._is_due(place, picture)]
            if self._send is None or not due:
                return False
            if self._sent - self._painted < MOST_UNDER_WAY:
                message = packed(self._sent + 1, self._scenes(due))
                # Only now: a scene that fails leaves everything as it was, and is wanted again.
                for _, picture in due:
                    picture.wanted, picture.is_begun = None, True
                self._sent += 1
                self._send(message)
                return False
            return True

    def _is_due(self, place: int, picture: Picture) -> bool:
        there = self._there.get(place)
        return picture.wanted is not None and there is not None and (there.is_seen or not picture.is_begun)

    def _scenes(self, due: Iterable[tuple[int, Picture]]) -> list[tuple[int, Scene, bool]]:
        """Place, scene, and whether it is the ground."""
        found: list[tuple[int, Scene, bool]] = []
        for place, picture in due:
            snapshot = picture.wanted
            if snapshot is None:
                continue
            if not picture.is_begun:
                found.append((place, picture.ground(snapshot), True))
            scene = picture.scene(snapshot)
            picture.keep(scene)
            found.append((place, scene, False))
        return found

    # What the connection tells.

    def connect(self, send: Callable[[bytes | None], None]) -> None:
        """A browser is there, and has nothing yet; one before it is let go. ``send`` takes None for the end."""
        with self._lock:
            if self._send is not None:
                self._send(None)
            self._send, self._painted, self._there = send, self._sent, {}

    def disconnect(self, send: Callable[[bytes | None], None]) -> None:
        """The connection with this way to send is gone."""
        with self._lock:
            if self._send is send:
                self._send, self._there = None, {}

    def painted(self, number: int) -> None:
        """The browser has painted a message."""
        with self._lock:
            self._painted = max(self._painted, min(number, self._sent))
        self.on_painted()

    def has(self, there: dict[int, There]) -> None:
        """Which pictures the browser has; those that it built anew are given everything."""
        with self._lock:
            for place, found in there.items():
                before, picture = self._there.get(place), self._pictures.get(place)
                if picture is not None and (before is None or before.mark != found.mark):
                    picture.is_begun, picture.wanted = False, picture.shown
            self._there = there
        self.tend()

    def close(self) -> None:
        """No frames will come any more; the browser leaves with its last picture."""
        _streams.pop(self.key, None)
        with self._lock:
            self._send = None
            self._pictures.clear()


_streams: weakref.WeakValueDictionary[str, Stream] = weakref.WeakValueDictionary()


def packed(number: int, scenes: Sequence[tuple[int, Scene, bool]]) -> bytes:
    """A message as bytes."""
    heads: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for place, scene, is_ground in scenes:
        head, buffers = scene.message()
        heads.append({**head, "place": place, "is_ground": is_ground})
        for buffer in buffers:
            parts += (buffer, b"\0" * (-len(buffer) % 4))
    head = json.dumps({"number": number, "scenes": heads}, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((struct.pack("<I", len(head)), head, b"\0" * (-len(head) % 4), *parts))


def understood(text: str) -> int | dict[int, There]:
    """What a browser says: the number that it has painted, or its pictures. ValueError for anything else."""
    try:
        said: Any = json.loads(text)
        if isinstance(said, int):
            return said
        if not isinstance(said, list):
            raise TypeError("no list")
        there: dict[int, There] = {}
        for place, mark, is_seen in cast("list[Any]", said)[:MOST_PICTURES]:
            there[int(place)] = There(int(mark), bool(is_seen))
    # Nested a thousand times, infinite, of another shape.
    except (RecursionError, OverflowError, TypeError) as error:
        raise ValueError(f"neither a number nor a list of pictures ({type(error).__name__})") from None
    return there


async def frames(socket: WebSocket) -> None:
    """The connection of one page."""
    await socket.accept()
    stream = _streams.get(socket.path_params["key"])
    if stream is None:
        await socket.close(GONE)
        return
    loop, waiting = asyncio.get_running_loop(), asyncio.Queue[bytes | None]()

    def send(message: bytes | None) -> None:
        # A server that is being ended has no loop any more, and nobody to send to.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(waiting.put_nowait, message)

    async def post() -> None:
        while (message := await waiting.get()) is not None:
            await socket.send_bytes(message)
        await socket.close(GONE)

    stream.connect(send)
    posting = asyncio.create_task(post())
    try:
        while True:
            said = understood(await socket.receive_text())
            if isinstance(said, int):
                stream.painted(said)
            else:
                await run_in_threadpool(stream.has, said)
    except (WebSocketDisconnect, RuntimeError):
        # The browser has gone, or has come by another connection.
        pass
    except ValueError:
        await socket.close(MISHEARD)
    finally:
        stream.disconnect(send)
        posting.cancel()
