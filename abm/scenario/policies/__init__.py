"""Policy rules, one file each, found by discovery: a new file here is a new rule, and so is one of a plug-in.

``example.py`` is the plainest one to copy. Scenario files call a rule by its name:

    [[policies]]
    rule = "subsidy"
    rate = 0.3
    from = 8
    until = 40
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from abm.machine import plugins
from abm.machine.errors import ScenarioError, nearest
from abm.scenario.policies._base import Moves, Observation, Policy, Setting, When, check, lever, number, settings

__all__ = [
    "Moves", "Observation", "Policy", "Setting", "When", "check", "lever", "named", "number", "rules", "settings",
]  # fmt: skip


@plugins.kept
def rules() -> dict[str, type[Policy]]:
    """Every rule by its name, sorted; PluginError for one from outside that does not fit."""
    found: dict[str, type[Policy]] = {}
    for info in pkgutil.iter_modules(__path__):
        if not info.name.startswith("_"):
            found |= {rule.name: rule for rule in of(import_module(f"{__name__}.{info.name}"))}
    for module in plugins.modules():
        for rule in of(module):
            _fits(rule, module, found)
            found[rule.name] = rule
    return dict(sorted(found.items()))


def of(module: ModuleType) -> list[type[Policy]]:
    """The rules that a module defines."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Policy) and value.__module__ == module.__name__
    ]


def _fits(rule: type[Policy], module: ModuleType, others: dict[str, type[Policy]]) -> None:
    """PluginError if a rule from outside is not a whole one; without a Chinese label it gets the English one."""
    what = f"the policy rule `{rule.name or rule.__name__}`"
    for key, meaning in (("name", "a name"), ("label", "a label"), ("source", "a source, if only none: why")):
        if not getattr(rule, key):
            raise plugins.refuse(module, rule.__name__, what, f"lacks `{key}`", f"give it {meaning}", "plugin.lacks")
    if rule.levers is Policy.levers:
        mend = "give it a method `levers` that says what it moves"
        raise plugins.refuse(module, rule.__name__, what, "lacks `levers`", mend, "plugin.lacks")
    if "__dataclass_params__" not in vars(rule):
        mend = "write @dataclass(frozen=True, kw_only=True) above it"
        raise plugins.refuse(module, rule.__name__, what, "is no dataclass", mend)
    try:
        settings(rule)
    except (KeyError, TypeError, ValueError):
        mend = "make each of its fields by `number(...)` or `lever(...)`"
        raise plugins.refuse(module, rule.__name__, what, "has a field without range and unit", mend) from None
    if rule.name in others:
        raise plugins.taken(module, rule.__name__, "policy rule", rule.name)
    if not rule.label_zh:
        plugins.in_english_only(what, plugins.place(module, rule.__name__))
        rule.label_zh = rule.label


def named(name: object, place: str = "") -> type[Policy]:
    """The rule of that name; a ScenarioError suggests the nearest."""
    known = rules()
    if not isinstance(name, str) or name not in known:
        raise ScenarioError(
            f"rule `{str(name)[:60]}`",
            place=place,
            why="does not exist",
            mend=nearest(str(name)[:60], known),
            code="scenario.unknown_rule",
            values={"rule": str(name)[:60]},
        )
    return known[name]
