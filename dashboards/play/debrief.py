"""What the class learns at the end: why its tables failed, what would have closed them, and what the model's agents
alone would have made of the same region under the same policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.scenario.policies import named
from abm.world.vocabulary import CAUSES, PARTIES
from dashboards.play import failures, sight, whatif
from dashboards.play.game import RATE
from dashboards.play.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.play.game import Entry, Game

MOST_FAILURES = 60
"""Failed tables that are told one by one; the latest."""


def debrief(game: Game) -> dict[str, Any]:
    """The whole story, as plain values."""
    world = game.world
    alone = World(world.scenario, threads=world.state.threads)
    years: list[dict[str, float]] = []
    for _ in range(world.year):
        alone.play_alone()
        told = {name: _finite(alone.state.metrics.get(name)) for name in sight.METRICS}
        years.append(told | {RATE: _finite(alone.agreement_rate)})
    failed = [failures.told(game, i) for i in range(len(world.failed_with_people))]
    met = [failed[i] for i in failures.at_tables(game)]
    return {
        "people": sight.years(game), "agents": years,
        "stages": [int(s) for s in world.state.governments.stage],
        "agents_stages": [int(s) for s in alone.state.governments.stage],
        "regions": list(game.names.regions),
        "tables": len(met) + len(game.signed_with_people), "signed": len(game.signed_with_people),
        "agents_would": sum(one["agents"] is not None for one in met),
        "causes": np.bincount([one["cause"] for one in met], minlength=len(CAUSES)).tolist(),
        "failed": failed[-MOST_FAILURES:], "turn": _turn(failed),
        "cards": [{"en": named(card).label, "zh": named(card).label_zh} for card in game.cards],
        "first": _first(game), "rewind": sight.rewind(game),
    }  # fmt: skip


def _finite(value: float | None) -> float:
    return round(value, 4) if value is not None and np.isfinite(value) else 0.0


def turned(game: Game, entries: Sequence[Entry]) -> dict[str, Any] | None:
    """The deal that would have done most: what the model's agents would have signed at a table where people did not,
    and what would have come of it, found by playing the game again with it. None where none would have left more."""
    found = whatif.best(game, entries)
    return None if found is None else failures.told(game, found[0]) | {"effect": found[1]}


def _turn(failed: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Until that is known: what the model's agents would have signed at a table where people did not, the deepest and
    latest; else the table that lacked least."""
    missed = [one for one in failed if one["agents"] is not None and not one["declined"]]
    if missed:
        return max(missed, key=lambda one: (one["agents"]["level"], one["year"]))
    near = [one for one in failed if one["levers"]]
    return min(near, key=lambda one: one["levers"][0]["after"] - one["levers"][0]["before"], default=None)


def _first(game: Game) -> list[dict[str, Any]]:
    """Who has most points of each role, among those that people play."""
    found: list[dict[str, Any]] = []
    for role in range(len(PARTIES)):
        seats = [seat for seat in game.seats if seat.role == role and seat.key]
        if seats:
            best = max(seats, key=lambda seat: sum(seat.points))
            name = game.names.of(role, best.row)
            found.append({"role": role, "name": name, "points": round(sum(best.points)), "n": best.n})
    return found
