"""What all tests share: which of them are slow, and the rules of Windows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.windows_rules import Windows

# Whatever this machine speaks.
os.environ["ABM_LANG"] = "en"
# Every worker of pytest has a core: libraries that spread over all of them would only wait for one another.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
FIRST = (
    "test_visitors_leave", "test_many_phones", "test_questions", "test_failures", "test_policy_commands",
    "test_power_cut", "test_mishaps", "test_quick_switches", "test_run_command", "test_effects_command", "test_kernels",
    "test_twin", "test_dask", "test_room", "test_disturbances", "test_warmup", "test_same_bytes",
)  # fmt: skip
"""Files that take longest with few tests: begun last, one of them would keep the others waiting."""
SLOW = {
    "test_benchmarks",
    "test_agents_alone",
    "test_boundary",
    "test_browser",
    "test_calibration",
    "test_dask",
    "test_discovery",
    "test_disturbances",
    "test_failures",
    "test_invariants",
    "test_lessons",
    "test_many_phones",
    "test_method_commands",
    "test_methods_documentation",
    "test_play_pages",
    "test_parameters_matter",
    "test_phases_write",
    "test_policy_commands",
    "test_population_tables",
    "test_posterior",
    "test_questions",
    "test_room",
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


SAMPLED = {
    "test_a_parameter_changes_something": 16,
    "test_twin_agrees": 10,
    "test_situation": 10,
    "test_a_page_has_no_serious_fault": 5,
    "test_the_next_action_is_on_the_first_screen": 4,
    "test_a_few_studies_do_not_speak_against_a_claim": 20,
    "test_on_pure_noise_hardly_any_study_names_an_input": 3,
    "test_a_world_that_lacks_something_runs": 3,
    "test_a_game_of_agents_alone_is_the_run_bit_for_bit": 3,
    "test_claims_hold_and_the_surprise_happens": 2,
    "test_inputs_of_ishigami_are_told_at_twice_the_sample": 2,
}
"""Tests of many cases -> cases that run every time, spread over all; the others are long (`-m ""`)."""


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    """Rules of Windows for one test."""
    return Windows(monkeypatch)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).stem in SLOW:
            item.add_marker("slow")
    cases: dict[tuple[Path, str], list[pytest.Item]] = {}
    for item in items:
        name = getattr(item, "originalname", "")
        if name in SAMPLED:
            cases.setdefault((Path(item.path), name), []).append(item)
    for (_, name), found in cases.items():
        kept = {round(i * (len(found) - 1) / max(SAMPLED[name] - 1, 1)) for i in range(SAMPLED[name])}
        for i, item in enumerate(found):
            if i not in kept:
                item.add_marker("long")
    rank = {name: i for i, name in enumerate(FIRST)}
    items.sort(key=lambda item: (rank.get(Path(item.path).stem, len(rank)), Path(item.path).stem not in SLOW))
