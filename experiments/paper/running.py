"""Runs the experiments of rows: one sweep a world, whose arms are the sides of its rows, under the same seeds."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine import disk
from abm.machine.errors import InputError
from abm.machine.language import either, say
from experiments.design import load as design_of
from experiments.figures import style as figure_style
from experiments.paper import shown
from experiments.paper.rows import HERE, LAST, Experiment, Row, Side, rows, shocks_of, worlds
from experiments.paper.shown import Seen
from experiments.runs import identity
from experiments.sweep import sweep

if TYPE_CHECKING:
    import numpy.typing as npt

    from experiments.sweep.store import Study

SEEDS = 20
SEED = 2026
"""Study seed: runs have the seeds from SEED x 1,000,000 on, under which nothing was ever tuned."""
ROWS = "paper_rows"
"""Folder of the pictures of single rows, beside the pages."""
SHIPPED = HERE / "table.json"
_DIGITS = 7


@dataclass(frozen=True)
class Table:
    """What experiments gave: for each row that was run, one value a seed."""

    model: str
    """Version and hash of the model that was run."""
    asked: str
    """Hash of the experiments that were run."""
    seed: int
    seeds: int
    made: dict[str, Any]
    """Machine, versions, day."""
    effects: dict[int, tuple[float, ...]]
    """Row -> effect under each seed, in the outcome's unit; NaN where it could not be measured. Of what is chosen by
    looking: under the seeds that did not choose."""
    levels: dict[int, tuple[float, ...]]
    """Row -> outcome on the side ``against`` under each seed."""

    @property
    def is_stale(self) -> bool:
        """Whether the model or the experiments are others by now."""
        return self.model != identity.model() or self.asked != asked()

    def write(self, path: Path) -> None:
        """As JSON, one row a line."""

        def lines(of: dict[int, tuple[float, ...]]) -> str:
            listed = (f'  "{row}": {json.dumps([None if v != v else v for v in values])}' for row, values in of.items())
            return "{\n" + ",\n".join(listed) + "\n }"

        about = {"model": self.model, "asked": self.asked, "seed": self.seed, "seeds": self.seeds, "made": self.made}
        heads = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in about.items()]
        heads += [f' "effects": {lines(self.effects)}', f' "levels": {lines(self.levels)}']
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{\n" + ",\n".join(heads) + "\n}\n", encoding="utf-8", newline="\n")
        except OSError as error:
            raise disk.unwritable(f"{path}", error, "give another folder") from error


def load(path: Path = SHIPPED) -> Table:
    """A table that was written. InputError for a file that is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Table(
            str(found["model"]), str(found["asked"]), int(found["seed"]), int(found["seeds"]), dict(found["made"]),
            effects=_by_row(found["effects"]), levels=_by_row(found["levels"]),
        )  # fmt: skip
    except OSError as error:
        raise InputError(f"{path}", why="cannot be read", mend="`abm paper --run` writes one") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}", why="is no table of the paper", mend="`abm paper --run` writes one") from error


def _by_row(values: dict[str, list[float | None]]) -> dict[int, tuple[float, ...]]:
    return {int(row): tuple(float("nan") if v is None else float(v) for v in of) for row, of in values.items()}


def asked() -> str:
    """Hash of what is asked: worlds, the experiments of all rows, and the code that takes effects from runs."""
    digest = hashlib.blake2b(digest_size=6)
    for name, (world, _, _) in sorted(worlds().items()):
        struck = json.dumps(shocks_of(name)) if shocks_of(name) else ""
        digest.update(f"{name} {json.dumps(world.to_tables(), sort_keys=True, default=str)}{struck}\n".encode())
    for row in rows():
        digest.update(f"{row.number} {row.experiment}\n".encode())
    digest.update(f"{LAST} {shown.code()}".encode())
    return digest.hexdigest()


_Reader = Callable[[Side, Experiment], "list[npt.NDArray[np.float64]]"]


