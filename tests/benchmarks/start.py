"""What a person waits for: the help text, a run with compiled kernels, the very first run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import python

REPEATS = 5


def _typical(*words: str) -> float:
    return median(python(*words).seconds for _ in range(REPEATS))


def measure(is_quick: bool) -> Iterator[Figure]:
    """From shell to result, median of some calls after one that does not count."""
    for words, target in ((("run", "classroom"), 2.0), (("--help",), 0.3)):
        python("-m", "abm", *words)
        seconds = _typical("-m", "abm", *words)
        yield Figure(
            "start", f"abm {' '.join(words)}", seconds, "s", target, note=f"median of {REPEATS} calls, kernels cached"
        )


def measure_cold(is_quick: bool) -> Iterator[Figure]:
    """The first run ever: an empty cache, all kernels to be compiled."""
    with tempfile.TemporaryDirectory() as cache:
        seconds = python("-m", "abm", "run", "classroom", ABM_CACHE_DIR=cache).seconds
    yield Figure("cold", "abm run classroom, first ever", seconds, "s", note="nothing cached: all kernels are compiled")
