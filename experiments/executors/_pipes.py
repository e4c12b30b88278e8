"""Messages through a pipe: their length in eight bytes, then themselves."""

from __future__ import annotations

from typing import IO

_LENGTH = 8
FIT, LAST = b"+", b"-"
"""First byte of an answer: whether the worker takes another task."""


def send(pipe: IO[bytes] | None, message: bytes) -> None:
    """Write one message."""
    if pipe is None:
        raise OSError("there is no pipe")
    pipe.write(len(message).to_bytes(_LENGTH, "little") + message)
    pipe.flush()


def receive(pipe: IO[bytes] | None) -> bytes | None:
    """Read one message; None if the other side is gone."""
    if pipe is None:
        return None
    head = pipe.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    length = int.from_bytes(head, "little")
    message = pipe.read(length)
    return message if len(message) == length else None
