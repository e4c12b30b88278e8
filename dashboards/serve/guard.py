"""The guard before everything: who may ask, how often, and what a browser may do with the answers.

A page on another site can make a visitor's browser call this server, and a name can be made to point to
it (DNS rebinding). So the Host must be one of ours and the Origin, where a browser sends one, the same;
this holds for websockets too, which browsers open across sites without asking.

What proxies say in headers nobody behind the guard is told: Solara would take the path under which it shows its
pages, for all visitors and as it stands, from the first request that names one.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import time
from collections import OrderedDict
from contextlib import suppress
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse

from dashboards.words import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_BODY = 64 * 1024
"""Bytes of a request's body; uploads come over the websocket, which has a limit of its own."""
POLICY = {
    "default-src": "'self'",
    # Vue compiles templates in the browser, and widgets' modules come as blobs. Of the scripts that stand in a page
    # those of Solara's template run, named by their hashes (``Guard``), and no others.
    "script-src": "'self' 'unsafe-eval' blob:",
    # Vuetify writes styles into elements and into the head while the page lives: they cannot be named ahead.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


OF_PROXIES = ("forwarded", "script-name", "x-script-name", "x-real-ip", "x-original-url", "x-rewrite-url")
"""Headers in which a proxy tells of itself; so does every other that begins with ``x-forwarded-``. What one that is
trusted says of the caller, the server has entered into the scope before."""
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.IGNORECASE)
ORIGIN = re.compile(rf"https?://{HOST.pattern}", re.IGNORECASE)


class _Inline(HTMLParser):
    """Finds the scripts that stand in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._parts: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A script of the page's own begins."""
        if tag == "script" and "src" not in dict(attrs):
            self._parts = []

    def handle_data(self, data: str) -> None:
        """A part of it."""
        if self._parts is not None:
            self._parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        """It is whole."""
        if tag == "script" and self._parts is not None:
            self.scripts.append("".join(self._parts))
            self._parts = None


def hashes(page: str) -> list[str]:
    """How a policy names the scripts that stand in a page."""
    parser = _Inline()
    parser.feed(page.replace("\r\n", "\n"))
    parser.close()
    digests = (hashlib.sha256(script.encode()).digest() for script in parser.scripts)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


class Rate:
    """So many at once and so many a second for each caller; a bucket that fills up again."""

    MOST_CALLERS = 4096

    def __init__(self, burst: float, a_second: float) -> None:
        self.burst, self.a_second = burst, a_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, caller: str, now: float | None = None) -> bool:
        """Whether one more call of this caller is within the limit; counts it if so."""
        at = time.monotonic() if now is None else now
        left, since = self._left.pop(caller, (self.burst, at))
        left = min(self.burst, left + (at - since) * self.a_second)
        is_allowed = left >= 1.0
        self._left[caller] = (left - 1.0 if is_allowed else left, at)
        if len(self._left) > self.MOST_CALLERS:
            self._left.popitem(last=False)
        return is_allowed


def own_names(host: str, further: Iterable[str] = ()) -> frozenset[str]:
    """Names by which this server may be called: loopback, and the machine's own if it serves beyond that."""
    found = {*LOOPBACK, host, *further}
    if host not in LOOPBACK:
        name = socket.gethostname()
        found |= {name, socket.getfqdn(), f"{name}.local"}
        with suppress(OSError):
            found |= {str(place[4][0]) for place in socket.getaddrinfo(name, None)}
        # The address of the interface that leads out; nothing is sent by connecting a datagram socket.
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            found.add(str(probe.getsockname()[0]))
    return frozenset(name.lower() for name in found)


