"""Why one table failed: who, when, the binding constraint with its numbers, and what would have closed it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from abm.machine.language import in_language
from abm.quarter.negotiation.bargaining import common_terms
from abm.results.figures import number
from abm.world.ledger import LABELS, TALK, Line
from abm.world.levers import BY_NAME
from abm.world.vocabulary import CAUSES, COLLEGE, DECLINED, ENTERPRISE, N_PARTIES, PARTIES, SEVERAL
from dashboards.live.scenes import PLAIN, Scene, Seen, Style, Table
from dashboards.views import closing_moves, table_ledger
from dashboards.views.live_view import live_canvas
from dashboards.views.talent import sector_label
from dashboards.words import percent
from dashboards.words.vocabulary import as_said, cause_names, words

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import Floats, TableRecord
    from dashboards.live.frames import Failures
    from dashboards.views.closing_moves import Constraint, Move

KIND = "blame_card"
KINDS = ("by_enterprise", "by_college", "renewal", "review", "declined")
IN_PERCENT = ("funding", "evaluation", "poaching")
"""Causes whose thing is a share that one says in per cent."""
HELD = 20
"""Quarters for which a card stays while the run plays."""
PRICES = ("communication_cost", "policy_inconsistency")
"""Causes whose thing is money."""
LEAST_SHOWN = 0.05
"""1,000 yuan a quarter from which a line of a ledger is shown: less would read as nothing."""


def order(seen: Seen, region: int) -> list[int]:
    """Rows of the moment's sample of failed tables: those of the region, of the main cause, those that met and
    those of the smallest move first."""
    failures = seen.frame.failures
    if failures is None or not len(failures.row):
        return []
    record = failures.record
    main = int(np.bincount(record.cause, minlength=len(CAUSES)).argmax())
    nearest = np.where(np.isnan(failures.moves), 2.0, failures.moves).min(axis=1)
    keys = (failures.row, nearest, record.kind == DECLINED, record.cause != main, record.region != region)
    ranks = np.lexsort(keys)
    return ranks.tolist()


def scene_of(seen: Seen, chosen: int = 0, region: int = -1, scenario: Scenario | None = None) -> Scene:
    """The card of the ``chosen``-th failed table; ``scenario``: the one in force, else the run's first."""
    spoken, ranks = words(seen.language), order(seen, region)
    if not ranks:
        label = spoken["blame_none" if seen.step else "nothing_yet"]
        return Scene(label, {"step": seen.step, "empty": label})
    failures, force = _failures(seen), scenario or seen.world.scenario
    i, record = ranks[chosen % len(ranks)], failures.record
    cause = CAUSES[record.cause[i]]
    found = closing_moves.constraint(record, i, force)
    is_set = record.cause[i] == SEVERAL
    things = [
        thing(move, seen.language) | {"adds": _adds(move.adds * force.p.kcny_per_unit, seen.language)}
        for move in (
            closing_moves.together(record.terms[i], failures.sets[i])
            if is_set
            else closing_moves.things(record.terms[i], failures.moves[i], record.adds[i])
        )
    ]
    levers = [
        _lever(move, seen.language) for move in closing_moves.levers(record, i, _platforms(seen, record, i), force)
    ]
    why = _why(found, cause, bool(record.is_funded[i]), seen.language)
    numbers = _numbers(found, force.p.kcny_per_unit, seen.language)

    def table() -> Table:
        return [spoken["blame_change"], spoken["blame_from"], spoken["blame_to"], spoken["blame_adds"]], [
            [row["name"], row["before"], row["after"], row.get("adds", "")] for row in [*things, *levers]
        ]

    return Scene(
        f"{_who(seen, record, i, spoken)} {why}",
        {
            "step": seen.step, "at": chosen % len(ranks) + 1, "all": len(ranks), "cause": cause,
            "cause_name": cause_names(seen.language)[record.cause[i]], "who": _who(seen, record, i, spoken),
            "when": _when(seen, record, i, spoken), "why": why, "numbers": numbers,
            "ledger": _ledger(found, record.terms[i], force, seen.language),
            "things": things, "levers": levers, "region": int(record.region[i]),
            "closes": spoken["blame_closes_together"] if is_set and things else _closes(
                found, bool(things or levers), record.kind[i] == DECLINED, spoken
            ),
        },
        table=table,
    )  # fmt: skip


def _failures(seen: Seen) -> Failures:
    assert seen.frame.failures is not None
    return seen.frame.failures


def _platforms(seen: Seen, record: TableRecord, i: int) -> tuple[float, float]:
    reach = seen.frame.regions["platform"]
    return float(reach[record.region[i]]), float(reach[seen.world.college_region[record.college[i]]])


def _who(seen: Seen, record: TableRecord, i: int, spoken: dict[str, str]) -> str:
    world, e, c = seen.world, int(record.enterprise[i]), int(record.college[i])

    def sector(s: int) -> str:
        return sector_label(world.sector_names[s], seen.language)

    return spoken["blame_who"].format(
        enterprise=world.enterprise_label(e), sector=sector(world.enterprise_sector[e]),
        place=world.region_label(int(world.enterprise_region[e]), seen.language), college=world.college_label(c),
        field=sector(world.college_field[c]), home=world.region_label(int(world.college_region[c]), seen.language),
    )  # fmt: skip


def _when(seen: Seen, record: TableRecord, i: int, spoken: dict[str, str]) -> str:
    done = seen.frame.step - 1
    return spoken["blame_when"].format(
        year=done // 4 + 1, quarter=done % 4 + 1, kind=spoken[f"blame_{KINDS[record.kind[i]]}"]
    )


