"""A game in which nobody has a seat is the model's run, and every table of every quarter goes through messages."""

from __future__ import annotations

import numpy as np
import pytest

import abm
from abm.quarter.negotiation import terms_of
from abm.quarter.negotiation.bargaining import common_terms, evaluate
from abm.quarter.negotiation.protocols import names
from abm.quarter.negotiation.protocols import protocol as find_protocol
from abm.scenario import load
from abm.world.state import QUARTERS_A_YEAR
from dashboards.play import pay
from dashboards.play.plan import names as games
from dashboards.play.plan import plan
from dashboards.play.table import Table, settle
from dashboards.play.world import Choices, World

YEARS = 5
SMALL = {"population.n_enterprises": 60, "population.n_colleges": 18, "population.n_students": 1800}
WORLDS = {
    "classroom": {}, "fragmented": {}, "reform_package": SMALL, "mandate_era": {},
    **{f"classroom under {name}": {"protocol": name} for name in names()},
    "impatient": {"patience_enterprise": 0.5, "patience_college": 2.0},
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
def test_a_game_of_agents_alone_is_the_run_bit_for_bit(world: str) -> None:
    base = world.split()[0] if world != "impatient" else "classroom"
    scenario = load(base).with_overrides(**WORLDS[world], steps=YEARS * QUARTERS_A_YEAR, seed=3)
    game, seen = World(scenario, threads=1), list[Table]()
    game.on_table = lambda pair, table: seen.append(table)
    for _ in range(YEARS):
        game.play_alone()
    assert game.results().result_hash() == abm.run(scenario, threads=1).result_hash()
    # Not by asking the model: they were settled by messages.
    assert len(seen) >= 100
    assert all(table.n_messages >= 1 and not table.is_open for table in seen)


@pytest.mark.parametrize("name", games())
def test_the_games_are_runs_too(name: str) -> None:
    scenario = plan(name).scenario
    game = World(scenario, threads=1)
    for _ in range(plan(name).rounds):
        game.play_alone()
    assert game.results().result_hash() == abm.run(scenario, threads=1).result_hash()


def test_a_thousand_tables_of_four_agents_end_in_the_closed_form() -> None:
    scenario = load("classroom")
    terms: list[np.ndarray] = []
    world = World(scenario, threads=1)
    while sum(map(len, terms)) < 1000:
        world.open_year(Choices())
        terms.append(terms_of(world.state, scenario))
        world.close_tables({})
        world.close_year({})
    rows = np.concatenate(terms)
    closed = evaluate(rows, find_protocol(scenario.protocol), common_terms(scenario.p))
    n_signed = 0
    for i, row in enumerate(rows):
        found = settle(Table.of(pay.sheet(row, scenario)), scenario)
        assert found == (closed.contract[i], closed.rounds[i], closed.binding[i])
        n_signed += found.number >= 0
    assert n_signed > 100
    assert n_signed < len(rows) - 100


def test_what_people_would_have_agreed_on_is_what_the_model_says() -> None:
    world = World(load("classroom"), threads=1)
    world.open_year(Choices())
    for row in terms_of(world.state, world.now):
        one = pay.sheet(row, world.now)
        alone, found = pay.agents_alone(row, world.now), settle(Table.of(one), world.now)
        assert alone == found
        if alone.number >= 0:
            time = (alone.rounds - 1.0) / one.talk_rounds
            assert min(one.gain(party, alone.number, time) for party in pay.TALKERS) >= 0.0
