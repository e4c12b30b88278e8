"""Code and words from outside: files that nobody has to install, and packages that offer theirs by an entry point.

A source is a file or a folder. It is named by ``--plugin`` of a command, by ``ABM_PLUGINS`` (several, parted as
those of PATH are), or by an entry point of the group ``abm.plugins``, whose value is a module or a package.
``--plugin`` ends up in ``ABM_PLUGINS``, so that processes which work for this one have the same. What a file is
follows from what it holds; each kind is looked at where its built-in kind lives (rules in abm/scenario/policies, and
so on). Of a folder only the files in it count, not those of folders in it; one that begins with _ helps the others.

Modules of files and folders are called ``abm_plugins.<name>``; a helper is imported by ``from . import _helper``.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
import tomllib
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from importlib import import_module, invalidate_caches
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from abm.machine.errors import InputError, InputWarning
from abm.machine.fingerprint import tree_hash

GROUP = "abm.plugins"
VARIABLE = "ABM_PLUGINS"
NAMESPACE = "abm_plugins"

TRIED = "ABM_PLUGINS_TRIED"
"""Says to processes that are started from here which plug-ins have been tried already."""
_IS_TOLD = TRIED in os.environ
is_trial = False
"""Whether plug-ins are being tried (abm/results/trial.py): then what they write is looked at."""

T = TypeVar("T")


class PluginError(InputError):
    """Something from outside that the model cannot use."""


class PluginWarning(InputWarning):
    """Something from outside that works, though not all is there."""


@dataclass(frozen=True)
class Plugin:
    """One source."""

    name: str
    path: Path
    package: str
    """What its module, or the package of its modules, is called."""

    def files(self, suffix: str) -> list[Path]:
        """Its files of a kind, by name, without those that begin with _."""
        if self.path.is_file():
            return [self.path] if self.path.suffix == suffix else []
        return sorted(path for path in self.path.glob(f"*{suffix}") if not path.name.startswith("_"))

    def module(self, path: Path) -> str:
        """Name of the module of one of its files."""
        return self.package if path == self.path else f"{self.package}.{path.stem}"

    def code(self) -> str:
        """Hash of what can touch a result: its Python, without comments, and its parameters and levers; else empty.

        Scenarios are no part of it: what they say is in each run's key anyway.
        """
        digest, paths = hashlib.blake2b(digest_size=8), _all_files(self.path)
        paths = [path for path in paths if path.suffix == ".py" or path.name in DECLARATIONS]
        for path in paths:
            content = path.read_bytes()
            digest.update(f"{path.name} {tree_hash(content) if path.suffix == '.py' else content!r}\n".encode())
        return digest.hexdigest() if paths else ""


DECLARATIONS = ("levers.toml", "parameters.toml")
"""Files of a plug-in that say what the world has; they count from the start of a process on."""


def _all_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in (".py", ".toml"))


def active() -> tuple[Plugin, ...]:
    """Every plug-in, those of entry points first. PluginError for one that is not there or whose name is taken."""
    return _active(os.environ.get(VARIABLE, ""), tuple(sys.path))


@lru_cache(maxsize=16)
def _active(named: str, search: tuple[str, ...]) -> tuple[Plugin, ...]:
    found = [*_offered(), *(_given(Path(text)) for text in named.split(os.pathsep) if text)]
    by_path = {plugin.path: plugin for plugin in reversed(found)}
    kept = [plugin for plugin in found if by_path[plugin.path] is plugin]
    for i, plugin in enumerate(kept):
        for other in kept[:i]:
            if other.name == plugin.name:
                raise PluginError(
                    f"the plug-in {plugin.path}",
                    why=f"has the name of {other.path}",
                    mend="rename one of them",
                    code="plugin.name_taken",
                    values={"path": str(plugin.path), "other": str(other.path)},
                )
    return tuple(kept)


def _offered() -> Iterator[Plugin]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        try:
            spec = find_spec(point.value)
        except (ImportError, ValueError):
            spec = None
        if spec is None or spec.origin is None:
            raise PluginError(
                f"the plug-in `{point.name}` ({point.value})",
                why="is installed and cannot be found",
                mend="install it again, or remove it",
                code="plugin.broken_entry_point",
                values={"name": point.name, "module": point.value},
            )
        path = Path(spec.origin).resolve()
        yield Plugin(point.name, path.parent if spec.submodule_search_locations else path, point.value)


def _given(path: Path) -> Plugin:
    if not (path.is_dir() or (path.is_file() and path.suffix in (".py", ".toml"))):
        raise PluginError(
            f"the plug-in {path}",
            why="is neither a folder nor a file of Python or TOML" if path.exists() else "is not there",
            mend="--plugin and ABM_PLUGINS name a file that ends in .py or .toml, or a folder of such files",
            code="plugin.no_source" if path.exists() else "plugin.missing",
            values={"path": str(path)},
        )
    path = path.resolve()
    name = re.sub(r"\W", "_", path.stem)
    return Plugin(name, path, f"{NAMESPACE}.{name}")


def use(sources: Iterable[str | os.PathLike[str]]) -> None:
    """Add sources to those that this process and the ones that it starts have."""
    given = [str(Path(source).resolve()) for source in sources]
    known = [text for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text]
    together = list(dict.fromkeys([*known, *given]))
    if any(os.pathsep in text for text in given):
        raise PluginError(
            f"the plug-in {given[0]}",
            why=f"has a {os.pathsep} in its path",
            mend="rename its folder",
            code="plugin.bad_path",
            values={"path": given[0]},
        )
    if together:
        os.environ[VARIABLE] = os.pathsep.join(together)


def kept(find: Callable[[], T]) -> Callable[[], T]:
    """A function without arguments that finds built-in and plugged things: asked once for each set of plug-ins."""

    @lru_cache(maxsize=4)
    def of(_plugins: tuple[Plugin, ...]) -> T:
        return find()

    @wraps(find)
    def found() -> T:
        return of(active())

    return found


@kept
def modules() -> tuple[ModuleType, ...]:
    """The modules of all plug-ins. PluginError for the first that cannot be loaded."""
    return tuple(_loaded(plugin, path) for plugin in active() for path in plugin.files(".py"))


def modules_with(*names: str) -> list[ModuleType]:
    """Those that have one of some names: one that lacks the others is an error that their kind tells."""
    return [module for module in modules() if any(name in vars(module) for name in names)]


@kept
def _tables() -> tuple[tuple[Path, str], ...]:
    paths = [path for plugin in active() for path in plugin.files(".toml") if path.name not in DECLARATIONS]
    return tuple((path, _kind(parsed(path))) for path in paths)


def _kind(table: dict[str, Any]) -> str:
    return next((kind for kind, marks in MARKS.items() if not table.keys().isdisjoint(marks)), "scenario")


MARKS = {"language": ("language",), "lesson": ("choices", "measures", "claims")}
"""Keys that tell what a TOML file is; one with none of them is a scenario."""


def tables(kind: str) -> list[Path]:
    """TOML files of all plug-ins that are a scenario, a lesson or a language."""
    return [path for path, found in _tables() if found == kind]


def declarations(name: str) -> list[Path]:
    """The files ``levers.toml`` or ``parameters.toml`` of all plug-ins."""
    return [path for plugin in active() for path in plugin.files(".toml") if path.name == name]


@cache
def declared(name: str) -> tuple[Path, ...]:
    """The same, as they were when this process first asked: the world is made by them."""
    return tuple(declarations(name))


def check_declared() -> None:
    """PluginError for parameters and levers that came after the world was made by others."""
    for name in DECLARATIONS:
        for path in declarations(name):
            if path not in declared(name):
                raise PluginError(
                    f"the plug-in's {path}",
                    why="comes too late: the model has been loaded without it",
                    mend="name it by --plugin or ABM_PLUGINS when the process starts",
                    code="plugin.too_late",
                    values={"path": str(path)},
                )


def parsed(path: Path) -> dict[str, Any]:
    """The content of a plug-in's TOML file; PluginError, with the line, for one that cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise PluginError(
            f"the plug-in's {path}", why="is not valid TOML", mend=str(error)[:200], code="plugin.not_toml",
            values={"path": str(path), "said": str(error)[:200]},
        ) from None  # fmt: skip


