"""Sweeps, reports and answers on a disk of Windows, or of a share, with files of theirs open elsewhere."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

import abm
from abm.__main__ import main
from abm.machine.errors import InputError
from experiments.commands import _answers
from experiments.commands.status import state
from experiments.executors.processes import Processes
from experiments.questions import Setting
from experiments.report import report
from experiments.runs import chunks, files
from experiments.sweep import sweep
from experiments.sweep.store import StoreError, set_aside, studies
from tests.analysis.test_search import found
from tests.experiments.test_failures import design, whole
from tests.machine.test_disk import held
from tests.questions.test_questions import made_up
from tests.windows_rules import Windows


@pytest.mark.parametrize("executor", ["serial", "threads", "processes"])
def test_a_sweep_is_written_on_windows(executor: str, windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    if executor == "processes":
        windows.in_children(tmp_path)
    study = sweep(design("at_once", replications=4), tmp_path / "store", 2, executor, True)
    whole(study)
    assert (study.runs()["status"] == "ok").all()
    assert state(study)["state"] == "finished"


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
def test_a_sweep_is_written_on_a_share_that_flushes_no_folder(code: int, windows: Windows, tmp_path: Path) -> None:
    windows.flushes_no_folder(code)
    whole(sweep(design("at_once", replications=2), tmp_path / "store", 1, "serial", True))
    assert set(windows.unflushed) == {code}


def test_ctrl_c_in_a_console_that_tells_the_workers_too_loses_no_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pool, is_over = Processes(2), threading.Event()
    # Python itself, as it starts, is kept from it by the group of processes that it is started in.
    for loaded in [pool.submit(chunks.load, None) for _ in range(8)]:
        loaded.result(60)
    pids = pool.pids()

    def tell() -> None:
        while not is_over.wait(0.1):
            for pid in pids:
                os.kill(pid, signal.SIGINT)

    console = threading.Thread(target=tell)
    console.start()
    try:
        study = sweep(design("sleeping_50_ms", replications=10), tmp_path, 2, pool, True)
    finally:
        is_over.set()
        console.join()
        still = pool.pids()
        pool.close()
    assert sorted(still) == sorted(pids)
    whole(study)
    assert set(study.summary()["attempt"]) == {1}
    assert "Traceback" not in capfd.readouterr().err


def test_a_summary_and_the_progress_that_others_read_stop_no_sweep(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    asked = design("raising", replications=4)
    study = sweep(asked, tmp_path, 1, "serial", True)
    bad = study.summary()
    n_bad = int((bad["status"] != "ok").sum())
    summary = files.chunk_path(study.folder, files.SUMMARY, study.chunks()[-1])
    progress = study.folder / files.PROGRESS
    windows.refused.clear()
    with held(summary, windows), held(progress, windows):
        sweep(asked, tmp_path, 1, "serial", True, retry_failed=True)
    assert {str(summary), str(progress)} <= set(windows.refused)
    whole(study)
    assert int((study.summary()["attempt"] == 2).sum()) == n_bad > 0
    assert json.loads((study.folder / files.PROGRESS).read_text(encoding="utf-8"))["state"] == "finished"


def test_a_sweep_says_which_file_is_held_and_goes_on_after_it_is_closed(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    asked = design("raising", replications=4)
    study = sweep(asked, tmp_path, 1, "serial", True)
    last = study.chunks()[-1]
    summary = files.chunk_path(study.folder, files.SUMMARY, last)
    before = summary.read_bytes()
    with held(summary), pytest.raises(StoreError) as caught:
        sweep(asked, tmp_path, 1, "serial", True, retry_failed=True)
    assert f"(Permission denied): close {summary} in the program that has it open (Excel" in str(caught.value)
    assert "finished runs are kept" in str(caught.value) and "make room" not in str(caught.value)
    assert summary.read_bytes() == before
    whole(study)
    again = sweep(asked, tmp_path, 1, "serial", True, retry_failed=True)
    assert (again.runs().query("status != 'ok'")["attempt"] > 1).all()


def test_room_is_not_asked_for_when_the_disk_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def do_and_write(chunk: chunks.Chunk) -> chunks.Report:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(chunks, "do_and_write", do_and_write)
    with pytest.raises(StoreError, match=r"cannot be written \(Bad file descriptor\): give another folder") as caught:
        sweep(design("at_once"), tmp_path / "store", 1, "serial", True)
    assert "make room" not in str(caught.value)


def test_a_spoilt_chunk_that_is_held_is_named_and_one_held_for_a_moment_is_done_again(
    windows: Windows, tmp_path: Path
) -> None:
    asked = design("at_once", replications=4)
    study = sweep(asked, tmp_path, 1, "serial", True)
    windows.everything_about_files()
    summary = files.chunk_path(study.folder, files.SUMMARY, 0)
    summary.write_bytes(summary.read_bytes()[:99])
    with held(summary), pytest.raises(StoreError, match=f"close {summary}"):
        sweep(asked, tmp_path, 1, "serial", True)
    windows.refused.clear()
    with held(summary, windows):
        whole(sweep(asked, tmp_path, 1, "serial", True))


def test_a_store_with_a_held_file_is_not_set_aside(windows: Windows, tmp_path: Path) -> None:
    study = sweep(design("at_once", replications=2), tmp_path / "store", 1, "serial", True)
    windows.everything_about_files()
    plan = study.folder / files.PLAN
    with held(plan), pytest.raises(StoreError, match=f"close {plan}"):
        set_aside(tmp_path / "store")
    assert len(studies(tmp_path / "store")) == 1
    old = set_aside(tmp_path / "store")
    assert old is not None and len(studies(old)) == 1


def test_a_search_keeps_its_journal_where_links_are_refused(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    kept = found(tmp_path / "search.journal")
    pd.testing.assert_frame_equal(kept.tried, found().tried)
    assert [path.name for path in tmp_path.iterdir()] == ["search.journal"]


def test_a_results_folder_that_excel_shows_is_kept_and_its_file_named(
    windows: Windows, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    windows.everything_about_files()
    out = tmp_path / "results"
    words = ["run", "classroom", "--steps", "4", "--quiet", "--no-report", "--csv", "--out", str(out)]
    assert main([*words, "--seed", "1"]) == 0
    capsys.readouterr()
    with held(out / "metrics.csv"):
        assert main([*words, "--seed", "2"]) == 2
    said = capsys.readouterr().err
    assert f"close {out / 'metrics.csv'} in the program that has it open" in said
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["seed"] == 1
    windows.refused.clear()
    with held(out / "metrics.csv", windows):
        assert main([*words, "--seed", "2"]) == 0
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_a_report_that_somebody_reads_is_kept_and_its_file_named(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    place, tables = tmp_path / "report", {"numbers": pd.DataFrame({"x": [1.0]})}
    report.write(place, "A title", "A question?", "Old.", tables, {}, {"seed": 1})
    with held(place / "tables" / "numbers.csv"), pytest.raises(InputError, match=r"close .*numbers\.csv"):
        report.write(place, "A title", "A question?", "New.", tables, {}, {"seed": 1})
    assert "Old." in (place / "report.md").read_text(encoding="utf-8")
    assert (place / "tables" / "numbers.parquet").exists()
    report.write(place, "A title", "A question?", "New.", tables, {}, {"seed": 1})
    assert "New." in (place / "report.md").read_text(encoding="utf-8")


def test_an_answer_that_somebody_reads_is_kept_and_its_file_named(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    setting, out = Setting(tmp_path / "store", is_quick=True), tmp_path / "results"
    _answers.answer("made-up", made_up(), setting, out)
    page = _answers.index(out)
    text = out / "made-up" / "report.md"
    with held(text), pytest.raises(InputError, match=f"close {text}"):
        _answers.answer("made-up", made_up("It is not."), setting, out)
    assert "It is so." in text.read_text(encoding="utf-8")
    with held(page), pytest.raises(InputError, match=f"close {page}"):
        _answers.index(out)
    assert "It is so." in page.read_text(encoding="utf-8")
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "made-up"]


def test_waiting_for_a_held_file_costs_nothing_when_nobody_holds_it(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    results = abm.run("classroom", seed=1, steps=2)
    begun = time.monotonic()
    results.save(tmp_path / "results", report=False)
    assert time.monotonic() - begun < 1.5
