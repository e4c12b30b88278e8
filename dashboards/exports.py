"""What a visitor takes along: all results of the run shown, or its scenario as changed.

Results are made by running scenario and log of actions once more, with the model's own recorder: they
are the tables of `abm run`, not what happened to be drawn.
"""

from __future__ import annotations

import io
import secrets
import tempfile
import threading
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from abm import simulation
from abm.population import build, tables
from abm.recording import Recorder
from abm.results import Results
from abm.toml_text import scalar
from dashboards.live import phases

if TYPE_CHECKING:
    from collections.abc import Callable

    from abm.scenario import Scenario
    from dashboards.live import Action

LIFETIME = 300.0
"""Seconds for which a finished export waits to be fetched."""
MOST_WAITING = 256 * 1024**2
"""Bytes of finished exports held at a time."""
LOG_HEAD = "# What was changed while the run was going: after `step` quarters, in the words of `abm run --set`.\n"


def replay(
    scenario: Scenario, actions: tuple[Action, ...], steps: int, is_unwanted: Callable[[], bool] | None = None
) -> Results:
    """The results of the first ``steps`` quarters of a run with its changes."""
    begun = time.perf_counter()
    course = phases(scenario, actions)
    names = tables(scenario).regions.name
    state, recorder = build(scenario, scenario.seed), Recorder()
    while state.step < steps and not (is_unwanted and is_unwanted()):
        simulation.step(state, next(s for first, s in reversed(course) if first <= state.step))
        recorder.record(state)
    columns = recorder.columns(names)
    return Results(scenario, recorder.steps, names, columns, time.perf_counter() - begun)


def zipped(results: Results, actions: tuple[Action, ...], *, csv: bool) -> bytes:
    """The results folder of `abm run` as a zip file, with the log of changes if there were any."""
    target = io.BytesIO()
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = results.save(Path(place) / "results", csv=csv, report=not actions)
        for path in sorted(folder.iterdir()):
            if not (csv and path.suffix == ".parquet"):
                archive.write(path, path.name)
        if actions:
            archive.writestr("changes.toml", changes_text(actions))
    return target.getvalue()


def changes_text(actions: tuple[Action, ...]) -> str:
    """The log of changes as TOML."""
    entries = [
        f"\n[[changes]]\nstep = {action.step}\n" + "".join(f'"{key}" = {scalar(v)}\n' for key, v in action.overrides)
        for action in actions
    ]
    return LOG_HEAD + "".join(entries)


def scenario_text(scenario: Scenario, actions: tuple[Action, ...]) -> str:
    """The scenario in force now as a file; how it came to be stands above it."""
    above = "".join(
        f"# after {action.step} quarters: " + ", ".join(f"{key} = {value}" for key, value in action.overrides) + "\n"
        for action in actions
    )
    return above + scenario.to_toml()


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
