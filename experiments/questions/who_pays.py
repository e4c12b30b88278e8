"""Who gains and who pays when coordination fails, by party?

The world as it is, where most negotiations end without a contract, is held against the same world under the reform
package, where most succeed, under the same seeds. The ledgers of all contracts that run are added up by party, with
what was really done, in yuan: what a party gets and pays where coordination fails less what it gets and pays where it
does not is what failing gives it or takes from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm import scenario
from abm.machine.language import current, say
from abm.world.ledger import LABELS, Line
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import GOVERNMENT, PARTIES
from experiments.analysis._noise import student, told
from experiments.analysis._runs import Floats, rows
from experiments.analysis.intervals import mean_interval
from experiments.analysis.wording import begun
from experiments.figures.panels import BLUE, GREY, PALE, VERMILION, panel
from experiments.figures.panels import rows as named_rows
from experiments.figures.style import drawing
from experiments.questions import Reply, Setting
from experiments.questions._asking import KCNY_A_MILLION
from experiments.questions._looking import by_seed, looked, worlds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure

    from abm.scenario import Scenario
    from abm.world.state import State

TITLE = "Who gains and who pays"
CAVEATS = (
    "Only contracts have ledgers: talk that ended without one, and jobs that no contract led to, are not in them.",
    "Standing, grades and the development of persons are turned into yuan at the rate at which parties trade them.",
    "Fines are paid by who is fined and kept by nobody.",
    "The two worlds differ by the whole reform package, which changes what contracts give as well as how many there "
    "are: what a party loses is lost where both are missing. Another way to coordinate would divide the gain in "
    "another way.",
)
FAILS, HOLDS = "as it is", "reform package"
FROM, STEPS = 60, 80
"""Quarters whose ledgers are added up: from the sixteenth to the twentieth year."""
PUBLIC = "public_money"
NAMES = {**{line.name.lower(): LABELS[line] for line in Line}, PUBLIC: "public money paid"}
"""What stands in a ledger, and its words; last what a government pays in all, which no table holds against it."""


def ledgers(world: Scenario) -> list[dict[str, Any]]:
    """Mean ledger of all contracts by party over the last quarters, in 1,000 yuan a quarter, one row a party."""
    from abm.results import run
    from abm.world.realised import realised_ledgers

    total = np.zeros((len(PARTIES), len(Line)))
    n = {"quarters": 0, "contracts": 0}

    def look(state: State) -> bool:
        if state.step > FROM:
            p = world.in_force(state.step - 1).p
            enterprise, slot = (found.astype(np.int32) for found in np.nonzero(state.ties.level))
            total[:] += p.kcny_per_unit * realised_ledgers(state, p, enterprise, slot, state.step - 1).sum(axis=0)
            n["quarters"] += 1
            n["contracts"] += len(enterprise)
        return False

    results = run(world, threads=1, after_step=look)
    metrics: Any = results.metrics.iloc[FROM:].mean()
    assert results.population is not None
    members = results.population.members
    about = {
        "contracts": n["contracts"] / n["quarters"], "failed_share": float(metrics["failed_share"]),
        "enterprises": len(members.enterprise.id), "colleges": len(members.college.id),
    }  # fmt: skip
    found: list[dict[str, Any]] = []
    for i, party in enumerate(PARTIES):
        own = {line.name.lower(): float(total[i, line]) / n["quarters"] for line in Line}
        own[PUBLIC] = -float(metrics["spent_kcny"]) if i == GOVERNMENT else 0.0
        found.append({"party": party, **own, **about})
    return found


def ask(setting: Setting) -> Reply:
    """Ledgers of both worlds, party by party, and their difference seed by seed."""
    seeds = 6 if setting.is_quick else 40
    arms = {FAILS: scenario.load("classroom"), HOLDS: scenario.load("reform_package")}
    arms = {name: world.with_overrides(steps=STEPS) for name, world in arms.items()}
    wanted = worlds(setting, "who-pays", arms, range(seeds))
    seen = looked(setting, wanted, ledgers, "who-pays")
    seen["net"] = seen[list(NAMES)].sum(axis=1) * QUARTERS_A_YEAR / KCNY_A_MILLION
    table = differences(seen)
    return Reply(
        answer(table, seen),
        {"parties": table, "lines": lines(seen)},
        {"parties": picture(table)},
        len(wanted),
        {"worlds": f"{FAILS} = classroom, {HOLDS} = reform_package; quarters {FROM} to {STEPS - 1}",
         "seeds": f"{wanted[0][1]} to {wanted[seeds - 1][1]}"},
        conclusions={str(row["party"]): _word(row) for row in rows(table)},
    )  # fmt: skip


def differences(seen: pd.DataFrame) -> pd.DataFrame:
    """Million yuan a year of each party where coordination fails, where it holds, and the first less the second."""
    found: list[dict[str, Any]] = []
    for party in PARTIES:
        fails, holds = (by_seed(seen, "net", party=party, arm=arm) for arm in (FAILS, HOLDS))
        mean, low, high = mean_interval(fails - holds)
        found.append(
            {"party": party, "where_it_fails": fails.mean(), "where_it_holds": holds.mean(), "mean": mean, "low": low,
             "high": high, "n_pairs": len(fails), "p": student(fails - holds)}
        )  # fmt: skip
    table = pd.DataFrame(found)
    table["p"], table["is_told"] = told(table["p"].to_numpy(np.float64))
    return table


def lines(seen: pd.DataFrame) -> pd.DataFrame:
    """What makes up each party's difference, in million yuan a year: the lines of the ledger that are not 0."""
    found: list[dict[str, Any]] = []
    for party in PARTIES:
        for name, label in NAMES.items():
            fails, holds = (
                by_seed(seen, name, party=party, arm=arm) * QUARTERS_A_YEAR / KCNY_A_MILLION for arm in (FAILS, HOLDS)
            )
            if fails.any() or holds.any():
                mean, low, high = mean_interval(fails - holds)
                found.append(
                    {"party": party, "label": label, "where_it_fails": fails.mean(),
                     "where_it_holds": holds.mean(), "mean": mean, "low": low, "high": high}
                )  # fmt: skip
    return pd.DataFrame(found)


