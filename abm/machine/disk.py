"""Files and folders put into place, removed and flushed, as systems other than Linux allow it.

Windows, and the shares and drives that it serves, let nobody replace, move or remove a file that some program
has open (Excel, a viewer, a virus scanner, `abm status`). Most let go within moments, so everything here tries
again for a while; then an error names the file and says what to do. All of the project moves and removes here.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from abm.machine.errors import InputError

PATIENCE = 2.0
"""Seconds for which a file that somebody holds is tried again."""
FIRST_WAIT, LONGEST_WAIT = 0.01, 0.2
NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT))
"""What the system says where making room helps."""
HELD = frozenset((errno.EACCES, errno.EPERM, errno.EBUSY))
"""What it says of a file that somebody holds; Windows' numbers 5, 32 and 33 all come as EACCES."""
_CANNOT_FLUSH = frozenset((errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP))
"""What disks say that have no flush for such a thing: shares (SMB), drives of Windows under Linux, FUSE."""
_CANNOT_OPEN = frozenset((errno.EACCES, errno.EPERM, errno.EISDIR))
"""What systems say that let nobody open a folder."""


class HeldError(PermissionError):
    """Somebody has held a file for longer than one waits; ``filename`` is the file."""


class AsideError(OSError):
    """An older folder was put aside for a new one, and the disk lets neither take the place: ``filename`` is where."""


def replace(source: Path, target: Path, *, patience: float = PATIENCE) -> None:
    """Move a file or folder; a file at the target is replaced in one step. HeldError if somebody holds either."""
    _patiently(lambda: source.replace(target), (target, source), patience)


def rename(source: Path, target: Path) -> None:
    """Move a folder to where there is none yet, else FileExistsError or another OSError. HeldError if it is held."""
    _patiently(lambda: source.rename(target), (source,), PATIENCE)


def remove(path: Path) -> None:
    """Remove a file, if it is there. HeldError if somebody holds it."""
    _patiently(lambda: path.unlink(missing_ok=True), (path,), PATIENCE)


def discard(path: Path) -> None:
    """Remove a file or folder that nobody needs, or as much of it as can be."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink(missing_ok=True)


def take_place(fresh: Path, folder: Path) -> None:
    """Put a finished folder where an older one may stand. The older one goes last, and stays if this fails."""
    if not folder.exists():
        replace(fresh, folder)
        return
    aside = folder.with_name(f".{folder.name}-{os.urandom(4).hex()}.old")
    replace(folder, aside)
    try:
        replace(fresh, folder)
    except BaseException:
        try:
            replace(aside, folder)
        except OSError as error:
            raise AsideError(error.errno, os.strerror(error.errno or 0), str(aside)) from error
        raise
    discard(aside)


def flush(path: Path) -> None:
    """Wait until a file or a folder's list of files is on the disk, where the system can do that."""
    is_folder = path.is_dir()
    try:
        # Windows flushes only what is open for writing.
        handle = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    except OSError as error:
        if is_folder and error.errno in _CANNOT_OPEN:
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        # Some of them take a folder for a file that is open for reading only.
        allowed = _CANNOT_FLUSH | _CANNOT_OPEN | {errno.EBADF} if is_folder else _CANNOT_FLUSH
        if error.errno not in allowed:
            raise
    finally:
        os.close(handle)


def unwritable(what: str, error: OSError, mend: str) -> InputError:
    """What a person reads when something cannot be written: why, and what helps against just that.

    mend: how another place is given, such as "give another folder with --out".
    """
    if error.errno in NO_ROOM:
        mend = f"make room or {mend}"
    if isinstance(error, AsideError):
        mend = f"rename {error.filename} back, which is the older one, or {mend}"
    if isinstance(error, HeldError):
        mend = f"close {error.filename} in the program that has it open (Excel, a viewer, a virus scanner) or {mend}"
    return InputError(what, why=f"cannot be written ({said(error)})", mend=mend)


def said(error: OSError) -> str:
    """The system's own words; libraries put some of theirs around them."""
    return os.strerror(error.errno) if error.errno else str(error)


def _patiently(act: Callable[[], object], involved: tuple[Path, ...], patience: float) -> None:
    """Do it, again and again while somebody holds a file."""
    ends, wait = time.monotonic() + patience, FIRST_WAIT
    while True:
        try:
            act()
        except OSError as error:
            if error.errno not in HELD:
                raise
            if time.monotonic() + wait > ends:
                held = next(filter(None, map(_held, involved)), involved[0])
                raise HeldError(error.errno, error.strerror, str(held)) from error
        else:
            return
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)


def _held(path: Path) -> Path | None:
    """The file that is held: this one, or one in this folder. It is the one that cannot even take its own name."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            try:
                file.rename(file)
            except OSError:
                return file
    return None
