"""The server: one ASGI process that holds Solara's pages, the assets and the guard before both."""

from __future__ import annotations

import os
import socket
import threading
import warnings
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from abm.errors import InputError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

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

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        name = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
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
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_KERNEL_CULL_TIMEOUT": VISITOR_GONE_AFTER,
        "SOLARA_SESSION_HTTP_ONLY": "true",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_TITLE": "industry-education-abm",
        "SOLARA_THEME_VARIANT": "light",
    }
    if address.root_path:
        os.environ["SOLARA_ROOT_PATH"] = address.root_path


def application(address: Address) -> Starlette:
    """The ASGI application."""
    prepare_environment(address)
    # Said at every page that is served by plain HTTP, which is what one does on one's own machine.
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https", UserWarning)
    from solara.server import starlette as solara_pages
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Mount, Route, WebSocketRoute
    from starlette.staticfiles import StaticFiles

    from dashboards.components.live_canvas import DRAWING, VIEWS_PATH
    from dashboards.guard import Guard, own_names
    from dashboards.no_such_page import NoSuchPage, told_of_a_fault
    from dashboards.stream import PATH, frames
    from dashboards.vendor import Vendor, download

    own = [
        Mount("/vendor", Vendor()),
        Mount(VIEWS_PATH, StaticFiles(directory=DRAWING)),
        Route("/download/{key}", download),
        WebSocketRoute(PATH + "/{key}", frames),
    ]
    closed = ("/resourcez", "/_solara/api/evict/{kernel_id}")
    routes = own + [route for route in solara_pages.routes if getattr(route, "path", "") not in closed]
    first = [Middleware(Guard, names=own_names(address.host, address.hosts))]
    if address.root_path:
        first.append(Middleware(Under, root_path=address.root_path))
    return Starlette(
        routes=routes,
        middleware=[*first, Middleware(NoSuchPage), *solara_pages.middleware],
        lifespan=solara_pages.lifespan,
        exception_handlers={Exception: told_of_a_fault(address.root_path)},
    )


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
    """Load (the first time: compile) the model before the first visitor asks for it: a small world, a year and more."""
    from abm import simulation, warmup
    from abm.results import processors
    from abm.scenario import load

    with warmup.in_background(processors()):
        simulation.run(load("classroom").with_overrides(**warmup.WORLD), 1, steps=warmup.STEPS)


def serve(address: Address, *, opens_browser: bool) -> None:
    """Serve until interrupted."""
    import uvicorn

    class Server(uvicorn.Server):
        """Says where it is once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"dashboard: {address.url}   (Ctrl-C ends it)", flush=True)
            if opens_browser:
                threading.Thread(target=webbrowser.open, args=(address.url,), daemon=True).start()

    check_port(address)
    settings = uvicorn.Config(
        application(address),
        host=address.host,
        port=address.port,
        log_level="warning",
        server_header=False,
        ws_max_size=MOST_MESSAGE,
    )
    threading.Thread(target=_warm_up, name="abm-warm-up", daemon=True).start()
    Server(settings).run()
