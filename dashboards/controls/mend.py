"""What would mend it: the single changes that would have closed most of the failed tables shown.

Each failed table was negotiated again with one thing changed at a time (abm/diagnosis.py). Here the
tables of the moment are counted by what alone closes them; a table may be counted under several. For
what a lever moves, the value offered is the one that closes half of those tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.bargaining import SUBSIDY_CEILING
from abm.diagnosis import CAUSES, N_MOVES
from abm.levers import BY_NAME
from dashboards.i18n import percent

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.frames import Frame
    from dashboards.session import Session

LEVERS = {
    "funding": ("subsidy_rate", SUBSIDY_CEILING),
    "evaluation": ("evaluation_reform", 1.0),
    "policy_inconsistency": ("harmonisation", 1.0),
}
"""Causes whose move is the move of a lever, and the end of the way on which the move is a share."""
SHOWN = 3


def rows(session: Session, frame: Frame, scenario: Scenario) -> list[dict[str, Any]]:
    """The changes that close most tables, the best first; empty where nothing failed."""
    if frame.failures is None or len(frame.failures.record.cause) == 0:
        return []
    moves = frame.failures.record.moves[:, :N_MOVES]
    closes = np.isfinite(moves)
    return [
        _row(session, CAUSES[i], float(closes[:, i].mean()), moves[closes[:, i], i], frame, scenario)
        for i in np.argsort(-closes.mean(axis=0), kind="stable")[:SHOWN]
        if closes[:, i].any()
    ]


def _row(
    session: Session, cause: str, share: float, moves: np.ndarray, frame: Frame, scenario: Scenario
) -> dict[str, Any]:
    row = {
        "cause": cause, "text": session.say(f"mend.{cause}"), "percent": round(100 * share),
        "shown": percent(session.language.value, share), "lever": "",
    }  # fmt: skip
    if cause in LEVERS:
        name, end = LEVERS[cause]
        now = float(np.mean(frame.regions[name]))
        value = round(now + float(np.median(moves)) * (end - now), 2)
        lever = BY_NAME[name]
        if value > max(now, dict(scenario.levers).get(name, lever.neutral)) + 0.005:
            label = session.label(lever)
            hint = session.say("mend.hint", lever=label, before=f"{now:.2f}", after=f"{value:.2f}")
            row |= {"lever": name, "value": min(value, lever.high), "hint": hint}
    return row
