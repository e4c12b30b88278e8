"""What questions share: running a design in the setting's store, and saying where the runs come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from experiments.design import Design
from experiments.evaluator import Evaluator
from experiments.sweep import sweep

if TYPE_CHECKING:
    from experiments.questions import Setting
    from experiments.sweep.store import Study

KCNY_A_MILLION = 1000.0
"""Money of the model is in 1,000 yuan."""


def study(setting: Setting, design: Design) -> Study:
    """Run what is missing of a design, and return the study."""
    return sweep(setting.varied(design), store=setting.store, workers=setting.workers, is_quiet=setting.is_quiet)


def evaluator(setting: Setting, design: Design) -> Evaluator:
    """The design as a simulator, for methods that choose their own points. Use it in a ``with``."""
    return Evaluator(setting.varied(design), store=setting.store, workers=setting.workers)


def provenance(designs: Iterable[Design], **others: Any) -> dict[str, Any]:
    """Designs with seeds and replications, and whatever else makes the runs again."""
    used = list(designs)
    about = "; ".join(f"{d.name} ({d.replications} replications, study seed {d.seed})" for d in used)
    return {"designs": about, "base scenarios": ", ".join(dict.fromkeys(d.base.name for d in used)), **others}
