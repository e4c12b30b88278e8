"""Two eras, 2015 and 2021, under the same seeds: the later one with skills that age faster.

Each era is the end of a run of its own, long enough for the indicators to settle: the model is asked
for the difference between two states, not for the six years between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.analysis._runs import DONE, Simulator, column
from experiments.design import Design

if TYPE_CHECKING:
    import pandas as pd

RATIO = "half_life_ratio"
"""Half-life of skills in 2021 over that in 2015."""
RANGES = {
    "skill_half_life": (5.0, 20.0),
    RATIO: (0.2, 1.0),
    "labour_tightness": (0.7, 1.5),
    "field_flexibility": (0.2, 1.0),
}
"""Parameter -> prior; the half-life is that of 2015, in quarters. What is varied must hold their product."""
OUTCOMES = ("coordination_2015", "coordination_2021", "related_2018", "employed_2018")
"""What anchors may speak of; 2018: halfway between the eras."""
LABELS = {
    "skill_half_life": "half-life of skills in 2015 (quarters)",
    RATIO: "half-life in 2021 over 2015",
    "labour_tightness": "vacancies a graduate",
    "field_flexibility": "seekers who work out of their field (share)",
}


def points(n: int, seed: int) -> pd.DataFrame:
    """A Latin hypercube over the priors. Shape [n, parameters]."""
    import pandas as pd
    from scipy.stats import qmc

    low, high = np.array(list(RANGES.values())).T
    return pd.DataFrame(low + qmc.LatinHypercube(len(RANGES), rng=seed).random(n) * (high - low), columns=list(RANGES))


def both(simulate: Simulator) -> Simulator:
    """A simulator of both eras from one of a single era, with the ``OUTCOMES`` that anchors speak of."""

    def run(asked: pd.DataFrame) -> pd.DataFrame:
        now = asked.drop(columns=RATIO)
        later = now.assign(skill_half_life=column(asked, "skill_half_life") * column(asked, RATIO))
        keys = ["point", "replication"]
        merged: Any = simulate(now).merge(simulate(later), on=keys, suffixes=("", "_later"))
        found: Any = merged[keys].copy()
        ended = (merged["status"] == DONE) & (merged["status_later"] == DONE)
        found["status"] = np.where(ended, DONE, "failed")
        for name in asked.columns:
            found[name] = column(asked, name)[found["point"].to_numpy(np.int64)]
        found["coordination_2015"] = merged["coordination"]
        found["coordination_2021"] = merged["coordination_later"]
        for name in ("related", "employed"):
            found[f"{name}_2018"] = (merged[name] + merged[f"{name}_later"]) / 2
        return found

    return run


def fresh(design: Design, seed: int, replications: int) -> Design:
    """The same design under seeds that it has not used."""
    from dataclasses import replace

    return replace(design, seed=design.seed + seed, replications=replications)
