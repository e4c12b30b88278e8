"""Bench: one run on a page with where it came from; what the chooser, the levers and the link act on."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import solara

from abm.machine.errors import InputError
from abm.machine.version import __version__
from dashboards.controls import exports, links, uploads
from dashboards.controls.links import Link
from dashboards.live.limits import check_size
from dashboards.live.worlds import WORLDS

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.live.run import LiveRun
    from dashboards.live.session import Session

LOG = logging.getLogger(__name__)
MOST_TOLD = 500
"""Letters of what is wrong with a link: it may cite a part that is as long as the link."""
OWN = "own"
"""What the chooser calls the world that the visitor brought."""


class Bench:
    """One place at which a run is played. Every method leaves a message instead of raising for bad input."""

    def __init__(self, session: Session, query: str | Link = "") -> None:
        self.session = session
        self.link = Link()
        self.own: Scenario | None = None
        """The visitor's own scenario or tables; None = a world that a link can carry."""
        self.brought: tuple[Link, Scenario | None] | None = None
        """What the visitor brought last, to come back to: as the link and the own world that it was begun with."""
        self.kept_until: float | None = None
        """Until when the server keeps the world shown, in seconds since 1970; None = it does not."""
        self.run: solara.Reactive[LiveRun | None] = solara.reactive(None)
        self._note: solara.Reactive[tuple[Callable[[], str], bool]] = solara.reactive((str, False))
        self.refused_move: solara.Reactive[bool] = solara.reactive(False)
        self.gone_back: solara.Reactive[int] = solara.reactive(0)
        """How often something was undone, redone or removed: sliders show what holds, not where they were drawn to."""
        """Whether the message tells of a lever that could not be moved."""
        self.download: solara.Reactive[str] = solara.reactive("")
        self.given: solara.Reactive[tuple[int, str]] = solara.reactive((0, ""))
        """The link that the visitor asked for last, and the how many-eth; empty where there is none."""
        self.looks: solara.Reactive[dict[str, str]] = solara.reactive(dict[str, str]())
        """What the page itself shows of the run, as a link says it (links.LOOKS)."""
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

    def open(self, query: str | Link) -> None:
        """Follow a link; one that cannot be followed gives a message and the classroom world."""
        try:
            self.link = links.read(query) if isinstance(query, str) else query
            scenario = self.link.build()
            check_size(scenario)
            self.say(self._told_of(self.link))
        except InputError as error:
            self.link = Link()
            scenario = self.link.build()
            self._refuse_link(error)
        try:
            self._begin(scenario, self.link)
        except InputError as full:
            self._refuse(full)

    def _told_of(self, link: Link) -> Callable[[], str]:
        """What one should know of what a link leads to: nothing, or how it may differ from what it was made for."""
        session, found = self.session, WORLDS.find(link.world) if link.world else None
        if found is not None and found.doubt:
            return lambda: session.say(found.doubt, theirs=found.version, ours=__version__)
        theirs = found.version if found is not None else link.version
        if theirs and theirs != __version__:
            return lambda: session.say("chooser.other_version", theirs=theirs, ours=__version__)
        return str

    def _refuse_link(self, error: InputError) -> None:
        session = self.session
        self.say(lambda: session.say("chooser.bad_link", why=_cut(session.told(error))), is_wrong=True)

    def again(self) -> None:
        """Try once more what could not be begun."""
        self._try(self.link)

    def choose(self, name: str) -> None:
        """Another shipped scenario, from its start, or again what the visitor brought (OWN)."""
        if name != OWN:
            self._try(Link(name, self.link.seed))
        elif self.brought is not None:
            link, own = self.brought
            if own is None:
                self._try(link)
            else:
                self._restart_own(own)

    def seed(self, text: str) -> None:
        """The same world with another seed."""
        number = int(text) if str(text).isdecimal() else -1
        if number < 0:
            self.say(lambda: f"`{str(text)[:40]}`: {self.session.say('chooser.seed')} 0, 1, 2 ...", is_wrong=True)
        elif self.own is not None:
            self._restart_own(self.own.with_overrides(seed=number))
        else:
            self._try(self._from_start(seed=number))

    def reset(self, settings: Mapping[str, Any] | None = None) -> None:
        """From the start again, with further settings for what acts only then; changes made on the way go."""
        if self.own is not None:
            try:
                self._restart_own(self.own.with_overrides(**(settings or {})))
            except InputError as error:
                self._refuse(error)
        else:
            self._try(self._from_start(settings={**self.link.settings, **(settings or {})}))

    def follow(self, other: Bench) -> None:
        """The world of another bench, from its start."""
        if other.run.value is not None:
            try:
                self._begin(other.world(), other.link.from_start(), other.own)
            except InputError as error:
                self._refuse(error)

    def world(self) -> Scenario:
        """What is played here, as it was begun: without what was changed on the way."""
        return self.own or self.link.from_start().build()

    def look(self, name: str, value: str) -> None:
        """Show something else of the run (links.LOOKS); empty = as the page begins."""
        looks = {key: shown for key, shown in self.looks.value.items() if key != name}
        self.looks.value = looks | ({name: value} if value else {})

    def change(self, key: str, value: float) -> None:
        """Move a lever in the running world: it goes on from the moment shown."""
        self._steer(lambda run: run.change({key: value}))

    def undo(self) -> None:
        """Take back the last change."""
        self._steer(lambda run: run.undo())
        self.gone_back.value += 1

    def redo(self) -> None:
        """Do again what was undone last."""
        self._steer(lambda run: run.redo())
        self.gone_back.value += 1

    def remove(self, number: int) -> None:
        """Leave one change out, by its place in the list."""
        run = self.run.value
        if run is not None and 0 <= number < len(run.changes):
            gone = run.changes[number]
            self._steer(lambda run: run.remove(gone))
            self.gone_back.value += 1

    def _steer(self, order: Callable[[LiveRun], None]) -> None:
        run = self.run.value
        if run is None:
            return
        try:
            order(run)
            self.say()
        except InputError as error:
            self._refuse(error)
            self.refused_move.value = True

    def upload(self, files: Sequence[Mapping[str, Any]]) -> None:
        """Run what the visitor brought; what was running goes on if it cannot be used."""
        folder = tempfile.TemporaryDirectory(prefix="abm-upload-", ignore_cleanup_errors=True)
        try:
            scenario = uploads.scenario_from(uploads.received(files), Path(folder.name), self.run_scenario())
            check_size(scenario)
            if WORLDS.folder is not None and self._keep(scenario):
                folder.cleanup()
                return
            self._restart_own(scenario)
        except InputError as error:
            folder.cleanup()
            self._refuse(uploads.of_upload(error, Path(folder.name)))
            return
        self._drop_folder()
        self._folder = folder
        self.brought = (self.link, scenario)
        if WORLDS.folder is None:
            self.say(lambda: self.session.say("chooser.uploaded", name=self.session.title(scenario)))

    def _keep(self, scenario: Scenario) -> bool:
        """Have the server keep a world, and begin it from there; False, and a message, where it cannot."""
        try:
            key, until = WORLDS.keep(*exports.portable(scenario))
        except InputError as error:
            self._refuse(error)
            return False
        try:
            link = Link(world=key)
            self._begin(link.build(), link)
        except InputError:
            WORLDS.forget(key)
            raise
        self._drop_folder()
        session = self.session
        self.say(lambda: session.say("chooser.kept", name=session.title(scenario), until=session.day(until)))
        return True

    def forget(self) -> None:
        """Have the server delete the kept world that is shown; it goes on here until the page is left."""
        run = self.run.value
        if self.kept_until is None or run is None:
            return
        folder = tempfile.TemporaryDirectory(prefix="abm-upload-", ignore_cleanup_errors=True)
        start, (now, step) = self.link.from_start().build(), run.moment()
        _, brought = exports.portable(start)
        for path in brought:
            shutil.copyfile(path, Path(folder.name) / path.name)
        if brought:
            there = replace(start.population, path=folder.name)
            start, now = replace(start, population=there), replace(now, population=there)
        key, self._folder = self.link.world, folder
        try:
            self._begin(now, replace(self.link.from_start(), world="", step=step), start, step)
        except InputError as error:
            self._refuse(error)
            return
        self.brought = (self.link.from_start(), start)
        WORLDS.forget(key)
        self.say(lambda: self.session.say("chooser.forgotten"))

    def export(self, kind: str) -> None:
        """Lay the scenario with its changes (toml) or all results (parquet, csv) ready, and say what became of it."""
        try:
            self._export(kind)
        except Exception:
            # Whatever it was, the page would say for ever that it is being collected.
            LOG.exception("an export failed")
            self.say(lambda: self.session.say("chooser.not_collected"), is_wrong=True)

    def _export(self, kind: str) -> None:
        run = self.run.value
        if run is None:
            return
        scenario, _ = run.moment()
        name = f"{scenario.name}-seed{scenario.seed}"
        try:
            if kind == "toml":
                name, content = exports.world(scenario, name)
            else:
                self.say(lambda: self.session.say("chooser.working"))
                results = exports.replay(scenario, run.head, lambda: run.is_over, run.played)
                if results is None:
                    self.say()
                    return
                name, content = f"{name}-{kind}.zip", exports.zipped(results, csv=kind == "csv", played=run.played)
        except InputError as error:
            self._refuse(error)
            return
        self.download.value = exports.PARCELS.put(self.session.visitor, name, content)
        is_without_people = kind == "toml" and run.played is not None
        said = "chooser.without_people" if is_without_people else "chooser.ready"
        self.say(lambda: self.session.say(said, name=name))

    def give(self, query: Callable[[], str]) -> None:
        """Hand over a link to the moment of now, as ``query`` finds it; none, and why, where no link leads there."""
        try:
            link = query()
            self.say(self._no_link if not link else str, is_wrong=not link)
        except InputError as error:
            link = ""
            self._refuse(error)
        self.given.value = (self.given.value[0] + 1, link)

    def _no_link(self) -> str:
        return self.session.say("chooser.own_files")

    def query(self, beside: Bench | None = None) -> str:
        """The query string of the moment shown, with a second world ``beside``; empty for a world of the visitor's own
        files. InputError for more changes than a link holds."""
        run = self.run.value
        if run is None or self.own is not None:
            return ""
        scenario, step = run.moment()
        link = replace(self.link, seed=scenario.seed, changes=scenario.changes, step=step, looks=self.looks.value)
        if beside is not None and beside.run.value is not None:
            ours = self.link.settings
            settings = {k: v for k, v in beside.link.settings.items() if k not in ours or ours[k] != v}
            link = replace(link, settings_b=settings, changes_b=beside.run.value.moment()[0].changes)
        return links.write(link)

    def address(self, beside: Bench | None = None) -> str:
        """The same for the address line, which says nothing rather than something else."""
        try:
            return self.query(beside)
        except InputError:
            return ""

    def run_scenario(self) -> Scenario | None:
        """The scenario of the run before any change."""
        return None if self.run.value is None else self.run.value.scenario.start

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
            self._begin(link.build(), link)
            self.say()
        except InputError as error:
            self._refuse(error)

    def _from_start(self, **changed: Any) -> Link:
        """The link to the same world from its start, with something else changed; the page stays as it is."""
        return replace(self.link, looks=self.looks.value).from_start(**changed)

    def _restart_own(self, scenario: Scenario) -> None:
        self._begin(scenario, self._from_start(), scenario)

    def _begin(self, scenario: Scenario, link: Link, own: Scenario | None = None, step: int = 0) -> None:
        before, step = self.run.value, link.step if own is None else step
        played = WORLDS.find(link.world).played if link.world and own is None else None
        if played is not None and not played.is_of(scenario):
            # Another seed, or what acts from the start only: nobody played that world.
            played = None
        start_at = min(step, scenario.steps)
        fresh = self.session.begin(scenario, start_at=start_at, instead_of=before, played=played)
        if before is not None:
            fresh.set_speed(before.speed)
        # Before the run is shown: whoever draws it asks at once where it comes from.
        self.link, self.own = link, own
        self.kept_until = WORLDS.find(link.world).until if link.world else None
        if link.world:
            self.brought = (link.from_start(), None)
        self.looks.value = dict(link.looks)
        self.run.value = fresh

    def _drop_folder(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _refuse(self, error: InputError) -> None:
        self.say(lambda: self.session.told(error), is_wrong=True)


def _cut(text: str) -> str:
    """A text without its middle where it is longer than one reads: what is wrong stands at its end."""
    half = MOST_TOLD // 2
    return text if len(text) <= MOST_TOLD else f"{text[:half]} … {text[-half:]}"
