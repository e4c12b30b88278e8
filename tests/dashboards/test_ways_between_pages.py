"""From one page to another: a cell of a map leads to its run, and the Lab arranges its views by the world."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
import solara
from solara.routing import Router, router_context

from dashboards.bench import Bench
from dashboards.controls.views import MANY
from dashboards.live import PAUSED
from dashboards.pages import lab
from dashboards.pages import map as outcomes_map
from dashboards.session import Session, provide_session

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")

STEPS = 8
PATIENCE = 120.0


@solara.component
def Opened(session: Session, page: Any, path: str) -> None:  # noqa: N802
    router_context.provide(Router(path, []))
    provide_session(session)
    page.Page()


def widgets(top: Any) -> list[Any]:
    """A widget and all below it, in their order."""
    below = [child for child in getattr(top, "children", []) if not isinstance(child, str)]
    return [top, *(widget for child in below for widget in widgets(child))]


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
    box, context = solara.render(Opened(session, outcomes_map, "/map"), handle_error=False)
    try:
        (reading,) = [widget for widget in widgets(box) if widget.has_trait("outcomes")]
        assert reading.cell["mean"] == "0.20"
        path, _, query = reading.cell["href"].partition("?")
        assert path == "/lab"
        bench = Bench(session, query)
        run = bench.run.value
        assert run is not None
        end = time.monotonic() + PATIENCE
        while (run.phase, run.shown_step()) != (PAUSED, STEPS):
            assert time.monotonic() < end, f"it is {run.phase} at {run.shown_step()}"
            time.sleep(0.02)
        assert run.scenario.seed == 7
        assert dict(run.scenario.levers)[x] == 0.4
        assert np.isclose(run.scenario.p.communication_cost, 0.01)
    finally:
        context.close()
        session.end_all()


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
    box, context = solara.render(Opened(session, lab, "/lab"), handle_error=False)
    try:
        end = time.monotonic() + PATIENCE
        while not (cards := framed(box)):
            assert time.monotonic() < end, "the views did not come"
            time.sleep(0.05)
        kinds = [kind for kind, _ in cards]
        assert kinds == ["verdict", *order]
        assert [kind for kind, classes in cards if "is-tall" in classes] == [tall]
    finally:
        context.close()
        session.end_all()
