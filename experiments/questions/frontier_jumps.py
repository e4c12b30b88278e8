"""How fast must programmes adjust when the frontier jumps?

Over a frontier of technology that moves, fifteen years in, a disruptive technology lifts it in every sector and asks
for other skills. Enterprises reach it as far as their staff fits, so schools that follow faster should let the
productive forces come back sooner. Worlds differ in how often curricula are revised and in what share of its places a
college may move between programmes in a year; each is held against the same world without the jump, under the same
seed. What the index of productive forces lacks in the five years after the jump is its price; what speed saves of it is
the answer.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm import scenario
from abm.machine.language import say
from experiments.analysis._runs import Floats, column, rows
from experiments.analysis.intervals import mean_interval
from experiments.design import load
from experiments.figures.panels import BLUE, PALE, VERMILION, panel
from experiments.figures.style import drawing
from experiments.questions import Reply, Setting
from experiments.questions._asking import provenance, study
from experiments.questions._looking import anew, one, where

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.design import Design

TITLE = "How fast programmes must adjust"
CAVEATS = (
    "The jump lifts the frontier by half in every sector at once and turns its skills as far as it can.",
    "Revising curricula and moving places cost no public money in the model.",
    "The world is reformed; how much less is lost where schools and enterprises are tied is another question.",
)
JUMP, AFTER = 60, 20
"""The quarter of the jump in the scenario `emerging_industry`, and the quarters after it that are counted."""
INTERVALS = (1, 4, 8, 12, 20)
"""Quarters between revisions of a curriculum."""
NONE, MOST = 0.0, 0.5
"""Share of its places that a college may move in a year: none, and as many as the model has it."""
CATALOGUE = 20
"""Quarters between revisions of the national catalogue: the pace that is held against quicker ones."""
SPARED, STRUCK = "spared", "struck"
INTERVAL, SHARE = "curriculum_revision.interval", "programme_adjustment"
NOTHING = {"frontier_jump_size": 0.0, "frontier_jump_skills": 0.0}
"""A jump that changes nothing."""


def ask(setting: Setting) -> Reply:
    """Strike worlds of every speed, and hold each against the one that is spared."""
    design = _design(setting)
    runs = study(replace(setting, variant=None), design).runs()
    losses = lost(runs)
    table = by_speed(losses)
    gains = saved(losses)
    return Reply(
        answer(table, gains),
        {"losses": table, "saved": gains},
        {"losses": picture(table)},
        len(runs),
        provenance([design], jump=JUMP),
        conclusions={str(row["pace"]): _sign(row) for row in rows(gains)},
    )


def _design(setting: Setting) -> Design:
    world = scenario.load("emerging_industry").with_overrides(steps=JUMP + AFTER)
    base = setting.varied(one("frontier-jumps", world, 4 if setting.is_quick else 24))
    arms = {SPARED: NOTHING, STRUCK: {}}
    vary = {"arm": list(arms), INTERVAL: list(INTERVALS), SHARE: [NONE, MOST]}
    outcomes = {"forces": {"metric": "productive_forces", "reduce": "mean", "last": AFTER}}
    return load({**anew(base), "arms": arms, "sampler": "grid", "vary": vary, "outcomes": outcomes})


def lost(runs: pd.DataFrame) -> pd.DataFrame:
    """What the index of productive forces lacks after the jump, a row a speed and seed."""
    wide: Any = runs.pivot(index=[INTERVAL, SHARE, "replication"], columns="arm", values="forces").reset_index()
    return wide.assign(lost=wide[SPARED] - wide[STRUCK]).rename(columns={INTERVAL: "interval", SHARE: "share"})


def by_speed(losses: pd.DataFrame) -> pd.DataFrame:
    """Mean loss with its 95 % interval for each speed."""
    found: list[dict[str, Any]] = []
    for interval, share in product(INTERVALS, (NONE, MOST)):
        own = where(losses, interval=interval, share=share)
        mean, low, high = mean_interval(column(own, "lost"))
        spared = float(column(own, SPARED).mean())
        found.append(
            {"revision_interval": interval, "programme_adjustment": share, "lost": mean, "low": low, "high": high,
             "spared": spared, "n_pairs": len(own)}
        )  # fmt: skip
    return pd.DataFrame(found)


def _at(losses: pd.DataFrame, interval: int, share: float) -> Floats:
    return column(where(losses, interval=interval, share=share).sort_values("replication"), "lost")


def saved(losses: pd.DataFrame) -> pd.DataFrame:
    """What a quicker pace saves of the loss, against the catalogue's pace and no places moved; seed by seed."""
    usual = _at(losses, CATALOGUE, NONE)
    found: list[dict[str, Any]] = []
    paces = [*((interval, NONE) for interval in INTERVALS if interval < CATALOGUE), (CATALOGUE, MOST)]
    for interval, share in paces:
        mean, low, high = mean_interval(usual - _at(losses, interval, share), among=len(paces))
        pace = f"revised every {interval} quarters" if share == NONE else "half of the places moved a year"
        found.append(
            {"pace": pace, "revision_interval": interval, "programme_adjustment": share, "saved": mean, "low": low,
             "high": high, "share_of_loss": mean / usual.mean(), "n_pairs": len(usual)}
        )  # fmt: skip
    return pd.DataFrame(found)


