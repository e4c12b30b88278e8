"""`abm ledger`: the ledgers that it prints are those of the run, and what it is asked wrongly it says in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm.commands._main import main
from abm.world.ledger import LABELS, Line
from abm.world.parameters import DEFAULTS
from abm.world.realised import realised_ledgers
from abm.world.state import State
from abm.world.vocabulary import LEVELS, PARTIES

SMALL = {"population.n_enterprises": 40, "population.n_colleges": 8, "population.n_students": 160, "steps": 6}
QUARTER = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ledger") / "run"
    abm.run("classroom", seed=5, initial_ties=0.9, **SMALL).save(place, report=False)
    return place


@pytest.fixture(scope="module")
def in_the_run() -> dict[tuple[int, int, int], np.ndarray]:
    """Ledgers [4, lines] at QUARTER in 1,000 yuan, by ids of enterprise and college, and field."""
    found: dict[tuple[int, int, int], np.ndarray] = {}

    def look(state: State) -> bool:
        if state.step == QUARTER + 1:
            e, h = (rows.astype(np.int32) for rows in np.nonzero(state.ties.level))
            lines = DEFAULTS.kcny_per_unit * realised_ledgers(state, DEFAULTS, e, h, QUARTER)
            for i in range(len(e)):
                c = state.ties.college[e[i], h[i]]
                found[int(e[i]), int(c), int(state.ties.field[e[i], h[i]])] = lines[i]
        return state.step > QUARTER

    abm.run("classroom", seed=5, after_step=look, initial_ties=0.9, **SMALL)
    assert len(found) > 5
    return found


def test_the_ledgers_are_those_of_the_run_line_by_line(
    folder: Path, in_the_run: dict[tuple[int, int, int], np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", str(folder), "--quarter", str(QUARTER), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["quarter"] == QUARTER and len(told["contracts"]) == len(in_the_run)
    for one in told["contracts"]:
        lines = in_the_run[int(one["enterprise"]), int(one["college"]), one["field"]]
        for q, party in enumerate(PARTIES):
            for line in Line:
                assert one["ledger_kcny"][party][line.name.lower()] == pytest.approx(lines[q, line], abs=1e-6)


def test_a_contract_is_called_by_its_level(
    folder: Path, in_the_run: dict[tuple[int, int, int], np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", str(folder), "--quarter", str(QUARTER), "--json"]) == 0
    contracts = json.loads(capsys.readouterr().out)["contracts"]
    level = {(int(one["enterprise"]), int(one["college"])): one["level"] for one in contracts}
    e, c, _ = next(iter(in_the_run))
    for language, word in (("en", "level"), ("zh", "级（")):
        assert main(["ledger", str(folder), f"{e}:{c}", "--quarter", str(QUARTER), "--lang", language]) == 0
        head = next(line for line in capsys.readouterr().out.splitlines() if word in line)
        assert LEVELS.label(level[e, c], language) in head


def test_one_contract_and_all_together_are_tables_that_add_up(
    folder: Path, in_the_run: dict[tuple[int, int, int], np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    e, c, _ = next(iter(in_the_run))
    mine = [lines for key, lines in in_the_run.items() if key[:2] == (e, c)]
    for asked, lines in (([f"{e}:{c}"], mine[0]), ([], sum(in_the_run.values()))):
        assert main(["ledger", str(folder), *asked, "--quarter", str(QUARTER)]) == 0
        rows = [text for text in capsys.readouterr().out.splitlines() if text.startswith(tuple(LABELS.values()))]
        assert len(rows) >= len(Line)
        cost = next(text for text in rows if text.startswith(LABELS[Line.COST])).split()[-4:]
        for q, cell in enumerate(cost):
            told = 0.0 if cell == "-" else float(cell.replace(",", ""))
            assert told == pytest.approx(float(np.asarray(lines)[q, Line.COST]), abs=0.0051)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--quarter", "6"], "--quarter 6 is not among the 6 quarters that were run, 0 to 5"),
        (["17-3"], "`17-3` names no contract: write ENTERPRISE:COLLEGE, such as 17:3"),
        (["99:0"], "`99` is no enterprise of this run"),
        (["0:nobody"], "`nobody` is no college of this run"),
    ],
)
def test_what_is_not_there_is_said(
    folder: Path, asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", str(folder), *asked]) == 2
    assert said in capsys.readouterr().err


def test_a_pair_without_a_contract_is_told_which_there_are(
    folder: Path, in_the_run: dict[tuple[int, int, int], np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    free = next(e for e in range(40) if not any(key[0] == e for key in in_the_run))
    assert main(["ledger", str(folder), f"{free}:0", "--quarter", str(QUARTER), "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert f"第 {QUARTER} 季度" in said and any(f"{e}:{c}" in said for e, c, _ in in_the_run)


def test_money_metrics_in_yuan_are_money_times_the_factor(folder: Path) -> None:
    metrics = pd.read_parquet(folder / "metrics.parquet")
    assert (metrics["spent_total"] > 0).any()
    assert np.allclose(metrics["spent_kcny"], metrics["spent"] * DEFAULTS.kcny_per_unit)
    assert np.allclose(metrics["spent_total_kcny"], metrics["spent_total"] * DEFAULTS.kcny_per_unit)
