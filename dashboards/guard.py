"""The guard before everything: who may ask, how often, and what a browser may do with the answers.

A page on another site can make a visitor's browser call this server, and a name can be made to point to
it (DNS rebinding). So the Host must be one of ours and the Origin, where a browser sends one, the same;
this holds for websockets too, which browsers open across sites without asking.
"""

from __future__ import annotations

import socket
import time
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from dashboards.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_BODY = 64 * 1024
"""Bytes of a request's body; uploads come over the websocket, which has a limit of its own."""
POLICY = {
    "default-src": "'self'",
    # Vue compiles templates in the browser, and widgets' modules come as blobs.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
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
    """ASGI middleware: refuses what it must and puts the protective headers on every answer."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app, self.names = app, names
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
            await self.app(scope, receive, self._protected(scope, send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[1].partition("\n")[0][:60]})
        else:
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, self._protected(scope, send))

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason why a request is refused; None for one that may pass."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(f"//{host}") not in self.names:
            return 421, _in_both("name", host=host[:80])
        origin = headers.get("origin")
        if origin is not None and _name(origin) not in self.names:
            return 403, _in_both("origin", origin=origin[:80])
        if scope["type"] == "websocket" and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            # Behind a proxy the port may differ; the names have been looked at above.
            is_proxied = "x-forwarded-host" in headers or "x-forwarded-for" in headers
            if not is_proxied:
                return 403, _in_both("port")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BODY:
            return 413, _in_both("body", n=f"{MOST_BODY:,}")
        caller = (scope.get("client") or ("unknown", 0))[0]
        rate = self.sockets if scope["type"] == "websocket" else self.requests
        return None if rate.allows(str(caller)) else (429, _in_both("rate"))

    def _protected(self, scope: Scope, send: Send) -> Send:
        if scope["type"] != "http":
            return send
        host = Headers(scope=scope).get("host", "")
        # Not every browser takes 'self' for websockets.
        policy = POLICY | {"connect-src": f"'self' ws://{host} wss://{host}" if host else "'self'"}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = "; ".join(f"{key} {value}" for key, value in policy.items())
            await send(message)

        return with_headers


def _in_both(key: str, **values: object) -> str:
    """A refusal in every language, a line each: whoever asks may have no page on which a language was chosen."""
    return "\n".join(say(language, f"refused.{key}", **values) for language in LANGUAGES)


def _name(address: str) -> str:
    """Host name of an address; empty for none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
