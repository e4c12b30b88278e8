"""Pages without a browser: they are found, they render, and what a visitor started ends when the visitor goes."""

from __future__ import annotations

import inspect
import re
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import solara
from solara.routing import Router, router_context

import dashboards
from abm.machine.errors import InputError
from abm.quarter import community as community_phase
from abm.quarter.measurement.detectors import Detection, detect, detectors
from abm.scenario import load
from abm.scenario.changes import NOW, RESET, Change, acts
from abm.world.levers import LEVERS
from abm.world.parameters import CATALOGUE
from abm.world.state import ContractEvents
from abm.world.vocabulary import COLLEGE_FINED, EFFORT_BELOW_STANDARD
from dashboards.controls import content, mend
from dashboards.live import session
from dashboards.live.fines import FINES_NAMED, Fines
from dashboards.live.frames import Snapshot
from dashboards.live.levers import controls
from dashboards.live.limits import PLACES, Places
from dashboards.live.session import Session
from dashboards.pages import found
from dashboards.pages._layout import Layout
from dashboards.words import words
from tests.dashboards.played import played

CHINESE = re.compile(r"[\u4e00-\u9fff]")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


def live_runs() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "abm-live-run"}


@solara.component
def Opened(page: Any, path: str) -> None:  # noqa: N802
    """A page as the server opens it."""
    router_context.provide(Router(path, []))
    Layout(children=[page.component()])


@pytest.mark.parametrize("name", ["lab", "compare"])
def test_what_a_visitor_started_ends_with_the_visit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solara, "get_session_id", lambda: "ann")
    page = next(page for page in found() if page.path == name)
    # Others' runs, of a file before, may end meanwhile: this visit's are told apart.
    before, places = live_runs(), Places(a_visitor=4, in_all=8)
    monkeypatch.setattr(session, "PLACES", places)
    box, context = solara.render(Opened(page, f"/{name}"), handle_error=False)
    assert box.children
    mine = live_runs() - before
    assert mine
    assert places.taken() > 0
    context.close()
    end = time.monotonic() + 60
    while any(run.is_alive() for run in mine) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(run.is_alive() for run in mine)
    assert places.taken() == 0


def test_pages_are_in_order_and_named() -> None:
    pages = found()
    assert [page.order for page in pages] == sorted(page.order for page in pages)
    assert {"lab", "compare"} <= {page.path for page in pages}
    assert len({page.path for page in pages}) == len(pages)


def test_every_lever_and_every_setting_of_a_policy_can_be_moved() -> None:
    scenario = load("reform_package")
    found_controls = controls(scenario, advanced=True)
    keys = {control.key for control in found_controls}
    assert {lever.name for lever in LEVERS} <= keys
    assert "platform.reach" in keys
    assert {p.name for p in CATALOGUE.values() if p.role in ("lever", "uncertainty")} <= keys
    for control in found_controls:
        assert control.low <= control.value <= control.high
        assert control.label
        assert control.label_zh
        assert control.source
        scenario.with_overrides(**{control.key: control.value})


