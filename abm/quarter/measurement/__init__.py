"""Phase 9, measurement: stages of the regions, then all metrics (Eq. 77-79; paper 3, 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.quarter.measurement.metrics import Seen, measures, regional_measures, shares
from abm.quarter.measurement.stages import stage_update, thresholds
from abm.quarter.measurement.tally import Sums, members_by_region, tally
from abm.world.state import QUARTERS_A_YEAR, Event, Floats
from abm.world.vocabulary import STAGES

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State

WRITES: tuple[str, ...] = ("governments.stage", "metrics", "regional_metrics", "events")

_MEMBERS = ("candidate_share", "community_share", "self_sustaining_share")
_N_NAMED = len(Sums._fields)


def measurement(state: State, scenario: Conditions) -> None:
    """Sum up the world, move the stages of its regions, and measure."""
    p = scenario.p
    sums = tally(state, p)
    is_yearly = state.step % QUARTERS_A_YEAR == QUARTERS_A_YEAR - 1 or not state.metrics
    members = members_by_region(state) if is_yearly else _carried(state)
    nation, regions = Sums(*sums[-1].tolist()[:_N_NAMED]), Sums(*sums[:-1].T[:_N_NAMED])
    seen = Seen(state, p, nation, regions, sums, members, is_yearly, memo={})
    _move_stages(seen)
    metrics: dict[str, float] = {}
    for measure in measures():
        metrics.update(measure(seen))
    regional: dict[str, Floats] = {}
    for measure in regional_measures():
        regional.update(measure(seen))
    state.metrics, state.regional_metrics = metrics, regional


def _carried(state: State) -> Floats:
    """Shares of institutions in communities as they were. Shape [3, R + 1]."""
    found = np.empty((len(_MEMBERS), len(state.governments.stage) + 1))
    for i, name in enumerate(_MEMBERS):
        found[i, :-1], found[i, -1] = state.regional_metrics[name], state.metrics[name]
    return found


def _move_stages(seen: Seen) -> None:
    """Regions pass from stage to stage; each change is an event."""
    governments, r = seen.state.governments, seen.regions
    after = stage_update(
        governments.stage, shares(r.dependent, r.ties), shares(r.substance, r.places), seen.members[0], seen.members[2],
        thresholds(seen.p),
    )  # fmt: skip
    for region, (stage, before) in enumerate(zip(after.tolist(), governments.stage.tolist(), strict=True)):
        if stage == before:
            continue
        seen.state.events.append(Event(seen.state.step, "stage_changed", region, -1, -1, STAGES[stage], float(stage)))
    governments.stage[:] = after
