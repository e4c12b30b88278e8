"""Rows that something exists, or stands in an order: verdicts, measures against values by hand, pictures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm import scenario
from abm.machine.errors import InputError
from abm.machine.language import speaking
from experiments.analysis.intervals import mean_interval
from experiments.analysis.mean_field import SERIES
from experiments.paper import Row, Table, judge, ran, rows
from experiments.paper.judging import Verdict
from experiments.paper.page import asked_for, markdown
from experiments.paper.rows import SIGNS, Experiment, Side, read, worlds
from experiments.paper.shown import Seen, _draw, _seeds, code, is_one_sided, module, names, with_imports
from experiments.paper.shown._seeds import jackknifed

SEEDS = 20
SHOWN = [one for one in rows() if one.experiment is not None and one.experiment.shows]


def row(sign: str, least: float) -> Row:
    side = Side("plain")
    return Row(1, "1", (), "a claim", "主张", experiment=Experiment(sign, least, side, side, ("u1",)))


def verdict(sign: str, least: float, effect: np.ndarray) -> tuple[Verdict, str]:
    values = {1: tuple(map(float, effect))}
    (found,) = judge([row(sign, least)], Table("m", "a", 1, len(effect), {}, values, {1: (0.0,) * len(effect)}))
    return found.verdict, found.why


SPREAD = 0.02 * np.linspace(-1.0, 1.0, SEEDS)


@pytest.mark.parametrize(
    ("effect", "expected", "why"),
    [
        (0.05 + SPREAD, Verdict.STRONG, ""),
        (-0.05 + SPREAD, Verdict.STRONG, ""),
        (-0.015 + SPREAD, Verdict.WEAK, "smaller than what counts"),
        (0.05 + 20 * SPREAD, Verdict.WEAK, "no effect beyond noise"),
        (0.021 + SPREAD, Verdict.STRONG, ""),
        (np.r_[np.nan, np.full(SEEDS - 1, 0.5)], Verdict.WEAK, "not measured under every seed"),
        (np.zeros(SEEDS), Verdict.WEAK, "no effect beyond noise"),
    ],
)
def test_what_exists_is_off_nothing_on_either_side_and_large_enough(
    effect: np.ndarray, expected: Verdict, why: str
) -> None:
    assert verdict("exists", 0.02, effect) == (expected, why)


@pytest.mark.parametrize(("n", "expected"), [(20, Verdict.STRONG), (16, Verdict.STRONG), (15, Verdict.WEAK)])
def test_an_order_has_to_hold_in_four_of_five_seeds(n: int, expected: Verdict) -> None:
    holds = np.r_[np.full(n, 0.5), np.full(SEEDS - n, 0.49)]
    assert verdict("ordered", 0.5, holds)[0] is expected


def test_what_is_nothing_is_hardly_ever_said_to_exist() -> None:
    chance = np.random.default_rng(5)
    known = [row("exists", 0.0001) for _ in range(15)]
    known = [Row(n, "1", (), "c", "主", experiment=one.experiment) for n, one in enumerate(known, 1)]
    wrong = 0
    for _ in range(300):
        values = {n: tuple(chance.normal(0, 0.05, SEEDS).tolist()) for n in range(1, 16)}
        found = judge(known, Table("m", "a", 1, SEEDS, {}, values, dict.fromkeys(values, (0.0,) * SEEDS)))
        wrong += any(one.verdict is Verdict.STRONG for one in found)
    # 300 tables, 5 % of them: at most 24 with a chance of 99 %.
    assert wrong <= 24


def test_every_module_is_a_row_s_and_every_such_row_says_what_it_shows_in_both_languages() -> None:
    assert {one.experiment.shows for one in SHOWN if one.experiment} == set(names())
    for one in SHOWN:
        experiment = one.experiment
        assert experiment is not None
        assert experiment.named and any(ord(letter) > 0x3000 for letter in experiment.named_zh), one.number
        assert experiment.sign in SIGNS and experiment.least > 0
        assert asked_for(experiment)


def test_a_row_that_shows_nothing_known_is_named() -> None:
    entry: dict[str, Any] = {
        "row": 94, "section": "1", "refs": [], "claim": "a", "claim_zh": "主张", "mechanism": "m", "mechanism_zh": "m",
        "sign": "exists", "least": 0.1, "world": "plain", "of": {"platform": 0.1}, "against": {}, "outcome": "u1",
        "shows": "push_and_back", "named": "a", "named_zh": "主",
    }  # fmt: skip
    assert read(entry).experiment is not None
    for changes, why in (
        ({"shows": "push_and_bak"}, "did you mean"),
        ({"start": 3, "end": 5}, "does not go with `shows`"),
        ({"sign": "is"}, "has a sign that is none"),
    ):
        with pytest.raises(InputError, match=why):
            read(entry | changes)
    without = {key: value for key, value in entry.items() if key != "shows"}
    with pytest.raises(InputError, match="is no module"):
        read(without)


def seen(of: dict[str, Any], against: dict[str, Any] | None = None, *each: dict[str, Any], metric: str = "x") -> Seen:
    side = Side("plain")
    experiment = Experiment("exists", 0.02, side, side, (metric, "y", "z"), each=(side,) * len(each))
    return Seen(experiment, (of, against or {}, *each))


def test_pseudo_values_of_a_mean_are_the_values_themselves() -> None:
    values = np.array([0.1, 0.4, 0.7, 0.2])
    without = np.array([np.delete(values, i).mean() for i in range(4)])
    assert np.allclose(jackknifed(values.mean(), without), values)


def test_four_stages_count_regions_that_reach_each_after_the_one_before() -> None:
    straight, skips, back = [0, 1, 2, 3, 3], [0, 1, 3, 2, 3], [1, 0, 2, 3, 3]
    stage = np.array([[straight, skips, back, straight]]).transpose(0, 2, 1)
    assert module("four_stages").measure(seen({"stage": stage})).tolist() == [0.5]


def test_what_is_linear_answers_in_proportion_however_late_and_what_is_not_does_not() -> None:
    """A lag of ten years over a world that drifts is nothing; an answer to the square of the push is not."""
    push = {"rule": "college_evaluation", "reform": 0.7, "from": 8, "ramp": 31, "until": 40, "fade": 31}
    side = Side("plain")
    of = Side("plain", (("add_policies", [push]),))
    experiment = Experiment("exists", 0.02, of, side, ("x",), each=(side,))
    strength = np.r_[np.zeros(8), np.linspace(0, 1, 33)[1:], np.linspace(1, 0, 33)[:-1], np.zeros(8)]
    drift = 0.3 + 0.001 * np.arange(80.0)[None]

    def late(of_strength: np.ndarray) -> np.ndarray:
        path, now = np.zeros(80), 0.0
        for t, x in enumerate(of_strength):
            now += (x - now) / 40.0
            path[t] = now
        return path[None]

    def measured(answer: Any) -> float:
        sides = [{"x": drift + answer(part * strength)} for part in (1.0, 0.0, 0.5)]
        return float(module("push_and_back").measure(Seen(experiment, tuple(sides)))[0])

    assert module("push_and_back").schedule(Seen(experiment, ())) == (8, 40, 72)
    assert measured(late) == pytest.approx(0.0, abs=1e-12)
    assert measured(lambda x: (x**2)[None]) == pytest.approx(0.5 * (strength[8:72] ** 2).mean())


def test_every_era_has_to_be_led_by_a_drive_of_its_own() -> None:
    share = {name: np.zeros((2, 140)) for name in ("x", "y", "z")}
    for i, (name, (start, end)) in enumerate(zip(share, module("three_eras").WINDOWS, strict=True)):
        share[name][:, start:end] = 0.5 + 0.1 * i
    share["z"][1, 60:80] = 0.7  # In the second seed joint research leads in the second era too.
    assert module("three_eras").measure(seen(share)) == pytest.approx([0.5, -0.1])
    world = scenario.load("three_eras")
    began = {change.start for change in world.changes} | {rule.from_step for rule in world.policies}
    ends = [end for _, end in module("three_eras").WINDOWS]
    assert set(ends[:2]) <= began and ends[2] == worlds()["eras"][0].steps


def test_provinces_that_differ_by_chance_alone_do_not_stand_apart_and_others_do() -> None:
    chance = np.random.default_rng(1)
    noise = chance.normal(0, 0.05, (SEEDS, 30))
    of_chance = mean_interval(module("between_provinces").measure(seen({"coordination": 0.6 + noise})))
    assert of_chance.high < 0
    apart = noise + np.linspace(0.3, 0.9, 30)
    found = mean_interval(module("between_provinces").measure(seen({"coordination": apart})))
    assert found.low > 0 and found.value == pytest.approx(np.linspace(0.3, 0.9, 30).std(ddof=1) - 0.05, abs=0.01)


def test_six_years_later() -> None:
    assert module("six_years").measure(seen({"x": np.arange(80.0)[None] * 0.01}))[0] == pytest.approx(0.24)


def test_halfway_is_where_half_of_the_rise_is_done() -> None:
    step = np.r_[np.zeros(40), np.ones(40)][None]
    late = np.r_[np.zeros(46), np.ones(34)][None]
    flat = np.ones((1, 80))
    halfway = module("leads_and_lags").halfway
    assert halfway(late)[0] - halfway(step)[0] == pytest.approx(6.0)
    assert np.isnan(halfway(flat)[0])
    assert module("leads_and_lags").measure(seen({"x": step, "y": step, "z": late}))[0] == pytest.approx(6.0)


def test_the_upper_group_of_inputs_is_told_by_seeds_that_do_not_judge() -> None:
    ones = np.ones((4, 80))
    sides = [{"x": level * ones, "failed_share": ones} for level in (0.5, 0.1, -0.4, 0.3, 0.0, 0.0)]
    found = module("inputs_that_matter").measure(seen(sides[0], {"x": 0 * ones, "failed_share": ones}, *sides[1:]))
    assert np.allclose(found, (0.5 + 0.4 + 0.3) / 3 - 0.1 / 3)
    chance, wrong = np.random.default_rng(2), 0
    for _ in range(200):
        noise = chance.normal(0, 0.05, (9, SEEDS, 1)) * np.ones((1, 1, 80))
        pure = module("inputs_that_matter").measure(
            seen({"x": noise[0]}, {"x": 0 * noise[0]}, *({"x": one} for one in noise[1:]))
        )
        assert len(pure) == SEEDS // 2
        found = mean_interval(pure)
        wrong += not found.low < 0 < found.high
    # 200 studies of nothing, 5 % of them: at most 18 with a chance of 99 %.
    assert wrong <= 18


def test_a_critical_price_lies_on_the_line_between_two_prices() -> None:
    crossings = module("inputs_that_matter").crossings
    found = crossings(np.array([0.1, 0.2, 0.4]), np.array([[0.3, 0.3], [0.4, 0.4], [0.6, 0.45]]))
    assert found[0] == pytest.approx(0.3) and np.isnan(found[1])


def test_the_best_rule_and_the_deepest_model_are_told_by_seeds_that_do_not_judge() -> None:
    ones = np.ones((5, 80))
    nothing: dict[str, Any] = dict.fromkeys(("x", "y", "z"), 0 * ones)
    a, b = ({**nothing, "x": level * ones} for level in (0.6, 0.2))
    assert np.allclose(module("rules_tried").measure(seen(a, nothing, b)), 0.6 - 0.4)
    assert np.allclose(module("models_side_by_side").measure(seen(a, nothing, b)), 0.4)


def test_shock_and_choice_are_paired_differences() -> None:
    path = np.r_[np.ones(48), np.zeros(32)][None]
    ones = np.ones((1, 80))
    # Two years after the shock, at 48: three quarters are kept with communities, of twice as much, and half without.
    struck, bare = np.r_[np.ones(48), np.full(8, 0.75), np.zeros(24)][None], np.r_[np.ones(48), np.full(32, 0.5)][None]
    sides = ({"x": 2 * struck}, {"x": 2 * ones}, {"x": ones}, {"x": bare}, {"x": ones})
    assert module("shock_and_recovery").AT == 48
    assert module("shock_and_recovery").measure(seen(*sides))[0] == pytest.approx(0.25)
    late = np.r_[np.full(60, 9.0), np.full(20, 0.5)][None]
    assert module("answering_each_other").measure(seen({"x": late}, {"x": path}))[0] == 0.5
    assert module("answering_each_other").measure(seen({"x": path}, {"x": late}))[0] == -0.5


def test_no_warning_is_judged_where_too_few_runs_tip() -> None:
    assert np.isnan(module("warned").measure(seen({"x": np.zeros((6, 80))}))).all()
    chance = np.random.default_rng(6)
    jump = np.r_[np.zeros(50), np.ones(30)]
    tips = np.array([jump, jump, jump, jump, 0 * jump, 0 * jump, 0 * jump, 0 * jump])
    found = module("warned").measure(seen({"x": tips + chance.normal(0, 0.01, tips.shape)}))
    assert np.isfinite(found).all()
    # Noise that grows before the jump, in those that tip alone, warns of it; noise that shrinks warns against it.
    grows = np.r_[np.linspace(0.002, 0.06, 50), np.full(30, 0.002)]
    for of_those, is_warned in ((grows, True), (np.r_[grows[:50][::-1], grows[50:]], False)):
        spread = np.array([of_those] * 4 + [np.full(80, 0.03)] * 4)
        area = module("warned").measure(seen({"x": tips + chance.normal(0, 1, tips.shape) * spread})).mean()
        assert (area > 0.3) if is_warned else (area < -0.1)


def test_only_figures_that_were_not_fitted_are_counted() -> None:
    evidence = module("evidence")
    known = evidence.figures()
    assert {one.is_fitted for one in known.values()} == {True, False}
    hit = {name: np.array([(f.low + f.high) / 2, 9.0]) for name, f in known.items() if name != "fall"}
    found = evidence.measure(seen(hit))
    assert found[1] == 0.0 and found[0] == 1.0


def test_chains_lose_what_each_joint_loses() -> None:
    chains = np.array([[[0.8], [0.7], [0.5], [0.2]]] * 2)
    less = np.array([[[0.8], [0.5], [0.5], [0.1]]] * 2)
    found = seen({"chains": chains}, {"chains": less})
    assert np.allclose(module("four_chains").measure(found), 0.1)
    assert np.allclose(module("four_chains").gaps(found.of)[:, 0], [0.2, 0.1, 0.2, 0.3])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_row_is_run_judged_and_drawn_in_both_languages(tmp_path: Path) -> None:
    """Of a sweep (row 54), and of runs kept whole, two of them of the same sides (20)."""
    chosen = [one for one in rows() if one.number in (20, 54)]
    made = ran(chosen, store=tmp_path / "store", seeds=2, seed=9, workers=1, is_quiet=True)
    table = made.table()
    assert {row: len(of) for row, of in table.effects.items()} == {20: 2, 54: 1}
    again = ran(chosen, store=tmp_path / "store", seeds=2, seed=9, workers=1, is_quiet=True)
    assert again.table().effects == table.effects
    for language, end in (("en", ""), ("zh", "_zh")):
        with speaking(language):
            pictures = made.pictures(tmp_path, end)
            page = markdown(judge(chosen, table), table, "", pictures)
        assert pictures == {20: f"paper_rows/row_20{end}.png", 54: f"paper_rows/row_54{end}.png"}
        for name in pictures.values():
            assert 1_000 < (tmp_path / name).stat().st_size < 150_000
            assert f"({name})" in page


def test_the_equations_are_judged_by_what_they_explain_least() -> None:
    rises = np.linspace(0.0, 1.0, 40)[None]
    agents = dict.fromkeys(SERIES, rises)
    solved = {f"solved_{name}": rises for name in SERIES} | {f"solved_{SERIES[-1]}": 0 * rises}
    assert module("mean_field").measure(seen(agents | solved)) == pytest.approx([0.0])
    assert module("mean_field").measure(seen(agents | dict.fromkeys(solved, rises))) == pytest.approx([1.0])


def test_what_is_said_to_be_of_one_side_reads_no_other() -> None:
    for name in names():
        text = Path(str(module(name).__file__)).read_text("utf-8")
        measuring = text[text.index("def measure") : text.index("\n\n\n", text.index("def measure"))]
        reads_others = any(word in measuring for word in (".against", ".each", ".sides", "_gaps", "_moves", "_effects"))
        assert not (is_one_sided(name) and reads_others), name


def test_a_table_knows_by_what_code_it_was_measured() -> None:
    folder = Path(_draw.__file__).parent

    def read(name: str) -> set[str]:
        return {path.stem for path in with_imports(folder / f"{name}.py")}

    assert {path.parent.name for path in with_imports(folder / "mean_field.py") if path.stem == "mean_field"} == {
        "shown", "analysis",
    }  # fmt: skip
    assert "_seeds" in read("rules_tried") and "tipping" in {p.parent.stem for p in with_imports(folder / "warned.py")}
    assert "_draw" not in read("rules_tried"), "how it is drawn is no part of a result"
    assert len(code()) == 16


def test_sides_are_named_in_the_language_that_is_spoken() -> None:
    drawn = [one.experiment for one in SHOWN if one.number in (78, 81, 88)]
    for experiment in drawn:
        assert experiment is not None
        for side in experiment.sides:
            with speaking("zh"):
                chinese = _draw.named(side)
            assert not re.search("[A-Za-z]", chinese), chinese
            assert _draw.named(side) != chinese
    assert _draw.broken("one " * 60)[-1].endswith(" ...") and len(_draw.broken("one " * 60)) == _draw.MOST_LINES
    assert _seeds.halves(20) == (slice(0, 10), slice(10, 20))
