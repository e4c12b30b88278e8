"""What each page sees of the game, as plain values. A phone sees its own seat only; the projector nothing secret.

Names and texts that the model has are sent in both languages, so that each phone chooses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from abm.world.vocabulary import COLLEGE, ENTERPRISE, GOVERNMENT, PARTIES, STUDENTS
from dashboards.play import failures, pay
from dashboards.play.game import DEBRIEF, DELIVER, LOBBY, LOOK, NEGOTIATE, NO_CARD, SEE, TOLD, Game, Seat, Sitting
from dashboards.play.plan import PARTS
from dashboards.play.table import OFFER

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_SAID = 5
MOST_DRAWN = 200
"""Institutions of a kind that are drawn."""
METRICS = TOLD
"""Metrics of a year that are shown."""
Told = dict[str, Any]


def common(game: Game, now: float) -> Told:
    """What all pages show: where the game is."""
    left = game.left_when_paused
    if left is None and game.ends is not None:
        left = max(0.0, game.ends - now)
    return {
        "part": game.part, "round": game.round, "rounds": game.plan.rounds, "paused": game.left_when_paused is not None,
        "left": None if left is None else round(left, 1), "limit": _limit(game),
        "people": sum(s.is_person for s in game.seats), "taken": sum(bool(s.key) for s in game.seats),
        "seats": len(game.seats), "title": {"en": game.plan.title, "zh": game.plan.title_zh}, "cards": list(game.cards),
    }  # fmt: skip


def _limit(game: Game) -> float:
    return game.plan.seconds[PARTS.index(game.part)] if game.part in PARTS else 0.0


def me(game: Game, seat: Seat) -> Told:
    """A seat's own card."""
    mates = [s for s in game.seats if s.role == seat.role and s.key]
    total = sum(seat.points)
    return {
        "seat": seat.n, "role": PARTIES[seat.role], "name": game.names.of(seat.role, seat.row),
        "region": game.names.regions[seat.region], "points": round(total), "done": seat.is_done,
        "years": [round(p) for p in seat.points], "rank": 1 + sum(sum(s.points) > total + 1e-9 for s in mates),
        "of": len(mates), "aims": _aims(game, seat), "elsewhere": _elsewhere(game, seat), "defaults": seat.n_defaults,
    }  # fmt: skip


def _elsewhere(game: Game, seat: Seat) -> list[int]:
    """What a seat has without a contract, by the level that it would bind itself to; empty for who signs none."""
    if seat.role not in (ENTERPRISE, COLLEGE):
        return []
    return [round(points) for points in pay.elsewhere(game.world.state, seat.role, seat.row, game.world.now)]


def _aims(game: Game, seat: Seat) -> list[float]:
    state = game.world.state
    if seat.role == ENTERPRISE:
        weights = state.enterprises.aims[seat.row]
    elif seat.role == COLLEGE:
        weights = state.colleges.aims[seat.row]
    elif seat.role == GOVERNMENT:
        weights = state.governments.aims[seat.row]
    else:
        weights = state.colleges.student_aims[state.colleges.region == seat.region].mean(axis=0)
    return [round(float(w), 2) for w in weights]


def look(game: Game, seat: Seat, people: Mapping[int, str]) -> Told | None:
    """Who is around, and what was asked for so far."""
    if game.part != LOOK:
        return None
    if seat.role == GOVERNMENT:
        return offer_rule(game, seat)
    if seat.role == STUDENTS:
        return thresholds(game, seat)
    other = COLLEGE if seat.role == ENTERPRISE else ENTERPRISE
    found = game.candidates(seat)
    for candidate in found:
        candidate["name"] = game.names.of(other, candidate["row"])
        candidate["player"] = _player(game, other, candidate["row"], people)
        candidate["region"] = game.names.regions[candidate["region"]]
    running = [(other_row, level) for other_row, level, _ in _running(game, seat)]
    return {
        "candidates": found, "invited": list(seat.invited),
        "running": [{"name": game.names.of(other, row), "level": level} for row, level in running],
    }  # fmt: skip


def _running(game: Game, seat: Seat) -> list[tuple[int, int, int]]:
    game.list_contracts(seat)
    return game.contracts(seat)


