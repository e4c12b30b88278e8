"""Policy rules as tables of a scenario file, both ways."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from abm.machine.errors import ScenarioError, nearest
from abm.machine.inputs import number, shown, whole
from abm.scenario.policies import named
from abm.scenario.policies._base import COMPARISONS, SCOPES, Policy, When, check, settings

KEYS = {
    "from": "from_step",
    "until": "until_step",
    "ramp": "ramp",
    "fade": "fade",
    "regions": "regions",
    "when": "when",
}
"""Key of a scenario file -> field of Policy, for what all rules share."""


def policy_from(table: object, place: str) -> Policy:
    """The rule that a [[policies]] table describes; a ScenarioError names what is wrong with it."""
    if not isinstance(table, Mapping):
        raise ScenarioError(
            shown(table), place=place, why="is not a table", mend='write [[policies]] and rule = "<name>"'
        )
    entries = cast("Mapping[str, object]", table)
    if "rule" not in entries:
        raise ScenarioError(
            "`rule`", place=place, why="is missing", mend="`abm policies` lists the rules", code="policy.no_rule"
        )
    rule = named(entries["rule"], place)
    return rule(**_values(rule, {k: v for k, v in entries.items() if k != "rule"}, place))


def changed(policy: Policy, entries: Mapping[str, object], place: str) -> Policy:
    """The rule with some of its fields replaced; keys and errors as in a scenario file."""
    values = _values(type(policy), entries, place)
    everything = {f.name: getattr(policy, f.name) for f in dataclasses.fields(policy)} | values
    check(type(policy), everything, place)
    return type(policy)(**everything)


def table_of(policy: Policy) -> dict[str, object]:
    """The rule as a [[policies]] table: all of its own fields, and of the shared ones what is not the default."""
    table: dict[str, object] = {"rule": policy.name}
    table |= {key: getattr(policy, key) for key in settings(type(policy))}
    for key, field in KEYS.items():
        value = getattr(policy, field)
        if isinstance(value, When):
            table[key] = {"metric": value.metric, value.comparison: value.threshold, "scope": value.scope}
        elif value is not None and value != 0 and value != ():
            table[key] = list(policy.regions) if key == "regions" else value
    return table


def _values(rule: type[Policy], entries: Mapping[str, object], place: str) -> dict[str, Any]:
    own = settings(rule)
    values: dict[str, Any] = {}
    for key, value in entries.items():
        if key in own:
            values[key] = value
        elif key in ("from", "until", "ramp", "fade"):
            values[KEYS[key]] = value if whole(value) is None else whole(value)
        elif key == "regions":
            values[key] = _regions(value, place)
        elif key == "when":
            values[key] = _condition(value, place)
        else:
            raise ScenarioError(
                f"`{key}`",
                place=place,
                why=f"is not a field of the rule `{rule.name}`",
                mend=nearest(key, [*own, *KEYS]),
                code="policy.unknown_field",
                values={"field": key, "rule": rule.name},
            )
    check(rule, values, place)
    return values


def _regions(value: object, place: str) -> tuple[str | int, ...]:
    items = list(cast("list[object]", value)) if isinstance(value, list | tuple) else [value]
    regions: list[str | int] = []
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | int) or (isinstance(item, int) and item < 0):
            raise ScenarioError(
                f"`regions` = {shown(items)}", place=place, why="is not a list of names, codes or numbers from 0 on"
            )
        regions.append(item)
    return tuple(regions)


def _condition(value: object, place: str) -> When:
    given: object = value
    hint = 'write when = { metric = "failed_share", above = 0.5 }, with below for above, and scope = "nation" if wanted'
    table: dict[str, object] = dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else {}
    comparisons = [c for c in COMPARISONS if c in table]
    metric, scope = table.get("metric"), table.get("scope", "region")
    threshold = number(table.get(comparisons[0])) if len(comparisons) == 1 else None
    is_known = set(table) <= {"metric", "scope", *COMPARISONS} and scope in SCOPES
    if not isinstance(metric, str) or not metric or threshold is None or not is_known:
        raise ScenarioError(
            f"`when` = {shown(given)}",
            place=place,
            why="is not a condition",
            mend=hint,
            code="policy.no_condition",
            values={"value": shown(given)},
        )
    return When(metric, threshold, comparisons[0], str(scope))