def section_place(path: Path, section: str) -> str:
    """File and line of a section of a TOML file."""
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if line.strip().startswith(f"[{section}"):
            return f"{path}, line {number}"
    return f"{path}, line 1"


def codes() -> dict[str, str]:
    """Hash of the code of each plug-in that has some, by what its module or package is called."""
    return {plugin.package: code for plugin in active() if (code := plugin.code())}


def files() -> list[Path]:
    """Every file of every plug-in that may hold code or words, helpers too."""
    return [path for plugin in active() for path in _all_files(plugin.path)]


def _loaded(plugin: Plugin, path: Path) -> ModuleType:
    old = sys.modules.get(plugin.package)
    if old is not None and str(plugin.path) not in (old.__file__, *getattr(old, "__path__", ())):
        # Another plug-in had this name before.
        for name in [key for key in sys.modules if f"{key}.".startswith(f"{plugin.package}.")]:
            del sys.modules[name]
        invalidate_caches()
    try:
        return import_module(plugin.module(path))
    except InputError:
        raise
    # Whatever a file from outside does when it is loaded belongs to its author, with file and line.
    except Exception as error:
        raise fault(error, path) from error


def fault(error: BaseException, path: Path | None = None) -> PluginError:
    """An exception that comes from a plug-in, as an error with file and line."""
    line = 0
    if isinstance(error, SyntaxError) and error.filename:
        path, line = Path(error.filename), error.lineno or 0
    else:
        found = _frame(error)
        path, line = found or (path, 0)
    is_python = not isinstance(error, SyntaxError)
    kind = type(error).__name__
    return PluginError(
        "the plug-in",
        place=f"{path}, line {line}" if line else f"{path}",
        why=f"raises {kind}" if is_python else "is not Python",
        mend=str(error)[:300] or "look at that line",
        code="plugin.raises" if is_python else "plugin.not_python",
        values={"path": str(path), "line": line, "kind": kind, "said": str(error)[:300]},
    )


