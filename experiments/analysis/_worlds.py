"""Designs of worlds that are pushed and shocked, made from a design's arms or from a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError
from experiments.design import Design, load
from experiments.design.dimensions import ARM

if TYPE_CHECKING:
    import pandas as pd

    from abm.scenario import Scenario
    from experiments.analysis.hysteresis import Ramp
    from experiments.sweep.store import Study

SPARED = "spared"


def ramped(design: Design, ramp: Ramp, responses: Sequence[str]) -> Design:
    """The design's arms, each with all of its policies on the schedule of the ramp."""
    if not design.arms:
        mend = "write [arms.<name>] with policies, and one without"
        raise InputError(f"design {design.name}", why="has no arms to ramp up and down", mend=mend)
    arms: dict[str, Any] = {}
    for name, changes in design.arms:
        pushed: dict[str, Any] = {}
        for key in ("policies", "add_policies"):
            if key in changes or (key == "policies" and "add_policies" not in changes):
                pushed[key] = [{**dict(rule), **ramp.schedule} for rule in changes.get(key, [])]
        arms[name] = {**changes, **pushed}
    tables = {key: value for key, value in design.to_tables().items() if key != "points"}
    tables |= {"arms": arms, "series": list(responses), "outcomes": list(responses)}
    return load({**tables, "vary": {ARM: list(arms)}, "sampler": "grid", "steps": ramp.steps})


def shocked(world: Scenario, at: int, hubs: float, replications: int, responses: Sequence[str]) -> Design:
    """A world spared, and struck at a step by loss of hubs (on either side), a technology jump, the end of policies."""
    if not 0 < at < world.steps:
        raise InputError(f"at = {at}", why=f"is not within the {world.steps} quarters of the run", mend="give --steps")
    policies: list[Any] = world.to_tables()["policies"]
    ends = [rule | {"until": at} for rule in policies if rule.get("until", at) >= at and rule.get("from", 0) < at]
    before = [rule for rule in policies if rule.get("until", at) < at]
    keys = (ARM, "hub_loss.colleges", "hub_loss.enterprises", "technology_jump")
    names = {
        SPARED: ("governed", 0.0, 0.0, 0.0),
        f"colleges leave ({hubs:.0%}, hubs first)": ("governed", hubs, 0.0, 0.0),
        f"enterprises leave ({hubs:.0%}, hubs first)": ("governed", 0.0, hubs, 0.0),
        "technology jump": ("governed", 0.0, 0.0, 1.0),
    }
    arms: dict[str, Any] = {"governed": {}}
    if ends:
        arms["left alone"] = {"policies": before + ends}
        names["end of all policies"] = ("left alone", 0.0, 0.0, 0.0)
    return load(
        {
            "name": f"shocks-to-{world.name}",
            "title": "; ".join(names),
            "base": world,
            "parameters": {"technology_jump_step": at},
            "replications": replications,
            "shocks": [{"shock": "hub_loss", "at": at, "colleges": 0.0}],
            "arms": arms,
            "sampler": "table",
            "points": [dict(zip(keys, row, strict=True)) for row in names.values()],
            "outcomes": list(responses),
            "series": list(responses),
        }
    )


def series_by(study: Study, column: str, names: Sequence[str]) -> pd.DataFrame:
    """Series of a study with ``column`` = the name of each run's point, its replication, and steps from 0."""
    series = study.series()
    plan: Any = study.plan
    found: Any = series.merge(plan[["run_key", "point", "replication"]], on="run_key")
    found[column] = np.array(list(names), dtype=object)[found["point"].to_numpy(np.int64)]
    found["step"] -= int(found["step"].min())
    return found


def names_of(design: Design) -> list[str]:
    """Names of the points: arms, or what ``shocked`` calls them."""
    if design.keys == (ARM,):
        return [str(name) for name in design.points()[ARM]]
    return design.title.split("; ")
