"""Settings that a survey can vary, from the catalogue, and their names for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.levers import BY_NAME, LEVERS
from abm.parameters import CATALOGUE
from abm.policies import rules

if TYPE_CHECKING:
    from dashboards.session import Session

VARIED = ("uncertainty", "lever")
"""Roles of parameters that are worth a map."""


def offered(session: Session) -> list[dict[str, Any]]:
    """Levers, then parameters by group, each with its range."""
    levers = [
        _entry(lever.name, "levers", session.say("levers.group_levers"), session.label(lever), lever)
        for lever in LEVERS
        if not lever.is_whole
    ]
    parameters = [
        _entry(p.name, p.group, session.say(f"about.group_{p.group.replace(' ', '_')}"), session.label(p), p)
        for p in CATALOGUE.values()
        if p.role in VARIED
    ]
    return levers + sorted(parameters, key=lambda entry: str(entry["group"]))


def _entry(key: str, group: str, group_label: str, label: str, of: Any) -> dict[str, Any]:
    return {
        "key": key, "group": group, "group_label": group_label, "label": label, "unit": of.unit,
        "low": float(f"{of.low:g}"), "high": float(f"{of.high:g}"),
    }  # fmt: skip


def name_of(session: Session, key: str) -> str:
    """A setting as an axis names it, with its unit."""
    of = CATALOGUE.get(key) or BY_NAME.get(key)
    if of is not None:
        unit = "" if of.unit == "1" else f" ({of.unit})"
        return f"{session.label(of)}{unit}"
    head, _, tail = key.partition(".")
    return f"{session.label(rules()[head])}: {tail}" if head in rules() else key
