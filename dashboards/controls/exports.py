"""What a visitor takes along: all results of the run shown, or its scenario with what was changed in it.

Results are made by running the scenario once more, with the model's own recorder: they are the tables of
`abm run`, not what happened to be drawn. Whatever is taken, its scenario gives the same run by `abm run`.
"""

from __future__ import annotations

import io
import secrets
import tempfile
import threading
import time
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from abm.population import start_state, tables
from abm.results import Results
from abm.results.recording import Recorder
from dashboards.live.played import PlayedWorld, step_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from abm.scenario import Scenario

LIFETIME = 300.0
"""Seconds for which a finished export waits to be fetched."""
MOST_WAITING = 256 * 1024**2
"""Bytes of finished exports held at a time."""
TABLES = "tables"
"""Folder of an own world's tables, beside its scenario."""


def replay(
    scenario: Scenario, steps: int, is_unwanted: Callable[[], bool] | None = None, played: PlayedWorld | None = None
) -> Results | None:
    """The results of the first ``steps`` quarters of a run, as people ``played`` it if they did; None once unwanted."""
    begun = time.perf_counter()
    known = tables(scenario)
    state, recorder, step = start_state(known, scenario, scenario.seed), Recorder(), step_of(played)
    while state.step < steps:
        if is_unwanted and is_unwanted():
            return None
        step(state, scenario)
        recorder.record(state)
    columns = recorder.columns(known.regions.name)
    seconds = time.perf_counter() - begun
    return Results(scenario, recorder.steps, known.regions.name, columns, seconds, known)


def zipped(results: Results, *, csv: bool, played: PlayedWorld | None = None) -> bytes:
    """The results folder of `abm run` as a zip file; an own world's tables are in it, and what people decided where
    they ``played`` it."""
    target = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        folder = results.save(Path(place) / "results", csv=csv)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            is_table_again = csv and path.suffix == ".parquet" and path.parent == folder
            if not is_table_again:
                archive.write(path, path.relative_to(folder).as_posix())
        if played is not None and played.journal.is_file():
            archive.write(played.journal, played.journal.name)
    return target.getvalue()


def world(scenario: Scenario, name: str) -> tuple[str, bytes]:
    """Name and content of a file with the scenario, for `abm run`; an own world's tables are in one zip with it."""
    taken, brought = portable(scenario)
    text = taken.to_toml().encode()
    if not brought:
        return f"{name}.toml", text
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/{name}.toml", text)
        _pack(archive, brought, f"{name}/")
    return f"{name}.zip", target.getvalue()


def portable(scenario: Scenario) -> tuple[Scenario, list[Path]]:
    """The scenario as it is beside its tables, and the files of these; none where the world is not of tables."""
    if scenario.population.source != "tables":
        return scenario, []
    from abm.population.files import files_of

    brought = files_of(scenario.population.path)
    return replace(scenario, population=replace(scenario.population, path=TABLES)), brought


def _pack(archive: zipfile.ZipFile, brought: list[Path], folder: str = "") -> None:
    for path in brought:
        archive.write(path, f"{folder}{TABLES}/{path.name}")


@dataclass(frozen=True)
class Parcel:
    """A finished export on its way to one visitor."""

    visitor: str
    name: str
    content: bytes
    until: float


class Parcels:
    """Finished exports by a name that nobody can guess; each is for one visitor, once, for a short while."""

    def __init__(self) -> None:
        self._waiting: dict[str, Parcel] = {}
        self._lock = threading.Lock()

    def put(self, visitor: str, name: str, content: bytes) -> str:
        """Lay a file ready; returns the address from which the visitor fetches it."""
        key = secrets.token_urlsafe(24)
        with self._lock:
            self._forget_old()
            while self._waiting and sum(len(p.content) for p in self._waiting.values()) + len(content) > MOST_WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[key] = Parcel(visitor, name, content, time.monotonic() + LIFETIME)
        return f"/download/{key}"

    def take(self, visitor: str, key: str) -> Parcel | None:
        """The file under a key, if it is this visitor's."""
        with self._lock:
            self._forget_old()
            parcel = self._waiting.get(key)
            return self._waiting.pop(key) if parcel is not None and parcel.visitor == visitor else None

    def _forget_old(self) -> None:
        now = time.monotonic()
        self._waiting = {key: parcel for key, parcel in self._waiting.items() if parcel.until > now}


PARCELS = Parcels()
