"""The world at step 0: complete columns, draws that follow ids, numbers computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from abm import population
from abm.machine.streams import Stream, unit, words
from abm.population import initial, profiles
from abm.population.tables import largest_remainder
from abm.scenario import PopulationSpec, Scenario
from abm.world.equations import admit, split_seats
from abm.world.level_tables import level_tables
from abm.world.levers import LEVERS
from abm.world.parameters import DEFAULTS
from abm.world.state import ABSENT, ENROLLED, State

GROUPS = ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students")
DTYPES = {"id": np.uint32, "region": np.int32, "offsets": np.int64, "status": np.int8, "skills": np.float32}


def world(**counts: object) -> Scenario:
    return Scenario(population=PopulationSpec(**counts))


def columns(state: State) -> dict[str, np.ndarray]:
    return {f"{g}.{n}": a for g in GROUPS for n, a in getattr(state, g)._asdict().items()}


def assert_equal(a: State, b: State) -> None:
    for (name, x), y in zip(columns(a).items(), columns(b).values(), strict=True):
        assert x.tobytes() == y.tobytes(), name


@pytest.fixture(scope="module")
def classroom() -> State:
    return population.build(world(), 1)


def test_columns_are_complete(classroom: State) -> None:
    for name, column in columns(classroom).items():
        assert column.flags.c_contiguous, name
        assert column.flags.writeable, name
        assert np.isfinite(column).all(), name
        expected = DTYPES.get(name.split(".")[1])
        assert expected is None or column.dtype == expected, name
    assert classroom.governments.levers.shape == (6, len(LEVERS))
    assert classroom.colleges.aims.shape == (36, 6)
    assert classroom.ties.college.shape == (180, 8)
    assert classroom.students.skills.shape == (8, 4, 2400)
    assert classroom.seed == 1
    assert classroom.seed.dtype == np.uint64


def test_rows_are_sorted_by_region_and_weights_lie_on_the_simplex(classroom: State) -> None:
    c, e = classroom.colleges, classroom.enterprises
    assert (np.diff(c.region) >= 0).all()
    assert (np.diff(e.region) >= 0).all()
    assert np.bincount(c.region).tolist() == [6] * 6
    offered = classroom.programmes
    mixes = (c.aims, c.student_aims, c.base_student_aims, offered.curriculum, offered.partner_demand, e.aims)
    for rows in (*mixes, e.own_skills, e.demand, classroom.governments.aims, classroom.sectors.demand):
        assert (rows >= 0).all()
        np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-12)
    for shares in (c.dual_qualified, c.motivation, e.technology, e.stability, classroom.governments.stance):
        assert ((shares >= 0) & (shares <= 1)).all()


def test_cohorts_are_where_the_slots_say(classroom: State) -> None:
    s = classroom.students
    assert s.entry_step.tolist() == [0, -12, -8, -4]
    assert all((entry // 4) % 4 == slot for slot, entry in enumerate(s.entry_step))
    assert (s.status[0] == ABSENT).all()
    assert (s.status[1:] == ENROLLED).all()
    assert (s.offsets[:, -1] == 2400).all()
    # Longer training, more skill: 4, 8, 12 quarters.
    mastered = s.skills.sum(axis=0).mean(axis=1)
    assert mastered[0] == 0 < mastered[3] < mastered[2] < mastered[1] < 1


def test_a_student_by_hand(classroom: State) -> None:
    p, c, s = Scenario().p, classroom.colleges, classroom.students
    college, j = 7, 3
    field = int(np.diff(s.offsets[2])[8 * college : 8 * college + 8].argmax())
    programme = 8 * college + field
    row = s.offsets[2, programme] + j  # entered at -8, so the draw's step is 1
    u = [unit(w) for w in words(classroom.seed, Stream.STUDENT, 1 + 65536 * field, c.id[college], j)]
    motivation = min(1, max(0, p.motivation_mean + p.motivation_spread * (u[0] + u[1] - 1)))
    ability = min(1, max(0, 0.5 + p.ability_spread * (u[2] + u[3] - 1)))
    assert admit(classroom.seed, Stream.STUDENT, 1, c.id[college], field, j, p) == (motivation, ability)
    assert s.motivation[2, row] == np.float32(motivation)
    mastered = 1 - (1 - p.learning_rate * (0.5 + ability)) ** 8
    np.testing.assert_allclose(s.skills[:, 2, row], mastered * classroom.programmes.curriculum[programme], rtol=1e-5)


def test_same_bytes_for_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(initial, "STUDENTS_A_BLOCK", 300)
    assert len(initial.programme_blocks(np.full(288, 25))) > 8
    assert_equal(population.build(world(), 5, threads=1), population.build(world(), 5, threads=3))


def test_seeds_differ_and_repeat() -> None:
    a, b, other = (population.build(world(), seed) for seed in (1, 1, 2**62 + 1))
    assert_equal(a, b)
    assert (a.enterprises.size != other.enterprises.size).all()


def test_a_larger_world_keeps_the_draws_of_its_members() -> None:
    """Draws follow ids: who keeps the id keeps its draws, whatever else there is; sizes are relative to the region."""
    small, large = population.build(world(n_regions=1), 1), population.build(world(n_regions=1, n_enterprises=300), 1)
    relative = small.enterprises.size / large.enterprises.size[:180]
    np.testing.assert_allclose(relative, relative[0], rtol=1e-12)
    assert (small.enterprises.aims == large.enterprises.aims[:180]).all()
    assert (small.programmes.curriculum == large.programmes.curriculum).all()


@pytest.mark.parametrize(
    "counts",
    [
        {"n_enterprises": 0},
        {"n_colleges": 0},
        {"n_colleges": 2},
        {"n_students": 0},
        {"n_regions": 1},
        {"n_sectors": 1, "n_skills": 2},
        {"n_sectors": 12, "n_skills": 5, "n_slots": 1},
        {"scale": 1e-6},
        {"n_regions": 50, "n_colleges": 7, "n_enterprises": 9},
    ],
)
def test_odd_worlds_build(counts: dict[str, object]) -> None:
    state = population.build(world(**counts), 1)
    assert all(np.isfinite(column).all() for column in columns(state).values())
    assert state.students.offsets[0, -1] == state.governments.entrants.sum()


def test_extreme_parameters_build() -> None:
    scenario = world()
    for name in ("aim_divergence", "enterprise_partners", "college_partners", "demand_spread", "budget_per_enterprise"):
        state = population.build(replace(scenario, p=scenario.p._replace(**{name: 0.0})), 1)
        assert all(np.isfinite(column).all() for column in columns(state).values()), name
    state = population.build(replace(scenario, p=scenario.p._replace(aim_divergence=1.0, aim_cohesion=2.0)), 1)
    np.testing.assert_allclose(state.enterprises.aims.sum(axis=1), 1.0)


def test_partner_limits_match_on_both_sides() -> None:
    dense = population.build(world(n_enterprises=2000), 1)
    places = dense.colleges.partner_limit.sum()
    np.testing.assert_allclose(places, dense.enterprises.partner_limit.sum(), rtol=0.1)
    assert dense.enterprises.partner_limit.max() <= 8


def test_first_contracts(classroom: State) -> None:
    ties, c, e = classroom.ties, classroom.colleges, classroom.enterprises
    signed = np.argwhere(ties.level > 0)
    share = len(signed) / len(e.id)
    assert 0.1 < share < 0.4
    assert (signed[:, 1] == 0).all()
    college = ties.college[signed[:, 0], 0]
    assert (c.region[college] == e.region[signed[:, 0]]).all()
    assert (np.bincount(college, minlength=36) == c.n_partners).all()
    assert (c.n_partners <= c.partner_limit).all()
    assert (e.n_partners == (ties.level > 0).sum(axis=1)).all()
    assert (ties.level <= 3).all()
    assert (ties.remaining[ties.level > 0] >= 1).all()
    assert (ties.remaining[ties.level > 0] <= level_tables(DEFAULTS).quarters[ties.level[ties.level > 0]]).all()
    assert (ties.college[ties.level == 0] == -1).all()


def test_share_of_first_contracts() -> None:
    scenario = world(n_enterprises=2000)
    for share in (0.0, 0.5):
        state = population.build(replace(scenario, p=scenario.p._replace(initial_ties=share)), 1)
        assert (state.ties.level > 0).any(axis=1).mean() == pytest.approx(share, abs=0.04)


def test_role_profiles() -> None:
    enterprise = profiles.role_profile("enterprise", 0.5)
    np.testing.assert_allclose(enterprise, profiles.ROLE_PROFILES["enterprise"])
    mean = np.mean(list(profiles.ROLE_PROFILES.values()), axis=0)
    np.testing.assert_allclose(profiles.role_profile("college", 0.0), mean)
    # Twice as far from the mean; what would fall below 0 is 0: college profit .05, mean .155.
    assert profiles.role_profile("college", 1.0)[0] == 0.0
    assert all(abs(sum(profile) - 1) < 1e-12 for profile in profiles.ROLE_PROFILES.values())
    assert profiles.cohesion(40, 0.5) == 40
    assert profiles.cohesion(40, 0.0) == 400


def test_cohesion_draws_members_to_their_role() -> None:
    scenario = world(n_enterprises=400)
    loose, tight = (population.build(replace(scenario, p=scenario.p._replace(aim_cohesion=k)), 1) for k in (5.0, 500.0))
    assert tight.enterprises.aims[:, 0].std() < 0.3 * loose.enterprises.aims[:, 0].std()
    np.testing.assert_allclose(tight.enterprises.aims.mean(axis=0), profiles.ROLE_PROFILES["enterprise"], atol=0.01)


def test_sectors_ask_for_their_own_field_most() -> None:
    states = [population.build(world(), seed) for seed in range(20)]
    own = np.mean([np.diag(s.sectors.demand).mean() for s in states])
    assert own > 2 / 8
    between = np.mean([np.minimum(s.sectors.demand[0], s.sectors.demand[1]).sum() for s in states])
    assert 0.2 < between < 0.7


def test_programmes_fit_their_field_better_than_others(classroom: State) -> None:
    fit = np.minimum(classroom.programmes.curriculum[:, None, :], classroom.sectors.demand[None]).sum(axis=2)
    own = fit[np.arange(288), np.arange(288) % 8]
    assert own.mean() > fit.mean() + 0.05
    assert own.mean() < 0.95


def test_homogenisation_makes_curricula_alike() -> None:
    scenario = world()
    spreads = [
        state.programmes.curriculum.std(axis=0).mean()
        for state in (
            population.build(replace(scenario, p=scenario.p._replace(homogenisation=h)), 1) for h in (0.0, 0.5)
        )
    ]
    assert spreads[1] < 0.8 * spreads[0]


def test_seats_by_largest_remainder() -> None:
    seats = np.zeros(3, np.int64)
    # Exact parts 3.33 each: two students are left, the smaller ids get them.
    split_seats(11, np.ones(3), np.array([9, 4, 7], np.uint32), seats)
    assert seats.tolist() == [3, 4, 4]
    split_seats(10, np.array([0.5, 0.25, 0.25]), np.array([1, 2, 3], np.uint32), seats)
    assert seats.tolist() == [5, 3, 2]


def test_largest_remainder() -> None:
    assert largest_remainder(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]
    assert largest_remainder(10, np.array([98.0, 1.0, 1.0]), at_least=1).tolist() == [8, 1, 1]
    assert largest_remainder(1, np.array([1.0, 1.0]), at_least=1).tolist() == [1, 1]
    assert largest_remainder(3, np.zeros(2)).tolist() == [2, 1]
    assert largest_remainder(3, np.zeros(0)).tolist() == []
