"""Compiled kernels are read only from folders that nobody else can have written to."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from abm.machine import kernels, own_folder

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no owners of files")

LOOK = """
import warnings
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    from abm.machine import kernels
    from abm.quarter import delivery
    from abm.quarter.negotiation import bargaining
    from abm.world import equations
found = [x for x in vars(delivery).values() if hasattr(x, "py_func") and not x.targetoptions.get("forceinline")]
print(kernels.cache_root(), {type(x._cache).__name__ for x in found}, *(w.message for w in said), sep="\\n")
"""


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a machine where the home cannot be written to."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "no-folder").touch()
    for name, path in (("TMPDIR", "temporary"), ("XDG_CACHE_HOME", "no-folder")):
        monkeypatch.setenv(name, str(tmp_path / path))
    monkeypatch.delenv("ABM_CACHE_DIR", raising=False)


def look(code: str = LOOK) -> list[str]:
    """Folder of the cache, kinds of caches of kernels, and warnings, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_temporary_folder_is_each_users_own(tmp_path: Path) -> None:
    root, kinds, *said = look()
    assert Path(root) == tmp_path / "temporary" / f"abm-{os.getuid()}" / "kernels"
    assert mode(Path(root)) == mode(Path(root).parent) == 0o700
    assert kinds == "{'_KernelCache'}"
    assert not said


@pytest.mark.parametrize("name", ["abm-{}", "abm-{}/kernels"])
def test_a_link_laid_there_by_somebody_is_not_followed(name: str, tmp_path: Path) -> None:
    link = tmp_path / "temporary" / name.format(os.getuid())
    link.parent.mkdir(exist_ok=True)
    (tmp_path / "laid").mkdir()
    link.symlink_to(tmp_path / "laid")
    root, kinds, *said = look()
    assert (root, kinds) == ("None", "{'NullCache'}")
    assert len(said) == 1
    assert f"{link} is a symbolic link" in said[0] and "ABM_CACHE_DIR" in said[0]
    assert not list((tmp_path / "laid").iterdir())


def test_folders_of_another_user_are_not_used(tmp_path: Path) -> None:
    look()
    other = f"import os\nname = os.getuid()\nos.getuid = lambda: name + 1\n{LOOK}"
    (tmp_path / "temporary" / f"abm-{os.getuid()}").rename(tmp_path / "temporary" / f"abm-{os.getuid() + 1}")
    root, kinds, *said = look(other)
    assert (root, kinds) == ("None", "{'NullCache'}")
    assert "belongs to another user" in said[0]


def test_a_file_of_another_user_in_the_cache_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = own_folder.made(tmp_path / "mine", "kernels")
    planted = root / "0123456789abcdef" / "phases_1" / "delivery.deliver-1.py311.nbi"
    planted.parent.mkdir(parents=True)
    planted.write_bytes(pickle.dumps("a planted index"))
    own_folder.check(root / "0123456789abcdef")
    lstat = Path.lstat

    def of_another(path: Path) -> os.stat_result:
        about = lstat(path)
        return os.stat_result((*about[:4], about.st_uid + 1, *about[5:])) if path == planted else about

    monkeypatch.setattr(Path, "lstat", of_another)
    monkeypatch.setattr(kernels, "cache_root", lambda: root)
    kernels.trusted.cache_clear()
    try:
        with pytest.warns(RuntimeWarning, match=f"{planted.name} belongs to another user"):
            assert kernels.trusted("0123456789abcdef") is None
    finally:
        kernels.trusted.cache_clear()


def test_a_place_where_everybody_writes_is_refused_and_an_open_folder_of_ones_own_is_closed(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(PermissionError, match=r"everybody can write to .*shared"):
        own_folder.made(shared, "kernels")
    shared.chmod(0o1777)
    (shared / "kernels").mkdir()
    (shared / "kernels").chmod(0o777)
    assert mode(own_folder.made(shared, "kernels")) == 0o700


def test_what_is_made_on_the_way_is_closed_too(tmp_path: Path) -> None:
    assert own_folder.made(tmp_path / "a" / "b", "kernels") == tmp_path / "a" / "b" / "kernels"
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_a_folder_that_the_user_names_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "named").symlink_to(tmp_path / "disk")
    assert own_folder.made(tmp_path / "named", "kernels") == tmp_path / "disk" / "kernels"
