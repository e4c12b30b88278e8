"""Shocks befall a run between two steps: by a design, with their own run keys, and not at all at strength 0."""

from __future__ import annotations

import numpy as np
import pytest

from abm import scenario
from abm.machine.errors import InputError
from abm.population import build
from abm.quarter import step
from abm.world.vocabulary import CONTRACT_EVENTS, ENDED_BY_SHOCK, EVENT_CAUSES, LEFT
from experiments.design import load
from experiments.design.shocks import shocks
from experiments.design.shocks.hub_loss import strike
from experiments.sweep import sweep
from experiments.sweep.plan import Plan

SMALL = {"n_regions": 3, "n_enterprises": 60, "n_colleges": 12, "n_students": 600}
DESIGN = {
    "name": "hubs", "base": "classroom", "steps": 24, "replications": 2, "population": SMALL,
    "shocks": [{"shock": "hub_loss", "at": 12}], "vary": {"hub_loss.colleges": [0.0, 0.25]},
    "outcomes": ["n_ties"], "series": ["n_ties"],
}  # fmt: skip


def test_the_best_connected_leave_for_good_and_the_books_agree():
    world = scenario.load("classroom").with_overrides(population=SMALL)
    state = build(world, 3)
    for _ in range(12):
        step(state, world)
    before, level = state.colleges.n_partners.copy(), state.ties.level.copy()
    strike(state, {"colleges": 0.25, "enterprises": 0.1})
    lost = (level > 0) & (state.ties.level == 0)
    gone = state.colleges.partner_limit == 0
    assert gone.sum() == 3
    assert before[gone].min() >= before[~gone].max()
    assert (state.enterprises.partner_limit == 0).sum() >= 6
    told, partner = [], state.ties.college.copy()
    for _ in range(8):
        runs = state.ties.level > 0
        assert (state.enterprises.n_partners == runs.sum(axis=1)).all()
        assert (state.colleges.n_partners == np.bincount(state.ties.college[runs], minlength=12)).all()
        assert not state.colleges.n_partners[gone].any()
        step(state, world)
        told.append(state.contract_events[0])
    # Told once, by the step that follows, before all else that happens to contracts in it.
    first = told[0]
    assert {CONTRACT_EVENTS[what] for what in first.what} == {"ended by shock"}
    assert {EVENT_CAUSES[cause] for cause in first.cause} == {"partner_left"}
    assert first.level.tolist() == level[lost].tolist()
    assert first.enterprise.tolist() == np.nonzero(lost)[0].tolist()
    assert first.college.tolist() == partner[lost].tolist()
    assert not any(ENDED_BY_SHOCK in batch.what for batch in told[1:])
    assert (state.ties.cause_of_end == LEFT).any()


def test_a_design_strikes_its_runs_from_its_step_on(tmp_path):
    study = sweep(DESIGN, tmp_path / "s", workers=1, is_quiet=True)
    runs = study.runs()
    assert (runs.status == "ok").all()
    series = study.series().merge(study.plan, on="run_key").pivot(index=["hub_loss.colleges", "replication"],
                                                                 columns="step", values="n_ties")  # fmt: skip
    spared, hit = series.loc[0.0].to_numpy(), series.loc[0.25].to_numpy()
    first = int(series.columns[0])
    assert (spared[:, : 12 + 1 - 1] == hit[:, : 12 + 1 - 1]).all()
    assert (spared[:, 12 - first + 1] > hit[:, 12 - first + 1]).all()


def test_at_strength_0_a_run_is_the_one_without_shocks():
    plain = {key: DESIGN[key] for key in DESIGN if key != "shocks"} | {"vary": {"communication_cost": [0.0055]}}
    spared = load(DESIGN | {"vary": {"hub_loss.colleges": [0.0], "communication_cost": [0.0055]}})
    assert list(Plan(load(plain)).runs.run_key) == list(Plan(spared).runs.run_key)
    assert len(set(Plan(load(DESIGN)).runs.run_key)) == 4


def test_a_design_with_shocks_survives_its_tables():
    design = load(DESIGN)
    assert load(design.to_tables()) == design
    assert "hub_loss" in shocks()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shocks": [{"shock": "hub_los", "at": 12}]}, "did you mean `hub_loss`"),
        ({"shocks": [{"shock": "hub_loss"}]}, "no step to strike at"),
        ({"shocks": [{"shock": "hub_loss", "at": 3, "colleges": 2.0}]}, "outside 0-1"),
        ({"shocks": [{"shock": "hub_loss", "at": 3, "college": 0.2}]}, "did you mean `colleges`"),
        ({"shocks": "hub_loss"}, "not a list"),
        ({"vary": {"hub_loss.college": [0.1]}}, "did you mean `hub_loss.colleges`"),
        ({"vary": {"hub_loss.colleges": [1.1]}}, "is not a number in 0-1"),
    ],
)
def test_what_does_not_fit_is_said(change, says):
    with pytest.raises(InputError, match=says):
        load(DESIGN | change)
