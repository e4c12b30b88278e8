"""What runs depend on beside their inputs: the model as it is now, and the installation that runs it."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import abm
from abm.results.code_identity import code_of_scenario, codes
from abm.results.folder import commit
from abm.scenario import Scenario

_PACKAGE = Path(abm.__file__).parent
SHOWN = (
    "__main__.py", "commands", "languages", "scenario/shipped", "results/report.py", "results/figures",
    "results/summary.py", "results/progress.py", "results/warmup.py",
)  # fmt: skip
"""Files and folders of the model that only show, or whose contents are part of every run's key anyway."""


@cache
def model() -> str:
    """Version of the model with a hash of all its files that can touch a result, such as 0.1.0+3f2a91c04b5d."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(_PACKAGE.rglob("*")):
        inside = path.relative_to(_PACKAGE)
        if path.suffix in (".py", ".toml", ".csv") and not any(inside.is_relative_to(shown) for shown in SHOWN):
            digest.update(f"{inside.as_posix()}\n".encode() + path.read_bytes())
    return f"{abm.__version__}+{digest.hexdigest()}"


def tables_of(scenario: Scenario) -> str:
    """Hash of the user's own population tables, empty where the world is made otherwise."""
    spec = scenario.population
    if spec.source != "tables":
        return ""
    digest = hashlib.blake2b(digest_size=8)
    for given in spec.path.split(os.pathsep):
        path = Path(given)
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def code_of(scenario: Scenario, simulator: str) -> dict[str, str]:
    """Hashes of the code from outside the model that runs use, by module; empty where they use none."""
    own = codes([simulator.partition(":")[0]]) if simulator else {}
    return own | code_of_scenario(scenario)


@cache
def installation() -> dict[str, Any]:
    """Commit, Python, processor and the exact versions of all packages."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    return {
        "commit": commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": binding.get_host_cpu_name(),
        "processor_features": sorted(name for name, is_there in features.items() if is_there),
        "packages": dict(sorted({d.name: d.version for d in distributions()}.items())),
    }
