"""What would mend it: the single changes that would have closed most of the failed tables shown.

Each failed table was negotiated again with one thing changed at a time (abm/quarter/negotiation/diagnosis.py). Here the
tables of the moment are counted by what alone closes them; a table may be counted under several. For
what a lever moves, the value offered is the one that closes half of those tables.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.quarter.negotiation.bargaining import SUBSIDY_CEILING
from abm.results.advice import AGAINST
from abm.world.levers import BY_NAME
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import CAUSES, N_MOVES
from dashboards.words import percent
from dashboards.words.vocabulary import as_said

if TYPE_CHECKING:
    from collections.abc import Callable

    from abm.results.advice import Advice, Estimate
    from abm.results.advice import Mend as Tested
    from abm.scenario import Scenario
    from dashboards.live.frames import Frame
    from dashboards.live.lever_tests import Tried
    from dashboards.live.session import Session

LEVERS = {
    "funding": ("subsidy_rate", SUBSIDY_CEILING),
    "evaluation": ("evaluation_reform", 1.0),
    "policy_inconsistency": ("harmonisation", 1.0),
}
"""Causes whose move is the move of a lever, and the end of the way on which the move is a share."""
SHOWN = 3
LEAST = 0.005
"""Share of negotiations from which a lever is said to lower failures."""


def told_of(session: Session, frame: Frame | None) -> dict[str, str]:
    """Words of the panel, with how many negotiations failed in the quarter of a frame."""
    failures, words = None if frame is None else frame.failures, session.words("mend")
    failed = 0 if failures is None else round(len(failures.row) * failures.weight)
    none = words["none_alone"] if failed else words["none"]
    return words | {"note": words["note"].format(n=failed), "none": none.format(n=failed)}


def rows(session: Session, frame: Frame, scenario: Scenario) -> list[dict[str, Any]]:
    """The changes that close most tables, the best first; empty where nothing failed."""
    if frame.failures is None or len(frame.failures.record.cause) == 0:
        return []
    moves = frame.failures.moves[:, :N_MOVES]
    closes = np.isfinite(moves)
    return [
        _row(session, CAUSES[i], float(closes[:, i].mean()), moves[closes[:, i], i], frame, scenario)
        for i in np.argsort(-closes.mean(axis=0), kind="stable")[:SHOWN]
        if closes[:, i].any()
    ]


def tested(session: Session, found: list[Tried], kcny_per_unit: float, as_is: str) -> list[dict[str, Any]]:
    """What came of each lever that was tried, beside the run ``as_is``; money in yuan."""
    if not found:
        return []
    base, language = found[0], session.language.value
    unit = as_said(kcny_per_unit, language)

    def apart(value: float, digits: int) -> str:
        return f"{round(value, digits) + 0.0:+,.{digits}f}".replace("-", "−")

    now = {"failed": percent(language, base.failed), "depth": f"{base.depth:.2f}", "cost": f"{unit * base.spent:,.1f}"}
    rows: list[dict[str, Any]] = [{"lever": "", "text": as_is, **now}]
    for one in found[1:]:
        hint = session.say(
            "mend.raised", lever=session.label(BY_NAME[one.lever]), before=f"{one.before:.2f}", after=f"{one.after:.2f}"
        )
        rows.append({
            "lever": one.lever, "value": one.after, "text": hint, "failed": percent(language, one.failed),
            "depth": apart(one.depth - base.depth, 2), "cost": apart(unit * (one.spent - base.spent), 1),
        })  # fmt: skip
    return rows


def in_worlds(session: Session, advice: Advice | None, as_is: str) -> list[dict[str, Any]]:
    """What came of all levers in several worlds: the world ``as_is``, then the levers that lower failures by more than
    chance, then the others, both by what they do to failures, each with half of its 90 % interval."""
    if advice is None:
        return []
    years = advice.horizon / QUARTERS_A_YEAR

    def cells(found: dict[str, Estimate], tell: Callable[[Estimate, float, int, bool], str]) -> dict[str, str]:
        return {
            "failures": tell(found["failures_per_pair"], 1.0, 1, False),
            "failed": tell(found["failed_share"], 100.0, 1, True),
            "depth": tell(found["depth"], 1.0, 3, False),
            "jobs": tell(found["jobs"], 1.0, 0, False),
            "cost": tell(found["spent_kcny"], 1.0 / years, 0, False),
        }

    def level(one: Estimate, times: float, digits: int, is_share: bool) -> str:
        told = f"{one.value * times:,.{digits}f}" if math.isfinite(one.value) else "–"
        return session.say("percent", n=told) if is_share and told != "–" else told

    def effect(one: Estimate, times: float, digits: int, is_share: bool) -> str:
        if not math.isfinite(one.effect):
            return "–"
        told = f"{round(one.effect * times, digits) + 0.0:+,.{digits}f}".replace("-", "−")
        half = (one.high - one.low) / 2 * times
        return f"{told} ± {half:,.{digits}f}" if math.isfinite(half) else told

    rows: list[dict[str, Any]] = [{"lever": "", "text": as_is, "isTold": False, **cells(advice.base.found, level)}]
    for mend in _by_effect(advice):
        (moved,) = mend.moves
        lever = BY_NAME[moved.lever]
        before, after = (f"{value:.2f}".rstrip("0").rstrip(".") for value in (moved.before, moved.value))
        hint = session.say("mend.raised", lever=session.label(lever), before=before, after=after)
        rows.append({
            "lever": moved.lever, "value": moved.value, "text": hint, "isTold": advice.is_told(mend),
            **cells(mend.found, effect),
        })  # fmt: skip
    return rows


def verdict_of_worlds(session: Session, advice: Advice) -> str:
    """What `abm advise` says of it: what most tables fail for, and the lever that lowers failures most of those that do
    so by more than chance."""
    return advice.verdict(session.language.value)


def _by_effect(advice: Advice) -> list[Tested]:
    """Levers moved alone: those beyond chance first, of each kind the one that lowers failures most first."""
    found = [mend for mend in advice.mends if len(mend.moves) == 1]
    return sorted(found, key=lambda mend: (not advice.is_told(mend), _nan_last(mend.found["failures_per_pair"].effect)))


def _nan_last(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def verdict(session: Session, named: list[dict[str, Any]], found: list[Tried]) -> str:
    """Whether what the tables name most is what helps most in this world."""
    helpful = [one for one in found[1:] if one.failed < found[0].failed - LEAST]
    if not helpful:
        return session.say("mend.none_helps")
    lever = session.label(BY_NAME[helpful[0].lever])
    cause = named[0]["cause"] if named else ""
    key = "agrees" if cause and CAUSES.index(cause) in AGAINST[helpful[0].lever] else "differs"
    return session.say(f"mend.{key}", lever=lever, mend=session.say(f"mend.{cause}") if cause else "–")


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
