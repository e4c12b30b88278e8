"""The model's world as the game plays it: a year at a time, stopped where people decide.

The quarters are the model's own loop (abm/quarter). Three of its phases are played around what people did: search (whom
they invite), negotiation (table by table, through messages) and delivery (their efforts). Where nobody has a seat all
three are the model's, move by move, and the game is the run of `abm run`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm import quarter
from abm.machine.streams import Stream, of_field, words
from abm.population import start_state, tables
from abm.quarter.delivery import choose_effort, settle_quarter
from abm.quarter.negotiation import negotiation, terms_of
from abm.quarter.negotiation.bargaining import Outcome
from abm.quarter.search import search
from abm.results import Results, processors
from abm.results.recording import Recorder
from abm.scenario.changes import Change
from abm.world.equations import overlap, substantive_depth
from abm.world.levers import L
from abm.world.perception import perceived, sights
from abm.world.programmes import best_fields
from abm.world.state import QUARTERS_A_YEAR, Agenda
from abm.world.vocabulary import (
    BLAMED_BY_COLLEGE,
    BLAMED_BY_ENTERPRISE,
    CAUSES,
    COLD_PARTNER,
    COLLEGE,
    COLLEGE_FINED,
    DECLINED,
    ENTERPRISE,
    ENTERPRISE_FINED,
    FUNDING,
    NEW_BY_COLLEGE,
    NEW_BY_ENTERPRISE,
    RENEWAL,
)
from dashboards.play import pay
from dashboards.play.table import Table, settle

if TYPE_CHECKING:
    from abm.population import Tables
    from abm.quarter.negotiation.bargaining import CommonTerms
    from abm.quarter.negotiation.protocols import Protocol
    from abm.scenario import Scenario
    from abm.scenario.policies import Policy
    from abm.world.state import ContractEvents, Floats, Ints, State, TableRecord

Pair = tuple[int, int]
"""Rows of an enterprise and a college."""
Row = tuple[int, int, int, int, int, int]
"""A table of the agenda: enterprise, college, field, slot, kind, inviter."""
NOBODY = frozenset[tuple[int, int]]()


@dataclass(frozen=True)
class Invitation:
    """Somebody's wish to meet; ``inviter`` ENTERPRISE or COLLEGE."""

    pair: Pair
    inviter: int


@dataclass
class Choices:
    """What people decided for a year; empty = the model's agents decide all."""

    people: frozenset[tuple[int, int]] = NOBODY
    """Institutions that people play: party and row."""
    invitations: tuple[Invitation, ...] = ()
    left_to_agents: frozenset[tuple[int, int]] = NOBODY
    """People who invited nobody in time: the model's agent looks for them."""
    efforts: dict[tuple[int, int, int], float] = field(default_factory=dict[tuple[int, int, int], float])
    """By party, own row and partner's row: effort, 0-1."""
    asked: dict[tuple[int, int, int], float] = field(default_factory=dict[tuple[int, int, int], float])
    """By party, own row and partner's row: what a person asked for last, as the worth of a contract above the
    reservation value. It bargains for them in the rest of the year."""
    thresholds: dict[int, tuple[float, ...]] = field(default_factory=dict[int, tuple[float, ...]])
    """By region: what student bodies that people play ask of each level, in quality (fit x trust)."""
    most_tables: int = 3


class Year(NamedTuple):
    """What people decided in a year: their choices, and what they came to at their tables."""

    choices: Choices
    settled: dict[Pair, pay.Agreement]


NO_YEAR = Year(Choices(), {})


