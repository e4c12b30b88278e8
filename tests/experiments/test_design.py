"""Designs: what they may say, what they refuse, which points they give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.machine.errors import InputError
from experiments.design import load, names
from experiments.design.outcomes import Outcome, reduced
from experiments.sweep.plan import Plan

COST: dict[str, Any] = {"vary": {"communication_cost": [0.0, 0.01]}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("replications = 0\n[vary]\nmandate = [1]", "`replications` = 0 in line 1 of design is not a whole number"),
        ("x = 1\n", "`x` in line 1 of design is not part of a design"),
        ("name = 'a'\n", "varies nothing"),
        ("[vary]\ncomunication_cost = [0.0]", "line 2 of design cannot be varied: did you mean `communication_cost`?"),
        ("[vary]\ncommunication_cost = { high = 7.0 }", "= 7.0 in line 2 of design is not a number in 0-0.5"),
        ("[vary]\ncommunication_cost = { low = 0.1, high = 0.1 }", "is no range"),
        ("[vary]\ncommunication_cost = { low = 0.0, scale = 'log' }", "has no logarithm"),
        ("[vary]\ncommunication_cost = [0.0, 0.0]", "is not a list of different values"),
        ("[vary]\nmandate = [1.5]", "is not a whole number in 0-5"),
        ("[vary]\nsubsidy.rate = [0.1]", "the base has no policy `subsidy`"),
        ("[vary]\nprotocol = ['nahs']", "`protocol` = 'nahs'"),
        ("[vary]\npopulation.n_colleges = {}", "give low and high"),
        ("steps = 0\n[vary]\nmandate = [1]", "`steps` = 0 in line 1 of design"),
        ("base = 'clasroom'\n[vary]\nmandate = [1]", "did you mean `classroom`?"),
        ("sampler = 'sobl'\n[vary]\nmandate = [1]", "did you mean `sobol`"),
        ("sampler = 'sobol'\nn = 100\n[vary]\nmandate = {}", "is not a power of 2: take 64 or 128"),
        ("sampler = 'csv'\n", "`file` in design is missing"),
        ("outcomes = ['faild_share']\n[vary]\nmandate = [1]", "did you mean `failed_share`"),
        ("timeout = -1\n[vary]\nmandate = [1]", "is not a number of seconds above 0"),
        ("[parameters]\nlearning_rat = 1.0\n[vary]\nmandate = [1]", "`learning_rat`"),
        ("[arms.a]\nsubsidy_rate = 2.0\n", "[arms.a] of design"),
        ("replications = 1000000\n[vary]\naim_divergence = { n = 50000 }", "runs in design are more than 10,000,000"),
        ("a = [", "is not valid TOML"),
    ],
)
def test_what_a_design_refuses(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        load(text + "\n").points()
    assert message in str(error.value)


def test_shipped_designs_can_be_loaded() -> None:
    assert "talk-is-dear" in names()
    for name in names():
        design = load(name)
        assert design.name == name
        assert len(design.points()) > 0
    assert len(load("talk-is-dear").points()) == 36


@pytest.mark.parametrize(
    ("sampler", "n", "points"),
    [("latin_hypercube", 30, 30), ("sobol", 32, 32), ("saltelli", 8, 8 * 5), ("morris", 6, 6 * 4)],
)
def test_samplers_stay_in_range_and_repeat_themselves(sampler: str, n: int, points: int) -> None:
    vary = {
        "communication_cost": {"low": 0.001, "high": 0.1, "scale": "log"},
        "mandate": {},
        "protocol": ["nash", "concession"],
    }
    design = load({"sampler": sampler, "n": n, "vary": vary})
    found = design.points()
    assert len(found) == points
    assert found["communication_cost"].between(0.001, 0.1).all()
    assert set(found["mandate"]) <= set(range(6))
    assert set(found["protocol"]) == {"nash", "concession"}
    assert found.equals(load(design.to_tables()).points())
    if sampler != "morris":
        # Half of the values below the middle of the logarithm.
        assert (found["communication_cost"] < 0.01).mean() == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_rows_of_a_table_and_of_a_file_are_taken_as_they_are(encoding: str, tmp_path: Path) -> None:
    rows = [{"communication_cost": 0.01, "mandate": 2}, {"communication_cost": 0.0, "mandate": 2}]
    from_table = load({"sampler": "table", "points": rows})
    (tmp_path / "rows.csv").write_text("communication_cost,mandate\n0.01,2\n0.0,2\n", encoding)
    (tmp_path / "given.toml").write_text('sampler = "csv"\nfile = "rows.csv"\n')
    from_file = load(tmp_path / "given.toml")
    assert from_table.points().to_dict("records") == rows
    assert from_file.points().to_dict("records") == rows
    with pytest.raises(InputError, match=r"is not a number in 0-0\.5"):
        load({"sampler": "table", "points": [{"communication_cost": 3.0}]})


def test_arms_are_sets_of_changes() -> None:
    design = load(
        {
            "arms": {"none": {"policies": []}, "paid": {"policies": [{"rule": "subsidy", "rate": 0.5}]}},
            "vary": {"subsidy.rate": [0.1, 0.4], "arm": ["paid"]},
        }
    )
    assert [design.scenario(p).policies[0].rate for p in design.points().to_dict("records")] == [0.1, 0.4]  # pyright: ignore
    both = load({"arms": {"none": {"policies": []}, "nash": {"protocol": "nash"}}})
    assert [both.scenario(p).protocol for p in both.points().to_dict("records")] == ["concession", "nash"]


def test_keys_depend_on_what_is_run_and_on_nothing_else() -> None:
    def keys(**changes: Any) -> list[str]:
        return list(Plan(load({**COST, "replications": 3, **changes})).runs["run_key"])

    plain = keys()
    assert len(set(plain)) == 6
    assert keys(name="other", title="Another name") == plain
    assert set(keys(replications=2)) < set(plain)
    for changes in ({"seed": 2}, {"steps": 10}, {"outcomes": ["failed_share"]}, {"levers": {"subsidy_rate": 0.1}}):
        assert not set(keys(**changes)) & set(plain)


def test_replications_are_interleaved_under_common_seeds() -> None:
    plan = Plan(load({**COST, "replications": 4, "seed": 7})).runs
    assert list(plan["replication"]) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert list(plan["seed"].unique()) == [7_000_000, 7_000_001, 7_000_002, 7_000_003]


def test_outcomes_are_what_numpy_says() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random(12), rng.random(12)
    b[[9, 11]] = np.nan
    metrics = {"failed_share": a, "lag_ratio": b, "coupling": np.full(12, np.nan)}
    asked = (
        Outcome("x", "failed_share"),
        Outcome("y", "lag_ratio"),
        Outcome("z", "lag_ratio", "max", None, 2, 10),
        Outcome("last", "lag_ratio", "last"),
        Outcome("sum", "failed_share", "sum", 100),
        Outcome("min", "lag_ratio", "min", None, 0, None),
        Outcome("none", "coupling", "last"),
        Outcome("late", "failed_share", "mean", None, 50, None),
    )
    found = reduced(asked, metrics)
    expected = (a[-4:].mean(), np.nanmean(b[-4:]), np.nanmax(b[2:10]), b[10], a.sum(), np.nanmin(b), np.nan, np.nan)
    assert found == pytest.approx(expected, nan_ok=True)


def test_an_outcome_that_begins_after_the_run_is_refused() -> None:
    late = {"steps": 8, "outcomes": {"late": {"metric": "failed_share", "from": 8}}, "vary": {"mandate": [1]}}
    with pytest.raises(InputError, match=r"outcome `late` .* begins at quarter 8, and a run ends after 8"):
        load(late)
    with pytest.raises(InputError, match="ends after 4"):
        load(late, steps=12).with_overrides(steps=4)
    assert load(late, steps=12).outcomes[0].start == 8
