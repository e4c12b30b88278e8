"""Shortage and surplus by field and region, and how the emerging field fares (Eq. 104; paper 1.2, 3.2 [10])."""

from __future__ import annotations

import numpy as np

from abm.quarter.measurement.metrics import NAN, Metric, Seen, share
from abm.world.emerging import emerging_sector
from abm.world.state import Floats

REGIONAL = (
    Metric(
        "field_mismatch",
        "graduates too many or too few by field",
        "分专业供需错配度",
        "1",
        0,
        1e6,
        "Graduates too many or too few, summed over fields and regions, over vacancies; measured once a year.",
        "paper 3.2 [10]",
    ),
    Metric(
        "unfilled_emerging",
        "open vacancies of the emerging sector",
        "新兴行业岗位空缺率",
        "1",
        0,
        1,
        "Vacancies of the emerging sector open now over those it posted at graduation, at most 1.",
        "paper 1.2, 4.3 [23]",
    ),
    Metric(
        "emerging_share",
        "vacancies in the emerging sector",
        "新兴行业岗位占比",
        "1",
        0,
        1,
        "Share of the vacancies posted at graduation that the emerging sector posted; measured once a year.",
        "paper 1.2",
    ),
    Metric(
        "emerging_places",
        "places in the emerging field",
        "新兴专业招生占比",
        "1",
        0,
        1,
        "Share of colleges' places in the field of the emerging sector.",
        "paper 4.3 [23]",
    ),
)
METRICS = REGIONAL


def measure(seen: Seen) -> dict[str, float]:
    """What the labour market compared, and places by entrants of their region."""
    measured = seen.state.measured
    return {
        "field_mismatch": measured.get("field_mismatch", NAN),
        "unfilled_emerging": seen.flow("unfilled_emerging"),
        "emerging_share": measured.get("emerging_share", NAN),
        "emerging_places": _places_of_all(seen),
    }


def by_region(seen: Seen) -> dict[str, Floats]:
    """The same of each region."""
    unknown = np.full(len(seen.state.governments.id), np.nan)
    names = (metric.name for metric in REGIONAL if metric.name != "emerging_places")
    return {**{name: seen.state.regional.get(name, unknown) for name in names}, "emerging_places": _places(seen)}


def _emerging(seen: Seen) -> int:
    return emerging_sector(seen.p, len(seen.state.sectors.demand))


def _places_of_all(seen: Seen) -> float:
    """Share of all places in the emerging field; NaN without colleges or without such a field."""
    if _emerging(seen) < 0:
        return NAN
    places, entrants = _places(seen), seen.state.governments.entrants
    return share(float(np.nansum(places * entrants)), float(entrants[~np.isnan(places)].sum()))


def _places(seen: Seen) -> Floats:
    """The same of each region's places. [R]"""
    state, emerging = seen.state, _emerging(seen)
    places = np.full(len(state.governments.id), np.nan)
    if emerging >= 0:
        region, own = state.colleges.region, state.programmes.seats[emerging :: len(state.sectors.demand)]
        places[region] = 0.0
        np.add.at(places, region, own)
    return places
