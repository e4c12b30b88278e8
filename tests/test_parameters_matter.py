"""Every parameter of the catalogue changes something: the world, its metrics, or what is detected in them."""

import hashlib

import numpy as np
import pytest

from abm.commands._explanations import files
from abm.detectors import detect
from abm.parameters import CATALOGUE, DEFAULTS
from abm.scenario import load
from abm.simulation import run

STEPS = 40


def is_for_detection(name):
    """Whether only the detectors read it, after a run."""
    readers = files(rf"\bp\.{name}\b")
    return bool(readers) and all("/detectors/" in place for place in readers)


WORLD = load("reform_package").with_overrides(
    steps=STEPS,
    communication_cost=0.05,
    community_depth=1,
    serious_depth=0.2,
    technology_jump=0.3,
    technology_jump_step=9,
    policy_dispersion=0.4,
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
        {"rule": "subsidy", "regions": [0, 1]},
        {"rule": "tax_credit"},
        {"rule": "mandate", "level": 3, "regions": [0]},
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

    state = run(scenario, 1, after_step=look)
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
    "quarters_co_built": [{"mandate.level": 4}],
    "quarters_entity": [{"mandate.level": 5}],
    "entity_fallout": [{"protocol": "mandated", "blame_gap": 0.05, "blame_exit": 1.0, "effort_noise": 1.5}],
}
"""Where a parameter matters only in some situation, close to a threshold or at one level: worlds that get into it."""


@pytest.mark.parametrize("name", [name for name in CATALOGUE if not is_for_detection(name)])
def test_a_parameter_changes_something(name, usual):
    p = CATALOGUE[name]
    for near in NEAR.get(name, [{}]):
        world = WORLD.with_overrides(**near)
        before = fingerprint(world) if near else usual
        others = [v for v in (p.low, p.high) if v != getattr(world.p, name)]
        if any(fingerprint(world.with_overrides(**{name: v})) != before for v in others):
            return
    pytest.fail(f"`{name}` changes nothing")


def eventful():
    """A made-up trajectory with something for each detector, 160 quarters."""
    t = np.arange(160)
    wobble = 0.02 * np.array([1.0, -1.0, 0.5, -0.5])[t % 4]
    depth = np.interp(t, [0, 40, 44, 90, 100, 159], [0.1, 0.12, 0.45, 0.45, 0.1, 0.12]) + wobble
    return {
        "failed_share": np.where(t % 60 < 2, 0.95, np.where(t % 60 < 30, 0.6, 0.4)),
        "n_communities": np.floor(t / 50.0),
        "community_share": np.clip((t - 45) / 100, 0, 1),
        "coordination": 0.4 + 0.08 * (t >= 70) + wobble,
        "substantive_depth_per_enterprise": depth,
    }


@pytest.mark.parametrize("name", [name for name in CATALOGUE if is_for_detection(name)])
def test_a_parameter_of_detection_changes_what_is_found(name):
    p = CATALOGUE[name]
    usual = detect(eventful(), DEFAULTS)
    assert {event.kind for event in usual} == {"failure_episode", "emergence", "tipping", "collapse"}
    ends = [detect(eventful(), DEFAULTS._replace(**{name: end})) for end in (p.low, p.high)]
    assert any(found != usual for found in ends), f"`{name}` changes nothing"
