"""What it costs in yuan: public money by lever, and what a substantive contract costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.results.figures import number
from abm.scenario.policies import rules
from abm.world.levers import BY_NAME, SPENDING
from dashboards.live.scenes import Scene, Seen, Table, yearly_sums
from dashboards.views.live_view import view
from dashboards.words.vocabulary import as_said, words

if TYPE_CHECKING:
    from dashboards.live.frames import World

KIND = "money"
LEVER_OF = {"subsidy": "subsidy_rate"}
"""Lever behind a kind of spending where it bears another name."""


def kind_names(language: str) -> list[str]:
    """Names of the kinds of spending, those of their levers; of one with several levers that of its rule."""
    found: list[str] = []
    for kind in SPENDING:
        what = BY_NAME.get(LEVER_OF.get(kind, kind)) or rules()[kind]
        found.append(what.label_zh if language == "zh" else what.label.lower())
    return found


def ground(world: World, language: str) -> Scene:
    """Names of the kinds, how long the run may become, and the yardstick: yearly tax of a mean enterprise."""
    return Scene(
        words={"names": kind_names(language), "horizon": world.scenario.steps, "tax": 4 * world.scenario.p.tax_due}
    )


def scene(seen: Seen) -> Scene:
    """Money of the last year by kind at each step, and its price a substantive contract."""
    spoken = words(seen.language)
    unit = as_said(seen.world.scenario.p.kcny_per_unit, seen.language)
    spent = unit * np.array([yearly_sums(seen.regional(f"spent_{kind}").sum(axis=1)) for kind in SPENDING])
    each = unit * seen.last("spent_per_substantive_tie") if seen.step else float("nan")
    total = float(spent[:, -1].sum()) if seen.step else 0.0

    def table() -> Table:
        rows = zip(kind_names(seen.language), spent.T[-1] if seen.step else [0.0] * len(SPENDING), strict=True)
        return [spoken["money_kind"], spoken["money_year"]], [[name, number(float(value))] for name, value in rows]

    said = (f"{number(value)} {spoken['money_unit']}" for value in (total, each))
    label = spoken["money_label"].format(**dict(zip(("total", "each"), said, strict=True)))
    words_sent = {"step": seen.step, "each": float(each) if np.isfinite(each) else None, "total": total}
    return Scene(label, words_sent, {"spent": spent}, table)


View = view(KIND, scene, ground)
