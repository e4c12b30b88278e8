"""Tools that others wrote drive the model, and find what the project's own runs find."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.connectors import batch, salib, workbench
from experiments.connectors._points import outcomes
from experiments.design import load
from experiments.sweep import sweep

DESIGN = {
    "name": "small", "base": "classroom", "steps": 8, "replications": 2,
    "population": {"n_regions": 3, "n_enterprises": 40, "n_colleges": 8, "n_students": 400},
    "policies": [{"rule": "subsidy", "rate": 0.0}],
    "vary": {
        "communication_cost": {"low": 0.0, "high": 0.4, "n": 2},
        "subsidy.rate": {"low": 0.0, "high": 0.8, "n": 2},
    },
    "outcomes": ["n_ties", "spent"], "series": [],
}  # fmt: skip


def test_the_workbench_drives_the_model():
    ema = pytest.importorskip("ema_workbench")
    model = workbench.workbench_model(DESIGN)
    assert [p.name for p in model.uncertainties] == ["communication_cost"]
    assert [p.name for p in model.levers] == ["subsidy__rate"]
    with ema.SequentialEvaluator(model) as evaluator:
        experiments, found = evaluator.perform_experiments(scenarios=2, policies=2)
    assert len(experiments) == 4
    design = load(DESIGN)
    for i, row in enumerate(experiments.to_dict("records")):
        point = {"communication_cost": float(row["communication_cost"]), "subsidy.rate": float(row["subsidy__rate"])}
        own = [outcomes(design, point, k)["n_ties"] for k in range(2)]
        assert found["n_ties"][i] == pytest.approx(np.mean(own))


def test_salib_samples_and_analyses(tmp_path):
    from SALib.analyze import morris as analyze
    from SALib.sample import morris as sample

    design = load(DESIGN)
    of = salib.problem(design)
    drawn = sample.sample(of, 3, num_levels=4, seed=1)
    points = salib.points_of(design, drawn)
    runs = sweep(design.with_points(points, 1), tmp_path / "s", workers=1, is_quiet=True).runs()
    values = salib.values_of(runs, "spent")
    assert values.shape == (len(drawn),)
    found = analyze.analyze(of, drawn, values, num_levels=4)
    effects = dict(zip(of["names"], found["mu_star"], strict=True))
    assert effects["subsidy.rate"] > 0
    runs.loc[runs.point == 2, "status"] = "failed"
    with pytest.raises(InputError, match="point 2 first"):
        salib.values_of(runs, "spent")


def test_whole_numbers_and_logarithms_reach_salib_as_shares():
    varied = {"mandate": {"low": 0, "high": 5}, "skill_half_life": {"low": 1, "high": 80, "scale": "log"}}
    design = load({"name": "x", "base": "classroom", "vary": varied})
    assert salib.problem(design)["bounds"] == [[0.0, 1.0], [0.0, 1.0]]
    points = salib.points_of(design, np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]]))
    assert points.mandate.tolist() == [0, 5, 3]
    assert points.skill_half_life.tolist() == pytest.approx([1, 80, 80**0.5])
    with pytest.raises(InputError, match="has no range"):
        salib.problem(load({"name": "x", "base": "classroom", "vary": {"communication_cost": [0.0, 0.1]}}))


def test_mesa_runs_the_grid_under_the_same_seeds(tmp_path):
    table = batch.batch(DESIGN)
    assert len(table) == 8
    last = {"n_ties": {"metric": "n_ties", "last": 1}}
    runs = sweep(load(DESIGN | {"outcomes": last}), tmp_path / "s", workers=1, is_quiet=True).runs()
    keys = ["communication_cost", "subsidy.rate", "seed"]
    own = runs.set_index(keys).n_ties.sort_index()
    theirs = table.rename(columns={"rng": "seed"} if "rng" in table else {}).set_index(keys).n_ties.sort_index()
    pd.testing.assert_series_equal(own, theirs, check_dtype=False, check_index_type=False)


def test_what_a_tool_cannot_pass_is_refused():
    struck = DESIGN | {"shocks": [{"shock": "hub_loss", "at": 4}]}
    for connect in (workbench.workbench_model, batch.batch):
        with pytest.raises(InputError, match="has shocks"):
            connect(struck)
