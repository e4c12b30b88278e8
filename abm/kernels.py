"""How the model's loops are compiled: serial, GIL-free, cached.

Numba's cache looks only at the file of a kernel, not at the equations that it calls. A changed
equation would go unnoticed, so the cache folder carries a fingerprint of every source file of the
package: edit an equation and the kernels that use it are compiled again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numba

PACKAGE = Path(__file__).parent


def fingerprint() -> str:
    """Short hash of all Python sources and the catalogue of the package."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted([*PACKAGE.rglob("*.py"), PACKAGE / "parameters.toml"]):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Folder of compiled kernels of exactly these sources; falls back to a temporary one."""
    root = os.environ.get("ABM_CACHE_DIR") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "abm"
    )
    folder = Path(root) / "kernels" / fingerprint()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"abm-kernels-{folder.name}"
        folder.mkdir(parents=True, exist_ok=True)
    return folder


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(cache_folder())  # pyright: ignore[reportAttributeAccessIssue]


def kernel(function: Callable[..., Any] | None = None, *, inline: bool = False) -> Any:
    """Compile a loop over columns. ``inline`` marks a small equation called inside kernels."""

    def compile_(f: Callable[..., Any]) -> Any:
        return numba.njit(f, cache=not inline, nogil=True, error_model="numpy")

    return compile_ if function is None else compile_(function)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="abm")


def over_blocks(work: Callable[..., None], blocks: list[tuple[int, int]], *args: Any, threads: int) -> None:
    """Call ``work(lo, hi, *args)`` for each block, on ``threads`` threads.

    Blocks must write disjoint rows; then the result does not depend on the number of threads.
    """
    if threads <= 1 or len(blocks) <= 1:
        for lo, hi in blocks:
            work(lo, hi, *args)
        return
    futures = [_pool(threads).submit(work, lo, hi, *args) for lo, hi in blocks]
    for future in futures:
        future.result()
