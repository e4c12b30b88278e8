"""One palette: what pictures fill can be told apart by people who see fewer colours, and no fill says two things."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

import dashboards
from abm.results.report import FOLDER
from abm.world.state import Floats

LOOK = (Path(dashboards.__file__).parent / "views" / "drawing" / "look.js").read_text("utf-8")
LEAST = 10.0
"""Distance in CIELAB from which two fills side by side are taken for two."""
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]])
SEEN = {
    "all colours": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}
"""How linear colours are seen. Machado, Oliveira & Fernandes (2009), severity 1."""


def rgb(fill: str) -> Floats:
    return np.array([int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def mixed(one: str, other: str, share: float) -> str:
    return "#" + "".join(f"{round(255 * v):02x}" for v in (1 - share) * rgb(one) + share * rgb(other))


def lab(fill: str, seen: Floats) -> Floats:
    plain = rgb(fill)
    linear = np.where(plain <= 0.04045, plain / 12.92, ((plain + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ np.clip(seen @ linear, 0, 1) / (0.95047, 1.0, 1.08883)
    f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str) -> float:
    """The least distance of two fills, however one sees."""
    return min(float(np.linalg.norm(lab(one, seen) - lab(other, seen))) for seen in SEEN.values())


def theme(name: str) -> dict[str, str]:
    block = re.search(rf"const {name} = \{{(.*?)\}};", LOOK, re.S)
    assert block is not None
    return dict(re.findall(r'(\w+): "(#\w{6})"', block[1]))


COMMUNITIES = re.findall(r'"(#\w{6})"', LOOK[LOOK.index("COMMUNITIES = ") : LOOK.index("const HATCHED")])
SHARES = [float(v) for v in re.findall(r"[\d.]+", LOOK[LOOK.index("STAGES = [") :].partition("]")[0])]


@pytest.mark.parametrize("name", ["LIGHT", "DARK"])
def test_fills_of_communities_are_told_apart_and_say_nothing_else(name: str) -> None:
    colours = theme(name)
    assert len(COMMUNITIES) == 6
    close = [(a, b) for a, b in combinations(COMMUNITIES, 2) if apart(a, b) < LEAST]
    # Blue is integrated, vermilion failed, grey and paper nothing.
    said = [colours[key] for key in ("integrated", "failed", "shade", "paper", "wash", "rule")]
    assert close + [(a, b) for a in COMMUNITIES for b in said if apart(a, b) < LEAST] == []


@pytest.mark.parametrize("name", ["LIGHT", "DARK"])
def test_stages_climb_in_one_colour_that_is_not_that_of_failure(name: str) -> None:
    colours = theme(name)
    stages = [mixed(colours["wash"], colours["integrated"], share) for share in SHARES]
    assert len(stages) == 4
    assert all(apart(a, b) >= LEAST for a, b in pairwise(stages))
    assert all(apart(stage, colours["failed"]) >= 2 * LEAST for stage in stages)


def test_stages_of_a_report_climb_alike() -> None:
    light, dark = (FOLDER / "report.css").read_text("utf-8").split("@media (prefers-color-scheme: dark)", 1)
    for text, failed in ((light, "#d55e00"), (dark, "#e07b34")):
        stages = [re.search(rf"--stage{i}: (#\w{{6}})", text) for i in range(1, 5)]
        fills = [found[1] for found in stages if found is not None]
        assert len(fills) == 4
        assert all(apart(a, b) >= LEAST for a, b in pairwise(fills))
        assert all(apart(fill, failed) >= 2 * LEAST for fill in fills)
