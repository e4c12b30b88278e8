"""The golden file: what about forty short worlds gave when it was last written, column by column.

A change that should not move results must leave it as it is; one that should is followed by

    python -m tests.golden --write

which says which columns moved in which worlds. Without ``--write`` it only compares. Where numpy, numba, the
cluster library and the processor's features are those that the file was made with, the bytes are compared, elsewhere
the values to 1e-9.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite.binding
import numpy as np
import pandas as pd

from abm.population import build, tables
from abm.quarter import step
from abm.quarter.negotiation.protocols import names as protocols
from abm.results.recording import Recorder
from abm.scenario import Scenario, load
from abm.scenario.policies import rules
from abm.world.state import State
from tests.digests import digests, plain

HERE = Path(__file__).parent
FILE = HERE / "golden.parquet"
MADE_WITH = HERE / "made_with.json"
PACKAGES = ("numpy", "numba", "llvmlite")
TOLERANCE = 1e-9
GROUPS = ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students")


class World(NamedTuple):
    """A scenario with a seed and a length."""

    scenario: Scenario
    seed: int
    steps: int
    threads: int


def worlds() -> dict[str, World]:
    """All worlds of worlds.toml by name."""
    with (HERE / "worlds.toml").open("rb") as file:
        described: dict[str, dict[str, Any]] = tomllib.load(file)
    common = described.pop("common")
    found: dict[str, World] = {}
    for name, given in described.items():
        changes = dict(given.get("set", {}))
        if "policies" in given:
            changes["policies"] = given["policies"]
        base = load(given["scenario"]) if "scenario" in given else Scenario(name="small").with_overrides(**common)
        found[name] = World(
            base.with_overrides(**changes), given.get("seed", 1), given.get("steps", 16), given.get("threads", 1)
        )
    return found


def not_in_any_world() -> list[str]:
    """Protocols and rules of the package that no world has."""
    scenarios = [world.scenario for world in worlds().values()]
    used = {s.protocol for s in scenarios} | {rule.name for s in scenarios for rule in s.policies}
    return [name for name in (*protocols(), *rules()) if name not in used]


def made_with() -> dict[str, str]:
    """What the last bits of results may depend on."""
    features = sorted(name for name, is_there in llvmlite.binding.get_host_cpu_features().items() if is_there)
    return {name: version(name) for name in PACKAGES} | {
        "processor": llvmlite.binding.get_host_cpu_name(),
        "features": hashlib.blake2b(" ".join(features).encode(), digest_size=8).hexdigest(),
    }


def is_made_alike() -> bool:
    """Whether bytes can be compared here."""
    return json.loads(MADE_WITH.read_text(encoding="utf-8")) == made_with()


def run(world: World) -> pd.DataFrame:
    """Every column of a run's tables and of its last state: one row each with its digest and one number.

    The number is a sum over the column with weights that differ by row, so that it tells values and their places.
    """
    state = build(world.scenario, world.seed, threads=world.threads)
    recorder = Recorder()
    for _ in range(world.steps):
        step(state, world.scenario)
        recorder.record(state)
    columns = recorder.columns(tables(world.scenario).regions.name)
    rows = [
        (f"{table}.{name}", _digest(values), _number(values))
        for table, of in columns.items()
        for name, values in of.items()
    ]
    numbers = _last_columns(state)
    rows += [(f"state.{name}", digest, numbers.get(name, np.nan)) for name, digest in digests(state).items()]
    return pd.DataFrame(rows, columns=["column", "digest", "number"]).set_index("column")


def _last_columns(state: State) -> dict[str, float]:
    return {
        f"{group}.{name}": _number(column)
        for group in GROUPS
        for name, column in getattr(state, group)._asdict().items()
    }


def _digest(values: Any) -> str:
    return hashlib.blake2b(repr(plain(values)).encode(), digest_size=12).hexdigest()


def _number(values: Any) -> float:
    column = np.asarray(values).ravel() if isinstance(values, np.ndarray) else np.empty(0)
    if column.dtype.kind not in "biuf":
        return float("nan")
    column = column.astype(np.float64)
    weights = 1.0 + np.modf(np.arange(len(column)) * 0.6180339887498949)[0]
    known = ~np.isnan(column)
    return float((column[known] * weights[known]).sum() + (~known).sum())


def read() -> dict[str, pd.DataFrame]:
    """The golden file: each world's columns with digest and number; {} where it has not been written."""
    if not FILE.exists():
        return {}
    everything = pd.read_parquet(FILE)
    return {
        str(name): rows.drop(columns="world").set_index("column")
        for name, rows in everything.groupby("world", sort=False)
    }


def write(found: dict[str, pd.DataFrame]) -> None:
    """Replace the golden file."""
    rows = [frame.reset_index().assign(world=name) for name, frame in found.items()]
    pd.concat(rows)[["world", "column", "digest", "number"]].to_parquet(FILE, index=False, compression="zstd")
    MADE_WITH.write_text(json.dumps(made_with(), indent=2) + "\n", encoding="utf-8")


def moved(before: pd.DataFrame, after: pd.DataFrame, *, by_bytes: bool) -> list[str]:
    """Names of the columns that differ; ones that came or went with a word that says so."""
    gone = [f"{name} (gone)" for name in before.index.difference(after.index)]
    new = [f"{name} (new)" for name in after.index.difference(before.index)]
    both = before.index.intersection(after.index)
    old, now = before.loc[both], after.loc[both]
    if by_bytes:
        differs = (old["digest"] != now["digest"]).to_numpy()
    else:
        is_near = np.isclose(old["number"], now["number"], rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
        differs = ~is_near
    return [*both[differs], *gone, *new]
