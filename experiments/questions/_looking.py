"""Worlds of a question that are looked at beyond their metrics: what a function sees in a run, kept in the store.

A look is a function of a module, (Scenario) -> rows: it plays the scenario and says what it saw. What it saw is a file
of the store, under a name that changes with the model, the look's own module and the scenario; what is there is not
played again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from sys import modules
from typing import TYPE_CHECKING, Any

from experiments.analysis._runs import Floats
from experiments.analysis._runs import column as column_of
from experiments.analysis._watch import Watch
from experiments.design import Design, load
from experiments.runs import files, identity

if TYPE_CHECKING:
    import pandas as pd

    from abm.scenario import Scenario
    from experiments.questions import Setting

Rows = list[dict[str, Any]]
Look = Callable[["Scenario"], Rows]
FOLDER = "looked"
"""Folder of the store."""
LINES = 20
"""Lines that say how far it is."""


def worlds(
    setting: Setting, name: str, arms: Mapping[str, Scenario], replications: Sequence[int]
) -> list[tuple[str, int, Scenario]]:
    """Arm, seed and scenario of each world: all arms under the seeds of the same replications, in the setting's
    variant."""
    found: list[tuple[str, int, Scenario]] = []
    for arm, base in arms.items():
        design = setting.varied(one(name, base, max(replications) + 1))
        drawn = map(design.run_seed, replications)
        found += [(arm, seed, design.base.with_overrides(seed=seed)) for seed in drawn]
    return found


def one(name: str, base: Scenario, replications: int) -> Design:
    """A design of one point: a scenario under so many seeds."""
    points, outcomes = [{"steps": base.steps}], ["failed_share"]
    tables = {"name": name, "base": base, "replications": replications, "points": points, "outcomes": outcomes}
    return load({**tables, "sampler": "table"})


def anew(design: Design) -> dict[str, Any]:
    """What a design says, but for its points and outcomes."""
    left_out = ("points", "outcomes", "vary", "sampler")
    return {key: value for key, value in design.to_tables().items() if key not in left_out}


def looked(setting: Setting, wanted: Sequence[tuple[str, int, Scenario]], look: Look, what: str) -> pd.DataFrame:
    """What is seen in worlds: its rows, with ``arm`` and ``seed`` before them. A stop loses what is under way."""
    import pandas as pd

    own = Path(str(modules[look.__module__].__file__)).read_bytes()
    places = [setting.store / FOLDER / what / f"{_key(own, world)}.json" for _, _, world in wanted]
    missing = [i for i, place in enumerate(places) if not place.is_file()]
    watch = Watch(what, is_quiet=setting.is_quiet, is_of_runs=True)
    with _players(setting, len(missing)) as play:
        for done, (i, rows) in enumerate(play(look, [(i, wanted[i][2]) for i in missing]), start=1):
            places[i].parent.mkdir(parents=True, exist_ok=True)
            files.write_text(places[i], json.dumps(rows))
            if done % max(1, len(missing) // LINES) == 0:
                watch(done, len(missing))
    found: Rows = []
    for (arm, seed, _), place in zip(wanted, places, strict=True):
        found += [{"arm": arm, "seed": seed, **row} for row in json.loads(place.read_text("utf-8"))]
    return pd.DataFrame(found)


def _key(own: bytes, world: Scenario) -> str:
    parts = (identity.model().encode(), own, world.to_toml().encode(), str(world.seed).encode())
    return hashlib.blake2b(b"\0".join(parts), digest_size=12).hexdigest()


@contextmanager
def _players(setting: Setting, n: int) -> Generator[Callable[..., Iterator[tuple[int, Rows]]]]:
    """How worlds are played: one after the other here, or by several processes."""
    from abm.results.running import processors

    workers = min(setting.workers or processors(), n)
    if workers <= 1:
        yield lambda look, wanted: ((i, look(world)) for i, world in wanted)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))

    def play(look: Look, wanted: list[tuple[int, Scenario]]) -> Iterator[tuple[int, Rows]]:
        under_way = {pool.submit(look, world): i for i, world in wanted}
        for done in as_completed(under_way):
            yield under_way[done], done.result()

    try:
        yield play
    finally:
        pool.shutdown(cancel_futures=True)


def where(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows with these values in these columns."""
    found: Any = table
    for name, value in values.items():
        found = found[found[name] == value]
    return found


def by_seed(seen: pd.DataFrame, column: str, **values: object) -> Floats:
    """A column of the rows with these values, in the order of the seeds."""
    return column_of(where(seen, **values).sort_values("seed"), column)
