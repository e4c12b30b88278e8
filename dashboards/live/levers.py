"""What a visitor may move: levers, policies and parameters, from the model's own catalogues.

A ``Control`` is one slider. Its key is what `Scenario.with_overrides` takes, its label, unit, range,
explanation and source are the catalogue's; nothing is written down here a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.machine.errors import InputError
from abm.scenario.changes import NOW, acts
from abm.scenario.policies._base import settings
from abm.world.levers import LEVERS
from abm.world.parameters import CATALOGUE

if TYPE_CHECKING:
    from abm.scenario import Scenario


@dataclass(frozen=True)
class Control:
    """One thing to move."""

    key: str
    group: str
    label: str
    label_zh: str
    unit: str
    low: float
    high: float
    value: float
    default: float
    is_whole: bool
    acts: str
    """'now' or 'reset'."""
    meaning: str
    source: str


def check_now(keys: Iterable[str]) -> None:
    """Raise an InputError for the first key that cannot act in a running world."""
    for key in keys:
        if acts(key) != NOW:
            raise InputError(f"`{key}`", why="acts only when the world is built", mend="reset the run to use it")


def controls(scenario: Scenario, *, advanced: bool = False) -> list[Control]:
    """The scenario's levers, the settings of its policies and, if ``advanced``, every parameter that may be varied."""
    found = [*_of_policies(scenario), *_of_levers(scenario)]
    return [*found, *_of_parameters(scenario)] if advanced else found


def _of_levers(scenario: Scenario) -> list[Control]:
    return [
        Control(
            lever.name, "levers", lever.label, lever.label_zh, lever.unit, lever.low, lever.high, base,
            lever.neutral, lever.is_whole, NOW, "", lever.source,
        )
        for lever, base in zip(LEVERS, scenario.base_levers, strict=True)
    ]  # fmt: skip


def _of_policies(scenario: Scenario) -> list[Control]:
    found: dict[str, Control] = {}
    for rule in scenario.policies:
        for setting in settings(type(rule)).values():
            key = f"{rule.name}.{setting.name}"
            found[key] = Control(
                key, "policies", rule.label, rule.label_zh, setting.unit, setting.low, setting.high,
                float(getattr(rule, setting.name)), setting.default, False, NOW, setting.meaning, rule.source,
            )  # fmt: skip
    return list(found.values())


def _of_parameters(scenario: Scenario) -> list[Control]:
    return [
        Control(
            p.name, p.group, p.label, p.label_zh, p.unit, p.low, p.high, getattr(scenario.p, p.name),
            p.default, False, p.acts, p.description, p.source,
        )
        for p in CATALOGUE.values()
        if p.role in ("uncertainty", "lever")
    ]  # fmt: skip
