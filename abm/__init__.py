"""An agent-based laboratory for industry-education integration.

    import abm
    results = abm.run("classroom", seed=1)
    print(results.summary())

`import abm` is cheap: each name below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from abm.machine.version import __version__

if TYPE_CHECKING:
    from abm.agents.model import IntegrationModel
    from abm.results import Results, run
    from abm.scenario import Scenario

__all__ = ["IntegrationModel", "Results", "Scenario", "__version__", "run"]

_HOMES = {"IntegrationModel": "abm.agents", "Results": "abm.results", "Scenario": "abm.scenario", "run": "abm.results"}


def __getattr__(name: str) -> Any:
    """Load a public name from its module (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'abm' has no attribute {name!r}; its public names are {', '.join(__all__)}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
