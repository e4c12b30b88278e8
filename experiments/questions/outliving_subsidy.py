"""Which integration communities outlive their subsidy, and what tells them apart beforehand?

In worlds whose reform goes anything from nowhere to far, a subsidy is paid for thirteen years and then ends; under the
same seed it goes on. Every community that stands in the last subsidised quarter is looked for ten years later. What was
known of it in that quarter is held against whether it is still there: above all the ledger's own word, that every
member would gain without public money. The best mark is chosen in one half of the worlds and judged in the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm import scenario
from abm.machine.language import say, spoken
from experiments.analysis._runs import column, rows
from experiments.analysis.intervals import RESAMPLES, ratio_interval
from experiments.figures.panels import BLUE, GREY, PALE, panel
from experiments.figures.panels import rows as named_rows
from experiments.figures.style import drawing
from experiments.questions import Reply, Setting
from experiments.questions._looking import looked, where, worlds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from abm.scenario import Scenario

TITLE = "Which communities outlive their subsidy"
CAVEATS = (
    "A community that has split or merged counts as gone where none of its parts keeps its number.",
    "How far the reform goes is drawn for each world; in the world as it is hardly a community would stand.",
    "Only the subsidy ends: supervision, evaluation and platform stay as they were.",
)
ENDS, GOES_ON = "subsidy ends", "subsidy goes on"
EXIT, STEPS = 60, 100
"""The quarter in which the subsidy ends, and that in which the world does; the tables have the quarters before both."""
RANGES: dict[str, tuple[float, float]] = {
    "reform": (0.0, 0.7), "supervision": (0.1, 0.6), "platform": (0.0, 0.6), "subsidy": (0.2, 0.6),
}  # fmt: skip
"""What is drawn for each world, and between what ends."""
MARKS: dict[str, str] = {
    "is_self_sustaining": "every member gains without public money",
    "surplus_left": "surplus without public money, a member",
    "share_left": "share of the surplus that is left without public money",
    "mean_depth": "mean depth of its contracts",
    "members": "members",
    "share_colleges": "share of colleges among members",
    "age": "quarters since it was first seen",
}
"""What is known of a community in the last subsidised quarter; more of it should let it live."""
FEWEST_WORLDS = 10
"""Worlds that an interval over worlds needs (assumption); of fewer the share alone is told."""
HALF = 2
"""The worlds are split into so many parts: one chooses, the others judge."""


def communities(world: Scenario) -> list[dict[str, Any]]:
    """The communities of the last subsidised quarter, one row each: what is known of it, and whether it is there at
    the end."""
    from abm.results import run

    results = run(world, threads=1)
    table: Any = results.frame("communities")
    then: Any = table[(table["step"] == EXIT - 1) & (table["established"] >= 0)]
    later = set(table.loc[(table["step"] == world.steps - 1) & (table["established"] >= 0), "community"].tolist())
    found: list[dict[str, Any]] = []
    for row in rows(then):
        members = int(row["n_enterprises"] + row["n_colleges"])
        surplus, left = float(row["surplus"]), float(row["surplus_unsubsidised"])
        found.append(
            {
                "community": int(row["community"]),
                "stays": int(row["community"]) in later,
                "is_self_sustaining": float(row["is_self_sustaining"]),
                "surplus_left": left / members,
                "share_left": left / surplus if surplus > 0 else None,
                "mean_depth": float(row["mean_depth"]),
                "members": members,
                "share_colleges": float(row["n_colleges"]) / members,
                "age": EXIT - 1 - int(row["founded"]),
            }
        )
    return found


def arms(number: int, draw: Mapping[str, float]) -> dict[str, Scenario]:
    """A world that was drawn, with the subsidy ending and going on."""
    base = scenario.load("classroom").with_overrides(steps=STEPS)
    charter = {"rule": "charter", "recognition": 1.0, "distribution": 2, "from": 24}
    reformed = [
        {"rule": "college_evaluation", "reform": draw["reform"], "from": 8, "ramp": 8},
        {"rule": "student_evaluation", "reform": draw["reform"], "from": 8, "ramp": 8},
        {"rule": "supervision", "probability": draw["supervision"], "penalty": 0.3, "from": 8, "ramp": 8},
        {"rule": "platform", "reach": draw["platform"], "from": 8, "ramp": 8},
        charter,
    ]
    paid: dict[str, Any] = {"rule": "subsidy", "rate": draw["subsidy"], "from": 8}
    return {
        f"{name}, world {number}": base.with_overrides(policies=[*reformed, rule])
        for name, rule in ((ENDS, paid | {"until": EXIT}), (GOES_ON, paid))
    }


def draws(n: int) -> list[dict[str, float]]:
    """n worlds, spread evenly over the ranges by a scrambled Sobol sequence."""
    from scipy.stats import qmc

    unit = qmc.Sobol(len(RANGES), rng=1).random(n)
    return [
        {
            name: round(low + float(u) * (high - low), 4)
            for (name, (low, high)), u in zip(RANGES.items(), row, strict=True)
        }
        for row in unit
    ]


def ask(setting: Setting) -> Reply:
    """Play every world twice, and look for each community ten years on."""
    n = 32 if setting.is_quick else 256
    wanted: list[tuple[str, int, Scenario]] = []
    for i, draw in enumerate(draws(n)):
        # Each world has a seed of its own.
        wanted += worlds(setting, "outliving-subsidy", arms(i, draw), [i])
    seen = looked(setting, wanted, communities, "outliving-subsidy")
    # Where no community stands anywhere there is no row.
    seen = seen.reindex(columns=["arm", "seed", "community", "stays", *MARKS])
    seen[["arm", "world"]] = seen["arm"].astype(str).str.extract(r"^(.*), world (\d+)$")
    seen["world"] = seen["world"].astype(int)
    ended: Any = seen[seen["arm"] == ENDS]
    marks = judged(ended)
    lives = survival(seen)
    return Reply(
        answer(lives, marks),
        {"survival": lives, "marks": marks},
        {"marks": picture(marks)},
        len(wanted),
        {"worlds": f"{n} drawn worlds of classroom, a seed each", "ranges": str(RANGES),
         "seeds": f"{wanted[0][1]} to {wanted[-1][1]}"},
        conclusions=_conclusions(lives, marks),
    )  # fmt: skip


def survival(seen: pd.DataFrame) -> pd.DataFrame:
    """Share of communities that are there ten years later, by arm and by the ledger's word; intervals over worlds."""
    found: list[dict[str, Any]] = []
    for arm in (ENDS, GOES_ON):
        of: Any = seen[seen["arm"] == arm]
        for word, own in (
            ("all", of),
            ("yes", of[of["is_self_sustaining"] > 0]),
            ("no", of[of["is_self_sustaining"] == 0]),
        ):
            value, low, high = _share(own)
            found.append(
                {"arm": arm, "self_sustaining": word, "communities": len(own), "worlds": own["world"].nunique(),
                 "stays": value, "low": low, "high": high}
            )  # fmt: skip
    return pd.DataFrame(found)


