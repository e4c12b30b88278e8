"""Errors that are the user's to mend: what, where, why, and how."""

from __future__ import annotations


class InputError(ValueError):
    """Something that a person gave is wrong; the message says what, where, why, and the mend."""
