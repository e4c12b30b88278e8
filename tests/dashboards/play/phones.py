"""Scripted phones: sockets that join, look, bargain and deliver as people would, each with the time that it thinks."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets

from tests.dashboards.browser import free_port

Offered = tuple[int, int, int, int]
"""An offer: year, table, level, tenths."""
PATIENCE = 240.0
"""Seconds for a first start, which compiles the model."""

TOUCH = """() => {
  const press = name => { const b = document.querySelector(`[data-do=${name}]:not([disabled])`); if (b) b.click(); };
  const part = window.S && S.common && S.common.part;
  if (part === "look") { const n = document.querySelectorAll("[data-do=invite].on").length;
    const free = [...document.querySelectorAll("[data-do=invite]:not(.on):not([disabled])")];
    if (n < 2 && free.length) free[0].click(); else if (!S.me.done) press("done"); }
  if (part === "negotiate") { press("accept"); press("offer"); }
  if (part === "deliver") { const e = document.querySelector("[data-do=effort]:not(.on):not([disabled])");
    if (e && !e.parentNode.querySelector(".on")) e.click(); }
  if (part === "see") { if (!S.see.vote) press("vote"); else if (!S.me.done) press("done"); }
  return part;
}"""
"""What a page is touched with that plays by itself; the part that it is in."""

_OPENED: list[Any] = []
"""Sockets of the piece of work that runs."""


async def connect(line: str, **options: Any) -> Any:
    """A socket of its own; whoever forgets to hang up is hung up on when the work ends."""
    socket = await websockets.connect(line, max_size=None, open_timeout=30, **options)
    _OPENED.append(socket)
    return socket


def run(work: Coroutine[Any, Any, Any], seconds: float = 200) -> Any:
    """Do it on a thread of its own: where a browser is moved by hand there is a loop already. No socket stays open."""

    async def whole() -> Any:
        try:
            return await asyncio.wait_for(work, seconds)
        finally:
            while _OPENED:
                socket = _OPENED.pop()
                socket.transport.abort()
                await socket.wait_closed()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(whole())).result()


@dataclass
class Served:
    """A game that is served by a process of its own."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    log: Path
    code: str = ""
    host: str = ""

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def line(self) -> str:
        """Its socket."""
        return f"ws://127.0.0.1:{self.port}/talk"

    def kill(self) -> None:
        """As a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def state(self) -> dict[str, Any]:
        """Where the game is."""
        with urllib.request.urlopen(f"{self.address}/state", timeout=10) as answer:
            return json.loads(answer.read())


@contextmanager
def served(folder: Path, *options: str, port: int | None = None, resume: bool = False) -> Iterator[Served]:
    """A room that is ready: the model compiled, the pages answering."""
    port = port or free_port()
    game = folder / "game"
    way = ["--resume", str(game)] if resume else ["--out", str(game)]
    command = [sys.executable, "-m", "abm", "play", *options, *way, "--port", str(port), "--host", "127.0.0.1"]
    path = folder / f"server-{port}-{resume}.log"
    log = path.open("w+")
    process = subprocess.Popen(
        [*command, "--no-browser"], stdout=log, stderr=subprocess.STDOUT, text=True, env={**os.environ}
    )
    room = Served(process, port, game, path)
    try:
        end = time.monotonic() + PATIENCE
        while not _is_ready(room.address):
            assert process.poll() is None, path.read_text()
            assert time.monotonic() < end, path.read_text()
            time.sleep(0.1)
        said = path.read_text()
        room.code = said.partition("code ")[2][:4]
        room.host = said.partition("host#k=")[2].split()[0]
        yield room
        assert "Traceback" not in path.read_text(), path.read_text()
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        log.close()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


async def beat(socket: Any) -> None:
    """A page's heartbeat."""
    with suppress(websockets.ConnectionClosed):
        while True:
            await asyncio.sleep(4)
            await socket.send('{"t":"ping"}')