def _player(game: Game, role: int, row: int, people: Mapping[int, str]) -> str | None:
    """What the person in a seat calls themself; empty without a name, None where the model's agent plays."""
    seat = next((s for s in game.seats if s.role == role and s.row == row and s.is_person), None)
    return None if seat is None else people.get(seat.n, "")


def offer_rule(game: Game, seat: Seat) -> Told:
    """A government's levers, money, and what came of it."""
    state = game.world.state
    here = state.enterprises.region == seat.region
    rule = seat.rule
    now = game.levers(seat.region)
    shown = now if rule is None else dict(zip(("share", "ceiling", "audits"), rule, strict=True))
    year = game.year[-1] if game.year else None
    return {
        "rule": {key: round(value, 2) for key, value in shown.items()}, "is_own": rule is not None,
        "stage": int(state.governments.stage[seat.region]),
        "contracts": int((state.ties.level[here] > 0).sum()),
        "spent": None if year is None else round(year["spent"][seat.region] / (4 * year["budget"][seat.region]), 2),
    }  # fmt: skip


def thresholds(game: Game, seat: Seat) -> Told:
    """What a student body asks of each level, and what its members find."""
    state = game.world.state
    here = state.colleges.region == seat.region
    asked = seat.thresholds or game.usual_thresholds(seat.region)
    return {
        "least": [round(x, 2) for x in asked], "is_own": seat.thresholds is not None,
        "usual": [round(x, 2) for x in game.usual_thresholds(seat.region)],
        "placement": round(float(state.colleges.placement[here].mean()), 2),
        "motivation": round(float(state.colleges.motivation[here].mean()), 2),
    }  # fmt: skip


def tables(game: Game, seat: Seat, people: Mapping[int, str]) -> Told | None:
    """The tables of a seat: what was said, what stands."""
    if game.part not in (NEGOTIATE, DELIVER):
        return None
    return {str(s.n): table(game, seat, s, people) for s in game.tables(seat)}


def table(game: Game, seat: Seat, sitting: Sitting, people: Mapping[int, str]) -> Told:
    """One table as one side sees it."""
    one, role = sitting.table, seat.role
    other = COLLEGE if role == ENTERPRISE else ENTERPRISE
    row = sitting.pair[other]
    said = [
        {"mine": m.party == role, "what": m.what, **pay.told(m.number)}
        for m in one.said[-MOST_SAID:]
        if m.number >= 0 or m.what != OFFER
    ]
    return {
        "n": sitting.n, "name": game.names.of(other, row), "player": _player(game, other, row, people),
        "kind": sitting.kind, "state": one.state, "clock": round(one.clock, 4), "said": said,
        "mine": _offer(one.last[role], one.standing[role]), "theirs": _offer(one.last[other], one.standing[other]),
        "signed": pay.told(one.number) if one.number >= 0 else None, "time": round(one.time, 4),
        "stopped_by": None if one.stopped_by < 0 else PARTIES[one.stopped_by], "by_default": sitting.by_default,
        "spoken_for": role in sitting.spoken_for and game.part == NEGOTIATE,
        "left": None if one.number < 0 else round(pay.A_YEAR * one.sheet.gain(role, one.number, one.time)),
    }  # fmt: skip


def _offer(number: int, standing: set[int]) -> Told | None:
    return pay.told(number) if number >= 0 and number in standing else None


def sheets(game: Game, seat: Seat) -> Told | None:
    """What each contract is worth to the seat at its tables, points a year; and from when government and students
    come round (9 = never). It does not change while the table is open."""
    if game.part != NEGOTIATE:
        return None
    found: Told = {}
    for sitting in game.tables(seat):
        one = sitting.table
        gain = pay.A_YEAR * (one.sheet.utility[seat.role] - one.sheet.reservation[seat.role])
        comes = [
            [round(float(t), 3) if t < pay.NEVER else 9 for t in one.accepts[party]] for party in (GOVERNMENT, STUDENTS)
        ]
        terms = one.sheet.terms
        fit, trust = (pay.FIT_ENTERPRISE, pay.TRUST_ENTERPRISE) if seat.role == ENTERPRISE else (
            pay.FIT_COLLEGE, pay.TRUST_COLLEGE)  # fmt: skip
        found[str(sitting.n)] = {
            "gain": [round(float(g)) for g in gain], "government": comes[0], "students": comes[1],
            "talk": [round(pay.A_YEAR * float(price), 2) for price in one.sheet.talk[:: pay.N_SHARES]],
            "rounds": one.sheet.talk_rounds,
            "fit": round(float(terms[fit]), 2), "trust": round(float(terms[trust]), 2),
            "subsidy": [round(share, 2) for share in one.sheet.subsidies], "lasts": pay.level_lasts(game.world.now),
        }  # fmt: skip
    return found


