"""How long a connection may take to say what it wants: Uvicorn waits for ever, and each wait holds a place."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

WITHIN = 20.0
"""Seconds from the first byte of a request until its head is whole, and for a body that nobody reads."""
_Base: Any = AutoHTTPProtocol


class Patient(_Base):
    """Uvicorn's protocol; hangs up on a connection that begins a request and does not get on with it."""

    _limit: Any = None

    def connection_made(self, transport: Any) -> None:
        """Somebody has called, and should say something."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """A part of a request, or of what follows a request that is answered."""
        super().data_received(data)
        if self._is_idle():
            self._wait()
        else:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._stop()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        """Whether no answer is being made; a websocket has a protocol of its own."""
        is_ours = not self.transport.is_closing() and self.transport.get_protocol() is self
        return is_ours and (self.cycle is None or self.cycle.response_complete)

    def _wait(self) -> None:
        # Not put off by what trickles in.
        if self._limit is None:
            self._limit = self.loop.call_later(WITHIN, self._over)

    def _stop(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _over(self) -> None:
        self._limit = None
        if self._is_idle():
            self.transport.close()
