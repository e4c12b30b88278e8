"""The real counterpart of D by province: from official figures, in its bounds, and as published in the docs."""

from __future__ import annotations

import numpy as np
import pytest

from abm.population.provinces import provinces, read_rows
from experiments.anchors.provinces import figures, rank_correlation, real_index


def test_the_rows_are_those_of_the_provinces_and_agree_with_them() -> None:
    rows = read_rows("education_and_forces.csv")
    assert [row[0] for row in rows] == [p.code for p in provinces()]
    # Columns in both tables: colleges, entrants, GDP and R&D of 2021.
    both = [(float(row[2]), float(row[4]), float(row[8]), float(row[10])) for row in rows]
    assert both == [(p.colleges, p.new_entrants, p.gdp, p.rd_spending) for p in provinces()]


def test_figures_are_rates() -> None:
    (beijing, *_) = (values[:, 0] for values in figures().values())
    # 25 colleges and 150,500 entrants for 21.94 million people; 157.97 of 3,132.59 billion yuan; 142,800 yuan a head.
    assert beijing == pytest.approx([25 / 21.94, 150.5 / 21940 * 1000, 0.0504, 14.278], rel=1e-2)


def test_the_index_is_that_of_the_page() -> None:
    found = real_index()
    for year, means, spread in ((2017, (0.324, 0.219, 0.486), 0.113), (2021, (0.434, 0.304, 0.575), 0.105)):
        assert [values.mean() for values in found[year]] == pytest.approx(means, abs=6e-4)
        assert found[year].coordination.std() == pytest.approx(spread, abs=6e-4)
        assert all(((values > 0) & (values < 1)).all() for values in found[year])


def test_rank_correlation() -> None:
    assert rank_correlation([1, 2, 3, 4], [10, 20, 30, 50]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1, np.nan, 2, 3], [3, 9, 1, 2]) == pytest.approx(-0.5)
