"""A game moved by hand, without server and clock."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboards.play import pay
from dashboards.play.game import DELIVER, LOOK, NEGOTIATE, SEE, Game, Seat
from dashboards.play.plan import plan


class Hand:
    """Moves a game; every entry it gave is in ``entries``."""

    def __init__(self, name: str = "lesson", people: int = 20, seed: int | None = None) -> None:
        self.plan = plan(name, seed)
        self.game = Game(self.plan, threads=1)
        self.entries: list[dict[str, Any]] = []
        self.at = 0.0
        for n in range(people):
            self.does(do="join", key=f"key {n}")

    def does(self, **entry: Any) -> dict[str, Any]:
        """Give one entry."""
        self.at += 0.1
        entry = {"at": round(self.at, 3), **entry}
        self.entries.append(entry)
        return self.game.apply(dict(entry))

    def moves(self, seat: Seat, **entry: Any) -> dict[str, Any]:
        """A move of a seat, under an id of its own unless one is given."""
        return self.does(seat=seat.n, **{"id": f"{len(self.entries)}", **entry})

    @property
    def people(self) -> list[Seat]:
        """Seats that people have."""
        return [seat for seat in self.game.seats if seat.key]

    def look(self) -> None:
        """Everybody invites the first two that they see."""
        assert self.game.part == LOOK
        for seat in self.people:
            for candidate in self.game.candidates(seat)[:2]:
                self.moves(seat, do="invite", row=candidate["row"])

    def negotiate(self, turns: int = 8) -> None:
        """Everybody asks for much, then for less, and takes what is good enough."""
        assert self.game.part == NEGOTIATE
        for turn in range(turns):
            for seat in self.people:
                for sitting in self.game.open_tables(seat):
                    self.bargain(seat, sitting.n, turn)

    def bargain(self, seat: Seat, n: int, turn: int) -> dict[str, Any]:
        """One message at one table."""
        table = self.game.sittings[n].table
        sheet, other, until = table.sheet, 1 - seat.role, table.talk_until
        gains = [sheet.gain(seat.role, k, until(k)) if until(k) < pay.NEVER else -9.0 for k in range(55)]
        offered = table.last[other]
        if offered >= 0 and offered in table.standing[other] and gains[offered] >= (0.9 - 0.1 * turn) * max(gains) >= 0:
            return self.says(seat, "accept", n, offered)
        best = np.argsort(gains)[::-1]
        return self.says(seat, "offer", n, int(best[min(turn, 10)]))

    def says(self, seat: Seat, do: str, n: int, number: int) -> dict[str, Any]:
        """An offer or an acceptance of a contract."""
        level, tenths = pay.contract(number)
        return self.moves(seat, do=do, table=n, level=level, tenths=tenths)

    def deliver(self, *, is_earnest: bool = True) -> None:
        """Everybody does what was signed, or nobody does."""
        assert self.game.part == DELIVER
        for seat in self.people:
            for row, _, _ in self.game.contracts(seat):
                self.moves(seat, do="effort", row=row, earnest=is_earnest)

    def next(self) -> str:
        """The next part."""
        self.does(do="next")
        return self.game.part

    def round(self) -> None:
        """A whole round."""
        self.look()
        self.next()
        self.negotiate()
        self.next()
        self.deliver()
        assert self.next() == SEE
        self.next()
