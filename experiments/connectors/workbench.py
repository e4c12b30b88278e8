"""The model as the EMA workbench knows models: uncertainties, levers and outcomes from a design.

    from ema_workbench import MultiprocessingEvaluator
    from experiments.connectors.workbench import workbench_model

    model = workbench_model("policy-mixes")
    with MultiprocessingEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=20, policies=5)

Parameters and population become uncertainties; levers and fields of policies become levers. A run is the mean over
the design's replications. Needs ema_workbench (`pip install "industry-education-abm[workbench]"`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError
from abm.scenario.policies import rules
from abm.world.levers import BY_NAME
from experiments.connectors._points import outcomes, plain
from experiments.design import Design, load

if TYPE_CHECKING:
    from ema_workbench import Model

    from experiments.design.dimensions import Dimension


def is_lever(key: str) -> bool:
    """Whether a varied key is something that a government sets."""
    return key in BY_NAME or key.partition(".")[0] in rules()


def symbol(key: str) -> str:
    """A key as the workbench can pass it, as the name of an argument."""
    return key.replace(".", "__")


def workbench_model(design: str | Mapping[str, Any] | Design, name: str = "abm") -> Model:
    """The model over what a design varies. InputError without ema_workbench, and for a design with shocks."""
    try:
        from ema_workbench import Model, ScalarOutcome
    except ImportError:
        mend = 'pip install "industry-education-abm[workbench]"'
        raise InputError("the connector", why="needs ema_workbench", mend=mend) from None
    chosen = load(design)
    if chosen.shocks:
        raise InputError(f"design {chosen.name}", why="has shocks", mend="run it by `abm sweep`")
    model: Any = Model(name, function=partial(_run, chosen))
    model.uncertainties = [_parameter(d) for d in chosen.vary if not is_lever(d.name)]
    model.levers = [_parameter(d) for d in chosen.vary if is_lever(d.name)]
    model.outcomes = [ScalarOutcome(outcome.name) for outcome in chosen.outcomes]
    return model


def _parameter(d: Dimension) -> Any:
    from ema_workbench import CategoricalParameter, IntegerParameter, RealParameter

    if not d.is_range:
        return CategoricalParameter(symbol(d.name), list(d.values))
    kind = IntegerParameter if d.is_whole else RealParameter
    low, high = (int(d.low), int(d.high)) if d.is_whole else (d.low, d.high)
    return kind(symbol(d.name), low, high)


def _run(design: Design, **values: Any) -> dict[str, float]:
    point = {d.name: plain(values[symbol(d.name)]) for d in design.vary}
    found = [outcomes(design, point, k) for k in range(design.replications)]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}
