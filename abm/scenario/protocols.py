"""Names of the bargaining protocols that a scenario may ask for.

They are found by their files and loaded by the negotiation (abm/quarter/negotiation/protocols): a scenario is read
and checked without anything that a quarter is played with.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from abm.machine import plugins
from abm.machine.errors import ScenarioError, nearest

FOLDER = Path(__file__).parents[1] / "quarter" / "negotiation" / "protocols"


def inside() -> list[str]:
    """Those that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.name.startswith("_"))


@plugins.kept
def outside() -> dict[str, ModuleType]:
    """Modules of plug-ins with a function ``agree``, by name; PluginError for one whose name is taken."""
    found: dict[str, ModuleType] = {}
    for module in plugins.modules_with("agree"):
        name = module.__name__.rpartition(".")[2]
        if name in found or name in inside():
            raise plugins.taken(module, "agree", "protocol", name)
        found[name] = module
    return found


@plugins.kept
def _names() -> tuple[str, ...]:
    return tuple(sorted([*inside(), *outside()]))


def names() -> list[str]:
    """All protocols that can be found."""
    return list(_names())


def check(name: str) -> None:
    """ScenarioError, which suggests the nearest, for a protocol that does not exist."""
    if name not in _names():
        raise ScenarioError(
            f"protocol `{name[:60]}`",
            why="does not exist",
            mend=nearest(name[:60], names()),
            code="scenario.unknown_protocol",
            values={"protocol": name[:60]},
        )
