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
from experiments.paper.rows import HERE, LAST, Experiment, Row, Side, rows, worlds
from experiments.runs import identity
from experiments.sweep import sweep

if TYPE_CHECKING:
    import numpy.typing as npt

    from experiments.sweep.store import Study

SEEDS = 20
SEED = 2026
"""Study seed: runs have the seeds from SEED x 1,000,000 on, under which nothing was ever tuned."""
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
    """Row -> effect under each seed, in the outcome's unit; NaN where it could not be measured."""
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
    """Hash of what is asked: worlds, and the experiments of all rows."""
    digest = hashlib.blake2b(digest_size=6)
    for name, (world, _, _) in sorted(worlds().items()):
        digest.update(f"{name} {json.dumps(world.to_tables(), sort_keys=True, default=str)}\n".encode())
    for row in rows():
        digest.update(f"{row.number} {row.experiment}\n".encode())
    return digest.hexdigest()


def run(
    chosen: Sequence[Row] | None = None, *, store: Path, seeds: int = SEEDS, seed: int = SEED,
    workers: int | None = None, is_quiet: bool = False,
) -> Table:  # fmt: skip
    """Run what is missing of the rows' experiments (default: all rows) and take their effects from the runs.

    store: folder that keeps the runs; what was stopped goes on there. seeds: replications of every side.
    """
    judged = [(row, row.experiment) for row in chosen or rows() if row.experiment is not None]
    studies: dict[str, Study] = {}
    names = [name for name in worlds() if any(side.world == name for _, e in judged for side in e.sides)]
    for i, name in enumerate(names, 1):
        world, title, title_zh = worlds()[name]
        if not is_quiet:
            print(say("{i} of {n}", i=i, n=len(names)) + f": {either(title, title_zh)}", file=sys.stderr, flush=True)
        used = [e for _, e in judged if any(side.world == name for side in e.sides)]
        arms = {side.arm: dict(side.changes) for e in used for side in e.sides if side.world == name}
        outcomes = {key: entry for e in used if e.combine != "product" for key, entry in _outcomes(e).items()}
        series = sorted({metric for e in used if e.combine == "product" for metric in e.outcome})
        design = design_of({
            "name": f"paper-{name}", "title": title, "base": world, "arms": arms, "replications": seeds, "seed": seed,
            "outcomes": outcomes or [series[0]], "series": series,
        })  # fmt: skip
        studies[name] = sweep(design, store=store / name, workers=workers, is_quiet=is_quiet)
    of_side = _reader(studies, seeds)
    effects: dict[int, tuple[float, ...]] = {}
    levels: dict[int, tuple[float, ...]] = {}
    for row, experiment in judged:
        effect, level = _effect(experiment, of_side)
        effects[row.number] = tuple(float(f"{v:.{_DIGITS}g}") for v in effect)
        levels[row.number] = tuple(float(f"{v:.{_DIGITS}g}") for v in level)
    installed = identity.installation()
    made = {key: installed[key] for key in ("commit", "python", "platform", "packages")}
    return Table(identity.model(), asked(), seed, seeds, made, effects, levels)


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


_Reader = Callable[[Side, Experiment], "list[npt.NDArray[np.float64]]"]


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
    # Of two changes the one that supports the claim less.
    effect = experiment.direction * np.min([experiment.direction * change for change in changes], axis=0)
    return effect, np.mean(against, axis=0)
