"""What the controls show, worked out from a run: groups of levers, ticks and stage bands, the event log."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.quarter.measurement.detectors import Detection, detect, detectors, said
from abm.quarter.measurement.metrics import catalogue
from abm.scenario import load, names
from abm.world.vocabulary import COLLEGE_FINED, LEVELS, STAGES
from dashboards.live.levers import NOW, Control, controls
from dashboards.words import percent, vocabulary, words
from dashboards.words.vocabulary import stage_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.scenario import Scenario
    from abm.scenario.changes import Change
    from abm.world.state import Event
    from dashboards.live.frames import Fines, Snapshot, World
    from dashboards.live.session import Session

UP, DOWN, CHANGE = "up", "down", "change"
KINDS = {"community_born": UP, "community_died": DOWN, "community_split": DOWN}
"""Events worth a tick, and whether they are gain or loss; a change of stage is either."""
ENDS = ("merged", "split", "drained", "deficit", "shallow", "abandoned")
"""Why a community ends (abm/quarter/community)."""
MOST_EVENTS = 120
FINES_TOLD = 1
"""Quarters whose fines are told, the latest: there are some in nearly every quarter, and older news matters more."""
MOST_TICKS = 160
STEPS_OF_A_SLIDER = 200


def lever_groups(session: Session, scenario: Scenario, *, is_all: bool) -> list[dict[str, Any]]:
    """Groups of sliders: the scenario's policies, the levers and, on request, every parameter by its group."""
    found: dict[str, list[Control]] = {}
    for control in controls(scenario, advanced=is_all):
        found.setdefault(f"{control.group} {control.acts}" if is_all else control.group, []).append(control)
    return [_group(session, key, members, number) for number, (key, members) in enumerate(found.items())]


def _group(session: Session, key: str, members: list[Control], number: int) -> dict[str, Any]:
    name = members[0].group
    label = session.say(f"{'levers' if name in ('policies', 'levers') else 'about'}.group_{name.replace(' ', '_')}")
    return {
        "key": key, "label": label, "acts": members[0].acts, "is_open": number == 0,
        "controls": [_control(session, control) for control in members],
    }  # fmt: skip


def _control(session: Session, c: Control) -> dict[str, Any]:
    label = session.label(c)
    if "." in c.key:
        setting = c.key.partition(".")[2]
        label = session.part(label, session.text(setting).replace("_", " "))
    return {
        "key": c.key, "label": label, "unit": unit_of(session, c), "low": c.low, "high": c.high, "value": c.value,
        "default": c.default, "step": _step(c), "acts": c.acts, "meaning": session.text(c.meaning),
        "source": session.text(c.source),
    }  # fmt: skip


def unit_of(session: Session, of: Any) -> str:
    """Unit of a catalogue's entry in the visitor's language; empty for a plain number."""
    return "" if of.unit == "1" else session.text(of.unit)


def _step(c: Control) -> float:
    """A round step, fine enough for the range."""
    if c.is_whole or (c.unit == "quarters" and c.high <= STEPS_OF_A_SLIDER):
        return 1.0
    return float(10.0 ** np.floor(np.log10((c.high - c.low) / STEPS_OF_A_SLIDER * 5.0)))


def change_text(session: Session, change: Change) -> str:
    """What was changed, and to what."""
    return vocabulary.change_text(session.language.value, change)


def change_rows(session: Session, changes: Sequence[Change], shown: int) -> list[dict[str, Any]]:
    """What was changed in a run, the earliest first, each with its place in the list of changes; ``shown``: the moment
    shown."""
    found = list(enumerate(changes))
    return [
        {
            **_row(session, change.start, CHANGE, change_text(session, change)), "number": number,
            "key": f"{number}-{change.start}-{change.key}", "is_ahead": change.start > shown,
        }
        for number, change in sorted(found, key=lambda one: one[1].start)
    ]  # fmt: skip


def metric_label(session: Session, name: str) -> str:
    """A national metric in the visitor's language."""
    return session.label(catalogue()[name])


def scenario_list(session: Session) -> list[dict[str, str]]:
    """The shipped scenarios, by title."""
    return [{"name": s.name, "title": session.title(s)} for s in map(load, names())]


def about(session: Session, scenario: Scenario) -> dict[str, Any]:
    """What a scenario says of itself."""
    return {
        "title": session.title(scenario), "rationale": session.text(scenario.rationale),
        "expected": session.text(scenario.expected), "sources": [session.text(source) for source in scenario.sources],
    }  # fmt: skip


def bands(snapshot: Snapshot) -> list[list[int]]:
    """Stretches of time by the stage that most regions were in: first step, last step + 1, stage."""
    if snapshot.history.steps == 0:
        return []
    stages = snapshot.history.regional("stage").astype(np.int64)
    modal = [int(np.bincount(row, minlength=len(STAGES)).argmax()) for row in stages]
    found: list[list[int]] = []
    for step, stage in enumerate(modal):
        if found and found[-1][2] == stage:
            found[-1][1] = step + 1
        else:
            found.append([step, step + 1, stage])
    return found


