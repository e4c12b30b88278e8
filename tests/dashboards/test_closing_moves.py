"""What would have closed a failed table closes it when the decision rule is asked again, and a little less does not."""

import numpy as np
import pytest

from abm.quarter.negotiation.bargaining import common_terms, evaluate
from abm.quarter.negotiation.diagnosis import moves_of
from abm.quarter.negotiation.protocols import protocol
from abm.world.levers import BY_NAME
from abm.world.state import TableRules
from abm.world.vocabulary import CAUSES
from dashboards.views import blame_card, closing_moves
from tests.dashboards.played import played


@pytest.fixture(scope="module")
def run():
    return played("classroom", 6)


@pytest.fixture(scope="module")
def failed(run):
    """The failed tables of a quarter: world, record, where the platforms stand."""
    frame = run.frames[6]
    return run.world, frame.failures.record, frame.regions["platform"]


def closes(terms, scenario):
    outcome = evaluate(np.array([terms]), protocol(scenario.protocol), common_terms(scenario.p))
    return bool(outcome.contract[0] >= 0)


def platforms(world, record, reach, i):
    return float(reach[record.region[i]]), float(reach[world.college_region[record.college[i]]])


def test_the_smallest_lever_closes_and_a_hundredth_less_does_not(failed):
    world, record, reach = failed
    scenario, tried = world.scenario, set()
    for i in range(len(record.cause)):
        for move in closing_moves.levers(record, i, platforms(world, record, reach, i), scenario):
            tried.add(move.what)
            for value, is_enough in ((move.after, True), (move.after - closing_moves.STEPS, False)):
                if value < move.before:
                    continue
                terms = record.terms[i].copy()
                closing_moves.set_lever(
                    terms, move.what, value, platforms(world, record, reach, i), scenario.p.platform_talk
                )
                assert closes(terms, scenario) == is_enough
            assert BY_NAME[move.what].low <= move.before < move.after <= BY_NAME[move.what].high
    assert {"evaluation_reform", "subsidy_rate", "platform"} <= tried


def test_things_are_those_of_the_diagnosis_with_what_adds_most_first(failed):
    world, record, _ = failed
    moves = moves_of(record, TableRules(world.scenario.protocol, world.scenario.p))
    for i in range(len(record.cause)):
        found = closing_moves.things(record.terms[i], moves[i], record.adds[i])
        helping = [c for c in range(8) if np.isfinite(moves[i, c])]
        assert sorted(move.what for move in found) == sorted(CAUSES[c] for c in helping)
        assert [move.adds for move in found] == sorted((move.adds for move in found), reverse=True)
        for move in found:
            assert move.adds == record.adds[i, CAUSES.index(move.what)] or record.is_turned_down[i]


def test_the_binding_party_gets_less_than_it_needs(failed):
    world, record, _ = failed
    seen = set()
    for i in range(len(record.cause)):
        found = closing_moves.constraint(record, i, world.scenario)
        seen.add(found.kind)
        if found.kind == "short":
            assert found.gets < found.needs
        elif found.kind == "talk":
            assert found.gets - found.talk < found.needs <= found.gets + 1e-9
        else:
            assert closes(record.terms[i], world.scenario)
    assert {"short", "talk"} <= seen


def test_a_card_says_who_when_why_and_what(run):
    scene = blame_card.scene_of(run.seen(6), 3)
    assert scene.words["at"] == 4 and scene.words["all"] == len(run.frames[6].failures.row)
    assert scene.words["who"] and scene.words["why"] and scene.words["when"].startswith("Year 2, quarter 2")
    for lever in scene.words["levers"]:
        assert lever["value"] > float(lever["before"]) - closing_moves.STEPS
        assert lever["lever"] in BY_NAME


def test_tables_of_the_chosen_region_come_first(run):
    record = run.frames[6].failures.record
    region = int(record.region[-1])
    ranks = blame_card.order(run.seen(6), region)
    n = int((record.region == region).sum())
    assert {int(record.region[i]) for i in ranks[:n]} == {region}
    assert sorted(ranks) == list(range(len(record.cause)))
