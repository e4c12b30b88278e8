"""Store: the folder in which the runs of studies are kept, a folder for each plan; and reading them.

Whoever starts first makes a plan's folder, in one rename; others that come to the same plan work on
in it. Nothing is locked, and everything can be read while it grows: with pandas, DuckDB, R.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.errors import InputError
from abm.folder import fresh
from experiments import files, identity
from experiments.chunks import PlannedRun

if TYPE_CHECKING:
    import pandas as pd

    from abm.scenario import Scenario
    from experiments.plan import Plan

HOME = Path("studies")
"""Where stores are made if nobody says where: a folder each, by the name of the design."""


class StoreError(InputError):
    """A store that cannot be used or written. What is in it stays."""


@contextmanager
def reading(folder: Path) -> Generator[None]:
    """While a study is read: a file of it that is not whole becomes one StoreError."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, json.JSONDecodeError, UnicodeDecodeError) as error:
        why = f"has a file that is broken ({str(error).splitlines()[0][:120]})"
        mend = "`abm sweep` does a broken chunk again; else copy the folder anew or move it away"
        raise StoreError(f"the study {folder}", why=why, mend=mend) from None


@dataclass(frozen=True)
class Study:
    """The runs of one plan, done or not: what a sweep gives back, and what a store gives to read."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Model, installation, scenario and design."""
        return json.loads((self.folder / files.MANIFEST).read_text(encoding="utf-8"))

    @cached_property
    def plan(self) -> pd.DataFrame:
        """One row a planned run: run_key, chunk, point, replication, seed, varied keys."""
        return files.read_table(self.folder / files.PLAN).to_pandas()

    @property
    def keys(self) -> list[str]:
        """Names of the varied keys."""
        return list(self.manifest["keys"])

    @property
    def outcomes(self) -> list[str]:
        """Names of the outcomes."""
        return list(self.manifest["outcomes"])

    def chunks(self) -> list[int]:
        """Numbers of the chunks that are written."""
        return sorted(int(p.stem) for p in (self.folder / files.SUMMARY).glob("*.parquet") if p.stem.isdigit())

    def summary(self) -> pd.DataFrame:
        """One row a run that is done: run_key, status, error, seconds, attempt, result_hash, steps, outcomes."""
        import pandas as pd

        paths = [files.chunk_path(self.folder, files.SUMMARY, number) for number in self.chunks()]
        found = [files.read_table(path).to_pandas() for path in paths]
        if found:
            return pd.concat(found, ignore_index=True)
        columns = ["run_key", "status", "error", "seconds", "attempt", "result_hash", "steps", *self.outcomes]
        return pd.DataFrame(columns=columns)

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
        found = [files.read_table(path, ["run_key", "step", *wanted]).to_pandas() for path in paths]
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["run_key", "step", *wanted])

    @property
    def is_complete(self) -> bool:
        """Whether every planned run is done, well or not."""
        return len(self.chunks()) == int(self.manifest["chunks"])

    def scenario(self, run_key: str) -> Scenario:
        """The scenario of one run, seed included: ``abm.run(study.scenario(key))`` makes it again, in full."""
        from experiments.design import load

        row = self.plan[self.plan["run_key"] == run_key]
        if row.empty:
            raise InputError(f"run `{run_key}`", place=f"{self.folder}", why="is not planned here")
        design = load(self.manifest["design"])
        point = {key: row.iloc[0][key] for key in self.keys}
        plain = {key: value.item() if hasattr(value, "item") else value for key, value in point.items()}
        return design.scenario(plain).with_overrides(seed=int(row.iloc[0]["seed"]))

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
            except (OSError, pa.ArrowException):
                # Not whole: of no use here, and said and redone when its own plan is run.
                continue
            keys, statuses = table["run_key"].to_pylist(), table["status"].to_pylist()
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
        folder = self.path / plan.hash
        return Study(folder) if (folder / files.MANIFEST).exists() else None

    def create(self, plan: Plan, n_chunks: int, timeout: float) -> Study:
        """Make the plan's folder, or find the one that somebody else has just made."""
        import pyarrow as pa

        folder = self.path / plan.hash
        part = self.path / f".{plan.hash}.{os.getpid()}.{os.urandom(4).hex()}.part"
        table = plan.runs.copy()
        order = {key: i for i, key in enumerate(dict.fromkeys(table["run_key"].tolist()))}
        table.insert(1, "chunk", [order[key] * n_chunks // len(order) for key in table["run_key"].tolist()])
        about = {
            "design_name": plan.design.name,
            "title": plan.design.title,
            "question": plan.design.question,
            "model": identity.model(),
            "keys": list(plan.design.keys),
            "outcomes": [o.name for o in plan.design.outcomes],
            "series": list(plan.design.series),
            "runs": len(order),
            "chunks": n_chunks,
            "timeout": timeout,
            "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **identity.installation(),
            "scenario": plan.design.base.to_toml(),
            "design": plan.design.to_tables(),
        }
        try:
            for kind in (files.SUMMARY, files.SERIES):
                (part / kind).mkdir(parents=True)
            files.write_table(part / files.PLAN, pa.Table.from_pandas(table, preserve_index=False))
            files.write_text(part / files.MANIFEST, json.dumps(about, indent=1, ensure_ascii=False) + "\n")
            # Onto a folder that is not empty this fails: somebody else was first.
            part.rename(folder)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            if not (folder / files.MANIFEST).exists():
                raise unwritable(self.path, error) from error
        return Study(folder)


def studies(path: Path) -> list[Study]:
    """Every plan in a store, the oldest first, whatever version of the model wrote it. StoreError for a broken one."""
    if not path.is_dir():
        return []
    found = [Study(p) for p in path.iterdir() if not p.name.startswith(".") and (p / files.MANIFEST).exists()]
    for study in found:
        with reading(study.folder):
            _ = study.manifest
    return sorted(found, key=lambda study: (study.manifest["created"], study.folder.name))


def set_aside(path: Path) -> Path | None:
    """Move a store out of the way, to the first free name beside it; nothing is deleted."""
    if not path.exists():
        return None
    old = fresh(path.with_name(f"{path.name}-old"))
    path.rename(old)
    return old


def unwritable(path: Path, error: OSError) -> StoreError:
    """What a person reads when the disk is full or the folder is not theirs."""
    # Libraries put words of their own around what the system says.
    why = f"cannot be written ({os.strerror(error.errno) if error.errno else error})"
    mend = "make room or give another folder with --store, and run the same command again: finished runs are kept"
    return StoreError(f"the store {path}", why=why, mend=mend)
