"""The room: who is connected, the clock, the journal. It hands entries to the game one after the other, and tells each
page what it may see whenever that has changed.

A phone is told the present state, never a list of what it missed: after any break it shows what is.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import shutil
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from abm.machine import disk
from dashboards.play import journal, moves, sight
from dashboards.play.debrief import debrief, turned
from dashboards.play.game import DEBRIEF, LOBBY, Answer, Entry, Game
from dashboards.play.journal import Journal
from dashboards.play.table import Refused
from dashboards.serve.guard import Rate

AWAY_AFTER = 20.0
"""Seconds without a connection after which the model's agent plays a seat, until its player is back."""
LOOKS_EVERY = 0.1
"""Seconds between two looks at the clock."""
GATHERS = 0.03
"""Seconds for which changes are gathered before pages are told."""
MOST_LOOKERS = 60
"""Connections beyond the seats: spectators, second tabs, host, projector."""
MOST_BAD = 200
"""Malformed messages after which a connection is closed."""
PHONE, HOST, WALL = "phone", "host", "wall"


def hashed(secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Line(Protocol):
    """A connection as the room needs it."""

    async def send(self, text: str) -> None:
        """Send one message."""
        ...

    async def close(self, reason: str) -> None:
        """End it."""
        ...


@dataclass(eq=False)
class Caller:
    """One connected page."""

    line: Line
    address: str
    kind: str = ""
    """PHONE, HOST or WALL; empty until it has said hello."""
    seat: int | None = None
    tab: str = ""
    is_idle: bool = False
    """Whether another tab of the same seat plays."""
    sent: dict[str, str] = field(default_factory=dict[str, str])
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    rate: Rate = field(default_factory=lambda: Rate(burst=40, a_second=15))
    n_bad: int = 0


@dataclass
class Room:
    """A game with the people in it."""

    game: Game
    journal: Journal
    host_keys: set[str]
    """Hashes of the host's secrets: the first, and one for each time that the game was resumed."""
    begun: float = field(default_factory=time.monotonic)
    """When the clock of the game was at ``since``."""
    since: float = 0.0
    names: dict[int, str] = field(default_factory=dict[int, str])
    callers: set[Caller] = field(default_factory=set[Caller])
    story: dict[str, Any] | None = None
    """The debriefing, once the game is over."""
    is_ready: bool = False
    """Whether the model is loaded; until then nobody can start."""
    joining: Callable[[], list[str]] = field(default=list)
    """Addresses to join at."""
    wifi: str = ""
    """What a phone scans to enter the Wi-Fi; empty = not known."""
    wrong_codes: Rate = field(default_factory=lambda: Rate(burst=30, a_second=0.5))
    _queue: asyncio.Queue[tuple[Entry, asyncio.Future[Answer]]] = field(default_factory=asyncio.Queue[Any])
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _gone: dict[int, float] = field(default_factory=dict[int, float])
    _is_asked: bool = False
    _has_looked_back: bool = False

    def now(self) -> float:
        """Seconds since the game began; stands still while the server is down."""
        return self.since + time.monotonic() - self.begun

    # Entries.

    async def submit(self, entry: Entry) -> Answer:
        """Hand an entry to the game, and wait for its answer."""
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        await self._queue.put((entry, done))
        return await done

    async def work(self) -> None:
        """Take entries one by one, for ever: journal first, then the game."""
        while True:
            entry, done = await self._queue.get()
            async with self._lock:
                entry["at"] = round(self.now(), 3)
                try:
                    self.journal.write(entry)
                    before = self.game.part
                    if entry["do"] in ("start", "next", "end"):
                        # The model plays here; the others wait, and their heartbeats are answered meanwhile.
                        answer = await asyncio.to_thread(self.game.apply, entry)
                        self.journal.flush()
                    else:
                        answer = self.game.apply(entry)
                    if self.game.part == DEBRIEF and before != DEBRIEF:
                        await asyncio.to_thread(self.tell)
                    if not done.cancelled():
                        done.set_result(answer)
                except Exception as error:  # noqa: BLE001
                    # Who asked hears of it; the others play on.
                    if not done.cancelled():
                        done.set_exception(error)
            self.tell_all()

    def tell(self) -> None:
        """Write the results folder, and make the story of the game."""
        self.story = debrief(self.game)
        self.game.world.results(self.now()).save(self.results)
        # With it whoever has the results alone can run the game again (again.py).
        shutil.copyfile(self.journal.folder / journal.FILE, self.results / journal.FILE)
        self._write_story()

    def look_back(self) -> None:
        """Add to the story which deal would have done most: the game is played again for each that was missed, while
        pages show what is known already."""
        found = turned(self.game, journal.read(self.journal.folder)[1])
        assert self.story is not None
        if found is not None:
            self.story = self.story | {"turn": found}
            self._write_story()

    def _write_story(self) -> None:
        path = self.journal.folder / "debrief.json"
        half = path.with_suffix(".part")
        half.write_text(json.dumps(self.story, ensure_ascii=False, indent=1), encoding="utf-8")
        disk.replace(half, path)

    def expect_back(self) -> None:
        """After a start: whoever had a seat has it still, and a while to come back before the model's agent plays."""
        for seat in self.game.seats:
            if seat.is_here:
                self._gone[seat.n] = self.now()

    @property
    def results(self) -> Path:
        """The folder of results."""
        return self.journal.folder / "results"

    async def watch(self) -> None:
        """Look at the clock: end parts whose time is up or for which nobody waits, give the seats of those who are
        gone to the model's agents."""
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            game, now = self.game, self.now()
            if game.ends is not None and game.left_when_paused is None and not self._is_asked:
                is_over = now >= game.ends or game.is_wanted
                if is_over:
                    self._is_asked = True
                    try:
                        await self.submit({"do": "next", "part": game.part})
                    except Exception:  # noqa: BLE001
                        # A fault of ours: it is written, and the host can still end the game.
                        traceback.print_exc()
                        game.ends, game.is_wanted = None, False
                    self._is_asked = False
            if self.story is not None and not self._has_looked_back:
                self._has_looked_back = True
                try:
                    await asyncio.to_thread(self.look_back)
                except Exception:  # noqa: BLE001
                    # A fault of ours: the story stands without it.
                    traceback.print_exc()
                self.tell_all()
            for seat, since in list(self._gone.items()):
                if now - since >= AWAY_AFTER and game.seats[seat].is_here:
                    del self._gone[seat]
                    await self.submit({"do": "away", "seat": seat})

    # Pages.

    def tell_all(self) -> None:
        """Something has changed: each page is told what it sees of it."""
        for caller in self.callers:
            caller.changed.set()

    async def keep_told(self, caller: Caller) -> None:
        """Send a page what has changed for it, as fast as it takes it."""
        while True:
            await caller.changed.wait()
            await asyncio.sleep(GATHERS)
            caller.changed.clear()
            async with self._lock:
                seen = self._seen(caller)
            fresh = {part: text for part, text in seen.items() if caller.sent.get(part) != text}
            if fresh:
                parts = ",".join(f'"{part}":{text}' for part, text in fresh.items())
                await caller.line.send('{"t":"state","p":{' + parts + "}}")
                caller.sent.update(fresh)

    def _seen(self, caller: Caller) -> dict[str, str]:
        game, now = self.game, self.now()
        if caller.kind == PHONE and caller.seat is not None:
            seen = sight.phone(game, game.seats[caller.seat], self.names, now)
            seen["idle"] = caller.is_idle
            seen["player"] = self.names.get(caller.seat, "")
        elif caller.kind == HOST:
            seen = sight.host(game, self.names, now)
        else:
            seen = sight.wall(game, self.names, now)
        if caller.kind in (HOST, WALL):
            seen["room"] = {
                "code": self.journal.header.code, "joining": self.joining(), "ready": self.is_ready,
                "wifi": bool(self.wifi),
                "folder": str(self.journal.folder) if caller.kind == HOST else "",
            }  # fmt: skip
        seen["story"] = self.story
        if caller.kind == PHONE and self.story is not None and caller.seat is not None:
            seen["story"] = sight.own_story(game, game.seats[caller.seat], self.story)
        return {part: json.dumps(value, ensure_ascii=False, separators=(",", ":")) for part, value in seen.items()}

    # Connections.

    async def enter(self, caller: Caller) -> None:
        """A page has connected. Refused if the room cannot hold more."""
        if len(self.callers) >= len(self.game.seats) + MOST_LOOKERS:
            raise Refused("room_full", n=len(self.game.seats))
        self.callers.add(caller)

    async def leave(self, caller: Caller) -> None:
        """Its connection has ended."""
        self.callers.discard(caller)
        if caller.seat is not None and not self._others(caller):
            self._gone[caller.seat] = self.now()

    def _others(self, caller: Caller) -> list[Caller]:
        return [c for c in self.callers if c is not caller and c.seat == caller.seat and c.seat is not None]

    async def hear(self, caller: Caller, text: str) -> None:
        """Take one message of a page and answer it. Whatever is wrong with it is said to that page alone."""
        if not caller.rate.allows("", time.monotonic()):
            await self._bad(caller, Refused("too_fast"), None)
            return
        message: dict[str, Any] = {}
        try:
            message = moves.read(text)
            kind = message.get("t")
            if kind == "ping":
                await caller.line.send('{"t":"pong"}')
            elif kind == "hello":
                await self._hello(caller, message)
            elif kind == "move":
                await self._move(caller, message)
            elif kind == "take":
                self._take(caller)
            elif kind == "name":
                self._name(caller, message)
            elif kind == "host":
                await self._host(caller, message)
            else:
                raise Refused("malformed")
        except Refused as refused:
            await self._bad(caller, refused, message.get("id"))

    async def _bad(self, caller: Caller, refused: Refused, name: object) -> None:
        answer: dict[str, Any] = {"t": "error", "error": refused.code, "values": refused.values}
        if isinstance(name, str):
            answer["id"] = name[: moves.LONGEST_ID]
        await caller.line.send(json.dumps(answer))
        caller.n_bad += refused.code in ("malformed", "too_fast")
        if caller.n_bad > MOST_BAD:
            await caller.line.close("malformed")

    async def _hello(self, caller: Caller, message: dict[str, Any]) -> None:
        kind, secret = message.get("as", PHONE), message.get("secret")
        if kind == HOST:
            if not isinstance(secret, str) or hashed(secret) not in self.host_keys:
                self._count_wrong(caller)
                raise Refused("wrong_host")
            caller.kind = HOST
        elif kind == WALL:
            caller.kind = WALL
        elif kind == PHONE:
            await self._sit(caller, message, secret)
        else:
            raise Refused("malformed")
        caller.sent.clear()
        caller.changed.set()

    async def _sit(self, caller: Caller, message: dict[str, Any], secret: object) -> None:
        tab = message.get("tab")
        caller.tab = tab[:40] if isinstance(tab, str) else ""
        seat = self.game.seat_of(hashed(secret)) if isinstance(secret, str) and secret else None
        if seat is None:
            code = message.get("code")
            if isinstance(secret, str) and secret and not code:
                # A seat that the host has given away, or of another game.
                raise Refused("no_such_seat")
            if code != self.journal.header.code:
                self._count_wrong(caller)
                raise Refused("wrong_code")
            secret = secrets.token_urlsafe(18)
            answer = await self.submit({"do": "join", "key": hashed(secret), "role": message.get("role")})
            if "error" in answer:
                raise Refused(answer["error"], **answer["values"])
            seat = self.game.seats[answer["seat"]]
        caller.kind, caller.seat = PHONE, seat.n
        self._gone.pop(seat.n, None)
        if not seat.is_here:
            await self.submit({"do": "here", "seat": seat.n})
        self._take(caller)
        self._name(caller, message)
        await caller.line.send(json.dumps({"t": "seat", "secret": secret}))

    def _count_wrong(self, caller: Caller) -> None:
        if not self.wrong_codes.allows(caller.address):
            raise Refused("too_many_codes")

    def _take(self, caller: Caller) -> None:
        """This tab plays from now on; others of the same seat wait."""
        if caller.seat is None:
            raise Refused("malformed")
        caller.is_idle = False
        for other in self._others(caller):
            other.is_idle = True
            other.changed.set()
        caller.changed.set()

    def _name(self, caller: Caller, message: dict[str, Any]) -> None:
        name = moves.name(message.get("name"))
        if caller.seat is None or self.names.get(caller.seat, "") == name:
            return
        self.names[caller.seat] = name
        if not name:
            del self.names[caller.seat]
        self.tell_all()

    async def _move(self, caller: Caller, message: dict[str, Any]) -> None:
        if caller.kind != PHONE or caller.seat is None:
            raise Refused("no_seat")
        if caller.is_idle:
            raise Refused("other_tab")
        answer = await self.submit(moves.move(message) | {"seat": caller.seat})
        if "error" in answer:
            raise Refused(answer["error"], **answer["values"])
        await caller.line.send(json.dumps({"t": "ack", "id": message["id"]}))

    async def _host(self, caller: Caller, message: dict[str, Any]) -> None:
        if caller.kind != HOST:
            raise Refused("wrong_host")
        if message.get("do") == "names":
            self._keep_names()
            await caller.line.send(json.dumps({"t": "ack", "id": "names"}))
            return
        entry = moves.host(message)
        if entry["do"] == "start" and not self.is_ready:
            raise Refused("not_ready")
        if entry["do"] == "free":
            if entry["n"] >= len(self.game.seats):
                raise Refused("malformed")
            await self._send_away(entry["n"])
        answer = await self.submit(entry)
        if "error" in answer:
            raise Refused(answer["error"], **answer["values"])

    async def _send_away(self, seat: int) -> None:
        self.names.pop(seat, None)
        for caller in [c for c in self.callers if c.seat == seat]:
            caller.seat = None
            with suppress(Exception):
                await caller.line.send(json.dumps({"t": "error", "error": "freed", "values": {}}))

    def _keep_names(self) -> None:
        """Write who played which seat beside the results: only because the host asks for it."""
        seats = self.game.seats
        lines = [f"{n},{seats[n].role},{seats[n].row},{name}" for n, name in sorted(self.names.items())]
        path = self.journal.folder / "names.csv"
        path.write_text("\n".join(["seat,role,row,name", *lines]) + "\n", encoding="utf-8-sig")

    @property
    def is_waiting(self) -> bool:
        """Whether the game has not begun."""
        return self.game.part == LOBBY
