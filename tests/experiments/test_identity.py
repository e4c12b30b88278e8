"""What a run's key holds of the model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import abm
from experiments.runs import identity


def test_what_the_version_leaves_out_no_run_needs() -> None:
    script = (
        "import sys, abm.results, abm.quarter, abm.population; abm.quarter.schedule(); "
        "print(*sorted(m for m in sys.modules if m.startswith('abm.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "abm.quarter.negotiation" in loaded
    package = Path(abm.__file__).parent
    assert all((package / name).exists() for name in identity.SHOWN)
    left_out = {f"abm.{name.removesuffix('.py').replace('/', '.')}" for name in identity.SHOWN}
    assert not [name for name in loaded if any(f"{name}.".startswith(f"{out}.") for out in left_out)]


def test_the_version_is_that_of_the_files() -> None:
    assert identity.model().startswith("0.1.0+")
    assert identity.model() == identity.model.__wrapped__()
