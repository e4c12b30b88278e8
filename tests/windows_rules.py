"""Rules of Windows, of its shares and drives, and of its consoles, put under the real calls of this system.

Each rule replaces a call of the operating system, never one of the project. A test asks the fixture ``windows`` for
the rules that it needs; `Windows.in_children` puts them under the processes that it starts.
"""

from __future__ import annotations

import errno
import mimetypes
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OPEN = Path("/proc/self/fd")
"""Where Linux lists what a process has open."""
REGISTRY = {".js": "text/plain", ".mjs": "text/plain", ".css": "text/plain", ".svg": "text/plain", ".json": "text/x"}
"""What programs are known to write into the registry, and kinds that it does not know."""


def refusal(number: int, path: object) -> PermissionError:
    """What Windows says: 5 access denied, 32 somebody else has it open."""
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))  # type: ignore[call-overload]
    error.winerror = number  # type: ignore[attr-defined]
    return error


def open_in_this_process(path: object) -> bool:
    """Whether a file, or one below a folder, is open: without leave to others to remove it, as programs open files."""
    wanted = os.path.realpath(os.fspath(path))  # type: ignore[call-overload]
    for entry in OPEN.iterdir():
        try:
            found = str(entry.readlink())
        except OSError:
            continue
        if found == wanted or found.startswith(f"{wanted}/"):
            return True
    return False


class Windows:
    """The rules, each put in force by its method."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.refused: list[str] = []
        """What was refused because it was open."""
        self.unflushed: list[int] = []
        """Codes with which a folder was not flushed."""

    def flushes_only_what_is_open_for_writing(self) -> None:
        """os.fsync of a descriptor that cannot write: EBADF."""
        import fcntl

        honest = os.fsync

        def fsync(handle: Any) -> None:
            number = handle if isinstance(handle, int) else handle.fileno()
            if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            honest(handle)

        self.patch.setattr(os, "fsync", fsync)

    def opens_no_folder(self) -> None:
        """os.open of a folder: EACCES."""
        honest = os.open

        def open_(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
            if not more and not isinstance(path, int) and os.path.isdir(path):  # noqa: PTH112
                raise refusal(5, path)
            return honest(path, flags, mode, **more)

        self.patch.setattr(os, "open", open_)

    def flushes_no_folder(self, code: int = errno.EINVAL) -> None:
        """os.fsync of a folder, as on shares."""
        honest = os.fsync

        def fsync(handle: Any) -> None:
            if isinstance(handle, int) and stat.S_ISDIR(os.fstat(handle).st_mode):
                self.unflushed.append(code)
                raise OSError(code, os.strerror(code))
            honest(handle)

        self.patch.setattr(os, "fsync", fsync)

    def keeps_what_is_open(self) -> None:
        """Nothing that is open in this process is replaced, renamed or removed: WinError 32, for a folder 5."""
        if not OPEN.is_dir():
            pytest.skip(f"what is open is not listed here: no {OPEN}")

        def kept(honest: Callable[..., Any], n_paths: int) -> Callable[..., Any]:
            def call(*paths: Any, **more: Any) -> Any:
                # There tempfile has another way, which needs no such removal.
                by_tempfile = sys._getframe(1).f_globals.get("__name__") == "tempfile"
                for path in () if by_tempfile else paths[:n_paths]:
                    if open_in_this_process(path):
                        self.refused.append(os.fspath(path))
                        raise refusal(5 if os.path.isdir(path) else 32, path)  # noqa: PTH112
                return honest(*paths, **more)

            return call

        # What works below an open folder is not there on Windows.
        self.patch.setattr(shutil, "_use_fd_functions", False)
        for name, n_paths in (("replace", 2), ("rename", 2), ("unlink", 1), ("remove", 1), ("rmdir", 1)):
            self.patch.setattr(os, name, kept(getattr(os, name), n_paths))

    def replaces_no_folder(self) -> None:
        """os.replace onto a folder: WinError 5; os.rename onto anything: WinError 183."""
        replace, rename = os.replace, os.rename

        def onto_no_folder(source: Any, target: Any) -> None:
            if os.path.isdir(target) and not os.path.samefile(source, target):  # noqa: PTH112, PTH121
                raise refusal(5, target)
            replace(source, target)

        def onto_nothing(source: Any, target: Any) -> None:
            if os.path.exists(target) and not os.path.samefile(source, target):  # noqa: PTH110, PTH121
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
            rename(source, target)

        self.patch.setattr(os, "replace", onto_no_folder)
        self.patch.setattr(os, "rename", onto_nothing)

    def makes_no_links(self) -> None:
        """Links are for administrators: WinError 1314."""

        def symlink(*paths: Any, **_: Any) -> None:
            raise OSError(errno.EINVAL, "A required privilege is not held by the client", str(paths[-1]))

        self.patch.setattr(os, "symlink", symlink)

    def registry_says(self, kinds: dict[str, str]) -> None:
        """Kinds of files as the registry has them; others it does not know."""

        def guess(name: Any, strict: bool = True) -> tuple[str | None, str | None]:
            path = str(name)
            encoding = "gzip" if path.endswith(".gz") else None
            return kinds.get(Path(path.removesuffix(".gz")).suffix), encoding

        for module in ("mimetypes", "starlette.responses"):
            self.patch.setattr(f"{module}.guess_type", guess)
        self.patch.setattr(mimetypes.MimeTypes, "guess_type", lambda self, name, strict=True: guess(name))

    def everything_about_files(self) -> None:
        """All rules of a disk of Windows."""
        self.opens_no_folder()
        self.flushes_only_what_is_open_for_writing()
        self.replaces_no_folder()
        self.keeps_what_is_open()
        self.makes_no_links()

    def in_children(self, folder: Path, rules: str = "everything_about_files()") -> None:
        """All rules of a disk, or others, in every Python that this one starts with its own search path."""
        (folder / "sitecustomize.py").write_text(
            f"import sys\nsys.path.append({str(Path(__file__).parents[1])!r})\n"
            "import pytest\nfrom tests.windows_rules import Windows\n"
            f"Windows(pytest.MonkeyPatch()).{rules}\n",
            encoding="utf-8",
        )
        self.patch.syspath_prepend(str(folder))
        self.patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
