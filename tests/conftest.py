"""What all tests share: which of them are slow."""

from __future__ import annotations

from pathlib import Path

import pytest

SLOW = {
    "test_benchmarks",
    "test_boundary",
    "test_browser",
    "test_calibration",
    "test_dask",
    "test_discovery",
    "test_failures",
    "test_invariants",
    "test_lessons",
    "test_method_commands",
    "test_methods_documentation",
    "test_parameters_matter",
    "test_phases_write",
    "test_policy_commands",
    "test_population_tables",
    "test_posterior",
    "test_questions",
    "test_same_bytes",
    "test_search",
    "test_sensitivity",
    "test_situations",
    "test_twin",
    "test_validation",
    "test_views_in_browser",
    "test_warmup",
}
"""Files that play many worlds. They run on one Python; the others run the rest (`-m "not slow"`)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).stem in SLOW:
            item.add_marker("slow")
