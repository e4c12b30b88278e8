"""How the model's loops are compiled: serial, GIL-free, cached.

Numba's cache looks only at the file of a kernel, not at the equations that it calls, so a changed equation would go
unnoticed, and a changed comment would not. Here compiled kernels lie in a folder that is named after the code of the
whole model (fingerprint.py): edit an equation and they are compiled again, touch a file and they are found again.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.types import unliteral

from abm.machine import disk, own_folder, plugins
from abm.machine.fingerprint import PACKAGE, fingerprint, is_as_hashed

_UNUSED = 30 * 86_400
"""Seconds after which compiled kernels that no run has asked for are thrown away."""


@cache
def cache_root() -> Path | None:
    """Folder of compiled kernels, this user's own: in ``ABM_CACHE_DIR``, else in the user's cache, else in a temporary
    folder; None, with a warning, where none of them can be written and trusted."""
    causes: list[str] = []
    for below, *names in _places():
        try:
            return own_folder.made(below, *names)
        except OSError as error:
            causes.append(str(error))
    _warn_uncached(causes)
    return None


def _places() -> Iterator[tuple[Path, *tuple[str, ...]]]:
    """Where the folder may be: below an existing folder, the names of those that must be this user's own."""
    chosen = os.environ.get("ABM_CACHE_DIR")
    if chosen:
        yield Path(chosen), "kernels"
    else:
        # A user whom the system does not know has no home.
        with suppress(RuntimeError):
            yield Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()), "abm", "kernels"
    yield Path(tempfile.gettempdir()), f"abm-{own_folder.user() or 0}", "kernels"


@cache
def trusted(mark: str) -> Path | None:
    """Folder of the kernels with a fingerprint; None, with a warning, if another user put something there."""
    root = cache_root()
    if root is None:
        return None
    try:
        own_folder.check(root / mark)
    except OSError as error:
        _warn_uncached([str(error)])
        return None
    return root / mark


def _warn_uncached(causes: list[str]) -> None:
    why = "; ".join(causes)
    mend = "give a folder of your own as ABM_CACHE_DIR, or remove what is named"
    warnings.warn(
        f"compiled kernels are not kept ({why}): each start compiles anew; {mend}", RuntimeWarning, stacklevel=2
    )


@cache
def kernels_folder(outside: frozenset[Path] = frozenset()) -> Path | None:
    """Folder of the kernels of this very code, None where they are not kept.

    ``outside`` are the files beyond the package that they come from.
    """
    root = cache_root()
    declared = tuple(path for name in plugins.DECLARATIONS for path in plugins.declared(name))
    folder = trusted(fingerprint(root, outside, declared)) if root is not None else None
    if root is not None and folder is not None:
        if not folder.is_dir():
            folder.mkdir(mode=own_folder.PRIVATE, exist_ok=True)
            _throw_away_unused(root)
        os.utime(folder)
    return folder


def _throw_away_unused(root: Path) -> None:
    for folder in root.iterdir():
        if re.fullmatch("[0-9a-f]{16}", folder.name) and folder.stat().st_mtime < time.time() - _UNUSED:
            disk.discard(folder)


def _what_it_does(code: CodeType, docstring: str | None) -> bytes:
    """All of a function's code but its docstring and its place in the file; numba itself looks at the first part."""
    constants = [c for i, c in enumerate(code.co_consts) if i or docstring is None or c != docstring]
    parts = [_what_it_does(c, None) if isinstance(c, CodeType) else repr(c).encode() for c in constants]
    return b"\n".join([code.co_code, repr(code.co_names).encode(), *parts])


def _folder_of(function: Callable[..., Any]) -> Path | None:
    """Folder for the machine code of a function from a file of the package or from outside; None if from no file."""
    sources: tuple[str, ...] = getattr(function, "sources", (function.__code__.co_filename,))
    outside = frozenset(path for path in map(Path, sources) if not path.is_relative_to(PACKAGE))
    return kernels_folder(outside) if all(path.is_file() for path in outside) else None


class _Locator:
    """Where numba keeps the machine code of a function, and what it is called there."""

    def __init__(self, function: FunctionType, file: str):
        self._py_file, folder = file, _folder_of(function)
        assert folder is not None
        place = Path(file).parent
        place = place.relative_to(PACKAGE) if place.is_relative_to(PACKAGE) else place
        label = re.sub(r"\W+", "_", place.as_posix()).strip("_")[-40:]
        self._folder = folder / f"{label}-{hashlib.blake2b(place.as_posix().encode(), digest_size=4).hexdigest()}"
        code = _what_it_does(function.__code__, function.__doc__)
        self._body = hashlib.blake2b(code, digest_size=4).hexdigest()

    @classmethod
    def from_function(cls, function: FunctionType, file: str) -> _Locator:
        """The locator of a function in a file."""
        return cls(function, file)

    def ensure_cache_path(self) -> None:
        """Numba asks for this before it writes."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """Where numba writes and looks: the folder, made if need be."""
        self.ensure_cache_path()
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """What has to be the same for machine code to be used again: the folder's name says it already."""
        return self._folder.parent.name

    def get_disambiguator(self) -> str:
        """Tells functions of one name in one file apart."""
        return self._body