class Guard:
    """ASGI application before all others: refuses what it must and puts the protective headers on every answer.

    ``scripts``: hashes of the scripts that may stand in pages; who knows them may add them later.
    """

    def __init__(
        self, app: ASGIApp, names: frozenset[str], *, scripts: Sequence[str] = (), is_behind_proxy: bool = False
    ) -> None:
        self.app, self.names, self.scripts, self.is_behind_proxy = app, names, scripts, is_behind_proxy
        # A class behind one address opens its pages at the same moment: about 45 files each, once.
        self.requests = Rate(burst=3000, a_second=200)
        self.sockets = Rate(burst=120, a_second=4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal is None:
            await self.app(_untold(scope), receive, self._protected(scope, send))
        else:
            await _refuse(refusal, scope, receive, self._protected(scope, send))

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason why a request is refused; None for one that may pass."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not HOST.fullmatch(host) or _name(f"//{host}") not in self.names or len(headers.getlist("host")) > 1:
            return 421, _in_both("name", host=host[:80])
        if "\0" in scope["path"] or not scope.get("query_string", b"").isascii():
            return 400, _in_both("address")
        origin = headers.get("origin")
        if origin is not None and not (ORIGIN.fullmatch(origin) and _name(origin) in self.names):
            return 403, _in_both("origin", origin=origin[:80])
        # Behind a proxy the port may differ; the names have been looked at above.
        is_exact = scope["type"] == "websocket" and not self.is_behind_proxy
        if is_exact and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return 403, _in_both("port")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BODY:
            return 413, _in_both("body", n=f"{MOST_BODY:,}")
        if "transfer-encoding" in headers:
            return 411, _in_both("length")
        caller = (scope.get("client") or ("unknown", 0))[0]
        rate = self.sockets if scope["type"] == "websocket" else self.requests
        return None if rate.allows(str(caller)) else (429, _in_both("rate"))

    def _protected(self, scope: Scope, send: Send) -> Send:
        if scope["type"] != "http":
            return send
        host = Headers(scope=scope).get("host", "")
        # Not every browser takes 'self' for websockets.
        own = f"'self' ws://{host} wss://{host}" if HOST.fullmatch(host) else "'self'"
        policy = POLICY | {"connect-src": own, "script-src": " ".join((POLICY["script-src"], *self.scripts))}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = "; ".join(f"{key} {value}" for key, value in policy.items())
            await send(message)

        return with_headers


class OwnAddress(Guard):
    """A guard that lets a page call the server by the very address at which it was reached: others come by whatever
    network the machine is in, and networks (a hotspot that is switched on) come while it serves."""

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """As of any guard."""
        reached = scope.get("server")
        if reached and reached[0] and reached[0] not in self.names:
            own = socket_address(str(reached[0]))
            if own:
                self.names = self.names | {own}
        return super().refusal(scope)


def socket_address(text: str) -> str:
    """An address of a socket as browsers write it: IPv4 in IPv6 as plain IPv4."""
    return text.removeprefix("::ffff:") if text.replace(".", "").replace(":", "").isalnum() else ""


class OfAPage:
    """ASGI middleware: refuses a request that does not say which page it comes from (``session_id``).

    And one that would open the page of another visitor: Solara refuses that too, but only on a thread that it keeps
    for half a second, and with a traceback.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if QueryParams(scope["query_string"]).get("session_id") and not _is_anothers(scope):
            await self.app(scope, receive, send)
        else:
            await _refuse((400, _in_both("page")), scope, receive, send)


def _is_anothers(scope: Scope) -> bool:
    """Whether the page that a request names belongs to another visitor."""
    from solara.server.kernel_context import contexts
    from solara.server.server import get_session_id_cookie

    page = contexts.get(str(scope.get("path_params", {}).get("kernel_id", "")))
    return page is not None and page.session_id != get_session_id_cookie(HTTPConnection(scope).cookies)


async def _refuse(refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": refusal[1].partition("\n")[0][:60]})
    else:
        # Closed: what follows, such as a body without end, is not read.
        await PlainTextResponse(refusal[1], refusal[0], {"Connection": "close"})(scope, receive, send)


def _untold(scope: Scope) -> Scope:
    """The same request without what proxies say of themselves."""
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if not name.lower().startswith(b"x-forwarded-") and name.lower().decode("latin-1") not in OF_PROXIES
    ]
    return {**scope, "headers": kept}


def _in_both(key: str, **values: object) -> str:
    """A refusal in every language, a line each: whoever asks may have no page on which a language was chosen."""
    return "\n".join(say(language, f"refused.{key}", **values) for language in LANGUAGES)


def _name(address: str) -> str:
    """Host name of an address; empty for none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