def test_when_a_change_acts_is_what_the_catalogue_says() -> None:
    assert acts("subsidy_rate") == NOW
    assert acts("platform.reach") == NOW
    assert acts("population.n_colleges") == RESET
    assert {acts(name) for name in CATALOGUE} == {p.acts for p in CATALOGUE.values()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_controls_speak_both_languages(language: str) -> None:
    session = Session("ann")
    session.language.value = language
    groups = content.lever_groups(session, load("reform_package"), is_all=True)
    for group in groups:
        for control in group["controls"]:
            assert 0 < control["step"] <= (control["high"] - control["low"])
    assert {group["acts"] for group in groups} == {NOW, RESET}
    assert len(content.scenario_list(session)) >= 8


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_that_happens_is_told(language: str) -> None:
    run = played("reform_package", 60)
    session = Session("ann")
    session.language.value = language
    snapshot = Snapshot(run.world, run.history, run.frames[60])
    live = SimpleNamespace(changes=(Change(3, "subsidy_rate", 0.5),))
    rows = content.event_rows(session, live.changes, snapshot)
    happened = [e for e in run.history.events_until(60) if e.kind in content.KINDS or e.kind == "stage_changed"]
    assert {"community_born", "stage_changed"} <= {event.kind for event in happened}
    # Each of them, the change, and episodes and fines besides.
    assert len(happened) + 1 < len(rows) <= content.MOST_EVENTS
    assert {event.step + 1 for event in happened} <= {row["step"] for row in rows}
    assert all(row["text"] and "{" not in row["text"] for row in rows)
    assert [row["step"] for row in rows] == sorted((row["step"] for row in rows), reverse=True)
    assert [3, content.CHANGE] in content.ticks(live.changes, snapshot)
    bands = content.bands(snapshot)
    assert bands[0][0] == 0
    assert bands[-1][1] == 60
    assert all(before[1] == after[0] for before, after in pairwise(bands))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "enterprises 2, colleges 1. The least effort: college 6 towards enterprise 3 (placement, 0.12)"),
        ("zh", "企业 2 次，院校 1 次。投入最少者：院校 6 对企业 3（实习，投入 0.12）"),
    ],
)
def test_the_latest_fines_are_told_with_the_worst_of_them(language: str, text: str) -> None:
    run = played("classroom", 6)
    told = [fines for fines in (frame.fines for frame in run.frames) if fines is not None]
    assert [run.history.metric("fines")[f.step] for f in told] == [f.enterprises + f.colleges for f in told]
    assert all((np.diff(f.worst.value) >= 0).all() and len(f.worst.value) <= FINES_NAMED for f in told)
    session, history = Session("ann"), run.history.until(6)
    session.language.value = language
    worst = ContractEvents(*(np.array([x]) for x in (COLLEGE_FINED, 2, 5, 0, 2, EFFORT_BELOW_STANDARD, 0.123)))
    history.fines = [Fines(step, 2, 1, worst) for step in range(6)]
    for step in (6, 5):
        snapshot = Snapshot(run.world, history, run.frames[step])
        rows = content.event_rows(session, (), snapshot)
        found = [row["step"] for row in rows if row["text"].endswith(text)]
        assert found == [step - i for i in range(content.FINES_TOLD)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_episodes_that_detectors_find_are_told_as_of_the_moment_shown(language: str) -> None:
    session, live = Session("ann"), SimpleNamespace(changes=())
    session.language.value = language
    for name, steps in (("reform_package", 60), ("fragmented", 40)):
        run = played(name, steps)
        for step in (steps // 2, steps):
            snapshot = Snapshot(run.world, run.history, run.frames[step])
            trajectory = {metric: run.history.metric(metric, step) for metric in run.history.metric_names}
            found = detect(trajectory, run.world.scenario.p)
            rows = content.event_rows(session, live.changes, snapshot)
            told = {(one.start + 1, content.told(session, one)) for one in found}
            # More happens than is listed: the earliest go.
            assert {one for one in told if one[0] > rows[-1]["step"]} <= {(row["step"], row["text"]) for row in rows}
            assert all("{" not in text and bool(CHINESE.search(text)) == (language == "zh") for _, text in told)
            assert all(1 <= at <= step for at, _ in told)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_episode_has_its_sentence_and_one_from_outside_its_own(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session("ann")
    session.language.value = language
    kinds = {detector.KIND for detector in detectors()}
    for kind in kinds:
        text = content.told(session, Detection(kind, "mean_substantive_depth", 3, 8, 0.4))
        assert bool(CHINESE.search(text)) == (language == "zh"), text
    own = SimpleNamespace(KIND="own", LABEL="calm", LABEL_ZH="平静", said=lambda one: f"calm for {one.end - one.start}")
    monkeypatch.setattr(content, "detectors", lambda: (own,))
    monkeypatch.setattr(content, "said", own.said)
    assert content.told(session, Detection("own", "x", 3, 8, 0.4)) == {"en": "calm for 5", "zh": "平静"}[language]


def test_every_end_of_a_community_has_words() -> None:
    source = inspect.getsource(community_phase.weakness) + inspect.getsource(community_phase.end_of)
    ends = set(re.findall(r'return "(\w+)"|else "(\w+)"$', source, re.MULTILINE))
    named = {a or b for a, b in ends}
    assert named == set(content.ENDS)
    assert {f"events.cause_{end}" for end in content.ENDS} <= words("en").keys()


def test_what_would_mend_it_comes_from_the_failed_tables() -> None:
    run = played("classroom", 6)
    scenario, frame = run.world.scenario, run.frames[6]
    rows = mend.rows(Session("ann"), frame, scenario)
    assert 0 < len(rows) <= mend.SHOWN
    assert [row["percent"] for row in rows] == sorted((row["percent"] for row in rows), reverse=True)
    offered = [row for row in rows if row["lever"]]
    for row in offered:
        moved = scenario.with_overrides(**{row["lever"]: row["value"]})
        assert dict(moved.levers)[row["lever"]] == row["value"]
    assert mend.rows(Session("ann"), run.frames[0], scenario) == []


def test_what_failed_for_nothing_that_one_change_mends_is_counted_and_not_denied() -> None:
    session, run = Session("ann"), played("classroom", 6)
    frame = run.frames[6]
    assert frame.failures is not None
    n = len(frame.failures.row)
    assert f"({n})" in mend.told_of(session, frame)["note"]
    hopeless = replace(frame, failures=frame.failures._replace(moves=np.full_like(frame.failures.moves, np.nan)))
    assert mend.rows(session, hopeless, run.world.scenario) == []
    assert f"negotiations: {n}." in mend.told_of(session, hopeless)["none"]
    assert "No negotiation has failed" in mend.told_of(session, run.frames[0])["none"]


def test_a_session_counts_its_runs() -> None:
    session = Session("dora")
    small = load("classroom").with_overrides(**{"population.n_enterprises": 40, "population.n_students": 300})
    try:
        for _ in range(PLACES.a_visitor):
            session.begin(small)
        with pytest.raises(InputError, match="runs open already"):
            session.begin(small)
    finally:
        session.end_all()
    assert session.runs == []


VUE = sorted(Path(dashboards.__file__).parent.rglob("*.vue"))
MEMBER = re.compile(r"(?<![.\w])(?:async )?(\w+)\([^()]*\) \{|\bdata\(\) \{ return \{([^}]*)")


@pytest.mark.parametrize("file", VUE, ids=lambda file: file.name)
def test_no_method_of_a_template_is_hidden_by_an_event_of_its_name(file: Path) -> None:
    """Solara lets `event_copy` be called `copy` too: a method of that name is never run."""
    text = file.read_text("utf-8")
    script = text.partition("<script>")[2].partition("</script>")[0]
    events = set(re.findall(r"event_(\w+)", text))
    members = {name for method, _ in MEMBER.findall(script) if (name := method)}
    members |= {name for _, data in MEMBER.findall(script) for name in re.findall(r"(\w+):", data)}
    assert not events & members
