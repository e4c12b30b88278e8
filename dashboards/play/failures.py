"""Why a table with people failed, and what alone would have closed it: for the year's results and the debriefing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.quarter.negotiation.diagnosis import moves_of
from abm.world.levers import BY_NAME, L
from abm.world.state import QUARTERS_A_YEAR, TableRules
from abm.world.vocabulary import COLD_PARTNER, DECLINED, GOVERNMENT, PARTIES
from dashboards.play import pay
from dashboards.views import blame_card, closing_moves
from dashboards.words import LANGUAGES

if TYPE_CHECKING:
    from dashboards.play.game import Game

Told = dict[str, Any]
MOST_CHANGES = 2
"""Single changes that are told of one table."""


def at_tables(game: Game) -> list[int]:
    """Failed tables at which people sat: not those whose invitation was declined, nor what the model bargained for
    people in the rest of a year."""
    return [
        i
        for i, (step, _, record, _) in enumerate(game.world.failed_with_people)
        if step % QUARTERS_A_YEAR == 0 and record.kind[0] != DECLINED
    ]


def fell(game: Game, i: int) -> bool:
    """Whether people had agreed at the ``i``-th failed table, and public money ran out before its turn in the run's
    order."""
    step, pair, _, _ = game.world.failed_with_people[i]
    year, quarter = divmod(step, QUARTERS_A_YEAR)
    agreed = game.world.years[year].settled.get(pair)
    return quarter == 0 and agreed is not None and agreed.number >= 0


def told(game: Game, i: int) -> Told:
    """The ``i``-th failed table: who, why, and each single change that would have closed it, the smallest first."""
    known = game.failures.get(i)
    if known is None:
        known = game.failures[i] = _told(game, i)
    return known


def _told(game: Game, i: int) -> Told:
    step, (e, c), record, alone = game.world.failed_with_people[i]
    scenario, is_declined = game.world.scenario.in_force(step), bool(record.kind[0] == DECLINED)
    found: Told = {
        "year": step // QUARTERS_A_YEAR + 1, "enterprise": game.names.enterprises[e], "college": game.names.colleges[c],
        "cause": int(record.cause[0]), "kind": int(record.kind[0]), "declined": is_declined,
        "agents": pay.told(alone.number) if alone.number >= 0 else None, "things": [], "levers": [], "why": None,
    }  # fmt: skip
    if found["cause"] == COLD_PARTNER:
        return found
    if fell(game, i):
        nobody = dict.fromkeys(("gets", "needs", "talk"), 0)
        return found | {"why": {"kind": "fell", "party": PARTIES[GOVERNMENT], **nobody}, "levers": None}
    stood = closing_moves.constraint(record, 0, scenario)
    found["why"] = {
        "kind": stood.kind, "party": PARTIES[stood.party], "gets": round(pay.A_YEAR * stood.gets),
        "needs": round(pay.A_YEAR * stood.needs), "talk": round(pay.A_YEAR * stood.talk),
        "level": stood.level, "tenths": round(10 * stood.share),
    }  # fmt: skip
    alone_moves = moves_of(record, TableRules(scenario.protocol, scenario.p))[0]
    found["things"] = [
        {key: {language: blame_card.thing(m, language)[key] for language in LANGUAGES}
         for key in ("name", "before", "after")}
        for m in closing_moves.things(record.terms[0], alone_moves, record.adds[0])
    ][:MOST_CHANGES]  # fmt: skip
    region, home = int(record.region[0]), int(game.world.state.colleges.region[c])
    reach = game.world.state.governments.levers[:, L.PLATFORM]
    found["levers"] = [
        {"lever": {"en": BY_NAME[m.what].label, "zh": BY_NAME[m.what].label_zh},
         "before": round(m.before, 2), "after": round(m.after, 2)}
        for m in closing_moves.levers(record, 0, (float(reach[region]), float(reach[home])), scenario)
    ][:MOST_CHANGES]  # fmt: skip
    return found
