"""Store: the folder in which the runs of studies are kept, a folder for each plan; and reading them.

Whoever starts first makes a plan's folder, in one rename; others that come to the same plan work on
in it. Nothing is locked, and everything can be read while it grows: with pandas, DuckDB, R.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from abm.machine import disk
from abm.machine.errors import InputError
from abm.machine.language import current, of_error, say
from abm.results import own_tables
from abm.results.folder import fresh
from experiments.runs import files, identity, seal
from experiments.runs.chunks import PlannedRun
from experiments.sweep import plan as plans

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from abm.population.spec import PopulationSpec
    from abm.scenario import Scenario
    from experiments.design import Design
    from experiments.sweep.plan import Plan

HOME = Path("studies")
"""Where stores are made if nobody says where: a folder each, by the name of the design."""


class StoreError(InputError):
    """A store that cannot be used or written. What is in it stays."""


OWN_TABLES = "own_tables"
"""Entry of the manifest: path as the design gives it -> files that the study keeps of it, with their hashes."""
MEND = "`abm sweep` does a broken chunk or plan again; else copy the folder anew or move it away"
UNSEALED = (
    "The store was written by a version whose files carried no checksum of all their bytes: a spoilt page of a table "
    "is noticed, a spoilt manifest or foot of a table need not be. `abm sweep` into a new store makes a guarded one."
)
"""Said of stores of earlier versions."""
TEXT, WHOLE, NUMBER, ANY = "text", "whole numbers", "numbers", "values"
"""What a column of a table may hold."""
PLANNED = {"run_key": TEXT, "chunk": WHOLE, "point": WHOLE, "replication": WHOLE, "seed": WHOLE}
DONE = {
    "run_key": TEXT, "status": TEXT, "error": TEXT, "seconds": NUMBER, "attempt": WHOLE, "result_hash": TEXT,
    "steps": WHOLE,
}  # fmt: skip
"""Columns of a plan and of a summary, beside varied keys and outcomes."""
SAID: dict[str, type | tuple[type, ...]] = {
    "design_name": str, "title": str, "question": str, "model": str, "plan": str, "keys": list, "outcomes": list,
    "series": list, "runs": int, "chunks": int, "timeout": (int, float), "code": dict, "created": str, "python": str,
    "platform": str, "processor": str, "commit": (str, type(None)), "packages": dict, "design": dict,
}  # fmt: skip
"""What every manifest says, and of what kind it is."""
SAID_OF_DESIGN: dict[str, type] = {"base": dict, "vary": dict, "replications": int, "seed": int}


@contextmanager
def reading(folder: Path) -> Generator[None]:
    """While a study is read: a file of it that is not whole becomes one StoreError."""
    import pyarrow as pa

    try:
        yield
    except BrokenPipeError:
        # Who reads what is printed has gone (head, less): that is no file's fault.
        raise
    except (OSError, pa.ArrowException) as error:
        said = str(error) if isinstance(error, seal.SealError) else _said(error)
        why = f"has a file that is broken ({said.splitlines()[0][:120]})"
        raise StoreError(f"the study {folder}", why=why, mend=MEND) from None


def _said(error: Exception) -> str:
    missing = getattr(error, "filename", None)
    return f"{Path(missing).name}: {disk.said(error)}" if missing and isinstance(error, OSError) else str(error) or "?"


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a study, looked through. StoreError for one that is broken or lacks something."""
    with reading(folder):
        try:
            about = files.read_about(folder / files.MANIFEST)
        except (ValueError, RecursionError):
            raise StoreError(f"{folder / files.MANIFEST}", why="cannot be read", mend=MEND) from None
    # What earlier versions did not write.
    about.setdefault(files.PLAN_HASH, folder.name)
    about.setdefault("code", {})
    lacks = [key for key, kind in SAID.items() if not _is(about.get(key), kind)]
    if not lacks:
        lacks = [f"design.{key}" for key, kind in SAID_OF_DESIGN.items() if not _is(about["design"].get(key), kind)]
        lists = (about["keys"], about["outcomes"], about["series"])
        lacks += ["names"] * (not all(isinstance(item, str) for items in lists for item in items))
        lacks += ["design.base.name"] * (not isinstance(about["design"].get("base", {}).get("name"), str))
    if lacks:
        raise StoreError(f"{folder / files.MANIFEST}", why=f"has no {', '.join(lacks)}", mend=MEND)
    return about


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _frame(place: Path, wanted: Mapping[str, str], *, only: bool = False) -> pd.DataFrame:
    """A table of a study, which has the columns that whoever reads it counts on, of their kind; ``only`` these."""
    table = files.read_table(place, list(wanted) if only else None)
    for name, kind in wanted.items():
        if table.column_names.count(name) != 1:
            raise StoreError(f"{place}", why=f"has no column `{name}`", mend=MEND)
        if not _holds(table[name], kind):
            raise StoreError(f"{place}", why=f"has a column `{name}` of another kind", mend=MEND)
    # What pandas once noted of the columns is of no use here, and could be spoilt.
    frame: pd.DataFrame = table.replace_schema_metadata(None).to_pandas()
    return frame


