"""Arms that are to spend as much as another do, and what cannot be matched is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.machine.errors import InputError
from abm.quarter.measurement.metrics import catalogue
from abm.results import TABLES, Results, Run, Watcher
from abm.world.levers import SPENDING
from experiments.design import load
from experiments.design.matching import Match
from experiments.sweep import sweep
from experiments.sweep.store import Study

NEAR = 0.01


def treasury(run: Run, watcher: Watcher) -> Results:
    """Subsidies cost in a line, audits with their square and what they move in tax credits; a little chance."""
    scenario = run.scenario
    field = {f"{rule.name}.{key}": value for rule in scenario.policies for key, value in vars(rule).items()}
    subsidy, audits = field.get("subsidy.rate", 0.0), field.get("supervision.probability", 0.0)
    chance = 1.0 + 0.02 * np.random.default_rng(scenario.seed).standard_normal(scenario.steps)
    money = dict.fromkeys(SPENDING, 0.0 * chance)
    money |= {"subsidy": 10.0 * subsidy * chance, "supervision": 6.0 * audits**2 * chance}
    money["tax_credit"] = (1.0 + 2.0 * audits) * chance
    metrics = dict.fromkeys(catalogue(), chance) | {f"spent_{name}": value for name, value in money.items()}
    columns: dict[str, Any] = {name: {} for name in TABLES} | {"metrics": metrics | {"spent": sum(money.values())}}
    return Results(scenario, scenario.steps, (), columns)


def design(**match: Any) -> dict[str, Any]:
    return {
        "name": "equal-money",
        "steps": 8,
        "replications": 4,
        "simulator": "tests.experiments.test_matching:treasury",
        "outcomes": {"spent": {"metric": "spent", "reduce": "sum", "from": 0}},
        "arms": {
            "none": {"policies": []},
            "subsidy": {"policies": [{"rule": "subsidy", "rate": 0.2}]},
            "audits": {
                "policies": [{"rule": "supervision", "probability": 0.2, "penalty": 0.3}],
                "match": {"to": "subsidy", "scale": ["supervision.probability"], **match},
            },
        },
    }


def spent(study: Study) -> dict[str, float]:
    runs: Any = study.runs()
    return {str(arm): float(mean) for arm, mean in runs.groupby("arm")["spent"].mean().items()}


def test_an_arm_spends_as_much_as_the_one_that_it_is_matched_to(tmp_path: Path) -> None:
    study = sweep(design(), tmp_path, 1, "serial", True)
    money = spent(study)
    assert abs(money["audits"] - money["subsidy"]) < NEAR * (money["subsidy"] - money["none"])
    assert money["subsidy"] > 1.5 * money["none"]
    (match,) = study.design.matches
    factor = match.factor
    assert factor is not None and match.spent is not None and match.wanted is not None
    # 2 a + 6 a^2 = 2, the tax credits that audits move included.
    assert 0.2 * factor == pytest.approx((-1 + 13**0.5) / 6, rel=0.02)
    assert "spent_subsidy -16" in match.words() and "spent_tax_credit +" in match.words()
    (rule,) = dict(study.design.arms)["audits"]["policies"]
    assert rule["probability"] == pytest.approx(0.2 * factor)
    assert rule["penalty"] == 0.3


def test_direct_money_leaves_out_what_an_instrument_moves_elsewhere(tmp_path: Path) -> None:
    study = sweep(design(money=["spent_subsidy", "spent_supervision"]), tmp_path, 1, "serial", True)
    (match,) = study.design.matches
    assert match.factor is not None and 0.2 * match.factor == pytest.approx((1 / 3) ** 0.5, rel=0.02)
    assert spent(study)["audits"] > 1.2 * spent(study)["subsidy"]


def test_a_matched_sweep_goes_on_with_what_it_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first = sweep(design(), tmp_path, 1, "serial", False)
    assert "times" in capfd.readouterr().err
    again = sweep(design(), tmp_path, 1, "serial", True)
    assert again.folder == first.folder
    # What was found is in the manifest: nothing is looked for again.
    kept = load(first.manifest["design"])
    assert kept.matches == first.design.matches
    assert sweep(kept, tmp_path, 1, "serial", True).folder == first.folder


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ({"to": "subsidies"}, "did you mean `subsidy`"),
        ({"to": "audits"}, "is no other arm"),
        ({"money": "failed_share"}, "does not count money by the quarter"),
        ({"scale": []}, "names nothing that could be scaled"),
        ({"scale": ["subsidy.rate"]}, "names no policy of this arm"),
        ({"scale": ["supervision.rate"]}, "is no field of `supervision`"),
        ({"scale": ["mandate"]}, "is no lever that this arm sets"),
        ({"by": 2}, "`match.by` in [arms.audits] of design is unknown"),
    ],
)
def test_what_cannot_be_matched_is_refused(match: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        load(design(**match))
    assert message in str(error.value)


def test_money_out_of_reach_is_said_with_what_can_be_spent(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"spends .* to .*, and `subsidy` \d+.*the other way"):
        sweep(design(scale=["supervision.penalty"]), tmp_path, 1, "serial", True)
    other = design()
    other["vary"] = {"communication_cost": [0.0, 0.01]}
    with pytest.raises(InputError, match="nothing but arms"):
        load(other)


def test_a_match_that_was_found_is_written_and_read() -> None:
    match = Match("a", "b", ("supervision.probability",), ("spent",), 0.5, 10.0, 10.1, (("spent_subsidy", -3.0),))
    assert "0.5" in match.words() and "-1.0%" in match.words() and "spent_subsidy -3" in match.words()
    assert Match("a", "b", ("x",)).words() == ""
