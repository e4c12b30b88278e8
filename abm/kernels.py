"""How the model's loops are compiled: serial, GIL-free, cached.

Numba's cache looks only at the file of a kernel, not at the equations that it calls, so a changed
equation would go unnoticed. Here the cache folder of a kernel carries a fingerprint of its file and
of every file of the package that this one imports, directly or not: edit an equation and exactly
the kernels that can see it are compiled again.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numba

PACKAGE = Path(__file__).parent
_IMPORT = re.compile(r"^from (abm[.\w]*) import (\(?)([^\n(]*)", re.MULTILINE)
_SECTION = re.compile(rb"^\[(\w+)\]", re.MULTILINE)


@cache
def _source(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _module_path(name: str) -> Path | None:
    """File of the module ``abm.x.y``, None if there is no such module."""
    stem = PACKAGE.joinpath(*name.split(".")[1:])
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _imports(path: Path) -> set[Path]:
    """Files of the package that a file imports (``from abm.x import y``)."""
    found: set[Path] = set()
    for module, _, names in _IMPORT.findall(_source(path).decode()):
        known = [_module_path(module), *(_module_path(f"{module}.{n.strip()}") for n in names.split(",") if n.strip())]
        found.update(p for p in known if p is not None)
    return found


def _closure(path: Path) -> set[Path]:
    """A file and everything of the package that it can see."""
    seen, ahead = {path}, [path]
    while ahead:
        for other in _imports(ahead.pop()) - seen:
            seen.add(other)
            ahead.append(other)
    return seen


@cache
def fingerprint(*paths: Path) -> str:
    """Short hash of source files, of all that they see, and of the names in the catalogue."""
    digest = hashlib.blake2b(digest_size=8)
    for part in sorted(set[Path]().union(*map(_closure, paths))):
        digest.update(part.relative_to(PACKAGE).as_posix().encode() + _source(part))
    digest.update(b" ".join(_SECTION.findall(_source(PACKAGE / "parameters.toml"))))
    return digest.hexdigest()


@cache
def cache_root() -> Path:
    """Folder of compiled kernels: ``ABM_CACHE_DIR``, else the user's cache, else a temporary one."""
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    root = Path(os.environ.get("ABM_CACHE_DIR") or user / "abm") / "kernels"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError:
        root = Path(tempfile.gettempdir()) / "abm-kernels"
        root.mkdir(parents=True, exist_ok=True)
    return root


def kernel(function: Callable[..., Any] | None = None, *, inline: bool = False) -> Any:
    """Compile a loop over columns. ``inline`` marks a small equation called inside kernels."""

    def compile_(f: Callable[..., Any]) -> Any:
        path = Path(f.__code__.co_filename)
        if not inline and path.is_relative_to(PACKAGE):
            numba.config.CACHE_DIR = str(cache_root() / fingerprint(path))  # pyright: ignore
        return numba.njit(f, cache=not inline, nogil=True, error_model="numpy", forceinline=inline)

    return compile_ if function is None else compile_(function)


def plugged(frame: Callable[..., Any], **parts: Any) -> Any:
    """Compile ``frame``, a plain loop, with kernels in the places of those of its globals that ``parts`` names.

    This is how one loop serves every bargaining protocol and is compiled with each as if it were written for it.
    """
    name = f"{frame.__name__}_with_" + "_".join(_origin(part) for part in parts.values())
    own = FunctionType(frame.__code__, {**frame.__globals__, **parts}, name, frame.__defaults__)
    # The cache tells functions of one file apart by this name.
    own.__qualname__, own.__module__ = name, frame.__module__
    files = [Path(f.__code__.co_filename) for f in (frame, *(getattr(p, "py_func", p) for p in parts.values()))]
    if all(path.is_relative_to(PACKAGE) for path in files):
        numba.config.CACHE_DIR = str(cache_root() / fingerprint(*files))  # pyright: ignore
    return numba.njit(own, cache=True, nogil=True, error_model="numpy")


def _origin(part: Any) -> str:
    return f"{part.__module__.rpartition('.')[2]}_{part.__name__}"


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


SMALL = 4096
"""Rows below which a second thread costs more than it gives."""


def row_blocks(n: int, threads: int, small: int = SMALL) -> list[tuple[int, int]]:
    """Cut n rows into blocks for several threads: a few more blocks than threads, one if there are few rows."""
    if threads <= 1 or n < small:
        return [(0, n)]
    size = -(-n // (4 * threads))
    return [(lo, min(lo + size, n)) for lo in range(0, n, size)]