@dataclass(frozen=True)
class Ran:
    """What was run for some rows, and what comes of it."""

    judged: list[tuple[Row, Experiment]]
    of_side: _Reader
    seen: dict[int, Seen]
    """Of rows that have a module of experiments/paper/shown."""
    seed: int
    seeds: int

    def table(self) -> Table:
        """The effect of every row under each seed."""
        effects: dict[int, tuple[float, ...]] = {}
        levels: dict[int, tuple[float, ...]] = {}
        for row, experiment in self.judged:
            if row.number in self.seen:
                effect = shown.module(experiment.shows).measure(self.seen[row.number])
                level: npt.NDArray[np.float64] = np.zeros(self.seeds)
            else:
                effect, level = _effect(experiment, self.of_side)
            effects[row.number] = tuple(float(f"{v:.{_DIGITS}g}") for v in effect)
            levels[row.number] = tuple(float(f"{v:.{_DIGITS}g}") for v in level)
        installed = identity.installation()
        made = {key: installed[key] for key in ("commit", "python", "platform", "packages")}
        return Table(identity.model(), asked(), self.seed, self.seeds, made, effects, levels)

    def pictures(self, folder: Path, end: str = "") -> dict[int, str]:
        """Draw the picture of every row that has one, in the language that is spoken, into a folder of their own; the
        path of each from ``folder``, by row."""
        place, found = folder / ROWS, dict[int, str]()
        place.mkdir(parents=True, exist_ok=True)
        for row, experiment in self.judged:
            if row.number in self.seen:
                with figure_style.drawing():
                    figure = shown.module(experiment.shows).draw(self.seen[row.number])
                drawn = figure_style.save_small(figure, place, f"row_{row.number:02d}{end}")
                found[row.number] = f"{ROWS}/{drawn.name}"
        return found


def run(
    chosen: Sequence[Row] | None = None, *, store: Path, seeds: int = SEEDS, seed: int = SEED,
    workers: int | None = None, is_quiet: bool = False,
) -> Table:  # fmt: skip
    """Run what is missing of the rows' experiments (default: all rows) and take their effects from the runs.

    store: folder that keeps the runs; what was stopped goes on there. seeds: replications of every side.
    """
    return ran(chosen, store=store, seeds=seeds, seed=seed, workers=workers, is_quiet=is_quiet).table()


def ran(
    chosen: Sequence[Row] | None = None, *, store: Path, seeds: int = SEEDS, seed: int = SEED,
    workers: int | None = None, is_quiet: bool = False,
) -> Ran:  # fmt: skip
    """The same, with all that was run still at hand."""
    judged = [(row, row.experiment) for row in chosen or rows() if row.experiment is not None]
    swept = [e for _, e in judged if not (e.shows and shown.is_whole(e.shows))]
    studies: dict[str, Study] = {}
    names = [name for name in worlds() if any(side.world == name for e in swept for side in e.sides)]
    for i, name in enumerate(names, 1):
        world, title, title_zh = worlds()[name]
        if not is_quiet:
            print(say("{i} of {n}", i=i, n=len(names)) + f": {either(title, title_zh)}", file=sys.stderr, flush=True)
        used = [e for e in swept if any(side.world == name for side in e.sides)]
        arms = {side.arm: dict(side.changes) for e in used for side in e.sides if side.world == name}
        means = [e for e in used if not e.shows and e.combine != "product"]
        outcomes = {key: entry for e in means for key, entry in _outcomes(e).items()}
        series = sorted({metric for e in used if e.shows or e.combine == "product" for metric in e.outcome})
        design = design_of({
            "name": f"paper-{name}", "title": title, "base": world, "arms": arms, "replications": seeds, "seed": seed,
            "outcomes": outcomes or [series[0]], "series": series, "shocks": shocks_of(name),
        })  # fmt: skip
        studies[name] = sweep(design, store=store / name, workers=workers, is_quiet=is_quiet)
    paths = _paths(studies, seeds)
    whole = [(row, e) for row, e in judged if e.shows and shown.is_whole(e.shows)]
    kept = shown.whole_runs([e for _, e in whole], store / "whole", seeds, seed, workers, is_quiet)
    seen = {row.number: Seen(e, sides) for (row, e), sides in zip(whole, kept, strict=True)}
    for row, e in judged:
        if e.shows and row.number not in seen:
            seen[row.number] = Seen(e, tuple({name: paths(side, name) for name in e.outcome} for side in e.sides))
    return Ran(judged, _reader(studies, seeds), seen, seed, seeds)


