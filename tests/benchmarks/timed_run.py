"""The `abm` command with a clock on each phase: ``python -m tests.benchmarks.timed_run FILE run china ...``.

Writes the seconds of every phase and of all steps to FILE (JSON).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from abm import quarter
from abm.commands._main import main


def run(file: Path, words: list[str]) -> int:
    """Run the command; exit code of the command."""
    spent = dict.fromkeys(quarter.PHASES, 0.0)

    def timed(name, phase):
        def call(state, scenario) -> None:
            begun = time.perf_counter()
            phase(state, scenario)
            spent[name] += time.perf_counter() - begun

        return call

    phases = tuple(map(timed, quarter.PHASES, quarter.schedule()))
    quarter.schedule = lambda: phases
    code = main(words)
    file.write_text(json.dumps(spent))
    return code


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
