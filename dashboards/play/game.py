"""The game: seats, rounds and moves. It takes entries, one after the other, and the same entries give the same game.

An entry is a dictionary: ``do`` (what), ``at`` (seconds since the game began), ``seat`` (whose move; none of the host
and the clock), ``id`` (of a move: twice is once), and what belongs to it. Sockets, clocks and files are not known here
(room.py, journal.py).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.scenario.policies import named
from abm.scenario.policies.subsidy import Subsidy
from abm.scenario.policies.supervision import Supervision
from abm.world.levers import L
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import COLLEGE, ENTERPRISE, GOVERNMENT, N_LEVELS, PARTIES, STUDENTS
from dashboards.play import pay
from dashboards.play.names import names_of
from dashboards.play.plan import MOST_SEATS, PARTS, Plan
from dashboards.play.table import ACCEPT, MOST_MESSAGES, OFFER, TAKE_BACK, WALK, Message, Refused, Table, settle
from dashboards.play.world import Choices, Invitation, Pair, World, slot_of

if TYPE_CHECKING:
    from abm.scenario.policies import Policy

LOBBY, DEBRIEF = "lobby", "debrief"
LOOK, NEGOTIATE, DELIVER, SEE = PARTS
MOST_TABLES = 3
EARNEST, ON_PAPER = 0.9, 0.15
"""Effort of who does what was signed, and of who has it on paper."""
REMEMBERED = 64
"""Ids of moves that a seat remembers."""
MOST_CANDIDATES = 10
MOST_TIES = 400
"""Contracts that are drawn; of more nothing could be seen."""
NO_CARD = "none"
ORDER = (ENTERPRISE, COLLEGE, ENTERPRISE, ENTERPRISE, COLLEGE, ENTERPRISE, GOVERNMENT, ENTERPRISE, COLLEGE, STUDENTS)
"""In which order the seats of a region are given out, first round; then enterprises and colleges two to one."""

Entry = dict[str, Any]
Answer = dict[str, Any]


@dataclass
class Seat:
    """One place in the game. Without a ``key`` nobody has it, and the model's agent plays."""

    n: int
    role: int
    """Index of PARTIES."""
    region: int
    row: int
    """Of the institution; of the region for government and students."""
    key: str = ""
    """Hash of the secret by which its player is known."""
    is_here: bool = False
    """Whether its player is connected; while not, the model's agent plays."""
    ids: OrderedDict[str, Answer] = field(default_factory=OrderedDict[str, "Answer"])
    invited: list[int] = field(default_factory=list[int])
    """Rows of those it wants to meet."""
    is_done: bool = False
    efforts: dict[int, float] = field(default_factory=dict[int, float])
    """By partner's row, in this round."""
    rule: tuple[float, float, float] | None = None
    """A government's offer: share of the cost, ceiling as share of the budget, chance of an audit."""
    thresholds: tuple[float, ...] | None = None
    vote: str = ""
    points: list[float] = field(default_factory=list[float])
    """By year."""
    n_defaults: int = 0
    """Decisions that the time limit took."""

    @property
    def is_person(self) -> bool:
        """Whether a person decides here now."""
        return bool(self.key) and self.is_here

    @property
    def who(self) -> tuple[int, int]:
        """Party and row."""
        return self.role, self.row


@dataclass
class Sitting:
    """A table with a person, while it is open and after."""

    n: int
    pair: Pair
    kind: int
    table: Table
    by_default: bool = False
    """Whether the time limit ended it."""
    spoken_for: set[int] = field(default_factory=set[int])
    """Parties for whose absent players the model's agent spoke; they can take its word back in the same part."""


