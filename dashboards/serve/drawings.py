"""/views: how views are drawn. Their Python lies beside it and stays here."""

from __future__ import annotations

import os

from starlette.staticfiles import StaticFiles

DRAWN_BY = (".js", ".css")


class Drawings(StaticFiles):
    """Gives out scripts and styles of a folder, and nothing else in it."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where a file lies, and what it is; nothing for any other."""
        return super().lookup_path(path) if path.endswith(DRAWN_BY) else ("", None)
