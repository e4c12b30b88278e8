"""Every parameter of the catalogue changes something: the world, its metrics, or what is detected in them."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

import abm
from abm.results.simulate import simulate
from abm.scenario import load
from abm.world.parameters import CATALOGUE

STEPS = 40


def readers():
    """Parameter -> whether each source file of the package that reads it is a detector, which looks after a run."""
    found = {name: [] for name in CATALOGUE}
    for path in Path(str(abm.__file__)).parent.rglob("*.py"):
        for name in set(re.findall(r"\bp\.([a-z_0-9]+)\b", path.read_text("utf-8"))) & set(CATALOGUE):
            found[name].append("detectors" in path.parts)
    return found


FOR_DETECTION = {name for name, read in readers().items() if read and all(read)}
"""What only the detectors read."""


WORLD = load("reform_package").with_overrides(
    steps=STEPS,
    communication_cost=0.05,
    community_depth=1,
    serious_depth=0.2,
    technology_jump=0.3,
    technology_jump_step=9,
    frontier_growth=0.004,
    frontier_jump_rate=0.05,
    adoption_rate=0.02,
    vagueness=0.2,
    research_fit=0.3,
    data_adoption=0.02,
    motivation_learning=0.2,
    policy_dispersion=0.4,
    shared_base=0.2,
    emerging_sector=1,
    emerging_halfway=12,
    policies=[
        {"rule": "college_evaluation"},
        {"rule": "student_evaluation"},
        {"rule": "supervision", "probability": 0.3},
        {"rule": "platform", "reach": 0.3},
        {"rule": "harmonisation", "share": 0.3},
        {"rule": "curriculum_revision", "interval": 6},
        {"rule": "dual_qualified"},
        {"rule": "charter", "distribution": 2, "recognition": 0.5},
        {"rule": "foresight"},
        {"rule": "emerging_support"},
        {"rule": "subsidy", "regions": [0, 1]},
        {"rule": "tax_credit"},
        {"rule": "mandate", "level": 3, "regions": [0]},
        {"rule": "integration_status"},
        {"rule": "staff_exchange"},
        {"rule": "digital_link"},
        {"rule": "certificates"},
        {"rule": "differentiated_positioning"},
    ],
    population={"n_regions": 4, "n_colleges": 16, "n_enterprises": 80, "n_students": 1200},
)


def fingerprint(scenario):
    """Digest of every number that the run leaves."""
    trail = hashlib.blake2b()

    def look(state):
        for values in (state.metrics, state.measured, state.flows):
            trail.update(np.array([values[k] for k in sorted(values)], np.float64).tobytes())
        for values in (state.regional_metrics, state.regional):
            for key in sorted(values):
                trail.update(np.asarray(values[key]).tobytes())

    state = simulate(scenario, 1, after_step=look)
    for group in (state.governments, state.sectors, state.colleges, state.enterprises, state.ties, state.students):
        for column in group:
            trail.update(np.ascontiguousarray(column).tobytes())
    return trail.hexdigest()


@pytest.fixture(scope="module")
def usual():
    return fingerprint(WORLD)


def test_the_same_run_leaves_the_same_numbers(usual):
    assert fingerprint(WORLD) == usual


NEAR = {
    "stage_hysteresis": [
        *({"dependency_share": x} for x in (0.4, 0.5, 0.6, 0.7, 0.8)),
        *({"breakthrough_depth": x} for x in (0.3, 0.4, 0.5, 0.6)),
    ],
    # At full compliance only those below the mean differ, of which a small world may have none.
    "compliance_spread": [{"compliance": 0.5}],
    "quarters_co_built": [{"mandate.level": 4}],
    "quarters_entity": [{"mandate.level": 5}],
    # Governments name the contract that they like best: entities, where those take nothing of theirs.
    "entity_fallout": [
        {
            "protocol": "mandated",
            "entity_contribution": 0.0,
            "blame_gap": 0.05,
            "blame_exit": 1.0,
            "effort_noise": 1.5,
        }
    ],
}
"""Where a parameter matters only in some situation, close to a threshold or at one level: worlds that get into it."""


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in FOR_DETECTION])
def test_a_parameter_changes_something(name, usual):
    p = CATALOGUE[name]
    for near in NEAR.get(name, [{}]):
        world = WORLD.with_overrides(**near)
        before = fingerprint(world) if near else usual
        others = [v for v in (p.low, p.high) if v != getattr(world.p, name)]
        if any(fingerprint(world.with_overrides(**{name: v})) != before for v in others):
            return
    pytest.fail(f"`{name}` changes nothing")


EVENTFUL = load("reform_package").with_overrides(
    steps=100,
    shadow_of_future=0.0,
    policies=[
        {"rule": "college_evaluation", "from": 16, "until": 60},
        {"rule": "student_evaluation", "from": 16, "until": 60},
        {"rule": "supervision", "probability": 0.5, "penalty": 1.0, "from": 16, "until": 60},
        {"rule": "platform", "reach": 1.0, "from": 16, "until": 60},
        {"rule": "subsidy", "rate": 0.6, "from": 16, "until": 60},
    ],
    population={"n_regions": 4, "n_colleges": 16, "n_enterprises": 80, "n_students": 1200},
)
"""Cooperation that policy builds up, and that falls when policy ends: something for each detector."""


@pytest.fixture(scope="module")
def eventful():
    return abm.run(EVENTFUL)


@pytest.mark.parametrize("name", sorted(FOR_DETECTION))
def test_a_parameter_of_detection_changes_the_table_of_detections_and_nothing_else(name, eventful):
    assert set(eventful.detections["kind"]) == {"failure_episode", "emergence", "tipping", "collapse"}
    p = CATALOGUE[name]
    ends = [abm.run(EVENTFUL, **{name: end}) for end in (p.low, p.high)]
    assert any(not end.detections.equals(eventful.detections) for end in ends), f"`{name}` changes nothing"
    assert all(end.metrics.equals(eventful.metrics) and end.events.equals(eventful.events) for end in ends)
