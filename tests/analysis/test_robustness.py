"""Which conclusions survive: the same study in other worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.commands._main import main
from abm.machine.errors import InputError
from abm.machine.language import speaking
from experiments.analysis.effects import paired_effects
from experiments.analysis.robustness import (
    AS_ASKED,
    EVERYWHERE,
    NOWHERE_SURE,
    OTHER_POPULATION,
    WHERE_TOLD,
    Variant,
    crossed,
    of_effects,
    of_keys,
    robustness,
    variants,
)
from experiments.design import load
from experiments.design.design import question_of
from experiments.questions import Setting, questions
from experiments.report.columns import meaning_of
from tests.analysis.test_effects import priced, three

DESIGN = """
name = "small"
steps = 8
replications = 4
outcomes = ["failed_share", "agreement_rate"]
population = { n_regions = 3, n_enterprises = 30, n_colleges = 8, n_students = 240 }

[arms.nothing]
policies = []

[arms.dear]
parameters = { communication_cost = 0.1 }
"""


def test_what_differs_somewhere_is_named_with_where() -> None:
    answers: dict[str, dict[str, str]] = {
        "here": {"a on x": "raises", "cheapest": "a"}, "there": {"a on x": "raises", "cheapest": "b"},
    }  # fmt: skip

    def ask(variant: Variant | None) -> dict[str, str]:
        if variant is not None and variant.name == "nowhere":
            raise InputError("nowhere", why="is no world")
        return answers["there" if variant is not None and variant.name == "there" else "here"]

    worlds = [Variant(name, lambda design: design) for name in ("here too", "there", "nowhere")]
    found = robustness(ask, worlds)
    assert found.table["same"].tolist() == [2, 1] and found.table["worlds"].tolist() == [2, 2]
    assert found.table[AS_ASKED].tolist() == ["raises", "a"]
    answer = found.answer()
    assert answer.startswith("1 of 2 conclusions are the same in all 2 worlds.")
    assert "cheapest: a as asked and in 1 of 2 worlds, but b in 1, first there." in answer
    assert answer.endswith("Not asked: nowhere (nowhere is no world).")


def test_worlds_are_crossed_and_the_table_says_which_conclusions_survive(tmp_path: Path) -> None:
    worlds = crossed("concession")
    assert len(worlds) == 4 * 3 * 2 and len({world.name for world in worlds}) == len(worlds)
    assert worlds[0].levels == ("protocol concession", "size x 1", "own population")
    design = load(DESIGN)
    made = [world.change(design) for world in worlds]
    # No two worlds share a seed, nor does one with the study.
    seeds = [[of.run_seed(i) for i in range(4)] for of in (design, *made)]
    assert len(set(np.ravel(seeds).tolist())) == 4 * 25
    small = next(
        of for of, world in zip(made, worlds, strict=True) if world.levels[1:] == ("size x 0.5", OTHER_POPULATION)
    )
    assert small.base.population.source == "provinces" and small.base.population.scale == 0.01

    def ask(world: Variant | None) -> dict[str, str]:
        levels = world.levels if world else ()
        return {
            "a": "raises",
            "b": "not told" if "size x 0.5" in levels else "lowers",
            "c": "raises" if "protocol nash" in levels else "not told",
        }

    found = robustness(ask, worlds)
    table = found.table.set_index("conclusion")
    assert table["survives"].to_dict() == {"a": EVERYWHERE, "b": WHERE_TOLD, "c": NOWHERE_SURE}
    assert table.loc["b", ["size x 0.5", "size x 2", "protocol nash"]].tolist() == ["0 of 8", "8 of 8", "4 of 6"]
    assert table.loc["c", ["same", "not told", "otherwise", "worlds"]].tolist() == [18, 0, 6, 24]
    assert len(found.cells) == 3 * 24
    named = [*found.table.columns, *found.cells.columns]
    assert not {name for name in named if meaning_of(name) is None}
    answer = found.answer()
    assert "1 of 3 conclusions are the same in all 24 worlds." in answer
    assert "b: lowers as asked and in 16 of 24 worlds, not told in the others." in answer
    assert "but raises in 6, first protocol nash, size x 1, own population." in answer
    with speaking("zh"):
        assert "协议 nash" in found.answer() and "otherwise" not in found.answer() and "raises" not in found.answer()


def test_variants_are_other_worlds_and_nothing_else_changes() -> None:
    design = load(DESIGN)
    worlds = {variant.name: variant.change(design) for variant in variants(design.base.protocol)}
    assert worlds["protocol nash"].base.protocol == "nash" != design.base.protocol
    assert f"protocol {design.base.protocol}" not in worlds
    counts = [worlds[f"size x {size}"].base.population.n_enterprises for size in ("0.5", "2")]
    assert counts == [15, 60]
    assert worlds[OTHER_POPULATION].base.population.source == "provinces"
    assert set(map(worlds["fresh seeds"].run_seed, range(4))).isdisjoint(map(design.run_seed, range(4)))
    for world in worlds.values():
        assert world.arms == design.arms and world.outcomes == design.outcomes
        assert world.base.parameters == design.base.parameters
    provinces = load("name = 'p'\nbase = 'china'\n[arms.a]\n[arms.b]\nparameters = { communication_cost = 0.1 }")
    small = provinces.with_overrides(scale=0.02)
    of = {v.name: v for v in variants("concession")}
    assert len(of) == 7
    assert of["size x 2"].change(small).base.population.scale == 0.04
    assert of[OTHER_POPULATION].change(small).base.population.source == "synthetic"


def test_conclusions_are_directions_that_are_told() -> None:
    runs = three(1, 20, 3.0)
    found = of_effects(paired_effects(runs, ["x", "y"], baseline="nothing"))
    assert found["a on x"] == "raises" and found["b on y"] == "not told" and "cheapest" not in found
    clear = paired_effects(priced(2.0, 4.0), ["y"], baseline="nothing", cost=("spent", "y"))
    assert of_effects(clear)["cheapest"] == "push"
    tied = paired_effects(priced(2.0, 2.0), ["y"], baseline="nothing", cost=("spent", "y"))
    assert of_effects(tied)["cheapest"] == "not told"
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.random((40, 2)), columns=["up", "idle"]).assign(point=range(40), status="ok", word="w")
    points["y"] = -points["up"] + 0.1 * rng.normal(size=40)
    assert of_keys(points, ["up", "idle", "word"], ["y"]) == {"y over up": "falls", "y over idle": "not told"}


def test_a_sweep_says_what_survives_and_how_many_seeds_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(DESIGN)

    few = [world for world in variants("concession") if world.name in ("protocol nash", "fresh seeds")]
    halves = [world for world in crossed("concession") if world.levels[1:] == ("size x 0.5", "own population")]
    monkeypatch.setattr("experiments.analysis.robustness.variants", lambda _: few)
    monkeypatch.setattr("experiments.analysis.robustness.crossed", lambda _: halves)
    words = ["sweep", "small.toml", "--workers", "1", "--quiet"]
    assert main([*words, "--robust", "each"]) == 0
    out = capsys.readouterr().out
    assert "dear on failed_share" in out and "protocol nash" in out and "in all 2 worlds" in out
    assert main(["--lang", "zh", *words, "--robust"]) == 0
    out = capsys.readouterr().out
    assert "dear on failed_share" in out and "规模 × 0.5" in out and "在全部 4 个世界中相同" in out
    assert main([*words, "--advise", "--replications", "12"]) == 0
    out = capsys.readouterr().out
    assert "8 of 8 runs" in out and "12 seeds tell differences from" in out and "to tell it takes about" in out


def test_a_question_is_asked_in_another_world(tmp_path: Path) -> None:
    seen: list[Any] = []

    def change(design: Any) -> Any:
        seen.append(design.name)
        return design.with_overrides(
            population={"n_regions": 3, "n_colleges": 9, "n_enterprises": 45, "n_students": 540}, steps=28
        )

    setting = Setting(tmp_path, workers=1, is_quick=True, is_quiet=True, variant=Variant("small", change))
    reply = questions()["subsidy-or-evaluation"].ask(setting)
    assert seen == ["subsidy-or-evaluation"]
    assert reply.conclusions["evaluation reform on substance"] in ("raises", "lowers", "not told")
    assert "That evaluation reform and" not in reply.answer
    assert "evaluation reform itself costs no public money is an assumption of the model" in reply.answer


def test_what_a_design_asks_is_good_english() -> None:
    assert question_of(["arm"]) == "What do the arms do?"
    assert question_of(["mandate"]) == "What does mandate do?"
    assert question_of(["a", "b", "c"]) == "What do a, b and c do?"
    assert load("name = 'x'\n[vary]\nmandate = [1, 2]").asks == "What does mandate do?"
