"""The game once more with one deal signed that was not: what people did is done again, and the model answers anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.world.state import QUARTERS_A_YEAR
from dashboards.play import failures
from dashboards.play.game import NEGOTIATE, Entry, Game

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.play.world import Pair

MOST_TRIED = 8
"""Deals that are tried: each is a whole game."""
DEPTH, CONTRACTS = "mean_substantive_depth", "n_ties"


def missed(game: Game) -> list[int]:
    """Tables of people, by number of the failure, that people could have signed as the model's agents would: the
    deepest first, of these the earliest, which leave most time to matter."""
    failed = game.world.failed_with_people
    found = [i for i in failures.at_tables(game) if failed[i][3].number >= 0]
    return sorted(found, key=lambda i: (-failed[i][3].number, failed[i][0]))


def best(game: Game, entries: Sequence[Entry]) -> tuple[int, dict[str, Any]] | None:
    """Of the deepest deals that were missed the one that would have done most, and what it would have done: stages of
    regions first, then depth in substance. None where none was missed, or where none would have left more."""
    found: list[tuple[int, float, int, dict[str, Any]]] = []
    tried = missed(game)[:MOST_TRIED]
    for i in tried:
        then = effect(game, once_more(game, entries, i))
        better = sum(after - before for before, after in zip(then["stages"], then["then_stages"], strict=True))
        found.append((better, then["then"][DEPTH] - then["now"][DEPTH], -i, then))
    if not found:
        return None
    better, deeper, i, then = max(found, key=lambda one: one[:3])
    return (-i, then | {"turns": better > 0, "tried": len(tried)}) if better > 0 or deeper > 0.0 else None


def once_more(game: Game, entries: Sequence[Entry], i: int) -> Game:
    """The game played again with the ``i``-th failed table signed as the model's agents would have."""
    step, pair, _, alone = game.world.failed_with_people[i]
    year, again = step // QUARTERS_A_YEAR + 1, Game(game.plan, threads=game.world.state.threads)
    for entry in entries:
        told = _as_it_is_now(game, again, dict(entry))
        if told is None:
            continue
        if again.part == NEGOTIATE and again.round == year and told["do"] in ("next", "end"):
            _sign(again, pair, alone.number, alone.rounds)
        again.apply(told)
    return again


def _as_it_is_now(game: Game, again: Game, entry: Entry) -> Entry | None:
    """An entry with the table's number as it is in this game; None where nobody sits at that table now."""
    if "table" not in entry:
        return entry
    pair = game.pairs.get(again.round, {}).get(entry["table"])
    n = next((n for n, sitting in again.sittings.items() if sitting.pair == pair), None)
    return None if n is None else {**entry, "table": n}


def _sign(again: Game, pair: Pair, number: int, rounds: float) -> None:
    sitting = next((one for one in again.sittings.values() if one.pair == pair), None)
    if sitting is not None:
        table = sitting.table
        time = (rounds - 1.0) / table.sheet.talk_rounds if table.sheet.talk_rounds else 0.0
        table.stopped_by = -1
        table.sign({number}, time)


def effect(game: Game, again: Game) -> dict[str, Any]:
    """Both games at their ends."""

    def end(one: Game) -> dict[str, float]:
        metrics = one.world.state.metrics
        return {name: round(float(np.nan_to_num(metrics.get(name, 0.0))), 4) for name in (DEPTH, CONTRACTS)}

    return {
        "now": end(game), "then": end(again), "stages": [int(s) for s in game.world.state.governments.stage],
        "then_stages": [int(s) for s in again.world.state.governments.stage],
    }  # fmt: skip
