"""Who pays what and who gets what under a contract: its ledger, line by line, in 1,000 yuan of 2022 a quarter.

RESULTS is a folder that `abm run` wrote. The run is made again up to the quarter, and the ledgers of its contracts are
read there with what was really done. CONTRACT is ENTERPRISE:COLLEGE, ids or names as the tables have them; without it
all contracts that ran in the quarter are added up.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

if TYPE_CHECKING:
    from abm.population.identity import Members
    from abm.population.tables import Called
    from abm.world.state import Floats, Rows, State


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm ledger`."""
    add = parser.add_argument
    add("results", type=Path, metavar="RESULTS", help="results folder of a run, as `abm run` writes it")
    add("contract", nargs="?", metavar="CONTRACT", help="ENTERPRISE:COLLEGE (default: all contracts together)")
    add("--quarter", type=int, metavar="N", help="quarter, as column `step` of the tables has it (default: the last)")
    add("--json", action="store_true", help="print JSON")


class _About(TypedDict):
    """What was agreed and done in a contract."""

    college: int
    field: int
    level: int
    share: float
    quarters_left: int
    effort_enterprise: float
    effort_college: float


class _Kept(NamedTuple):
    """What is read of the world at the quarter."""

    enterprise: Rows  # [n]
    slot: Rows  # [n]
    lines: Floats  # [n, 4, N_LINES] in 1,000 yuan a quarter
    about: list[_About]


def main(args: argparse.Namespace) -> int:
    """Run again up to the quarter, print the ledger."""
    import json

    from abm.commands._again import again
    from abm.machine.language import say
    from abm.results.saved import saved
    from abm.world.ledger import Line
    from abm.world.vocabulary import PARTIES

    of = saved(args.results)
    quarter = _quarter(args.quarter, of.steps_done)
    kept: list[_Kept] = []

    def look(state: State) -> bool:
        if state.step <= quarter:
            return False
        kept.append(_read(state, of.scenario.in_force(quarter).p))
        return True

    results = again(of, after_step=look, progress=True)
    found, members = kept[0], results.population.members if results.population else None
    assert members is not None
    rows = _chosen(args.contract, found, members, quarter)
    if args.json:
        contracts = [
            {
                "enterprise": members.enterprise.label(int(found.enterprise[i])),
                "college": members.college.label(found.about[i]["college"]),
                **{key: value for key, value in found.about[i].items() if key != "college"},
                "ledger_kcny": {
                    party: {line.name.lower(): round(float(found.lines[i, q, line]), 6) for line in Line}
                    for q, party in enumerate(PARTIES)
                },
            }
            for i in rows
        ]
        print(json.dumps({"quarter": quarter, "contracts": contracts}, ensure_ascii=False, indent=2))
        return 0
    if args.contract is None:
        print(say("{n} contracts ran in quarter {q}; 1,000 yuan of 2022 a quarter", n=len(rows), q=quarter))
        print(_table(found.lines.sum(axis=0)))
        return 0
    for i in rows:
        print(_heading(found, i, members, quarter))
        print(_table(found.lines[i]))
    return 0


def _quarter(asked: int | None, steps_done: int) -> int:
    """The quarter that is shown; InputError for one that was not run."""
    from abm.machine.errors import InputError

    quarter = steps_done - 1 if asked is None else asked
    if not 0 <= quarter < steps_done:
        raise InputError(
            f"--quarter {quarter}",
            why=f"is not among the {steps_done} quarters that were run, 0 to {steps_done - 1}",
            mend="give one of the column `step` of its tables",
        )
    return quarter


def _read(state: State, p: Any) -> _Kept:
    """All contracts that run, with their ledgers."""
    import numpy as np

    from abm.world.realised import realised_ledgers

    ties = state.ties
    enterprise, slot = (rows.astype(np.int32) for rows in np.nonzero(ties.level))
    lines = p.kcny_per_unit * realised_ledgers(state, p, enterprise, slot, state.step - 1)
    about: list[_About] = [
        {
            "college": int(ties.college[e, h]), "field": int(ties.field[e, h]), "level": int(ties.level[e, h]),
            "share": round(float(ties.cost_share[e, h]), 6), "quarters_left": max(0, int(ties.remaining[e, h])),
            "effort_enterprise": round(float(ties.effort_enterprise[e, h]), 6),
            "effort_college": round(float(ties.effort_college[e, h]), 6),
        }
        for e, h in zip(enterprise.tolist(), slot.tolist(), strict=True)
    ]  # fmt: skip
    return _Kept(enterprise, slot, lines, about)


def _chosen(contract: str | None, found: _Kept, members: Called, quarter: int) -> list[int]:
    """Rows of the contracts that were asked for; InputError where there is none."""
    from abm.machine.errors import InputError

    everyone = range(len(found.enterprise))
    if contract is None:
        return list(everyone)
    first, colon, second = contract.partition(":")
    if not colon:
        raise InputError(f"`{contract}`", why="names no contract", mend="write ENTERPRISE:COLLEGE, such as 17:3")
    e = _row(first, members.enterprise, "enterprise")
    c = _row(second, members.college, "college")
    rows = [i for i in everyone if int(found.enterprise[i]) == e and found.about[i]["college"] == c]
    if not rows:
        running = [
            f"{members.enterprise.id[int(found.enterprise[i])]}:{members.college.id[found.about[i]['college']]}"
            for i in everyone
        ]
        mend = f"running then are {', '.join(running[:8])}{' ...' if len(running) > 8 else ''}"
        why = f"is no contract that ran in quarter {quarter}"
        raise InputError(f"`{contract}`", why=why, mend=mend if running else "none ran then: give another quarter")
    return rows


def _row(text: str, of: Members, kind: str) -> int:
    """The row of an institution by its id or its name."""
    from abm.machine.errors import InputError, nearest

    ids = [str(i) for i in of.id]
    for known in (ids, of.name):
        if text.strip() in known:
            return known.index(text.strip())
    mend = nearest(text, [*ids, *filter(None, of.name)]) or "see the ids of the table `contracts`"
    raise InputError(f"`{text}`", why=f"is no {kind} of this run", mend=mend)


def _heading(found: _Kept, i: int, members: Called, quarter: int) -> str:
    from abm.machine.language import current, say
    from abm.world.vocabulary import LEVELS

    about = found.about[i]
    return say(
        "{enterprise} and {college}, quarter {q}: level {level} ({name}), the enterprise carries {share} of the cost, "
        "efforts {mine} and {theirs}; 1,000 yuan of 2022 a quarter",
        enterprise=members.enterprise.label(int(found.enterprise[i])),
        college=members.college.label(about["college"]),
        q=quarter, level=about["level"], name=LEVELS.label(about["level"], current()), share=f"{about['share']:.0%}",
        mine=f"{about['effort_enterprise']:.2f}", theirs=f"{about['effort_college']:.2f}",
    )  # fmt: skip


def _table(lines: Floats) -> str:
    """Lines by party, then their sum. ``lines`` [4, N_LINES]."""
    from abm.commands._tables import table
    from abm.machine.language import say
    from abm.world.ledger import LABELS, Line
    from abm.world.vocabulary import PARTIES

    def cell(value: float) -> str:
        return f"{value + 0.0:,.2f}" if abs(value) >= 0.005 else "-"

    rows = [[say(LABELS[line]), *(cell(float(lines[q, line])) for q in range(len(PARTIES)))] for line in Line]
    rows.append([say("sum"), *(cell(float(value)) for value in lines.sum(axis=1))])
    return table([say("line"), *(say(name) for name in PARTIES.labels())], rows)
