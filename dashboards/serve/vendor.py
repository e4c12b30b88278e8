"""/vendor: the third-party files of assets.py, gzipped and for ever in the browser's cache."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, PlainTextResponse, Response

from dashboards.controls.exports import PARCELS
from dashboards.serve import assets
from dashboards.serve.media_types import UNKNOWN, media_type
from dashboards.words import LANGUAGES, say

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

SESSION_COOKIE = "solara-session-id"
IMMUTABLE = "public, max-age=31536000, immutable"


class Vendor:
    """Serves <name>@<version>/<file>."""

    def __init__(self) -> None:
        self.root = assets.root().resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope["path"]).rpartition("/vendor/")[2]
        await self._answer(path, scope)(scope, receive, send)

    def _answer(self, path: str, scope: Scope) -> Response:
        file = self.root / path.lstrip("/")
        if scope["method"] not in ("GET", "HEAD") or not self._is_served(file):
            return PlainTextResponse("not found", 404)
        kind = media_type(file.name) or UNKNOWN
        headers = {"Cache-Control": IMMUTABLE, "Vary": "Accept-Encoding"}
        accepted = dict(scope["headers"]).get(b"accept-encoding", b"")
        zipped = file.with_name(file.name + ".gz")
        if b"gzip" in accepted and zipped.is_file():
            return FileResponse(zipped, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
        return FileResponse(file, media_type=kind, headers=headers)

    def _is_served(self, file: Path) -> bool:
        try:
            resolved = file.resolve()
            is_own = resolved.is_relative_to(self.root) and "@" in str(resolved.relative_to(self.root))
            return is_own and resolved.is_file()
        except (OSError, ValueError):
            # A name that no file can have: too long, or with a NUL.
            return False


async def download(request: Request) -> Response:
    """A finished export, for the visitor who asked for it."""
    visitor = request.cookies.get(SESSION_COOKIE, "")
    parcel = PARCELS.take(visitor, request.path_params["key"])
    if parcel is None:
        return PlainTextResponse("\n".join(say(language, "refused.download") for language in LANGUAGES), 404)
    headers = {"Content-Disposition": f'attachment; filename="{parcel.name}"', "Cache-Control": "no-store"}
    return Response(parcel.content, media_type="application/octet-stream", headers=headers)
