"""Map of outcomes: what becomes of a world at each pair of two settings, and where the visitor's run stands."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
import solara

from abm.machine.errors import InputError
from abm.quarter.measurement.metrics import catalogue
from abm.results.progress import duration
from dashboards.controls import links, uploads
from dashboards.controls.content import scenario_list
from dashboards.controls.links import Link
from dashboards.live.lasting import until_done
from dashboards.live.scenes import Style
from dashboards.live.session import Session, use_session
from dashboards.outcomes import given, settings, stores
from dashboards.outcomes.parts import Order, Reading
from dashboards.outcomes.surface import BOUNDARIES, Cell, cells, phase_map, trail
from dashboards.outcomes.survey import MOST_VALUES, PAUSED, RUNNING, Plan, Survey, plan_from, worlds
from dashboards.views.phase_map import View
from dashboards.words import percent

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.controls.bench import Bench
    from experiments.sweep.store import Study

PATH, LABEL, ORDER = "map", "pages.map", 40
LOOK_EVERY = 0.5
"""Seconds between two looks at a survey that is under way."""


@dataclass(frozen=True)
class Loaded:
    """The runs of a sweep of before, and what a link to one of its cells needs."""

    name: str
    runs: pd.DataFrame
    keys: tuple[str, ...]
    base: str
    seed: int
    steps: int
    model: str
    """Version of the model that made the runs."""
    missing: int
    """Parts of the study that are planned and not there."""
    is_listed: bool = False
    """Whether an address can lead to it."""


@dataclass
class Desk:
    """What one visitor holds of this page."""

    survey: Survey | None = None
    loaded: Loaded | None = None
    axes: tuple[str, str] = ("", "")
    """Settings across and up."""
    outcome: str = "substantive_depth_per_place"
    cell: int = -1
    wished: Plan = field(default_factory=Plan)
    """What the form says before a survey is begun."""
    told: Callable[[], str] = str
    """Gives the message, in the language of the moment at which it is read."""
    changes: solara.Reactive[int] = field(default_factory=lambda: solara.reactive(0))

    @property
    def message(self) -> str:
        """What to tell the visitor; empty for nothing."""
        return self.told()

    def changed(self) -> None:
        """Draw anew."""
        self.changes.value += 1

    def query(self) -> str:
        """The address of what is shown; empty for nothing, and for a folder that only this visitor has."""
        looks: dict[str, Any] = {"x": self.axes[0], "y": self.axes[1], "outcome": self.outcome}
        if self.cell >= 0:
            looks["cell"] = self.cell
        if self.loaded is not None:
            return f"?{urlencode({'study': self.loaded.name} | looks)}" if self.loaded.is_listed else ""
        return "" if self.survey is None else f"?{urlencode(asdict(self.survey.plan) | looks)}"

    def open(self, session: Session, query: str) -> None:
        """Follow an address: a sweep of before, or a survey, which goes on if it is this visitor's and still there."""
        asked = dict(parse_qsl(query.lstrip("?")))
        if "study" in asked:
            self.load(session, asked["study"])
        elif "base" in asked:
            try:
                plan = plan_from(asked)
                plan.design()
            except InputError as error:
                self.told = partial(session.told, error)
                return
            self.wished, self.survey = plan, _left_behind(session, plan)
            self.axes = (plan.x, plan.y) if self.survey is not None else self.axes
            if self.survey is None:
                self.told = partial(session.say, "map.again")
        if (outcome := asked.get("outcome", "")) in BOUNDARIES:
            self.outcome = outcome
        if self.loaded is not None and {asked.get("x", ""), asked.get("y", "")} <= set(self.loaded.keys):
            self.axes = (asked["x"], asked["y"])
        cell = asked.get("cell", "")
        self.cell = int(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 6 else -1

    def order(self, session: Session, wish: dict[str, Any]) -> None:
        """Begin another survey; the one before goes only if the new one can be."""
        try:
            plan = plan_from(wish)
            plan.design()
            self.close()
            _left_behind(session)
            self.wished = plan
            self.survey = Survey(plan, session.visitor)
            self.loaded, self.axes, self.cell, self.told = None, (plan.x, plan.y), -1, str
        except InputError as error:
            self.told = partial(session.told, error)
        self.changed()

    def load(self, session: Session, name: str) -> None:
        """Show a sweep of before."""
        try:
            study = stores.listed().get(name)
            if study is None:
                raise InputError(f"`{name[:80]}`", why="is not there any more")
            self._show(name, study, is_listed=True)
        except InputError as error:
            self.told = partial(session.told, error)
        self.changed()

    def take(self, session: Session, files: list[dict[str, Any]]) -> None:
        """Show a study whose folder the visitor sent; what is shown stays if it cannot be used."""
        with tempfile.TemporaryDirectory(prefix="abm-study-", ignore_cleanup_errors=True) as folder:
            try:
                study = given.study_from(uploads.received(files, given.MOST_FILES) if files else {}, Path(folder))
                self._show(study.folder.name, study)
            except InputError as error:
                self.told = partial(session.told, error)
        self.changed()

    def refuse(self, session: Session, size: float) -> None:
        """Say that a folder is too large to be sent."""
        mb, most = f"{size / 1024**2:.1f}", uploads.MOST_BYTES // 1024**2
        self.told = partial(session.say, "map.too_large", mb=mb, most=most)
        self.changed()

    def _show(self, name: str, study: Study, *, is_listed: bool = False) -> None:
        runs = stores.read(study)
        keys, manifest = stores.numeric(study.manifest), study.manifest
        missing = max(0, int(manifest["chunks"]) - len(study.chunks()))
        base, seed = manifest["design"]["base"], int(runs["seed"].iloc[0])
        self.loaded = Loaded(
            name, runs, tuple(keys), str(base.get("name", "")), seed, int(base.get("steps", 0)),
            str(manifest["model"]), missing, is_listed,
        )  # fmt: skip
        if self.outcome not in runs.columns:
            self.outcome = next(outcome for outcome in BOUNDARIES if outcome in runs.columns)
        self.axes, self.cell, self.told = (keys[0], keys[1]), -1, str

    def close(self) -> None:
        """End the survey."""
        if self.survey is not None:
            self.survey.close()
            self.survey = None


LEFT_FOR = 60.0
"""Seconds for which a survey goes on whose page is gone: one that is loaded anew takes it over."""
_left: dict[str, Survey] = {}
"""Such surveys by their visitor."""


def _leave_behind(session: Session, desk: Desk) -> None:
    """The page is gone: its survey ends unless the visitor's next page wants it soon."""
    survey, desk.survey = desk.survey, None
    if survey is None:
        return
    _left[session.visitor] = survey

    def end() -> None:
        if _left.get(session.visitor) is survey:
            del _left[session.visitor]
            survey.close()

    timer = threading.Timer(LEFT_FOR, end)
    timer.daemon = True
    timer.start()


def _left_behind(session: Session, plan: Plan | None = None) -> Survey | None:
    """The survey of the same plan that this visitor's page had before it was loaded anew; any other ends."""
    survey = _left.pop(session.visitor, None)
    if survey is not None and survey.plan != plan:
        survey.close()
        return None
    return survey


@solara.component
def Page() -> None:  # noqa: N802
    """The desk of this visitor, found again when coming back; a survey goes on meanwhile."""
    session = use_session()
    query = solara.use_router().search or ""

    def desk_of() -> Desk:
        if "map" not in session.kept:
            session.kept["map"] = Desk()
            session.kept["map"].open(session, query)
            session.farewells.append(partial(_leave_behind, session, session.kept["map"]))
        return session.kept["map"]

    desk = solara.use_memo(desk_of, [])
    seen, set_seen = solara.use_state(0)
    has_stumbled, set_stumbled = solara.use_state(False)
    changes, survey = desk.changes.value, desk.survey

    def put_link() -> None:
        session.link.value = desk.query()

    solara.use_effect(put_link, [changes])

    def look(cancelled: threading.Event) -> None:
        while survey is not None and not cancelled.wait(LOOK_EVERY):
            set_seen(survey.version)
            set_stumbled(False)
            if survey.phase not in (RUNNING, PAUSED):
                break

    def follow(cancelled: threading.Event) -> None:
        until_done(lambda: look(cancelled), cancelled, set_stumbled)

    solara.use_thread(follow, dependencies=[id(survey), changes], intrusive_cancel=False)
    with solara.Div(classes=["abm-map"]):
        with solara.Div(classes=["o-head"]):
            solara.HTML("h1", session.say("map.title"))
            solara.HTML("p", session.say("map.lead"))
            if has_stumbled:
                alert = {"role": "alert"}
                solara.HTML("p", session.say("lab.stumbled"), classes=["abm-note", "is-wrong"], attributes=alert)
        with solara.Div(classes=["o-body"]):
            Ordering(desk, seen, changes)
            Shown(desk, seen, changes)


@solara.component
def Ordering(desk: Desk, seen: int, changes: int) -> None:  # noqa: N802
    """What to survey; ``seen`` and ``changes`` say when to draw anew."""
    session = use_session()
    survey, language = desk.survey, session.language.value
    small = solara.use_memo(worlds, [])
    listed = solara.use_memo(lambda: list(stores.listed()), [])

    def pause(is_wanted: bool) -> None:
        if survey is not None:
            (survey.pause if is_wanted else survey.resume)()
            desk.changed()

    Order(
        plan=asdict(survey.plan if survey is not None else desk.wished),
        worlds=[world for world in scenario_list(session) if world["name"] in small],
        settings=solara.use_memo(lambda: settings.offered(session), [language]),
        limits={"values": MOST_VALUES, "bytes": uploads.MOST_BYTES},
        studies=listed,
        phase="" if survey is None else survey.phase,
        done=0 if survey is None else survey.cells_done,
        cells=0 if survey is None else len(survey.points),
        left="" if survey is None else _progress(session, survey),
        message=desk.message or ("" if survey is None or survey.error is None else session.told(survey.error)),
        words=session.words("map"),
        event_order=lambda wish: desk.order(session, wish),
        event_pause=pause,
        event_load=lambda name: desk.load(session, str(name)),
        event_take=lambda files: desk.take(session, files),
        event_refused=lambda size: desk.refuse(session, float(size)),
    )


def _progress(session: Session, survey: Survey) -> str:
    left, done, every = survey.seconds_left, survey.cells_done, len(survey.points)
    if survey.phase == RUNNING and left is None:
        return session.say("map.starting")
    if survey.phase == RUNNING:
        return session.say("map.running", done=done, cells=every, left=duration(left or 0.0))
    return session.say(f"map.{survey.phase}", done=done, cells=every)


@solara.component
def Shown(desk: Desk, seen: int, changes: int) -> None:  # noqa: N802
    """The map and what can be read from it."""
    session = use_session()
    language, survey, loaded = session.language.value, desk.survey, desk.loaded
    x, y = desk.axes
    names = (settings.name_of(session, x), settings.name_of(session, y), session.label(catalogue()[desk.outcome]))

    def draw() -> tuple[Any, list[Cell]]:
        runs = loaded.runs.copy() if loaded is not None else survey.runs() if survey is not None else None
        if runs is None:
            return None, []
        xs = stores.on_grid(runs, x) if loaded is not None or survey is None else survey.xs
        ys = stores.on_grid(runs, y) if loaded is not None or survey is None else survey.ys
        found = cells(runs, x, y, desk.outcome)
        return phase_map(found, xs, ys, desk.outcome, names), found

    chart, found = solara.use_memo(draw, [seen, changes, language])
    bench: Bench | None = session.kept.get("lab")
    run = bench.run.value if bench is not None else None
    way = trail(run.scenario, x, y) if run is not None and x else np.empty((0, 2))

    def act(name: str, value: Any) -> None:
        if name == "cell":
            desk.cell = int(value)
            desk.changed()

    def choose(outcome: str) -> None:
        if outcome in BOUNDARIES:
            desk.outcome = outcome
            desk.changed()

    def turn(wish: dict[str, Any]) -> None:
        if loaded is not None and wish.get("key") in loaded.keys:
            key, (a, b) = str(wish["key"]), desk.axes
            first = wish.get("axis") == "x"
            desk.axes = (key, a if key == b else b) if first else (b if key == a else a, key)
            desk.cell = -1
            desk.changed()

    known = set(BOUNDARIES) if loaded is None else set(loaded.runs.columns)
    with solara.Div(classes=["o-shown"]):
        with solara.Div(classes=["o-map"]):
            if chart is None:
                solara.HTML("div", session.say("map.empty"), classes=["o-empty"])
            else:
                with solara.Div(classes=["abm-card"]):
                    View(chart, way, language, Style(session.theme.value, session.is_projected.value, on_act=act))
        with solara.Div(classes=["o-side"]):
            Reading(
                outcomes=[{"name": n, "label": session.label(catalogue()[n])} for n in BOUNDARIES if n in known],
                outcome=desk.outcome,
                axes=[] if loaded is None else _axes(session, desk, loaded),
                cell=None if chart is None or desk.cell < 0 else _cell(session, desk, chart, found),
                here=_here(session, run, way, desk),
                note="" if loaded is None else _note(session, loaded),
                words=session.words("map"),
                event_pick=choose,
                event_axis=turn,
            )


def _note(session: Session, loaded: Loaded) -> str:
    """What one should know of the runs that are shown."""
    from experiments.runs import identity

    notes = [session.say("map.averaged", name=loaded.name)]
    if loaded.missing:
        notes.append(session.say("map.incomplete", n=loaded.missing))
    if loaded.model != identity.model():
        notes.append(session.say("map.other_model", theirs=loaded.model, ours=identity.model()))
    return " ".join(notes)


def _axes(session: Session, desk: Desk, loaded: Loaded) -> list[dict[str, Any]]:
    keys = [{"key": key, "label": settings.name_of(session, key)} for key in loaded.keys]
    return [{"axis": axis, "key": key, "keys": keys} for axis, key in zip("xy", desk.axes, strict=True)]


def _here(session: Session, run: Any, way: Any, desk: Desk) -> str:
    """Where the visitor's run in the Lab stands, in a sentence."""
    if run is None or not desk.axes[0]:
        return session.say("map.no_run")
    if not len(way):
        return session.say("map.not_here")
    snapshot = run.snapshot()
    value = snapshot.frame.metrics[desk.outcome] if snapshot is not None and snapshot.step else float("nan")
    now = "–" if np.isnan(value) else _value(session.language.value, desk.outcome, value)
    return session.say("map.run_here", x=f"{way[-1][0]:g}", y=f"{way[-1][1]:g}", value=now)


def _value(language: str, outcome: str, value: float) -> str:
    return f"{value:.2f}" if outcome == "substantive_depth_per_place" else percent(language, value)


def _cell(session: Session, desk: Desk, chart: Any, found: list[Cell]) -> dict[str, str] | None:
    """The chosen cell, with a link that opens its first run in the Lab at the moment of the map."""
    row, column = divmod(desk.cell, len(chart.x))
    if row >= len(chart.y):
        return None
    x, y = float(chart.x[column]), float(chart.y[row])
    cell = next((c for c in found if np.isclose(c.x, x) and np.isclose(c.y, y)), None)
    if cell is None:
        return None
    survey, loaded = desk.survey, desk.loaded
    base = loaded.base if loaded is not None else survey.plan.base if survey is not None else "classroom"
    seed = loaded.seed if loaded is not None else survey.design.run_seed(0) if survey is not None else None
    steps = loaded.steps if loaded is not None else survey.plan.steps if survey is not None else 0
    settings_of = {desk.axes[0]: cell.x, desk.axes[1]: cell.y}
    root = (solara.use_router().root_path or "").rstrip("/")
    spread = "" if np.isnan(cell.spread) else f"± {_value(session.language.value, desk.outcome, cell.spread)}, "
    return {
        "mean": _value(session.language.value, desk.outcome, cell.mean),
        "spread": spread + session.say("map.of_runs", n=cell.runs),
        "where": f"{chart.x_name} {cell.x:.3g}, {chart.y_name} {cell.y:.3g}",
        "href": f"{root}/lab{links.write(Link(base, seed, settings_of, step=steps))}",
    }
