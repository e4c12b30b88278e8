"""The server of the game: three pages, a socket, a code to scan. Nothing comes from elsewhere; nothing is Solara."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
import webbrowser
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from abm.scenario.policies import rules
from abm.world.vocabulary import AIMS, CAUSES, LEVELS, PARTIES, STAGES
from dashboards.play import moves, sight
from dashboards.play.game import Game
from dashboards.play.plan import Plan, names, plan
from dashboards.play.room import Caller, Room
from dashboards.play.table import Refused
from dashboards.serve.guard import OwnAddress, hashes, own_names
from dashboards.serve.networks import joining, networks, picture
from dashboards.words import LANGUAGES, section

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.requests import Request

PAGES = Path(__file__).with_name("pages")
NAMES = ("phone", "host", "wall")
QUIET = 45.0
"""Seconds without a word (pages send a heartbeat every few) after which a connection is taken for dead."""


@cache
def page(name: str) -> str:
    """One page, whole: style, words in both languages and script in it; one request is all that a phone needs."""
    parts = {
        "STYLE": _small("play.css") + _small(f"{name}.css"),
        "WORDS": json.dumps({language: _words(language, name) for language in LANGUAGES}, ensure_ascii=False),
        "SCRIPT": _small("play.js") + _small(f"{name}.js"),
    }
    html = (PAGES / "page.html").read_text("utf-8").replace("{{NAME}}", name)
    for key, text in parts.items():
        html = html.replace("{{" + key + "}}", text)
    return html


def _small(name: str) -> str:
    """A file of the pages without what is for its readers only: indents, lines that are comments, spaces around what
    joins, chooses and compares."""
    lines = (line.strip() for line in (PAGES / name).read_text("utf-8").splitlines())
    kept = "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))
    for spaced in ('" + ', ' + "', ' ? "', '" : "', " === ", " !== ", " && ", " || "):
        kept = kept.replace(spaced, spaced.replace(" ", ""))
    return kept


def _words(language: str, name: str) -> dict[str, Any]:
    """What a page says: its own words, those of all pages, and the model's lists."""
    found: dict[str, Any] = {"percent": section(language, "play")["percent"]}
    for key, text in section(language, "play").items():
        head, _, tail = key.partition(".")
        if head == "all" or head == name:
            found[tail] = text
    cards = {
        rule.name: rule.label_zh if language == "zh" else rule.label
        for rule in rules().values()
        if any(rule.name in plan_cards for plan_cards in _cards())
    }
    return found | {
        "levels": LEVELS.labels(language), "parties": PARTIES.labels(language), "causes": CAUSES.labels(language),
        "aims": AIMS.labels(language), "stages": STAGES.labels(language), "cards": cards,
    }  # fmt: skip


@cache
def _cards() -> list[tuple[str, ...]]:
    return [plan(name).cards for name in names()]


