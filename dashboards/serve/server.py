"""The server: one ASGI process that holds Solara's pages, the assets and the guard before both."""

from __future__ import annotations

import os
import socket
import sys
import threading
import warnings
import webbrowser
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from abm.machine.errors import InputError
from abm.machine.language import say
from dashboards.serve.networks import drawn, networks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.applications import Starlette
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dashboards.serve.guard import Guard

HEAD = Path(__file__).parent / "head"
"""Stylesheet and script that every page has in its head."""
MOST_MESSAGE = 16 * 1024**2
"""Bytes of one message from a browser: the largest upload, as base64, fits."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
VISITOR_GONE_AFTER = "15m"
"""How long a page that lost its connection may come back to what it was."""


@dataclass(frozen=True)
class Address:
    """Where the dashboard is to be reached."""

    host: str = "127.0.0.1"
    port: int = 8765
    root_path: str = ""
    """Path under which a proxy shows it, such as /abm; empty = the root."""
    hosts: tuple[str, ...] = ()
    """Further names by which browsers may call it (behind a proxy)."""
    is_behind_proxy: bool = False
    """Whether to believe a proxy on this machine who calls, and how (X-Forwarded-For and X-Forwarded-Proto)."""

    @property
    def is_everywhere(self) -> bool:
        """Whether it serves every network that the machine is in, or comes to be in."""
        return self.host in ("0.0.0.0", "::")

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        return self.called("127.0.0.1" if self.is_everywhere else self.host)

    def called(self, name: str) -> str:
        """What to type into a browser that knows the machine by a name."""
        name = f"[{name}]" if ":" in name else name
        return f"http://{name}:{self.port}{self.root_path}/"


def prepare_environment(address: Address) -> None:
    """Tell Solara how to run; it reads these once, when it is first imported."""
    os.environ |= {
        "SOLARA_APP": "dashboards.app",
        "SOLARA_MODE": "production",
        "SOLARA_ASSETS_PROXY": "false",
        "SOLARA_ASSETS_CDN": f"{address.root_path}/vendor",
        "SOLARA_ASSETS_EXTRA_LOCATIONS": str(HEAD),
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
        # Both also where they are what they would be anyway: what is not set, the first request sets for all.
        "SOLARA_BASE_URL": address.url,
        "SOLARA_ROOT_PATH": address.root_path,
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_KERNEL_CULL_TIMEOUT": VISITOR_GONE_AFTER,
        "SOLARA_SESSION_HTTP_ONLY": "true",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_TITLE": "industry-education-abm",
        "SOLARA_THEME_VARIANT": "light",
    }


def application(address: Address) -> Guard:
    prepare_environment(address)
    from dashboards.serve import ahead

    ahead.load()
    # Said at every page that is served by plain HTTP, which is what one does on one's own machine.
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https", UserWarning)
    from solara.server import server as solara_server
    from solara.server import starlette as solara_pages
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import RedirectResponse
    from starlette.routing import Mount, Route, WebSocketRoute

    from dashboards.live.beside import BESIDE
    from dashboards.live.stream import PATH, frames
    from dashboards.serve.drawings import Drawings
    from dashboards.serve.guard import Guard, OwnAddress, hashes, own_names
    from dashboards.serve.media_types import Typed
    from dashboards.serve.no_such_page import NoSuchPage, told_of_a_fault
    from dashboards.serve.vendor import Vendor, download
    from dashboards.views.live_canvas import DRAWING, VIEWS_PATH

    own = [
        Mount("/vendor", Vendor()),
        Mount(VIEWS_PATH, Drawings(directory=DRAWING)),
        Route("/download/{key}", download),
        WebSocketRoute(PATH + "/{key}", frames),
    ]
    game = BESIDE[0] if BESIDE else None
    working = _nothing if game is None else game.working
    if game is not None:
        # What is asked for without the slash would be taken for a page of the dashboard.
        to_game = RedirectResponse(f"{address.root_path}{game.path}/")
        own += [Route(game.path, lambda _request: to_game), Mount(game.path, routes=game.routes)]
    closed = ("/resourcez", "/_solara/api/evict/{kernel_id}")
    theirs = [_asked(route) for route in solara_pages.routes if getattr(route, "path", "") not in closed]
    scripts: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with solara_pages.lifespan(app), working():
            # From the page as the server makes it before anybody has asked for one.
            scripts[:] = hashes(solara_server.read_root("/", address.root_path) or "")
            scripts.extend(game.scripts if game is not None else [])
            yield

    pages: ASGIApp = Starlette(
        routes=own + theirs,
        middleware=[Middleware(NoSuchPage), Middleware(Typed), *solara_pages.middleware],
        lifespan=lifespan,
        exception_handlers={Exception: told_of_a_fault(address.root_path)},
    )
    if address.root_path:
        pages = Under(pages, address.root_path)
    names = own_names(address.host, address.hosts)
    guard = OwnAddress if address.is_everywhere else Guard
    return guard(pages, names, scripts=scripts, is_behind_proxy=address.is_behind_proxy)


@asynccontextmanager
async def _nothing() -> AsyncGenerator[None]:
    yield


def _asked(route: BaseRoute) -> BaseRoute:
    """A route of Solara's; one that needs to know which page calls refuses who does not say it."""
    from starlette.middleware import Middleware
    from starlette.routing import Route, WebSocketRoute

    from dashboards.serve.guard import OfAPage

    if isinstance(route, WebSocketRoute):
        return WebSocketRoute(route.path, route.endpoint, middleware=[Middleware(OfAPage)])
    if isinstance(route, Route) and route.path.startswith("/_solara/api/"):
        methods = list(route.methods or ())
        return Route(route.path, route.endpoint, methods=methods, middleware=[Middleware(OfAPage)])
    return route


