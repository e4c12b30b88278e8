"""A folder, for a stick, from which the dashboard starts on a machine without network, and on Windows without rights.

    wheels/            the package and all that it needs, for one system and version of Python
    manual/            the manual, where it was built (docs/build.py)
    page_files.tar     the page's third-party files (``abm assets --pack``)
    python-...zip      Windows: the embeddable Python, checked against its hash
    start.bat          or start.sh: installs from the folder once, then starts the dashboard
    README.txt         what to do, in English and Chinese

pip resolves for another system by the tags of its wheels, but reads the conditions of requirements (``sys_platform ==
"win32"``) as of this machine: what they ask for there is looked up in the wheels that came, and asked for too.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import Parser
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from abm.machine import disk
from abm.machine.errors import InputError

NAME = "industry-education-abm"
EXTRA = "excel"
TIMEOUT = 60.0
ROUNDS = 5
"""Times that wheels may ask for more wheels; two are enough for what we need today."""
BUILDER = Version("77")
"""Of setuptools, as pyproject.toml asks for it."""
ROOT = Path(__file__).parents[2]
SOURCES = ("abm", "experiments", "dashboards", "pyproject.toml", "setup.py", "README.md", "LICENSE")


@dataclass(frozen=True)
class System:
    """A kind of machine, as pip's tags and as the conditions of requirements know it."""

    tags: tuple[str, ...]
    conditions: dict[str, str]

    @property
    def is_windows(self) -> bool:
        return self.conditions["os_name"] == "nt"


def _of(os_name: str, sys_platform: str, system: str, machine: str) -> dict[str, str]:
    return {"os_name": os_name, "sys_platform": sys_platform, "platform_system": system, "platform_machine": machine}


def _linux(machine: str) -> System:
    tags = (*(f"manylinux_2_{n}_{machine}" for n in range(17, 29)), f"manylinux2014_{machine}", f"linux_{machine}")
    return System(tags, _of("posix", "linux", "Linux", machine))


SYSTEMS = {
    "win_amd64": System(("win_amd64",), _of("nt", "win32", "Windows", "AMD64")),
    "macos_arm64": System(
        tuple(f"macosx_{n}_0_{kind}" for n in range(11, 15) for kind in ("arm64", "universal2")),
        _of("posix", "darwin", "Darwin", "arm64"),
    ),
    "linux_x86_64": _linux("x86_64"),
    "linux_aarch64": _linux("aarch64"),
}


@dataclass(frozen=True)
class Embeddable:
    """Python for Windows that needs no installation, as python.org publishes it."""

    version: str
    sha256: str

    @property
    def file(self) -> str:
        return f"python-{self.version}-embed-amd64.zip"

    @property
    def address(self) -> str:
        return f"https://www.python.org/ftp/python/{self.version}/{self.file}"

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


WINDOWS_PYTHON = Embeddable("3.12.10", "4acbed6dd1c744b0376e3b1cf57ce906f9dc9e95e68824584c8099a63025a3c3")
"""The last 3.12 of which python.org publishes programs for Windows."""


def here() -> str:
    """Key of the system that this machine is; that of most lecture rooms if it is none of them."""
    kind, machine = sys.platform, platform.machine().lower()
    if kind == "linux" and f"linux_{machine}" in SYSTEMS:
        return f"linux_{machine}"
    return "macos_arm64" if kind == "darwin" and machine == "arm64" else "win_amd64"


def python_for(system: str, wanted: str | None) -> str:
    """Version of Python (3.12) whose wheels are wanted."""
    if SYSTEMS[system].is_windows:
        if wanted not in (None, WINDOWS_PYTHON.minor):
            mend = f"leave it out: Python {WINDOWS_PYTHON.version} goes into the folder"
            raise InputError(f"--python {wanted}", why="is not for Windows", mend=mend)
        return WINDOWS_PYTHON.minor
    python = wanted or f"{sys.version_info.major}.{sys.version_info.minor}"
    if python not in ("3.11", "3.12", "3.13", "3.14"):
        raise InputError(f"--python {python}", why="is not a version that this runs on", mend="give 3.11 to 3.14")
    return python


def own_wheel(folder: Path) -> Path:
    """The wheel of this very package: built from its sources, or packed again as it was installed."""
    from abm.results.folder import BUILT_FROM, commit

    folder.mkdir(parents=True, exist_ok=True)
    if (ROOT / "setup.py").is_file():
        # In a copy: what an earlier build has left beside the sources would come along.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            copy = Path(place) / "sources"
            for name in SOURCES:
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
                else:
                    shutil.copy2(source, copy / name)
            (copy / "abm" / BUILT_FROM).write_text(f"{commit() or ''}\n", encoding="utf-8")
            # With what is here, if it is new enough: no network is needed then.
            has_builder = Version(version("setuptools")) >= BUILDER if find_spec("setuptools") else False
            _pip("wheel", *(["--no-build-isolation"] * has_builder), "--no-deps", "-w", str(folder), str(copy))
    else:
        _pack_again(folder)
    return _wheels(folder)[NAME]