def _frame(error: BaseException) -> tuple[Path, int] | None:
    ours = {str(path) for path in files()}
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if str(Path(frame.filename).resolve()) in ours
    ]
    return (Path(frames[-1].filename), frames[-1].lineno or 0) if frames else None


def is_theirs(error: BaseException) -> bool:
    """Whether an exception went through a plug-in's code."""
    return bool(os.environ.get(VARIABLE) or entry_points(group=GROUP)) and _frame(error) is not None


def place(module: ModuleType, name: str = "") -> str:
    """File and line in which a module gives a name its value; the file alone where it does not."""
    path = Path(module.__file__ or module.__name__)
    for node in ast.walk(ast.parse(path.read_bytes())) if name and path.is_file() else ():
        defined: list[str] = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined = [node.name]
        elif isinstance(node, ast.Assign):
            defined = [of.id for target in node.targets for of in ast.walk(target) if isinstance(of, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined = [node.target.id]
        if name in defined:
            return f"{path}, line {getattr(node, 'lineno', 1)}"
    return f"{path}, line 1"


def refuse(module: ModuleType, name: str, what: str, why: str, mend: str, code: str = "plugin.unfit") -> PluginError:
    """The error for a part of a plug-in that does not fit, with the file and line of a name in it."""
    where = place(module, name)
    values: dict[str, Any] = {"what": what, "place": where}
    return PluginError(what, place=where, why=why, mend=mend, code=code, values=values)


def need(module: ModuleType, kind: str, **parts: str) -> None:
    """PluginError if a module that looks like a kind lacks some of its parts. Name -> what it is."""
    for name, meaning in parts.items():
        if not hasattr(module, name):
            near = next((other for other in parts if hasattr(module, other)), "")
            raise refuse(module, near, f"the {kind}", f"lacks `{name}`", f"give it {meaning}", "plugin.lacks")


def taken(module: ModuleType, name: str, kind: str, key: str) -> PluginError:
    """The error for something whose name is another's."""
    return refuse(
        module, name, f"the {kind} `{key}`", "has the name of one that exists already", "give it another name",
        "plugin.exists",
    )  # fmt: skip


def in_english_only(what: str, where: str) -> None:
    """Warn that something has no Chinese label, unless the process that started this one has said so."""
    if not _IS_TOLD:
        words = f"{what} in {where} has no Chinese label: its English one is shown in Chinese too"
        warnings.warn(words, PluginWarning, stacklevel=3)


class _Finder(MetaPathFinder):
    """Finds the modules of plug-ins by their names, in processes too that get them by name alone."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The namespace, or the file or folder of a plug-in; what is in a folder Python finds by itself."""
        if fullname == NAMESPACE:
            return ModuleSpec(fullname, None, is_package=True)
        if not fullname.startswith(f"{NAMESPACE}."):
            return None
        plugin = next((plugin for plugin in active() if plugin.package == fullname), None)
        if plugin is None:
            return None
        own = plugin.path / "__init__.py" if plugin.path.is_dir() else plugin.path
        if own.is_file():
            inside = [str(plugin.path)] if plugin.path.is_dir() else None
            return spec_from_file_location(fullname, own, submodule_search_locations=inside)
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [str(plugin.path)]
        return spec


sys.meta_path.append(_Finder())
