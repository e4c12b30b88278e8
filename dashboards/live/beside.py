"""What the server shows beside the pages where it was allowed to: the game of `abm dashboard --allow-play`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


@dataclass(frozen=True)
class Beside:
    """Pages of their own below a path of the server."""

    path: str
    routes: Sequence[BaseRoute]
    working: Callable[[], AbstractAsyncContextManager[None]]
    """What works for them as long as they are served."""
    scripts: Sequence[str]
    """Hashes of the scripts that stand in them."""


BESIDE: list[Beside] = []
"""None or one: said before the server starts."""
