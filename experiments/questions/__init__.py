"""Questions: what the paper asks of the model, one file each, found by discovery; `abm questions` answers them.

A question is a module of this folder whose file name is its name (``lag_ratio.py``: `abm questions
lag-ratio`), with

    docstring    first line: the question in words; below it, why it is asked and how it is answered
    TITLE        a heading
    CAVEATS      a tuple of sentences: what a reader must know before quoting the answer
    ask          (Setting) -> Reply: run what is missing in the store, analyse, answer

``ask`` keeps all of its runs in ``setting.store`` (so that it goes on where it was stopped, and asks
nothing twice), uses at most ``setting.workers`` processes, and with ``setting.is_quick`` a fraction of
the runs: the same method, wider intervals.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from experiments.analysis.robustness import Variant
    from experiments.design import Design


@dataclass(frozen=True)
class Setting:
    """How questions are asked."""

    store: Path
    """Folder of the runs; all questions share it, so runs that two of them need are run once."""
    workers: int | None = None
    """Processes; None = all cores."""
    is_quick: bool = False
    is_quiet: bool = False
    variant: Variant | None = None
    """Another world in which the same is asked (experiments.analysis.robustness)."""

    def varied(self, design: Design) -> Design:
        """The design in the variant's world."""
        return design if self.variant is None else self.variant.change(design)


@dataclass(frozen=True)
class Reply:
    """An answer with everything that shows it."""

    answer: str
    """A few sentences that a teacher can read, with numbers, units and intervals."""
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Figure]
    n_runs: int
    """Runs behind the answer, whether they were run now or found in the store."""
    provenance: Mapping[str, object] = field(default_factory=dict[str, object])
    """What else makes the runs again: designs, seeds, replications."""
    caveats: tuple[str, ...] = ()
    """Found on the way (failed runs, intervals that include 0); those of the module come on top."""
    conclusions: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is concluded, in a few words, with its answer in one or two: `--robust` holds it against other worlds."""


@cache
def questions() -> dict[str, ModuleType]:
    """All questions by name, in alphabetical order."""
    found = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return {name.replace("_", "-"): import_module(f"{__name__}.{name}") for name in found}


def wording(question: ModuleType) -> str:
    """The question in words: the first line of its docstring."""
    return (question.__doc__ or "").strip().partition("\n")[0]
