"""`mesa.batch_run` over the values of a design.

    from experiments.connectors.batch import batch

    table = batch("talk-is-dear", replications=4)      # one row a point, seed and step that Mesa collects

Mesa runs every combination of values, ranges as on a grid, under the seeds of the design's replications
(``Design.run_seed``), so its runs are those of `abm sweep`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError
from experiments.design import Design, load

if TYPE_CHECKING:
    import pandas as pd


def parameters(design: Design) -> dict[str, Any]:
    """What `mesa.batch_run` varies: the base, and every key with its values."""
    if design.shocks or design.arms:
        raise InputError(f"design {design.name}", why="has shocks or arms", mend="run it by `abm sweep`")
    return {"scenario": [design.base], **{d.name: d.on_grid() for d in design.vary}}


def batch(
    design: str | Mapping[str, Any] | Design, *, replications: int | None = None, processes: int = 1
) -> pd.DataFrame:
    """Run a design's grid by Mesa; one row a run, with the metrics of its last step. Column rng: its seed."""
    import mesa
    import pandas as pd

    from abm.agents.model import IntegrationModel

    chosen = load(design)
    if replications is not None:
        chosen = chosen.with_replications(replications)
    varied: dict[str, Any] = parameters(chosen)
    seeds = [chosen.run_seed(k) for k in range(chosen.replications)]
    # Mesa 3.5 takes seeds apart from what is varied, Mesa 3.3 among it.
    takes_seeds = "rng" in inspect.signature(mesa.batch_run).parameters
    more: dict[str, Any] = {"rng": seeds} if takes_seeds else {}
    rows = mesa.batch_run(
        IntegrationModel, varied if takes_seeds else {**varied, "rng": seeds}, number_processes=processes,
        data_collection_period=-1, max_steps=chosen.base.steps, display_progress=False, **more,
    )  # fmt: skip
    return pd.DataFrame(rows).drop(columns="scenario")
