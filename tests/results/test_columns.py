"""The data dictionary holds every column of every output, and what it says of a column is so."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import abm
from abm.commands._main import main
from abm.machine.language import in_language, paragraph, speaking
from abm.population.example import write_example
from abm.results.columns import Column, dictionary, run_tables
from experiments.report.columns import meaning_of, of_frames, study_tables

KINDS = {"whole": "iu", "number": "fiu", "flag": "biu"}
DOCS = Path(str(abm.__file__)).parents[1] / "docs" / "results"


def worlds(folder: Path) -> Mapping[str, dict[str, Any]]:
    write_example(folder)
    return {
        "classroom": {"scenario": "classroom", "steps": 24},
        "reform_package": {"scenario": "reform_package", "steps": 48},
        "own": {"scenario": "classroom", "steps": 12, "population.source": "tables", "population.path": str(folder)},
    }


@pytest.fixture(scope="module", params=["classroom", "reform_package", "own"])
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> abm.Results:
    return abm.run(**worlds(tmp_path_factory.mktemp("tables") / "own")[request.param])


def test_every_column_of_a_run_is_declared_in_its_order(results: abm.Results) -> None:
    declared = run_tables()
    assert list(declared) == list(results.columns)
    for name, columns in declared.items():
        assert [column.name for column in columns] == list(results.told(name)), name


def test_values_are_of_the_kind_and_within_the_range_that_is_said(results: abm.Results) -> None:
    n_looked_at = 0
    for name, columns in run_tables().items():
        for column in columns:
            check(column, results.frame(name)[column.name], f"{name}.{column.name}")
            n_looked_at += 1
    assert n_looked_at > 180


def check(column: Column, values: pd.Series, where: str) -> None:
    if column.kind in KINDS:
        assert values.dtype.kind in KINDS[column.kind], where
        known = values.astype(float).to_numpy()
        known = known[np.isfinite(known)]
        assert not len(known) or (known.min() >= column.low - 1e-9 and known.max() <= column.high + 1e-9), where
    elif column.kind == "text":
        assert all(isinstance(value, str) for value in values), where
    elif column.kind == "list":
        assert all(isinstance(value, list | np.ndarray) for value in values), where
    else:
        assert column.kind == "id", where


def test_the_dictionary_goes_along_with_csv_and_workbook(results: abm.Results, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    folder = results.save(tmp_path / "run", csv=True, xlsx=True, report=False)
    about = pd.read_csv(folder / "columns.csv", encoding="utf-8-sig")
    sheet = pd.read_excel(folder / "results.xlsx", sheet_name="columns")
    for path in folder.glob("*.csv"):
        if path.name != "columns.csv":
            own = about.loc[about["table"] == path.stem, "column"]
            assert list(own) == list(pd.read_csv(path, encoding="utf-8-sig", nrows=1).columns), path.name
    assert list(sheet["column"]) == list(about["column"])


def test_every_table_of_the_answers_has_a_meaning_for_every_column() -> None:
    found = {
        (path, name)
        for path in DOCS.glob("*/tables/*.csv")
        for name in pd.read_csv(path, nrows=1, encoding="utf-8-sig")
    }
    assert len(found) > 100
    assert not {(str(path), name) for path, name in found if meaning_of(name) is None}


def test_a_store_and_its_report(tmp_path: Path) -> None:
    from experiments.report.overview import overview
    from experiments.sweep import sweep

    design = {"name": "small", "base": "classroom", "steps": 4, "replications": 2, "outcomes": ["failed_share"]}
    design |= {"vary": {"communication_cost": [0.1, 0.2]}, "series": ["failed_share"]}
    study = sweep(design, store=tmp_path, workers=1, is_quiet=True)
    for frame in (study.plan, study.runs(), study.series()):
        assert not {name for name in frame.columns if meaning_of(name) is None}
    view = overview(study)
    assert not {name for frame in view.tables.values() for name in frame.columns if meaning_of(name) is None}


def toys() -> dict[str, pd.DataFrame]:
    """Tables of methods whose answers are not kept with the documentation."""
    from experiments.analysis._space import Space
    from experiments.analysis.boundary import find_boundary
    from experiments.analysis.comparison import compare
    from experiments.analysis.discovery import discover
    from experiments.analysis.effects import paired_effects
    from experiments.analysis.hysteresis import Ramp, hysteresis
    from experiments.analysis.search import search
    from experiments.analysis.sensitivity import METHODS, sensitivity
    from tests.analysis.test_search import INSTRUMENTS, QUICK, World

    rng = np.random.default_rng(1)
    steps = pd.DataFrame({"replication": np.repeat([0, 1, 2], 12), "step": np.tile(np.arange(12), 3)})
    a, b = (steps.assign(failed_share=rng.random(36)) for _ in range(2))
    found = dict(compare(a, b, ["failed_share"], names=("a", "b")).tables)
    ramp = Ramp(start=2, rise=4, hold=0, fall=4, after=2)
    pushed = [steps.assign(push=push, failed_share=rng.random(36)) for push in ("never", "hard")]
    found |= hysteresis(pd.concat(pushed), ramp, ["failed_share"], never="never").tables
    unit = Space.of({"communication_cost": (0.0, 1.0), "subsidy_rate": (0.0, 1.0)})

    def simulate(points: pd.DataFrame) -> pd.DataFrame:
        value = points["subsidy_rate"] + 0.1 * rng.random(len(points))
        return pd.DataFrame({"point": range(len(points)), "replication": 0, "status": "ok", "failed_share": value})

    assert set(METHODS) == {"sobol", "morris", "delta", "pawn"}
    for method, n in {"sobol": 16, "morris": 8, "delta": 100, "pawn": 100}.items():
        found |= sensitivity(method, unit, simulate, "failed_share", n).tables
    found |= find_boundary(unit, simulate, "failed_share", 0.5, n_points=32, start=16).tables
    runs = simulate(pd.DataFrame({"subsidy_rate": rng.random(200)})).assign(subsidy_rate=rng.random(200))
    runs["subsidy_rate"] = runs["failed_share"]
    found |= discover(runs, ["subsidy_rate"], "failed_share", above=0.7).tables
    arms = [runs.assign(arm=arm, replication=range(200), spent=rng.random(200)) for arm in ("nothing", "more")]
    found |= paired_effects(
        pd.concat(arms), ["failed_share"], baseline="nothing", cost=("spent", "failed_share")
    ).tables
    found |= search(World(8, 1), World(50, 2), INSTRUMENTS, effort=QUICK).tables
    return found


def test_methods_whose_answers_are_not_kept() -> None:
    tables = toys()
    assert {"ends", "series", "loops", "paths"} <= tables.keys()
    varied = {"money", "rules"}
    assert {"effects", "costs", "map", "box", "tree", "tried"} <= tables.keys(), tables.keys()
    undeclared = {
        (table, name) for table, frame in tables.items() for name in set(frame.columns) - varied
        if meaning_of(name) is None
    }  # fmt: skip
    assert not undeclared


def test_what_a_design_names_is_said_to_be_that_and_a_name_may_mean_another_thing_in_one_table() -> None:
    frames = {"parameters": pd.DataFrame({"point": [1.0]}), "spans": pd.DataFrame({"my_outcome": [1.0], "point": [1]})}
    found = of_frames(frames)
    assert "Best fit" in found["parameters"][0].meaning
    assert [column.meaning[:5] for column in found["spans"]] == ["Named", "Numbe"]


def test_every_meaning_and_unit_has_its_chinese() -> None:
    columns = [column for found in run_tables().values() for column in found]
    columns += [column for found in study_tables().values() for column in found]
    with speaking("zh"):
        chinese = {of.meaning: paragraph(of.meaning) for of in columns}
        formulae = re.compile("[\u4e00-\u9fff]|U1|sqrt")
        assert not {english for english, shown in chinese.items() if not formulae.search(shown)}
        units = {of.unit for of in columns if of.unit != "1" and in_language("zh", of.unit) == of.unit}
        assert not units
        assert "含义" not in dictionary(run_tables()).columns


def test_abm_columns(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["columns", "tables", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["column"] for row in rows][:3] == ["step", "table", "enterprise"]
    place = tmp_path / "dictionary.csv"
    assert main(["columns", "--csv", str(place), "--lang", "zh"]) == 0
    about = pd.read_csv(place, encoding="utf-8-sig")
    assert len(about) > 280 and about["meaning"].notna().all()
    assert math.isnan(about["high"].iloc[0])
    capsys.readouterr()
    assert main(["columns", "tabels"]) == 2
    assert "did you mean `tables`?" in capsys.readouterr().err
