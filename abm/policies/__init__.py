"""Policy rules, one file each, found by discovery: a new file here is a new rule.

``example.py`` is the plainest one to copy. Scenario files call a rule by its name:

    [[policies]]
    rule = "subsidy"
    rate = 0.3
    from = 8
    until = 40
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from abm.errors import ScenarioError, nearest
from abm.policies._base import Observation, Policy, Setting, When, check, lever, number, settings

__all__ = ["Observation", "Policy", "Setting", "When", "check", "lever", "named", "number", "rules", "settings"]


@cache
def rules() -> dict[str, type[Policy]]:
    """Every rule by its name, sorted."""
    found: dict[str, type[Policy]] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        module = import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Policy) and value.__module__ == module.__name__:
                found[value.name] = value
    return dict(sorted(found.items()))


def named(name: object, place: str = "") -> type[Policy]:
    """The rule of that name; a ScenarioError suggests the nearest."""
    known = rules()
    if not isinstance(name, str) or name not in known:
        raise ScenarioError(
            f"rule `{str(name)[:60]}`", place=place, why="does not exist", mend=nearest(str(name)[:60], known)
        )
    return known[name]
