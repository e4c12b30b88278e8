"""What rows of the paper's table show that is more than a mean of the last quarters: one module each.

A module of this folder, which a row names under `shows`, has

    measure(Seen) -> effect under each seed, in its unit; of a row that is `ordered`: how far the order holds
                     (of fewer seeds where some are needed to tell which is which: those are not judged)
    draw(Seen) -> a figure, small, in the language that is spoken
    keep(Results) -> arrays by name      only where metrics of the whole country are not enough: its sides are then run
                                         whole, and this is kept of every run
    IS_ONE_SIDED = True                  only where `measure` reads nothing but the side `of`; the others are drawn
    watch() -> called with the state     only where tables are not enough either: keep(Results, watch) is then given
                after every quarter      what has looked on

A side is an array for each name: of the row's outcomes [seeds, steps], or of what `keep` gave [seeds, ...].
"""

from __future__ import annotations

import ast
import hashlib
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.disk import replace
from abm.machine.language import say

if TYPE_CHECKING:
    from types import ModuleType

    import numpy.typing as npt

    from abm.scenario import Scenario
    from experiments.paper.rows import Experiment

_EXPERIMENTS = Path(__file__).parents[2]
_MEASURING = ("analysis/", "anchors/", "paper/shown/_seeds.py")
"""Where that lies by which rows are measured; how they are drawn is no part of a result."""
Kept = Mapping[str, "npt.NDArray[np.float64]"]


@dataclass(frozen=True)
class Seen:
    """The runs of a row."""

    experiment: Experiment
    sides: tuple[Kept, ...]
    """What was kept, in the order of the experiment's sides: of, against, each."""

    @property
    def of(self) -> Kept:
        """The side of which something is claimed."""
        return self.sides[0]

    @property
    def against(self) -> Kept:
        """The side that it is held against."""
        return self.sides[1]

    @property
    def each(self) -> tuple[Kept, ...]:
        """All other sides."""
        return self.sides[2:]

    @property
    def metric(self) -> str:
        """The first outcome."""
        return self.experiment.outcome[0]


def names() -> list[str]:
    """All modules."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def module(name: str) -> ModuleType:
    """One of them."""
    return import_module(f"{__name__}.{name}")


def is_whole(name: str) -> bool:
    """Whether its sides are run whole, for what no metric of the country holds."""
    return hasattr(module(name), "keep")


def is_one_sided(name: str) -> bool:
    """Whether its effect is of the first side alone."""
    return getattr(module(name), "IS_ONE_SIDED", False)


@cache
def code() -> str:
    """Hash of the code of all modules, by which a table shows that it was measured by others."""
    return hashlib.blake2b(" ".join(map(_code, names())).encode(), digest_size=8).hexdigest()


@cache
def _code(name: str) -> str:
    """Hash of a module's text and of what it measures with (the model's own files are in every run's key): what was
    kept by another one is not read."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(with_imports(Path(str(module(name).__file__)))):
        digest.update(path.relative_to(_EXPERIMENTS).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def with_imports(path: Path, known: frozenset[Path] = frozenset()) -> frozenset[Path]:
    """A file and those of ``_MEASURING`` that it imports, and that these import."""
    known |= {path}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not f"{node.module}.".startswith("experiments."):
            continue
        of = "/".join(str(node.module).split(".")[1:])
        for place in (of, *(f"{of}/{alias.name}".lstrip("/") for alias in node.names)):
            for inside in (f"{place}.py", f"{place}/__init__.py"):
                file = _EXPERIMENTS / inside
                if inside.startswith(_MEASURING) and file.is_file() and file not in known:
                    known = with_imports(file, known)
    return known


_Task = tuple["Scenario", int, tuple[tuple[str, Path], ...]]
"""A world, a seed, and who keeps what of the run where."""


def _keep(task: _Task) -> int:
    """Run one side under one seed, and write what each module keeps of it."""
    import abm

    world, seed, wanted = task
    watches = {name: module(name).watch() for name, _ in wanted if hasattr(module(name), "watch")}

    def look(state: Any) -> bool:
        for watch in watches.values():
            watch(state)
        return False

    results = abm.run(world, seed=seed, after_step=look if watches else None)
    for name, path in wanted:
        found = module(name).keep(results, *([watches[name]] if name in watches else []))
        hidden = path.with_name(f".{path.name}")
        np.savez_compressed(hidden, **found)
        replace(hidden, path)
    return seed


def whole_runs(
    experiments: Sequence[Experiment], store: Path, seeds: int, seed: int, workers: int | None, is_quiet: bool
) -> list[tuple[Kept, ...]]:
    """Every side of the experiments under every seed, from the store where it has them; a side that several have is run
    once."""
    from abm.results import processors
    from experiments import executors
    from experiments.design.design import MOST_REPLICATIONS
    from experiments.paper.rows import worlds
    from experiments.sweep.plan import canonical, run_key

    store.mkdir(parents=True, exist_ok=True)
    places: dict[tuple[str, str, str], list[Path]] = {}
    missing: dict[tuple[str, str, int], tuple[Scenario, list[tuple[str, Path]]]] = {}
    for of in experiments:
        for side in of.sides:
            if (of.shows, side.world, side.arm) in places:
                continue
            world = worlds()[side.world][0].with_overrides(**dict(side.changes))
            inputs = canonical(world, {"keep": of.shows, "code": _code(of.shows)})
            chosen = [seed * MOST_REPLICATIONS + i for i in range(seeds)]
            paths = [store / f"{run_key(inputs, one)}.npz" for one in chosen]
            places[of.shows, side.world, side.arm] = paths
            for one, path in zip(chosen, paths, strict=True):
                if not path.exists():
                    missing.setdefault((side.world, side.arm, one), (world, []))[1].append((of.shows, path))
    if missing:
        tasks: list[_Task] = [(world, key[2], tuple(wanted)) for key, (world, wanted) in missing.items()]
        if not is_quiet:
            print(say("{n} runs that are kept whole", n=len(tasks)), file=sys.stderr, flush=True)
        pool = executors.start("processes", min(processors() if workers is None else workers, len(tasks)))
        try:
            for _ in executors.as_done(pool, _keep, tasks):
                pass
        finally:
            pool.close()
    return [tuple(_stacked(places[of.shows, side.world, side.arm]) for side in of.sides) for of in experiments]


def _stacked(paths: Sequence[Path]) -> Kept:
    """What was kept of the runs, by name. Shape [seeds, ...]."""
    kept: list[dict[str, Any]] = []
    for path in paths:
        with np.load(path) as arrays:
            kept.append({name: arrays[name] for name in arrays.files})
    return {name: np.stack([one[name] for one in kept]) for name in kept[0]}