def _sign(row: dict[str, Any]) -> str:
    return "saves" if row["low"] > 0 else "costs" if row["high"] < 0 else "not told"


def answer(table: pd.DataFrame, gains: pd.DataFrame) -> str:
    """The answer in words."""
    usual = rows(where(table, revision_interval=CATALOGUE, programme_adjustment=NONE))[0]
    said = [
        say(
            "With curricula revised every {n} quarters the jump takes {lost} [{low}, {high}] off the index of "
            "productive forces ({spared}) over the five years after it.",
            n=CATALOGUE, spared=f"{usual['spared']:.2f}", **_numbers(usual, "lost"),
        )
    ]  # fmt: skip
    quicker = rows(where(gains, programme_adjustment=NONE))
    helps = [row for row in quicker if _sign(row) == "saves"]
    if helps:
        slowest, most = max(helps, key=lambda row: row["revision_interval"]), max(helps, key=lambda row: row["saved"])
        said.append(
            say(
                "The slowest pace that saves more than chance is every {n} quarters; most is saved by revising every "
                "quarter: {saved} [{low}, {high}], {share} of the loss." if most["revision_interval"] == 1
                else "The slowest pace that saves more than chance is every {n} quarters; most is saved by revising "
                "every {m} quarters: {saved} [{low}, {high}], {share} of the loss.",
                n=int(slowest["revision_interval"]), m=int(most["revision_interval"]),
                share=f"{most['share_of_loss']:.0%}", **_numbers(most, "saved"),
            )
        )  # fmt: skip
    else:
        best = max(quicker, key=lambda row: row["saved"])
        said.append(
            say(
                "No quicker pace saves more than chance; at best {saved} [{low}, {high}] is saved.",
                **_numbers(best, "saved"),
            )
        )
    quick = rows(where(table, revision_interval=min(INTERVALS), programme_adjustment=NONE))[0]
    said.append(
        say(
            "Without the jump the index is {quick} where curricula are revised every quarter, as against {usual}.",
            quick=f"{quick['spared']:.2f}", usual=f"{usual['spared']:.2f}",
        )
    )  # fmt: skip
    moved = rows(where(gains, programme_adjustment=MOST))[0]
    word = _sign(moved)
    said.append(
        say(
            "Moving half of the places a year saves {saved} [{low}, {high}]." if word == "saves"
            else "Moving half of the places a year makes it worse: it saves {saved} [{low}, {high}]." if word == "costs"
            else "That moving half of the places a year saves any is not told from chance: {saved} [{low}, {high}].",
            **_numbers(moved, "saved"),
        )
    )  # fmt: skip
    return " ".join(said)


def _numbers(row: dict[str, Any], name: str) -> dict[str, str]:
    return {key: f"{row[of]:.3f}" for key, of in ((name, name), ("low", "low"), ("high", "high"))}


@drawing()
def picture(table: pd.DataFrame) -> Figure:
    """Loss by revision interval, with no places moved and with as many as can be."""
    figure, ax = panel(2.8)
    ax.axhline(0.0, color=PALE, linewidth=1)
    for share, colour, label in ((NONE, BLUE, "no places moved"), (MOST, VERMILION, "half of the places moved a year")):
        own = where(table, programme_adjustment=share).sort_values("revision_interval")
        x = column(own, "revision_interval")
        ax.fill_between(x, column(own, "low"), column(own, "high"), color=colour, alpha=0.18, linewidth=0)
        ax.plot(x, column(own, "lost"), "o-", color=colour, markersize=4, label=label)
    ax.set_xscale("log")
    ax.set_xticks(INTERVALS, [str(quarters) for quarters in INTERVALS])
    ax.minorticks_off()
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("quarters between revisions of a curriculum")
    ax.set_ylabel("productive forces lost")
    ax.legend()
    figure.set_label(
        "What a jump of the frontier takes off the index of productive forces over the five years after it, by how "
        "fast schools follow; with 95 % intervals."
    )
    return figure
