"""A disk that is really full: it is said, nothing that was done is lost, and with more room the sweep goes on."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from abm.commands._main import main
from abm.machine.errors import InputError
from abm.quarter.measurement.metrics import catalogue
from experiments.runs import chunks, files
from experiments.sweep import sweep
from experiments.sweep.pace import Pace
from experiments.sweep.progress import Progress
from experiments.sweep.store import StoreError, studies
from tests.analysis.test_search import QUICK, World, found
from tests.experiments.test_failures import design, whole

FULL = r"cannot be written \(No space left on device\): make room .* finished runs are kept"
MOUNT = shutil.which("mount")


def mounted(place: Path, options: str) -> str:
    """Mount a disk in memory, or mount it again with other options. Returns why that is not possible, "" if it is."""
    if MOUNT is None:
        return "there is no `mount` here"
    words = [MOUNT, "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    return "" if done.returncode == 0 else f"no disk can be mounted here: {done.stderr.strip()}"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if why := mounted(place, "size=2m"):
        pytest.skip(why)
    yield place
    subprocess.run(["umount", "-l", str(place)], timeout=20, check=True)


def fill(ballast: Path) -> None:
    """Leave no room on the disk of a file."""
    with pytest.raises(OSError, match="No space left on device"):
        ballast.write_bytes(bytes(4 << 20))


def written(store: Path) -> dict[Path, int]:
    """Summaries of finished chunks, and when each was written."""
    return {path: path.stat().st_mtime_ns for path in store.rglob("summary/*.parquet")}


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_a_sweep_fills_the_disk_and_goes_on_with_more_room(executor: str, disk: Path) -> None:
    store = disk / "store"
    # 160 runs of about 30 kB each.
    asked = design("at_once", replications=40, steps=100, series=list(catalogue()))
    with pytest.raises(StoreError, match=FULL):
        sweep(asked, store, 2, executor, True)
    before = written(store)
    study = studies(store)[0]
    n = len(study.summary())
    assert 0 < n < 160 and len(before) < study.manifest["chunks"]
    members = study.members()
    for number in study.chunks():
        assert files.fault(study.folder, number, [run.key for run in members[number]]) is None
    assert not list(store.rglob("*.part"))
    assert json.loads((study.folder / files.PROGRESS).read_text(encoding="utf-8"))["state"] == "interrupted"
    with pytest.raises(StoreError, match=FULL):
        sweep(asked, store, 2, executor, True)
    assert before.items() <= written(store).items()
    assert mounted(disk, "remount,size=32m") == ""
    mended = sweep(asked, store, 2, executor, True)
    whole(mended)
    assert (mended.runs()["status"] == "ok").all()
    assert before.items() <= written(store).items()


def test_chunks_under_way_are_written_when_another_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, has_begun = chunks.do_and_write, threading.Event()

    def do_and_write(chunk: chunks.Chunk) -> chunks.Report:
        if chunk.number == 0:
            has_begun.wait(10)
            raise OSError(errno.ENOSPC, "No space left on device")
        has_begun.set()
        time.sleep(0.5)
        return honest(chunk)

    monkeypatch.setattr(chunks, "do_and_write", do_and_write)
    with pytest.raises(StoreError, match=FULL):
        sweep(design("at_once"), tmp_path / "store", 2, "threads", True)
    study = studies(tmp_path / "store")[0]
    # Those that had been handed in, and no other.
    assert study.chunks() == [1, 2, 3]
    assert json.loads((study.folder / files.PROGRESS).read_text(encoding="utf-8"))["state"] == "interrupted"


def test_progress_has_its_last_word_on_a_disk_without_a_free_block(disk: Path) -> None:
    told = Progress(disk, 4, Pace(4, 1), is_quiet=True)
    told.show()
    ballast = disk / "ballast"
    fill(ballast)
    with pytest.raises(OSError, match="No space left on device"):
        (disk / "more").write_bytes(b"a")
    told.add(3, 3, 0)
    told.end("interrupted")
    found = json.loads((disk / files.PROGRESS).read_text(encoding="utf-8"))
    assert (found["state"], found["done"]) == ("interrupted", 3)


def test_a_disk_on_which_not_even_the_plan_fits(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ballast = disk / "ballast"
    fill(ballast)
    asked = disk.with_name("asked.toml")
    asked.write_text(
        "steps = 4\noutcomes = ['failed_share']\nsimulator = 'tests.experiments.simulators:at_once'\n"
        "[vary]\ncommunication_cost = [0.0, 0.01]\n",
        encoding="utf-8",
    )
    words = ["sweep", str(asked), "--store", str(disk / "store"), "--workers", "1", "--quiet"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert f"the store {disk / 'store'} cannot be written (No space left on device): make room" in said
    assert not studies(disk / "store")
    ballast.unlink()
    assert main(words) == 0
    whole(studies(disk / "store")[0])


class Filling(World):
    """A world whose third batch of mixes leaves no room on the disk."""

    def __init__(self, ballast: Path) -> None:
        super().__init__(8, 1)
        self.ballast = ballast

    def __call__(self, points: pd.DataFrame) -> pd.DataFrame:
        if len(self.asked) == 2:
            fill(self.ballast)
        return super().__call__(points)


def test_a_search_whose_journal_cannot_grow_goes_on_with_more_room(disk: Path) -> None:
    journal, ballast = disk / "search.journal", disk / "ballast"
    with pytest.raises(InputError, match=r"journal .* cannot be written \(No space left on device\): make"):
        found(journal, simulate=Filling(ballast))
    assert journal.read_bytes().endswith(b"\n")
    ballast.unlink()
    again = World(8, 1)
    resumed = found(journal, simulate=again)
    assert sum(map(len, again.asked)) <= QUICK.n_proposals - 40
    pd.testing.assert_frame_equal(resumed.tried, found().tried)
