"""What does a yuan buy, by lever and region?

Six provinces, Guangdong and its neighbours, without policy and with reformed evaluation that is supervised: in each of
the two worlds every policy that costs public money is given everywhere, and in one province alone, under the same seeds
as the world without it. What it adds in graduates' jobs in their field over what more of public money was spent, both
over the whole run, is what a million yuan buys.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm import scenario
from abm.machine.language import current, say, spoken
from abm.population import tables
from abm.scenario.policies import rules
from abm.world.state import QUARTERS_A_YEAR
from experiments.analysis._runs import rows
from experiments.analysis.intervals import mean_interval, ratio_interval
from experiments.design import load
from experiments.figures import style as figure_style
from experiments.figures.panels import BLUE, GREY, PALE, SKY, VERMILION
from experiments.figures.panels import rows as named_rows
from experiments.figures.style import drawing
from experiments.questions import Reply, Setting
from experiments.questions._asking import provenance, study
from experiments.questions._looking import anew, one, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from abm.scenario import Scenario
    from experiments.design import Design

TITLE = "What a yuan buys"
CAVEATS = (
    "Each policy has the strength that it has where nothing else is said; a yuan buys less or more at other strengths.",
    "Jobs are those of the country's graduates: what a province's money does for its neighbours is in them.",
    "Evaluation reform costs no public money in the model; that is assumed, not found.",
)
PROVINCES, SCALE, STEPS, FROM = ("CN-GD", "CN-GX", "CN-HN", "CN-JX", "CN-FJ", "CN-HI"), 0.02, 60, 8
PAID = ("subsidy", "tax_credit", "research_funding", "supervision", "platform", "dual_qualified")
"""Policies that cost public money by themselves and act in a world as shipped."""
EVERYWHERE, NOTHING = "everywhere", "nothing"
AS_IS, REFORMED = "no policy", "reformed evaluation"
REFORM = (
    {"rule": "college_evaluation", "reform": 0.6, "from": FROM},
    {"rule": "supervision", "probability": 0.5, "penalty": 0.3, "from": FROM},
)
MILLION = 1000.0
"""Of 1,000 yuan."""
YEARS = (STEPS - FROM) / QUARTERS_A_YEAR


def ask(setting: Setting) -> Reply:
    """Every policy everywhere and in each province alone, in two worlds."""
    designs = {name: _design(setting, name) for name in (AS_IS, REFORMED)}
    alone = replace(setting, variant=None)
    found = {name: study(alone, design).runs() for name, design in designs.items()}
    bought = pd.concat([bought_in(runs).assign(world=name) for name, runs in found.items()], ignore_index=True)
    return Reply(
        " ".join(_said(name, found[name], where(bought, world=name)) for name in found),
        {"bought": bought},
        {"bought": picture(bought)},
        sum(map(len, found.values())),
        provenance(designs.values(), steps=STEPS),
        conclusions={
            f"buys most jobs for a yuan, {name}": rule if is_told else "not told"
            for name, runs in found.items()
            for rule, is_told in [buys_most(where(bought, world=name), runs)]
        },
    )


def world() -> Scenario:
    """Six provinces, one in fifty, without policy."""
    people = scenario.load("china").population
    whole = {field.name: getattr(people, field.name) for field in fields(people)}
    found = scenario.load("classroom").with_overrides(population=whole)
    return found.with_overrides(**{"population.regions": list(PROVINCES)}, scale=SCALE, steps=STEPS)


def _design(setting: Setting, name: str) -> Design:
    label = "yuan-reformed" if name == REFORMED else "yuan-as-is"
    base = setting.varied(one(label, world(), 4 if setting.is_quick else 12))
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


def bought_in(runs: pd.DataFrame) -> pd.DataFrame:
    """Job-years that a million yuan buys, a row a policy and place."""
    jobs, money = (
        runs.pivot(index="replication", columns="arm", values=name).sort_index() for name in ("jobs", "money")
    )
    found: list[dict[str, Any]] = []
    for arm in (name for name in dict.fromkeys(runs["arm"]) if name != NOTHING):
        more, spent = _more(jobs, arm) * YEARS, _more(money, arm) / MILLION
        value, low, high = ratio_interval(more, spent)
        rule, _, place = str(arm).partition(": ")
        found.append(
            {"rule": rule, "place": place, "bought": value, "low": low, "high": high, "jobs": more.mean(),
             "million_yuan": spent.mean(), "n_pairs": len(more)}
        )  # fmt: skip
    return pd.DataFrame(found)


def _more(wide: pd.DataFrame, arm: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(wide[arm], np.float64) - np.asarray(wide[NOTHING], np.float64)


def _ranked(bought: pd.DataFrame) -> list[dict[str, Any]]:
    """Policies given everywhere, the one that buys most first."""
    return sorted(rows(where(bought, place=EVERYWHERE)), key=lambda row: -np.nan_to_num(row["bought"], nan=-np.inf))


def buys_most(bought: pd.DataFrame, runs: pd.DataFrame) -> tuple[str, bool]:
    """The policy that buys most jobs, and whether it is told from the next."""
    first, second = _ranked(bought)[:2]
    _, low, _ = _ahead(
        runs, f"{first['rule']}: {EVERYWHERE}", f"{second['rule']}: {EVERYWHERE}", len(_ranked(bought)) - 1
    )
    return str(first["rule"]), low > 0 and first["low"] > 0


def _ahead(runs: pd.DataFrame, one: str, other: str, among: int) -> tuple[float, float, float]:
    """By how many job-years a million yuan one arm is ahead of another, seed by seed."""
    jobs, money = (
        runs.pivot(index="replication", columns="arm", values=name).sort_index() for name in ("jobs", "money")
    )
    each = [_more(jobs, arm) * YEARS / (_more(money, arm) / MILLION) for arm in (one, other)]
    return mean_interval(each[0] - each[1], among)


def _said(name: str, runs: pd.DataFrame, bought: pd.DataFrame) -> str:
    order = _ranked(bought)
    first, second = order[:2]
    is_told = buys_most(bought, runs)[1]
    said = [
        say(
            "{world}: everywhere, a million yuan buys {jobs} job-years by {rule} (95 % interval {low} to {high}).",
            world=spoken(name), rule=_rule(first), jobs=_n(first["bought"]), low=_n(first["low"]),
            high=_n(first["high"]),
        ),
        say(
            "That is more than by the next, {rule} ({jobs})." if is_told
            else "That it is more than by the next, {rule} ({jobs}), is not told from chance.",
            rule=_rule(second), jobs=_n(second["bought"]),
        ),
    ]  # fmt: skip
    nothing = [row for row in order if not row["low"] > 0]
    if nothing:
        said.append(
            say("Nothing that is told from chance is bought by {rules}.", rules=say(", ").join(map(_rule, nothing)))
        )
    places = [row for row in rows(where(bought, rule=first["rule"])) if row["place"] != EVERYWHERE]
    places.sort(key=lambda row: -np.nan_to_num(row["bought"], nan=-np.inf))
    if len(places) > 1:
        top, last = places[0], places[-1]
        best, worst = (f"{row['rule']}: {row['place']}" for row in (top, last))
        _, low, _ = _ahead(runs, best, worst, len(places) * (len(places) - 1))
        said.append(
            say(
                "By province it buys most in {top} ({most}) and least in {last} ({least})." if low > 0
                else "Between provinces it is not told apart: {most} in {top}, {least} in {last}.",
                top=str(top["place"]), last=str(last["place"]), most=_n(top["bought"]), least=_n(last["bought"]),
            )
        )  # fmt: skip
    return " ".join(said)


def _rule(row: dict[str, Any]) -> str:
    """What a policy is called in the language that is spoken."""
    rule = str(row["rule"])
    return rules()[rule].label_zh if current() == "zh" else rule.replace("_", " ")


def _n(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


@drawing()
def picture(bought: pd.DataFrame) -> Figure:
    """A panel a world: what a million yuan buys by each policy everywhere (with its interval) and in each place."""
    names = list(dict.fromkeys(bought["world"]))
    policies = list(dict.fromkeys(bought["rule"]))
    figure, grid = figure_style.new(figure_style.DOUBLE, 1.0 + 0.42 * len(policies), columns=len(names))
    for ax, name in zip(grid[0], names, strict=True):
        _panel(ax, where(bought, world=name), policies)
        ax.set_title(name)
        ax.set_xlabel("job-years for a million yuan")
    figure.set_label(
        "Graduates' job-years in their field that a million yuan buys: given everywhere (dot, with its 95 % interval; "
        "grey where it is not told from nothing) and in one province alone (strokes)."
    )
    return figure


def _panel(ax: Axes, bought: pd.DataFrame, policies: list[str]) -> None:
    ax.axvline(0.0, color=PALE, linewidth=1)
    for i, rule in enumerate(policies):
        for row in rows(where(bought, rule=rule)):
            if row["place"] != EVERYWHERE:
                ax.plot([row["bought"]] * 2, [i + 0.12, i + 0.34], color=SKY, linewidth=1.4)
                continue
            colour = BLUE if row["low"] > 0 else VERMILION if row["high"] < 0 else GREY
            ax.plot([row["low"], row["high"]], [i, i], color=colour, linewidth=2, solid_capstyle="butt")
            ax.plot(row["bought"], i, "o", color=colour, markersize=6)
    named_rows(ax, [rule.replace("_", " ") for rule in policies])