def _why(found: Constraint, cause: str, is_funded: bool, language: str) -> str:
    spoken = words(language)
    party = spoken[f"party_{PARTIES[found.party]}"]
    if found.kind == "declined":
        return spoken[f"blame_declined_{cause}"].format(party=party)
    key = "blame_why_budget" if found.kind == "short" and not is_funded else f"blame_why_{found.kind}"
    return spoken[key].format(party=party, level=spoken[f"level_{found.level}"], share=percent(language, found.share))


def _closes(found: Constraint, is_closable: bool, is_declined: bool, spoken: dict[str, str]) -> str:
    """The line above what would have closed the table."""
    if found.kind == "declined":
        return spoken["blame_closes_declined"]
    if not is_closable:
        return spoken["blame_closes_nothing"]
    return spoken["blame_closes_met" if is_declined else "blame_closes"]


def _numbers(found: Constraint, kcny: float, language: str) -> list[list[str]]:
    """What the closest contract would leave the binding party a quarter, over what it has without it; with the price of
    talk where that decided. Name and value; ``kcny``: 1,000 yuan a unit."""
    spoken = words(language)
    rows = [[spoken["blame_gets"], yuan(kcny * (found.gets - found.needs), language)]]
    if found.kind == "talk":
        rows.append([spoken["blame_talk"], yuan(kcny * found.talk, language)])
    return rows


def _ledger(found: Constraint, terms: Floats, force: Scenario, language: str) -> dict[str, Any]:
    """Who would pay what and who would get what under the closest contract, in yuan: head, rows of lines with their
    sum, and what public money there is in it."""
    spoken, kcny = words(language), force.p.kcny_per_unit
    lines = kcny * table_ledger.ledger(terms, common_terms(force.p), found.contract)
    public = table_ledger.public_money(lines)
    rows = [
        [in_language(language, LABELS[line]), *_cells(lines[:, line], language)]
        for line in Line
        if np.abs(lines[:, line]).max() >= LEAST_SHOWN
    ]
    rows.append([spoken["blame_sum"], *_cells(lines.sum(axis=1), language)])
    if found.kind == "talk":
        talk = np.zeros(N_PARTIES)
        talk[[ENTERPRISE, COLLEGE]] = -kcny * found.talk
        rows.append([in_language(language, LABELS[Line(TALK)]), *_cells(talk, language)])
    return {
        "head": [spoken["blame_ledger_line"], *(spoken[f"party_{party}"] for party in PARTIES)], "rows": rows,
        "sum": len(rows) - 1 - (found.kind == "talk"),
        "public": spoken["blame_public"].format(amount=yuan(public, language)) if public >= LEAST_SHOWN else "",
    }  # fmt: skip


def _cells(kcny: Floats, language: str) -> list[str]:
    """Amounts of a line of a ledger, in the unit of its heading."""
    told = (_digits(value, language) for value in as_said(kcny, language))
    return ["" if not float(text.replace(",", "")) else text.replace("-", "−") for text in told]


def _adds(kcny: float, language: str) -> str:
    return "" if math.isnan(kcny) else words(language)["blame_adds_to"].format(amount=yuan(kcny, language))


def yuan(kcny: float, language: str) -> str:
    """An amount of 1,000 yuan as one says it."""
    spoken = words(language)
    return spoken["blame_money"].format(amount=_digits(as_said(kcny, language), language).replace("-", "−"))


def _digits(amount: float, language: str) -> str:
    """In units of 10,000 yuan a digit more than in those of 1,000."""
    return f"{amount:,.2f}" if language == "zh" else f"{amount:,.1f}"


def thing(move: Move, language: str) -> dict[str, Any]:
    """A thing that would have to be different, in its own unit."""
    say = partial(percent, language) if move.what in IN_PERCENT else number if move.what in PRICES else "{:.2f}".format
    before, after = say(move.before), say(move.after)
    return {"name": words(language)[f"thing_{move.what}"], "before": before, "after": after, "cause": move.what}


def _lever(move: Move, language: str) -> dict[str, Any]:
    lever = BY_NAME[move.what]
    return {
        "name": lever.label_zh if language == "zh" else lever.label, "before": f"{move.before:.2f}",
        "after": f"{move.after:.2f}", "lever": move.what, "value": move.after,
    }  # fmt: skip


def scene(seen: Seen) -> Scene:
    """The card of the first table."""
    return scene_of(seen)


@solara.component
def View(  # noqa: N802
    seen: Seen, style: Style = PLAIN, *, is_playing: bool = False, scenario: Scenario | None = None
):
    """The card; while the run plays it keeps its table for HELD quarters, so that it can be read."""
    chosen, set_chosen = solara.use_state(0)
    held = solara.use_ref(seen)
    last = held.current
    is_stale = last.frame.failures is None or last.history is not seen.history or not 0 <= seen.step - last.step <= HELD
    if is_stale or not is_playing:
        held.current = seen
    shown = replace(held.current, language=seen.language)
    solara.use_effect(lambda: set_chosen(0), [shown.step, style.selected])

    def act(name: str, value: Any) -> None:
        if name == "card":
            set_chosen(int(value))
        elif style.on_act is not None:
            style.on_act(name, value)

    depends = (id(shown.frame), chosen, style.selected, shown.language, id(scenario))
    card = (lambda: scene_of(shown, chosen, style.selected, scenario), None)
    live_canvas(KIND, shown, card, depends, **replace(style, on_act=act).traits())
