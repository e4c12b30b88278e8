"""The paper as a living table: its rows can be run, verdicts say no more than runs do, the command tells the truth."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import abm
from abm.commands._main import main
from abm.machine.errors import InputError
from abm.machine.language import speaking, spoken
from experiments.paper import Row, Table, judge, judging, load, rows, run, running, shown
from experiments.paper.judging import Verdict
from experiments.paper.page import counted, markdown, outcome_of, text
from experiments.paper.rows import Experiment, Side, read, shocks_of, worlds
from experiments.paper.running import asked
from experiments.paper.shown import is_one_sided
from experiments.runs import identity

SEEDS = 20


def table(effects: dict[int, np.ndarray], level: float = 1.0) -> Table:
    values = {row: tuple(map(float, effect)) for row, effect in effects.items()}
    return Table("m", "a", 1, SEEDS, {}, values, {row: (level,) * len(of) for row, of in values.items()})


def row(number: int = 1, sign: str = "+", least: float = 0.1, needs: float | None = None) -> Row:
    side = Side("plain")
    return Row(number, "1", (), "a claim", "主张", experiment=Experiment(sign, least, side, side, ("u1",), needs=needs))


def around(mean: float, spread: float = 0.02) -> np.ndarray:
    """Twenty effects of exactly this mean."""
    spaced = np.linspace(-1.0, 1.0, SEEDS)
    return mean + spread * spaced


def test_all_claims_are_there_once_in_both_languages_and_none_without_a_word_on_the_model() -> None:
    assert [one.number for one in rows()] == list(range(1, 94))
    for one in rows():
        assert one.claim and one.claim_zh and one.section
        assert (one.mechanism and one.mechanism_zh) or (one.declined and one.declined_zh), one.number
        assert any(ord(letter) > 0x3000 for letter in one.claim_zh + one.mechanism_zh + one.declined_zh)


def test_every_side_of_every_experiment_is_a_world_that_can_be_run_and_no_side_is_the_other() -> None:
    n = 0
    for one in rows():
        if one.experiment is None:
            continue
        made = []
        if one.experiment.of == one.experiment.against:
            # What is shown of one world alone: a trend in it, or what was published beside it.
            is_alone = one.experiment.shows and is_one_sided(one.experiment.shows) and not one.experiment.each
            assert is_alone, f"row {one.number} holds a world against itself"
            n += 1
            continue
        for side in one.experiment.sides:
            world, _, _ = worlds()[side.world]
            made.append((world.with_overrides(**dict(side.changes)).to_tables(), shocks_of(side.world)))
            n += 1
        assert made[0] != made[1], f"row {one.number} holds a world against itself"
    assert n > 80


@pytest.mark.parametrize(
    ("effect", "sign", "verdict", "why"),
    [
        (around(0.2), "+", Verdict.STRONG, ""),
        (around(-0.2), "-", Verdict.STRONG, ""),
        (around(-0.2), "+", Verdict.WEAK, "goes the other way"),
        (around(0.05), "+", Verdict.WEAK, "smaller than what counts"),
        (around(0.105, 0.1), "+", Verdict.WEAK, "not certain to be as large as what counts"),
        (around(0.01, 0.3), "+", Verdict.WEAK, "no effect beyond noise"),
        (np.full(SEEDS, 0.2), "+", Verdict.STRONG, ""),
        (np.full(SEEDS, 0.0999), "+", Verdict.WEAK, "smaller than what counts"),
        (np.array([np.nan, *around(0.2)[1:]]), "+", Verdict.WEAK, "not measured under every seed"),
    ],
)
def test_a_verdict_follows_from_the_whole_interval(effect: np.ndarray, sign: str, verdict: Verdict, why: str) -> None:
    (found,) = judge([row(sign=sign)], table({1: effect}))
    assert (found.verdict, found.why) == (verdict, why)


def test_where_the_outcome_hardly_occurs_nothing_is_claimed() -> None:
    for level, verdict in ((0.2, Verdict.STRONG), (0.05, Verdict.WEAK)):
        (found,) = judge([row(needs=0.1)], table({1: around(0.2)}, level))
        assert found.verdict is verdict


def test_claims_that_are_only_just_not_true_are_hardly_ever_called_strong() -> None:
    """Forty effects that are exactly the least that counts: one of them is called strong in at most 5 % of tables."""
    chance = np.random.default_rng(3)
    known = [row(number) for number in range(1, 41)]
    wrong = 0
    for _ in range(400):
        found = judge(known, table({n: chance.normal(0.1, 0.05, SEEDS) for n in range(1, 41)}))
        wrong += any(j.verdict is Verdict.STRONG for j in found)
    # 400 tables, 5 % of them: at most 31 with a chance of 99 %.
    assert wrong <= 31


def test_an_effect_that_lies_a_spread_beyond_the_least_is_found() -> None:
    chance = np.random.default_rng(4)
    found = [judge([row()], table({1: chance.normal(0.15, 0.05, SEEDS)}))[0].verdict for _ in range(100)]
    assert found.count(Verdict.STRONG) >= 95


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(600)
def test_effects_are_the_differences_of_runs_under_the_same_seeds(tmp_path: Path) -> None:
    """Rows 2, 1 (the smaller of two changes), 26 (a product), 53 (what is kept) and 92 (what both do beside what each
    does alone), against runs made one by one."""
    chosen = [one for one in rows() if one.number in (1, 2, 26, 53, 92)]
    found = run(chosen, store=tmp_path / "store", seeds=2, seed=9, workers=1, is_quiet=True)
    world = worlds()["plain"][0]

    def ran(seed: int, **changes: Any) -> pd.DataFrame:
        return abm.run(world.with_overrides(**changes), seed=seed).metrics

    def mean(metric: str, seed: int, **changes: float) -> float:
        return float(ran(seed, **changes)[metric].iloc[-20:].mean())

    def dear(seed: int, price: float) -> float:
        metrics = ran(seed, communication_cost=price)
        return float((metrics["failed_share"] * metrics["failed_by_communication_cost"].fillna(0.0)).iloc[-20:].mean())

    def kept(seed: int, side: Side) -> float:
        engaged = ran(seed, **dict(side.changes))["engaged_enterprise_share"].to_numpy()
        before = engaged[44:48].mean()
        return float(engaged[56:60].mean() / before) if before > 0 else float("nan")

    reform = {"evaluation_reform": 0.6, "supervision": 0.5, "penalty": 0.3}
    for i, seed in enumerate((9_000_000, 9_000_001)):
        apart = mean("curriculum_fit", seed, revision_interval=4) - mean("curriculum_fit", seed, revision_interval=20)
        assert found.effects[2][i] == pytest.approx(apart, rel=1e-5)
        assert found.effects[26][i] == pytest.approx(dear(seed, 0.22) - dear(seed, 0.11), rel=1e-5)
        push = next(one.experiment for one in rows() if one.number == 53)
        assert push is not None
        lost = kept(seed, push.against) - kept(seed, push.of)
        assert found.effects[53][i] == pytest.approx(-lost, rel=1e-5, nan_ok=True)
        depth, half = "substantive_depth_per_place", {"evaluation_reform": 0.3, "supervision": 0.3}
        nothing, both = mean(depth, seed), mean(depth, seed, **half)
        alone = [mean(depth, seed, **{lever: value}) - nothing for lever, value in half.items()]
        assert found.effects[92][i] == pytest.approx(both - nothing - sum(alone), rel=1e-4, abs=1e-9)
        changes = [mean(u, seed, **reform) - mean(u, seed) for u in ("u1", "u2")]
        assert found.effects[1][i] == pytest.approx(min(changes), rel=1e-5)
    assert not found.is_stale
    # What is in the store is not run again, and gives the same table; what is written is read back.
    again = run(chosen, store=tmp_path / "store", seeds=2, seed=9, workers=1, is_quiet=True)
    # As text: what was not measured equals nothing, itself included.
    assert str(again.effects) == str(found.effects)
    found.write(tmp_path / "new" / "table.json")
    assert str(load(tmp_path / "new" / "table.json")) == str(found)


def test_the_shipped_table_has_every_experiment_and_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    shipped = load()
    assert set(shipped.effects) == {one.number for one in rows() if one.experiment is not None}
    assert shipped.asked == asked(), "rows or worlds were changed: `abm paper --run`"
    code = main(["paper"])
    printed = capsys.readouterr().out
    assert code == (shipped.model != identity.model()) == ("stale: " in printed)
    assert counted(judge(rows(), shipped)) in printed
    assert all(one.claim.split(",")[0][:40] in printed for one in rows())


def test_a_table_of_another_model_is_stale_and_of_this_one_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model, is_stale in ((identity.model(), False), ("0.0.9+abc", True)):
        replace(load(), model=model).write(tmp_path / "table.json")
        assert main(["paper", "--rows", "24", "--table", str(tmp_path / "table.json")]) == int(is_stale)
        assert ("stale" in capsys.readouterr().out) == is_stale


def test_pages_are_written_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    found = judge(rows(), load())
    for language, word in (("en", "The paper, claim by claim"), ("zh", "逐条对照论文")):
        with speaking(language):
            page = markdown(found, load(), "paper.png")
            assert word in page and page.count("\n| ") == 94
            assert text(found).splitlines()[-1] in page
    with speaking("zh"):
        shown = text(found)
    assert not [one.number for one in rows() if one.claim[:30] in shown]
    assert main(["--lang", "zh", "paper", "--rows", "1"]) in (0, 1)
    assert "教育与产业越来越相互依存" in capsys.readouterr().out.replace("\n", "").replace(" ", "")


ENGLISH = {"Wilson", "Student", "Shapley", "Holm", "ROC", "abm", "Guo", "Python", "linux", "paper", "run"}
"""Latin words that a Chinese page may have outside of code: names, and what is typed."""


def test_pages_say_none_of_nothing_and_the_chinese_one_no_english() -> None:
    found = judge(rows(), load())
    for language in ("en", "zh"):
        with speaking(language):
            page = markdown(found, load(), "paper.png", {one.number: "p.png" for one in rows()})
        said = re.sub(r"`[^`]*`|\]\([^)]*\)", "", page)
        assert not re.search(r"\b(None|nan|NaN|inf)\b", said), language
        assert "_" not in said.replace("paper_rows", ""), "names of code stand in code"
        if language == "zh":
            stray = set(re.findall(r"[A-Za-z]{3,}", said)) - ENGLISH
            assert not stray, stray


def test_every_reason_of_a_verdict_is_said_in_chinese() -> None:
    source = Path(judging.__file__).read_text("utf-8")
    reasons = set(re.findall(r'(?:return|why=|else) "([a-z][a-z ]+)"', source))
    assert len(reasons) >= 7
    with speaking("zh"):
        assert not [reason for reason in reasons if re.search("[A-Za-z]", spoken(reason))]


def test_a_window_that_goes_on_to_the_end_is_told_so() -> None:
    side = Side("plain")
    experiment = Experiment("+", 0.1, side, side, ("u1",), start=60)
    assert outcome_of(experiment).endswith(", from quarter 61 on")
    with speaking("zh"):
        assert "自第 61 季度起" in outcome_of(experiment)


def test_what_is_measured_by_others_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    before = asked()
    monkeypatch.setattr(shown, "code", lambda: "another")
    assert asked() != before


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"model": 1}', '{"effects": {"x": 1}}', "\ufeff{"])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "table.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="no table"):
        load(tmp_path / "table.json")
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "nowhere.json")


def test_rows_that_do_not_exist_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper", "--rows", "94"]) == 2
    assert "row 94" in capsys.readouterr().err


def test_all_experiments_together_are_few_enough_for_half_an_hour() -> None:
    """Sides that several rows share are run once; each new row may add two."""
    sides = {(side.world, side.arm) for one in rows() if one.experiment for side in one.experiment.sides}
    assert 40 <= len(sides) <= 120


def test_what_the_command_says_of_its_defaults_is_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert load().seeds == SEEDS == running.SEEDS and load().seed == running.SEED
    with pytest.raises(SystemExit):
        main(["paper", "--help"])
    printed = capsys.readouterr().out
    assert f"(default: {running.SEEDS})" in printed and f"(default: {running.SEED})" in printed


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sign": "is"}, "has a sign that is none"),
        ({"sign": "exists"}, "is no module"),
        ({"outcome": ["u1", "u2"]}, "no way to combine"),
        ({"outcome": "u9"}, "is not measured"),
        ({"world": "nowhere"}, "does not exist"),
        ({"before": [1, 2]}, "none after"),
        ({"outcome": ["u1", "u2"], "combine": "product", "start": 1, "end": 2}, "a window for two metrics"),
        ({"shown_by": "abm run"}, "only one of these"),
        ({"outcom": "u1"}, "is unknown"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(changes: dict[str, Any], why: str) -> None:
    entry: dict[str, Any] = {
        "row": 94, "section": "1", "refs": [], "claim": "a claim", "claim_zh": "主张", "mechanism": "m",
        "mechanism_zh": "m", "sign": "+", "least": 0.1, "world": "plain",
        "of": {"platform": 0.1}, "against": {}, "outcome": "u1",
    }  # fmt: skip
    assert read(entry).experiment is not None
    for key in ("section", "sign", "against"):
        with pytest.raises(InputError, match=f"`{key}` in row 94 .* is missing"):
            read({name: value for name, value in entry.items() if name != key})
    with pytest.raises(InputError, match=re.escape(why)) as error:
        read(entry | changes)
    assert "94" in str(error.value)