def _word(row: dict[str, Any]) -> str:
    if not row["is_told"]:
        return "not told"
    return "pays" if row["mean"] < 0 else "gains"


def answer(table: pd.DataFrame, seen: pd.DataFrame) -> str:
    """The answer in words."""
    failed = {arm: float(by_seed(seen, "failed_share", party=PARTIES[0], arm=arm).mean()) for arm in (FAILS, HOLDS)}
    there = rows(seen)[0]
    together, low, high = _together(seen, PARTIES)
    if together < 0:
        low, high = -high, -low
    said = [
        say(
            "Where {fails} of the negotiations fail, and not {holds} as under the reform package, the parties together "
            "get {all} million yuan a year less of their contracts (95 % interval {low} to {high}), in a world of {e} "
            "enterprises and {c} colleges." if together >= 0
            else "Where {fails} of the negotiations fail, and not {holds} as under the reform package, the parties "
            "together get {all} million yuan a year more of their contracts (95 % interval {low} to {high}), in a "
            "world of {e} enterprises and {c} colleges.",
            fails=f"{failed[FAILS]:.0%}", holds=f"{failed[HOLDS]:.0%}",
            all=_amount(abs(together)), low=_amount(low), high=_amount(high), e=int(there["enterprises"]),
            c=int(there["colleges"]),
        )
    ]  # fmt: skip
    order = sorted(rows(table), key=lambda row: row["mean"])
    for row in order:
        word = _word(row)
        # What is less is said without a sign.
        low, high = (-row["high"], -row["low"]) if word == "pays" else (row["low"], row["high"])
        said.append(
            say(
                "{party}: {mean} less (95 % interval {low} to {high})." if word == "pays"
                else "{party}: {mean} more (95 % interval {low} to {high})." if word == "gains"
                else "{party}: {mean}, which is not told from nothing (95 % interval {low} to {high}).",
                party=begun(_named(row)), low=_amount(low), high=_amount(high),
                mean=_amount(row["mean"] if word == "not told" else abs(row["mean"])),
            )
        )  # fmt: skip
    most, next_ = order[0], order[1]
    mean, low, high = _pair(seen, str(most["party"]), str(next_["party"]))
    said.append(
        say(
            "Most is lost by {most}, and more than by {next} beyond chance (by {mean}, {low} to {high})." if high < 0
            else "Whether most is lost by {most} or by {next} is not told ({mean}, {low} to {high}).",
            most=_named(most), next=_named(next_), mean=_amount(-mean), low=_amount(-high), high=_amount(-low),
        )
    )  # fmt: skip
    return " ".join(said)


def _named(row: dict[str, Any]) -> str:
    return PARTIES.label(str(row["party"]), current())


def _pair(seen: pd.DataFrame, one: str, other: str) -> tuple[float, float, float]:
    """By how much more one party pays than another, seed by seed."""
    return mean_interval(_paid(seen, other) - _paid(seen, one))


def _together(seen: pd.DataFrame, parties: Iterable[str]) -> tuple[float, float, float]:
    """What parties pay together, seed by seed."""
    return mean_interval(np.sum([_paid(seen, party) for party in parties], axis=0))


def _paid(seen: pd.DataFrame, party: str) -> Floats:
    """What failing takes from a party, by seed."""
    return by_seed(seen, "net", party=party, arm=HOLDS) - by_seed(seen, "net", party=party, arm=FAILS)


def _amount(value: float) -> str:
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2g}"


@drawing()
def picture(table: pd.DataFrame) -> Figure:
    """What failing gives each party or takes from it."""
    figure, ax = panel(2.6)
    ax.axvline(0.0, color=PALE, linewidth=1)
    for i, row in enumerate(rows(table)):
        colour = GREY if not row["is_told"] else BLUE if row["mean"] > 0 else VERMILION
        ax.barh(i, row["mean"], color=colour, height=0.55)
        ax.plot([row["low"], row["high"]], [i, i], color="black", linewidth=1.2)
    named_rows(ax, [PARTIES.label(str(party), current()) for party in table["party"]])
    ax.set_xlabel("million yuan a year, where coordination fails less where it holds")
    figure.set_label("What failing takes from each party to the contracts, or gives it, with its 95 % interval.")
    return figure
