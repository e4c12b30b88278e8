"""A stream sends all pictures of a moment together, the newest, two at most on their way, and all again to who comes
anew."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from dashboards.live.scenes import Scene
from dashboards.live.stream import GONE, MISHEARD, PATH, Picture, Stream, There, frames, packed, understood
from tests.dashboards.asking import websocket_scope


def unpacked(message: bytes) -> dict[str, Any]:
    """The head of a message."""
    (length,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + length])


def scenes(message: bytes) -> list[tuple[int, Any]]:
    """Place and moment of each scene of a message; the ground has none."""
    return [(scene["place"], scene["meta"].get("step")) for scene in unpacked(message)["scenes"]]


class Page:
    """A stream with pictures that show numbers instead of moments."""

    def __init__(self, *read: bool) -> None:
        self.painted = 0
        self.made: list[int] = []
        self.messages: list[bytes] = []
        self.stream = Stream(self._painted)
        self.places = [self.stream.place() for _ in read]
        self.leave = [
            self.stream.add(place, self.picture(is_read)) for place, is_read in zip(self.places, read, strict=True)
        ]
        self.stream.connect(self._send)
        self.has(dict.fromkeys(self.places, True))

    def _painted(self) -> None:
        self.painted += 1

    def _send(self, message: bytes | None) -> None:
        if message is not None:
            self.messages.append(message)

    def picture(self, is_read: bool) -> Picture:
        def scene(step: Any) -> Scene:
            self.made.append(step)
            return Scene(words={"step": step})

        return Picture(scene, lambda _: Scene(), lambda _: None, is_read)

    def has(self, seen: dict[int, bool], mark: int = 1) -> None:
        self.stream.has({place: There(mark, is_seen) for place, is_seen in seen.items()})

    def show(self, step: Any, *, is_read: bool = False) -> bool:
        self.stream.want(step, is_read=is_read)
        return self.stream.tend()

    @property
    def steps(self) -> list[list[tuple[int, Any]]]:
        return [[entry for entry in scenes(message) if entry[1] is not None] for message in self.messages]


def test_pictures_of_a_moment_go_together_after_their_ground() -> None:
    page = Page(False, False, True)
    assert not page.show(1)
    assert [scenes(message) for message in page.messages] == [[(0, None), (0, 1), (1, None), (1, 1)]]
    page.show(1, is_read=True)
    assert scenes(page.messages[1]) == [(2, None), (2, 1)]
    page.stream.painted(2)
    page.show(2)
    assert scenes(page.messages[2]) == [(0, 2), (1, 2)]
    assert page.painted == 1


def test_the_newest_wins_and_what_is_skipped_is_never_made() -> None:
    page = Page(False)
    assert [page.show(step) for step in range(6)] == [False, False, True, True, True, True]
    page.stream.painted(1)
    assert not page.stream.tend()
    assert page.made == [0, 1, 5]
    assert not page.stream.tend()
    assert len(page.messages) == 3


def test_what_is_out_of_sight_gets_one_scene_and_the_newest_when_it_comes_into_sight() -> None:
    page = Page(False, False)
    page.has({0: True, 1: False})
    for step in range(3):
        page.show(step)
        page.stream.painted(step + 1)
    assert page.steps == [[(0, 0), (1, 0)], [(0, 1)], [(0, 2)]]
    page.has({0: True, 1: True})
    assert page.steps[3] == [(1, 2)]


def test_who_comes_anew_or_is_built_anew_is_given_everything_again() -> None:
    page = Page(False, False)
    page.show(4)
    page.stream.painted(1)
    page.stream.connect(page._send)
    assert not page.stream.tend()
    page.has({0: True})
    assert scenes(page.messages[-1]) == [(0, None), (0, 4)]
    page.has({0: True}, mark=2)
    assert scenes(page.messages[-1]) == [(0, None), (0, 4)]
    assert len(page.messages) == 3


def test_a_picture_that_left_gets_nothing() -> None:
    page = Page(False, False)
    page.leave[0]()
    page.show(1)
    assert page.steps == [[(1, 1)]]


def test_arrays_lie_on_whole_words_behind_the_head() -> None:
    first, second = np.arange(3, dtype=np.uint8), np.arange(6, dtype=np.float32).reshape(2, 3)
    message = packed(7, [(0, Scene("é", {"step": 1}, {"a": first, "b": second}), False)])
    head = unpacked(message)
    assert head["number"] == 7
    assert head["scenes"][0]["arrays"] == [["a", "u1", [3]], ["b", "f4", [2, 3]]]
    assert len(message) % 4 == 0
    assert message[-28:-25] == first.tobytes()
    assert message[-24:] == second.tobytes()


def test_what_a_browser_may_say() -> None:
    assert understood("12") == 12
    assert understood("[[3,1,true],[4,2,false]]") == {3: There(1, True), 4: There(2, False)}
    odd = (
        "[[1e999,1,true]]",
        "[[1,Infinity,true]]",
        "[[null,1,true]]",
        "[" * 100_000,
        '{"a":' * 100_000,
        "9" * 5000,
        "NaN",
    )
    for said in ("{}", "[1]", '["abc"]', "[[1,2]]", "nonsense", "1.5", *odd):
        with pytest.raises(ValueError):
            understood(said)


def talk(key: str, act: Callable[[Callable[[str], None], Callable[[], Awaitable[Any]]], Awaitable[None]]) -> None:
    """Connect to a stream and act: with a way to say something and a way to hear the next message."""
    app = Starlette(routes=[WebSocketRoute(PATH + "/{key}", frames)])

    async def meet() -> None:
        said, heard = asyncio.Queue[dict[str, Any]](), asyncio.Queue[Any]()
        said.put_nowait({"type": "websocket.connect"})
        serving = asyncio.create_task(app(websocket_scope(f"{PATH}/{key}"), said.get, heard.put))
        assert (await heard.get())["type"] == "websocket.accept"
        await act(lambda text: said.put_nowait({"type": "websocket.receive", "text": text}), heard.get)
        said.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await serving

    asyncio.run(asyncio.wait_for(meet(), 20))


def test_a_browser_is_sent_frames_and_let_go_for_another_or_when_it_comes_too_late() -> None:
    page = Page(False)

    async def act(say: Callable[[str], None], hear: Callable[[], Awaitable[Any]]) -> None:
        page.stream.want(3, is_read=False)  # type: ignore[arg-type]
        say("[[0,1,true]]")
        assert scenes((await hear())["bytes"]) == [(0, None), (0, 3)]
        say("1")
        while not page.painted:
            await asyncio.sleep(0.001)
        page.stream.connect(lambda _: None)
        assert (await hear())["code"] == GONE
        page.stream.close()

    async def late(_say: Callable[[str], None], hear: Callable[[], Awaitable[Any]]) -> None:
        assert (await hear())["code"] == GONE

    talk(page.stream.key, act)
    talk(page.stream.key, late)


@pytest.mark.parametrize("said", ["nonsense", "[[1e999,1,1]]", "[" * 100_000])
def test_who_talks_nonsense_is_cut_off(said: str) -> None:
    page = Page(False)

    async def act(say: Callable[[str], None], hear: Callable[[], Awaitable[Any]]) -> None:
        say(said)
        assert (await hear())["code"] == MISHEARD

    talk(page.stream.key, act)
