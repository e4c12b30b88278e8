"""Nothing is imported for the first time on a visitor's thread, where others would see it half loaded."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

USE = """
import json, sys, tempfile, threading, time
from pathlib import Path

from dashboards.serve.server import Address, application
application(Address())
from dashboards import app
from abm.population.example import write_example
before = dict(sys.modules)

import pandas as pd
from abm.scenario import load
from dashboards.controls import exports, uploads
from dashboards.live import limits
from dashboards.live.run import LiveRun
from dashboards.outcomes import stores, survey

def use(folder):
    write_example(folder / "csv")
    files = {path.name: path.read_bytes() for path in (folder / "csv").glob("*.csv")}
    (folder / "a").mkdir()
    own = uploads.scenario_from(files, folder / "a")
    limits.check_size(own)
    exports.world(own, "own")
    tables = {f"{Path(name).stem}.parquet": pd.read_csv(folder / "csv" / name).to_parquet() for name in files}
    (folder / "b").mkdir()
    limits.check_size(uploads.scenario_from(tables, folder / "b"))
    scenario = load("classroom").with_overrides(steps=5)
    run = LiveRun(scenario, start_at=5)
    results = exports.replay(scenario, 5)
    for csv in (True, False):
        exports.zipped(results, csv=csv)
    exports.world(scenario, "mine")
    while run.shown_step() < 5:
        time.sleep(0.05)
    run.close()
    stores.listed()
    asked = survey.Survey(survey.Plan(values=2, replications=2, steps=8), "me")
    while asked.phase == survey.RUNNING:
        time.sleep(0.05)
    assert asked.phase == survey.DONE, asked.error
    asked.runs()
    asked.close()

failed = []
def visit():
    try:
        with tempfile.TemporaryDirectory() as folder:
            use(Path(folder))
    except BaseException as error:
        failed.append(repr(error))

thread = threading.Thread(target=visit)
thread.start()
thread.join()
files = {name: module.__file__ for name, module in before.items() if getattr(module, "__file__", None)}
print("FOUND", json.dumps({"late": sorted(set(sys.modules) - set(before)), "failed": failed, "files": files}))
"""
OUR = ("abm", "experiments", "dashboards")
NOT_ON_THREADS = {
    "webbrowser": "opens the page once, beside the server",
    "uvicorn": "is the server",
    "tqdm": "shows how far a command is",
    "SALib": "draws points as no page asks for",
    "distributed": "spreads runs over machines, which no page asks for",
    "solara": "is there before the pages are",
}
"""Modules that a function imports and no visitor's thread calls for, and why."""


def late(path: Path) -> set[str]:
    """Modules that functions of a file import."""
    found: set[str] = set()
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found |= {node.module}
    return found


def test_what_visitors_need_is_there_before_the_server_listens() -> None:
    done = subprocess.run(
        [sys.executable, "-c", USE], capture_output=True, text=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "ABM_WARMUP": "0"}, timeout=300,
    )  # fmt: skip
    assert "FOUND " in done.stdout, done.stderr
    found = json.loads(done.stdout.partition("FOUND ")[2])
    assert found["failed"] == []
    assert found["late"] == []
    # The same of what this one visit did not come to.
    known = {name: Path(file) for name, file in found["files"].items() if name.partition(".")[0] in OUR}
    there = {*found["files"], *(name.rpartition(".")[0] for name in found["files"]), *sys.builtin_module_names}
    missed = {
        f"{module} for {name}"
        for name, path in known.items()
        for module in late(path)
        if module not in there
        and module.partition(".")[0] not in NOT_ON_THREADS
        and find_spec(module.partition(".")[0])
    }
    assert missed == set()