def _pack_again(folder: Path) -> None:
    """A wheel of the files of the installed package."""
    found = distribution(NAME)
    if not any(file.parts[0] == "abm" for file in found.files or ()):
        mend = "install it from a wheel or from its sources (`pip install .`)"
        raise InputError(f"`{NAME}`", why="is not installed as a package whose files are known", mend=mend)
    written_by_pip = {"INSTALLER", "REQUESTED", "direct_url.json"}
    path = folder / f"{NAME.replace('-', '_')}-{found.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file in found.files or ():
            is_ours = ".." not in file.parts and "__pycache__" not in file.parts and file.name not in written_by_pip
            if is_ours and file.name != "RECORD":
                wheel.write(str(file.locate()), file.as_posix())
        record = next(file for file in found.files or () if file.name == "RECORD")
        lines = [f"{name},," for name in wheel.namelist()]
        wheel.writestr(record.as_posix(), "\n".join([*lines, f"{record.as_posix()},,", ""]))


def fill(wheels: Path, system: str, python: str) -> list[str]:
    """Put everything that the package needs there beside its wheel; returns the names of the wheels."""
    own = _wheels(wheels)[NAME]
    wanted, missing = [f"{own}[{EXTRA}]", "pip"], list[str]()
    for _ in range(ROUNDS):
        _download(wanted, wheels, SYSTEMS[system], python)
        needed, missing = closure(wheels, system, python)
        if not missing:
            kept = {path for name, path in _wheels(wheels).items() if name in needed}
            for path in set(wheels.glob("*.whl")) - kept:
                disk.remove(path)
            return sorted(path.name for path in kept)
        wanted += missing
    raise InputError(
        ", ".join(missing), why="could not be found as wheels for this system", mend="give `--python 3.12`"
    )


def closure(wheels: Path, system: str, python: str) -> tuple[set[str], list[str]]:
    """Names of all packages that are needed on a system, and requirements of which no wheel is there."""
    there = _wheels(wheels)
    conditions = SYSTEMS[system].conditions | {"python_version": python, "python_full_version": f"{python}.0"}
    ahead, seen, missing = [(NAME, EXTRA), ("pip", "")], set[tuple[str, str]](), dict[str, str]()
    while ahead:
        name, extra = ahead.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        if extra:
            ahead.append((name, ""))
        for need in _requirements(there[name]):
            if need.marker and not need.marker.evaluate(conditions | {"extra": extra}):
                continue
            other = canonicalize_name(need.name)
            if other in there:
                ahead.extend((other, wanted) for wanted in ("", *need.extras))
            else:
                missing[other] = f"{need.name}{need.specifier}"
    return {name for name, _ in seen}, list(missing.values())


def _wheels(folder: Path) -> dict[str, Path]:
    """Wheels of a folder by the name of their package; of several the newest."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.whl"), key=lambda path: parse_wheel_filename(path.name)[1]):
        found[parse_wheel_filename(path.name)[0]] = path
    return found


def _requirements(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as content:
        name = next(name for name in content.namelist() if name.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(content.read(name).decode("utf-8"))
    return [Requirement(text) for text in about.get_all("Requires-Dist") or ()]


def _download(wanted: Sequence[str], folder: Path, system: System, python: str) -> None:
    tags = [word for tag in (*system.tags, "any") for word in ("--platform", tag)]
    abis = ["--implementation", "cp", "--abi", f"cp{python.replace('.', '')}", "--abi", "abi3", "--abi", "none"]
    _pip("download", "--only-binary=:all:", "--python-version", python, *tags, *abis, "-d", str(folder), *wanted)


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words, "--quiet"]
    answer = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if answer.returncode:
        lines = [line for line in answer.stderr.splitlines() if line.strip()]
        last = next((line for line in reversed(lines) if "ERROR" in line or "No module" in line), "no reason given")
        mend = "see that pip is there (`python -m ensurepip`) and that this machine has a network"
        raise InputError("`pip`", why=f"could not get the packages ({last.strip()[:300]})", mend=mend)


def embeddable(folder: Path, given: Path | None = None) -> bool:
    """Put Python for Windows into the folder, from a file or from python.org; False if there is no way to get it."""
    target = folder / WINDOWS_PYTHON.file
    if given is not None:
        try:
            content = given.read_bytes()
        except OSError as error:
            raise InputError(str(given), why=f"cannot be read ({error.strerror})", mend="name the file") from None
    elif target.is_file():
        content = target.read_bytes()
    else:
        try:
            with urllib.request.urlopen(WINDOWS_PYTHON.address, timeout=TIMEOUT) as answer:
                content = answer.read()
        except OSError:
            return False
    if hashlib.sha256(content).hexdigest() != WINDOWS_PYTHON.sha256:
        mend = f"it must be {WINDOWS_PYTHON.address} with SHA-256 {WINDOWS_PYTHON.sha256}"
        raise InputError(str(given or target), why="does not match its published hash", mend=mend)
    target.write_bytes(content)
    return True


def write_start(folder: Path, system: str, python: str, release: str) -> Path:
    """The file that a teacher opens, and what to read first. Returns the file."""
    is_windows = SYSTEMS[system].is_windows
    text = (START_BAT if is_windows else START_SH).format(
        version=release, python=python, zip=WINDOWS_PYTHON.file, pth=f"python{python.replace('.', '')}", name=NAME
    )
    start = folder / ("start.bat" if is_windows else "start.sh")
    # cmd.exe reads lines that end as Windows ends them.
    start.write_text(text, encoding="ascii", newline="\r\n" if is_windows else "\n")
    start.chmod(0o755)
    what = ("Double-click start.bat", "双击 start.bat") if is_windows else ("Run ./start.sh", "运行 ./start.sh")
    readme = README.format(
        version=release, en=what[0], zh=what[1], file=WINDOWS_PYTHON.file, address=WINDOWS_PYTHON.address,
        sha=WINDOWS_PYTHON.sha256, manual=MANUAL if (folder / "manual").is_dir() else "",
    )  # fmt: skip
    if not is_windows:
        readme = readme.partition("---")[0].rstrip() + "\n"
    # With the mark by which Notepad knows UTF-8.
    (folder / "README.txt").write_text(readme, encoding="utf-8-sig", newline="\r\n" if is_windows else "\n")
    return start


README = """industry-education-abm {version}