class World:
    """A world that people live in. ``state``: one that is there already."""

    def __init__(
        self, scenario: Scenario, *, threads: int | None = None, known: Tables | None = None, state: State | None = None
    ) -> None:
        self.scenario = scenario
        self.known: Tables = known or tables(scenario)
        self.state: State = state or start_state(self.known, scenario, scenario.seed, threads or processors())
        self.recorder = Recorder()
        self.choices = Choices()
        self.settled: dict[Pair, pay.Agreement] = {}
        """What people came to at their tables, by pair; the same worth another contract where money runs out."""
        self._terms: Floats = np.empty((0, 0))
        self.points: dict[tuple[int, int], float] = {}
        """Points of each institution in the year so far, by party and row."""
        self.by_pair: dict[tuple[int, int, int], float] = {}
        """The same by contract: party, rows of enterprise and college."""
        self.fines: dict[tuple[int, int, int], int] = {}
        """Fines of the year by party and pair."""
        self.blamed: dict[tuple[int, int, int], int] = {}
        """How often in the year a party blamed its partner, by party and pair."""
        self.spent = np.zeros(len(self.state.governments.id))
        """What each region paid in the year."""
        self.agreement_rate = float("nan")
        """Share of the last year's tables that were signed."""
        self.on_table: Callable[[Pair, Table], None] = lambda pair, table: None
        self._year: Generator[str] | None = None
        self.failed_with_people: list[tuple[int, Pair, TableRecord, pay.Agreement]] = []
        """Step, pair, one-row record and what the model's agents would have come to."""
        self.n_messages = 0
        self.years: list[Year] = []
        """The years that were closed."""

    @property
    def step(self) -> int:
        """Quarters done."""
        return self.state.step

    @property
    def year(self) -> int:
        """Years done."""
        return self.step // QUARTERS_A_YEAR

    def set_policies(self, policies: tuple[Policy, ...]) -> None:
        """Put other policies in force from now on, as one of the scenario's changes."""
        if policies == self.scenario.in_force(self.step).policies:
            return
        kept = tuple(c for c in self.scenario.changes if not (c.start == self.step and c.key == "policies"))
        changes = (*kept, Change(self.step, "policies", policies))
        self.scenario = self.scenario.with_overrides(changes=list(changes))

    # A year.

    def open_year(self, choices: Choices) -> None:
        """Play until the tables of the year's first quarter are called, and stop before they negotiate."""
        self.choices = choices
        self.settled.clear()
        self.points.clear()
        self.by_pair.clear()
        self.fines.clear()
        self.blamed.clear()
        self.spent[:] = 0.0
        self._year = self._quarter(is_first=True)
        for name in self._year:
            if name == "negotiation":
                break
        self.sit_down()

    def sit_down(self) -> None:
        """Note the terms on which the tables of this quarter begin."""
        self._terms = terms_of(self.state, self.now)

    @property
    def now(self) -> Scenario:
        """The scenario in force."""
        return self.scenario.in_force(self.step)

    def tables_of_people(self) -> dict[Pair, tuple[int, Table]]:
        """Tables of this quarter where a person sits: kind and table, by pair."""
        agenda = self.state.agenda
        assert agenda is not None
        found: dict[Pair, tuple[int, Table]] = {}
        for t in range(len(agenda.enterprise)):
            pair = int(agenda.enterprise[t]), int(agenda.college[t])
            if self._has_people(pair) and agenda.kind[t] != DECLINED:
                found[pair] = int(agenda.kind[t]), self.table(self._terms[t], pair)
        return found

    def declined(self) -> list[Pair]:
        """Pairs with people whose invited side did not come."""
        agenda = self.state.agenda
        assert agenda is not None
        rows = np.flatnonzero(agenda.kind == DECLINED).tolist()
        pairs = [(int(agenda.enterprise[t]), int(agenda.college[t])) for t in rows]
        return [pair for pair in pairs if self._has_people(pair)]

    def table(self, terms: Floats, pair: Pair, *, is_asking: bool = False) -> Table:
        """A table of a pair under these terms. ``is_asking``: people's last moves bargain for them."""
        table = Table.of(pay.sheet(terms, self.now))
        region = int(self.state.colleges.region[pair[1]])
        asked = self.choices.thresholds.get(region)
        if asked is not None:
            enough = [table.sheet.quality() >= least for least in asked]
            table.accepts[3] = np.repeat(np.where(enough, 0.0, pay.NEVER), len(table.accepts[3]) // len(enough))
        if is_asking:
            for party, own, other in ((ENTERPRISE, *pair), (COLLEGE, pair[1], pair[0])):
                least = self.choices.asked.get((party, own, other))
                if least is not None:
                    worth = table.sheet.utility[party] - table.sheet.reservation[party]
                    table.accepts[party] = np.where(worth >= least - pay.SAME, 0.0, pay.NEVER)
        return table

    def close_tables(self, settled: dict[Pair, pay.Agreement]) -> None:
        """Take what people came to, let the agents settle all other tables, and stop before delivery."""
        assert self._year is not None
        self.settled = dict(settled)
        for name in self._year:
            if name == "delivery":
                break

    def close_year(self, efforts: dict[tuple[int, int, int], float]) -> None:
        """Deliver, end the quarter, and play the rest of the year."""
        assert self._year is not None
        self.choices.efforts = efforts
        self.years.append(Year(self.choices, dict(self.settled)))
        for _ in self._year:
            pass
        self._year = None
        counts = [self._end_quarter()]
        self.settled.clear()
        for _ in range(QUARTERS_A_YEAR - 1):
            for _ in self._quarter(is_first=False):
                pass
            counts.append(self._end_quarter())
        tables, signed = np.sum(counts, axis=0)
        self.agreement_rate = float(signed / tables) if tables else float("nan")

    def _end_quarter(self) -> tuple[float, float]:
        """Record a quarter; its tables, and those of them that were signed."""
        self.recorder.record(self.state)
        rate, tables = self.state.metrics["agreement_rate"], self.state.metrics["n_tables"]
        return tables, tables * rate if tables else 0.0

    def play_alone(self) -> None:
        """A year of the model's agents only."""
        self.open_year(Choices())
        self.close_tables({})
        self.close_year({})

    def results(self, seconds: float = 0.0) -> Results:
        """What the game has left so far, as a run leaves it."""
        columns = self.recorder.columns(self.known.regions.name)
        return Results(self.scenario, self.recorder.steps, self.known.regions.name, columns, seconds, self.known)

    def take(self, year: Year, *, is_first: bool) -> None:
        """Take what people decided, for the first or a later quarter of the year."""
        self.choices, self.settled = year.choices, year.settled if is_first else {}

    def phases(self, *, is_first: bool) -> dict[str, quarter.Phase]:
        """The three phases as people play them, in the first or a later quarter of a year."""
        return {
            "search": lambda state, now: self._search(state, now, is_first),
            "negotiation": self._negotiation,
            "delivery": self._delivery,
        }

    def _quarter(self, *, is_first: bool) -> Generator[str]:
        return quarter.quarter(self.state, self.scenario, self.phases(is_first=is_first))

    # Search.

    def _has_people(self, pair: Pair) -> bool:
        people = self.choices.people
        return (ENTERPRISE, pair[0]) in people or (COLLEGE, pair[1]) in people

    def _search(self, state: State, now: Scenario, is_first: bool) -> None:
        search(state, now)
        if self.choices.people:
            assert state.agenda is not None
            state.agenda = self._called(state, now, state.agenda, is_first)

    def _called(self, state: State, now: Scenario, agenda: Agenda, is_first: bool) -> Agenda:
        """The agenda with what people decided: their own invitations in place of those the model made for them."""
        choices, rows = self.choices, list[Row]()
        tables_of: dict[tuple[int, int], int] = {}

        def has_room(pair: Pair) -> bool:
            seats = [seat for seat in ((ENTERPRISE, pair[0]), (COLLEGE, pair[1])) if seat in choices.people]
            return all(tables_of.get(seat, 0) < choices.most_tables for seat in seats)

        def put(pair: Pair, about: int, slot: int, kind: int, inviter: int) -> None:
            rows.append((*pair, about, slot, kind, inviter))
            if kind != DECLINED:
                for seat in ((ENTERPRISE, pair[0]), (COLLEGE, pair[1])):
                    tables_of[seat] = tables_of.get(seat, 0) + 1

        others: list[tuple[Pair, int, int, int, int]] = []
        partners = state.enterprises.n_partners.copy(), state.colleges.n_partners.copy()
        for row in zip(*(column.tolist() for column in agenda), strict=True):
            pair, (about, slot, kind, inviter) = (row[0], row[1]), row[2:]
            if kind >= RENEWAL and kind != DECLINED:
                put(pair, about, slot, kind, inviter)
                continue
            others.append((pair, about, slot, kind, inviter))
        for wish in choices.invitations if is_first else ():
            e, c = wish.pair
            slot = slot_of(state, e, c)
            is_taken = any(row[:2] == wish.pair for row in rows) or (slot >= 0 and state.ties.level[e, slot] > 0)
            is_full = (
                partners[0][e] >= state.enterprises.partner_limit[e]
                or partners[1][c] >= state.colleges.partner_limit[c]
            )
            if is_taken or is_full or not has_room(wish.pair):
                continue
            partners[0][e] += 1
            partners[1][c] += 1
            about = field_of(state, e, c, slot)
            if about >= 0:
                put(wish.pair, about, slot, self._answer(state, now, wish, slot), wish.inviter)
        for pair, about, slot, kind, inviter in others:
            own = (inviter, pair[0] if inviter == ENTERPRISE else pair[1])
            other = (COLLEGE, pair[1]) if inviter == ENTERPRISE else (ENTERPRISE, pair[0])
            is_called = any(row[:2] == pair for row in rows)
            if self._has_people(pair):
                if not is_first or is_called or (own in choices.people and own not in choices.left_to_agents):
                    continue
                if other in choices.people and kind == DECLINED:
                    kind = NEW_BY_ENTERPRISE if inviter == ENTERPRISE else NEW_BY_COLLEGE
                if kind != DECLINED and not has_room(pair):
                    continue
            e, c = pair
            if (
                partners[0][e] >= state.enterprises.partner_limit[e]
                or partners[1][c] >= state.colleges.partner_limit[c]
            ):
                continue
            partners[0][e] += 1
            partners[1][c] += 1
            put(pair, about, slot, kind, inviter)
        return in_order(state, rows)

    def _answer(self, state: State, now: Scenario, wish: Invitation, slot: int) -> int:
        """Kind of the table that an invitation of a person calls: the invited comes, if it is a person or sees enough
        in it (Eq. 15)."""
        e, c = wish.pair
        invited = (COLLEGE, c) if wish.inviter == ENTERPRISE else (ENTERPRISE, e)
        seen = self.seen(invited[0], e, c, slot)
        comes = invited in self.choices.people or seen >= now.p.acceptance_threshold
        if not comes:
            return DECLINED
        return NEW_BY_ENTERPRISE if wish.inviter == ENTERPRISE else NEW_BY_COLLEGE

    def seen(self, party: int, e: int, c: int, slot: int) -> float:
        """What one side sees in the other: fit as it perceives it (Eq. 13) times trust or reputation, 0-1."""
        return self.fit(party, e, c, slot) * self.trust(party, e, c, slot)

    def fit(self, party: int, e: int, c: int, slot: int) -> float:
        """Skill fit of an enterprise and a college's programme for it, as one side perceives it now."""
        enterprises, colleges = sights(self.state, self.now.p)
        about = max(0, field_of(self.state, e, c, slot))
        true = overlap(enterprises.demand, e, colleges.curriculum, c * colleges.n_fields + about)
        stream = Stream.PERCEPTION_ENTERPRISE if party == ENTERPRISE else Stream.PERCEPTION_COLLEGE
        home = enterprises.region[e] if party == ENTERPRISE else colleges.region[c]
        sight = float(enterprises.sight[home])
        pair = enterprises.id[e], colleges.id[c], about
        p = self.now.parameter_record[0]
        return float(perceived(self.state.seed, int(stream), self.step, pair, true, sight, slot >= 0, p))

    def trust(self, party: int, e: int, c: int, slot: int) -> float:
        """How far one side counts on the other: its trust in a partner it remembers, else the other's reputation."""
        ties = self.state.ties
        if party == ENTERPRISE:
            return float(ties.trust_enterprise[e, slot] if slot >= 0 else self.state.colleges.reputation[c])
        return float(ties.trust_college[e, slot] if slot >= 0 else self.state.enterprises.reputation[e])

    def trust_at_table(self, party: int, e: int, c: int, slot: int) -> float:
        """The same as it counts at a table: of a stranger's reputation only a part is believed."""
        credit = 1.0 if slot >= 0 else float(self.now.p.initial_trust)
        return credit * self.trust(party, e, c, slot)

    # Negotiation.

    def _negotiation(self, state: State, now: Scenario) -> None:
        negotiation(state, now, self._bargain)
        if self.choices.people:
            self._explain(state, now)

    def _bargain(self, rows: Ints, terms: Floats, _protocol: Protocol, _common: CommonTerms, _threads: int) -> Outcome:
        n = len(rows)
        out = Outcome(np.empty(n, np.int64), np.empty(n), np.empty(n, np.int8))
        agenda = self.state.agenda
        assert agenda is not None
        for i, t in enumerate(rows.tolist()):
            pair = int(agenda.enterprise[t]), int(agenda.college[t])
            done = self.settled.get(pair)
            if done is None:
                table = self.table(terms[i], pair, is_asking=bool(self.choices.people))
                # Who has asked for something bargains along it, whatever the protocol.
                by_curves = self.now.protocol == pay.CURVES or self._has_people(pair)
                done = settle(table, self.now, by_curves=by_curves)
                self.n_messages += table.n_messages
                self.on_table(pair, table)
            else:
                done = self._still_pays(done, t, terms[i])
            out.contract[i], out.rounds[i], out.binding[i] = done
        return out

    def _still_pays(self, done: pay.Agreement, t: int, terms: Floats) -> pay.Agreement:
        """What people signed at a table, where it still pays for both: public money may have run out since."""
        if done.number < 0 or np.array_equal(terms, self._terms[t]):
            return done
        now = pay.sheet(terms, self.now)
        time = (done.rounds - 1.0) / now.talk_rounds if now.talk_rounds else 0.0
        left = [now.gain(q, done.number, time) for q in pay.TALKERS]
        stopped_by = ENTERPRISE if left[0] <= left[1] else COLLEGE
        return done if min(left) >= 0.0 else pay.Agreement(-1, done.rounds, stopped_by)

    def had_agreed(self, pair: Pair) -> bool:
        """Whether two had come to a contract at their table of this quarter."""
        done = self.settled.get(pair)
        return done is not None and done.number >= 0

    def _explain(self, state: State, now: Scenario) -> None:
        """Failed tables of people: where the model's agents would have signed nothing was missing but the will; where
        people had agreed, public money ran out before its turn."""
        record = state.tables
        assert record is not None
        for t in np.flatnonzero(record.cause >= 0).tolist():
            pair = int(record.enterprise[t]), int(record.college[t])
            if not self._has_people(pair):
                continue
            alone = pay.agents_alone(record.terms[t], now)
            cause = COLD_PARTNER if alone.number >= 0 and record.kind[t] != DECLINED else -1
            if self.had_agreed(pair):
                # What the model's agents would sign now is no matter: these two had signed.
                cause, alone = FUNDING, alone._replace(number=-1)
            if cause >= 0:
                record.cause[t] = cause
                record.adds[t], record.parts[t] = np.nan, 0.0
                record.parts[t, cause] = 1.0
                for events in state.contract_events:
                    here = (events.enterprise == pair[0]) & (events.college == pair[1])
                    events.cause[here & (events.cause >= 0) & (events.cause < len(CAUSES))] = cause
            one = record._make(column[t : t + 1].copy() for column in record)  # pyright: ignore[reportPrivateUsage]
            self.failed_with_people.append((self.step, pair, one, alone))

    # Delivery.

    def _delivery(self, state: State, now: Scenario) -> None:
        choose_effort(state, now)
        for (party, own, other), effort in self.choices.efforts.items():
            self._do(state, now, party, own, other, effort)
        if self.choices.people:
            self._count(pay.yields(state, now))
        before = len(state.contract_events)
        settle_quarter(state, now)
        if self.choices.people:
            for events in state.contract_events[before:]:
                self._charge(state, events)
            self.spent += state.governments.spent_now.sum(axis=1)

    def _charge(self, state: State, events: ContractEvents) -> None:
        """Count fines and blames, and take the fines from points."""
        for what, e, c, level in zip(*(column.tolist() for column in events[:4]), strict=True):
            if what in (ENTERPRISE_FINED, COLLEGE_FINED):
                party = ENTERPRISE if what == ENTERPRISE_FINED else COLLEGE
                region = state.enterprises.region[e] if party == ENTERPRISE else state.colleges.region[c]
                lost = pay.fine(level, float(state.governments.levers[region, L.PENALTY]))
                own = (party, e if party == ENTERPRISE else c)
                self.points[own] = self.points.get(own, 0.0) - lost
                self.by_pair[party, e, c] = self.by_pair.get((party, e, c), 0.0) - lost
                self.fines[party, e, c] = self.fines.get((party, e, c), 0) + 1
            elif what in (BLAMED_BY_ENTERPRISE, BLAMED_BY_COLLEGE):
                party = ENTERPRISE if what == BLAMED_BY_ENTERPRISE else COLLEGE
                self.blamed[party, e, c] = self.blamed.get((party, e, c), 0) + 1

    def _do(self, state: State, now: Scenario, party: int, own: int, other: int, effort: float) -> None:
        """Put a person's effort in place of the agent's, and what the partner learns from it (Eq. 26, 28, 32)."""
        e, c = (own, other) if party == ENTERPRISE else (other, own)
        ties, h = state.ties, slot_of(state, e, c)
        if h < 0 or ties.level[e, h] == 0:
            return
        # The evidence counts this quarter already.
        rate = 1.0 / float(ties.evidence[e, h])
        column, trust = (
            (ties.effort_enterprise, ties.trust_college)
            if party == ENTERPRISE
            else (ties.effort_college, ties.trust_enterprise)
        )
        trust[e, h] += rate * (effort - column[e, h])
        column[e, h] = effort
        mine, theirs = ties.effort_enterprise[e, h], ties.effort_college[e, h]
        ties.substance[e, h] = substantive_depth(ties.level[e, h], mine, theirs)

    def _count(self, found: pay.Yield) -> None:
        for e, c, points in zip(found.enterprise.tolist(), found.college.tolist(), found.points.tolist(), strict=True):
            region = int(self.state.enterprises.region[e])
            home = int(self.state.colleges.region[c])
            for party, row in ((0, e), (1, c), (2, region), (3, home)):
                self.points[party, row] = self.points.get((party, row), 0.0) + points[party]
                self.by_pair[party, e, c] = self.by_pair.get((party, e, c), 0.0) + points[party]


def slot_of(state: State, e: int, c: int) -> int:
    """Slot in which an enterprise remembers a college, first one with a contract; -1 = it does not."""
    found = np.flatnonzero(state.ties.college[e] == c)
    if not len(found):
        return -1
    running = found[state.ties.level[e, found] > 0]
    return int(running[0] if len(running) else found[0])


def field_of(state: State, e: int, c: int, slot: int) -> int:
    """Field of the programme that an enterprise and a college meet about: the one it remembers, else the one that suits
    its sector best (Eq. 87); -1 = nothing is offered."""
    if slot >= 0:
        return int(state.ties.field[e, slot])
    n = len(state.sectors.demand)
    mine = slice(c * n, (c + 1) * n)
    offered = state.programmes
    best = best_fields(state.sectors.demand, offered.curriculum[mine], offered.seats[mine], 1)
    return int(best[0, state.enterprises.sector[e]])


def in_order(state: State, rows: list[Row]) -> Agenda:
    """Tables in the run's order of priority (Eq. 18)."""

    def priority(row: Row) -> int:
        ids = state.enterprises.id[row[0]], state.colleges.id[row[1]]
        w0, w1, _, _ = words(state.seed, int(Stream.PRIORITY), of_field(state.step, row[2]), *ids)
        return (int(w0) << 32) | int(w1)

    rows = sorted(rows, key=priority)
    enterprise, college, about, slot, kind, inviter = zip(*rows, strict=True) if rows else ((),) * 6
    return Agenda(
        np.array(enterprise, np.int32), np.array(college, np.int32), np.array(about, np.int8),
        np.array(slot, np.int32), np.array(kind, np.int8), np.array(inviter, np.int8),
    )  # fmt: skip
