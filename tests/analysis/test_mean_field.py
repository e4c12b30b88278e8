"""Mean-field equations: one quarter against a calculation by hand, and what they are held against."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm import scenario
from abm.commands._main import main
from abm.population import build
from abm.world.levers import LEVERS, L
from abm.world.vocabulary import EMPLOYMENT, N_LEVELS, PROFIT, STANDING, TALENT
from experiments.analysis.mean_field import (
    SERIES,
    MeanField,
    Means,
    Point,
    advance,
    agreed,
    begin,
    means_of,
    rules_of,
    solve,
)

WORLD = scenario.load("classroom").with_overrides(steps=4, effort_noise=0.0, perception_noise=0.0)
AIMS = np.array([0.3, 0.3, 0.1, 0.1, 0.1, 0.1])
MEAN = Means(AIMS, AIMS, 0.8, 0.6, 0.5, 0.5, 0.5, 0.2, 0.4, 0.3, 2.0, 2.0)
NOW = Point(0.5, 2 / N_LEVELS, 0.6, 0.5, 4.0, 0.2, 0.4, 0.0)


def levers(**changes: float) -> np.ndarray:
    found = np.array([lever.neutral for lever in LEVERS], np.float64)
    for name, value in changes.items():
        found[L[name.upper()]] = value
    return found


def effort_by_hand(party: str, trust: float, evidence: float, level: int, fine: float) -> float:
    """Eq. 26, 27, 90-92 as ODD.md writes them, for the mean agents above and half the cost."""
    p, d = WORLD.p, level / N_LEVELS
    x0 = d / p.profit_peak_depth
    yields = [
        p.productive_return * x0 * math.exp(1 - x0),
        d,
        d**p.innovation_curvature * (1 + p.innovation_curvature * (1 - d)),
        p.standing_cost * d * (d - p.standing_recovery_depth),
        math.sqrt(d),
        d * (d - p.drudgery_depth) / (1 - p.drudgery_depth),
    ]
    worth = p.enterprise_worth if party == "enterprise" else p.college_worth
    joint, fixed = 0.0, 0.0
    for m, (w, y) in enumerate(zip(AIMS, yields, strict=True)):
        if m in (PROFIT, STANDING):
            fixed += worth * w * y
        elif m == EMPLOYMENT:
            fixed += worth * w * y * MEAN.fit * p.paper_employment
            joint += worth * w * y * MEAN.fit * (1 - p.paper_employment)
        else:
            kept = MEAN.retention if m == TALENT and party == "enterprise" else 1.0
            joint += worth * w * y * MEAN.fit * kept
    cost = 0.5 * (p.cost_linear * d + p.cost_quadratic * d * d)
    if party == "enterprise":
        fixed -= cost + worth * p.enterprise_outside * AIMS[TALENT] * MEAN.market_fit * d
        full = p.effort_cost * d
    else:
        fixed -= cost + worth * p.college_outside * AIMS[STANDING] * d
        full = (
            p.college_effort_cost
            * (1 + p.standing_burden * AIMS[STANDING])
            * (1 - p.engagement_ease * NOW.engagement)
            * d
        )
    doubt = p.trust_caution * math.sqrt(trust * (1 - trust) / (evidence + 1)) * d
    b = min(0.98, max(0.02, trust - doubt))
    b = min(0.98, max(0.02, b + b * (1 - b) * p.rules_foreseen * fine / p.effort_temperature))
    a0 = p.shirk_effort

    def g(one: float, other: float) -> float:
        return (one * other) ** p.output_elasticity

    def ends(one: float, other: float) -> float:
        gap = abs(one - other)
        return p.blame_exit * gap if level >= 2 and gap > p.blame_gap else 0.0

    risk, quarters = ends(a0, b) - ends(1.0, b), float(int(p.quarters_placement))
    v = p.shadow_of_future * (1 - ends(1.0, b))
    future = 0.0
    if risk > 0:
        future = risk * max(0.0, g(1, b) * joint + fixed - full) * (1 - v ** (quarters / 2 + b * quarters)) / (1 - v)
    saved = fine * d if a0 < p.audit_standard else 0.0
    x = ((g(1, b) - g(a0, b)) * joint - (1 - a0) * full + saved + future) / (d * p.effort_temperature)
    return a0 + (1 - a0) / (1 + math.exp(-x))


@pytest.mark.parametrize("fine", [0.0, 0.15])
def test_a_quarter_is_what_the_equations_give_by_hand(fine: float) -> None:
    p = WORLD.p
    rules = levers(supervision=0.5, penalty=2 * fine)
    level = agreed(MEAN, NOW, rules_of(rules, 0.0), p)
    after = advance(NOW, MEAN, rules, p)
    quarters = float(int(p.quarters_placement))
    if level == 0:
        new, places, fresh = 0.0, NOW.places * (1 - 1 / quarters), 0.0
    else:
        looked = p.search_rate + p.college_search_rate * MEAN.college_places / p.college_partners * 0.5
        new = min(0.5, looked * 0.5 / MEAN.enterprise_places)
        places, fresh = NOW.places + new, new / (NOW.places + new)
    stranger = p.initial_trust * 0.5
    trusts = [(1 - fresh) * q + fresh * stranger for q in (0.6, 0.5)]
    n = (1 - fresh) * 4.0 + fresh * p.stranger_evidence
    # Levels stay those of placement here, so that efforts by hand hold.
    depth = NOW.depth
    if level > 0:
        review = 0.25 if min(NOW.trust_enterprise, NOW.trust_college) >= p.review_trust and level / 5 > depth else 0.0
        depth += (level / 5 - depth) * min(1.0, fresh + (1 - fresh) * (1 / quarters + review))
    assert round(depth * 5) == 2
    mine = effort_by_hand("enterprise", trusts[0], n, 2, fine)
    theirs = effort_by_hand("college", trusts[1], n, 2, fine)
    known = (1 - p.trust_learning_rate) * n
    substance = depth * math.sqrt(mine * theirs)
    assert after.depth == pytest.approx(depth)
    assert after.trust_enterprise == pytest.approx(trusts[0] + (theirs - trusts[0]) / (known + 1))
    assert after.trust_college == pytest.approx(trusts[1] + (mine - trusts[1]) / (known + 1))
    assert after.substance == pytest.approx(substance)
    assert after.engagement == pytest.approx(0.2 + p.engagement_rate * (substance - 0.2))
    taken = p.adoption_rate * 0.3
    assert after.technology == pytest.approx(0.4 + taken * 0.6 - p.technology_decay * 0.4)
    assert after.known_fine == pytest.approx(p.trust_learning_rate * fine)
    gap = abs(mine - theirs)
    ends = p.blame_exit * gap if gap > p.blame_gap else 0.0
    assert after.places == pytest.approx(places * (1 - ends))


def test_orders_are_signed_whatever_the_means_want() -> None:
    p = WORLD.p
    assert agreed(MEAN, NOW, rules_of(levers(mandate=3), 0.0), p) >= 3
    poor = MEAN._replace(fit=0.0, college_aims=np.eye(6)[STANDING])
    assert agreed(poor, NOW, rules_of(levers(), 0.0), p) == 0


def test_the_equations_begin_where_the_world_does_and_stay_shares() -> None:
    state = build(WORLD, 1, threads=1)
    mean = means_of(state)
    point = begin(mean, state, WORLD.p)
    assert point.places == (state.ties.level > 0).sum() / state.enterprises.partner_limit.sum()
    assert mean.technology == state.enterprises.technology.mean() and 0 < mean.fit < 1
    found = solve(WORLD.with_overrides(steps=40), state, np.array([levers(evaluation_reform=0.6)] * 40))
    assert set(found) == set(SERIES)
    for values in found.values():
        assert values.shape == (40,) and (values >= 0).all() and (values <= 1).all()


def test_distance_and_what_is_explained() -> None:
    agents = {"u1": np.array([[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]])}
    assert MeanField({"u1": np.array([0.0, 0.5, 1.0])}, agents).explained("u1").tolist() == [1.0, 1.0]
    still = MeanField({"u1": np.zeros(3)}, agents)
    assert still.explained("u1").tolist() == [0.0, 0.0] and still.distance("u1").tolist() == [0.5, 0.5]


def test_the_command_draws_and_says_the_distance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--steps", "4", "--seeds", "2", "--out", str(tmp_path / "m")]
    assert main(["meanfield", "classroom", *out]) == 0
    said = capsys.readouterr().out
    assert "Distance of the mean-field equations" in said and "engaged faculty" in said
    assert (tmp_path / "m" / "mean_field.png").stat().st_size > 1000
    lines = (tmp_path / "m" / "mean_field.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 5 and lines[0].startswith("step,substantive_depth_per_place")
    about = pd.read_csv(tmp_path / "m" / "columns.csv", encoding="utf-8-sig")
    assert list(about["column"]) == lines[0].split(",") and set(about["table"]) == {"mean_field"}
    assert about["meaning"].str.startswith(("Quarter", "Solution of the", "Mean over the runs")).all()
    assert main(["--lang", "zh", "meanfield", "classroom", *out]) == 0
    assert "平均场方程与主体的距离" in capsys.readouterr().out
    about = pd.read_csv(tmp_path / "m" / "columns.csv", encoding="utf-8-sig")
    assert not about.iloc[:, -1].str.contains("[A-Za-z]{3}", regex=True).any()
    assert main(["columns", "mean_field"]) == 0
    assert "agents_engagement" in capsys.readouterr().out
    assert main(["meanfield", "classroom", "--seeds", "1"]) == 2