{en}: the first start installs from this folder into your own (some minutes, no network, no rights needed),
then the dashboard opens in the browser. Words behind it are handed on: start run classroom --seed 7

{zh}：第一次启动时从本文件夹安装到您自己的用户文件夹（需几分钟，不需要网络和管理员权限），
然后在浏览器中打开仪表盘。后面的词会传给 abm：start run classroom --seed 7

{manual}
---
Python for Windows / Windows 版 Python：{file}
{address}
SHA-256 {sha}
"""

MANUAL = """The manual / 手册：manual/index.html

"""

START_BAT = """@echo off
rem industry-education-abm {version}: installs from this folder once, then starts the dashboard.
setlocal
set "HERE=%~dp0"
set "HOME_DIR=%LOCALAPPDATA%\\{name}\\stick-{version}"
set "PY=%HOME_DIR%\\python\\python.exe"
set "PYTHONUTF8=1"
set "ABM_MANUAL=%HERE%manual"
if exist "%HOME_DIR%\\ready" goto run
if not exist "%HERE%{zip}" (
    echo {zip} is missing beside start.bat: README.txt says where it comes from.
    pause
    exit /b 1
)
echo Installing, once. This takes some minutes.
if not exist "%HOME_DIR%\\python" mkdir "%HOME_DIR%\\python"
tar -xf "%HERE%{zip}" -C "%HOME_DIR%\\python" || goto failed
(
    echo {pth}.zip
    echo .
    echo Lib\\site-packages
    echo import site
) > "%HOME_DIR%\\python\\{pth}._pth"
for %%w in ("%HERE%wheels\\pip-*.whl") do set "PIP=%%~fw"
"%PY%" "%PIP%\\pip" install -q --no-index --no-warn-script-location -f "%HERE%wheels" "{name}[excel]" || goto failed
"%PY%" -m abm assets --from "%HERE%page_files.tar" || goto failed
echo ready > "%HOME_DIR%\\ready"
:run
if "%~1"=="" ("%PY%" -m abm dashboard) else ("%PY%" -m abm %*)
if errorlevel 1 pause
exit /b %errorlevel%
:failed
echo The installation did not end: see above. It begins anew at the next start.
pause
exit /b 1
"""

START_SH = """#!/bin/sh
# industry-education-abm {version}: installs from this folder once, then starts the dashboard.
set -e
here="$(cd "$(dirname "$0")" && pwd)"
home="${{XDG_DATA_HOME:-$HOME/.local/share}}/{name}/stick-{version}"
python="$home/bin/python"
export ABM_MANUAL="$here/manual"
if [ ! -e "$home/ready" ]; then
    if ! command -v python{python} >/dev/null; then
        echo "python{python} is missing on this machine: install it, or make the folder for another version (--python)"
        exit 1
    fi
    echo "Installing, once. This takes some minutes."
    python{python} -m venv --clear --without-pip "$home"
    "$python" "$(echo "$here"/wheels/pip-*.whl)/pip" install -q --no-index -f "$here/wheels" "{name}[excel]"
    "$python" -m abm assets --from "$here/page_files.tar"
    touch "$home/ready"
fi
if [ $# = 0 ]; then set -- dashboard; fi
exec "$python" -m abm "$@"
"""