class Under:
    """ASGI middleware: tells the pages that they are shown under a path, whether or not the proxy leaves it in what
    it asks for."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app, self.root_path = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request, its path as a whole."""
        if scope["type"] in ("http", "websocket"):
            path = str(scope["path"])
            if path != self.root_path and not path.startswith(f"{self.root_path}/"):
                path = self.root_path + path
            path = f"{path}/" if path == self.root_path else path
            scope = {**scope, "path": path, "raw_path": quote(path).encode(), "root_path": self.root_path}
        await self.app(scope, receive, send)


def check_port(address: Address) -> None:
    """Raise an InputError that says what to do if the port cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise InputError(
                f"port {address.port} on {address.host}",
                why=f"cannot be used ({error.strerror})",
                mend=f"another dashboard may be running there; choose one with --port {address.port + 1}",
            ) from None


def _warm_up() -> None:
    """Load (the first time: compile) the model before the first visitor asks for it: a small world, a year and more;
    then what the card of a failed negotiation takes."""
    from abm.quarter.negotiation.bargaining import common_terms
    from abm.results import processors, warmup
    from abm.results.simulate import simulate
    from abm.scenario import load
    from dashboards.views import table_ledger

    with warmup.in_background(processors()):
        simulate(load("classroom").with_overrides(**warmup.WORLD), 1, steps=warmup.STEPS)
    table_ledger.warm(common_terms(load("classroom").p))


def for_others(address: Address) -> list[str]:
    """How others in the networks of this machine reach it: every address, and the likeliest to be scanned."""
    if not address.is_everywhere:
        return []
    found = [address.called(network.address) for network in networks()]
    lines = [say("for others: {url}", url=url) for url in found]
    return [*lines, *(drawn(found[0]).splitlines() if found and sys.stdout.isatty() else [])]


def serve(address: Address, *, opens_browser: bool, start: str = "") -> None:
    """Serve until interrupted; ``start``: the page to open, below the address."""
    import uvicorn

    from dashboards.live.memory import few_heaps
    from dashboards.serve.closing import bear_threads_that_end
    from dashboards.serve.patience import Patient

    few_heaps()

    class Server(uvicorn.Server):
        """Says where it is once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(say("dashboard: {url}   (Ctrl-C ends it)", url=address.url + start), flush=True)
            for line in for_others(address):
                print(line, flush=True)
            if opens_browser:
                threading.Thread(target=webbrowser.open, args=(address.url + start,), daemon=True).start()

    check_port(address)
    settings = uvicorn.Config(
        application(address),
        host=address.host,
        port=address.port,
        log_level="warning",
        server_header=False,
        http=Patient,
        proxy_headers=address.is_behind_proxy,
        ws_max_size=MOST_MESSAGE,
    )
    # Now, and not before: Solara is imported with the settings that the application has made for it.
    bear_threads_that_end()
    threading.Thread(target=_warm_up, name="abm-warm-up", daemon=True).start()
    Server(settings).run()
