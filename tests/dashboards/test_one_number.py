"""One definition of each share: verdict, picture, lesson and comparison say one number of one moment."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from abm import quarter
from abm.population import build
from abm.world.vocabulary import CAUSES
from dashboards.live import shares
from dashboards.live.frames import History, frame_of, world_of
from dashboards.live.scenes import Seen
from dashboards.teach.lessons import Lesson, lessons
from dashboards.teach.lessons.playing import measured
from dashboards.views import causes, tile_map, verdict
from dashboards.words import percent
from tests.dashboards.played import Played, played

STEPS = 40


def watched(lesson: Lesson) -> Played:
    """The run that is watched in a lesson, as its page sees it."""
    scenario = lesson.runs[0].scenario
    state = build(scenario, lesson.seed)
    world, frames = world_of(scenario, state), [frame_of(state, scenario.p.related_fit)]
    for _ in range(scenario.steps):
        quarter.step(state, scenario)
        frames.append(frame_of(state, scenario.p.related_fit))
    history = History(tuple(frames[-1].metrics), tuple(frames[-1].regions), len(world.region_names))
    for frame in frames[1:]:
        history.append(frame)
    return Played(world, history, frames)


def by_name(name: str) -> Lesson:
    return next(lesson for lesson in lessons() if lesson.name == name)


def of_metrics(lesson: Lesson, run: Played) -> dict[str, float]:
    """The lesson's measures of the run that is watched."""
    series = {name: run.history.metric(name) for name in run.history.metric_names}
    return measured(lesson, {lesson.runs[0].name: series})


@pytest.fixture(scope="module")
def moment() -> Seen:
    return played("classroom", STEPS).seen(STEPS)


def test_a_share_of_a_year_is_of_all_its_negotiations(moment: Seen) -> None:
    failed, tables = (moment.regional(name).sum(axis=1) for name in ("failed", "tables"))
    of_page = shares.over_a_year(moment.metric, "failed_share")
    assert of_page[-1] == pytest.approx(failed[-4:].sum() / tables[-4:].sum())
    np.testing.assert_allclose(of_page, verdict.failed_share(moment))
    for cause in CAUSES:
        counted = moment.regional(f"failed_{cause}")[-4:].sum() / failed[-4:].sum()
        assert shares.over_a_year(moment.metric, f"failed_by_{cause}")[-1] == pytest.approx(counted, abs=1e-9)
        drawn = causes.shares(moment)[causes.ORDER.index(cause), -1]
        assert drawn == pytest.approx(counted * of_page[-1], abs=1e-9)
    by_region = tile_map.failed_by_region(moment)
    weights = moment.regional("tables")[-4:].sum(axis=0)
    assert np.nansum(by_region * weights) / weights.sum() == pytest.approx(of_page[-1])
    # Another definition would be seen: the mean of the quarters differs.
    assert of_page[-1] != pytest.approx(moment.metric("failed_share")[-4:].mean(), abs=1e-6)


def test_a_lesson_says_what_the_pictures_beside_it_say() -> None:
    lesson = by_name("everybody_says_yes")
    run = watched(lesson)
    seen, found = run.seen(len(run.frames) - 1), of_metrics(lesson, run)
    failed = verdict.failed_share(seen)[-1]
    assert found["signed"] == pytest.approx(1.0 - failed)
    assert f"{percent('en', failed)} of the last year's negotiations" in verdict.scene(seen).words["why"]
    part = causes.shares(seen)[causes.ORDER.index("evaluation"), -1]
    assert found["evaluation"] == pytest.approx(part / failed)

    lesson = by_name("signed_and_lived")
    run = watched(lesson)
    seen, found = run.seen(len(run.frames) - 1), of_metrics(lesson, run)
    on_paper = f"{percent('en', 1.0 - found['lived'])} of the depth of the last year's contracts stayed on paper"
    assert on_paper in verdict.scene(seen).words["why"]

    lesson = by_name("share_it")
    run = watched(lesson)
    seen, found = run.seen(len(run.frames) - 1), of_metrics(lesson, run)
    told = verdict.scene(seen).words["communities"]
    alone = percent("en", seen.last("self_sustaining_share"))
    assert found["shapley"] == pytest.approx(seen.last("self_sustaining_share"), abs=0.02)
    assert f"with {alone}, would stand" in told


def test_what_was_and_is_no_more_is_said() -> None:
    counts = np.array([math.nan, 0.0, 2.0, 3.0, 1.0, 0.0, 0.0])
    seen = SimpleNamespace(language="en", metric=lambda _: counts)
    told = verdict._no_community(seen, verdict.words("en"))  # pyright: ignore
    assert told == "No integration community is left: there were up to 3, until Year 2, quarter 1."
    seen.metric = lambda _: counts[:2]
    assert "has emerged" in verdict._no_community(seen, verdict.words("en"))  # pyright: ignore
