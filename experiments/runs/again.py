"""Runs made again: whether they give the same hash, and in what the versions differ from those that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.runs.chunks import PlannedRun, simulate

if TYPE_CHECKING:
    from abm.results import Results
    from abm.world.state import State
    from experiments.design import Design

TOLD = ("numpy", "numba", "llvmlite", "scipy", "pandas", "pyarrow", "scikit-learn", "SALib", "optuna")
"""Packages whose versions are compared."""


class _Patient:
    """Lets a run come to its end."""

    def begin_steps(self) -> None:
        """Nothing to prepare."""

    def __call__(self, state: State) -> bool:
        return False


@dataclass(frozen=True)
class Again:
    """One result, and what came out when it was made again."""

    name: str
    before: str
    now: str

    @property
    def is_same(self) -> bool:
        """Whether both are one."""
        return self.before == self.now

    def words(self) -> str:
        """A line for a reader."""
        return f"{self.name}: {f'the same ({self.now})' if self.is_same else f'{self.now}, and it was {self.before}'}"


def run_of(design: Design, run: PlannedRun) -> Results:
    """One run of a design, whole."""
    return simulate(design, run, _Patient())


def versions_apart(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """In what two installations differ, a line each: model, commit, Python, and packages that reckon."""
    lines = [
        f"{key}: {before.get(key)} then, {now.get(key)} now"
        for key in ("model", "abm", "commit", "python", "platform", "processor")
        if before.get(key) and now.get(key) and before.get(key) != now.get(key)
    ]
    old, new = dict(before.get("packages") or {}), dict(now.get("packages") or {})
    return lines + [
        f"{name}: {old[name]} then, {new.get(name, 'not installed')} now"
        for name in TOLD
        if name in old and old[name] != new.get(name)
    ]