def _share(own: pd.DataFrame) -> tuple[float, float, float]:
    """Share that stays, with its interval over worlds: communities of one world go together."""
    if own.empty:
        return np.nan, np.nan, np.nan
    by: Any = own.groupby("world")["stays"].agg(["sum", "count"])
    if len(by) < FEWEST_WORLDS:
        return float(column(own, "stays").mean()), np.nan, np.nan
    return ratio_interval(by["sum"].to_numpy(float), by["count"].to_numpy(float))


def auc(values: np.ndarray[Any, Any], stays: np.ndarray[Any, Any]) -> float:
    """Chance that one that stays has more of a mark than one that does not; ties count half. NaN where all do alike."""
    from scipy.stats import rankdata

    there = np.isfinite(values)
    values, stays = values[there], stays[there]
    n, m = int(stays.sum()), int((~stays).sum())
    if not n or not m:
        return np.nan
    return float((rankdata(values)[stays].sum() - n * (n + 1) / 2) / (n * m))


def judged(ended: pd.DataFrame) -> pd.DataFrame:
    """How well each mark tells beforehand which communities stay: one half of the worlds chooses, the other judges."""
    chooses: Any = ended[ended["world"] % HALF == 0]
    judges: Any = ended[ended["world"] % HALF == 1]
    own = sorted(set(judges["world"].tolist()))
    places = {world: np.flatnonzero(judges["world"].to_numpy() == world) for world in own}
    generator = np.random.default_rng(0)
    stays = judges["stays"].to_numpy(bool)
    values = {mark: column(judges, mark) for mark in MARKS}
    drawn: dict[str, list[float]] = {mark: [] for mark in MARKS}
    for _ in range(RESAMPLES if own else 0):
        chosen = np.concatenate([places[own[k]] for k in generator.integers(0, len(own), len(own))])
        for mark in MARKS:
            drawn[mark].append(auc(values[mark][chosen], stays[chosen]))
    first = {mark: auc(column(chooses, mark), chooses["stays"].to_numpy(bool)) for mark in MARKS}
    order = sorted(MARKS, key=lambda mark: -np.nan_to_num(first[mark], nan=0.0))
    best = np.array(drawn[order[0]])
    found: list[dict[str, Any]] = []
    for rank, mark in enumerate(order, start=1):
        own_draws = np.array(drawn[mark])
        low, high = _middle(own_draws)
        ahead_low, ahead_high = _middle(best - own_draws)
        found.append(
            {"rank": rank, "mark": mark, "label": MARKS[mark], "auc_chosen": first[mark],
             "auc": auc(values[mark], stays), "low": low, "high": high,
             "best_ahead_low": ahead_low if rank > 1 else np.nan,
             "best_ahead_high": ahead_high if rank > 1 else np.nan, "communities": len(judges)}
        )  # fmt: skip
    return pd.DataFrame(found)


