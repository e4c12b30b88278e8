"""Loss and recovery of made-up responses whose loss and recovery are known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.analysis.resilience import Resilience, resilience

STEPS, AT = 120, 40


def table(shocked: dict[str, list[np.ndarray]], seeds: int = 6) -> pd.DataFrame:
    """Spared worlds grow and wobble; a shocked one is the spared one of its seed times 1 - its loss."""
    spared = [2 + 0.01 * np.arange(STEPS) + 0.1 * np.random.default_rng(i).normal(size=STEPS) for i in range(seeds)]
    parts = [
        pd.DataFrame({"shock": "none", "replication": i, "step": range(STEPS), "x": run, "n": 4.0})
        for i, run in enumerate(spared)
    ]
    for name, losses in shocked.items():
        for i, loss in enumerate(losses):
            values = {"x": spared[i] * (1 - loss), "n": 4.0 * (1 - loss)}
            parts.append(pd.DataFrame({"shock": name, "replication": i, "step": range(STEPS), **values}))
    return pd.concat(parts, ignore_index=True)


def fading(depth: float, half_life: float) -> np.ndarray:
    since = np.arange(STEPS) - AT
    return np.where(since >= 0, depth * 0.5 ** (np.maximum(since, 0) / half_life), 0.0)


def test_a_fading_loss_is_measured_and_recovers_in_time():
    found = resilience(table({"blow": [fading(0.5, 10)] * 6}), {"blow": AT}, ["x"], spared="none", communities="n")
    row = found.summary.iloc[0]
    level = 2 + 0.01 * (AT - 2.5)
    year = np.mean([0.5 * 0.5 ** (t / 10) * (2 + 0.01 * (AT + t)) for t in range(4)]) / level
    assert row.loss == pytest.approx(year, rel=0.05)
    # 0.5 x 2^(-t/10) x growth falls to a tenth of the level after about 24 quarters.
    assert 21 <= row.quarters <= 27
    assert row.recovered == 1 and row.n_hit == 6
    assert row.lasting == pytest.approx(0, abs=0.02)
    assert found.standing.standing[0] == pytest.approx(1, abs=0.02)
    assert "back within 10 % after" in found.answer().replace("10%", "10 %")
    before = found.paths[found.paths.quarter < 0]
    assert before["mean"].abs().max() == 0


def test_a_lasting_loss_never_recovers():
    found = resilience(table({"end": [fading(0.4, 1e9)] * 6}), {"end": AT}, ["x"], spared="none", communities="n")
    row = found.summary.iloc[0]
    assert math.isinf(row.quarters) and row.recovered == 0
    assert row.lasting > 0.4
    assert found.standing.standing[0] == pytest.approx(0.6, abs=0.001)
    assert "only in 0% of the runs" in found.answer()


def test_what_does_nothing_has_no_loss():
    found = resilience(table({"nothing": [np.zeros(STEPS)] * 6}), {"nothing": AT}, ["x"], spared="none")
    assert found.summary.loss[0] == 0
    assert found.summary.n_hit[0] == 0
    assert "no loss" in found.answer()
    assert "standing" not in found.tables


def test_half_of_the_runs_recover():
    losses = [fading(0.5, 10)] * 3 + [fading(0.5, 1e9)] * 3
    row = resilience(table({"blow": losses}), {"blow": AT}, ["x"], spared="none").summary.iloc[0]
    assert row.recovered == 0.5
    assert row.recovered_low < 0.5 < row.recovered_high
    assert math.isfinite(row.quarters)


def test_incomplete_pairs_are_said_and_odd_input_refused():
    runs = table({"blow": [fading(0.5, 10)] * 6})
    broken = runs[~((runs.shock == "blow") & (runs.replication == 2) & (runs.step > 80))]
    found = resilience(broken, {"blow": AT}, ["x"], spared="none")
    assert found.summary.n_runs[0] == 5
    assert "1 runs" in found.caveats[0]
    for words in ({"strikes": {"bow": AT}}, {"responses": ["y"]}, {"spared": "nobody"}):
        with pytest.raises(InputError, match="is not in the runs"):
            resilience(runs, **{"strikes": {"blow": AT}, "responses": ["x"], "spared": "none", **words})
    with pytest.raises(InputError, match="something to lose"):
        resilience(runs.assign(x=0.0), {"blow": AT}, ["x"], spared="none")


LENGTH, STRUCK = 36, 12


def noisy(study: int, pairs: int, loss: float = 0.0, spread: float = 0.1) -> pd.DataFrame:
    """Two shocks of which one takes a share of x; all else is noise with a memory, on both sides of a pair alike."""
    rng = np.random.default_rng(study)
    parts: list[pd.DataFrame] = []
    for shock in ("none", "blow", "whim"):
        for k in range(pairs):
            noise = rng.normal(size=(3, LENGTH))
            noise[1] = 0.7 * np.convolve(noise[1], 0.7 ** np.arange(20))[:LENGTH]
            x, y, n = 1.0 + spread * noise
            x[STRUCK:] -= loss * (shock == "blow")
            values = {"x": x, "y": y, "n": 10 * n}
            parts.append(pd.DataFrame({"shock": shock, "replication": k, "step": range(LENGTH), **values}))
    return pd.concat(parts, ignore_index=True)


def asked(runs: pd.DataFrame) -> Resilience:
    return resilience(runs, {"blow": STRUCK, "whim": STRUCK}, ["x", "y"], spared="none", communities="n")


@pytest.mark.long
def test_where_no_shock_does_anything_hardly_any_study_says_so():
    said = 0
    for study in range(200):
        found = asked(noisy(study, pairs=20))
        told = found.summary[["is_lost", "is_moved"]].to_numpy().any() or found.standing["is_standing"].any()
        quiet = found.answer()
        assert bool(told) == ("loses" in quiet or "ends" in quiet or quiet.count("is not told from chance") < 2)
        assert found.summary["loss_low"].min() > 0, "the deepest year is a loss by chance too"
        said += bool(told)
    assert said <= 16


def test_a_loss_below_what_one_run_shows_by_chance_is_told_in_most_studies():
    hits, false, studies = 0, 0, 50
    for study in range(studies):
        table = asked(noisy(study, pairs=20, loss=0.05)).summary.set_index(["shock", "response"])
        assert table.loc[("blow", "x"), "chance"] > 0.05
        hits += bool(table.loc[("blow", "x"), "is_lost"])
        false += bool(table.drop(index=("blow", "x"))[["is_lost", "is_moved"]].to_numpy().any())
    assert hits >= 0.8 * studies
    assert false <= 0.1 * studies


def test_all_responses_that_move_are_named_and_size_and_chance_are_said_apart():
    runs = noisy(1, pairs=20, loss=0.3)
    runs.loc[(runs.shock == "blow") & (runs.step >= STRUCK), "y"] -= 0.5
    runs.loc[(runs.shock == "whim") & (runs.step >= STRUCK), "y"] += 0.5
    answer = asked(runs).answer()
    blow, whim = answer.split("whim: ")
    assert "x loses 4" in blow and "y loses 6" in blow and blow.count("(chance alone: ") == 2
    assert "below the spared run" in blow
    assert whim.startswith("y ends 5") and "above the spared run" in whim
    assert "no loss of x is told from chance" in whim


def test_nobody_loses_more_than_all():
    # Two runs lose all, four lose half or less: Student's interval of so few would pass 100 %.
    losses = [fading(depth, 1e9) for depth in (1.0, 1.0, 0.9, 0.3, 1.0, 1.0)]
    level = table({"blow": losses}).assign(x=lambda runs: runs.n)
    row = resilience(level, {"blow": AT}, ["x"], spared="none").summary.iloc[0]
    assert row.loss == pytest.approx(np.mean([1.0, 1.0, 0.9, 0.3, 1.0, 1.0]))
    assert row.loss < row.loss_high <= 1
    assert row.lasting_high <= 1


def test_too_few_pairs_are_said():
    found = asked(noisy(1, pairs=3))
    assert found.caveats == ("3 pairs of runs cannot tell 10 differences from chance; more replications can.",)
    assert "no loss of x or y is told from chance" in found.answer()


def test_the_interval_of_what_lasts_covers_it_and_a_told_loss_is_not_called_its_own_chance():
    covered, studies = 0, 100
    for study in range(studies):
        row = asked(noisy(1000 + study, pairs=10, loss=0.3)).summary.iloc[0]
        covered += bool(row.lasting_low <= 0.3 <= row.lasting_high)
    assert covered >= 88
