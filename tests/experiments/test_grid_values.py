"""Values on a grid are those that people write."""

from __future__ import annotations

from experiments.design import load


def test_three_tenths_in_four() -> None:
    design = load({"name": "a", "vary": {"subsidy_rate": {"low": 0.0, "high": 0.3, "n": 4}}})
    assert design.vary[0].on_grid() == [0.0, 0.1, 0.2, 0.3]


def test_ends_stay_what_was_said() -> None:
    low, high = 0.123456789012345678, 0.3
    design = load({"name": "a", "vary": {"subsidy_rate": {"low": low, "high": high, "n": 3}}})
    assert design.vary[0].on_grid() == [low, float(f"{(low + high) / 2:.12g}"), high]
