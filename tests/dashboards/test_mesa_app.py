"""The page for Mesa users: short, and it plays."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import solara

# Mesa's own components break Solara's rules for hooks, in some of its versions.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from dashboards import mesa_app


def test_it_is_a_short_starting_point() -> None:
    assert len(Path(mesa_app.__file__).read_text(encoding="utf-8").splitlines()) < 60


def test_it_renders_and_every_visitor_has_a_model_of_its_own(monkeypatch) -> None:
    made = []
    real = mesa_app.IntegrationModel

    def recorded(*args, **kwargs):
        made.append(real(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(mesa_app, "IntegrationModel", recorded)
    for _ in range(2):
        box, context = solara.render(mesa_app.Page(), handle_error=False)
        assert box.children
        context.close()
    assert len({id(model) for model in made}) >= 2
    made[0].step()
    assert made[0].quarter == 1
    assert made[-1].quarter == 0


def test_its_sliders_are_those_of_the_catalogue() -> None:
    for name in mesa_app.SLIDERS:
        slider = mesa_app.slider(name)
        assert slider["min"] <= slider["value"] <= slider["max"]
