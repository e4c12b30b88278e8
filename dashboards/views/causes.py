"""Why tables fail: the last year's failures by cause over time, as shares of all tables.

Causes keep their order, glyph, colour and pattern in every picture. The colour says what kind of
obstacle it is: not seeing each other, rules and money, trust, or what is wanted itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.world.vocabulary import CAUSES
from dashboards.live.scenes import Scene, Seen, Table, yearly_sums
from dashboards.views.live_view import view
from dashboards.words import percent
from dashboards.words.vocabulary import cause_names, words

if TYPE_CHECKING:
    from abm.world.state import Floats
    from dashboards.live.frames import World

KIND = "causes"

ORDER = (
    "no_common_interest", "several", "skill_mismatch", "distrust", "poaching", "cold_partner", "evaluation", "funding",
    "policy_inconsistency", "communication_cost", "unidentified_interest",
)  # fmt: skip
"""From the bottom of the stack to its top: what is wanted, trust, rules and money, seeing each other."""


def ground(world: World, language: str) -> Scene:
    """Names of the causes, from the bottom to the top."""
    names = cause_names(language)
    return Scene(
        words={
            "names": [names[CAUSES.index(cause)] for cause in ORDER], "causes": list(ORDER),
            "horizon": world.scenario.steps,
        }
    )  # fmt: skip


def shares(seen: Seen) -> Floats:
    """Failures by cause over tables, both of the last year, at each step. Shape [len(ORDER), step]."""
    tables = yearly_sums(seen.regional("tables").sum(axis=1))
    counts = np.array([yearly_sums(seen.regional(f"failed_{cause}").sum(axis=1)) for cause in ORDER])
    return counts / np.maximum(tables, 1.0)


def scene(seen: Seen) -> Scene:
    """Shares of all tables by cause."""
    spoken, found = words(seen.language), shares(seen)
    names = dict(zip(CAUSES, cause_names(seen.language), strict=True))
    if not seen.step or not found[:, -1].any():
        return Scene(spoken["causes_none"], {"step": seen.step, "shown": 0}, {"shares": found})
    largest = ORDER[int(np.argmax(found[:, -1]))]

    def table() -> Table:
        rows = sorted(zip(ORDER, found[:, -1].tolist(), strict=True), key=lambda row: -row[1])
        return [spoken["cause"], spoken["causes_of_tables"]], [
            [names[cause], percent(seen.language, share)] for cause, share in rows
        ]

    return Scene(
        spoken["causes_label"].format(cause=names[largest], share=percent(seen.language, found[:, -1].max())),
        {"step": seen.step},
        {"shares": found},
        table,
    )


View = view(KIND, scene, ground)