class Game:
    """A game from the lobby to the debriefing."""

    def __init__(self, plan: Plan, *, threads: int | None = None) -> None:
        self.plan = plan
        self.world = World(plan.scenario, threads=threads)
        self.names = names_of(self.world.known, self.world.state)
        self.seats = _seats(self.world, plan)
        self.part = LOBBY
        self.round = 0
        self.ends: float | None = None
        """When the part is over; None in the lobby and the debriefing."""
        self.left_when_paused: float | None = None
        self.is_wanted = False
        """Whether everybody is done and the next part can begin."""
        self.sittings: dict[int, Sitting] = {}
        self.pairs: dict[int, dict[int, Pair]] = {}
        """Who sat at which table with people, by year and number."""
        self.declined: list[Pair] = []
        self.cards: list[str] = []
        """Cards played, in their order."""
        self.host_card = ""
        self.n_entries = 0
        self.year: list[dict[str, Any]] = []
        """What each year brought, for the pages."""
        self.signed_with_people: list[tuple[int, Pair, int]] = []
        self.failures: dict[int, dict[str, Any]] = {}
        """Why tables with people failed, as pages tell it, by their number (failures.py)."""
        self._by_key: dict[str, Seat] = {}
        self._asked: dict[tuple[int, int, int], float] = {}
        self._failed_before = 0
        """Failed tables with people before this round."""
        self._contracts: dict[int, list[tuple[int, int, int]]] = {}

    # Entries.

    def apply(self, entry: Entry) -> Answer:
        """Take one entry; the answer says ``ok`` or ``error`` (a code, with ``values``)."""
        self.n_entries += 1
        seat = None if entry.get("seat") is None else self.seats[int(entry["seat"])]
        known = seat.ids.get(entry["id"]) if seat is not None and "id" in entry else None
        if known is not None:
            return known
        try:
            answer = self._apply(entry, seat)
        except Refused as refused:
            answer = {"error": refused.code, "values": refused.values}
        if seat is not None and "id" in entry:
            seat.ids[entry["id"]] = answer
            if len(seat.ids) > REMEMBERED:
                seat.ids.popitem(last=False)
        self.is_wanted = self._is_everybody_done()
        return answer

    def _apply(self, entry: Entry, seat: Seat | None) -> Answer:
        do, at = entry["do"], float(entry["at"])
        if do == "join":
            return {"ok": True, "seat": self._join(entry["key"], entry.get("role")).n}
        if seat is None:
            self._host(do, at, entry)
        elif do in ("here", "away"):
            seat.is_here = do == "here"
            if do == "away":
                self._agents_go_on(seat)
        else:
            self._move(do, seat, entry)
        return {"ok": True}

    def seat_of(self, key: str) -> Seat | None:
        """The seat that a hashed secret opens."""
        return self._by_key.get(key)

    def _join(self, key: str, role: object) -> Seat:
        known = self.seat_of(key)
        if known is not None:
            return known
        free = [seat for seat in self.seats if not seat.key]
        if not free:
            raise Refused("room_full", n=len(self.seats))
        wanted = [seat for seat in free if PARTIES[seat.role] == role]
        seat = (wanted or free)[0]
        seat.key, seat.is_here = key, True
        self._by_key[key] = seat
        if self.part == DELIVER:
            self.list_contracts(seat)
        return seat

    def _host(self, do: str, at: float, entry: Entry) -> None:
        if do == "start" and self.part == LOBBY:
            self._look(at)
        elif do == "next" and self.part not in (LOBBY, DEBRIEF) and entry.get("part", self.part) == self.part:
            # Clock and host may say it at the same moment: each names the part that it ends.
            self._next(at)
        elif do == "pause" and self.ends is not None and self.left_when_paused is None:
            self.left_when_paused = max(0.0, self.ends - at)
        elif do == "go_on" and self.left_when_paused is not None:
            self.ends, self.left_when_paused = at + self.left_when_paused, None
        elif do == "more" and self.ends is not None:
            if self.left_when_paused is not None:
                self.left_when_paused += 30.0
            else:
                self.ends += 30.0
        elif do == "card" and (entry["card"] in self.open_cards or entry["card"] == NO_CARD):
            self.host_card = entry["card"]
        elif do == "free":
            self._free(self.seats[int(entry["n"])])
        elif do == "end" and self.part != LOBBY:
            self._end()
        else:
            raise Refused("not_now")

    def _free(self, seat: Seat) -> None:
        """Give a seat back to the model's agent."""
        self._by_key.pop(seat.key, None)
        seat.key, seat.is_here = "", False
        seat.rule = seat.thresholds = None
        seat.ids.clear()
        self._agents_go_on(seat)

    def _move(self, do: str, seat: Seat, entry: Entry) -> None:
        if do == "done":
            if self.part in (LOBBY, DEBRIEF):
                raise Refused("not_now")
            seat.is_done = not seat.is_done if self.part != NEGOTIATE else True
        elif do in ("invite", "drop"):
            self._invite(seat, int(entry["row"]), is_on=do == "invite")
        elif do in (OFFER, ACCEPT, WALK):
            self._speak(do, seat, entry)
        elif do == TAKE_BACK:
            self._take_back(seat, int(entry["table"]))
        elif do == "effort":
            self._effort(seat, int(entry["row"]), is_earnest=bool(entry["earnest"]))
        elif do == "rule":
            self._is_role(seat, GOVERNMENT)
            seat.rule = (entry["share"], entry["ceiling"], entry["audits"])
        elif do == "thresholds":
            self._is_role(seat, STUDENTS)
            seat.thresholds = tuple(entry["least"])
        elif do == "vote":
            self._vote(seat, entry["card"])
        else:
            raise Refused("malformed")

    def _is_role(self, seat: Seat, role: int) -> None:
        if seat.role != role:
            raise Refused("not_yours")

    def _in(self, part: str) -> None:
        if self.part != part:
            raise Refused("too_late" if PARTS.index(part) < self._part_number() else "too_early")
        if self.left_when_paused is not None:
            raise Refused("paused")

    def _part_number(self) -> int:
        return PARTS.index(self.part) if self.part in PARTS else (-1 if self.part == LOBBY else len(PARTS))

    # Parts of a round.

    def _begin(self, part: str, at: float) -> None:
        self.part, self.left_when_paused = part, None
        self.ends = at + self.plan.seconds[PARTS.index(part)]
        for seat in self.seats:
            seat.is_done = False

    def _look(self, at: float) -> None:
        self.round += 1
        self.sittings.clear()
        self.declined.clear()
        for seat in self.seats:
            seat.invited.clear()
            seat.efforts.clear()
            seat.vote = ""
        self._begin(LOOK, at)

    def _next(self, at: float) -> None:
        if self.part == LOOK:
            self._negotiate(at)
        elif self.part == NEGOTIATE:
            self._deliver(at)
        elif self.part == DELIVER:
            self._see(at)
        else:
            self._play_card()
            if self.round >= self.plan.rounds:
                self._end()
            else:
                self._look(at)

    def _end(self) -> None:
        if self.part in (NEGOTIATE, DELIVER):
            # The year that has begun is played to its end.
            if self.part == NEGOTIATE:
                self._deliver(0.0)
            self._see(0.0)
        self.part, self.ends, self.left_when_paused = DEBRIEF, None, None

    def _is_everybody_done(self) -> bool:
        if self.part in (LOBBY, DEBRIEF) or self.left_when_paused is not None:
            return False
        people = [seat for seat in self.seats if seat.is_person]
        if not people:
            return False
        if self.part == NEGOTIATE:
            # Whoever has no table open waits for nothing.
            return all(seat.is_done or not self.open_tables(seat) for seat in people)
        if self.part == DELIVER:
            return all(seat.is_done or not self.is_undecided(seat) for seat in people)
        return all(seat.is_done for seat in people)

    # Look.

    def candidates(self, seat: Seat) -> list[dict[str, Any]]:
        """Whom an enterprise or a college can invite: people first, then who promises most."""
        if seat.role not in (ENTERPRISE, COLLEGE):
            return []
        state, found = self.world.state, list[dict[str, Any]]()
        other = COLLEGE if seat.role == ENTERPRISE else ENTERPRISE
        region = state.colleges.region if other == COLLEGE else state.enterprises.region
        people = {s.row for s in self.seats if s.role == other and s.is_person}
        near = state.governments.adjacency[seat.region] | (np.arange(len(state.governments.id)) == seat.region)
        for row in range(len(region)):
            if row not in people and not near[region[row]]:
                continue
            e, c = self._pair(seat, row)
            slot = slot_of(state, e, c)
            if slot >= 0 and state.ties.level[e, slot] > 0:
                continue
            fit, trust = self.world.fit(seat.role, e, c, slot), self.world.trust_at_table(seat.role, e, c, slot)
            found.append(
                {"row": row, "fit": round(fit, 2), "trust": round(trust, 2), "person": row in people,
                 "known": slot >= 0, "region": int(region[row]), "keen": self._is_invited_by(seat, other, row)}
            )  # fmt: skip
        found.sort(key=lambda c: (not c["keen"], not c["person"], c["region"] != seat.region, -c["fit"] * c["trust"]))
        kept = found[:MOST_CANDIDATES]
        return kept + [c for c in found[MOST_CANDIDATES:] if c["row"] in seat.invited]

    def _is_invited_by(self, seat: Seat, other: int, row: int) -> bool:
        return any(s.role == other and s.row == row and seat.row in s.invited for s in self.seats)

    def _pair(self, seat: Seat, other: int) -> Pair:
        return (seat.row, other) if seat.role == ENTERPRISE else (other, seat.row)

    def _invite(self, seat: Seat, row: int, *, is_on: bool) -> None:
        self._in(LOOK)
        if seat.role not in (ENTERPRISE, COLLEGE):
            raise Refused("not_yours")
        state = self.world.state
        others = state.colleges if seat.role == ENTERPRISE else state.enterprises
        if not 0 <= row < len(others.id):
            raise Refused("malformed")
        if not is_on:
            if row in seat.invited:
                seat.invited.remove(row)
            return
        if row in seat.invited:
            return
        e, c = self._pair(seat, row)
        slot = slot_of(state, e, c)
        if slot >= 0 and state.ties.level[e, slot] > 0:
            raise Refused("partners_already")
        if len(seat.invited) >= MOST_TABLES:
            raise Refused("most_tables", n=MOST_TABLES)
        if state.enterprises.n_partners[e] >= state.enterprises.partner_limit[e]:
            raise Refused("no_room_enterprise")
        if state.colleges.n_partners[c] >= state.colleges.partner_limit[c]:
            raise Refused("no_room_college")
        seat.invited.append(row)

    # Negotiate.

    def _negotiate(self, at: float) -> None:
        people = frozenset(seat.who for seat in self.seats if seat.is_person)
        idle = {
            s.who
            for s in self.seats
            if s.is_person and s.role in (ENTERPRISE, COLLEGE) and not s.invited and not s.is_done
        }
        for seat in self.seats:
            seat.n_defaults += seat.who in idle
        wishes: list[Invitation] = []
        # In turn, so that nobody's three invitations take the room of others' first.
        for i in range(MOST_TABLES):
            for seat in self.seats:
                if seat.is_person and len(seat.invited) > i:
                    wishes.append(Invitation(self._pair(seat, seat.invited[i]), seat.role))
        thresholds = {s.region: s.thresholds for s in self.seats if s.is_person and s.thresholds is not None}
        self._failed_before = len(self.world.failed_with_people)
        self.world.set_policies(self._policies())
        asked = dict(self._asked)
        choices = Choices(people, tuple(wishes), frozenset(idle), {}, asked, thresholds, MOST_TABLES)
        self.world.open_year(choices)
        self.declined = self.world.declined()
        for n, (pair, (kind, table)) in enumerate(self.world.tables_of_people().items()):
            self.sittings[n] = Sitting(n, pair, kind, table)
        self.pairs[self.round] = {n: sitting.pair for n, sitting in self.sittings.items()}
        self._begin(NEGOTIATE, at)
        for sitting in self.sittings.values():
            self._agent_speaks(sitting, None)

    def _policies(self) -> tuple[Policy, ...]:
        """The rules in force in the next year: the scenario's, the cards played, what governments offer."""
        found = list(self.plan.scenario.policies)
        found += [named(card)() for card in self.cards]
        for seat in self.seats:
            if seat.rule is not None and seat.key:
                share, ceiling, audits = seat.rule
                regions: Any = (seat.region,)
                found.append(Subsidy(rate=share, budget=ceiling, regions=regions))
                found.append(Supervision(probability=audits, regions=regions))
        return tuple(found)

    def sides(self, sitting: Sitting) -> tuple[Seat | None, Seat | None]:
        """The people at a table, enterprise and college; None where the model's agent sits."""
        found: list[Seat | None] = []
        for role, row in ((ENTERPRISE, sitting.pair[0]), (COLLEGE, sitting.pair[1])):
            found.append(next((s for s in self.seats if s.role == role and s.row == row and s.is_person), None))
        return found[0], found[1]

    def tables(self, seat: Seat) -> list[Sitting]:
        """The tables at which a seat sits."""
        if seat.role not in (ENTERPRISE, COLLEGE):
            return []
        return [s for s in self.sittings.values() if s.pair[seat.role] == seat.row]

    def open_tables(self, seat: Seat) -> list[Sitting]:
        """Those of them that are open."""
        return [s for s in self.tables(seat) if s.table.is_open]

    def _speak(self, do: str, seat: Seat, entry: Entry) -> None:
        self._in(NEGOTIATE)
        sitting = self.sittings.get(int(entry["table"]))
        if sitting is None or sitting not in self.tables(seat):
            raise Refused("no_such_table")
        table, party = sitting.table, seat.role
        if not table.is_open:
            raise Refused("table_closed")
        if do == WALK:
            table.say(Message(party, WALK))
            return
        number = pay.number_of(entry.get("level"), entry.get("tenths"))
        if number is None:
            raise Refused("not_a_contract", levels=N_LEVELS)
        if table.n_messages >= MOST_MESSAGES:
            raise Refused("talked_enough")
        other = COLLEGE if party == ENTERPRISE else ENTERPRISE
        if do == ACCEPT and number not in table.standing[other]:
            raise Refused("offer_gone")
        agrees = number in table.standing[other]
        if agrees and table.talk_until(number) >= pay.NEVER:
            # Said before anything is taken: the table stays as it was.
            refuses = table.accepts[GOVERNMENT, number] >= pay.NEVER
            raise Refused("government_refuses" if refuses else "students_refuse")
        at = table.clock if agrees else table.tick()
        message = Message(party, ACCEPT if agrees else OFFER, number, at)
        table.say(message)
        if agrees:
            table.close_with(number)
        else:
            self._agent_speaks(sitting, message)

    def _take_back(self, seat: Seat, n: int) -> None:
        """Who is back takes back what the model's agent said meanwhile: the table is open again."""
        self._in(NEGOTIATE)
        sitting = self.sittings.get(n)
        if sitting is None or sitting not in self.tables(seat):
            raise Refused("no_such_table")
        if seat.role not in sitting.spoken_for:
            raise Refused("not_now")
        sitting.spoken_for.discard(seat.role)
        sitting.table.reopen(seat.role)
        seat.is_done = False

    def _agent_speaks(self, sitting: Sitting, message: Message | None) -> None:
        """Let the model's agent answer a person, or open; where a person sits on both sides it is silent."""
        table, people = sitting.table, self.sides(sitting)
        if not table.is_open or all(people) or not any(people):
            return
        party = ENTERPRISE if people[ENTERPRISE] is None else COLLEGE
        if message is not None and message.party == party:
            return
        said = table.reply(party, message)
        if said is None:
            return
        absent = next((s for s in self.seats if s.key and s.who == (party, sitting.pair[party])), None)
        if absent is not None and party not in sitting.spoken_for:
            sitting.spoken_for.add(party)
            absent.n_defaults += 1
        table.say(said)
        if said.what == ACCEPT and table.is_open:
            table.close_with(said.number)

    def _agents_go_on(self, seat: Seat) -> None:
        """A player is gone: the model's agent answers what stands at the seat's open tables."""
        if self.part != NEGOTIATE:
            return
        for sitting in self.open_tables(seat):
            other = COLLEGE if seat.role == ENTERPRISE else ENTERPRISE
            last = sitting.table.last[other]
            self._agent_speaks(sitting, Message(other, OFFER, last) if last >= 0 else None)

    def _time_is_up(self, sitting: Sitting) -> None:
        """End an open table as the rules say: the last offer of who made one is its last word (it takes that and what
        is better); for others the model's agent bargains."""
        table, sitting.by_default = sitting.table, True
        for party, seat in enumerate(self.sides(sitting)):
            if seat is None:
                continue
            seat.n_defaults += 1
            last = table.last[party]
            if last >= 0:
                worth = table.sheet.utility[party]
                table.accepts[party] = np.where(worth >= worth[last] - pay.SAME, 0.0, pay.NEVER)
        for standing in table.standing:
            standing.clear()
        settle(table, self.world.now)

    # Deliver.

    def _deliver(self, at: float) -> None:
        settled: dict[Pair, pay.Agreement] = {}
        for sitting in self.sittings.values():
            table = sitting.table
            if table.is_open:
                self._time_is_up(sitting)
            settled[sitting.pair] = pay.Agreement(table.number, table.sheet.rounds(table.time), table.stopped_by)
            self._remember(sitting)
        self.world.choices.asked = dict(self._asked)
        self.world.close_tables(settled)
        self._contracts.clear()
        for seat in self.seats:
            self.list_contracts(seat)
        self._begin(DELIVER, at)

    def _remember(self, sitting: Sitting) -> None:
        """What each person asked for last at a table bargains for it in the rest of the year."""
        e, c = sitting.pair
        for party, own, other in ((ENTERPRISE, e, c), (COLLEGE, c, e)):
            seat, last = self.sides(sitting)[party], sitting.table.last[party]
            if seat is not None and last >= 0:
                sheet = sitting.table.sheet
                self._asked[party, own, other] = float(sheet.utility[party, last] - sheet.reservation[party])

    def list_contracts(self, seat: Seat) -> None:
        """Look up the contracts that a seat delivers under: partner's row, level, tenths."""
        ties, found = self.world.state.ties, list[tuple[int, int, int]]()
        if seat.role == ENTERPRISE:
            at = [(seat.row, h) for h in np.flatnonzero(ties.level[seat.row]).tolist()]
        elif seat.role == COLLEGE:
            rows, slots = np.nonzero((ties.college == seat.row) & (ties.level > 0))
            at = list(zip(rows.tolist(), slots.tolist(), strict=True))
        else:
            at = []
        for e, h in at:
            other = int(ties.college[e, h]) if seat.role == ENTERPRISE else int(e)
            found.append((other, int(ties.level[e, h]), round(10 * float(ties.cost_share[e, h]))))
        self._contracts[seat.n] = found

    def contracts(self, seat: Seat) -> list[tuple[int, int, int]]:
        """Partner's row, level and tenths of the contracts of a seat in this round."""
        return self._contracts.get(seat.n, [])

    def is_undecided(self, seat: Seat) -> bool:
        """Whether it has a contract under which it has not said how it delivers."""
        return any(other not in seat.efforts for other, _, _ in self.contracts(seat))

    def _effort(self, seat: Seat, row: int, *, is_earnest: bool) -> None:
        self._in(DELIVER)
        if all(other != row for other, _, _ in self.contracts(seat)):
            raise Refused("no_such_contract")
        seat.efforts[row] = EARNEST if is_earnest else ON_PAPER

    # See.

    def _see(self, at: float) -> None:
        efforts: dict[tuple[int, int, int], float] = {}
        for seat in self.seats:
            if seat.is_person:
                seat.n_defaults += self.is_undecided(seat)
                efforts |= {(*seat.who, other): effort for other, effort in seat.efforts.items()}
        trusts = self._trusts()
        self.world.close_year(efforts)
        fines = self._fines()
        for seat in self.seats:
            seat.points.append(self.world.points.get(seat.who, 0.0))
        # What was agreed on and no longer pays, since public money ran out before its turn, is no contract.
        first = (self.round - 1) * QUARTERS_A_YEAR
        fallen = {pair for step, pair, _, _ in self.world.failed_with_people if step == first}
        for sitting in self.sittings.values():
            if sitting.table.number >= 0 and sitting.pair not in fallen:
                self.signed_with_people.append((self.round, sitting.pair, sitting.table.number))
        self.year.append(self._year_told(trusts, fines, self._failed_before))
        self._begin(SEE, at)

    def _trusts(self) -> dict[tuple[int, int, int], float]:
        ties, found = self.world.state.ties, dict[tuple[int, int, int], float]()
        for seat in self.seats:
            for other, _, _ in self.contracts(seat):
                e, c = self._pair(seat, other)
                h = slot_of(self.world.state, e, c)
                column = ties.trust_enterprise if seat.role == ENTERPRISE else ties.trust_college
                found[seat.role, e, c] = float(column[e, h])
        return found

    def _fines(self) -> dict[tuple[int, int, int], int]:
        return dict(self.world.fines)

    def _year_told(
        self, trusts: dict[tuple[int, int, int], float], fines: dict[tuple[int, int, int], int], before: int
    ) -> dict[str, Any]:
        """What the pages say of the year just played."""
        world, metrics = self.world, self.world.state.metrics
        return {
            "metrics": {**{name: float(metrics.get(name, float("nan"))) for name in TOLD}, RATE: world.agreement_rate},
            "points": dict(world.points), "by_pair": dict(world.by_pair), "trusts": trusts, "fines": fines,
            "blamed": dict(world.blamed), "failed": list(range(before, len(world.failed_with_people))),
            "ties": self.ties(is_delivered=True), "stages": [int(s) for s in world.state.governments.stage],
            "spent": [float(x) for x in world.spent], "budget": [float(x) for x in world.state.governments.budget],
            "placement": [float(x) for x in world.state.colleges.placement],
        }  # fmt: skip

    def ties(self, *, is_delivered: bool) -> list[list[float]]:
        """Running contracts: enterprise, college, level, substance (-1 = just signed, nothing delivered yet)."""
        state, found = self.world.state, list[list[float]]()
        for e, h in zip(*(rows.tolist() for rows in np.nonzero(state.ties.level)), strict=True):
            is_new = not is_delivered and state.ties.founded[e, h] == state.step
            substance = -1.0 if is_new else round(float(state.ties.substance[e, h]), 2)
            found.append([e, int(state.ties.college[e, h]), int(state.ties.level[e, h]), substance])
        return found if len(found) <= MOST_TIES else []

    def usual_thresholds(self, region: int) -> tuple[float, ...]:
        """What the students of the model ask of each level in a region: the quality that leaves them as well off."""
        state = self.world.state
        here = np.flatnonzero(state.colleges.region == region)
        aims = state.colleges.student_aims[here].mean(axis=0)
        reform = float(state.governments.levers[region, L.STUDENT_REFORM])
        return pay.least_quality(aims, reform, self.world.now)

    # Cards.

    @property
    def open_cards(self) -> list[str]:
        """Cards that can be played now."""
        return [card for card in self.plan.cards if card not in self.cards]

    def _vote(self, seat: Seat, card: object) -> None:
        self._in(SEE)
        if card != NO_CARD and card not in self.open_cards:
            raise Refused("no_such_card")
        seat.vote = str(card)

    def votes(self) -> dict[str, int]:
        """Votes by card."""
        found = dict.fromkeys([*self.open_cards, NO_CARD], 0)
        for seat in self.seats:
            if seat.vote in found:
                found[seat.vote] += 1
        return found

    def _play_card(self) -> None:
        votes = self.votes()
        first = max(votes, key=lambda card: votes[card])
        card = self.host_card or (first if votes[first] else NO_CARD)
        if card != NO_CARD and card in self.open_cards:
            self.cards.append(card)
        self.host_card = ""

    def levers(self, region: int) -> dict[str, float]:
        """The rules of a government as they stand."""
        row = self.world.state.governments.levers[region]
        return {
            "share": float(row[L.SUBSIDY_RATE]), "ceiling": float(row[L.SUBSIDY_BUDGET]),
            "audits": float(row[L.SUPERVISION]),
        }  # fmt: skip


RATE = "agreement_rate"
TOLD = (
    RATE, "mean_formal_depth", "mean_substantive_depth", "n_ties",
)  # fmt: skip
"""Metrics that the pages tell of each year: at its end, but the rate of the whole year."""


def _seats(world: World, plan: Plan) -> list[Seat]:
    """The seats in the order in which they are given out: region by region, so that few people meet one another."""
    state, roles = world.state, {PARTIES.index(role) for role in plan.roles}
    found: list[Seat] = []
    for region in range(len(state.governments.id)):
        left = {
            ENTERPRISE: np.flatnonzero(state.enterprises.region == region).tolist(),
            COLLEGE: np.flatnonzero(state.colleges.region == region).tolist(),
            GOVERNMENT: [region], STUDENTS: [region],
        }  # fmt: skip
        order = [*ORDER, *(ENTERPRISE, COLLEGE, ENTERPRISE) * (len(left[ENTERPRISE]) + len(left[COLLEGE]))]
        for role in order:
            if role in roles and left[role] and len(found) < MOST_SEATS:
                found.append(Seat(len(found), role, region, int(left[role].pop(0))))
    return found
