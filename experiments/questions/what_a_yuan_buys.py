"""What does a yuan buy, by lever and region?

Six provinces, Guangdong and its neighbours, as they are and with reformed evaluation that is supervised: in each of the
two worlds every policy that costs public money is given everywhere, and in one province alone, under the same seeds as
the world without it. What it adds in graduates' jobs in their field over what more of public money was spent, both over
the whole run, is what a million yuan buys.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.machine.language import current, say, spoken
from abm.population import tables
from abm.scenario.policies import rules
from abm.world.state import QUARTERS_A_YEAR
from experiments.analysis._noise import student, told
from experiments.analysis._runs import Floats, column, rows
from experiments.analysis.intervals import Interval, mean_interval
from experiments.analysis.wording import begun
from experiments.design import load
from experiments.figures import style as figure_style
from experiments.figures.panels import BLUE, GREY, PALE, SKY, VERMILION
from experiments.figures.panels import rows as named_rows
from experiments.figures.style import drawing
from experiments.paper.rows import worlds
from experiments.questions import Reply, Setting
from experiments.questions._asking import KCNY_A_MILLION, provenance, study
from experiments.questions._looking import anew, one, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.design import Design

TITLE = "What a yuan buys"
CAVEATS = (
    "Each policy has the strength that it has where nothing else is said; a yuan buys less or more at other strengths.",
    "Six provinces, one institution in fifty, over thirteen years: job-years and yuan are of that world.",
    "Jobs are those of all six provinces' graduates: what a province's money does for its neighbours is in them.",
    "Evaluation reform costs no public money in the model; that is assumed, not found.",
)
WORLD, STEPS, FROM = "regions", 60, 8
PAID = ("subsidy", "tax_credit", "research_funding", "supervision", "platform", "dual_qualified")
"""Policies that cost public money by themselves and act in a world as shipped."""
EVERYWHERE, NOTHING = "everywhere", "nothing"
AS_IS, REFORMED = "as it is", "reformed evaluation"
REFORM = (
    {"rule": "college_evaluation", "reform": 0.6, "from": FROM},
    {"rule": "supervision", "probability": 0.5, "penalty": 0.3, "from": FROM},
)
LINEAR = 10.0
"""Job-years a million yuan up to which the picture's axis is linear."""
YEARS = (STEPS - FROM) / QUARTERS_A_YEAR


def ask(setting: Setting) -> Reply:
    """Every policy everywhere and in each province alone, in two worlds."""
    designs = {name: _design(setting, name) for name in (AS_IS, REFORMED)}
    alone = replace(setting, variant=None)
    found = {name: study(alone, design).runs() for name, design in designs.items()}
    more = {name: gains(runs) for name, runs in found.items()}
    each = {name: bought_by(of) for name, of in more.items()}
    bought = pd.concat([table.assign(world=name) for name, table in each.items()], ignore_index=True)
    return Reply(
        " ".join(said(name, each[name], more[name]) for name in found),
        {"bought": bought},
        {"bought": picture(bought)},
        sum(map(len, found.values())),
        provenance(designs.values(), steps=STEPS),
        conclusions={
            f"buys most jobs for a yuan, {name}": buys_most(each[name], more[name]) or "not told" for name in found
        },
    )


def _design(setting: Setting, name: str) -> Design:
    label = "yuan-reformed" if name == REFORMED else "yuan-as-is"
    world = worlds()[WORLD][0].with_overrides(steps=STEPS)
    base = setting.varied(one(label, world, 4 if setting.is_quick else 12))
    places = tables(base.base).regions.name
    ruled = list(REFORM) if name == REFORMED else []
    arms: dict[str, Any] = {NOTHING: {"policies": ruled}}
    for rule in PAID:
        if all(rule != own["rule"] for own in ruled):
            given: dict[str, Any] = {"rule": rule, "from": FROM}
            arms[f"{rule}: {EVERYWHERE}"] = {"policies": [*ruled, given]}
            for i, place in enumerate(places):
                arms[f"{rule}: {place}"] = {"policies": [*ruled, given | {"regions": [i]}]}
    outcomes = {
        "jobs": {"metric": "field_related_jobs", "reduce": "mean", "from": FROM},
        "money": {"metric": "spent_total_kcny", "reduce": "last", "last": 1},
    }
    points = [{"arm": arm} for arm in arms]
    return load({**anew(base), "arms": arms, "sampler": "table", "points": points, "outcomes": outcomes})


