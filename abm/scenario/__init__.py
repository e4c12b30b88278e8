"""What is asked of a world: scenarios, the rules of policy in them, and where they are read and checked."""

from abm.scenario.scenario import (
    DEEPEST,
    FOLDER,
    LARGEST,
    InputError,
    PopulationSpec,
    Scenario,
    ScenarioError,
    from_toml,
    load,
    names,
)

__all__ = [
    "DEEPEST",
    "FOLDER",
    "LARGEST",
    "InputError",
    "PopulationSpec",
    "Scenario",
    "ScenarioError",
    "from_toml",
    "load",
    "names",
]
