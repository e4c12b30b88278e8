"""Folders from which code is loaded: this user's own, so that nobody else can have put anything there.

Compiled kernels come back from their cache as pickles, and a pickle runs whatever its author wants. A folder is
trusted if this user owns it and everything in it, nobody else can enter it, nothing in it is a symbolic link, and
nobody else can put another folder in its place.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

PRIVATE = 0o700


def user() -> int | None:
    """Number of this user; None where the system knows none (Windows, whose folders for users are their own)."""
    return os.getuid() if hasattr(os, "getuid") else None


def made(below: Path, *names: str) -> Path:
    """The folder ``below/names...``, made where it lacks, this user's own from the first of the names on.

    OSError, which says why, if it cannot be, or cannot be trusted or written to.
    """
    folder = below.resolve()
    for lacking in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        lacking.mkdir(mode=PRIVATE, exist_ok=True)
    check_place(folder)
    for name in names:
        folder = folder / name
        folder.mkdir(mode=PRIVATE, exist_ok=True)
        _take(folder)
    with tempfile.TemporaryFile(dir=folder):
        pass
    return folder


def check_place(folder: Path) -> None:
    """PermissionError if another user could put something else in the place of a folder or of one above it."""
    if user() is None:
        return
    for place in (folder, *folder.parents):
        about = place.stat()
        if about.st_uid not in (0, user()):
            raise PermissionError(f"{place} belongs to another user")
        if about.st_mode & stat.S_IWOTH and not about.st_mode & stat.S_ISVTX:
            raise PermissionError(f"everybody can write to {place}")


def check(folder: Path) -> None:
    """PermissionError if a folder of a trusted one, or anything in it, is a link or another user's."""
    if user() is not None and os.path.lexists(folder):
        for path in chain((folder,), _inside(folder)):
            # What another process is still writing may get its name meanwhile.
            with suppress(FileNotFoundError):
                _check_owner(path, path.lstat())


def _inside(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        yield from (Path(place) / name for name in (*folders, *files))


def _check_owner(path: Path, about: os.stat_result) -> None:
    if stat.S_ISLNK(about.st_mode):
        raise PermissionError(f"{path} is a symbolic link")
    if about.st_uid != user():
        raise PermissionError(f"{path} belongs to another user")


def _take(folder: Path) -> None:
    """Close a folder of this user to others."""
    if user() is None:
        return
    about = folder.lstat()
    _check_owner(folder, about)
    if stat.S_IMODE(about.st_mode) != PRIVATE:
        folder.chmod(PRIVATE)
