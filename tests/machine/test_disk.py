"""Files on disks of Windows, its shares and drives: everything is written, or the file that is held is named."""

from __future__ import annotations

import ast
import errno
import os
import pickle
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import abm
import dashboards
import experiments
from abm.machine import disk
from abm.machine.disk import HeldError
from abm.machine.errors import InputError
from tests.windows_rules import Windows

MOVING = {"unlink", "rmdir", "rmtree", "hardlink_to"}
"""Methods and functions that move or remove files, whatever they are called on."""


@contextmanager
def held(path: Path, lets_go: Windows | None = None) -> Iterator[None]:
    """Somebody has a file open: until the block ends, or 0.3 s after the rules refused it or its folder."""
    file, is_over = path.open("rb"), threading.Event()

    def let_go() -> None:
        while not is_over.wait(0.01):
            if lets_go is not None and {path, path.parent} & set(map(Path, lets_go.refused)):
                is_over.wait(0.3)
                file.close()
                return

    waiting = threading.Thread(target=let_go)
    waiting.start()
    try:
        yield
    finally:
        is_over.set()
        waiting.join()
        file.close()


def moves_files(call: ast.Call) -> bool:
    """Whether a call moves or removes files: str.replace and its like take two arguments, DataFrame.rename names."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="os" | "shutil"), attr=name):
            return name in MOVING | {"replace", "rename", "renames", "remove", "removedirs", "move"}
        case ast.Attribute(value=ast.Name(id="disk")):
            return False
        case ast.Attribute(attr="rename" | "replace"):
            return len(call.args) == 1 and not call.keywords
        case ast.Attribute(attr=name):
            return name in MOVING
        case _:
            return False


def stays_on_windows(call: ast.Call) -> bool:
    """Whether a temporary folder raises because somebody still has a file of it open."""
    is_one = isinstance(call.func, ast.Attribute) and call.func.attr == "TemporaryDirectory"
    return is_one and all(word.arg != "ignore_cleanup_errors" for word in call.keywords)


def test_files_are_moved_and_removed_in_one_place_only() -> None:
    found: list[str] = []
    for package in (abm, experiments, dashboards):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            if path == Path(str(disk.__file__)):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (moves_files(node) or stays_on_windows(node)):
                    found.append(f"{path}:{node.lineno}: {ast.unparse(node)[:80]}")
    assert not found
    for text in (
        "path.unlink()",
        "os.replace(a, b)",
        "a.rename(b)",
        "shutil.rmtree(a)",
        "os.remove(a)",
        "a.replace(b)",
    ):
        assert moves_files(ast.parse(text, mode="eval").body), text  # pyright: ignore[reportArgumentType]


def test_a_file_is_flushed_although_windows_flushes_only_what_is_open_for_writing(
    windows: Windows, tmp_path: Path
) -> None:
    windows.flushes_only_what_is_open_for_writing()
    windows.opens_no_folder()
    (tmp_path / "a").write_text("whole")
    disk.flush(tmp_path / "a")
    disk.flush(tmp_path)
    assert (tmp_path / "a").read_text() == "whole"


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES])
def test_shares_that_flush_no_folder_are_written(code: int, windows: Windows, tmp_path: Path) -> None:
    windows.flushes_no_folder(code)
    disk.flush(tmp_path)
    assert windows.unflushed == [code]


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fails_is_not_taken_for_one_that_cannot_flush(code: int, windows: Windows, tmp_path: Path) -> None:
    windows.flushes_no_folder(code)
    with pytest.raises(OSError, match=os.strerror(code)):
        disk.flush(tmp_path)


def test_a_file_that_is_held_for_a_moment_is_replaced(windows: Windows, tmp_path: Path) -> None:
    windows.keeps_what_is_open()
    fresh, old = tmp_path / "fresh", tmp_path / "old"
    fresh.write_text("new")
    old.write_text("old")
    with held(old, windows):
        disk.replace(fresh, old)
    assert old.read_text() == "new" and not fresh.exists()
    windows.refused.clear()
    with held(old, windows):
        disk.remove(old)
    assert not old.exists()


def test_a_file_that_is_held_for_long_is_named_and_both_stay(windows: Windows, tmp_path: Path) -> None:
    windows.keeps_what_is_open()
    fresh, old = tmp_path / "fresh", tmp_path / "old"
    fresh.write_text("new")
    old.write_text("old")
    begun = time.monotonic()
    with held(old), pytest.raises(HeldError) as caught:
        disk.replace(fresh, old)
    assert 1.5 < time.monotonic() - begun < 4.0
    assert caught.value.filename == str(old)
    assert (old.read_text(), fresh.read_text()) == ("old", "new")
    # As it comes from a worker.
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), copy.filename, copy.errno) == (HeldError, str(old), errno.EACCES)
    told = str(disk.unwritable("the store x", copy, "give another folder"))
    assert told.startswith("the store x cannot be written (Permission denied): close " + str(old))
    assert "Excel" in told and "make room" not in told


def test_a_folder_with_a_held_file_stays_whole_and_the_file_is_named(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    fresh, old = tmp_path / "fresh", tmp_path / "results"
    for folder, text in ((fresh, "new"), (old, "old")):
        folder.mkdir()
        for name in ("metrics.csv", "regions.csv"):
            (folder / name).write_text(text)
    with held(old / "metrics.csv"), pytest.raises(HeldError) as caught:
        disk.take_place(fresh, old)
    assert caught.value.filename == str(old / "metrics.csv")
    assert [(old / name).read_text() for name in ("metrics.csv", "regions.csv")] == ["old", "old"]
    disk.take_place(fresh, old)
    assert (old / "metrics.csv").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_an_older_folder_comes_back_when_the_new_one_cannot_take_its_place(windows: Windows, tmp_path: Path) -> None:
    windows.everything_about_files()
    fresh, old = tmp_path / "fresh", tmp_path / "results"
    for folder in (fresh, old):
        folder.mkdir()
        (folder / "of").write_text(folder.name)
    with held(fresh / "of"), pytest.raises(HeldError):
        disk.take_place(fresh, old)
    assert (old / "of").read_text() == "results"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh", "results"]


@pytest.mark.parametrize(
    ("code", "has_to_make_room"),
    [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EBADF, False), (errno.EACCES, False), (errno.EROFS, False)],
)
def test_room_is_made_only_where_there_is_none(code: int, has_to_make_room: bool) -> None:
    error = disk.unwritable("x", OSError(code, os.strerror(code)), "give another folder")
    assert isinstance(error, InputError)
    assert error.why == f"cannot be written ({os.strerror(code)})"
    assert error.mend == ("make room or give another folder" if has_to_make_room else "give another folder")
