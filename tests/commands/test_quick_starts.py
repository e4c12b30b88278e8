"""What is asked for often is there at once: held by what is loaded for it, which a busy machine does not change."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"numba", "pandas", "pyarrow", "scipy", "mesa", "solara", "starlette", "matplotlib", "sklearn", "networkx"}
"""Packages that take a tenth of a second and more to load."""
OTHERS = HEAVY | {"numpy", "tqdm", "asyncio", "unittest", "experiments.runs", "experiments.design", "dashboards.live"}


def loaded(code: str) -> set[str]:
    """Modules and packages that a Python of its own has after some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('LOADED', *sys.modules)"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("LOADED ")[2].split())


def test_import_abm_loads_little() -> None:
    found = loaded("import abm")
    assert not found & OTHERS
    assert {name for name in found if name.startswith("abm.")} <= {"abm.machine", "abm.machine.version"}


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["sweep", "--help"], ["dashboard", "--help"]])
def test_help_loads_the_commands_and_no_model(words: list[str]) -> None:
    found = loaded(f"from abm.commands._main import main\ntry: main({words!r})\nexcept SystemExit: pass")
    assert not found & OTHERS
    # Each command's own file, and the machine beneath them.
    assert not [
        name for name in found if name.startswith(("abm.quarter", "abm.world", "abm.population", "abm.results"))
    ]
    assert "abm.commands.run" in found and "experiments.commands.sweep" in found


@pytest.mark.parametrize(
    "code",
    [
        "import abm.scenario; abm.scenario.load('classroom').with_overrides(protocol='nash', subsidy_rate=0.1)",
        "from abm.commands._main import main; main(['scenarios'])",
        "from abm.commands._main import main; main(['parameters'])",
        "from abm.commands._main import main; main(['policies'])",
    ],
)
def test_a_scenario_is_read_and_checked_without_what_a_quarter_is_played_with(code: str) -> None:
    found = loaded(code)
    assert "numba" not in found and not [name for name in found if name.startswith("abm.quarter")]
