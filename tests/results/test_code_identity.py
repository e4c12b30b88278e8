"""Code from outside the package is part of what a run is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from abm.results.code_identity import code_of, codes, fresh

SIMULATOR = '''
"""What it is."""
from tests.experiments.simulators import made_up
from own_helper import factor


def mine(run, watcher):
    results = made_up(run)
    results.columns["metrics"]["failed_share"] = results.columns["metrics"]["failed_share"] * 0 + factor()
    return results
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Python takes what it compiled for an edited file as long as length and second are the same: nobody edits so fast.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("own_simulator", "own_helper", "own_package", "own_package.inner", "own_package.deep.end"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "own_simulator.py").write_text(SIMULATOR)
    (tmp_path / "own_helper.py").write_text("def factor():\n    return 0.25\n")
    return tmp_path


def test_the_code_of_a_module_and_of_what_it_imports_beside_it_counts_and_comments_do_not(folder: Path) -> None:
    first = code_of("own_simulator")
    (folder / "own_helper.py").write_text('# why\ndef factor():\n    """A quarter."""\n    return 0.25\n')
    (folder / "unrelated.py").write_text("x = 1\n")
    assert code_of("own_simulator") == first
    (folder / "own_helper.py").write_text("def factor():\n    return 0.5\n")
    assert code_of("own_simulator") != first
    assert codes(["abm.scenario.policies.subsidy", "numpy.nowhere", "sys"]) == {}


def test_modules_of_a_package_that_are_imported_by_dots_count(folder: Path) -> None:
    (folder / "own_package" / "deep").mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "inner": "from .deep import end\n",
        "deep/__init__": "",
        "deep/end": "X = 1\n",
    }.items():
        (folder / "own_package" / f"{name}.py").write_text(text)
    first = code_of("own_package.inner")
    (folder / "own_package" / "deep" / "end.py").write_text("X = 2\n")
    assert first and code_of("own_package.inner") != first


def test_an_edited_module_is_loaded_anew(folder: Path) -> None:
    assert fresh("own_simulator").factor() == 0.25
    (folder / "own_helper.py").write_text("def factor():\n    return 0.125\n")
    assert fresh("own_simulator").factor() == 0.125
    assert fresh("own_simulator") is fresh("own_simulator")


def test_a_sweep_runs_anew_after_an_edit_says_why_and_else_reuses(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from experiments.sweep import sweep
    from tests.experiments.simulators import BASE

    design = BASE | {"simulator": "own_simulator:mine", "replications": 2}
    store = folder / "store"

    def values() -> tuple[str, set[float], dict[str, str]]:
        study = sweep(design, store=store, workers=1, is_quiet=True)
        return study.folder.name, set(study.runs()["failed_share"]), study.manifest["code"]

    first, quarter, code = values()
    assert quarter == {0.25} and set(code) == {"own_simulator"}
    (folder / "own_helper.py").write_text("def factor():\n    return 0.25  # as before\n")
    assert values()[0] == first
    assert "edited" not in capsys.readouterr().err
    (folder / "own_helper.py").write_text("def factor():\n    return 0.75\n")
    second, now, _ = values()
    assert second != first and now == {0.75}
    assert "own_simulator was edited since the last runs: run anew with it" in capsys.readouterr().err
