"""From one page to another: a cell of a map leads to its run, and the Lab arranges its views by the world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboards.controls.bench import Bench
from dashboards.controls.views import MANY
from dashboards.live.run import PAUSED
from dashboards.live.session import Session
from dashboards.pages import lab
from dashboards.pages import map as outcomes_map
from tests.dashboards.opened import opened, until, widgets

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")

STEPS = 8


def framed(top: Any) -> list[tuple[str, list[str]]]:
    """The views in their frames, in their order, each with the classes of its frame."""
    found: list[tuple[str, list[str]]] = []
    for widget in widgets(top):
        classes = str(getattr(widget, "class_", "") or "").split()
        if "abm-card" in classes:
            found += [(inner.kind, classes) for inner in widgets(widget) if inner.has_trait("kind")]
    return found


def test_a_cell_of_a_map_opens_as_a_run_at_the_last_quarter_of_the_map() -> None:
    session = Session("ann")
    rows = [(x, y, 0.2, 7, "ok") for x in (0.0, 0.4) for y in (0.01, 0.02) for _ in range(2)]
    x, y, outcome = "evaluation_reform", "communication_cost", "substantive_depth_per_place"
    runs = pd.DataFrame(rows, columns=[x, y, outcome, "seed", "status"])
    study = outcomes_map.Loaded("a study", runs, (x, y), "classroom", 7, STEPS, "0", 0)
    session.kept["map"] = outcomes_map.Desk(loaded=study, axes=(x, y), cell=1)
    with opened(session, outcomes_map) as box:
        (reading,) = [widget for widget in widgets(box) if widget.has_trait("outcomes")]
        assert reading.cell["mean"] == "0.20"
        path, _, query = reading.cell["href"].partition("?")
        assert path == "/lab"
        bench = Bench(session, query)
        run = bench.run.value
        assert run is not None
        until(lambda: (run.phase, run.shown_step()) == (PAUSED, STEPS))
        assert run.scenario.seed == 7
        assert dict(run.scenario.levers)[x] == 0.4
        assert np.isclose(run.scenario.p.communication_cost, 0.01)


@pytest.mark.parametrize(
    ("regions", "tall", "order"),
    [
        (MANY, "blame_card", ["tile_map", "causes", "blame_card", "depth", "stages"]),
        (MANY + 1, "tile_map", ["tile_map", "causes", "depth", "blame_card", "stages"]),
    ],
)
def test_the_map_of_many_regions_stands_beside_two_views(regions: int, tall: str, order: list[str]) -> None:
    session = Session("bob")
    session.kept["lab"] = Bench(session, f"scenario=classroom&set=population.n_regions={regions}&step=1")
    with opened(session, lab) as box:
        until(lambda: framed(box))
        cards = framed(box)
        kinds = [kind for kind, _ in cards]
        assert kinds == ["verdict", *order]
        assert [kind for kind, classes in cards if "is-tall" in classes] == [tall]
