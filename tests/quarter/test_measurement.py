"""Metrics of small worlds, by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
import worlds

from abm.quarter.measurement import measurement, metrics, stages
from abm.quarter.measurement.metrics import coupling, network
from abm.world.levers import F, L
from abm.world.state import Community, State, TableRecord
from abm.world.vocabulary import CAUSES, DECLINED, N_MOVES, NEW_BY_ENTERPRISE, RENEWAL, REVIEW

DEMAND = np.array([[0.8, 0.2], [0.2, 0.8]])


def world() -> State:
    """Two regions, three colleges, four enterprises, three contracts and one memory."""
    state = worlds.world([0, 0, 1], [10, 10, 10], [(0, 0), (0, 1), (1, 0), (1, 0)], DEMAND)
    t = state.ties
    #            contract across  contract       memory only   contract by order
    for (e, h), c, level, s in (((0, 0), 2, 3, 0.5), ((1, 0), 0, 2, 0.1), ((2, 0), 1, 0, 0.0), ((3, 1), 2, 5, 0.3)):
        t.college[e, h], t.level[e, h], t.substance[e, h] = c, level, s
    t.is_mandated[3, 1], t.subsidy[1, 0] = 1, 0.2
    t.trust_enterprise[0, 0], t.trust_college[0, 0] = 0.9, 0.3
    t.effort_enterprise[1, 0], t.effort_college[1, 0] = 0.6, 0.3
    state.enterprises.aims[0] = (0.5, 0.5, 0, 0, 0, 0)
    return state


def tables(rows: list[tuple[int, int, int, int, int]]) -> TableRecord:
    """(region, kind, level, is_mandated, cause) of each table."""
    region, kind, level, mandated, cause = (np.array(column, np.int8) for column in zip(*rows, strict=True))
    none, n = np.zeros(len(rows), np.int32), len(rows)
    return TableRecord(
        none, none, none.astype(np.int8), region.astype(np.int32), kind, level, np.zeros(n), np.zeros(n), mandated,
        np.ones(n, np.int8), cause, cause, np.zeros((n, 1)), np.zeros((n, N_MOVES)),
        (cause[:, None] == np.arange(len(CAUSES))).astype(float), np.zeros(n, np.int8),
    )  # fmt: skip


def measured(state: State, **changes: float) -> dict[str, float]:
    measurement(state, worlds.scenario(**changes))  # type: ignore[arg-type]
    return state.metrics


def test_contracts() -> None:
    m = measured(world(), serious_depth=0.4)
    assert (m["n_ties"], m["n_ties_level_2"], m["n_ties_level_3"], m["n_ties_level_5"]) == (3, 1, 1, 1)
    assert m["mean_formal_depth"] == pytest.approx(10 / 15)
    assert m["mean_substantive_depth"] == pytest.approx(0.3)
    assert m["substantive_depth_per_enterprise"] == pytest.approx(0.9 / 4)
    assert m["substantive_depth_per_place"] == pytest.approx(0.9 / 8)
    assert m["formalism_gap"] == pytest.approx((10 - 4.5) / 3)
    assert m["deep_share"] == m["cross_region_share"] == m["mandated_share"] == pytest.approx(1 / 3)
    assert m["dependent_share"] == pytest.approx(2 / 3)
    assert m["mean_trust_in_colleges"] == pytest.approx(0.3)
    assert m["mean_trust_in_enterprises"] == pytest.approx(0.1)
    assert (m["mean_effort_enterprises"], m["mean_effort_colleges"]) == pytest.approx((0.2, 0.1))
    # Half of |1/2 - 1/6| * 2 + 4/6, in one of three contracts.
    assert m["partner_aim_distance"] == pytest.approx(0.5 * 4 / 3 / 3)
    assert m["engaged_enterprise_share"] == 0.25


def test_tables_and_blame() -> None:
    state = world()
    distrust, cold = CAUSES.index("distrust"), CAUSES.index("cold_partner")
    state.tables = tables(
        [
            (0, NEW_BY_ENTERPRISE, 3, 0, -1),
            (0, NEW_BY_ENTERPRISE, 0, 0, distrust),
            (0, DECLINED, 0, 0, cold),
            (0, RENEWAL, 0, 0, distrust),
            (1, RENEWAL, 2, 1, -1),
            (1, REVIEW, 0, 0, distrust),
        ]
    )
    state.flows["no_room"] = 4
    state.regional["no_room"] = np.array([4.0, 0.0])
    state.flows.update(blames_by_enterprises=1, blames_by_colleges=2, fines_enterprises=4, fines_colleges=1, served=4)
    m = measured(state)
    assert m["n_tables"] == 5
    assert (m["agreement_rate"], m["ordered_rate"], m["failed_share"]) == pytest.approx((0.2, 0.2, 0.6))
    assert m["failed_by_distrust"] == pytest.approx(2 / 3)
    assert m["failed_by_cold_partner"] == pytest.approx(1 / 3)
    assert m["failed_by_funding"] == 0
    assert m["one_sided_keenness"] == pytest.approx(1 / 7)
    assert (m["no_room"], m["no_room_share"]) == pytest.approx((4, 4 / 6))
    assert (m["blame_rate"], m["fines"]) == (0.75, 5)
    regional = state.regional_metrics
    assert regional["failed_share"].tolist() == pytest.approx([0.75, 0.0])
    assert regional["main_cause"][0] == distrust
    assert regional["no_room"].tolist() == [4, 0]
    assert regional["no_room_share"][0] == pytest.approx(4 / 6)
    assert np.isnan(regional["no_room_share"][1])
    assert np.isnan(regional["main_cause"][1])


def test_what_cannot_be_measured_is_nan() -> None:
    state = worlds.world([], [], [], DEMAND)
    m = measured(state)
    for name in ("failed_share", "mean_formal_depth", "community_share", "coordination", "lag_ratio", "fill_rate"):
        assert math.isnan(m[name]), name
    assert m["n_ties"] == m["n_communities"] == 0
    assert math.isnan(measured(world())["blame_rate"])


def test_curricula_and_lag() -> None:
    state = world()
    worlds.offered(state).curriculum[:] = ((1, 0), (0.5, 0.5), (0.2, 0.8))
    state.governments.levers[:, L.REVISION_INTERVAL] = (20, 8)
    m = measured(state, skill_half_life=10)
    # The field of all three is sector 0, which asks for (0.8, 0.2).
    weight = np.array([state.governments.entrants[r] for r in state.colleges.region]) * worlds.offered(state).seats
    weight /= weight.sum()
    assert m["curriculum_fit"] == pytest.approx(weight @ (0.8, 0.7, 0.4))
    taught = np.array((1, 0.5, 0.2))
    assert m["curriculum_homogeneity"] == pytest.approx(1 - weight @ np.abs(taught - weight @ taught))
    assert m["field_curriculum_homogeneity"] == m["curriculum_homogeneity"]
    assert m["field_mix_homogeneity"] == 1.0
    assert m["n_programmes"] == 3
    assert m["lag_ratio"] == pytest.approx((16 / 2 + 12) / 10)


def test_labour_market_and_money() -> None:
    state = world()
    state.step = 1
    state.flows.update(graduates=100, employed=80, field_related=40, related_share_now=0.5, mismatch=0.3, take_up=0.2)
    state.measured.update(field_related_share=0.5, employed_half_year=0.8)
    state.enterprises.posted[:], state.enterprises.staff[:], state.enterprises.vacancies[:] = 25, 20, 5
    state.governments.spent_now[:, F.SUBSIDY], state.governments.spent[:] = 1.5, 2.0
    m = measured(state)
    assert (m["employed_share"], m["skill_mismatch"], m["fill_rate"], m["vacancy_rate"]) == pytest.approx(
        (0.8, 0.3, 0.8, 0.2)
    )
    assert (m["spent"], m["spent_subsidy"], m["spent_total"]) == pytest.approx((3.0, 3.0, 2 * 2.0 * len(F)))
    assert m["spent_per_substantive_tie"] == pytest.approx(3.0)
    assert m["field_related_jobs"] == 40
    state.step = 2
    assert measured(state)["field_related_jobs"] == 40
    state.step = 5
    state.flows["field_related"] = 50
    assert measured(state)["field_related_jobs"] == 50


def test_coupling_coordination() -> None:
    low, high = np.zeros(8), np.full(8, 0.5)
    low[0], high[0] = 0.2, 0.8
    indicators = np.array([[0.5, 0.2, math.nan], *[[0.2, 0.0, 0.1]] * 3, *[[0.1, 0.0, 0.1]] * 3, [1.0, 0.0, 0.1]])
    u1, u2, c, t, d, corrected, d_corrected, grade = coupling.couple(indicators, low, high)[:, 0]
    assert u1 == pytest.approx((0.5 + 3 * 0.4) / 4)
    assert u2 == pytest.approx((3 * 0.2 + 1.0) / 4)
    assert c == pytest.approx(2 * math.sqrt(0.425 * 0.4) / 0.825)
    assert (t, d) == pytest.approx((0.4125, math.sqrt(c * 0.4125)))
    assert corrected == pytest.approx(math.sqrt(0.975 * 0.4 / 0.425))
    assert d_corrected == pytest.approx(math.sqrt(corrected * t))
    assert grade == 7
    nothing, unknown = coupling.couple(indicators, low, high)[:, 1:].T
    assert nothing[:7].tolist() == [0] * 7
    assert np.isnan(unknown).all()


def test_network_shape() -> None:
    # Enterprises 0 and 1 share colleges 0 and 1 (one 4-cycle); enterprise 2 is with college 2 alone.
    level, college = np.array([[1, 2], [3, 1], [1, 0]], np.int8), np.array([[0, 1], [0, 1], [2, 0]], np.int32)
    largest, pairs, paths = network.shape(level, college, 3)
    assert (largest, network.n_cycles(pairs), paths) == (4, 1, 4)


def test_communities() -> None:
    state = world()
    state.step = 3
    state.enterprises.community[:2], state.colleges.community[0] = 4, 4
    state.communities = [
        Community(4, 0, frozenset({100, 101}), frozenset({10}), 0, established=4, is_self_sustaining=True),
        Community(5, 0, frozenset({102}), frozenset(), 1),
    ]
    m = measured(state)
    assert (m["n_candidates"], m["n_communities"], m["n_self_sustaining"]) == (1, 1, 1)
    assert (m["candidate_share"], m["community_share"], m["self_sustaining_share"]) == pytest.approx(
        (4 / 7, 3 / 7, 3 / 7)
    )
    assert (m["enterprise_community_share"], m["college_community_share"]) == pytest.approx((0.5, 1 / 3))
    assert state.regional_metrics["n_communities"].tolist() == [1, 0]
    assert state.regional_metrics["candidate_share"].tolist() == pytest.approx([3 / 4, 1 / 3])
    # Until the next look the shares stay.
    state.step, state.communities = 4, []
    assert measured(state)["candidate_share"] == pytest.approx(4 / 7)


LIMITS = np.array([0.5, 0.2, 0.1, 0.6, 0.2])


@pytest.mark.parametrize(
    ("before", "dependent", "depth", "candidates", "sustaining", "after"),
    [
        (1, 0.5, 0.0, 0.0, 0.0, stages.DEPENDENCY),
        (1, 0.45, 0.0, 0.0, 0.0, stages.FRAGMENTATION),
        (0, 0.45, 0.0, 0.0, 0.0, stages.DEPENDENCY),  # inside the margin it stays
        (0, 0.39, 0.0, 0.0, 0.0, stages.FRAGMENTATION),
        (1, 0.9, 0.2, 0.1, 0.0, stages.BREAKTHROUGH),
        (1, 0.0, 0.2, 0.09, 0.0, stages.FRAGMENTATION),
        (2, 0.0, 0.17, 0.09, 0.0, stages.BREAKTHROUGH),
        (2, 0.0, 0.15, 0.09, 0.0, stages.FRAGMENTATION),
        (1, 0.9, 0.0, 0.0, 0.6, stages.DEEP_INTEGRATION),
        (3, 0.0, 0.0, 0.0, 0.5, stages.DEEP_INTEGRATION),
        (3, 0.0, 0.17, 0.09, 0.4, stages.BREAKTHROUGH),
        (0, math.nan, math.nan, math.nan, math.nan, stages.FRAGMENTATION),
    ],
)  # fmt: skip
def test_stages(before: int, dependent: float, depth: float, candidates: float, sustaining: float, after: int) -> None:
    columns = (np.array([x]) for x in (dependent, depth, candidates, sustaining))
    assert stages.stage_update(np.array([before], np.int8), *columns, LIMITS)[0] == after


def test_a_change_of_stage_is_an_event() -> None:
    state = world()
    measured(state, dependency_share=0.9)
    assert [(e.kind, e.region, e.cause) for e in state.events] == [("stage_changed", 0, "fragmentation")]
    assert state.governments.stage.tolist() == [1, 0]
    assert state.metrics["stage_share_fragmentation"] == 0.5
    state.events.clear()
    measured(state, dependency_share=0.9)
    assert not state.events


def test_every_metric_is_described_and_measured() -> None:
    state = world()
    m = measured(state)
    assert list(m) == list(metrics.catalogue())
    assert list(state.regional_metrics) == list(metrics.regional_catalogue())
    assert all(values.shape == (2,) and values.dtype == np.float64 for values in state.regional_metrics.values())
    for metric in [*metrics.catalogue().values(), *metrics.regional_catalogue().values()]:
        assert metric.label and metric.label_zh and metric.unit and metric.meaning
        assert metric.low < metric.high
    check_bounds(m)


def check_bounds(m: Mapping[str, float]) -> None:
    for name, metric in metrics.catalogue().items():
        assert math.isnan(m[name]) or metric.low <= m[name] <= metric.high, name


def random_world(n: int, rng: np.random.Generator) -> State:
    state = worlds.world([0, 0, 1, 1], [5] * 4, sorted((int(r), int(s)) for r, s in rng.integers(0, 2, (n, 2))), DEMAND)
    t, e = state.ties, state.enterprises
    t.college[:, 0], t.college[:, 1] = rng.integers(0, 2, n), rng.integers(2, 4, n)
    t.level[:] = rng.integers(0, 6, t.level.shape)
    t.substance[:] = rng.uniform(0, 1, t.level.shape) * t.level / 5
    e.technology[:], e.retention[:] = rng.uniform(0, 1, n), rng.uniform(0, 1, n)
    e.aims[:] = rng.dirichlet(np.ones(6), n)
    return state


def test_order_of_rows_and_number_of_threads_play_no_part() -> None:
    n = 20_000  # three blocks
    one, two, shuffled = (random_world(n, np.random.default_rng(5)) for _ in range(3))
    two.threads = 2
    region = one.enterprises.region
    rng = np.random.default_rng(6)
    order = np.concatenate([rng.permutation(np.flatnonzero(region == r)) for r in (0, 1)])
    for a, b in ((shuffled.enterprises, one.enterprises), (shuffled.ties, one.ties)):
        for name in a._fields:
            getattr(a, name)[:] = getattr(b, name)[order]
    first = measured(one)
    check_bounds(first)
    assert np.array(list(measured(two).values())).tobytes() == np.array(list(first.values())).tobytes()
    assert list(measured(shuffled).values()) == pytest.approx(list(first.values()), rel=1e-12, nan_ok=True)
