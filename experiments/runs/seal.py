"""Seal: a checksum of a whole file, written into the file itself, so that no bit of it changes unseen.

A place of fixed length is left open when the file is written; what is then entered there is the hash of all bytes
with the place open. Parquet's own checksums cover pages only: a bit of its footer makes other numbers of whole pages.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

KEY = "checksum"
OPEN = "0" * 32
_PLACE = re.compile(rb"checksum(?:\": \"|\x18\x20)([0-9a-f]{32})")
"""In JSON (the first entry) and in a parquet file's own entries (at the end), as the format has a text of 32 bytes."""


class SealError(OSError):
    """A file that is not as it was written; says which."""


class UnsealedError(SealError):
    """A file without a checksum: of an earlier version, or one whose place for it is spoilt."""


def sealed(content: bytes) -> bytes:
    """The content, whose place is open, with its checksum."""
    place = _place(content)
    if place is None or content[place : place + len(OPEN)] != OPEN.encode():
        raise ValueError("there is no open place for a checksum")
    return _with(content, place, _digest(content).encode())


def checked(path: Path) -> bytes:
    """The content of a sealed file. SealError if it is not what was written."""
    content = path.read_bytes()
    place = _place(content)
    name = f"{path.parent.name}/{path.name}"
    if place is None:
        raise UnsealedError(f"{name} has no checksum")
    if _digest(_with(content, place, OPEN.encode())).encode() != content[place : place + len(OPEN)]:
        raise SealError(f"{name} is not as it was written: its checksum does not fit")
    return content


def _place(content: bytes) -> int | None:
    """Where the checksum is: the last such place of a parquet file, the first of any other."""
    found = [match.start(1) for match in _PLACE.finditer(content)]
    if not found:
        return None
    return found[-1] if content.startswith(b"PAR1") else found[0]


def _with(content: bytes, place: int, text: bytes) -> bytes:
    return content[:place] + text + content[place + len(text) :]


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=len(OPEN) // 2).hexdigest()