def deliver(game: Game, seat: Seat) -> list[Told] | None:
    """The contracts under which a seat delivers, and what it has decided."""
    if game.part != DELIVER:
        return None
    other = COLLEGE if seat.role == ENTERPRISE else ENTERPRISE
    return [
        {"row": row, "name": game.names.of(other, row), "level": level, "tenths": tenths,
         "earnest": None if row not in seat.efforts else seat.efforts[row] > 0.5}
        for row, level, tenths in game.contracts(seat)
    ]  # fmt: skip


def see(game: Game, seat: Seat) -> Told | None:
    """What the last year brought a seat."""
    if not game.year or game.part not in (SEE, DEBRIEF):
        return None
    year, state = game.year[-1], game.world.state
    rows: list[Told] = []
    for party, e, c in year["by_pair"]:
        if party != seat.role or (e, c)[party if party < 2 else 0] != seat.row or party > COLLEGE:
            continue
        other = COLLEGE if party == ENTERPRISE else ENTERPRISE
        at = (party, e, c)
        rows.append({
            "name": game.names.of(other, c if other == COLLEGE else e), "points": round(year["by_pair"][at]),
            "trust": _trust(game, party, e, c), "before": _rounded(year["trusts"].get(at)),
            "fined": year["fines"].get(at, 0), "blamed_me": year["blamed"].get((other, e, c), 0),
            "blamed": year["blamed"].get(at, 0),
        })  # fmt: skip
    failed = [failures.told(game, i) for i in year["failed"] if _is_own(game, seat, i)]
    region: Told = {}
    if seat.role == GOVERNMENT:
        region = offer_rule(game, seat)
    elif seat.role == STUDENTS:
        region = thresholds(game, seat)
    return {
        "points": round(seat.points[-1]) if seat.points else 0, "contracts": rows, "failed": failed, "region": region,
        "stage": int(state.governments.stage[seat.region]), "votes": [*game.open_cards, NO_CARD], "vote": seat.vote,
    }  # fmt: skip


def _is_own(game: Game, seat: Seat, i: int) -> bool:
    pair = game.world.failed_with_people[i][1]
    return seat.role in (ENTERPRISE, COLLEGE) and pair[seat.role] == seat.row


def _trust(game: Game, party: int, e: int, c: int) -> float | None:
    from dashboards.play.world import slot_of

    h = slot_of(game.world.state, e, c)
    if h < 0:
        return None
    ties = game.world.state.ties
    return _rounded(float((ties.trust_enterprise if party == ENTERPRISE else ties.trust_college)[e, h]))


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 2)


def phone(game: Game, seat: Seat, people: Mapping[int, str], now: float) -> dict[str, Any]:
    """All that a phone shows, by part."""
    return {
        "common": common(game, now), "me": me(game, seat), "look": look(game, seat, people),
        "tables": tables(game, seat, people), "sheets": sheets(game, seat), "deliver": deliver(game, seat),
        "see": see(game, seat), "live": live_of(game, seat, people),
    }  # fmt: skip


def wall(game: Game, people: Mapping[int, str], now: float) -> dict[str, Any]:
    """What the projector shows: who is there, the region, live tables, the years so far."""
    votes = game.votes() if game.part == SEE else None
    return {
        "common": common(game, now), "seats": _all(game, people), "live": _live(game, people),
        "region": _region(game), "years": years(game), "votes": votes,
    }  # fmt: skip


def host(game: Game, people: Mapping[int, str], now: float) -> dict[str, Any]:
    """What the host sees: the projector's, and who waits for whom."""
    return wall(game, people, now) | {"waiting": _waiting(game), "open_cards": game.open_cards,
                                      "card": game.host_card}  # fmt: skip


