"""The pictures of the report and the strips of the summary: everything is said, nothing is cut off."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm import figures, summary
from abm.diagnosis import CAUSES
from abm.population.provinces import provinces
from abm.report import places

STEPS = 24
NAMES = [p.name for p in provinces()]


def overflowing(svg: str) -> list[str]:
    """Texts that leave the picture, by the mean width of a character."""
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert box is not None
    width, height = float(box[1]), float(box[2])
    found: list[str] = []
    pattern = r'<text x="([\d.-]+)" y="([\d.-]+)" text-anchor="(\w+)" fill="[^"]*" font-size="([\d.]+)">([^<]*)</text>'
    texts = re.findall(pattern, svg)
    assert len(texts) == svg.count("<text ")
    for x, y, anchor, size, words in texts:
        length = figures.CHARACTER * float(size) * len(unescape(words))
        first = float(x) - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * length
        if first < -1 or first + length > width + 1 or not 0 < float(y) <= height:
            found.append(unescape(words))
    return found


PICTURES = {
    "bands, many": figures.bands("t", {name: [1] * STEPS for name in NAMES}),
    "bands, few": figures.bands("t", {f"region {i}": [0, 1, 2, 3] * 6 for i in range(4)}),
    "tiles": figures.tiles("t", dict.fromkeys(NAMES, 0.7), places(NAMES), 0.5),
    "stacked": figures.stacked("t", {summary.reason(cause): [0.1] * STEPS for cause in CAUSES}),
    "lines": figures.lines("t", {"a line with a name that is quite long": [0.5] * STEPS}, percent=True, high=1.0),
}


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_cut_off(name: str) -> None:
    assert overflowing(PICTURES[name]) == []


def test_overflow_is_seen() -> None:
    assert overflowing(figures.picture("t", [figures.text(700, 20, "far too long for this place")])) != []


def test_last_stage_stands_beside_each_strip() -> None:
    assert PICTURES["bands, many"].count(">2 internal fragmentation<") == len(NAMES) + 1
    assert PICTURES["bands, few"].count(">4 deep integration<") == 4 + 1


def results(stages: np.ndarray) -> Any:
    """What the strips need of results. ``stages`` [T, R]."""
    steps, n = stages.shape
    columns = {"regions": {"stage": stages.ravel()}}
    return SimpleNamespace(columns=columns, steps_done=steps, region_names=[f"r{i}" for i in range(n)])


def test_regions_that_stay_share_a_line() -> None:
    assert summary.strips(results(np.ones((8, 31), int))) == ["  all 31 regions: 2 internal fragmentation throughout"]


def test_regions_that_move_keep_their_strips() -> None:
    stages = np.ones((4, 7), int)
    stages[2:, 1] = 2
    stages[:, 3] = 0
    assert summary.strips(results(stages)) == [
        "  r1  2233",
        "  r3: 1 complete dependency throughout",
        "  the other 5 regions: 2 internal fragmentation throughout",
    ]
