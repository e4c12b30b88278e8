"""A phase from outside: technology as it is, but nothing that joint research found is kept."""

from __future__ import annotations

from abm.quarter.technology import technology as as_it_is

PHASE = "technology"


def technology(state, scenario):
    """The model's own phase, then joint research forgotten."""
    as_it_is(state, scenario)
    state.sectors.joint_research[:] = 0.0
