"""How two scenarios differ, in words: population, numbers, protocol, length, and the policies that one has alone."""

from __future__ import annotations

import json
from typing import Any

from abm.scenario import Scenario
from abm.world.parameters import CATALOGUE


def differences(a: Scenario, b: Scenario) -> list[str]:
    """One line a difference, of a first and of b second; empty for worlds that are the same."""
    of_a, of_b = _flat(a), _flat(b)
    found = [
        f"{key}: {_shown(of_a.get(key))} and {_shown(of_b.get(key))}"
        for key in dict.fromkeys([*of_a, *of_b])
        if of_a.get(key) != of_b.get(key)
    ]
    rules_a, rules_b = _rules(a), _rules(b)
    found += [f"only {a.name} has the policy {rule}" for rule in rules_a if rule not in rules_b]
    found += [f"only {b.name} has the policy {rule}" for rule in rules_b if rule not in rules_a]
    return found


def _flat(scenario: Scenario) -> dict[str, Any]:
    tables = scenario.to_tables()
    whole = {key: tables[key] for key in ("protocol", "steps", "changes") if key in tables}
    whole |= {f"population.{key}": value for key, value in tables["population"].items()}
    numbers = dict(zip(CATALOGUE, scenario.p, strict=True))
    return whole | numbers | {f"lever {key}": value for key, value in tables["levers"].items()}


def _rules(scenario: Scenario) -> list[str]:
    """Each policy in a line, by name and what it says."""
    found: list[str] = []
    for table in scenario.to_tables()["policies"]:
        said = ", ".join(f"{key} {_shown(value)}" for key, value in table.items() if key != "rule")
        found.append(f"{table['rule']} ({said})" if said else str(table["rule"]))
    return sorted(found)


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    return f"{value:g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
