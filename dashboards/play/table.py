"""One table of the game: offers, acceptance, walking away. People and the model's agents use the same messages.

An offer says "I would sign this". It stands until its party offers another or walks away; a contract on which all four
stand is signed. Time runs from 0 to 1 with the talk: each message of people moves it by 1/PACE, agents say themselves
from when on they accept what. The more talk, the dearer: the price of a round is the model's (Eq. 23).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.world.vocabulary import GOVERNMENT, N_PARTIES, STUDENTS
from dashboards.play.pay import (
    NEVER,
    SAME,
    TALKERS,
    Agreement,
    Sheet,
    best_reply,
    is_binding,
    named_contract,
    settle_after_all,
)

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import Floats

PACE = 12
"""Messages of people in which time goes from 0 to 1."""
MOST_MESSAGES = 60
"""Messages at one table: who has not agreed by then does not get on."""
OFFER, ACCEPT, WALK = "offer", "accept", "walk"
TAKE_BACK = "take_back"
"""What who was away says to what the model's agent said for them."""
OPEN, SIGNED, FAILED = "open", "signed", "failed"


class Refused(Exception):  # noqa: N818
    """A move that cannot be; ``code`` names the text that says why on the phone, ``values`` what it is about."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Message(NamedTuple):
    """What a party says at a table."""

    party: int
    what: str
    """OFFER, ACCEPT or WALK."""
    number: int = -1
    """The contract."""
    at: float = -1.0
    """Time of it; -1 = now."""
    keeps: bool = False
    """Whether what the party offered before stands too."""
    is_default: bool = False
    """Whether the model's agent speaks for a person who did not."""


@dataclass
class Table:
    """Four parties at a table."""

    sheet: Sheet
    accepts: Floats  # [4, 55] from when each party accepts what; rows of people count for what they have not said
    clock: float = 0.0
    state: str = OPEN
    number: int = -1
    """The contract signed, -1 = none."""
    time: float = 1.0
    """Time of the agreement."""
    stopped_by: int = -1
    standing: list[set[int]] = field(default_factory=lambda: [set[int]() for _ in range(N_PARTIES)])
    last: list[int] = field(default_factory=lambda: [-1] * N_PARTIES)
    """The last contract that each party offered."""
    said: list[Message] = field(default_factory=list[Message])
    """Messages of enterprise and college where people sit at the table."""
    n_messages: int = 0

    @classmethod
    def of(cls, sheet: Sheet) -> Table:
        """A table where nobody has spoken yet."""
        return cls(sheet, sheet.accepts_from.copy())

    @property
    def is_open(self) -> bool:
        """Whether anything can still be said."""
        return self.state == OPEN

    def say(self, message: Message) -> None:
        """Take one message. Refused for one that cannot be; the table stays as it was."""
        if not self.is_open:
            raise Refused("table_closed")
        if message.what == WALK:
            self._note(message)
            self._fail(message.party)
            return
        self._note(message)
        if message.at > self.clock:
            self.clock = message.at
        standing = self.standing[message.party]
        if not message.keeps:
            standing.clear()
        standing.add(message.number)
        self.last[message.party] = message.number

    def _note(self, message: Message) -> None:
        self.n_messages += 1
        if message.party in TALKERS:
            self.said.append(message)

    def agreed(self) -> set[int]:
        """Contracts on which all four stand."""
        one, two, three, four = self.standing
        return one & two & three & four

    def sign(self, numbers: set[int], time: float) -> None:
        """Sign the contract of these that gives most to all together (the product, Nash); the first on ties."""
        best, largest = -1, -1.0
        for number in sorted(numbers):
            product = self.sheet.product(number)
            if product > largest:
                best, largest = number, product
        self.number, self.time, self.state = best, min(time, 1.0), SIGNED

    def _fail(self, party: int) -> None:
        self.state, self.stopped_by, self.number = FAILED, party, -1

    def reopen(self, party: int) -> None:
        """What was said for a party is unsaid; the table is open again, what others stand on stands. Talk that was
        had is not undone."""
        self.state, self.number, self.time, self.stopped_by = OPEN, -1, 1.0, -1
        self.standing[party].clear()
        self.last[party] = -1

    # People.

    def tick(self) -> float:
        """The time of the next message of a person."""
        return min(1.0, self.clock + 1.0 / PACE)

    def talk_until(self, number: int) -> float:
        """The time at which a contract on which both sides agree now is signed: government and students have to come
        round too. NEVER if they do not."""
        return max(self.clock, float(self.accepts[GOVERNMENT, number]), float(self.accepts[STUDENTS, number]))

    def close_with(self, number: int) -> None:
        """Both talkers stand on this contract: ask government and students, and sign. Refused if one does not come."""
        until = self.talk_until(number)
        if until >= NEVER:
            party = GOVERNMENT if self.accepts[GOVERNMENT, number] >= NEVER else STUDENTS
            raise Refused("students_refuse" if party == STUDENTS else "government_refuses")
        for party in (GOVERNMENT, STUDENTS):
            self.say(Message(party, ACCEPT, number, until))
        self.sign(self.agreed() or {number}, until)

    def reply(self, party: int, message: Message | None) -> Message | None:
        """What the model's agent says on one side after a message of a person on the other (None: it opens)."""
        offered = -1 if message is None else message.number
        if offered >= 0:
            until = self.talk_until(offered)
            would = self.accepts[party, offered] <= self.clock + SAME and until < NEVER
            if would and self.sheet.gain(party, offered, until) >= 0.0:
                return Message(party, ACCEPT, offered, self.clock)
        number = best_reply(self.sheet, party, self.clock, offered, self.accepts)
        if number < 0:
            # Nothing is left that it could sign: it hears the other out, then goes.
            return Message(party, WALK) if self.clock >= 0.5 or message is None else None
        if number in self.standing[party]:
            return None
        return Message(party, OFFER, number, self.clock)