def _holds(column: pa.ChunkedArray[Any], kind: str) -> bool:
    from pyarrow import types

    if kind == TEXT:
        return types.is_string(column.type) or types.is_large_string(column.type)
    if kind == WHOLE:
        return types.is_integer(column.type) and not column.null_count
    return kind == ANY or types.is_integer(column.type) or types.is_floating(column.type)


@dataclass(frozen=True)
class Study:
    """The runs of one plan, done or not: what a sweep gives back, and what a store gives to read."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Model, installation, scenario and design."""
        return _manifest(self.folder)

    @cached_property
    def doubts(self) -> tuple[str, ...]:
        """What is not guaranteed of these runs, a sentence each: nothing, for those that this version wrote."""
        found: list[str] = []
        if not files.is_sealed(self.folder):
            found.append(UNSEALED)
        if self.manifest["model"] != identity.model():
            found.append(
                f"The runs are of the model {self.manifest['model']}; this is {identity.model()}. What is said of them "
                "is of that model: `abm sweep DESIGN --fresh` makes them with this one, and sets these aside."
            )
        return tuple(found)

    @cached_property
    def plan(self) -> pd.DataFrame:
        """One row a planned run: run_key, chunk, point, replication, seed, varied keys."""
        path = self.folder / files.PLAN
        found = _frame(path, PLANNED | dict.fromkeys(self.keys, ANY))
        # Plans of before did not count what arms are called.
        known = {plans.hash_of(self.manifest["design_name"], self.keys, found, with_arms=n) for n in (True, False)}
        if self.manifest["plan"] not in known:
            why = f"has a {files.PLAN} that is not of this study"
            raise StoreError(f"the study {self.folder}", why=why, mend=MEND)
        return found

    @property
    def keys(self) -> list[str]:
        """Names of the varied keys."""
        return list(self.manifest["keys"])

    @property
    def outcomes(self) -> list[str]:
        return list(self.manifest["outcomes"])

    def chunks(self) -> list[int]:
        """Numbers of the chunks that are written."""
        return sorted(int(p.stem) for p in (self.folder / files.SUMMARY).glob("*.parquet") if p.stem.isdigit())

    def summary(self, chunks: Sequence[int] | None = None) -> pd.DataFrame:
        """One row a run that is done (in these chunks): run_key, status, error, seconds, attempt, result_hash, steps,
        outcomes."""
        import pandas as pd

        numbers = self.chunks() if chunks is None else chunks
        paths = [files.chunk_path(self.folder, files.SUMMARY, number) for number in numbers]
        columns = DONE | dict.fromkeys(self.outcomes, NUMBER)
        found = [_frame(path, columns) for path in paths]
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(columns))

    def runs(self) -> pd.DataFrame:
        """One row a run that is done, failed ones too, by replication and point.

        run_key, point, replication, seed, status, error, varied keys, outcomes; then seconds, attempt,
        result_hash.
        """
        summary = self.summary()
        if summary.empty:
            return self.plan.iloc[:0].drop(columns="chunk").join(summary.drop(columns="run_key"))
        merged = self.plan.merge(summary, on="run_key", how="inner")
        first = ["run_key", "point", "replication", "seed", "status", "error"]
        columns = [*first, *self.keys, *self.outcomes, "seconds", "attempt", "result_hash"]
        found: pd.DataFrame = merged.sort_values(["replication", "point"], kind="stable", ignore_index=True)
        return found.loc[:, columns]

    def series(self, metrics: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a run and step: run_key, step and the metrics that were kept, or these of them."""
        import pandas as pd

        kept = list(self.manifest["series"])
        wanted = kept if metrics is None else list(metrics)
        for name in wanted:
            if name not in kept:
                mend = f"kept are {', '.join(kept[:20])}"
                raise InputError(f"metric `{name}`", place=f"{self.folder}", why="was not kept by step", mend=mend)
        paths = [files.chunk_path(self.folder, files.SERIES, number) for number in self.chunks()]
        columns = {"run_key": TEXT, "step": WHOLE} | dict.fromkeys(wanted, NUMBER)
        found = [_frame(path, columns, only=True) for path in paths]
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(columns))

    @property
    def is_complete(self) -> bool:
        """Whether every planned run is done, well or not."""
        return len(self.chunks()) == int(self.manifest["chunks"])

    @cached_property
    def design(self) -> Design:
        """The design, without its simulator: no store makes us import what it names. InputError for one that this
        version of the model no longer knows."""
        from experiments.design import load

        return load(self.tables | {"simulator": ""})

    @property
    def tables(self) -> dict[str, Any]:
        """The design as plain values; a user's own institutions are those that the study keeps."""
        copies = self.manifest.get(OWN_TABLES, {})
        places = {
            given: own_tables.path_of(self.folder / own_tables.FOLDER / str(i), names)
            for i, (given, names) in enumerate(copies.items())
        }
        return _moved(self.manifest["design"], places)

    def matches(self) -> list[str]:
        """Which arms were given as much money as another, a sentence each."""
        try:
            return [match.words() for match in self.design.matches]
        except InputError:
            # Said by ``worlds_apart``.
            return []

    def worlds_apart(self, baseline: str | None = None) -> list[str]:
        """In what the arms' worlds differ, a sentence each; or that this version no longer reads it."""
        from experiments.design.arms import worlds_apart

        try:
            return worlds_apart(self.design, baseline)
        except InputError as error:
            return [f"In what the arms' worlds differ, this version of the model cannot say ({error})."]

    def scenario(self, run_key: str) -> Scenario:
        """The scenario of one run, seed included: ``abm.run(study.scenario(key))`` makes it again, in full."""
        row = self.plan[self.plan["run_key"] == run_key]
        if row.empty:
            raise InputError(f"run `{run_key}`", place=f"{self.folder}", why="is not planned here")
        point = {key: row.iloc[0][key] for key in self.keys}
        plain = {key: value.item() if hasattr(value, "item") else value for key, value in point.items()}
        return self.design.scenario(plain).with_overrides(seed=int(row.iloc[0]["seed"]))

    def provenance(self) -> dict[str, Any]:
        """What a report says of where its runs come from."""
        statuses = list(self.summary()["status"])
        about = {key: self.manifest[key] for key in ("model", "commit", "python", "platform", "processor", "created")}
        design = self.manifest["design"]
        return {
            "design": self.manifest["design_name"],
            "plan": self.folder.name,
            "store": str(self.folder.parent),
            "base scenario": design["base"]["name"],
            "runs planned": int(self.manifest["runs"]),
            "runs done": len(statuses),
            "runs failed": statuses.count("failed"),
            "replications": design["replications"],
            "study seed": design["seed"],
            **about,
            "packages": self.manifest["packages"],
            "design in full": design,
        }

    def faults(self) -> dict[int | str, str]:
        """Every chunk, by its number, that is not whole, and the plan if it is not, and why; everything is read."""
        found: dict[int | str, str] = {}
        members: dict[int, list[PlannedRun]] | None = None
        try:
            with reading(self.folder):
                members = self.members()
        except StoreError as error:
            found[files.PLAN] = error.why
        for number in self.chunks():
            keys = None if members is None else [run.key for run in members.get(number, [])]
            why = files.fault(self.folder, number, keys)
            if why is not None:
                found[number] = why
        return found

    def members(self) -> dict[int, list[PlannedRun]]:
        """Planned runs by chunk, each run once however many points it stands for."""
        keys = self.keys
        found: dict[int, list[PlannedRun]] = {}
        table = self.plan.drop_duplicates("run_key")
        points = [dict(zip(keys, row, strict=True)) for row in table[keys].itertuples(index=False, name=None)]
        # Lists, because a column of strings hands out its entries one by one at a price.
        columns = (table[name].tolist() for name in ("chunk", "run_key", "seed"))
        for chunk, key, seed, point in zip(*columns, points, strict=True):
            found.setdefault(chunk, []).append(PlannedRun(key, seed, point))
        return found


class Store:
    """A folder of plans. Opening it looks at the versions of the model that wrote it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._known: dict[str, tuple[Path, int]] = {}
        self._seen: set[tuple[Path, int]] = set()
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"{self.path}", why="is a file", mend="give a folder with --store")
        for study in self.studies():
            if study.manifest["model"] != identity.model():
                raise StoreError(
                    f"the store {self.path}",
                    why=f"holds runs of the model {study.manifest['model']}; this is {identity.model()}",
                    mend="give another folder with --store, or --fresh to set the old runs aside and begin anew",
                )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.path, error) from error

    def studies(self) -> list[Study]:
        """Every plan of the store, the oldest first."""
        return studies(self.path)

    def known(self) -> dict[str, tuple[Path, int]]:
        """Every run that went well, with the folder and the chunk where it is."""
        import pyarrow as pa

        for folder, number in self._unseen():
            self._seen.add((folder, number))
            try:
                table = files.read_table(files.chunk_path(folder, files.SUMMARY, number), ["run_key", "status"])
                keys, statuses = table["run_key"].to_pylist(), table["status"].to_pylist()
            except (OSError, pa.ArrowException, KeyError):
                # Not whole: of no use here, and said and redone when its own plan is run.
                continue
            for key, status in zip(keys, statuses, strict=True):
                if status == "ok":
                    self._known.setdefault(key, (folder, number))
        return self._known

    def _unseen(self) -> Iterator[tuple[Path, int]]:
        for study in self.studies():
            for number in study.chunks():
                if (study.folder, number) not in self._seen:
                    yield study.folder, number

    def study(self, plan: Plan) -> Study | None:
        """The folder of a plan, if there is one."""
        study = Study(self.path / plan.hash)
        if not (study.folder / files.MANIFEST).exists():
            return None
        try:
            with reading(study.folder):
                _ = study.plan
        except StoreError as error:
            # The design is here: it says what the plan was.
            try:
                _write_plan(study.folder, plan, int(study.manifest["chunks"]))
            except OSError as full:
                raise unwritable(self.path, full) from full
            again = say(
                "{folder} {why}: written again from the design", folder=study.folder, why=of_error(current(), error.why)
            )
            print(again, file=sys.stderr, flush=True)
        return self._called(study, plan.design)

    def _called(self, study: Study, design: Design) -> Study:
        """The study under the title and question that its design has now: no run depends on them."""
        words = {"title": design.title, "question": design.question}
        about = study.manifest
        if all(about[key] == value for key, value in words.items()):
            return study
        try:
            files.write_about(study.folder / files.MANIFEST, about | words | {"design": about["design"] | words})
        except OSError as error:
            raise unwritable(self.path, error) from error
        return Study(study.folder)

    def edited(self, design: Design) -> list[str]:
        """Modules of one's own that were edited since the store's latest runs of a design of this name."""
        now = identity.code_of(design.base, design.simulator)
        of_it = [study.manifest for study in self.studies() if study.manifest["design_name"] == design.name]
        before: dict[str, str] = of_it[-1].get("code", {}) if of_it else {}
        return [name for name, code in now.items() if before.get(name, code) != code]

    def create(self, plan: Plan, n_chunks: int, timeout: float) -> Study:
        """Make the plan's folder, or find the one that somebody else has just made."""
        folder = self.path / plan.hash
        part = self.path / f".{plan.hash}.{os.getpid()}.{os.urandom(4).hex()}.part"
        about: dict[str, Any] = {
            "design_name": plan.design.name,
            "title": plan.design.title,
            "question": plan.design.question,
            "model": identity.model(),
            "keys": list(plan.design.keys),
            "outcomes": [o.name for o in plan.design.outcomes],
            "series": list(plan.design.series),
            files.PLAN_HASH: plan.hash,
            "runs": plan.runs["run_key"].nunique(),
            "chunks": n_chunks,
            "timeout": timeout,
            "code": identity.code_of(plan.design.base, plan.design.simulator),
            "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **identity.installation(),
            OWN_TABLES: {},
            "scenario": plan.design.base.to_toml(),
            "design": plan.design.to_tables(),
        }
        try:
            for kind in (files.SUMMARY, files.SERIES):
                (part / kind).mkdir(parents=True)
            _write_plan(part, plan, n_chunks)
            for i, spec in enumerate(_own(plan.design)):
                about[OWN_TABLES][spec.path] = own_tables.copied(spec, part / own_tables.FOLDER / str(i))
            files.write_about(part / files.MANIFEST, about)
            # Onto a folder that is not empty this fails: somebody else was first.
            disk.rename(part, folder)
        except OSError as error:
            disk.discard(part)
            if not (folder / files.MANIFEST).exists():
                raise unwritable(self.path, error) from error
        return Study(folder)


def _own(design: Design) -> list[PopulationSpec]:
    """Populations of a design and its arms that are a user's own tables, each once."""
    worlds = [design.base, *(design.base.with_overrides(**changes) for _, changes in design.arms)]
    specs = {world.population.path: world.population for world in worlds if world.population.source == "tables"}
    return list(specs.values())


def _moved(value: Any, places: dict[str, str]) -> Any:
    """Plain values, every `path` of some tables replaced by where they are now."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {
            k: places.get(v, v) if k.endswith("path") and isinstance(v, str) else _moved(v, places) for k, v in items
        }
    return [_moved(item, places) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def _write_plan(folder: Path, plan: Plan, n_chunks: int) -> None:
    import pyarrow as pa

    table = plan.runs.copy()
    order = {key: i for i, key in enumerate(dict.fromkeys(table["run_key"].tolist()))}
    table.insert(1, "chunk", [order[key] * n_chunks // len(order) for key in table["run_key"].tolist()])
    files.write_table(folder / files.PLAN, pa.Table.from_pandas(table, preserve_index=False))


def studies(path: Path) -> list[Study]:
    """Every plan in a store, the oldest first, whatever version of the model wrote it. StoreError for a broken one."""
    if not path.is_dir():
        return []
    found = [Study(p) for p in path.iterdir() if not p.name.startswith(".") and (p / files.MANIFEST).exists()]
    return sorted(found, key=lambda study: (study.manifest["created"], study.folder.name))


def set_aside(path: Path) -> Path | None:
    """Move a store out of the way, to the first free name beside it; nothing is deleted."""
    if not path.exists():
        return None
    old = fresh(path.with_name(f"{path.name}-old"))
    try:
        disk.rename(path, old)
    except OSError as error:
        raise unwritable(path, error) from error
    return old


def unwritable(path: Path, error: OSError) -> StoreError:
    """What a person reads when the disk is full, the folder is not theirs, or somebody holds a file of it."""
    mend = "give another folder with --store, and run the same command again: finished runs are kept"
    found = disk.unwritable(f"the store {path}", error, mend)
    return StoreError(found.what, why=found.why, mend=found.mend)
