"""Validation patterns: what integration is known to do, and whether the model does it.

One file a pattern, found by discovery. A pattern is a module of this folder with PATTERN, a
``Pattern``: two or more worlds run under the same seeds, and the effects that must show between
them. To add one, copy ``v13_student_evaluation.py``. `abm validate` runs them all; a pattern that
does not hold is reported as such. Published figures (targets.csv) are asked in the same way: `abm validate --targets`.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from experiments.validation._pattern import Pattern
from experiments.validation._targets import patterns_of_targets

__all__ = ["patterns", "patterns_of_targets"]


@cache
def patterns() -> tuple[Pattern, ...]:
    """All patterns by number, the extra ones (F) last."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    found: list[Pattern] = [import_module(f"{__name__}.{name}").PATTERN for name in names]
    return tuple(sorted(found, key=lambda p: (p.number[0] != "V", int(p.number[1:]))))