def concessions(table: Table) -> Iterator[Message]:
    """What the model's agents say along their curves, in the order of time: each accepts one contract after the other,
    and what it accepted stands."""
    accepts = np.maximum(table.accepts, table.clock)
    party, number = np.nonzero(accepts < NEVER)
    when = accepts[party, number]
    for i in np.lexsort((number, party, when)).tolist():
        yield Message(int(party[i]), OFFER, int(number[i]), float(when[i]), keeps=True)


def settle(table: Table, scenario: Conditions, *, by_curves: bool = True) -> Agreement:
    """Let the model's agents bargain at a table to its end, message by message.

    ``by_curves``: along concession curves; else one names the contract that the scenario's protocol gives, and the
    others accept.
    """
    sheet = table.sheet
    found, time = -1.0, 1.0
    if by_curves:
        for message in concessions(table):
            if found >= 0.0 and message.at > found + SAME:
                break
            table.say(message)
            if found < 0.0 and table.agreed():
                found = message.at
    else:
        number, time = named_contract(sheet, scenario)
        for party in range(N_PARTIES if number >= 0 else 0):
            table.say(Message(party, ACCEPT if party else OFFER, number, time, keeps=True))
        found = time if number >= 0 else -1.0
    if found < 0.0:
        rounds = sheet.rounds(time)
        table.say(Message(sheet.closest(), WALK))
        return Agreement(-1, rounds, table.stopped_by)
    table.sign(table.agreed(), found)
    rounds = sheet.rounds(table.time)
    # Talk has its price, known beforehand: where it is too dear they settle on what it is worth, or not at all.
    if not is_binding(scenario) and not sheet.pays(table.number, table.time):
        after_all = settle_after_all(sheet, scenario)
        table.state = OPEN
        if after_all.number < 0:
            table.say(Message(after_all.stopped_by, WALK))
            return Agreement(-1, after_all.rounds, table.stopped_by)
        table.sign({after_all.number}, (after_all.rounds - 1.0) / sheet.talk_rounds if sheet.talk_rounds else 0.0)
        return after_all
    return Agreement(table.number, rounds, -1)
