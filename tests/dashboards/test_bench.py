"""A bench: choosing, changing, uploading, linking, exporting; bad input leaves a message and what was running."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import pandas as pd
import pytest

from abm import run as run_scenario
from abm.scenario import load
from dashboards.controls import exports
from dashboards.controls.bench import Bench
from dashboards.live.session import Session
from tests.dashboards.opened import alone, at, until

SMALL = "&".join(
    f"set=population.{name}={n}" for name, n in (("n_enterprises", 60), ("n_colleges", 12), ("n_students", 900))
)
QUERY = f"?scenario=classroom&seed=3&set=steps=24&{SMALL}"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with alone(QUERY) as made:
        yield made


def test_a_link_to_a_changed_run_reproduces_what_is_shown(bench: Bench) -> None:
    at(bench, 5)
    bench.change("subsidy_rate", 0.6)
    at(bench, 12)
    query = bench.query()
    assert "then=5:subsidy_rate=0.6" in query
    assert "step=12" in query
    twin = Bench(Session("bob"), query)
    try:
        until(lambda: twin.run.value.phase == "paused" and twin.run.value.shown_step() == 12)  # type: ignore[union-attr]
        ours, theirs = (b.run.value.snapshot() for b in (bench, twin))  # type: ignore[union-attr]
        assert ours is not None
        assert theirs is not None
        assert ours.frame.metrics["failed_share"] == theirs.frame.metrics["failed_share"]
        assert (ours.history.metric("mean_formal_depth") == theirs.history.metric("mean_formal_depth")).all()
    finally:
        twin.close()


def test_a_broken_link_shows_the_classroom_and_says_why() -> None:
    session = Session("cleo")
    broken = Bench(session, "?scenario=nowhere")
    try:
        text, is_wrong = broken.note()
        assert is_wrong
        assert "nowhere" in text
        assert broken.run_scenario() == load("classroom")
    finally:
        broken.close()


def test_what_cannot_be_leaves_a_message_and_what_was_running(bench: Bench) -> None:
    before = bench.run.value
    content = base64.b64encode(b"steps = -4").decode()
    for act in (
        lambda: bench.choose("nowhere"),
        lambda: bench.seed("many"),
        lambda: bench.reset({"population.n_enterprises": 9_000_000}),
        lambda: bench.change("subsidy_rate", 40.0),
        lambda: bench.upload([{"name": "mine.toml", "content": content}]),
    ):
        bench.say()
        act()
        text, is_wrong = bench.note()
        assert is_wrong
        assert len(text) > 20
        assert bench.run.value is before


def test_a_reset_keeps_settings_and_forgets_changes(bench: Bench) -> None:
    at(bench, 3)
    bench.change("subsidy_rate", 0.6)
    bench.reset({"initial_trust": 0.3})
    scenario = bench.run_scenario()
    assert scenario is not None
    assert (scenario.p.initial_trust, scenario.seed, scenario.steps) == (0.3, 3, 24)
    assert bench.run.value.changes == ()  # type: ignore[union-attr]


def test_an_upload_runs_and_has_no_link(bench: Bench) -> None:
    content = base64.b64encode(b'base = "classroom"\ntitle = "Mine"\nsteps = 8\n').decode()
    bench.upload([{"name": "mine.toml", "content": content}])
    assert bench.note() == ("Mine is running.", False)
    bench.session.language.value = "zh"
    assert bench.note() == ("正在运行 Mine。", False)
    assert bench.query() == ""
    bench.seed("9")
    scenario = bench.run_scenario()
    assert scenario is not None
    assert (scenario.title, scenario.seed) == ("Mine", 9)
    bench.choose("fragmented")
    assert bench.query()


def test_exported_results_are_those_of_a_plain_run(bench: Bench) -> None:
    at(bench, 24)
    bench.export("csv")
    key = bench.download.value.removeprefix("/download/")
    assert exports.PARCELS.take("eve", key) is None
    parcel = exports.PARCELS.take("ann", key)
    assert parcel is not None
    assert exports.PARCELS.take("ann", key) is None
    with zipfile.ZipFile(io.BytesIO(parcel.content)) as archive:
        metrics = pd.read_csv(archive.open("metrics.csv"))
        assert "changes.toml" not in archive.namelist()
    scenario = bench.run_scenario()
    assert scenario is not None
    expected = run_scenario(scenario).metrics
    pd.testing.assert_series_equal(metrics["failed_share"], expected["failed_share"])
