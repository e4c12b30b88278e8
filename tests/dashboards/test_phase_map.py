"""The map of outcomes says where the regimes cannot be told apart."""

import numpy as np

from dashboards.views.phase_map import PhaseMap, scene_of


def chart():
    mean = np.array([[0.1, 0.45, 0.9], [0.2, 0.55, np.nan]])
    return PhaseMap("x", "y", "outcome", np.arange(3.0), np.arange(2.0), mean, np.full((2, 3), 0.1), 0.5)


def test_cells_are_uncertain_where_the_interval_holds_the_boundary():
    assert chart().is_uncertain().tolist() == [[False, True, False], [False, True, False]]


def test_the_table_holds_every_cell():
    scene = scene_of(chart(), np.array([[0.0, 0.0], [1.0, 1.0]]), "en")
    _, rows = scene.table()
    assert len(rows) == 6 and rows[1] == ["1", "0", "0.45", "0.1"] and rows[5][2] == "-"
    assert scene.label == "outcome is at least 0.5 in 40\u00a0% of the cells"
