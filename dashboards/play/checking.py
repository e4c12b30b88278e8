"""`abm play --check`: does a phone get through to this machine? It opens a page, which tries what the game needs."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from abm.machine.language import say
from dashboards.play.serving import addresses
from dashboards.serve import networks
from dashboards.serve.guard import OwnAddress, hashes, own_names
from dashboards.words import LANGUAGES
from dashboards.words import say as written

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATIENCE = 180.0
"""Seconds for which a phone is waited for."""
SCRIPT = """
var box = document.getElementById("box"), sent = Date.now();
try { localStorage.setItem("abm-check", "1"); } catch (e) { box.className = "odd"; }
var line = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/talk");
line.onopen = function () { sent = Date.now(); line.send(JSON.stringify({ t: "ping" })); };
line.onmessage = function () {
  document.getElementById("yes").hidden = false;
  document.getElementById("wait").hidden = true;
  line.send(JSON.stringify({ t: "took", ms: Date.now() - sent }));
};
line.onerror = function () {
  document.getElementById("no").hidden = false;
  document.getElementById("wait").hidden = true;
};
"""
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>body{{font:18px/1.5 system-ui,sans-serif;margin:15vh 24px;text-align:center}}"
    "#yes{{color:#00609a}}#no{{color:#a84600}}</style><div id=box><div id=wait>{wait}</div>"
    "<div id=yes hidden>{yes}</div><div id=no hidden>{no}</div></div><script>{script}</script></html>"
)


def _in_both(key: str) -> str:
    return "".join(
        f'<p lang="{language}">{escape(written(language, f"play.check.{key}"))}</p>' for language in LANGUAGES
    )


def page() -> str:
    """The page that the phone opens."""
    texts = {key: _in_both(key) for key in ("wait", "yes", "no")}
    return PAGE.format(title="abm play --check", script=SCRIPT, **texts)


def check(host: str, port: int, patience: float = PATIENCE) -> int:
    """Wait for a phone and say what came of it; 0 if one got through, 1 if none did."""
    return asyncio.run(_check(host, port, patience))


async def _check(host: str, port: int, patience: float) -> int:
    import uvicorn

    found: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    asked: list[str] = []

    async def show(request: Request) -> Response:
        asked.append(request.client.host if request.client else "?")
        return HTMLResponse(page())

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        with suppress(WebSocketDisconnect, ValueError, RuntimeError):
            told = json.loads(await socket.receive_text())
            await socket.send_text("{}")
            took = json.loads(await socket.receive_text())
            await found.put({"from": socket.client.host if socket.client else "?", **told, **took})
            await socket.receive_text()

    app = Starlette(routes=[Route("/", show), WebSocketRoute("/talk", talk)])
    settings = uvicorn.Config(
        OwnAddress(app, own_names(host), scripts=hashes(page())), host=host, port=port, log_level="warning",
        server_header=False, ws_max_size=4096, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(settings)
    serving = asyncio.create_task(server.serve())
    try:
        return await _wait(found, asked, [one.partition("?")[0] for one in addresses(port, "0000", host)], patience)
    finally:
        server.should_exit = True
        await serving


async def _wait(found: asyncio.Queue[dict[str, Any]], asked: list[str], open_at: list[str], patience: float) -> int:
    if sys.stdout.isatty():
        print(networks.drawn(open_at[0]))
    print(say("with a phone that is in the same network, scan the code above or open one of:"))
    for address in open_at:
        print(f"  {address}")
    for line in networks.advice():
        print(say("note: {what}", what=line))
    print(say("waiting {n} seconds for it; Ctrl-C ends it", n=f"{patience:.0f}"), flush=True)
    try:
        one = await asyncio.wait_for(found.get(), patience)
    except TimeoutError:
        if asked:
            stopped = say(
                "a page was opened from {where}, but its socket did not come through: a proxy or a filter of the "
                "network stops websockets. Use a router or hotspot of your own.", where=asked[-1],
            )  # fmt: skip
            print(stopped)
        else:
            print(say("no phone got through. What helps, in this order:"))
            helps = (
                say("is the phone in the same Wi-Fi? Switch mobile data off; stay even without internet"),
                say("let Python through this machine's firewall (on Windows: private and public networks)"),
                say("the Wi-Fi of a campus or hotel keeps devices apart: use a small router of your own, or a hotspot"),
            )
            for i, line in enumerate(helps, 1):
                print(f"  {i}. {line}")
        return 1
    took = int(one.get("ms", 0))
    print(say("a phone got through from {where}: {n} ms there and back. You can play.", where=one["from"], n=took))
    return 0
