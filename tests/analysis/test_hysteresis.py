"""Loops of systems whose loop is known: a fold has one, a system without memory has none."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.analysis.early_warning import early_warning_of
from experiments.analysis.hysteresis import Ramp, _left, area, hysteresis, loop
from experiments.analysis.intervals import Interval
from experiments.analysis.tipping import tipping_step, warnings_of
from tests.analysis.fold import FOLD, LOOP, cubic

RAMP = Ramp(start=5, rise=200, hold=0, fall=200, after=20)
WIDTH = 1.2
"""Push at strength 1; at strength 0 it is -WIDTH / 2."""


def table(values: dict[str, list[np.ndarray]]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"push": push, "replication": i, "step": range(len(run)), "x": run})
        for push, runs in values.items()
        for i, run in enumerate(runs)
    ]
    return pd.concat(parts, ignore_index=True)


def test_strength_follows_the_policies():
    ramp = Ramp(start=2, rise=4, hold=2, fall=4, after=3)
    assert ramp.strength.tolist() == [0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0]
    assert (ramp.top, ramp.until, ramp.exit, ramp.steps) == (5, 8, 11, 14)
    assert ramp.strength[ramp.top] == 1 and ramp.strength[ramp.exit] == 0


def test_the_loop_of_a_fold_has_its_known_area():
    never = [np.full(RAMP.steps, 0.0)] * 4
    pushed = [cubic(WIDTH * (RAMP.strength - 0.5), 0.02, seed) for seed in range(4)]
    found = hysteresis(table({"never": never, "fold": pushed}), RAMP, ["x"], never="never")
    row = found.summary.iloc[0]
    # The area over the push is LOOP; over the strength it is narrower by the width of the ramp. A ramp
    # that is not infinitely slow jumps a little late, so the loop is somewhat larger.
    assert LOOP / WIDTH < row.area < 1.12 * LOOP / WIDTH
    assert row.area_low > LOOP / WIDTH - 0.02
    assert row.n_runs == 4
    assert found.tables["loops"].strength.between(0, 1).all()
    jumps = found.loops.iloc[(found.loops.up.diff()).idxmax()]
    assert WIDTH * (jumps.strength - 0.5) == pytest.approx(FOLD, abs=0.06)


def test_without_memory_there_is_no_loop_and_nothing_stays():
    rng = np.random.default_rng(1)
    never = [rng.normal(0, 0.01, RAMP.steps) for _ in range(6)]
    pushed = [run + RAMP.strength**2 for run in never]
    found = hysteresis(table({"never": never, "plain": pushed}), RAMP, ["x"], never="never")
    row = found.summary.iloc[0]
    assert row.area == pytest.approx(0, abs=1e-9)
    assert row.share_kept == pytest.approx(0, abs=1e-9)
    assert "most of that is gone" in found.answer()


def test_an_interval_on_both_sides_of_one_half_decides_nothing():
    after = np.arange(RAMP.steps) >= RAMP.exit
    pushed = [(1 + 0.1 * i) * RAMP.strength + after * (i % 2) for i in range(4)]
    found = hysteresis(table({"never": [np.zeros(RAMP.steps)] * 4, "doubtful": pushed}), RAMP, ["x"], never="never")
    assert found.summary.share_kept_low[0] < 0.5 < found.summary.share_kept_high[0]
    assert "it cannot be told whether half of that is left" in found.answer()


def test_what_stays_is_a_share_of_what_was_built():
    ramp = Ramp(start=4, rise=8, hold=4, fall=8, after=12)
    never = [np.zeros(ramp.steps) for _ in range(5)]
    ratchet = [(1 + 0.01 * i) * np.maximum.accumulate(ramp.strength) for i in range(5)]
    for i, run in enumerate(ratchet):
        run[ramp.exit :] *= 0.8 + 0.001 * i
    row = (found := hysteresis(table({"never": never, "ratchet": ratchet}), ramp, ["x"], never="never")).summary.iloc[0]
    assert row.built == pytest.approx(1.02)
    assert row.share_kept == pytest.approx(0.802, abs=0.001)
    assert row.share_kept_low < row.share_kept < row.share_kept_high
    assert "still there" in found.answer()


def test_nothing_built_has_no_share():
    never = [np.random.default_rng(i).normal(0, 1, RAMP.steps) for i in range(5)]
    other = [np.random.default_rng(9 + i).normal(0, 1, RAMP.steps) for i in range(5)]
    found = hysteresis(table({"never": never, "nothing": other}), RAMP, ["x"], never="never")
    assert math.isnan(found.summary.share_kept[0])
    assert "built no x that is told from chance" in found.answer()
    less = [run - 1 - RAMP.strength for run in never]
    assert "lowered x (-" in hysteresis(table({"never": never, "less": less}), RAMP, ["x"], never="never").answer()


def test_runs_that_are_not_whole_are_said_and_unknown_names_refused():
    never = [np.zeros(RAMP.steps)] * 3
    broken = [np.full(RAMP.steps, 1.0), np.full(RAMP.steps - 9, 1.0), np.full(RAMP.steps, 1.0)]
    runs = table({"never": never, "broken": broken})
    found = hysteresis(runs, RAMP, ["x"], never="never")
    assert found.summary.n_runs[0] == 2
    assert "1 runs were not whole" in found.caveats[0]
    for words in ({"responses": ["y"], "never": "never"}, {"responses": ["x"], "never": "nobody"}):
        with pytest.raises(InputError, match="is not in the runs"):
            hysteresis(runs, RAMP, **words)
    with pytest.raises(InputError, match="rise = 0"):
        Ramp(rise=0)


def test_the_two_ways_meet_at_full_strength_whatever_their_lengths():
    ramp = Ramp(start=3, rise=10, hold=2, fall=5, after=4)
    up, down = loop(ramp.strength, 3 * ramp.strength, ramp.top, ramp.until)
    assert (up[0], up[-1], down[0], down[-1]) == (0, 3, 0, 3)
    assert area(up, down) == pytest.approx(0, abs=1e-12)
    assert area(up, down + 0.5) == pytest.approx(0.5)


def test_warnings_tell_a_fold_from_a_system_that_stays():
    steps, window = 500, 100
    tipping = [cubic(np.linspace(-0.6, 0.6, steps), 0.06, seed, substeps=10) for seed in range(24)]
    staying = [cubic(np.full(steps, -0.6), 0.06, 100 + seed, substeps=10) for seed in range(24)]
    at = [tipping_step(run, 30, 0.8) for run in tipping + staying]
    assert all(t > 250 for t in at[:24])
    assert at[24:] == [-1] * 24
    found = warnings_of(tipping + staying, at, window=window, margin=12)
    assert found.auc["autocorrelation"].low > 0.6
    assert found.auc["variance"].low > 0.6
    assert set(found.roc.indicator) == {"variance", "autocorrelation"}
    ends = found.roc[found.roc.indicator == "variance"]
    assert (ends.hits.iloc[0], ends.false_alarms.iloc[0]) == (0, 0)
    assert (ends.hits.iloc[-1], ends.false_alarms.iloc[-1]) == (1, 1)


def test_no_warning_where_there_is_none_to_give():
    rng = np.random.default_rng(4)
    series = [rng.normal(size=200) for _ in range(60)]
    at = [150 if i % 2 else -1 for i in range(60)]
    found = warnings_of(series, at, window=40)
    for interval in found.auc.values():
        assert interval.low < 0.5 < interval.high
    with pytest.raises(InputError, match="runs that tip and runs that do not"):
        warnings_of(series, [-1] * 60, window=40)


def test_a_push_that_tips_some_runs_is_judged_and_another_push_is_not_compared():
    steps = 200
    tipping = [cubic(np.linspace(-0.6, 0.6, steps), 0.06, seed, substeps=10) for seed in range(12)]
    staying = [cubic(np.full(steps, -0.6), 0.06, seed, substeps=10) for seed in range(30, 42)]
    found = early_warning_of(table({"never": staying, "push": tipping + staying}), "x", start=0)
    assert found.push == "push"
    assert found.counts.set_index("push")["n_tip"].to_dict() == {"never": 0, "push": 12}
    assert found.warnings is not None and found.warnings.auc["variance"].value > 0.7
    assert "gives some warning" in found.answer()
    assert "In 0 of the 12 runs that tip neither" in found.answer()
    assert set(found.figures()) == {"warnings"}


def test_jumps_out_of_the_blue_give_no_warning_and_runs_without_any_trend_are_counted():
    rng, jump = np.random.default_rng(6), np.repeat([0.0, 1.0], 60)
    flat, noisy = [jump + 0.0] * 4, [rng.normal(0, 0.05, 120) + jump for _ in range(12)]
    staying = [rng.normal(0, 0.05, 120) for _ in range(16)]
    found = early_warning_of(table({"push": flat + noisy + staying}), "x", start=0)
    assert found.counts["n_tip"].tolist() == [16] and found.warnings is not None
    assert "gives no warning that can be told from chance" in found.answer()
    assert f"curve is {found.warnings.auc['variance']} for variance" in found.answer()
    assert "In 4 of the 16 runs that tip neither" in found.answer()


def test_without_both_kinds_of_runs_no_warning_is_judged():
    staying = [cubic(np.full(100, -0.6), 0.06, seed, substeps=10) for seed in range(4)]
    found = early_warning_of(table({"never": staying, "push": staying}), "x", start=0)
    assert found.warnings is None and not found.figures()
    assert "no warning can be judged" in found.answer()


def test_what_is_left_may_be_more_than_all_and_less_than_nothing() -> None:
    assert _left(Interval(1.8, 1.6, 2.0)) == "it has grown on, to 180% [160%, 200%] of that"
    assert "below the world never pushed (-31% [-48%, -19%] is left)" in _left(Interval(-0.31, -0.48, -0.19))
    assert _left(Interval(0.9, 0.8, 1.1)).endswith("of that is still there")


def test_of_many_pushes_that_do_nothing_hardly_any_study_names_one() -> None:
    ramp, said = Ramp(start=2, rise=4, hold=0, fall=4, after=4), 0
    for study in range(60):
        rng = np.random.default_rng(study)
        runs = {push: list(rng.normal(5, 1, (8, ramp.steps))) for push in ("never", *"abcdefgh")}
        answer = hysteresis(table(runs), ramp, ["x"], never="never").answer()
        said += "raised" in answer or "lowered" in answer
    # 60 draws at 5 %: more than 10 come about once in 10,000 times; each push for itself it would be about 15.
    assert said <= 10


def test_few_runs_of_a_kind_never_warn_and_a_clear_rise_does() -> None:
    from tests.trusted.claims import claims

    warned = {c.world: c for c in claims() if "warn" in c.sentence and c.kind == "false alarms"}
    (few,) = [claim for world, claim in warned.items() if "4 runs" in world]
    # Of four and four runs none is told apart by two indicators but for a perfect order: 2.9 % each, 5.7 % raised.
    assert sum(bool(few.study(i)) for i in range(60)) == 0