def gains(runs: pd.DataFrame) -> pd.DataFrame:
    """Job-years and million yuan more than in the world without the policy, a row a policy, place and seed."""
    jobs, money = (
        runs.pivot(index="replication", columns="arm", values=name).sort_index() for name in ("jobs", "money")
    )
    found: list[pd.DataFrame] = []
    for arm in (name for name in dict.fromkeys(runs["arm"]) if name != NOTHING):
        rule, _, place = str(arm).partition(": ")
        more = {
            "jobs": (jobs[arm] - jobs[NOTHING]) * YEARS,
            "million_yuan": (money[arm] - money[NOTHING]) / KCNY_A_MILLION,
        }
        found.append(pd.DataFrame(more).reset_index().assign(rule=rule, place=place))
    return pd.concat(found, ignore_index=True)


def bought_by(more: pd.DataFrame) -> pd.DataFrame:
    """What is gained, what it costs and what a million yuan buys, a row a policy and place.

    A gain in jobs is told by Student's t over pairs, with Holm's correction over all policies given everywhere; those
    of one province over all of those.
    """
    found: list[dict[str, Any]] = []
    for rule, place in dict.fromkeys(zip(more["rule"], more["place"], strict=True)):
        jobs, money = (column(where(more, rule=rule, place=place), name) for name in ("jobs", "million_yuan"))
        spent = float(money.mean())
        value, low, high = _price(where(more, rule=rule, place=place))
        found.append(
            {"rule": rule, "place": place, "bought": value, "low": low, "high": high,
             **mean_interval(jobs).columns("jobs"), "p": student(jobs), "million_yuan": spent,
             "n_pairs": len(jobs)}
        )  # fmt: skip
    table = pd.DataFrame(found)
    for family in (table["place"] == EVERYWHERE, table["place"] != EVERYWHERE):
        if np.any(family):
            table.loc[family, "p"], is_told = told(column(table[family], "p"))
            table.loc[family, "is_told"] = is_told
    return table.astype({"is_told": bool})


def _price(of: pd.DataFrame) -> Interval:
    """Job-years a million yuan buys, with Student's interval over pairs; NaN where more money is not told from none."""
    if not mean_interval(column(of, "million_yuan")).low > 0:
        return Interval(np.nan, np.nan, np.nan)
    return mean_interval(_linear(of))


def ahead(more: pd.DataFrame, one: dict[str, Any], other: dict[str, Any], among: int) -> Interval:
    """By how many job-years a million yuan one policy and place is ahead of another, the widest of so many pairs.

    The ratio of means is made linear (the delta method), so that Student's t over pairs holds for it.
    """
    own, others = (_linear(where(more, rule=row["rule"], place=row["place"])) for row in (one, other))
    return mean_interval(own - others, among)


def _linear(of: pd.DataFrame) -> Floats:
    """A value a seed whose mean is the ratio of the means, and whose spread is what each seed adds to its error."""
    jobs, money = column(of, "jobs"), column(of, "million_yuan")
    ratio = jobs.mean() / money.mean()
    return ratio + (jobs - ratio * money) / money.mean()


def _buying(bought: pd.DataFrame, **of: str) -> list[dict[str, Any]]:
    """Policies, or places, where a gain is told and has a price; the one that buys most for a yuan first."""
    of_them = [row for row in rows(where(bought, **of)) if row["is_told"] and row["bought"] > 0]
    return sorted(of_them, key=lambda row: -row["bought"])


def _behind(more: pd.DataFrame, order: list[dict[str, Any]]) -> list[bool]:
    """Of each but the first: whether it buys less than the first beyond chance, all pairs looked at."""
    among = len(order) * (len(order) - 1) // 2
    return [ahead(more, order[0], row, among).low > 0 for row in order[1:]]


def buys_most(bought: pd.DataFrame, more: pd.DataFrame) -> str | None:
    """The policy that buys most jobs for a yuan, if it is told from all others that buy any."""
    order = _buying(bought, place=EVERYWHERE)
    return str(order[0]["rule"]) if order and all(_behind(more, order)) else None


def said(name: str, bought: pd.DataFrame, more: pd.DataFrame) -> str:
    """The answer in words, for one of the two worlds."""
    order, everywhere = _buying(bought, place=EVERYWHERE), rows(where(bought, place=EVERYWHERE))
    free = [row for row in everywhere if row["is_told"] and row["jobs"] > 0 and not np.isfinite(row["bought"])]
    if order:
        sentences = _most(name, order, _behind(more, order)) + _by_place(bought, more, order[0])
    elif free:
        sentences = []
    else:
        sentences = [
            say("{world}: no policy that costs public money buys jobs beyond chance.", world=begun(spoken(name)))
        ]  # fmt: skip
    if free:
        sentences.append(
            say(
                "{world}: jobs are gained, at no more public money that is told from none, by {rules}.",
                world=begun(spoken(name)), rules=_listed(free, "jobs"),
            )
        )  # fmt: skip
    for row in (row for row in everywhere if row["is_told"] and row["jobs"] < 0):
        is_dearer = row["million_yuan"] > 0
        sentences.append(
            say(
                "{rule} costs {jobs} job-years ({low} to {high}) and {money} million yuan." if is_dearer
                else "{rule} costs {jobs} job-years ({low} to {high}) and saves {money} million yuan.",
                rule=begun(_name(row)), jobs=_n(-row["jobs"]), low=_n(-row["jobs_high"]),
                high=_n(-row["jobs_low"]), money=_n(abs(row["million_yuan"])),
            )
        )  # fmt: skip
    unsure = [row for row in everywhere if not row["is_told"]]
    if (order or free) and unsure:
        sentences.append(say("No gain is told from chance by {rules}.", rules=_listed(unsure)))
    return " ".join(sentences)