class _KeptKernel(CompileResultCacheImpl):
    _locator_classes = (_Locator,)  # pyright: ignore


class _KernelCache(FunctionCache):
    _impl_class = _KeptKernel

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        """What tells the versions of a function apart: its body and types, and numbers from around it.

        Kernels from around it are in its name already; pickles of them would be others in every process.
        """
        key = super()._index_key(sig, codegen)
        return (*key[:-1], key[-1][0]) if hasattr(self._py_func, "sources") else key

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kept machine code; None if there is none, or if it asks for modules by names that they no longer have."""
        try:
            return super().load_overload(sig, target_context)
        except (ImportError, AttributeError):
            return None


_FOR_PYTHON: dict[str, Any] = {"no_cfunc_wrapper": True}
"""Nobody calls a kernel from C: what that would need is not compiled."""


def _compile(function: Callable[..., Any], *, inline: bool = False, borrows: bool = False) -> Any:
    options: dict[str, Any] = {"forceinline": inline, "_nrt": not borrows, **_FOR_PYTHON}
    made: Any = numba.njit(function, nogil=True, error_model="numpy", **options)
    is_jitted = hasattr(made, "enable_caching")
    if is_jitted:
        made.get_call_template = partial(_by_type, made.get_call_template)
        if borrows:
            made.add_overload = partial(_only_borrowed, made.add_overload)
    if not inline and is_jitted and _folder_of(function) and is_as_hashed(Path(function.__code__.co_filename)):
        # What njit(cache=True) does, with our own idea of what is fresh.
        made._cache = _KernelCache(function)  # pyright: ignore
    return made


def _only_borrowed(add: Callable[[Any], None], compiled: Any) -> None:
    """Take a compiled version of a kernel that makes no arrays: one that gives an array away would give it uncounted,
    and it would be freed while others work on it."""
    given = compiled.signature.return_type
    if compiled.target_context.data_model_manager[given].contains_nrt_meminfo():
        raise TypeError(f"the kernel {compiled.fndesc.qualname} gives arrays away ({given}): take `borrows` from it")
    add(compiled)


def _by_type(find: Callable[..., Any], args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
    """What a kernel calls: one version for all numbers of a type, where numba would compile one for each constant."""
    return find(tuple(map(unliteral, args)), {name: unliteral(kind) for name, kind in kws.items()})


def kernel(function: Callable[..., Any] | None = None, *, inline: bool = False, borrows: bool = False) -> Any:
    """Compile a loop over columns. ``inline`` marks a small equation called inside kernels.

    ``borrows`` marks one that makes no arrays, but works on those that it is given: then nothing counts who holds
    them. To count takes an instruction that waits for all processors, and in small kernels most of the time.
    """
    made = partial(_compile, inline=inline, borrows=borrows)
    return made if function is None else made(function)


def is_kernel(function: object) -> bool:
    """Whether a function is compiled, or would be where Python compiles at all."""
    return hasattr(function, "py_func") or bool(numba.config.DISABLE_JIT)  # pyright: ignore


def kernel_of_parts(loop: Callable[..., Any]) -> Any:
    """Compile a loop that is defined inside a function and calls kernels that it finds there, its parts.

    This is how one loop serves every bargaining protocol and is compiled with each as if it were written for it.
    """
    parts = [cell.cell_contents for cell in loop.__closure__ or ()]
    # The cache tells functions of one file apart by this name.
    loop.__name__ = loop.__qualname__ = f"{loop.__name__}_with_" + "_".join(map(_origin, parts))
    plain = (loop, *(getattr(part, "py_func", part) for part in parts))
    loop.sources = tuple(f.__code__.co_filename for f in plain)  # pyright: ignore
    return _compile(loop)


def _origin(part: Any) -> str:
    return f"{part.__module__.rpartition('.')[2]}_{part.__name__}"


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="abm")


if hasattr(os, "register_at_fork"):
    # A forked process has the pool and none of its threads: what it hands in would never be done.
    os.register_at_fork(after_in_child=_pool.cache_clear)


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


def beside(work: Callable[..., Any], *args: Any, threads: int) -> Future[Any]:
    """``work(*args)``, done beside what comes next where there is a second of ``threads``, else at once.

    It must read nothing that is written meanwhile.
    """
    if threads > 1:
        return _pool(threads).submit(work, *args)
    done: Future[Any] = Future()
    done.set_result(work(*args))
    return done


SMALL = 4096
"""Rows below which a second thread costs more than it gives."""


def row_blocks(n: int, threads: int, small: int = SMALL) -> list[tuple[int, int]]:
    """Cut n rows into blocks for several threads: a few more blocks than threads, one if there are few rows."""
    if threads <= 1 or n < small:
        return [(0, n)]
    size = -(-n // (4 * threads))
    return [(lo, min(lo + size, n)) for lo in range(0, n, size)]
