from __future__ import annotations

import math

import numpy as np
import pytest

import abm
from abm.quarter.measurement.detectors import (
    Detection,
    collapse,
    detect,
    detectors,
    emergence,
    failure,
    said,
    tipping,
)
from abm.results.report import html
from abm.scenario.changes import Change
from abm.world.parameters import DEFAULTS

P = DEFAULTS._replace(
    failure_share=0.5, failure_quarters=4, emergence_share=0.25, tipping_window=4, tipping_ratio=5, tipping_jump=0.1,
    collapse_share=0.5, collapse_quarters=8,
)  # fmt: skip
NAN = math.nan


def test_each_detector_says_what_it_finds() -> None:
    assert {d.KIND for d in detectors()} >= {"failure_episode", "emergence", "tipping", "collapse"}
    for d in detectors():
        assert d.LABEL and d.LABEL_ZH and d.MEANING and d.SOURCE
        assert d.detect({}, P) == []


def test_failure_episodes_last_a_year() -> None:
    values = np.array([0.6, 0.6, 0.6, 0.2, 0.6, 0.7, 0.8, 0.9, 0.5, NAN, 0.9, 0.9, 0.9, 0.9])
    found = failure.detect({"failed_share": values}, P)
    assert [(d.start, d.end) for d in found] == [(4, 7), (10, 13)]
    assert found[0].value == pytest.approx(0.75)


def test_emergence() -> None:
    trajectory = {
        "n_communities": np.array([0.0, 0, 1, 3]),
        "community_share": np.array([NAN, 0.0, 0.1, 0.25]),
    }
    assert emergence.detect(trajectory, P) == [
        Detection("emergence", "n_communities", 2, 2, 1.0),
        Detection("emergence", "community_share", 3, 3, 0.25),
    ]
    assert emergence.detect({"n_communities": np.zeros(3)}, P) == []


def test_collapse_is_a_fast_loss() -> None:
    name = collapse.METRIC
    fast = np.array([0.4] * 4 + [0.36, 0.3, 0.19, 0.1, 0.12] + [0.12] * 8)
    found = collapse.detect({name: fast}, P)
    assert [(d.start, d.end) for d in found] == [(3, 7)]
    assert found[0].value == pytest.approx(0.75)
    slow = 0.4 * 0.95 ** np.arange(40)  # 34 % in 8 quarters
    assert collapse.detect({name: slow}, P) == []
    assert collapse.detect({name: np.array([0.01, 0.001])}, P) == []


def test_tipping_is_a_jump_above_the_noise() -> None:
    name = next(iter(tipping.METRICS))
    noise = 0.01 * np.array([1.0, -1.0] * 6)
    jump = noise + np.repeat([0.1, 0.4], 6)
    (found,) = tipping.detect({name: jump}, P)
    assert (found.start, found.end) == (5, 6)
    # Inside each window of four the sum of squares is 4 * 0.01^2; 6 degrees of freedom in both.
    assert found.value == pytest.approx(0.3 / math.sqrt(8 * 1e-4 / 6))
    assert tipping.detect({name: 0.3 * noise + np.linspace(0.1, 0.16, 12)}, P) == []
    assert tipping.detect({name: jump[:7]}, P) == []
    assert tipping.detect({name: 0.2 - jump}, P)[0].value < 0


def test_early_warning_rises_with_memory_and_spread() -> None:
    values = np.array([0.0, 2.0, 0.0, 2.0, 1.0, 1.0])
    variance, memory = tipping.early_warning(values, 4)
    assert np.isnan(variance[:3]).all()
    # 0, 2, 0, 2 has slope 0.4; residuals -0.4, 1.2, -1.2, 0.4.
    assert variance[3] == pytest.approx(3.2 / 3)
    assert memory[3] == pytest.approx((-0.48 - 1.44 - 0.48) / 3.2)
    line = tipping.early_warning(np.arange(6.0), 4)
    assert line[0][5] == pytest.approx(0.0)
    assert np.isnan(line[1][5])
    with pytest.raises(ValueError, match="take 3 or more"):
        tipping.early_warning(values, 2)


def test_kendall_tau() -> None:
    assert tipping.kendall_tau(np.array([NAN, 1.0, 2.0, 3.0])) == 1.0
    assert tipping.kendall_tau(np.array([3.0, 1.0, 2.0])) == pytest.approx(-1 / 3)
    assert np.isnan(tipping.kendall_tau(np.array([1.0])))


def test_detections_are_said_in_plain_words() -> None:
    told = {
        said(Detection("failure_episode", "failed_share", 0, 9, 0.714)),
        said(Detection("emergence", "n_communities", 3, 3, 2.0)),
        said(Detection("emergence", "community_share", 3, 3, 0.27)),
        said(Detection("tipping", "community_share", 3, 4, -8.76)),
        said(Detection("collapse", collapse.METRIC, 3, 9, 0.9)),
    }
    assert told == {
        "coordination fails: 71% of negotiations without a contract",
        "the first integration community stands",
        "integration communities hold 27% of enterprises and colleges",
        "the share of institutions in communities tips down, by 8.8 times the noise around it",
        "cooperation collapses: 90% of its substantive depth is lost",
    }


def test_a_run_keeps_its_detections_and_tells_them() -> None:
    results = abm.run("classroom", steps=12)
    metrics = {name: values for name, values in results.columns["metrics"].items() if isinstance(values, np.ndarray)}
    found = detect(metrics, results.scenario.p)
    assert found and [tuple(row) for row in results.detections.itertuples(index=False)] == [tuple(d) for d in found]
    line = f"quarters 1-12: {said(found[0])}"
    assert line in results.summary() and f"<li>{line}</li>" in html(results)
    quiet = abm.run("classroom", steps=12, failure_share=1.0)
    assert "Episodes of the whole run\n  none" in quiet.summary() and "What happened" not in html(quiet)
    # Detections follow from metrics: what they are looked for with makes no other results.
    assert quiet.result_hash() == results.result_hash() and len(results.detections) > len(quiet.detections) == 0


def test_all_detections_in_order() -> None:
    found = detect({"failed_share": np.ones(5), "n_communities": np.ones(5)}, P)
    assert [(d.start, d.kind) for d in found] == [(0, "emergence"), (0, "failure_episode")]


def test_what_is_detected_is_by_the_parameters_that_are_in_force_at_the_end() -> None:
    small = {"population.n_enterprises": 40, "population.n_colleges": 8, "population.n_students": 300, "steps": 8}
    late = Change(6, "failure_quarters", 40.0)
    usual = abm.run("classroom", failure_share=0.01, failure_quarters=2, **small)
    changed = abm.run("classroom", failure_share=0.01, failure_quarters=2, changes=[late], **small)
    assert "failure_episode" in list(usual.detections["kind"])
    assert "failure_episode" not in list(changed.detections["kind"])
    assert list(usual.metrics["failed_share"]) == list(changed.metrics["failed_share"])
