"""The rules of the game: who may move what and when, what counts once, what time limits do, what policy does."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from abm.world.levers import L
from abm.world.vocabulary import COLD_PARTNER, COLLEGE, ENTERPRISE, FUNDING, GOVERNMENT, STUDENTS
from dashboards.play import failures, pay, sight, whatif
from dashboards.play.debrief import debrief, turned
from dashboards.play.game import DEBRIEF, DELIVER, EARNEST, LOOK, NEGOTIATE, SEE, Game
from dashboards.play.plan import names, plan
from dashboards.play.world import Pair, World, slot_of
from dashboards.words import LANGUAGES, words
from tests.dashboards.play.played import Hand

THINGS = {
    language: {text for key, text in words(language).items() if key.startswith("views.thing_")}
    for language in LANGUAGES
}
"""What a table may lack, by its name."""


def error(answer: dict[str, object]) -> object:
    return answer.get("error")


def of_role(hand: Hand, role: int) -> list[int]:
    return [seat.n for seat in hand.people if seat.role == role]


@pytest.fixture
def at_tables() -> Hand:
    """A game in which people have sat down."""
    hand = Hand()
    hand.does(do="start")
    hand.look()
    hand.next()
    assert hand.game.part == NEGOTIATE
    assert len(hand.game.sittings) >= 8
    return hand


def a_table_of_two(hand: Hand) -> tuple[int, int, int]:
    """Number of a table where people sit on both sides, and their seats."""
    for sitting in hand.game.sittings.values():
        one, other = hand.game.sides(sitting)
        if one is not None and other is not None and sitting.table.is_open:
            return sitting.n, one.n, other.n
    raise AssertionError("no such table")


def test_sixty_people_have_seats_and_the_next_is_told_that_the_room_is_full() -> None:
    for name in names():
        game = Game(plan(name), threads=1)
        assert len(game.seats) == 60
        found = [game.apply({"do": "join", "at": 0.0, "key": f"{n}"}) for n in range(61)]
        assert sorted(answer["seat"] for answer in found[:60]) == list(range(60))
        assert found[60] == {"error": "room_full", "values": {"n": 60}}
        # The same secret is the same seat, never another.
        assert game.apply({"do": "join", "at": 0.0, "key": "7"})["seat"] == found[7]["seat"]


def test_twenty_people_are_of_one_region_and_of_all_roles() -> None:
    hand = Hand()
    assert {seat.region for seat in hand.people} == {0}
    assert {seat.role for seat in hand.people} == {ENTERPRISE, COLLEGE, GOVERNMENT, STUDENTS}


def test_moves_out_of_turn_are_refused_and_change_nothing(at_tables: Hand) -> None:
    hand, game = at_tables, at_tables.game
    n, one, other = a_table_of_two(hand)
    stranger = next(s for s in hand.people if s.role == ENTERPRISE and s.n != one)
    before = json.dumps(sight.phone(game, game.seats[other], {}, 0.0)["tables"])
    offer = {"do": "offer", "table": n, "level": 2, "tenths": 5}
    seat = game.seats[one]
    assert error(hand.moves(stranger, **offer)) == "no_such_table"
    assert error(hand.moves(seat, do="accept", table=n, level=2, tenths=5)) == "offer_gone"
    assert error(hand.moves(seat, **{**offer, "level": 6})) == "not_a_contract"
    assert error(hand.moves(seat, **{**offer, "tenths": 11})) == "not_a_contract"
    assert error(hand.moves(seat, **{**offer, "table": 999})) == "no_such_table"
    assert error(hand.moves(seat, do="effort", row=0, earnest=True)) == "too_early"
    assert error(hand.moves(seat, do="invite", row=0)) == "too_late"
    assert error(hand.moves(seat, do="rule", share=0.5, ceiling=1.0, audits=0.1)) == "not_yours"
    assert error(hand.moves(seat, do="thresholds", least=[0.0] * 5)) == "not_yours"
    assert error(hand.moves(seat, do="vote", card="subsidy")) == "too_early"
    assert json.dumps(sight.phone(game, game.seats[other], {}, 0.0)["tables"]) == before


def test_a_move_twice_counts_once(at_tables: Hand) -> None:
    hand = at_tables
    n, one, _ = a_table_of_two(hand)
    table, seat = hand.game.sittings[n].table, hand.game.seats[one]
    for _ in range(3):
        hand.moves(seat, id="tap", do="offer", table=n, level=2, tenths=5)
    assert table.n_messages == 1
    first = hand.moves(seat, id="bad", do="offer", table=n, level=9, tenths=5)
    assert hand.moves(seat, id="bad", do="offer", table=n, level=2, tenths=6) == first
    assert table.n_messages == 1


def test_two_people_sign_what_both_stand_on_and_talk_has_its_price(at_tables: Hand) -> None:
    hand, game = at_tables, at_tables.game
    n, one, other = a_table_of_two(hand)
    table = game.sittings[n].table
    number = next(k for k in range(55) if table.talk_until(k) < pay.NEVER)
    hand.says(game.seats[one], "offer", n, number)
    hand.says(game.seats[other], "offer", n, number - 1 if number else 1)
    assert table.is_open
    hand.says(game.seats[other], "accept", n, number)
    assert (table.state, table.number) == ("signed", number)
    assert table.time == table.talk_until(number) >= 2 / 12 - 1e-9
    spent = table.sheet.gain(ENTERPRISE, number, 0.0) - table.sheet.gain(ENTERPRISE, number, table.time)
    assert spent == pytest.approx(table.sheet.talk[number] * table.sheet.talk_rounds * table.time)
    assert error(hand.moves(game.seats[one], do="walk", table=n)) == "table_closed"


def test_what_government_or_students_refuse_is_not_signed_and_the_table_stays(at_tables: Hand) -> None:
    hand, game = at_tables, at_tables.game
    n, one, other = a_table_of_two(hand)
    table = game.sittings[n].table
    table.accepts[STUDENTS, 54] = pay.NEVER
    table.accepts[GOVERNMENT, 54] = 0.0
    assert "ok" in hand.says(game.seats[one], "offer", n, 54)
    assert error(hand.says(game.seats[other], "accept", n, 54)) == "students_refuse"
    assert table.is_open
    assert table.last[COLLEGE] == -1


def test_the_models_agent_answers_along_its_curve() -> None:
    """It opens with its best, never offers what leaves it worse off, and comes down as the talk goes on."""
    hand = Hand(people=1)
    hand.does(do="start")
    hand.look()
    hand.next()
    seat = hand.people[0]
    seen, came_down = 0, 0
    for sitting in hand.game.open_tables(seat):
        table, other = sitting.table, 1 - seat.role
        # Free talk: a price would keep it from going as far as it could.
        table.sheet = replace(table.sheet, talk=np.zeros(55))
        worth: list[float] = []
        for turn in range(12):
            if not table.is_open:
                break
            assert table.last[other] >= 0
            worth.append(float(table.sheet.utility[other, table.last[other]]))
            offered = [said.at for said in table.said if said.party == other][-1]
            assert table.sheet.gain(other, table.last[other], offered) >= -pay.SAME
            gains = table.sheet.utility[seat.role].copy()
            gains[table.accepts[:, :].max(axis=0) >= pay.NEVER] = -9.0
            hand.says(seat, "offer", sitting.n, int(np.argsort(gains)[::-1][turn % 2]))
        if len(worth) > 3:
            seen += 1
            assert worth[0] == max(worth)
            came_down += min(worth) < worth[0]
    assert seen >= 1 and came_down >= 1


def test_time_limit_takes_the_last_offer_as_the_last_word_and_flags_it(at_tables: Hand) -> None:
    hand, game = at_tables, at_tables.game
    n, one, _ = a_table_of_two(hand)
    sitting, seat = game.sittings[n], game.seats[one]
    worth = sitting.table.sheet.utility[ENTERPRISE]
    best = int(np.where(sitting.table.accepts.max(axis=0) < pay.NEVER, worth, -9.0).argmax())
    hand.says(seat, "offer", n, best)
    hand.next()
    assert game.part == DELIVER
    assert sitting.by_default
    assert seat.n_defaults >= 1
    if sitting.table.number >= 0:
        assert worth[sitting.table.number] >= worth[best] - pay.SAME
    told = sight.phone(game, seat, {}, 0.0)["tables"][str(n)]
    assert told["by_default"]


def test_who_is_gone_is_played_and_who_comes_back_plays(at_tables: Hand) -> None:
    hand, game = at_tables, at_tables.game
    n, one, other = a_table_of_two(hand)
    table = game.sittings[n].table
    # Free talk, so that there is something that the college can ask for.
    table.sheet = replace(table.sheet, talk=np.zeros(55))
    worth = table.sheet.utility[ENTERPRISE]
    hand.says(game.seats[one], "offer", n, int(worth.argmax()))
    assert table.last[COLLEGE] == -1
    assert pay.best_reply(table.sheet, COLLEGE, table.clock, table.last[ENTERPRISE], table.accepts) >= 0
    hand.does(do="away", seat=other)
    # The model's agent answers in its place, at once.
    assert table.last[COLLEGE] >= 0 or not table.is_open
    hand.does(do="here", seat=other)
    said = len(table.said)
    if table.is_open:
        hand.says(game.seats[one], "offer", n, int(np.argsort(worth)[-2]))
        assert len(table.said) == said + 1
    assert game.seat_of(game.seats[other].key) is game.seats[other]


def test_who_comes_back_takes_back_what_was_said_meanwhile(at_tables: Hand) -> None:
    game = at_tables.game
    n, one, other = a_table_of_two(at_tables)
    sheet = game.sittings[n].table.sheet
    role = game.seats[one].role
    # What the other side offers is the best that the one could get: the model's agent takes it, or answers.
    gains = [sheet.gain(role, k, game.sittings[n].table.talk_until(k)) for k in range(55)]
    at_tables.says(game.seats[other], "offer", n, int(np.argmax(gains)))
    before = game.seats[one].n_defaults
    assert error(at_tables.moves(game.seats[one], do="take_back", table=n)) == "not_now"
    at_tables.does(do="away", seat=one)
    assert game.sittings[n].spoken_for == {role}
    assert game.seats[one].n_defaults > before
    at_tables.does(do="here", seat=one)
    assert sight.phone(game, game.seats[one], {}, 0.0)["tables"][str(n)]["spoken_for"]
    assert not sight.phone(game, game.seats[other], {}, 0.0)["tables"][str(n)]["spoken_for"]
    assert error(at_tables.moves(game.seats[other], do="take_back", table=n)) == "not_now"
    assert at_tables.moves(game.seats[one], do="take_back", table=n) == {"ok": True}
    table = game.sittings[n].table
    assert table.is_open and table.number == -1 and not table.standing[role]
    # The other's offer stands still, and can be taken or answered.
    assert table.standing[1 - role]
    assert at_tables.says(game.seats[one], "offer", n, 5) == {"ok": True}
    at_tables.next()
    assert error(at_tables.moves(game.seats[one], do="take_back", table=n)) == "too_late"


def test_only_the_host_gives_a_seat_away(at_tables: Hand) -> None:
    hand, game = at_tables, at_tables.game
    seat = hand.people[3]
    key = seat.key
    assert error(hand.moves(hand.people[2], do="free", n=seat.n)) == "malformed"
    assert seat.key == key
    hand.does(do="free", n=seat.n)
    assert game.seat_of(key) is None
    assert hand.does(do="join", key="another")["seat"] == seat.n


def test_late_comers_take_a_seat_of_the_model_with_its_contracts() -> None:
    hand = Hand(people=19)
    hand.does(do="start")
    for _ in range(2):
        hand.round()
    hand.look()
    hand.next()
    hand.next()
    state = hand.game.world.state
    row = next(s for s in hand.game.seats if not s.key)
    answer = hand.does(do="join", key="late", role="enterprise")
    seat = hand.game.seats[answer["seat"]]
    assert seat.role == row.role == ENTERPRISE
    assert len(hand.game.contracts(seat)) == (state.ties.level[seat.row] > 0).sum()


def test_effort_is_what_a_person_decides_and_the_partner_learns_it() -> None:
    found: dict[bool, float] = {}
    for is_earnest in (True, False):
        hand = Hand(people=12, seed=2)
        hand.does(do="start")
        hand.look()
        hand.next()
        hand.negotiate()
        hand.next()
        seat = next(s for s in hand.people if s.role == ENTERPRISE and hand.game.contracts(s))
        row = hand.game.contracts(seat)[0][0]
        hand.moves(seat, do="effort", row=row, earnest=is_earnest)
        state = hand.game.world.state
        hand.next()
        h = slot_of(state, seat.row, row)
        if state.ties.level[seat.row, h] > 0:
            assert (state.ties.effort_enterprise[seat.row, h] == EARNEST) is is_earnest
        found[is_earnest] = float(state.ties.trust_college[seat.row, h])
    assert found[True] > found[False] + 0.2


def test_a_government_sets_the_rules_of_its_region_and_of_no_other() -> None:
    hand = Hand()
    seat = next(s for s in hand.people if s.role == GOVERNMENT)
    hand.does(do="start")
    hand.moves(seat, do="rule", share=0.45, ceiling=0.8, audits=0.6)
    hand.next()
    levers = hand.game.world.state.governments.levers
    assert levers[seat.region, L.SUBSIDY_RATE] > 0.2
    assert levers[seat.region, L.SUPERVISION] > 0.3
    assert (np.delete(levers[:, L.SUBSIDY_RATE], seat.region) == 0.0).all()
    assert hand.game.world.scenario.changes, "it is one of the scenario's changes"


def test_students_who_ask_for_more_than_there_is_stop_every_table_of_their_region() -> None:
    hand = Hand()
    seat = next(s for s in hand.people if s.role == STUDENTS)
    hand.does(do="start")
    hand.look()
    hand.moves(seat, do="thresholds", least=[1.0] * 5)
    hand.next()
    region = hand.game.world.state.colleges.region
    here = [s for s in hand.game.sittings.values() if region[s.pair[1]] == seat.region and s.table.sheet.quality() < 1]
    assert here
    assert all((s.table.accepts[STUDENTS] >= pay.NEVER).all() for s in here)


def test_students_who_ask_for_nothing_sign_all() -> None:
    hand = Hand()
    seat = next(s for s in hand.people if s.role == STUDENTS)
    hand.does(do="start")
    hand.look()
    hand.moves(seat, do="thresholds", least=[0.0] * 5)
    hand.next()
    region = hand.game.world.state.colleges.region
    here = [s for s in hand.game.sittings.values() if region[s.pair[1]] == seat.region]
    assert here
    assert all((s.table.accepts[STUDENTS] == 0.0).all() for s in here)


def test_the_card_with_most_votes_is_played_unless_the_host_plays_one() -> None:
    hand = Hand()
    hand.does(do="start")
    for expected, host in (("platform", None), ("supervision", "supervision")):
        hand.look()
        hand.next()
        hand.next()
        assert hand.next() == SEE
        for seat, card in zip(hand.people, ["platform", "subsidy", "platform"], strict=False):
            hand.moves(seat, do="vote", card=card if card in hand.game.open_cards else "none")
        if host:
            hand.does(do="card", card=host)
        hand.next()
        assert hand.game.cards[-1] == expected
    assert error(hand.moves(hand.people[0], do="vote", card="subsidy")) == "too_early"
    hand.next()
    assert {rule.name for rule in hand.game.world.now.rules} == {"platform", "supervision"}


def test_pause_stops_the_clock_and_moves() -> None:
    hand = Hand()
    hand.does(do="start")
    ends = hand.game.ends
    hand.does(do="pause")
    assert error(hand.moves(hand.people[0], do="invite", row=0)) == "paused"
    hand.at += 500
    hand.does(do="go_on")
    assert hand.game.ends is not None
    assert ends is not None
    assert hand.game.ends == pytest.approx(ends + 500, abs=0.5)


def test_the_game_goes_on_as_soon_as_nobody_is_waited_for() -> None:
    hand = Hand(people=4)
    hand.does(do="start")
    for seat in hand.people[:-1]:
        hand.moves(seat, do="done")
        assert not hand.game.is_wanted
    hand.moves(hand.people[-1], do="done")
    assert hand.game.is_wanted


def test_the_same_entries_give_the_same_game() -> None:
    hand = Hand(seed=5)
    hand.does(do="start")
    for _ in range(3):
        hand.round()
    again = Game(plan("lesson", 5), threads=2)
    for entry in json.loads(json.dumps(hand.entries)):
        again.apply(entry)
    assert again.world.results().result_hash() == hand.game.world.results().result_hash()
    for seat in hand.people:
        there = again.seats[seat.n]
        assert sight.phone(again, there, {}, 0.0) == sight.phone(hand.game, seat, {}, 0.0)


@pytest.mark.parametrize("name", names())
def test_a_whole_game_ends_in_a_story_that_is_true(name: str) -> None:
    hand = Hand(name)
    hand.does(do="start")
    for _ in range(hand.plan.rounds):
        hand.round()
    game = hand.game
    assert game.part == DEBRIEF
    story = debrief(game)
    assert len(story["people"]) == len(story["agents"]) == hand.plan.rounds
    assert story["signed"] == len(game.signed_with_people) > 0
    assert story["failed"]
    for one, (step, pair, record, alone) in zip(
        story["failed"][-60:], game.world.failed_with_people[-60:], strict=True
    ):
        # Where the story says that the model's agents would have signed, they do, and that very contract.
        scenario = game.world.scenario.in_force(step)
        closed = pay.agents_alone(record.terms[0], scenario)
        assert closed == alone
        assert (one["agents"] is None) == (closed.number < 0)
        if not one["declined"] and closed.number >= 0:
            assert one["cause"] == COLD_PARTNER
            assert pay.Contract(**one["agents"]).number == closed.number
        assert one["enterprise"] == game.names.enterprises[pair[0]]
        # What would have closed it is a thing that rises or falls, not the cause that it mends.
        assert all(thing["name"][language] in THINGS[language] for thing in one["things"] for language in LANGUAGES)
    assert any(one["things"] for one in story["failed"])
    results = game.world.results()
    assert results.is_complete
    assert len(results.metrics) == 4 * hand.plan.rounds


def test_what_a_missed_deal_would_have_done_is_the_game_played_again_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    hand = Hand("quick", 16)
    hand.does(do="start")
    for _ in range(hand.plan.rounds):
        hand.round()
    game, missed = hand.game, whatif.missed(hand.game)
    assert missed
    # Played again without it, it is the same game to the last figure.
    with monkeypatch.context() as without:
        without.setattr(whatif, "_sign", lambda *_: None)
        same = whatif.once_more(game, hand.entries, missed[0])
    assert same.world.results().result_hash() == game.world.results().result_hash()
    assert [seat.points for seat in same.seats] == [seat.points for seat in game.seats]
    # With it, those two have that contract, and nobody else's tables were touched before.
    i = missed[0]
    step, pair, _, alone = game.world.failed_with_people[i]
    again = whatif.once_more(game, hand.entries, i)
    year = step // 4 + 1
    assert (year, pair, alone.number) in again.signed_with_people
    assert (year, pair) not in {(y, p) for y, p, _ in game.signed_with_people}
    here, there = ({(y, p, n) for y, p, n in one.signed_with_people if y < year} for one in (game, again))
    assert here == there
    found = turned(game, hand.entries)
    if found is not None:
        effect = found["effect"]
        assert effect["turns"] == (sum(effect["then_stages"]) > sum(effect["stages"]))
        assert effect["turns"] or effect["then"][whatif.DEPTH] > effect["now"][whatif.DEPTH]
        assert effect["stages"] == debrief(game)["stages"]


def test_the_story_counts_the_tables_at_which_people_sat() -> None:
    hand = Hand("lesson", 30)
    hand.does(do="start")
    sat = signed = 0
    for _ in range(hand.plan.rounds):
        hand.look()
        hand.next()
        hand.negotiate()
        tables = list(hand.game.sittings.values())
        hand.next()
        sat, signed = sat + len(tables), signed + sum(one.table.number >= 0 for one in tables)
        hand.deliver()
        hand.next()
        hand.next()
    story = debrief(hand.game)
    assert (story["tables"], story["signed"]) == (sat, signed)
    assert sum(year["signed"] + year["failed"] for year in story["rewind"]) == sat
    assert 0 < story["agents_would"] <= sat - signed


def test_what_no_longer_pays_when_its_turn_comes_is_no_contract_of_the_story(monkeypatch: pytest.MonkeyPatch) -> None:
    # As where public money runs out: of what people agree on every other table falls.
    fell: list[Pair] = []

    def still_pays(self: World, done: pay.Agreement, t: int, terms: object) -> pay.Agreement:
        if done.number < 0:
            return done
        fell.append((int(self.state.agenda.enterprise[t]), int(self.state.agenda.college[t])))  # pyright: ignore
        return pay.Agreement(-1, done.rounds, ENTERPRISE) if len(fell) % 2 else done

    monkeypatch.setattr(World, "_still_pays", still_pays)
    hand = Hand("lesson", 30)
    hand.does(do="start")
    sat = 0
    for _ in range(hand.plan.rounds):
        hand.look()
        hand.next()
        hand.negotiate()
        sat += len(hand.game.sittings)
        hand.next()
        hand.deliver()
        hand.next()
        hand.next()
    story = debrief(hand.game)
    assert len(fell) > 2 and story["signed"] == len(fell) // 2
    assert story["tables"] == sat == story["signed"] + sum(story["causes"])
    # What the model's agents would have signed is no matter there, nor is the will.
    told = [failures.told(hand.game, i) for i in failures.at_tables(hand.game)]
    fallen = [one for one in told if one["why"] and one["why"]["kind"] == "fell"]
    assert len(fallen) == len(fell) - len(fell) // 2 == story["causes"][FUNDING]
    assert not any(one["agents"] for one in fallen)
    assert sum(year["signed"] + year["failed"] for year in story["rewind"]) == sat


def test_nobody_sees_what_another_may_get(at_tables: Hand) -> None:
    game = at_tables.game
    n, one, other = a_table_of_two(at_tables)
    mine, theirs = (sight.phone(game, game.seats[seat], {}, 0.0)["sheets"][str(n)] for seat in (one, other))
    assert mine["gain"] != theirs["gain"]
    for page in (sight.wall(game, {}, 0.0), sight.host(game, {}, 0.0)):
        assert "gain" not in json.dumps(page)
    assert all(seat.key not in json.dumps(sight.host(game, {}, 0.0)) for seat in at_tables.people)


def test_the_parts_of_a_round_come_in_their_order() -> None:
    hand = Hand(people=2)
    hand.does(do="start")
    seen = [hand.game.part, *(hand.next() for _ in range(4))]
    assert seen == [LOOK, NEGOTIATE, DELIVER, SEE, LOOK]
    assert hand.game.round == 2


def test_clock_and_host_at_the_same_moment_end_one_part() -> None:
    hand = Hand(people=2)
    hand.does(do="start")
    assert "ok" in hand.does(do="next", part=LOOK)
    assert error(hand.does(do="next", part=LOOK)) == "not_now"
    assert hand.game.part == NEGOTIATE


def test_each_year_tells_its_own_failed_tables_and_all_of_them() -> None:
    hand = Hand()
    hand.does(do="start")
    told: list[int] = []
    for _ in range(3):
        hand.look()
        hand.next()
        hand.negotiate()
        at_table = list(hand.game.sittings.values())
        hand.next()
        hand.deliver()
        assert hand.next() == SEE
        year = hand.game.year[-1]["failed"]
        told += year
        steps = {hand.game.world.failed_with_people[i][0] // 4 for i in year}
        assert steps <= {hand.game.round - 1}
        pairs = {hand.game.world.failed_with_people[i][1] for i in year}
        failed = {s.pair for s in at_table if s.table.state == "failed"}
        assert failed
        assert failed <= pairs
        for seat in hand.people:
            own = {s.pair for s in at_table if s.table.state == "failed" and s in hand.game.tables(seat)}
            seen = sight.phone(hand.game, seat, {}, 0.0)["see"]["failed"]
            assert len(seen) >= len(own)
        hand.next()
    assert told == list(range(len(hand.game.world.failed_with_people)))


def test_the_rate_of_a_year_is_that_of_its_four_quarters() -> None:
    hand = Hand()
    hand.does(do="start")
    hand.round()
    metrics = hand.game.world.results().metrics
    signed, tables = (metrics["agreement_rate"] * metrics["n_tables"]).fillna(0).sum(), metrics["n_tables"].sum()
    assert hand.game.year[0]["metrics"]["agreement_rate"] == pytest.approx(signed / tables)