def ticks(changes: Sequence[Change], snapshot: Snapshot) -> list[list[Any]]:
    """Steps at which something is worth a look, with its kind."""
    found = {(event.step, KINDS[event.kind]) for event in list(snapshot.history.events) if event.kind in KINDS}
    found |= {(change.start, CHANGE) for change in changes}
    return [list(tick) for tick in sorted(found)[-MOST_TICKS:]]


def event_rows(session: Session, changes: Sequence[Change], snapshot: Snapshot) -> list[dict[str, Any]]:
    """The event log up to the moment shown, the latest first."""
    rows: list[dict[str, Any]] = []
    for change in changes:
        if change.start <= snapshot.step:
            what = session.say("events.changed", what=change_text(session, change))
            rows.append(_row(session, change.start, CHANGE, what))
    for event in snapshot.history.events_until(snapshot.step):
        if event.kind in KINDS or event.kind == "stage_changed":
            rows.append(_row(session, event.step + 1, _kind(event), _text(session, snapshot, event)))
    rows += [_row(session, at, kind, text) for at, kind, text in _episodes(session, snapshot)]
    # The last of their quarter: when they go, the others' keys stay.
    for fines in snapshot.history.fines_until(snapshot.step)[-FINES_TOLD:]:
        rows.append(_row(session, fines.step + 1, DOWN, _fined(session, snapshot.world, fines)))
    rows.sort(key=lambda row: -row["step"])
    # Keys stay with their rows when later ones come before them, so that the page keeps what it has drawn.
    earlier = Counter[int]()
    for row in rows[:MOST_EVENTS]:
        row["key"] = f"{row['step']}-{earlier[row['step']]}"
        earlier[row["step"]] += 1
    return rows[:MOST_EVENTS]


def _kind(event: Event) -> str:
    return KINDS.get(event.kind) or (UP if event.value >= STAGES.index("breakthrough") else DOWN)


def _text(session: Session, snapshot: Snapshot, event: Event) -> str:
    language = session.language.value
    region = snapshot.world.region_label(event.region, language) if event.region >= 0 else ""
    stage = stage_names(language)[int(event.value)] if event.kind == "stage_changed" else ""
    cause = session.say(f"events.cause_{event.cause}") if event.cause in ENDS and event.kind == "community_died" else ""
    return session.say(f"events.{event.kind}", region=region, stage=stage, cause=cause)


def _episodes(session: Session, snapshot: Snapshot) -> list[tuple[int, str, str]]:
    """Episodes that detectors find in what is known up to the moment shown: step, kind of tick and sentence."""
    history, known = snapshot.history, min(snapshot.step, snapshot.history.steps)
    if not known:
        return []
    trajectory = {name: history.metric(name, known) for name in history.metric_names}
    found = detect(trajectory, snapshot.world.scenario.in_force(known - 1).p)
    return [(int(one.start) + 1, UP if _is_gain(one) else DOWN, told(session, one)) for one in found]


def _is_gain(one: Detection) -> bool:
    return one.kind == "emergence" or (one.kind == "tipping" and one.value > 0)


def told(session: Session, one: Detection) -> str:
    """An episode as a sentence; one of a detector that the words do not know in its own words."""
    key = f"events.{one.kind}"
    if one.kind == "tipping":
        key += "_up" if one.value > 0 else "_down"
    elif one.metric == "n_communities":
        key += "_first"
    if key not in words("en"):
        of = next(detector for detector in detectors() if one.kind == detector.KIND)
        is_chinese = session.language.value == "zh" and of.LABEL_ZH
        return str(of.LABEL_ZH) if is_chinese else said(one)
    return session.say(
        key, share=percent(session.language.value, abs(float(one.value))), times=f"{abs(one.value):.1f}",
        until=vocabulary.when(session.language.value, int(one.end) + 1), what=metric_label(session, one.metric),
    )  # fmt: skip


def _fined(session: Session, world: World, fines: Fines) -> str:
    worst = fines.worst
    who = [
        session.say(
            "events.fined_college" if what == COLLEGE_FINED else "events.fined_enterprise",
            enterprise=world.enterprise_label(e), college=world.college_label(c),
            level=LEVELS.label(level, session.language.value), effort=f"{effort:.2f}",
        )
        for what, e, c, level, effort in zip(
            worst.what.tolist(), worst.enterprise.tolist(), worst.college.tolist(), worst.level.tolist(),
            worst.value.tolist(), strict=True,
        )
    ]  # fmt: skip
    told = session.say("events.and").join(who)
    return session.say("events.fined", enterprises=fines.enterprises, colleges=fines.colleges, who=told)


def _row(session: Session, step: int, kind: str, text: str) -> dict[str, Any]:
    return {"step": step, "when": vocabulary.when(session.language.value, step), "kind": kind, "text": text}


def panel_words(session: Session) -> dict[str, str]:
    """Texts of the levers panel."""
    return session.words("levers")


__all__ = ["NOW", "about", "bands", "event_rows", "lever_groups", "metric_label", "panel_words",
           "scenario_list", "ticks"]  # fmt: skip
