"""A helper: which party names the contract."""

from __future__ import annotations

STUDENTS = 3
