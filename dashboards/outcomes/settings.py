"""Settings that a survey can vary, from the catalogue, and their names for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.scenario.policies import rules
from abm.world.levers import BY_NAME, LEVERS
from abm.world.parameters import CATALOGUE
from dashboards.controls.content import unit_of

if TYPE_CHECKING:
    from dashboards.live.session import Session

VARIED = ("uncertainty", "lever")
"""Roles of parameters that are worth a map."""


def offered(session: Session) -> list[dict[str, Any]]:
    """Levers, then parameters by group, each with its range."""
    levers = [
        _entry(session, lever.name, "levers", session.say("levers.group_levers"), lever)
        for lever in LEVERS
        if not lever.is_whole
    ]
    parameters = [
        _entry(session, p.name, p.group, session.say(f"about.group_{p.group.replace(' ', '_')}"), p)
        for p in CATALOGUE.values()
        if p.role in VARIED
    ]
    return levers + sorted(parameters, key=lambda entry: str(entry["group"]))


def _entry(session: Session, key: str, group: str, group_label: str, of: Any) -> dict[str, Any]:
    return {
        "key": key, "group": group, "group_label": group_label, "label": session.label(of),
        "unit": unit_of(session, of), "low": float(f"{of.low:g}"), "high": float(f"{of.high:g}"),
    }  # fmt: skip


def name_of(session: Session, key: str) -> str:
    """A setting as an axis names it, with its unit."""
    of = CATALOGUE.get(key) or BY_NAME.get(key)
    if of is not None:
        unit = unit_of(session, of)
        return f"{session.label(of)} ({unit})" if unit else session.label(of)
    head, _, tail = key.partition(".")
    return session.part(session.label(rules()[head]), session.text(tail)) if head in rules() else key
