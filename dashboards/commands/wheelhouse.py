"""Make a folder, for a stick, from which the dashboard starts on a machine without network.

Wheels of the package and of all that it needs, for one system; the page's files; a file to open. For
Windows an embeddable Python too: nothing has to be installed there, and no rights are needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from abm.machine.language import say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm wheelhouse`."""
    from dashboards.serve import wheelhouse

    add = parser.add_argument
    add("folder", type=Path, metavar="DIR", help="folder to write (new or empty)")
    add("--for", dest="system", choices=tuple(wheelhouse.SYSTEMS), default=wheelhouse.here(),
        help="system of the machines that it is for (default: that of this one)")  # fmt: skip
    add("--python", metavar="X.Y", help="version of Python there (default: this one's; on Windows it comes along)")
    add("--embeddable", type=Path, metavar="FILE",
        help="Python for Windows from python.org, if this machine cannot fetch it (README.txt names it)")  # fmt: skip


def main(args: argparse.Namespace) -> int:
    """Fill the folder; 1 if Python for Windows is still missing in it."""
    import abm
    from abm.machine.errors import InputError
    from dashboards.serve import assets, manual, wheelhouse

    folder: Path = args.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}", why="is not empty", mend="name a new folder")
    is_windows = wheelhouse.SYSTEMS[args.system].is_windows
    python = wheelhouse.python_for(args.system, args.python)
    wheels = folder / "wheels"
    wheelhouse.own_wheel(wheels)
    names = wheelhouse.fill(wheels, args.system, python)
    assets.pack(folder / "page_files.tar")
    manual.copy(folder / "manual")
    start = wheelhouse.write_start(folder, args.system, python, abm.__version__)
    has_python = not is_windows or wheelhouse.embeddable(folder, args.embeddable)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    print(say("{n} wheels for {system}, Python {python}; {size} MB in {folder}",
              n=len(names), system=args.system, python=python, size=f"{size:.0f}", folder=folder))  # fmt: skip
    if not has_python:
        wanted = wheelhouse.WINDOWS_PYTHON
        print(say("still missing: {file} ({address}, SHA-256 {sha}); put it beside start.bat",
                  file=wanted.file, address=wanted.address, sha=wanted.sha256))  # fmt: skip
        return 1
    print(say("start there: {file}", file=start.name))
    return 0