@dataclass
class Phone:
    """One seat that plays by itself."""

    line: str
    code: str
    seed: int = 0
    thinks: float = 0.0
    """Mean seconds before a move."""
    secret: str = ""
    seen: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    took: list[float] = field(default_factory=list[float])
    """Seconds from a move to its answer."""
    shown: dict[Offered, float] = field(default_factory=dict["Offered", float])
    """When an offer of the other side was first seen."""
    said: dict[Offered, float] = field(default_factory=dict["Offered", float])
    """When this phone made an offer."""
    began: dict[tuple[str, int], float] = field(default_factory=dict[tuple[str, int], float])
    """When a part of a round was first seen, by part and round."""
    ended: dict[tuple[str, int], float] = field(default_factory=dict[tuple[str, int], float])
    """When this phone was done with it."""
    n_moves: int = 0
    socket: Any = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _sent: dict[str, float] = field(default_factory=dict[str, float])
    _reader: Any = None
    _beat: Any = None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.tab = f"tab{self.seed}-{self.random.random()}"

    async def join(self, **more: Any) -> Phone:
        """Connect and sit down."""
        self.socket = await connect(self.line)
        hello = {"t": "hello", "as": "phone", "tab": self.tab, **more}
        hello |= {"secret": self.secret} if self.secret else {"code": self.code}
        await self.socket.send(json.dumps(hello))
        self._reader = asyncio.create_task(self._read())
        self._beat = asyncio.create_task(beat(self.socket))
        await self.until(lambda: "me" in self.seen or self.errors)
        return self

    async def leave(self) -> None:
        """Hang up."""
        await self.socket.close()
        self._reader.cancel()
        self._beat.cancel()

    async def _read(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                self._take(json.loads(text))
        self.changed.set()

    def _take(self, message: dict[str, Any]) -> None:
        now = time.monotonic()
        if message["t"] == "state":
            self.seen |= message["p"]
            common = self.seen["common"]
            self.began.setdefault((common["part"], common["round"]), now)
            for n, table in (self.seen.get("tables") or {}).items():
                offer = table["theirs"]
                if offer:
                    self.shown.setdefault((common["round"], int(n), offer["level"], offer["tenths"]), now)
        elif message["t"] == "seat":
            self.secret = message["secret"]
        elif message["t"] == "error":
            self.errors.append(message)
        if message["t"] in ("ack", "error") and message.get("id") in self._sent:
            self.took.append(now - self._sent.pop(message["id"]))
        self.changed.set()

    async def until(self, holds: Any, seconds: float = 60.0) -> None:
        """Wait for what a function says."""
        end = time.monotonic() + seconds
        while not holds():
            self.changed.clear()
            left = end - time.monotonic()
            assert left > 0, f"it did not come about: {self.part}, {self.errors[-3:]}"
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), min(left, 1.0))

    @property
    def part(self) -> str:
        """Where the game is."""
        return self.seen.get("common", {}).get("part", "")

    @property
    def role(self) -> str:
        """Which seat it has."""
        return self.seen["me"]["role"]

    async def move(self, **move: Any) -> None:
        """Send a move and wait for its answer."""
        self.n_moves += 1
        if move["do"] == "done":
            self.ended[self.part, self.seen["common"]["round"]] = time.monotonic()
        name = f"{self.tab}-{self.n_moves}"
        self._sent[name] = time.monotonic()
        await self.socket.send(json.dumps({"t": "move", "id": name, **move}))
        await self.until(lambda: name not in self._sent)

    async def think(self) -> None:
        """Take the time that a person takes."""
        if self.thinks:
            await asyncio.sleep(self.random.expovariate(1.0 / self.thinks))

    async def play(self) -> None:
        """Play until the debriefing."""
        done: tuple[Any, ...] = ()
        while self.part != "debrief":
            common = self.seen["common"]
            now = (common["part"], common["round"])
            if common["part"] == "negotiate":
                await self._bargain()
            elif now != done and common["part"] in ("look", "deliver", "see"):
                await self._part(common["part"])
                done = now
            self.changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), 0.5)

    async def _part(self, part: str) -> None:
        await self.think()
        if self.part != part:
            return
        look = self.seen.get("look") or {}
        if part == "look" and self.role == "government":
            await self.move(do="rule", share=0.2, ceiling=0.9, audits=0.2)
        elif part == "look" and self.role == "students":
            await self.move(do="thresholds", least=[max(0.0, x - 0.05) for x in look["least"]])
        elif part == "look":
            for candidate in look["candidates"][:2]:
                await self.move(do="invite", row=candidate["row"])
        elif part == "deliver":
            for one in self.seen.get("deliver") or []:
                await self.move(do="effort", row=one["row"], earnest=self.random.random() < 0.7)
        elif part == "see":
            await self.move(do="vote", card=self.random.choice(self.seen["see"]["votes"]))
        if self.part == part:
            await self.move(do="done")

    async def _bargain(self) -> None:
        for n, table in list((self.seen.get("tables") or {}).items()):
            sheet = (self.seen.get("sheets") or {}).get(n)
            if table["state"] != "open" or sheet is None or self.part != "negotiate":
                continue
            mine, theirs = table["mine"], table["theirs"]
            gains = [self._gain(sheet, table["clock"], k) for k in range(55)]
            best = max(gains)
            turn = sum(one["mine"] for one in table["said"])
            if best <= 0:
                await self.think()
                await self.move(do="walk", table=int(n))
                continue
            if theirs and gains[(theirs["level"] - 1) * 11 + theirs["tenths"]] >= (0.85 - 0.15 * turn) * best:
                await self.think()
                await self.move(do="accept", table=int(n), **theirs)
                continue
            if mine and not (theirs and turn < 6):
                # It waits for an answer.
                continue
            await self.think()
            ranks = sorted(range(55), key=lambda k: -gains[k])
            number = ranks[min(54, turn * 2)]
            level, tenths = number // 11 + 1, number % 11
            self.said.setdefault((self.seen["common"]["round"], int(n), level, tenths), time.monotonic())
            await self.move(do="offer", table=int(n), level=level, tenths=tenths)

    @staticmethod
    def _gain(sheet: dict[str, Any], clock: float, number: int) -> float:
        later = max(sheet["government"][number], sheet["students"][number])
        if later > 1:
            return -1.0
        return sheet["gain"][number] - sheet["talk"][number // 11] * (1 + sheet["rounds"] * max(clock, later))


@dataclass
class Host:
    """Who moves the game on."""

    line: str
    secret: str
    kind: str = "host"
    seen: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    shown: dict[tuple[int, str], float] = field(default_factory=dict[tuple[int, str], float])
    socket: Any = None
    _reader: Any = None
    _beat: Any = None

    async def join(self) -> Host:
        """Connect."""
        self.socket = await connect(self.line)
        await self.socket.send(json.dumps({"t": "hello", "as": self.kind, "secret": self.secret}))
        self._reader = asyncio.create_task(self._read())
        self._beat = asyncio.create_task(beat(self.socket))
        await self.until(lambda: "common" in self.seen or self.errors)
        return self

    async def _read(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                message = json.loads(text)
                if message["t"] == "state":
                    self.seen |= message["p"]
                elif message["t"] == "error":
                    self.errors.append(message)

    async def until(self, holds: Any, seconds: float = 60.0) -> None:
        """Wait for what a function says."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, (self.errors[-3:], self.seen.get("common"))
            await asyncio.sleep(0.02)

    async def does(self, do: str, **more: Any) -> None:
        """What the host can do."""
        if do == "next":
            more = {"part": self.seen["common"]["part"], **more}
        await self.socket.send(json.dumps({"t": "host", "do": do, **more}))

    async def leave(self) -> None:
        """Hang up."""
        await self.socket.close()
        self._reader.cancel()
        self._beat.cancel()
