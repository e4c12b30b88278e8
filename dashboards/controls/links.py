"""A run in an address: scenario, seed, what differs from it, what was changed on the way, the moment shown.

    ?scenario=classroom&seed=7&set=initial_trust=0.4&then=12:subsidy_rate=0.3&step=20

``set`` and ``then`` may be repeated; ``set_b`` and ``then_b`` say the same of the second world of a comparison, beside
what the first one is set to. ``world`` stands in the place of ``scenario`` for one that is not shipped
(live/worlds.py), ``v`` is the version of the program that wrote the link. ``view``, ``region``, ``measure`` and
``steer`` are what a page itself shows of it. The same address gives the same view anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from abm.machine.errors import InputError
from abm.machine.toml_text import read as read_value
from abm.machine.toml_text import scalar
from abm.machine.version import __version__
from abm.scenario import Scenario, load, names
from abm.scenario.changes import Change, changes_from, plain
from dashboards.live.levers import check_now
from dashboards.live.worlds import WORLDS

MOST_PARTS = 200
"""Changes that an address may hold."""
LOOKS = ("view", "region", "measure", "steer")
"""What a page itself shows: a tab, the row of a region, a measure of a comparison, the world whose levers are there."""


@dataclass(frozen=True)
class Link:
    """What an address says."""

    scenario: str = "classroom"
    seed: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    changes: tuple[Change, ...] = ()
    """In the order in which they were made."""
    step: int = 0
    settings_b: Mapping[str, Any] = field(default_factory=dict[str, Any])
    changes_b: tuple[Change, ...] = ()
    looks: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of LOOKS, what is not as a page begins."""
    world: str = ""
    """A world that is not shipped, instead of the scenario."""
    version: str = field(default="", compare=False)
    """Of the program that wrote it; empty where it does not say."""

    def second(self) -> Link:
        """The second world of a comparison."""
        settings = {**self.settings, **self.settings_b}
        return replace(self, settings=settings, changes=self.changes_b, settings_b={}, changes_b=())

    def from_start(self, **changed: Any) -> Link:
        """The same world without what was changed in it on the way, or with something else changed."""
        return replace(self, **{"changes": (), "step": 0, "looks": _without_region(self.looks), **changed})

    def build(self) -> Scenario:
        """The scenario with its changes. InputError for what does not fit; files of the server are never read."""
        if not self.world and self.scenario not in names():
            raise InputError(f"`scenario` = {self.scenario[:60]}", why="is not one of " + ", ".join(names()))
        for key in self.settings:
            if key.startswith("population.path") or key in ("population", "population.source"):
                raise InputError(f"`{key}`", why="cannot come from a link", mend="upload the tables instead")
        if self.settings_b or self.changes_b:
            self.second().build()
        check_now(change.key for change in self.changes)
        overrides = dict(self.settings) | ({} if self.seed is None else {"seed": self.seed})
        if self.changes:
            overrides["changes"] = self.changes
        start = WORLDS.find(self.world).scenario if self.world else load(self.scenario)
        return start.with_overrides(**overrides)


def read(query: str) -> Link:
    """The link of a query string; InputError for one that cannot be read."""
    if query.count("&") >= MOST_PARTS:
        raise InputError("the link", why=f"has more than {MOST_PARTS} parts", mend="at most that many are read")
    parts = parse_qsl(query.lstrip("?"), keep_blank_values=True)
    found: dict[str, Any] = {}
    settings: dict[str, dict[str, Any]] = {"set": {}, "set_b": {}}
    changes: dict[str, list[Change]] = {"then": [], "then_b": []}
    looks: dict[str, str] = {}
    for key, text in parts:
        if key in settings:
            settings[key] |= _setting(text)
        elif key in changes:
            at, _, rest = text.partition(":")
            changes[key] += changes_from([{"from": _whole(key, at), **_setting(rest)}], "the link")
        elif key in ("seed", "step"):
            found[key] = _whole(key, text)
        elif key in ("scenario", "world"):
            found[key] = text
        elif key == "v":
            found["version"] = text[:40]
        elif key in LOOKS:
            looks[key] = text
    return Link(
        settings=settings["set"], changes=tuple(changes["then"]), settings_b=settings["set_b"],
        changes_b=tuple(changes["then_b"]), looks=looks, **found,
    )  # fmt: skip


def write(link: Link) -> str:
    """The query string of a link, with its question mark. InputError for more than an address holds."""
    parts: list[tuple[str, str]] = [("world", link.world) if link.world else ("scenario", link.scenario)]
    if link.seed is not None:
        parts.append(("seed", str(link.seed)))
    for suffix, settings, changes in (("", link.settings, link.changes), ("_b", link.settings_b, link.changes_b)):
        parts += [(f"set{suffix}", f"{key}={scalar(value)}") for key, value in settings.items()]
        parts += [(f"then{suffix}", f"{c.start}:{c.key}={scalar(plain(c.value))}") for c in changes]
    if link.step:
        parts.append(("step", str(link.step)))
    parts += [(key, link.looks[key]) for key in LOOKS if key in link.looks]
    parts.append(("v", __version__))
    if len(parts) > MOST_PARTS:
        mend = "take the scenario along instead: it holds all changes"
        raise InputError("the link", why=f"has more than {MOST_PARTS} parts", mend=mend)
    return "?" + urlencode(parts, safe=":=.")


def _without_region(looks: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in looks.items() if key != "region"}


def _whole(key: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise InputError(f"`{key}` = {text[:40]}", why="is not a whole number")
    return int(text)


def _setting(text: str) -> dict[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"`{text[:60]}`", why="is not of the form name=value")
    return {key: read_value(value, f"`{key[:60]}`")}
