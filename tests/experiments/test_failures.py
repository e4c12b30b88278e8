"""Whatever happens to runs, workers, drivers and files: nothing is lost, and it is said."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from abm.machine.errors import InputError
from experiments.design import Design, load
from experiments.executors import executors
from experiments.executors.processes import Processes
from experiments.runs import files, identity
from experiments.sweep import pilot, sweep
from experiments.sweep.store import Study, set_aside, studies
from tests.experiments.simulators import BASE, is_bad


def design(simulator: str, **changes: Any) -> Design:
    return load(BASE, simulator=f"tests.experiments.simulators:{simulator}", **changes)


def whole(study: Study) -> None:
    """Every planned run is there once, and every chunk can be read."""
    runs = study.runs()
    assert len(runs) == len(study.plan)
    assert not runs[["point", "replication"]].duplicated().any()
    members = study.members()
    for number in members:
        assert files.fault(study.folder, number, [run.key for run in members[number]]) is None
    assert not list(study.folder.rglob("*.part"))


@pytest.mark.parametrize(
    ("simulator", "executor", "error"),
    [
        ("raising", "serial", "ZeroDivisionError: seed"),
        ("raising", "threads", "ZeroDivisionError: seed"),
        ("leaving", "processes", "SystemExit: 3"),
        ("hanging", "serial", "took longer than 8 s"),
        ("hanging", "processes", "took longer than 8 s"),
        ("killing", "processes", "its worker died"),
        ("starving", "processes", "its worker died"),
    ],
)
def test_a_bad_run_is_a_row_with_its_error(simulator: str, executor: str, error: str, tmp_path: Path) -> None:
    more = {"timeout": 8.0} if simulator == "hanging" else {}
    asked = design(simulator, replications=4, vary={"communication_cost": [0.0, 0.01]}, **more)
    study = sweep(asked, tmp_path, 2, executor, True)
    whole(study)
    runs = study.runs()
    bad = runs[runs["status"] != "ok"]
    assert set(bad["seed"]) == {seed for seed in runs["seed"] if is_bad(seed)}
    assert len(bad) == 2
    assert bad["error"].str.contains(error, regex=False).all()
    assert bad["failed_share"].isna().all()


def test_what_ends_a_process_is_no_row(tmp_path: Path) -> None:
    with pytest.raises(MemoryError):
        sweep(design("starving", replications=4), tmp_path, 1, "serial", True)


def test_failed_runs_are_tried_again_if_wanted(tmp_path: Path) -> None:
    asked = design("raising", replications=4)
    first = sweep(asked, tmp_path, 1, "serial", True).runs()
    again = sweep(asked, tmp_path, 1, "serial", True, retry_failed=True).runs()
    was_bad = first["status"] != "ok"
    assert list(again.loc[was_bad, "attempt"]) == [2] * 4
    assert list(again.loc[~was_bad, "attempt"]) == [1] * 12
    assert again.loc[~was_bad, "result_hash"].equals(first.loc[~was_bad, "result_hash"])


def test_workers_are_killed_in_the_middle(tmp_path: Path) -> None:
    pool = Processes(2)
    asked = design("sleeping_50_ms", replications=20)
    killed: set[int] = set()

    def kill() -> None:
        while len(killed) < 4:
            time.sleep(0.4)
            for pid in pool.pids()[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)

    import threading

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    study = sweep(asked, tmp_path, 2, pool, True)
    pids = pool.pids()
    pool.close()
    whole(study)
    assert len(killed) >= 3
    assert (study.runs()["status"] == "ok").all()
    assert study.runs()["attempt"].max() > 1
    plain = sweep(asked, tmp_path / "plain", 1, "serial", True)
    assert list(plain.runs()["result_hash"]) == list(study.runs()["result_hash"])
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_killed_driver_leaves_no_orphans_and_the_next_goes_on(tmp_path: Path) -> None:
    script = (
        "from experiments.sweep import sweep; from tests.experiments.test_failures import design; "
        f"sweep(design('sleeping_50_ms', replications=40), {str(tmp_path)!r}, 2, 'processes', True)"
    )
    driver = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.rglob("summary/*.parquet")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    workers = [child.pid for child in psutil.Process(driver.pid).children(recursive=True)]
    assert len(workers) == 2
    driver.kill()
    driver.wait()
    done = len(list(tmp_path.rglob("summary/*.parquet")))
    gone, alive = psutil.wait_procs([psutil.Process(pid) for pid in workers if psutil.pid_exists(pid)], timeout=5)
    assert not alive, f"{len(gone)} ended"
    # What a worker leaves that is killed while it writes.
    next(tmp_path.rglob("summary")).joinpath(".000001.parquet.1.0a.part").write_bytes(b"PAR1")
    study = sweep(design("sleeping_50_ms", replications=40), tmp_path, 2, "processes", True)
    whole(study)
    assert 0 < done < len(study.chunks())


def test_ctrl_c_writes_what_is_under_way_and_the_next_goes_on(tmp_path: Path) -> None:
    (tmp_path / "asked.toml").write_text(
        "steps = 4\nreplications = 40\noutcomes = ['failed_share']\n"
        "simulator = 'tests.experiments.simulators:sleeping_50_ms'\n[vary]\ncommunication_cost = [0.0, 0.01, 0.02]\n"
    )
    store = tmp_path / "store"
    words = [sys.executable, "-m", "abm", "sweep", str(tmp_path / "asked.toml"), "--store", str(store)]
    driver = subprocess.Popen([*words, "--executor", "processes", "--workers", "2"], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(store.rglob("summary/*.parquet")):
        assert driver.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    driver.send_signal(signal.SIGINT)
    said = driver.communicate(timeout=60)[1]
    assert driver.returncode == 130
    assert "which are kept; the same command goes on" in said
    study = studies(store)[0]
    n = len(study.summary())
    assert 0 < n < 120
    assert json.loads((study.folder / files.PROGRESS).read_text())["done"] == n
    whole(sweep(tmp_path / "asked.toml", store, 1, "serial", True))


def test_a_torn_or_spoilt_chunk_is_found_said_and_done_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = design("at_once", replications=4)
    study = sweep(asked, tmp_path, 1, "serial", True)
    before = study.runs()
    torn, spoilt = study.chunks()[0], study.chunks()[1]
    path = files.chunk_path(study.folder, files.SUMMARY, torn)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    path = files.chunk_path(study.folder, files.SERIES, spoilt)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    path.write_bytes(bytes(raw))
    mended = sweep(asked, tmp_path, 1, "serial", True)
    said = capsys.readouterr().err
    assert f"chunk {torn} of" in said
    assert f"chunk {spoilt} of" in said
    assert "done again" in said
    assert mended.runs()["result_hash"].equals(before["result_hash"])
    whole(mended)


def test_a_store_copied_without_its_series_is_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = design("at_once", replications=4)
    study = sweep(asked, tmp_path, 1, "serial", True)
    before = study.runs()
    shutil.rmtree(study.folder / files.SERIES)
    mended = sweep(asked, tmp_path, 1, "serial", True)
    assert "its series are missing" in capsys.readouterr().err
    assert mended.runs()["result_hash"].equals(before["result_hash"])
    whole(mended)


def test_another_version_of_the_model_does_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    sweep(design("at_once", replications=2), store, 1, "serial", True)
    monkeypatch.setattr(identity, "model", lambda: "9.9.9+000000000000")
    with pytest.raises(InputError, match=r"holds runs of the model .*; this is 9.9.9.*--fresh"):
        sweep(design("at_once", replications=2), store, 1, "serial", True)
    old = set_aside(store)
    assert old is not None
    assert list(old.rglob("summary/*.parquet"))
    assert len(sweep(design("at_once", replications=2), store, 1, "serial", True).runs()) == 8


def test_a_full_disk_stops_the_sweep_and_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = design("at_once", replications=8)
    flush, calls = os.fsync, [0]

    def full(handle: int) -> None:
        calls[0] += 1
        if calls[0] > 10:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"No space left on device.*finished runs are kept"):
        sweep(asked, tmp_path, 1, "serial", True)
    monkeypatch.setattr(os, "fsync", flush)
    kept = len(list(tmp_path.rglob("summary/*.parquet")))
    assert kept > 0
    assert not list(tmp_path.rglob("*.part"))
    whole(sweep(asked, tmp_path, 1, "serial", True))


def test_every_executor_that_needs_something_says_what() -> None:
    assert set(executors()) == {"serial", "threads", "processes", "dask", "mpi"}
    with pytest.raises(InputError, match="did you mean `processes`"):
        sweep(BASE, executor="proceses")
    with pytest.raises(InputError, match="has no address"):
        sweep(BASE, executor="dask")


def test_a_design_whose_first_run_is_bad_is_swept_all_the_same(tmp_path: Path) -> None:
    study = sweep(design("raising_first", replications=2), tmp_path, 1, "serial", True)
    whole(study)
    runs = study.runs()
    assert set(runs.loc[runs["status"] != "ok", "communication_cost"]) == {0.0}
    assert (runs.loc[runs["status"] != "ok", "error"].str.startswith("ZeroDivisionError")).all()


def test_a_design_whose_first_run_hangs_is_swept_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "LONGEST", 0.5)
    study = sweep(design("hanging_first", replications=2, timeout=0.5), tmp_path, 1, "serial", True)
    whole(study)
    runs = study.runs()
    assert set(runs.loc[runs["status"] != "ok", "communication_cost"]) == {0.0}
    assert (runs.loc[runs["status"] != "ok", "error"] == "took longer than 0.5 s").all()


def test_a_design_without_a_good_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ZeroDivisionError: all are bad"):
        sweep(design("raising_always", replications=2), tmp_path / "s", 1, "serial", True)
    assert not list((tmp_path / "s").glob("*/plan.parquet"))