def _most(name: str, order: list[dict[str, Any]], is_behind: list[bool]) -> list[str]:
    """What buys most, and how the others that buy any stand to it."""
    first = order[0]
    found = [
        say(
            "{world}: a million yuan given everywhere buys most by {rule}, {jobs} job-years [{low}, {high}].",
            world=begun(spoken(name)), rule=_name(first), jobs=_n(first["bought"]), low=_n(first["low"]),
            high=_n(first["high"]),
        )
    ]  # fmt: skip
    level = [row for row, is_less in zip(order[1:], is_behind, strict=True) if not is_less]
    less = [row for row, is_less in zip(order[1:], is_behind, strict=True) if is_less]
    if level:
        found.append(say("Not told from it: {rules}.", rules=_listed(level, "bought")))
    if less:
        found.append(say("It buys less by {rules}.", rules=_listed(less, "bought")))
    return found


def _by_place(bought: pd.DataFrame, more: pd.DataFrame, first: dict[str, Any]) -> list[str]:
    """Where the policy that buys most buys most, if places are told apart."""
    places = [row for row in rows(where(bought, rule=first["rule"])) if row["place"] != EVERYWHERE]
    there = sorted((row for row in places if np.isfinite(row["bought"])), key=lambda row: -row["bought"])
    if len(there) < 2:
        return []
    pairs = len(there) * (len(there) - 1) // 2
    is_told = ahead(more, there[0], there[-1], pairs).low > 0
    return [
        say(
            "By province it buys most in {top} ({most}) and least in {last} ({least})." if is_told
            else "Where it is given in one province alone, provinces are not told apart.",
            top=str(there[0]["place"]), last=str(there[-1]["place"]), most=_n(there[0]["bought"]),
            least=_n(there[-1]["bought"]),
        )
    ]  # fmt: skip


def _listed(of: list[dict[str, Any]], number: str | None = None) -> str:
    """Policies in words, each with a number of its row."""
    return say(", ").join(_name(row) + (f" ({_n(row[number])})" if number else "") for row in of)


def _name(row: dict[str, Any]) -> str:
    """What a policy is called in the language that is spoken."""
    rule = str(row["rule"])
    return rules()[rule].label_zh if current() == "zh" and rule in rules() else rule.replace("_", " ")


def _n(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


@drawing()
def picture(bought: pd.DataFrame) -> Figure:
    """A panel a world: what a million yuan buys by each policy everywhere (with its interval) and in each place."""
    names = list(dict.fromkeys(bought["world"]))
    policies = list(dict.fromkeys(bought["rule"]))
    figure, grid = figure_style.new(figure_style.DOUBLE, 1.1 + 0.42 * len(policies), columns=len(names))
    for ax, name in zip(grid[0], names, strict=True):
        _panel(ax, where(bought, world=name), policies)
        ax.set_title(spoken(name))
        ax.set_xlabel("job-years for a million yuan")
    figure.set_label(
        "Graduates' job-years in their field that a million yuan buys: given everywhere (dot, with its 95 % interval; "
        "grey where no gain is told from chance) and in one province alone (strokes). "
        f"Beyond {LINEAR:g} either way the axis is logarithmic."
    )
    return figure


def _panel(ax: Axes, bought: pd.DataFrame, policies: list[str]) -> None:
    ax.set_xscale("symlog", linthresh=LINEAR)
    ax.axvline(0.0, color=PALE, linewidth=1)
    for i, rule in enumerate(policies):
        for row in rows(where(bought, rule=rule)):
            if row["place"] != EVERYWHERE:
                ax.plot([row["bought"]] * 2, [i + 0.12, i + 0.34], color=SKY, linewidth=1.4)
                continue
            colour = GREY if not row["is_told"] else BLUE if row["jobs"] > 0 else VERMILION
            ax.plot([row["low"], row["high"]], [i, i], color=colour, linewidth=2, solid_capstyle="butt")
            ax.plot(row["bought"], i, "o", color=colour, markersize=6)
    ends = [sign * 10**power for sign in (-1, 1) for power in (1, 2, 3)] + [0]
    ax.set_xticks(ends, [f"{end:,}" for end in ends], rotation=45)
    ax.minorticks_off()
    named_rows(ax, [_name({"rule": rule}) for rule in policies])
