"""What a run leaves behind: from a scenario to tables, a folder, a summary and a report."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abm.results.run_tables import TABLES
    from abm.results.running import Results, Run, Watcher, processors, run

__all__ = ["TABLES", "Results", "Run", "Watcher", "processors", "run"]


def __getattr__(name: str) -> Any:
    """Load a public name from its module (PEP 562): who only reads results waits for no compiler."""
    if name not in __all__:
        raise AttributeError(f"module 'abm.results' has no attribute {name!r}")
    return getattr(import_module(f"abm.results.{'run_tables' if name == 'TABLES' else 'running'}"), name)
