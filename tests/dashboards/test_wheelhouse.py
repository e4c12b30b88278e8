"""The package as one wheel with all its files, and a folder from which it starts without a network."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from abm.commands._main import main
from abm.machine.errors import InputError
from dashboards.serve import assets, wheelhouse

ROOT = Path(__file__).parents[2]
LARGEST = 5e6


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheelhouse.own_wheel(tmp_path_factory.mktemp("wheels"))


def files(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as content:
        return set(content.namelist())


def test_the_wheel_holds_every_file_of_the_package_and_is_small(wheel: Path) -> None:
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "abm", "experiments", "dashboards"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert len(listed) > 300
    there = files(wheel)
    assert set(listed) <= there
    strange = {name for name in there - set(listed) if ".dist-info/" not in name}
    assert strange <= {"abm/commit.txt"}
    assert wheel.stat().st_size <= LARGEST


def test_an_installed_package_is_packed_again_as_it_was(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as content:
        content.extractall(place)
    about = next(place.glob("*.dist-info"))
    (about / "INSTALLER").write_text("pip\n")
    with (about / "RECORD").open("a") as record:
        record.write(f"{about.name}/INSTALLER,,\n../../bin/abm,,\n")
    monkeypatch.setattr(wheelhouse, "ROOT", place)
    monkeypatch.setattr(wheelhouse, "distribution", lambda name: Distribution.at(about))
    again = wheelhouse.own_wheel(tmp_path / "wheels")
    assert again.name == wheel.name
    assert files(again) == files(wheel)


def made(folder: Path, name: str, *needs: str, version: str = "1.0") -> Path:
    """A wheel that needs others."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {n}" for n in needs)]
    with zipfile.ZipFile(path, "w") as content:
        content.writestr(f"{name}-{version}.dist-info/METADATA", "\n".join([*lines, "", ""]))
    return path


def test_what_another_system_needs_is_asked_for_and_what_it_does_not_need_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, wheelhouse.NAME, "bar>=1", 'sheet; extra == "excel"', 'chart; extra == "docs"')
    asked: list[list[str]] = []

    def pip(*words: str) -> None:
        assert words[0] == "download" and "win_amd64" in words and "cp312" in words
        asked.append([word for word in words if word.startswith(("colours", "clock"))])
        made(tmp_path, "pip")
        made(tmp_path, "sheet")
        made(tmp_path, "bar", 'colours>=2; sys_platform == "win32"', 'shell; os_name != "nt"',
             'clock; python_version < "3.12"', "theirs[fast]")  # fmt: skip
        made(tmp_path, "theirs", 'quick; extra == "fast"')
        made(tmp_path, "quick")
        # pip reads the conditions of this machine.
        made(tmp_path, "shell")
        if asked[-1]:
            made(tmp_path, "colours", version="2.1")
            made(tmp_path, "colours", version="2.0")

    monkeypatch.setattr(wheelhouse, "_pip", pip)
    found = wheelhouse.fill(tmp_path, "win_amd64", "3.12")
    assert asked == [[], ["colours>=2"]]
    assert [name.partition("-")[0] for name in found] == [
        "bar", "colours", "industry_education_abm", "pip", "quick", "sheet", "theirs",
    ]  # fmt: skip
    assert sorted(path.name for path in tmp_path.glob("*.whl")) == found
    assert "colours-2.1-py3-none-any.whl" in found
    needed, missing = wheelhouse.closure(tmp_path, "linux_x86_64", "3.11")
    assert "colours" not in needed and missing == ["shell", "clock"]


def test_python_for_windows_is_taken_only_with_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(address: str, timeout: float) -> None:
        assert address.startswith("https://www.python.org/") and address.endswith(".zip")
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", no_network)
    assert not wheelhouse.embeddable(tmp_path)
    other = tmp_path / "other.zip"
    other.write_bytes(b"PK")
    with pytest.raises(InputError, match=r"other\.zip does not match its published hash: .*SHA-256 4acbed"):
        wheelhouse.embeddable(tmp_path, other)
    with pytest.raises(InputError, match="cannot be read"):
        wheelhouse.embeddable(tmp_path, tmp_path / "none.zip")
    assert not (tmp_path / wheelhouse.WINDOWS_PYTHON.file).exists()


@pytest.mark.parametrize("system", wheelhouse.SYSTEMS)
def test_the_file_to_open(system: str, tmp_path: Path) -> None:
    python = wheelhouse.python_for(system, None)
    start = wheelhouse.write_start(tmp_path, system, python, "0.1.0")
    text = start.read_bytes()
    readme = (tmp_path / "README.txt").read_bytes()
    assert readme.startswith(b"\xef\xbb\xbf")
    assert b"ABM_MANUAL" in text and b"index.html" not in readme
    (tmp_path / "manual").mkdir()
    wheelhouse.write_start(tmp_path, system, python, "0.1.0")
    assert b"manual/index.html" in (tmp_path / "README.txt").read_bytes()
    if start.suffix == ".bat":
        assert text.isascii() and text.count(b"\r\n") == text.count(b"\n") > 30
        assert "双击" in readme.decode()
        assert b"python312._pth" in text and wheelhouse.WINDOWS_PYTHON.sha256 in readme.decode()
    else:
        assert subprocess.run([shutil.which("sh") or "sh", "-n", str(start)]).returncode == 0
        assert wheelhouse.WINDOWS_PYTHON.sha256 not in readme.decode()


def test_a_folder_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill(wheels: Path, system: str, python: str) -> list[str]:
        return [path.name for path in wheels.iterdir()]

    def own(folder: Path) -> Path:
        folder.mkdir(parents=True)
        return made(folder, wheelhouse.NAME)

    monkeypatch.setattr(wheelhouse, "fill", fill)
    monkeypatch.setattr(wheelhouse, "own_wheel", own)
    monkeypatch.setattr(assets, "pack", lambda file: file.write_bytes(b"tar"))
    monkeypatch.setattr(wheelhouse, "embeddable", lambda folder, given: False)
    stick = tmp_path / "stick"
    assert main(["wheelhouse", str(stick), "--for", "win_amd64"]) == 1
    assert "1 wheels for win_amd64, Python 3.12" in (printed := capsys.readouterr().out)
    assert "still missing: python-3.12.10-embed-amd64.zip" in printed
    assert {"wheels", "page_files.tar", "start.bat", "README.txt"} <= {path.name for path in stick.iterdir()}
    assert main(["--lang", "zh", "wheelhouse", str(stick)]) == 2
    assert "不是空的" in capsys.readouterr().err
    assert main(["wheelhouse", str(tmp_path / "b"), "--for", "win_amd64", "--python", "3.11"]) == 2
    assert "Python 3.12.10 goes into the folder" in capsys.readouterr().err
    assert main(["wheelhouse", str(tmp_path / "b"), "--for", "linux_x86_64", "--python", "2.7"]) == 2
    assert main(["wheelhouse", str(tmp_path / "c"), "--for", "linux_x86_64", "--python", "3.13"]) == 0
    assert "start there: start.sh" in capsys.readouterr().out