class _Socket:
    """A websocket as the room needs it."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self._writing = asyncio.Lock()

    async def send(self, text: str) -> None:
        """Send one message; an end of the connection is for the reader to find."""
        with suppress(RuntimeError, WebSocketDisconnect, OSError):
            async with self._writing:
                await self.socket.send_text(text)

    async def close(self, reason: str) -> None:
        """End it."""
        with suppress(RuntimeError, WebSocketDisconnect, OSError):
            await self.socket.close(1008, reason)


def parts(room: Room) -> tuple[list[BaseRoute], Callable[[], AbstractAsyncContextManager[None]]]:
    """The pages and the socket of one room, and what works for it as long as they are served."""

    def show(name: str) -> Callable[[Request], Any]:
        async def answer(_request: Request) -> Response:
            return HTMLResponse(page(name), headers={"Cache-Control": "no-cache"})

        return answer

    async def code(request: Request) -> Response:
        asked = request.query_params.get("of", "")
        found = room.joining()
        if asked == "wifi" and room.wifi:
            return Response(picture(room.wifi), media_type="image/svg+xml")
        address = found[int(asked)] if asked.isdecimal() and int(asked) < len(found) else found[0]
        return Response(picture(address), media_type="image/svg+xml")

    async def ready(_request: Request) -> Response:
        return PlainTextResponse("ready" if room.is_ready else "loading", 200 if room.is_ready else 503)

    async def state(_request: Request) -> Response:
        return JSONResponse({"people": sum(s.is_person for s in room.game.seats), "part": room.game.part})

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        line = _Socket(socket)
        caller = Caller(line, str(socket.client.host if socket.client else "unknown"))
        try:
            await room.enter(caller)
        except Refused as refused:
            await line.send(json.dumps({"t": "error", "error": refused.code, "values": refused.values}))
            await line.close(refused.code)
            return
        telling = asyncio.create_task(room.keep_told(caller))
        try:
            while True:
                message = await asyncio.wait_for(socket.receive(), QUIET)
                if message["type"] == "websocket.disconnect":
                    break
                text = message.get("text")
                await room.hear(caller, text if isinstance(text, str) else "")
        except (WebSocketDisconnect, TimeoutError, RuntimeError, OSError):
            pass
        finally:
            telling.cancel()
            await room.leave(caller)
            await line.close("bye")

    @asynccontextmanager
    async def working() -> AsyncGenerator[None]:
        tasks = [asyncio.create_task(room.work()), asyncio.create_task(room.watch()), asyncio.create_task(warm(room))]
        yield
        for task in tasks:
            task.cancel()
        room.journal.close()

    routes: list[BaseRoute] = [
        *(Route("/" if name == "phone" else f"/{name}", show(name)) for name in NAMES),
        Route("/code.svg", code), Route("/readyz", ready), Route("/state", state), WebSocketRoute("/talk", talk),
    ]  # fmt: skip
    return routes, working


def scripts() -> list[str]:
    """Hashes of what stands in the pages."""
    return [one for name in NAMES for one in hashes(page(name))]


def application(room: Room, names: frozenset[str]) -> OwnAddress:
    """The game alone, behind the guard."""
    routes, working = parts(room)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with working():
            yield

    return OwnAddress(Starlette(routes=routes, lifespan=lifespan), names, scripts=scripts())


async def warm(room: Room) -> None:
    """Load (the first time: compile) the model before the game starts."""
    await asyncio.to_thread(rehearse, room.game.plan)
    room.is_ready = True
    room.tell_all()


def rehearse(plan: Plan) -> None:
    """Play a year of a game of its own in which people do all that they can, and write what is left of it."""
    game = Game(plan)
    for n in range(2):
        game.apply({"do": "join", "at": 0.0, "key": str(n)})
    game.apply({"do": "start", "at": 0.0})
    for seat in game.seats[:2]:
        for candidate in game.candidates(seat)[:1]:
            game.apply({"do": "invite", "at": 0.0, "seat": seat.n, "id": "invite", "row": candidate["row"]})
    for _ in range(3):
        for seat in game.seats[:2]:
            sight.phone(game, seat, {}, 0.0)
            for row, _, _ in game.contracts(seat):
                game.apply({"do": "effort", "at": 0.0, "seat": seat.n, "id": f"{row}", "row": row, "earnest": True})
        game.apply({"do": "next", "at": 0.0})
    sight.host(game, {}, 0.0)
    game.world.results().result_hash()


def new_code() -> str:
    """Four figures, none of which is easily misread."""
    return "".join(secrets.choice("23456789") for _ in range(4))


def addresses(port: int, code: str, host: str, path: str = "/") -> list[str]:
    """Where phones join, the likeliest first; on loopback this machine alone. ``path``: of the game on the server."""
    if host not in ("0.0.0.0", "::"):
        return [joining(host, port, code, path)]
    found = [joining(network.address, port, code, path) for network in networks()]
    return found or [joining("127.0.0.1", port, code, path)]


def serve(room: Room, host: str, port: int, hosts: tuple[str, ...], *, opens_browser: str = "") -> None:
    """Serve until interrupted."""
    import uvicorn

    from dashboards.serve.patience import Patient

    class Server(uvicorn.Server):
        """Opens the host's page once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if opens_browser:
                threading.Thread(target=webbrowser.open, args=(opens_browser,), daemon=True).start()

    settings = uvicorn.Config(
        application(room, own_names(host, hosts)), host=host, port=port, log_level="warning",
        server_header=False, http=Patient, proxy_headers=False, ws_max_size=2 * moves.MOST_BYTES, ws_ping_interval=20.0,
        ws_per_message_deflate=False, timeout_graceful_shutdown=2,
    )  # fmt: skip
    Server(settings).run()
