"""The command line as a person meets it: results, bad input, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from abm.commands._main import main

TINY = [
    "--set",
    "population.n_enterprises=30",
    "--set",
    "population.n_colleges=8",
    "--set",
    "population.n_students=240",
]
FILES = {
    "metrics.parquet", "regions.parquet", "events.parquet", "tables.parquet", "communities.parquet",
    "detections.parquet", "scenario.toml", "manifest.json", "summary.txt", "report.html",
}  # fmt: skip


def abm(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "abm", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_a_run_leaves_the_whole_folder(tmp_path: Path) -> None:
    done = abm("run", "classroom", *TINY, "--steps", 8, "--seed", 5, "--csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "results" / "classroom-seed5"
    assert {path.name for path in folder.iterdir()} >= FILES
    assert (folder / "metrics.csv").exists()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["seed"], manifest["steps"], manifest["steps_done"], manifest["complete"]) == (5, 8, 8, True)
    assert pq.read_table(folder / "metrics.parquet").column("step").to_pylist() == list(range(8))
    assert pq.read_table(folder / "regions.parquet").num_rows == 8 * 6
    summary = (folder / "summary.txt").read_text()
    assert summary.strip() in done.stdout
    assert summary.startswith(("Coordination ", "Nobody "))
    assert max(map(len, summary.splitlines())) <= 100
    report = (folder / "report.html").read_text()
    assert report.count("<svg") > 6 and "http://" not in report.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in report and "<script" not in report
    again = abm("run", folder / "scenario.toml", "--out", "again", "--no-report", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert json.loads((tmp_path / "again" / "manifest.json").read_text())["result_hash"] == manifest["result_hash"]
    assert not (tmp_path / "again" / "report.html").exists()
    assert (tmp_path / "again" / "tables.parquet").read_bytes() == (folder / "tables.parquet").read_bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["no-such-world"], "no-such-world"),
        (["classroom", "--set", "subsidy_rate"], "write --set name=value"),
        (["classroom", "--set", "subsidi_rate=0.1"], "subsidy_rate"),
        (["classroom", "--set", "aim_divergence=7"], "aim_divergence"),
        (["classroom", "--set", "seed=3"], "seed is an option: write --seed 3"),
        (["classroom", "--set", "threads=2"], "threads is an option: write --threads 2"),
        (["classroom", "--set", "scenario=china"], "write it first, without --set: china"),
        (["classroom", "--set", "out=here"], "write --out here"),
        (["classroom", "--set", "no-report=true"], "write --no-report"),
        (["classroom", "--set", "self=1"], "`self` cannot be set"),
        (["classroom", "--set", f"subsidy_rate={'[' * 5000}"], "nested too deeply"),
        (["classroom", "--set", f"subsidy_rate={'{a=' * 2000}"], "subsidy_rate"),
        (["classroom", "--set", f"subsidy_rate={'9' * 5000}"], "subsidy_rate"),
        (["classroom", "--set", f"subsidy_rate=0x{'f' * 5000}"], "subsidy_rate"),
        (["classroom", "--set", "subsidy_rate=2021-01-01"], "subsidy_rate"),
        (["classroom", "--steps", "0"], "steps"),
        (["classroom", "--seed", "-1"], "seed"),
        (["classroom", "--threads", "0"], "--threads 0 is not a whole number"),
        (["classroom", "--protocol", "shouting"], "shouting"),
        (["classroom", "--out", "taken"], "is a file"),
        (["classroom", "--out", "full"], "holds other files"),
        (["classroom", "--out", "taken/inside"], "cannot be written"),
    ],
)
def test_bad_input_gives_one_message_and_exit_code_2(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(["run", *words]) == 2
    said = capsys.readouterr().err
    assert says in said and "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_bad_input_ends_a_process_with_exit_code_2(tmp_path: Path) -> None:
    done = abm("run", "no-such-world", cwd=tmp_path)
    assert done.returncode == 2
    assert "no-such-world" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    code = (
        "import sys, threading, signal, abm.results.progress as p\n"
        "call = p.Progress.__call__\n"
        "def slow(self, state):\n"
        "    if self.done == 2: print('ready', flush=True); __import__('time').sleep(5)\n"
        "    return call(self, state)\n"
        "p.Progress.__call__ = slow\n"
        "from abm.commands._main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", "classroom", *TINY, "--steps", "1000", "--out", "kept"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    # A second signal ends the pause without a step; the first alone would wait for it.
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_text())
    assert manifest["complete"] is False
    assert manifest["steps_done"] == 3
    assert "Stopped early, after 3 of 1000 quarters" in out
    assert "Traceback" not in errors


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "abm", "run", "classroom", *TINY, "--steps", "4", "--quiet"],
        cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(write)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.long
def test_status_and_report_know_a_folder_of_one_run(tmp_path: Path) -> None:
    done = abm("run", "classroom", *TINY, "--steps", 8, "--seed", 5, "--no-report", "--out", "one", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    status = abm("status", "one", cwd=tmp_path)
    assert (status.returncode, status.stderr) == (0, "")
    assert status.stdout == "one run of classroom with seed 5: 8 of 8 steps, finished\n"
    report = abm("report", "one", cwd=tmp_path)
    assert report.returncode == 0, report.stderr
    assert (tmp_path / "one" / "report.html").read_text().count("<svg") > 6
    refused = abm("report", "one", "--outcomes", "failed_share", cwd=tmp_path)
    assert refused.returncode == 2 and "is for sweeps, and one is one run" in refused.stderr
    manifest = tmp_path / "one" / "manifest.json"
    about = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(about | {"result_hash": "0"}))
    other = abm("report", "one", cwd=tmp_path)
    assert other.returncode == 2 and "this model gives other results" in other.stderr
    manifest.write_text('{"seed"')
    for command in ("status", "report"):
        broken = abm(command, "one", cwd=tmp_path)
        assert broken.returncode == 2 and "no longer whole" in broken.stderr
