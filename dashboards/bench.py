"""Bench: one run on a page with where it came from; what the chooser, the levers and the link act on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import solara

from abm.errors import InputError
from dashboards import exports, links, uploads
from dashboards.limits import check_size
from dashboards.links import Link

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.live import LiveRun
    from dashboards.session import Session


class Bench:
    """One place at which a run is played. Every method leaves a message instead of raising for bad input."""

    def __init__(self, session: Session, query: str = "") -> None:
        self.session = session
        self.link = Link()
        self.own: Scenario | None = None
        """The visitor's own scenario or tables; None = a shipped scenario, which a link can carry."""
        self.run: solara.Reactive[LiveRun | None] = solara.reactive(None)
        self._note: solara.Reactive[tuple[Callable[[], str], bool]] = solara.reactive((str, False))
        self.refused_move: solara.Reactive[bool] = solara.reactive(False)
        """Whether the message tells of a lever that could not be moved."""
        self.download: solara.Reactive[str] = solara.reactive("")
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.open(query)

    def note(self) -> tuple[str, bool]:
        """The message for the visitor, in the language of now, and whether it tells of something wrong."""
        text, is_wrong = self._note.value
        return text(), is_wrong

    def say(self, text: Callable[[], str] = str, *, is_wrong: bool = False) -> None:
        """Leave a message, as what gives it: the visitor's language may change, or not be known yet."""
        self._note.value = (text, is_wrong)
        self.refused_move.value = False

    def open(self, query: str) -> None:
        """Follow a link; one that cannot be followed gives a message and the classroom world."""
        try:
            self.link = links.read(query)
            scenario = self.link.build()
            check_size(scenario)
            self.say()
        except InputError as error:
            self.link = Link()
            scenario = self.link.build()
            self._refuse_link(error)
        try:
            self._begin(scenario)
        except InputError as full:
            self._refuse(full)

    def _refuse_link(self, error: InputError) -> None:
        session = self.session
        self.say(lambda: session.say("chooser.bad_link", why=session.told(error)), is_wrong=True)

    def again(self) -> None:
        """Try once more what could not be begun."""
        self._try(self.link)

    def choose(self, name: str) -> None:
        """Another shipped scenario, from its start."""
        self._try(Link(name, self.link.seed))

    def seed(self, text: str) -> None:
        """The same world with another seed."""
        number = int(text) if str(text).isdecimal() else -1
        if number < 0:
            self.say(lambda: f"`{str(text)[:40]}`: {self.session.say('chooser.seed')} 0, 1, 2 ...", is_wrong=True)
        elif self.own is not None:
            self._restart_own(self.own.with_overrides(seed=number))
        else:
            self._try(replace(self.link, seed=number, actions=(), step=0))

    def reset(self, settings: Mapping[str, Any] | None = None) -> None:
        """From the start again, with further settings for what acts only then; changes made on the way go."""
        if self.own is not None:
            try:
                self._restart_own(self.own.with_overrides(**(settings or {})))
            except InputError as error:
                self._refuse(error)
        else:
            self._try(replace(self.link, settings={**self.link.settings, **(settings or {})}, actions=(), step=0))

    def follow(self, other: Bench) -> None:
        """The world of another bench, from its start."""
        scenario = other.run_scenario()
        if scenario is not None:
            try:
                self._begin(scenario, is_own=True)
                self.link, self.own = replace(other.link, actions=(), step=0), other.own
            except InputError as error:
                self._refuse(error)

    def change(self, key: str, value: float) -> None:
        """Move a lever in the running world: it goes on from the moment shown."""
        run = self.run.value
        if run is None:
            return
        try:
            run.change({key: value})
            self.say()
        except InputError as error:
            self._refuse(error)
            self.refused_move.value = True

    def upload(self, files: Sequence[Mapping[str, Any]]) -> None:
        """Run what the visitor brought; what was running goes on if it cannot be used."""
        folder = tempfile.TemporaryDirectory(prefix="abm-upload-")
        try:
            scenario = uploads.scenario_from(uploads.received(files), Path(folder.name), self.run_scenario())
            self._restart_own(scenario)
        except InputError as error:
            folder.cleanup()
            self._refuse(uploads.of_upload(error, Path(folder.name)))
            return
        self._drop_folder()
        self._folder = folder
        self.say(lambda: self.session.say("chooser.uploaded", name=self.session.title(scenario)))

    def export(self, kind: str) -> None:
        """Lay the scenario (toml) or all results (parquet, csv) ready for download."""
        run = self.run.value
        if run is None:
            return
        name = f"{run.scenario.name}-seed{run.scenario.seed}"
        if kind == "toml":
            content, name = exports.scenario_text(run.scenario_now(), run.actions).encode(), f"{name}.toml"
        else:
            self.say(lambda: self.session.say("chooser.working"))
            results = exports.replay(run.scenario, run.actions, run.head, lambda: run.phase == "closed")
            content, name = exports.zipped(results, run.actions, csv=kind == "csv"), f"{name}-{kind}.zip"
        self.download.value = exports.PARCELS.put(self.session.visitor, name, content)
        self.say(lambda: self.session.say("chooser.ready", name=name))

    def query(self, step: int) -> str | None:
        """The query string of the moment shown; None for a world of the visitor's own files."""
        run = self.run.value
        if run is None or self.own is not None:
            return None
        return links.write(replace(self.link, seed=run.scenario.seed, actions=run.actions, step=step))

    def run_scenario(self) -> Scenario | None:
        """The scenario of the run before any change."""
        return None if self.run.value is None else self.run.value.scenario

    def wanted_scenario(self) -> Scenario:
        """The same; without a run, the scenario that could not be begun."""
        return self.run_scenario() or self.link.build()

    def close(self) -> None:
        """End the run and remove the visitor's files."""
        if self.run.value is not None:
            self.session.end(self.run.value)
        self._drop_folder()

    def _try(self, link: Link) -> None:
        try:
            scenario = link.build()
            previous, self.link, self.own = (self.link, self.own), link, None
            try:
                self._begin(scenario)
            except InputError:
                self.link, self.own = previous
                raise
            self.say()
        except InputError as error:
            self._refuse(error)

    def _restart_own(self, scenario: Scenario) -> None:
        self._begin(scenario, is_own=True)
        self.own = scenario

    def _begin(self, scenario: Scenario, *, is_own: bool = False) -> None:
        actions, step = ((), 0) if is_own else (self.link.actions, self.link.step)
        before = self.run.value
        fresh = self.session.begin(scenario, actions, start_at=min(step, scenario.steps), instead_of=before)
        if before is not None:
            fresh.set_speed(before.speed)
        self.run.value = fresh

    def _drop_folder(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _refuse(self, error: InputError) -> None:
        self.say(lambda: self.session.told(error), is_wrong=True)