def _middle(draws: np.ndarray[Any, Any]) -> tuple[float, float]:
    there = draws[np.isfinite(draws)]
    if len(there) < 2:
        return np.nan, np.nan
    low, high = np.quantile(there, [0.025, 0.975])
    return float(low), float(high)


def _row(lives: pd.DataFrame, arm: str, word: str) -> dict[str, Any]:
    return rows(where(lives, arm=arm, self_sustaining=word))[0]


def _percent(row: Mapping[str, Any]) -> str:
    told = f"{row['stays']:.0%}"
    return f"{told} [{row['low']:.0%}, {row['high']:.0%}]" if np.isfinite(row["low"]) else told


def answer(lives: pd.DataFrame, marks: pd.DataFrame) -> str:
    """The answer in words."""
    ends, goes = _row(lives, ENDS, "all"), _row(lives, GOES_ON, "all")
    if not ends["communities"]:
        return say("No community stood when the subsidy ended.")
    said = [
        say(
            "Of {n} communities that stood when the subsidy ended {stays} were there ten years later; where it went "
            "on, {other} of {m}.",
            n=int(ends["communities"]), stays=_percent(ends), other=_percent(goes), m=int(goes["communities"]),
        )
    ]  # fmt: skip
    yes, no = _row(lives, ENDS, "yes"), _row(lives, ENDS, "no")
    few = [row for row in (yes, no) if row["communities"] > 0 and not np.isfinite(row["low"])]
    if yes["communities"] and no["communities"] and few:
        is_yes = few[0] is no
        said.append(
            say(
                "By their ledgers all but {n} would stand without public money: in too few worlds to hold the two "
                "against each other." if is_yes
                else "By their ledgers all but {n} would fall without public money: in too few worlds to hold the two "
                "against each other.",
                n=int(few[0]["communities"]),
            )
        )  # fmt: skip
    elif yes["communities"] and no["communities"]:
        said.append(
            say(
                "Of those whose members would all gain without public money {yes} stayed, of the others {no} ({n}).",
                yes=_percent(yes), no=_percent(no), n=int(no["communities"]),
            )
        )  # fmt: skip
    else:
        said.append(
            say(
                "By their ledgers all {n} would stand without public money." if yes["communities"]
                else "By their ledgers none of the {n} would stand without public money.",
                n=int(ends["communities"]),
            )
        )  # fmt: skip
    best = rows(marks)[0]
    if not np.isfinite(best["low"]):
        said.append(say("All of them fare alike, so that no mark tells them apart."))
        return " ".join(said)
    is_told = best["low"] > 0.5
    numbers = {key: f"{best[key]:.2f}" for key in ("auc", "low", "high")}
    said.append(
        say(
            "What tells them apart best beforehand is: {mark} (chance that one that stays has more of it than one that "
            "goes: {auc} [{low}, {high}], in worlds that did not choose it)." if is_told
            else "No mark tells them apart: the best in one half of the worlds, {mark}, does not in the other "
            "({auc} [{low}, {high}]).",
            mark=spoken(best["label"]), **numbers,
        )
    )  # fmt: skip
    if is_told:
        second = rows(marks)[1]
        said.append(
            say(
                "It tells more than the next, {mark}." if second["best_ahead_low"] > 0
                else "That it tells more than the next, {mark}, is not certain.",
                mark=spoken(second["label"]),
            )
        )  # fmt: skip
    return " ".join(said)


def _conclusions(lives: pd.DataFrame, marks: pd.DataFrame) -> dict[str, str]:
    best, ends = rows(marks)[0], _row(lives, ENDS, "all")
    ledger = rows(where(marks, mark="is_self_sustaining"))[0]
    return {
        "most communities outlive their subsidy": "yes"
        if ends["low"] > 0.5
        else "no"
        if ends["high"] < 0.5
        else "not told",
        "the ledger's word tells which": "yes" if ledger["low"] > 0.5 else "not told",
        "some mark tells which": "yes" if best["low"] > 0.5 else "not told",
    }


@drawing()
def picture(marks: pd.DataFrame) -> Figure:
    """How well each mark tells which communities stay."""
    figure, ax = panel(0.8 + 0.36 * len(marks))
    ax.axvline(0.5, color=PALE, linewidth=1)
    for i, row in enumerate(rows(marks)):
        colour = BLUE if row["low"] > 0.5 else GREY
        ax.plot([row["low"], row["high"]], [i, i], color=colour, linewidth=2, solid_capstyle="butt")
        ax.plot(row["auc"], i, "o", color=colour, markersize=6)
    named_rows(ax, [spoken(str(row["label"])) for row in rows(marks)])
    ax.set_xlim(0.0, 1.0)
    ax.set_xlabel("chance that one that stays has more of it than one that goes")
    figure.set_label(
        "How well what is known when the subsidy ends tells which communities are there ten years later, in the half "
        "of the worlds that did not choose; with 95 % intervals over worlds."
    )
    return figure
