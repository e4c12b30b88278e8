"""Enterprises' part in what is planned and taught, in four areas (Eq. 106; paper 3.1 [9]).

Each follows from what decides in the model: whom colleges listen to when they move places between programmes and when
they revise curricula, who changes what is taught between two revisions, and where training takes place.
"""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.measurement.metrics import Metric, Seen
from abm.world.levers import L
from abm.world.programmes import deep_depth, partner_places, partners_weight

METRICS = (
    Metric(
        "codesign",
        "enterprises' part in design and teaching",
        "企业参与设计与教学的程度",
        "1",
        0,
        1,
        "Mean of the enterprises' weight in programmes, curricula, textbooks and teaching.",
        "[9]",
    ),
    Metric(
        "codesign_programmes",
        "enterprises' part in the plan of programmes",
        "企业在专业规划中的份额",
        "1",
        0,
        1,
        "Weight of partners' word in the value by which places move between programmes, mean by seats; 0 where none "
        "move.",
        "[9]",
    ),
    Metric(
        "codesign_curricula",
        "enterprises' part in curricula",
        "企业在课程修订中的份额",
        "1",
        0,
        1,
        "Weight of partners' demand in a revision of the curriculum, mean by seats.",
        "[9]",
    ),
    Metric(
        "codesign_textbooks",
        "enterprises' part in textbooks",
        "企业在教材中的份额",
        "1",
        0,
        1,
        "Weight of deep partners (level 3 or more) in what is changed between two revisions, mean by seats.",
        "[9]",
    ),
    Metric(
        "codesign_teaching",
        "enterprises' part in teaching",
        "企业在教学中的份额",
        "1",
        0,
        1,
        "Share of training that takes place in enterprises, with their people.",
        "[9]",
    ),
)
_ADJUSTMENT, _FORESIGHT = int(L.PROGRAMME_ADJUSTMENT), int(L.FORESIGHT)


@kernel(borrows=True)
def weights_in_planning(levers, region, partner_limit, programmes, deep, information):
    """Enterprises' weight in programmes, curricula and textbooks, mean over programmes by seats, NaN without any."""
    n_fields = programmes.seats.shape[0] // max(1, region.shape[0])
    total, planned, revised, kept = 0.0, 0.0, 0.0, 0.0
    for row in range(programmes.seats.shape[0]):
        seats = programmes.seats[row]
        if seats <= 0.0:
            continue
        c = row // n_fields
        places = partner_places(programmes.seats, partner_limit, c, row % n_fields, n_fields)
        heard = partners_weight(programmes.partner_depth[row], places, information)
        total += seats
        if levers[region[c], _ADJUSTMENT] > 0.0 and heard > 0.0:
            planned += seats * heard / (heard + programmes.related[row])
        revised += seats * heard * (1.0 - levers[region[c], _FORESIGHT])
        kept += seats * partners_weight(deep[row], places, information)
    if total <= 0.0:
        return np.nan, np.nan, np.nan
    return planned / total, revised / total, kept / total


def measure(seen: Seen) -> dict[str, float]:
    """The four areas, and their mean."""
    state, c = seen.state, seen.state.colleges
    n_fields = len(state.sectors.demand)
    deep = deep_depth(state.ties, n_fields, len(state.programmes.seats))
    areas = (
        *weights_in_planning(
            state.governments.levers, c.region, c.partner_limit, state.programmes, deep, seen.p.partner_information
        ),
        seen.flow("take_up"),
    )
    names = ("codesign_programmes", "codesign_curricula", "codesign_textbooks", "codesign_teaching")
    return {"codesign": sum(areas) / len(areas), **dict(zip(names, areas, strict=True))}
