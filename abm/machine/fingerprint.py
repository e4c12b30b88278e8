"""What compiled kernels depend on, as one hash: the code of the model.

Machine code that is older than an equation must never run, however the equation reached the kernel: so no import
is followed, and the hash covers every file that a kernel could see. It is taken of syntax trees without docstrings:
who changes a comment compiles nothing anew. Trees are parsed once for each content of a file and remembered.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from abm.machine import disk

PACKAGE = Path(__file__).parents[1]
ABOVE = ("__main__.py", "agents", "commands", "machine/arrow.py", "results")
"""What stands above the compiled model: no kernel is in it, and none can see it."""
_SECTION = re.compile(rb"^\[(\w+)\]", re.MULTILINE)
_REMEMBERED = 5000
"""Trees after which the memory begins anew."""
_hashed: dict[Path, tuple[int, int]] = {}
"""When each file that is in a hash was written, and its size."""


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def tree_hash(source: bytes) -> str:
    """Hash of what Python makes of a file: neither comments nor layout nor docstrings count."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        # Nobody can import it: it counts as it is.
        return _digest(source)
    for node in ast.walk(tree):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                statements[:] = [s for s in statements if not _is_docstring(s)]  # pyright: ignore[reportUnknownVariableType]
    return _digest(ast.dump(tree, annotate_fields=False).encode("utf-8", "surrogatepass"))


def _is_docstring(statement: object) -> bool:
    """Whether a statement is a bare string: it says something and does nothing."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _python_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [Path(place, name) for name in names if name.endswith(".py")]
    return found


def model_files() -> list[Path]:
    """Every file of the model that a kernel could see."""
    above = {PACKAGE / name for name in ABOVE}
    return [path for path in _python_files(PACKAGE) if path not in above and above.isdisjoint(path.parents)]


def _beside(path: Path) -> list[Path]:
    """A file from outside and what it may import: its whole package, or the files of its folder."""
    root = path.parent
    if not (root / "__init__.py").is_file():
        return [path, *root.glob("*.py")]
    while (root.parent / "__init__.py").is_file():
        root = root.parent
    return _python_files(root)


@cache
def fingerprint(memory: Path, outside: frozenset[Path] = frozenset(), declared: tuple[Path, ...] = ()) -> str:
    """Short hash of the model's code, of files from outside with what lies beside them, and of the catalogue's names.

    ``declared`` are parameters and levers from outside: kernels are compiled with their number and ranges.

    What trees were hashed to is remembered in the folder ``memory``.
    """
    sources = {path.relative_to(PACKAGE).as_posix(): _read(path) for path in model_files()}
    for path in {near for file in outside for near in _beside(file)}:
        sources[path.as_posix()] = _read(path)
    digest = hashlib.blake2b(digest_size=8)
    for (name, _), tree in zip(sorted(sources.items()), _trees(memory, sources), strict=True):
        digest.update(f"{name} {tree}\n".encode())
    digest.update(b" ".join(_SECTION.findall((PACKAGE / "world" / "parameters.toml").read_bytes())))
    for path in declared:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    about = path.stat()
    _hashed[path] = about.st_mtime_ns, about.st_size
    return path.read_bytes()


def is_as_hashed(path: Path) -> bool:
    """Whether a file is the one that went into the hash; a module that is loaded after an edit is not."""
    about = path.stat()
    return _hashed.get(path) == (about.st_mtime_ns, about.st_size)


def _trees(memory: Path, sources: dict[str, bytes]) -> Iterable[str]:
    """Hashes of the trees of sources, in the order of their names."""
    # Another Python parses otherwise, and so may another version of this file.
    page = memory / f"trees-{sys.implementation.cache_tag}-{_digest(Path(__file__).read_bytes())}.json"
    known: dict[str, str] = {}
    with suppress(OSError, ValueError):
        read = json.loads(page.read_text("utf-8"))
        known = read if isinstance(read, dict) else {}
    contents = [_digest(source) for _, source in sorted(sources.items())]
    new = {
        content: tree_hash(source)
        for content, (_, source) in zip(contents, sorted(sources.items()), strict=True)
        if not isinstance(known.get(content), str)
    }
    known.update(new)
    if new:
        kept = known if len(known) <= _REMEMBERED else {content: known[content] for content in contents}
        with suppress(OSError):
            with tempfile.NamedTemporaryFile("w", dir=memory, encoding="utf-8", delete=False) as file:
                json.dump(kept, file)
            try:
                disk.replace(Path(file.name), page, patience=0.0)
            finally:
                disk.discard(Path(file.name))
    return [known[content] for content in contents]
