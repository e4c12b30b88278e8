"""Calibration of a toy whose truth is known; an anchor that cannot be met is said; ranks of the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments import anchors
from experiments.analysis.calibration import Anchor, calibrate, emulated
from experiments.analysis.calibration.emulator import Emulator
from experiments.analysis.calibration.self_test import LEVELS, SCALE, TOY, self_test, toy
from experiments.analysis.posterior import Pace

RANGES = {"a": (0.0, 1.0), "b": (0.0, 2.0)}


def simulate(points: pd.DataFrame, seed: int = 1, replications: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frames = [
        pd.DataFrame({
            "point": range(len(points)), "replication": k, "status": "ok", "a": points.a, "b": points.b,
            "x": points.a + 0.5 * points.b + rng.normal(0, 0.03, len(points)),
            "y": points.a**2 + rng.normal(0, 0.03, len(points)),
        })
        for k in range(replications)
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def drawn(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.uniform(0, 1, n), "b": rng.uniform(0, 2, n)})


def wanted(x: float) -> list[Anchor]:
    return [Anchor("x", x, 0.02, "x seen", "toy"), Anchor("y", 0.36, 0.02, "y seen", "toy")]


def test_the_truth_is_found_and_foretold():
    pytest.importorskip("pyabc")
    found = calibrate(
        simulate(drawn()), lambda points: simulate(points, 9, 1), RANGES, wanted(1.0), pace=Pace(80, 3, 0.05)
    )
    rows = found.parameters.set_index("parameter")
    for name, truth in (("a", 0.6), ("b", 0.8)):
        assert rows.low[name] < truth < rows.high[name]
        assert rows.point[name] == pytest.approx(truth, abs=0.12)
        assert rows.narrowing[name] > 0.5
    assert found.predictive.is_met.all()
    assert (found.emulation.r2 > 0.95).all()
    assert found.emulation.noise.to_numpy() == pytest.approx([0.03, 0.03], rel=0.4)
    assert "meets x seen" in found.answer()


def test_an_anchor_out_of_reach_is_said():
    pytest.importorskip("pyabc")
    found = calibrate(
        simulate(drawn()), lambda points: simulate(points, 9, 1), RANGES, wanted(3.0), pace=Pace(40, 2, 0.05)
    )
    assert not found.predictive.is_met[0]
    assert "does not meet x seen" in found.answer()


def test_failed_runs_are_left_out_and_too_few_refused():
    runs = simulate(drawn(20))
    runs.loc[runs.point == 3, ["status", "x"]] = ["failed", np.nan]
    assert emulated(runs, ["a", "b"], wanted(1.0)).n_points == 19
    with pytest.raises(InputError, match="too few to emulate"):
        emulated(runs[runs.point < 8], ["a", "b"], wanted(1.0))


def test_a_draw_doubts_what_few_points_told():
    rng = np.random.default_rng(4)
    theta = np.vstack([rng.uniform(0, 0.5, (30, 2)), [[1.0, 1.0]]])
    y = np.sin(4 * theta[:, :1]) + theta[:, 1:] + rng.normal(0, 0.02, (31, 1))
    emulator = Emulator.of(theta, y, np.arange(31))
    near, far = np.array([[0.25, 0.25]]), np.array([[0.9, 0.3]])
    assert emulator.doubt(near)[0, 0] < 0.02 < 0.05 < emulator.doubt(far)[0, 0]
    for at in (near, far):
        drawn = emulator.draw(np.repeat(at, 4000, axis=0), rng)[:, 0]
        assert drawn.mean() == pytest.approx(emulator.mean(at)[0, 0], abs=0.05 * drawn.std())
        assert drawn.std() == pytest.approx(np.hypot(emulator.noise[0], emulator.doubt(at)[0, 0]), rel=0.05)


def test_ranks_are_counted_the_same_in_any_order():
    pytest.importorskip("pyabc")
    found = self_test(toy, TOY, SCALE, n=6, pace=Pace(40, 2, 0.1, 1000), seed=2)
    assert found.ranks.to_numpy().min() >= 0 and found.ranks.to_numpy().max() < LEVELS
    assert len(found.ranks) == 6 and list(found.ranks) == ["a", "b"]
    shorter = self_test(toy, TOY, SCALE, n=3, pace=Pace(40, 2, 0.1, 1000), seed=2)
    pd.testing.assert_frame_equal(shorter.ranks, found.ranks[:3])
    held = (found.intervals.low <= found.intervals.truth) & (found.intervals.truth <= found.intervals.high)
    assert held.groupby(found.intervals.parameter).mean().tolist() == found.summary.coverage.tolist()
    assert found.seen.shape == (6, 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "utf-16"])
def test_anchors_as_spreadsheets_save_them(encoding, tmp_path):
    shipped = anchors.load("coupling_2015_2021")
    rows = ["outcome,value,spread,label,source"]
    rows += [f"{one.outcome},{one.value},{one.spread},耦合协调度,某年公布" for one in shipped]
    (tmp_path / "mine.csv").write_text("\n".join(rows), encoding)
    found = anchors.load(str(tmp_path / "mine.csv"))
    assert [(one.outcome, one.value) for one in found] == [(one.outcome, one.value) for one in shipped]
    assert {one.label for one in found} == {"耦合协调度"}


def test_anchors_have_their_sources(tmp_path):
    found = anchors.load("coupling_2015_2021")
    assert [a.value for a in found[:2]] == [0.622, 0.532]
    assert all(a.source and a.spread > 0 for a in found)
    assert anchors.context("higher vocational (zhuanke) colleges", 2021) == 1486
    (tmp_path / "odd.csv").write_text("outcome,value\nx,much\n")
    with pytest.raises(InputError, match="is no anchor"):
        anchors.load(str(tmp_path / "odd.csv"))
    with pytest.raises(InputError, match="do not exist"):
        anchors.load("coupling")