def _all(game: Game, people: Mapping[int, str]) -> list[Told]:
    return [
        {"n": s.n, "role": s.role, "region": s.region, "name": game.names.of(s.role, s.row), "taken": bool(s.key),
         "here": s.is_here, "player": people.get(s.n, ""), "done": s.is_done, "points": round(sum(s.points))}
        for s in game.seats if s.key
    ]  # fmt: skip


def _live(game: Game, people: Mapping[int, str]) -> list[Told] | None:
    """Tables with people, while they bargain: who, how far, what stands. Not who asks for what in points."""
    if game.part not in (NEGOTIATE, DELIVER):
        return None
    found: list[Told] = []
    for s in game.sittings.values():
        e, c = s.pair
        found.append({
            "n": s.n, "e": game.names.enterprises[e], "c": game.names.colleges[c], "state": s.table.state,
            "clock": round(s.table.clock, 3), "said": len(s.table.said),
            "people": [seat is not None for seat in game.sides(s)],
            "offers": [_offer(s.table.last[p], s.table.standing[p]) for p in (ENTERPRISE, COLLEGE)],
            "signed": pay.told(s.table.number) if s.table.number >= 0 else None,
        })  # fmt: skip
    return found


def live_of(game: Game, seat: Seat, people: Mapping[int, str]) -> list[Told] | None:
    """The tables that a government or a student body looks on at: those for which it set the rules."""
    all_of_them = _live(game, people) if seat.role in (GOVERNMENT, STUDENTS) else None
    if all_of_them is None:
        return None
    state = game.world.state
    region = state.enterprises.region if seat.role == GOVERNMENT else state.colleges.region
    side = ENTERPRISE if seat.role == GOVERNMENT else COLLEGE
    here = [told for told in all_of_them if region[game.sittings[told["n"]].pair[side]] == seat.region]
    if seat.role == STUDENTS:
        for told in here:
            told["promises"] = round(game.sittings[told["n"]].table.sheet.quality(), 2)
    return here


def _region(game: Game) -> Told:
    """The network: institutions of each region, contracts by level and substance."""
    state = game.world.state
    return {
        "names": list(game.names.regions), "stages": [int(s) for s in state.governments.stage],
        "ties": game.ties(is_delivered=game.part not in (NEGOTIATE, DELIVER)),
        "e": [int(r) for r in state.enterprises.region][:MOST_DRAWN],
        "c": [int(r) for r in state.colleges.region][:MOST_DRAWN],
        "pe": [s.row for s in game.seats if s.role == ENTERPRISE and s.key],
        "pc": [s.row for s in game.seats if s.role == COLLEGE and s.key],
    }  # fmt: skip


def rewind(game: Game) -> list[Told]:
    """Each year's network, tables of people and main figures, to go through once more."""
    signed = [year for year, _, _ in game.signed_with_people]
    failed = [failures.told(game, i)["year"] for i in failures.at_tables(game)]
    return [
        {"ties": told["ties"], "stages": told["stages"], "signed": signed.count(n), "failed": failed.count(n)}
        for n, told in enumerate(game.year, 1)
    ]


def years(game: Game) -> list[Told]:
    """The main figures of each year played."""
    return [{name: _rounded(year["metrics"][name]) for name in METRICS} for year in game.year]


def own_story(game: Game, seat: Seat, story: Told) -> Told:
    """The debriefing as a phone tells it: the region's, and the failed tables of its own seat."""
    kept = {key: story[key] for key in ("people", "agents", "stages", "agents_stages", "regions", "turn", "causes")}
    kept |= {key: story[key] for key in ("tables", "signed", "agents_would", "first")}
    name = game.names.of(seat.role, seat.row)
    own = [one for one in story["failed"] if name in (one["enterprise"], one["college"])]
    return kept | {"failed": own[-6:], "region": seat.region}


def _waiting(game: Game) -> list[int]:
    """Seats for whom the game waits."""
    if game.part in (LOBBY, DEBRIEF):
        return []
    found: list[int] = []
    for s in game.seats:
        if s.is_person and not s.is_done:
            is_busy = bool(game.open_tables(s)) if game.part == NEGOTIATE else True
            found += [s.n] if is_busy and (game.part != DELIVER or game.is_undecided(s)) else []
    return found