def _paths(studies: dict[str, Study], seeds: int) -> Callable[[Side, str], npt.NDArray[np.float64]]:
    """A metric of a side, quarter by quarter. Shape [seeds, steps]; NaN for a run that failed."""
    series = {name: study.series() for name, study in studies.items()}
    tables = {name: study.runs() for name, study in studies.items()}

    def read(side: Side, metric: str) -> npt.NDArray[np.float64]:
        table: Any = tables[side.world]
        mine: Any = table[table["arm"] == side.arm] if "arm" in table.columns else table
        steps: Any = series[side.world].merge(mine[["run_key", "replication"]], on="run_key")
        wide: Any = steps.pivot_table(index="replication", columns="step", values=metric, dropna=False)
        return wide.reindex(range(seeds)).to_numpy(np.float64)

    return read


def _outcomes(experiment: Experiment) -> dict[str, dict[str, Any]]:
    """What a design keeps for an experiment, by name."""
    if experiment.start is None:
        return {metric: {"metric": metric, "last": LAST} for metric in experiment.outcome}
    windows = [(experiment.start, experiment.end), *([experiment.before] if experiment.before else [])]
    return {
        _named(metric, *window): {"metric": metric, "from": window[0], "until": window[1]}
        for metric in experiment.outcome
        for window in windows
    }


def _named(metric: str, start: int | None, end: int | None) -> str:
    return metric if start is None else f"{metric}_{start}_{end}"


def _reader(studies: dict[str, Study], seeds: int) -> _Reader:
    """Outcomes of a side, one array a metric (of their product: one), by seed; NaN for a run that failed."""
    tables = {name: study.runs() for name, study in studies.items()}
    series = {name: study.series() for name, study in studies.items()}

    def read(side: Side, experiment: Experiment) -> list[npt.NDArray[np.float64]]:
        table: Any = tables[side.world]
        # A world with a single arm has no column for it.
        mine: Any = table[table["arm"] == side.arm] if "arm" in table.columns else table
        found: list[npt.NDArray[np.float64]] = []
        if experiment.combine == "product":
            steps: Any = series[side.world].merge(mine[["run_key", "replication"]], on="run_key")
            steps = steps[steps["step"] > steps["step"].max() - LAST]
            # A share of something that did not happen counts as 0 of it.
            product: Any = steps[experiment.outcome[0]] * steps[experiment.outcome[1]].fillna(0.0)
            means = product.groupby(steps["replication"]).mean()
            return [means.reindex(range(seeds)).to_numpy(np.float64)]
        by_seed = mine.set_index("replication").reindex(range(seeds))
        for metric in experiment.outcome:
            values = by_seed[_named(metric, experiment.start, experiment.end)].to_numpy(np.float64)
            if experiment.before is not None:
                before = by_seed[_named(metric, *experiment.before)].to_numpy(np.float64)
                values = np.divide(values, before, out=np.full(seeds, np.nan), where=before > 0)
            found.append(values)
        return found

    return read


def _effect(experiment: Experiment, of_side: _Reader) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Effect by seed, and the level of the side that it is held against."""
    of, against = of_side(experiment.of, experiment), of_side(experiment.against, experiment)
    changes = [a - b for a, b in zip(of, against, strict=True)]
    for side in experiment.each:
        alone = of_side(side, experiment)
        changes = [change - (a - b) for change, a, b in zip(changes, alone, against, strict=True)]
    if experiment.relative:
        changes = [change / b for change, b in zip(changes, against, strict=True)]
    # Of two changes the one that supports the claim less.
    effect = experiment.direction * np.min([experiment.direction * change for change in changes], axis=0)
    return effect, np.mean(against, axis=0)
