"""V2: where regions' policies differ, ties across their borders are few and agreements dear."""

from __future__ import annotations

from abm.quarter.negotiation.bargaining import Term
from abm.world.state import State
from abm.world.vocabulary import DECLINED, REVIEW
from experiments.validation._pattern import Effect, Pattern, Runs, difference, world


def talk(state: State) -> dict[str, float]:
    """Price of a round at the tables across regions of this step; NaN without such a table."""
    record = state.tables
    if record is None:
        return {"talk_across": float("nan")}
    met = (record.kind != REVIEW) & (record.kind != DECLINED)
    across = met & (record.region != state.colleges.region[record.college])
    terms = record.terms[across]
    if not len(terms):
        return {"talk_across": float("nan")}
    return {"talk_across": float((terms[:, Term.TALK] + terms[:, Term.TALK_INCONSISTENCY]).mean())}


def _dearer(runs: Runs) -> float:
    """How many times as dear talk across regions is."""
    return runs["dispersed"].mean("talk_across") / runs["uniform"].mean("talk_across")


PATTERN = Pattern(
    number="V2",
    statement="More policy inconsistency between regions: fewer cross-region ties, dearer agreements",
    source="[7]",
    worlds={
        "uniform": world(policy_dispersion=0.0, observe=talk),
        "dispersed": world(policy_dispersion=0.8, observe=talk),
    },
    effects=(
        Effect(
            "share of contracts across regions, dispersed - uniform",
            difference("cross_region_share", "dispersed", "uniform", 40),
            below=0,
        ),
        Effect("price of talk across regions, dispersed over uniform", _dearer, above=1.0),
    ),
)
