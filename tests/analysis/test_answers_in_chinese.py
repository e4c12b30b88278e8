"""What methods answer is said in Chinese too: with labels of the model, nothing but names stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from abm.machine.language import PSEUDO, paragraph
from abm.quarter.measurement.metrics import catalogue
from experiments.analysis._space import Space
from experiments.analysis.boundary import find_boundary
from experiments.analysis.comparison import compare
from experiments.analysis.discovery import discover
from experiments.analysis.effects import paired_effects
from experiments.analysis.hysteresis import Ramp, hysteresis
from experiments.analysis.resilience import resilience
from experiments.analysis.sensitivity import sensitivity

OUTCOME = "failed_share"
LABEL = catalogue()[OUTCOME].label
NAMES = re.compile(r"Sobol|Morris|(?:[Oo]ne|[Tt]wo|nothing|never|platform|communication cost)")


def answers() -> Iterator[str]:
    """Answers of several methods, with and without something to tell."""
    rng = np.random.default_rng(1)
    unit = Space.of({"communication_cost": (0.0, 1.0), "platform": (0.0, 1.0)})
    for strength in (0.0, 1.0, 2.0):

        def simulate(points: pd.DataFrame, strength: float = strength) -> pd.DataFrame:
            value = strength * points["platform"] + 0.3 * rng.random(len(points))
            if strength > 1:
                value += points["communication_cost"] * 2
            return pd.DataFrame({"point": range(len(points)), "replication": 0, "status": "ok", OUTCOME: value})

        for method, n in (("sobol", 32), ("morris", 16)):
            yield sensitivity(method, unit, simulate, OUTCOME, n, label=LABEL).answer()
        yield find_boundary(unit, simulate, OUTCOME, 0.5, n_points=16, start=16, label=LABEL).answer()
        points = pd.DataFrame(rng.random((300, 2)), columns=["communication_cost", "platform"])
        runs = pd.concat([points, simulate(points)], axis=1)
        bound = float(runs[OUTCOME].quantile(0.7))
        yield discover(runs, list(points), OUTCOME, above=bound, label=LABEL).answer()
        arms = [simulate(points[:40]).assign(arm=arm, replication=range(40)) for arm in ("nothing", "one", "two")]
        arms[1][OUTCOME] += strength
        yield paired_effects(pd.concat(arms), [OUTCOME], baseline="nothing", labels={OUTCOME: LABEL}).answer()
        steps = pd.DataFrame({"replication": np.repeat(np.arange(6), 40), "step": np.tile(np.arange(40), 6)})
        pair = [steps.assign(**{OUTCOME: 1 + 0.1 * rng.random(240) + extra}) for extra in (0.0, strength)]
        yield compare(*pair, [OUTCOME], names=("one", "two"), labels={OUTCOME: LABEL}).answer()
        up = np.clip((steps["step"] - 4) / 8, 0, 1) * strength
        pushed = [
            pair[0].assign(push="never"),
            steps.assign(push="mandate", **{OUTCOME: 1 + 0.1 * rng.random(240) + up}),
        ]
        ramp = Ramp(start=4, rise=8, hold=4, fall=8, after=8)
        yield hysteresis(pd.concat(pushed), ramp, [OUTCOME], never="never", labels={OUTCOME: LABEL}).answer()
        struck = [pair[0].assign(shock=shock) for shock in ("none", "technology jump")]
        yield resilience(
            pd.concat(struck), {"technology jump": 10}, [OUTCOME], spared="none", labels={OUTCOME: LABEL}
        ).answer()


@pytest.fixture(scope="module")
def said() -> list[str]:
    found = list(answers())
    assert len(found) == 24
    return found


def test_answers_of_methods_are_said_in_chinese(said: list[str]) -> None:
    english = {text: shown for text in said if re.search("[A-Za-z]{3}", NAMES.sub("", shown := paragraph(text, "zh")))}
    assert not english


def test_numbers_of_an_answer_are_the_same_in_chinese(said: list[str]) -> None:
    # But for "5 %", which Chinese writes without a blank.
    for text in said:
        numbers = [re.findall(r"\d+(?:[.,]\d+)*", one) for one in (text, paragraph(text, "zh"))]
        assert sorted(numbers[0]) == sorted(numbers[1]), text


def test_sentences_are_told_one_by_one(said: list[str]) -> None:
    both = f"{said[0]} {said[2]}"
    assert paragraph(both, "zh") == paragraph(said[0], "zh") + paragraph(said[2], "zh")
    assert paragraph(said[0], PSEUDO).startswith("⟦")
