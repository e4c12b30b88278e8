"""Sweeps: their store, their resumption, their failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import abm
from experiments.evaluator import Evaluator
from experiments.sweep import sweep

SMALL: dict[str, Any] = {
    "name": "small",
    "steps": 4,
    "replications": 2,
    "vary": {"communication_cost": [0.0, 0.01], "mandate": [0, 2]},
    "outcomes": ["failed_share", "agreement_rate"],
    "population": {"n_regions": 2, "n_colleges": 5, "n_enterprises": 24, "n_students": 180},
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_a_sweep_gives_one_row_a_run(store: Path) -> None:
    study = sweep(SMALL, store, workers=1)
    runs = study.runs()
    assert study.is_complete
    assert len(runs) == 8
    assert (runs["status"] == "ok").all()
    assert list(runs.columns[:8]) == [
        "run_key", "point", "replication", "seed", "status", "error", "communication_cost", "mandate",
    ]  # fmt: skip
    # The same draws at every point.
    assert (runs.groupby("replication")["seed"].nunique() == 1).all()
    assert len(study.series(["failed_share"])) == 8 * 4


def test_a_run_can_be_made_again_in_full(store: Path) -> None:
    study = sweep(SMALL, store, workers=1)
    row = study.runs().iloc[5]
    results = abm.run(study.scenario(row["run_key"]), threads=1)
    assert results.result_hash() == row["result_hash"]
    assert results.metrics["failed_share"].mean() == pytest.approx(row["failed_share"])


def test_the_evaluator_finds_what_a_sweep_has_run(store: Path) -> None:
    swept = sweep(SMALL, store, workers=1).runs()
    points = pd.DataFrame({"communication_cost": [0.01, 0.005], "mandate": [2, 1]})
    with Evaluator(SMALL, store, workers=1) as evaluate:
        runs = evaluate(points)
    assert list(runs["point"]) == [0, 1, 0, 1]
    shared = runs[runs["point"] == 0]
    assert set(shared["run_key"]) <= set(swept["run_key"])
    assert list(shared["seconds"]) == list(swept.set_index("run_key").loc[shared["run_key"], "seconds"])


def test_what_a_killed_driver_left_beside_a_whole_study_goes_at_the_next_start(store: Path) -> None:
    study = sweep(SMALL, store, workers=1)
    (study.folder / "summary" / ".000000.parquet.1.0a.part").write_bytes(b"PAR1")
    (study.folder.parent / f".{study.folder.name}.1.0a.part" / "summary").mkdir(parents=True)
    another = study.folder.parent / ".another.1.0a.part"
    another.mkdir()
    sweep(SMALL, store, workers=1)
    assert list(store.rglob("*.part")) == [another]


def test_arms_that_are_called_otherwise_are_found_under_their_new_names_and_not_run_again(store: Path) -> None:
    design = {key: value for key, value in SMALL.items() if key != "vary"}
    worlds: list[dict[str, Any]] = [{}, {"mandate": 2}]
    before = sweep(design | {"arms": dict(zip(("nothing", "orders"), worlds, strict=True))}, store, workers=1).runs()
    after = sweep(design | {"arms": dict(zip(("as it is", "by order"), worlds, strict=True))}, store, workers=1).runs()
    assert set(before["arm"]) == {"nothing", "orders"} and set(after["arm"]) == {"as it is", "by order"}
    # The seconds that the first runs took: nothing was run again.
    assert list(after["seconds"]) == list(before["seconds"]) and list(after["run_key"]) == list(before["run_key"])


def test_a_design_that_is_called_otherwise_is_reported_under_its_new_title_and_not_run_again(store: Path) -> None:
    before = sweep(SMALL | {"title": "Old", "question": "What was asked?"}, store, workers=1)
    after = sweep(SMALL | {"title": "New", "question": "What is asked?"}, store, workers=1)
    assert (after.manifest["title"], after.manifest["question"]) == ("New", "What is asked?")
    assert (after.design.title, after.design.question) == ("New", "What is asked?")
    assert after.folder == before.folder and list(after.runs()["seconds"]) == list(before.runs()["seconds"])
    assert not after.doubts
