"""The model in Mesa's own SolaraViz, to start a page of your own from: solara run dashboards/mesa_app.py

The sliders build a new model; `Partners` shows how to add a drawing of your own.
"""

from __future__ import annotations

from typing import Any

import solara
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from abm.agents import Enterprise
from abm.agents.model import IntegrationModel
from abm.machine.errors import with_unit
from abm.scenario import names
from abm.world.parameters import CATALOGUE

SLIDERS = ("initial_trust", "aim_divergence", "communication_cost", "perception_noise")


def slider(name: str) -> dict[str, Any]:
    """A slider of Mesa's for a parameter of the catalogue."""
    p = CATALOGUE[name]
    span = {"value": p.default, "min": p.low, "max": p.high, "step": round((p.high - p.low) / 50, 4)}
    return {"type": "SliderFloat", "label": with_unit(p.label, p.unit), **span}


@solara.component
def Partners(model: IntegrationModel) -> None:  # noqa: N802
    """How many colleges each enterprise cooperates with."""
    update_counter.get()
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.hist([e.n_partners for e in model.agents_by_type[Enterprise]], bins=range(10), color="#0072B2", align="left")
    axes.set(xlabel="colleges that an enterprise has a contract with", ylabel="enterprises")
    solara.FigureMatplotlib(figure)


COMPONENTS: list[Any] = [
    make_plot_component({"failed_share": "#D55E00", "community_share": "#0072B2"}),
    make_plot_component({"mean_formal_depth": "#5c6166", "mean_substantive_depth": "#0072B2"}),
    Partners,
]
PARAMETERS = {
    "scenario": {"type": "Select", "label": "scenario", "value": "classroom", "values": names()},
    "rng": {"type": "SliderInt", "label": "seed", "value": 7, "min": 1, "max": 100, "step": 1},
    **{name: slider(name) for name in SLIDERS},
}


@solara.component
def Page() -> None:  # noqa: N802
    """The page; the model is made here, so that no two visitors share one."""
    model = solara.use_memo(lambda: IntegrationModel("classroom", rng=7), [])
    SolaraViz(model, components=COMPONENTS, model_params=PARAMETERS, name="Industry-education integration")
