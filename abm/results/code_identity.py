"""Which code from outside the package a run uses, as a hash: simulators, rules, protocols and metrics of one's own.

The hash is of what Python makes of the module and of every module of the same package, or the same folder, that it
imports, in turn: an edit makes other runs, a comment does not. What is installed elsewhere is named by its version in
manifests, and the package itself by the model's own version.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from abm.machine import plugins
from abm.machine.fingerprint import tree_hash
from abm.scenario import Scenario

PACKAGE = __name__.partition(".")[0]
Import = tuple[int, str, tuple[str, ...]]
"""Dots before the name, the module, and what is taken of it."""
_loaded: dict[str, str] = {}
"""Hash of each module from outside when this process loaded it."""


def code_of(module: str) -> str:
    """Hash of a module and of what it imports beside it; empty for one of the package or without a file."""
    digest = hashlib.blake2b(digest_size=8)
    files = files_of_module(module)
    for name, path in sorted(files.items()):
        digest.update(f"{name} {_read(path, *_written(path))[0]}\n".encode())
    return digest.hexdigest() if files else ""


def code_of_scenario(scenario: Scenario) -> dict[str, str]:
    """Hash of each module from outside the package that gives a scenario its rules, its protocol or metrics, and of
    every plug-in."""
    from abm.quarter.measurement.metrics import groups
    from abm.quarter.negotiation.protocols import protocol

    names = {type(rule).__module__ for rule in scenario.policies}
    agree = protocol(scenario.protocol).agree
    names.add(str(getattr(agree, "__module__", PACKAGE)))
    names |= {group.__name__ for group in groups()}
    outside = tuple(f"{plugin.package}." for plugin in plugins.active())
    return codes(name for name in names if not f"{name}.".startswith(outside)) | plugins.codes()


def codes(modules: Iterable[str]) -> dict[str, str]:
    """Hashes of those of some modules that are from outside, by name."""
    return {name: code for name in sorted(set(modules)) if (code := code_of(name))}


def fresh(module: str) -> ModuleType:
    """The module as its files are now: loaded anew where they were edited since this process loaded it."""
    now = code_of(module)
    if _loaded.get(module, now) != now:
        for name in files_of_module(module):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
    _loaded[module] = now
    return importlib.import_module(module)


def files_of_module(module: str) -> dict[str, Path]:
    """Files of a module from outside and of all that it imports of its own package or folder, by module name."""
    found: dict[str, Path] = {}
    left = [module]
    while left:
        name = left.pop()
        if name in found or name.partition(".")[0] == PACKAGE:
            continue
        path = _file(name) if name == module else _beside(module, found[module], name)
        if path is None:
            continue
        found[name] = path
        left += _imports(name, path)
        # A package runs its own file before that of a module in it.
        left += [name.rpartition(".")[0]] if "." in name else []
    return found


def _file(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None


def _beside(first: str, path: Path, name: str) -> Path | None:
    """File of a module of the same package as the first, or of the same folder where that is in no package."""
    parts = name.split(".")
    if "." in first or path.name == "__init__.py":
        if parts[0] != first.split(".")[0]:
            return None
        ups = first.count(".") + (1 if path.name == "__init__.py" else 0)
        root = path.parents[ups]
    else:
        root = path.parent
    place = root.joinpath(*parts)
    options = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return next((option for option in options if option.is_file()), None)


def _imports(name: str, path: Path) -> list[str]:
    """Names of modules that a file imports; of `from a import b` both a and a.b, as either may be one."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: list[str] = []
    for level, of, names in _read(path, *_written(path))[1]:
        above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
        whole = ".".join([*above, *([of] if of else [])])
        found += [whole, *(f"{whole}.{inner}" for inner in names)] if whole else []
    return found


def _written(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size


@lru_cache(maxsize=1000)
def _read(path: Path, written: int, size: int) -> tuple[str, tuple[Import, ...]]:
    """Hash of a file and what it imports, read once for each time it was written."""
    source = path.read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return tree_hash(source), ()
    found: list[Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(0, alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.level, node.module or "", tuple(alias.name for alias in node.names)))
    return tree_hash(source), tuple(found)
