"""A run in an address: scenario, seed, what differs from it, what was changed on the way, the moment shown.

    ?scenario=classroom&seed=7&set=initial_trust=0.4&then=12:subsidy_rate=0.3&step=20

``set`` and ``then`` may be repeated. The same address gives the same view anywhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from abm.errors import InputError
from abm.scenario import Scenario, load, names
from abm.toml_text import scalar
from dashboards.levers import check_now
from dashboards.live import Action

MOST_PARTS = 200
"""Changes that an address may hold."""


@dataclass(frozen=True)
class Link:
    """What an address says."""

    scenario: str = "classroom"
    seed: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    actions: tuple[Action, ...] = ()
    step: int = 0

    def build(self) -> Scenario:
        """The scenario at the start. InputError for what does not fit; files of the server are never read."""
        if self.scenario not in names():
            raise InputError(f"`scenario` = {self.scenario[:60]}", why="is not one of " + ", ".join(names()))
        for key in self.settings:
            if key.startswith("population.path") or key in ("population", "population.source"):
                raise InputError(f"`{key}`", why="cannot come from a link", mend="upload the tables instead")
        overrides = dict(self.settings) | ({} if self.seed is None else {"seed": self.seed})
        scenario = load(self.scenario).with_overrides(**overrides)
        moved = scenario
        for action in self.actions:
            check_now(dict(action.overrides))
            moved = moved.with_overrides(**dict(action.overrides))
        return scenario


def read(query: str) -> Link:
    """The link of a query string; InputError for one that cannot be read."""
    if query.count("&") >= MOST_PARTS:
        raise InputError("the link", why=f"has more than {MOST_PARTS} parts", mend="at most that many are read")
    parts = parse_qsl(query.lstrip("?"), keep_blank_values=True)
    found: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    actions: dict[int, dict[str, Any]] = {}
    for key, text in parts:
        if key == "set":
            settings |= _setting(text)
        elif key == "then":
            at, _, rest = text.partition(":")
            actions.setdefault(_whole("then", at), {}).update(_setting(rest))
        elif key in ("seed", "step"):
            found[key] = _whole(key, text)
        elif key == "scenario":
            found[key] = text
    log = tuple(Action(step, tuple(sorted(changes.items()))) for step, changes in sorted(actions.items()))
    return Link(settings=settings, actions=log, **found)


def write(link: Link) -> str:
    """The query string of a link, with its question mark."""
    parts: list[tuple[str, str]] = [("scenario", link.scenario)]
    if link.seed is not None:
        parts.append(("seed", str(link.seed)))
    parts += [("set", f"{key}={scalar(value)}") for key, value in link.settings.items()]
    parts += [("then", f"{a.step}:{key}={scalar(value)}") for a in link.actions for key, value in a.overrides]
    if link.step:
        parts.append(("step", str(link.step)))
    return "?" + urlencode(parts, safe=":=.")


def _whole(key: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise InputError(f"`{key}` = {text[:40]}", why="is not a whole number")
    return int(text)


def _setting(text: str) -> dict[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"`{text[:60]}`", why="is not of the form name=value")
    try:
        return {key: tomllib.loads(f"value = {value}")["value"]}
    except tomllib.TOMLDecodeError:
        return {key: value}
