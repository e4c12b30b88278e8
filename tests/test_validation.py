"""Patterns that hold robustly hold with few seeds, and one that does not hold is reported as failing."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

import numpy as np
import pytest

from abm.machine.errors import InputError
from abm.results.folder import commit
from experiments.commands import validate as command
from experiments.validation import _targets, patterns, patterns_of_targets
from experiments.validation._pattern import Effect, Pattern, Runs, world
from experiments.validation._runner import find, run_world, validate
from experiments.validation._table import markdown, text

SEEDS = (1, 2, 3)
ROBUST = ("V1", "V6", "V10", "V11", "V13", "F1")


def tiny(measure: Callable[[Runs], float], above: float | None = None, below: float | None = None) -> Pattern:
    small = {"population.n_enterprises": 20, "population.n_colleges": 6, "population.n_students": 120}
    worlds = {"plain": world(steps=4, **small), "ordered": world(steps=4, mandate=3, **small)}
    return Pattern("X1", "a claim", "nobody", worlds, (Effect("effect", measure, above, below),))


def more_formal(runs: Runs) -> float:
    return runs["ordered"].last("mean_formal_depth", 2) - runs["plain"].last("mean_formal_depth", 2)


@pytest.mark.slow
@pytest.mark.long
def test_robust_patterns_hold_with_few_seeds():
    chosen = [pattern for pattern in patterns() if pattern.number in ROBUST]
    assert len(chosen) == len(ROBUST)
    failing = [text([outcome]) for outcome in validate(chosen, SEEDS, is_quiet=True) if not outcome.holds]
    assert not failing, "\n".join(failing)


def test_a_pattern_that_does_not_hold_is_reported():
    held, failed = (
        validate([tiny(more_formal, **bound)], SEEDS, is_quiet=True)[0] for bound in ({"above": 0}, {"below": 0})
    )
    assert held.holds
    assert not failed.holds
    assert "DOES NOT HOLD" in text([failed])
    assert "0 of 1 patterns hold" in text([failed])
    page = markdown([failed], range(SEEDS[0], SEEDS[-1] + 1))
    assert "--first-seed 1 --seeds 3" in page and "seeds 1 to 3." in page
    assert "none of which" in markdown([failed], range(101, 104))
    assert "**does not hold**" in page
    assert f"(commit {commit() or 'unknown'})" in page
    assert "DOES NOT HOLD" not in text([held])


def test_the_interval_decides_not_the_mean():
    assert find(Effect("x", lambda _: 0.0, above=0), (0.1, 0.2, 0.3)).holds is False  # .2 +- 4.303 * .1 / sqrt(3)
    finding = find(Effect("x", lambda _: 0.0, above=0), (0.2, 0.2, 0.3, 0.3))
    assert finding.holds
    assert finding.low == pytest.approx(0.25 - 3.182446305 * math.sqrt(0.01 / 3) / 2)
    assert not find(Effect("x", lambda _: 0.0, below=1), (0.1, 0.11, math.nan)).holds
    assert not find(Effect("x", lambda _: 0.0, below=1), (0.1,)).holds
    assert find(Effect("only reported", lambda _: 0.0), (0.1, 5.0)).holds


def test_worlds_change_under_way_and_are_observed():
    from dataclasses import replace

    plain = world(
        steps=6, observe=lambda state: {"step": state.step, "two": np.arange(2)}, **{"population.n_students": 360}
    )
    changed = replace(plain, changes=((3, plain.scenario.with_overrides(supervision=1.0)),))
    a, b = run_world(plain, 1), run_world(changed, 1)
    assert a.seen["two"].shape == (6, 2)
    assert a.seen["step"].tolist() == [1, 2, 3, 4, 5, 6]
    fines = a.metrics["fines"], b.metrics["fines"]
    assert fines[0][:3].tolist() == fines[1][:3].tolist()
    assert fines[1][3:].sum() > fines[0][3:].sum()


def test_numbers_are_unique_and_every_world_is_compared():
    found = patterns()
    assert [p.number for p in found] == [f"V{i}" for i in range(1, 14)] + ["F1", "F2"]
    for pattern in found:
        assert pattern.source and pattern.statement
        assert any(e.above is not None or e.below is not None for e in pattern.effects)


def test_every_published_figure_is_asked_or_told_why_not():
    figures = {target.id for target in _targets.targets()}
    assert set(_targets.asked()) | set(_targets.NOT_ASKED) == figures
    assert not set(_targets.asked()) & set(_targets.NOT_ASKED)
    found = patterns_of_targets()
    assert [p.number for p in found] == [f"T{i + 1}" for i in range(len(_targets.asked()))]
    for target in _targets.targets():
        assert target.source and target.use in ("fit", "check", "input") and target.where and target.year
    assert all(e.above is not None or e.below is not None for p in found for e in p.effects)


def test_what_deep_contracts_give_is_counted_contract_by_contract(monkeypatch):
    from abm.population import build
    from abm.quarter import step
    from abm.world.ledger import Line
    from abm.world.realised import realised_ledgers
    from abm.world.vocabulary import ENTERPRISE, ORDER_BASED

    monkeypatch.setattr(_targets, "STEPS", 20)
    monkeypatch.setattr(_targets, "LAST", 5)
    of = world("reform_package", steps=20, mandate=3).scenario
    state, early = build(of, 4, threads=1), {}
    for _ in range(of.steps):
        step(state, of)
        if state.step == 10:
            early = _targets.contracts(state)
    found = _targets.contracts(state)
    assert all(math.isnan(value) for value in early.values()) and set(early) == set(found)
    gains, product, gross, n = {}, 0.0, 0.0, 0
    for e, h in zip(*np.nonzero(state.ties.level), strict=True):
        if state.ties.level[e, h] < ORDER_BASED:
            continue
        row = np.array([e], np.int32), np.array([h], np.int32)
        own = dict(zip(Line, realised_ledgers(state, of.p, *row, state.step - 1)[0, ENTERPRISE], strict=True))
        cost = own[Line.COST] + own[Line.EFFORT] + own[Line.TALK]
        gains[e] = gains.get(e, 0.0) + own[Line.PROFIT] + own[Line.SUBSIDY] + own[Line.TAX_CREDIT] + cost
        product, gross, n = product + own[Line.PROFIT], gross - cost, n + 1
    assert found["training"] == len(gains) / len(state.enterprises.id) > 0.1
    assert found["contracts_each"] == pytest.approx(n / len(gains))
    assert found["gaining"] == pytest.approx(np.mean([gain > 0 for gain in gains.values()]))
    assert found["return_over_cost"] == pytest.approx(product / gross)


def years(supply_follows: bool) -> Runs:
    """Two fields whose vacancies wander; places follow them a year later, or they places."""
    from experiments.validation._pattern import Run

    leader = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.1, (21, 2)), axis=0)) * 1000
    follower = np.vstack([leader[:1], leader[:-1]])
    names = ("demand", "supply") if supply_follows else ("supply", "demand")
    seen = {name: np.repeat(of, 4, axis=0) for name, of in zip(names, (leader, follower), strict=True)}
    return {"world": Run({}, np.zeros((84, 1), np.int8), seen)}


def test_who_leads_is_told_by_who_follows():
    assert _targets._leads(years(True)) > 0.2
    assert _targets._leads(years(False)) < -0.2


@pytest.mark.long
def test_processes_find_the_same():
    chosen = [p for p in patterns() if p.number == "V4"]
    one = validate(chosen, (1, 2), is_quiet=True)
    two = validate(chosen, (1, 2), workers=2, is_quiet=True)
    assert [f.values for f in one[0].findings] == [f.values for f in two[0].findings]


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.register(parser)
    return parser.parse_args(words)


def test_the_command_writes_the_table_and_tells_what_is_wrong(tmp_path, capsys):
    out = tmp_path / "table.md"
    code = command.main(arguments("--seeds", "2", "--only", "v4", "--workers", "1", "--quiet", "--out", str(out)))
    printed = capsys.readouterr()
    assert code == ("DOES NOT HOLD" in printed.out)
    assert printed.err == ""
    assert out.read_text().startswith("# Validation\n")
    assert "| V4 |" in out.read_text()
    for words, what in (
        (("--only", "V99"), "V99"),
        (("--targets", "--only", "V4"), "V4"),
        (("--seeds", "1"), "interval"),
        (("--out", "/no/such/x.md"), "folder"),
    ):
        with pytest.raises(InputError, match=what):
            command.main(arguments(*words))
    words = ("--seeds", "2", "--only", "v4", "--workers", "1", "--quiet", "--out", str(tmp_path))
    with pytest.raises(InputError, match="cannot be written"):
        command.main(arguments(*words))
    assert "V4" in capsys.readouterr().out
