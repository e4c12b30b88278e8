"""Changes made while a world runs: from a quarter on, a lever, a parameter, a policy's field has another value.

A scenario holds them as a list, in the order in which they were decided:

    [[changes]]
    from = 20                     # after so many quarters
    subsidy_rate = 0.1            # where the lever stands without a rule from then on
    subsidy.budget = 0.5          # a field of the scenario's policies of that rule

A rule with ``from`` cannot say this: rules add to a lever or move it one way, and parameters and the
protocol have none. The world is built before the first change, whatever its quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from abm.machine.errors import ScenarioError
from abm.machine.inputs import count, listed, shown
from abm.scenario.policies import Policy, rules
from abm.scenario.policies._tables import policy_from, table_of
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE, RETIRED

NOW, RESET = "now", "reset"
LATEST = 1_000_000
"""Quarters after which nothing can change any more: more than a run may have."""


@dataclass(frozen=True)
class Change:
    """From the step ``start`` on, ``key`` (in the words of Scenario.with_overrides) has this value."""

    start: int
    key: str
    value: Any


def acts(key: str) -> str:
    """When a change of ``key`` acts: 'now' in a running world, 'reset' when it is built again."""
    if key in CATALOGUE:
        return CATALOGUE[key].acts
    head = key.partition(".")[0]
    is_now = key in BY_NAME or key in RETIRED or key in ("policies", "protocol") or head in rules()
    return NOW if is_now else RESET


def changes_from(value: object, where: str) -> tuple[Change, ...]:
    """The changes that a list of [[changes]] tables describes; what is a Change already stays as it is."""
    found: list[Change] = []
    for i, item in enumerate(listed("changes", value, where)):
        found += [item] if isinstance(item, Change) else _of_table(item, f"changes[{i}] of {where}")
    return tuple(found)


def tables_of(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes as [[changes]] tables, one each."""
    return [{"from": change.start, change.key: plain(change.value)} for change in changes]


def plain(value: Any) -> Any:
    """The value of a change as a file or a link holds it."""
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return [table_of(item) if isinstance(item, Policy) else item for item in items]
    return value


def _of_table(item: object, where: str) -> list[Change]:
    if not isinstance(item, Mapping):
        raise ScenarioError(shown(item), place=where, why="is not a table", mend="write [[changes]] with a `from`")
    entries = dict(cast("Mapping[str, object]", item))
    if "from" not in entries:
        raise ScenarioError("`from`", place=where, why="is missing", mend="say after how many quarters it acts")
    start = count("from", entries.pop("from"), 0, LATEST, where)
    values = _flat(entries)
    if not values:
        raise ScenarioError(f"`from` = {start}", place=where, why="changes nothing", mend="name what has another value")
    return [Change(start, key, _kept(key, value, where)) for key, value in values.items()]


def _flat(entries: Mapping[str, object]) -> dict[str, object]:
    """Fields of rules, which TOML reads as tables (`subsidy.rate = 0.2`), by their keys with a dot."""
    found: dict[str, object] = {}
    for key, value in entries.items():
        if isinstance(value, Mapping) and "." not in key:
            found |= {f"{key}.{tail}": part for tail, part in cast("Mapping[str, object]", value).items()}
        else:
            found[key] = value
    return found


def _kept(key: str, value: object, where: str) -> object:
    """A value that nobody can change any more."""
    if key != "policies":
        return tuple(cast("list[object]", value)) if isinstance(value, list) else value
    items = cast("list[object]", listed(key, value, where))
    return tuple(
        item if isinstance(item, Policy) else policy_from(item, f"policies[{i}] of {where}")
        for i, item in enumerate(items)
    )
