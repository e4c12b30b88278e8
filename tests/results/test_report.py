"""The pictures of the report and the strips of the summary: everything is said, nothing is cut off."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.population.provinces import provinces
from abm.results import figures, summary
from abm.results.report import FOLDER, places, yearly_mean
from abm.world.vocabulary import CAUSES

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


def pictures(width: float) -> dict[str, str]:
    """One of each kind, as hard to fit as can be."""
    return {
        "bands, many": figures.bands("t", {name: [0, 1, 2, 3] * (STEPS // 4) for name in NAMES}, width=width),
        "bands, few": figures.bands("t", {f"region {i}": [0, 1, 2, 3] * 6 for i in range(4)}, width=width),
        "tiles": figures.tiles("t", dict.fromkeys(NAMES, 1.0), places(NAMES), 0.5, width=width),
        "stacked": figures.stacked("t", {CAUSES.label(cause): [0.1] * STEPS for cause in CAUSES}, width=width),
        "bars": figures.bars("t", {CAUSES.label(cause): 0.001 for cause in CAUSES}, percent=True, width=width),
        "lines": figures.lines(
            "t", {"a line with a name that is quite long": [0.5] * STEPS}, percent=True, high=1.0, width=width
        ),
        "many lines": figures.lines("t", {f"line {i}": [0.5] * STEPS for i in range(6)}, width=width),
    }


PICTURES = {
    f"{name}, {width:g}": (svg, width)
    for width in (figures.WIDE, figures.NARROW)
    for name, svg in pictures(width).items()
}


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_cut_off(name: str) -> None:
    svg, width = PICTURES[name]
    assert overflowing(svg) == []
    assert float(svg.split('width="', 1)[1].split('"', 1)[0]) <= width


def test_overflow_is_seen() -> None:
    assert overflowing(figures.picture("t", [figures.text(600, 20, "far too long for this place")], 40)) != []


def test_strips_bear_the_numbers_of_their_stages() -> None:
    svg = figures.bands("t", {"a": [1] * 12 + [2] * 12, "b": [1] * 24})
    inside = re.findall(r'<text [^>]*font-size="11">(\d)</text>', svg)
    assert inside == ["2", "3", "2"]
    assert svg.count('fill="var(--stage2)"') == 2 + 1


def test_every_area_and_line_has_its_name() -> None:
    for kind in ("stacked", "bars"):
        for width in (figures.WIDE, figures.NARROW):
            svg = pictures(width)[kind]
            assert all(f">{CAUSES.label(cause)}<" in svg for cause in CAUSES), (kind, width)


def test_small_tiles_bear_short_names() -> None:
    wide, narrow = pictures(figures.WIDE)["tiles"], pictures(figures.NARROW)["tiles"]
    assert ">Heilongjiang<" in wide
    assert ">HL<" in narrow and "<title>Heilongjiang: 100%</title>" in narrow


def test_what_rounds_to_nothing_is_not_called_nothing() -> None:
    svg = figures.bars("t", {"little": 0.001, "nothing": 0.0, "all": 1.0}, percent=True)
    assert ">&lt;1%<" in svg and ">0%<" in svg and ">100%<" in svg


def test_every_colour_is_known_to_the_page() -> None:
    style = (FOLDER / "report.css").read_text(encoding="utf-8")
    light, dark = style.split("prefers-color-scheme: dark", 1)
    used = set(re.findall(r"var\((--\w+)\)", figures.patterns() + "".join(svg for svg, _ in PICTURES.values())))
    assert len(used) > 15
    assert {name for name in used if f"{name}:" not in light} == set()
    for name in ("--paper", "--ink", "--line0", "--stage1", "--failed"):
        assert f"{name}:" in dark


def test_a_mean_of_four_quarters_skips_what_was_not_measured() -> None:
    values = np.array([np.nan, np.nan, 1.0, 2.0, 3.0, 4.0, np.nan])
    assert yearly_mean(values) == pytest.approx([np.nan, np.nan, 1.0, 1.5, 2.0, 2.5, 3.0], nan_ok=True)


def results(stages: np.ndarray) -> Any:
    """What the strips need of results. ``stages`` [T, R]."""
    steps, n = stages.shape
    columns = {"regions": {"stage": stages.ravel()}}
    return SimpleNamespace(columns=columns, steps_done=steps, region_names=[f"r{i}" for i in range(n)])


def test_regions_that_stay_share_a_line() -> None:
    assert summary.strips(results(np.ones((8, 31), int))) == ["  all 31 regions: 2 internal fragmentation throughout"]


def test_regions_that_stay_share_a_strip() -> None:
    assert summary.strip_rows(results(np.ones((8, 31), int))) == {"all 31": [1] * 8}
    stages = np.ones((4, 7), int)
    stages[2:, 1] = 2
    stages[:, 3] = 0
    assert summary.strip_rows(results(stages)) == {"r1": [1, 1, 2, 2], "r3": [0] * 4, "5 in stage 2": [1] * 4}


def test_regions_that_move_keep_their_strips() -> None:
    stages = np.ones((4, 7), int)
    stages[2:, 1] = 2
    stages[:, 3] = 0
    assert summary.strips(results(stages)) == [
        "  r1  2233",
        "  r3: 1 complete dependency throughout",
        "  the other 5 regions: 2 internal fragmentation throughout",
    ]
