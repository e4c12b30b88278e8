"""V4: intermediaries show partners what they have in common."""

from __future__ import annotations

from experiments.validation._pattern import Effect, Pattern, Run, Runs, world


def _unidentified(run: Run) -> float:
    """Share of all tables of the run that fail because a common interest goes unseen."""
    m = run.metrics
    failed = m["n_tables"] * m["failed_share"]
    return float((failed * m["failed_by_unidentified_interest"]).sum() / m["n_tables"].sum())


def _cut(runs: Runs) -> float:
    return _unidentified(runs["platform"]) - _unidentified(runs["none"])


PATTERN = Pattern(
    number="V4",
    statement="Platforms cut failures from unidentified common interest",
    source="[6]",
    worlds={"none": world(), "platform": world(platform=0.8)},
    effects=(Effect("share of negotiations so failed, platform - none", _cut, below=0),),
)
