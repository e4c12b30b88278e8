"""The thirty-one provinces of mainland China, from official statistics (abm/population/data/SOURCES.md).

What is measured by province: colleges (2021), GDP, R&D and general budget spending (2021), shares
of the three sectors (2022), borders. What is not stands in by a proxy, named where it is used.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from abm.machine import language
from abm.machine.errors import InputError
from abm.population.tables import (
    Regions,
    SectorProfiles,
    Tables,
    largest_remainder,
    unknown_colleges,
    unknown_enterprises,
)
from abm.world.state import Floats, Keys

if TYPE_CHECKING:
    from abm.population.spec import PopulationSpec

FOLDER = Path(__file__).with_name("data")

N_ENTERPRISES = 100_000
"""Enterprises at scale 1. Assumption: a round number of those large enough to cooperate; 377,888 industrial
enterprises were above designated size in 2014 (NBS), and no count of one year by province was found."""
LOWEST_TECHNOLOGY, HIGHEST_TECHNOLOGY = 0.1, 0.6
"""Starting technology of the provinces with the lowest and the highest R&D intensity. Assumption."""
SECONDARY_SHARE = 4 / 7
"""Share of the sectors beside the first that belong to secondary industry. Assumption: 1, 4, 3 of eight."""
KEYS_A_PROVINCE = 1 << 24
"""Ids kept free for one province, so that a part of the country, or another scale, holds the same institutions."""


class Province(NamedTuple):
    """One row of provinces.csv."""

    code: str
    name: str
    name_zh: str
    nbs_region: str
    colleges: float  # counted in 2021
    new_entrants: float  # of all levels in 2021, 10,000 persons
    gdp: float  # 2021, 100 million yuan
    primary: float  # % of value added in 2022
    secondary: float
    tertiary: float
    rd_spending: float  # 2021, 100 million yuan
    budget_spending: float  # 2021, 100 million yuan
    tile: tuple[int, int]  # column and row on the tile map, from the top left


def read_rows(name: str) -> list[list[str]]:
    """Rows of a table of the package, without its header."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def short_zh(name: str) -> str:
    """A province's Chinese name as one says it, without what kind of province it is."""
    return re.sub("(?:省|市|(?:壮族|回族|维吾尔)?自治区)$", "", name)


@cache
def provinces() -> tuple[Province, ...]:
    """All provinces in the order of the official tables."""
    found: list[Province] = []
    for code, name, name_zh, nbs_region, *figures in read_rows("provinces.csv"):
        a, b, c, d, e, f, g, h, column, row = map(float, figures)
        found.append(Province(code, name, name_zh, nbs_region, a, b, c, d, e, f, g, h, (int(column), int(row))))
    return tuple(found)


language.know_labels(lambda: ((p.name, p.name_zh) for p in provinces()))


def students_enrolled() -> float:
    """Higher vocational students enrolled in the country (MoE 2021)."""
    (row,) = [row for row in read_rows("national.csv") if row[0].endswith("students enrolled")]
    return float(row[2])


def neighbours(codes: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which of the provinces border on each other. Shape [R, R]."""
    place = {code: row for row, code in enumerate(codes)}
    links = np.zeros((len(codes), len(codes)), np.bool_)
    for a, b, _ in read_rows("neighbours.csv"):
        if a in place and b in place:
            links[place[a], place[b]] = links[place[b], place[a]] = True
    return links


def tiles() -> dict[str, tuple[int, int]]:
    """Place of each province, by name, on the tile map: (column, row) from the top left."""
    return {province.name: province.tile for province in provinces()}


def chosen(everyone: Sequence[Province], wanted: Sequence[str]) -> list[int]:
    """Rows of the provinces that a scenario wants, by code or name; all when it names none."""
    if not wanted:
        return list(range(len(everyone)))
    known = {label: row for row, p in enumerate(everyone) for label in (p.code, p.name, p.name_zh)}
    for label in wanted:
        if label not in known:
            near = get_close_matches(label, known, n=1, cutoff=0.5)
            mend = f"did you mean {near[0]!r}?" if near else "write a name as 'Guangdong' or a code as 'CN-GD'"
            raise InputError(f"{label!r}", place="`regions` of the population", why="is no province", mend=mend)
    return sorted({known[label] for label in wanted})


def sector_names(n: int) -> tuple[str, ...]:
    """Names of ``n`` sectors: agriculture first, then industries, then services."""
    if n == 1:
        return ("economy",)
    n_secondary = round(SECONDARY_SHARE * (n - 1)) if n > 2 else 0
    industries = tuple(f"industry {i + 1}" for i in range(n_secondary))
    return ("agriculture", *industries, *(f"services {i + 1}" for i in range(n - 1 - n_secondary)))


def sector_shares(province: Province, n: int) -> Floats:
    """Shares of ``n`` sectors in a province's enterprises and programmes, from value added. Shape [S].

    Sectors of one of the three official groups share it equally (assumption: finer shares by
    province are not in the table). With two sectors the second holds all but the primary one.
    """
    names = sector_names(n)
    groups = {"economy": 1.0, "agriculture": province.primary, "industry": province.secondary}
    groups["services"] = province.tertiary + (province.secondary if n == 2 else 0.0)
    kinds = [name.split()[0] for name in names]
    shares = np.array([groups[kind] / kinds.count(kind) for kind in kinds])
    return shares / shares.sum()


def from_provinces(spec: PopulationSpec) -> Tables:
    """The country, or the provinces named by ``spec.regions``, at ``spec.scale`` (1 = one to one)."""
    everyone = provinces()
    gdp = np.array([p.gdp for p in everyone])
    spending = np.array([p.budget_spending for p in everyone])
    intensity = np.array([p.rd_spending for p in everyone]) / gdp
    technology = np.interp(intensity, (intensity.min(), intensity.max()), (LOWEST_TECHNOLOGY, HIGHEST_TECHNOLOGY))
    official = np.array([p.colleges for p in everyone])
    n_colleges = largest_remainder(round(float(official.sum()) * spec.scale), official, at_least=1)
    n_enterprises = largest_remainder(round(N_ENTERPRISES * spec.scale), gdp, at_least=1)
    # Proxy: vocational entrants by province were not found; entrants of all levels stand in for their spread.
    intake = np.array([p.new_entrants for p in everyone])
    entrants = largest_remainder(round(students_enrolled() * spec.scale / 3), intake, at_least=1)
    rows = np.array(chosen(everyone, spec.regions), np.int64)
    picked = [everyone[int(row)] for row in rows]
    places = np.arange(len(rows), dtype=np.int32)
    colleges = unknown_colleges(np.repeat(places, n_colleges[rows]))
    enterprises = unknown_enterprises(np.repeat(places, n_enterprises[rows]))
    return Tables(
        Regions(
            id=rows.astype(np.uint32),
            name=tuple(p.name for p in picked),
            entrants=entrants[rows],
            # Public money follows general budget spending; the national mean per enterprise is 1.
            budget=((spending / spending.sum()) / (gdp / gdp.sum()))[rows],
            technology=technology[rows],
            sector_shares=np.array([sector_shares(p, spec.n_sectors) for p in picked]),
            adjacency=neighbours([p.code for p in picked]),
        ),
        SectorProfiles(sector_names(spec.n_sectors), np.full((spec.n_sectors, spec.n_skills), np.nan)),
        colleges._replace(id=keys(rows, n_colleges[rows])),
        enterprises._replace(id=keys(rows, n_enterprises[rows])),
    )


def keys(rows: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Keys:
    """Ids of institutions: the province's row in the official table and a count within it."""
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return (np.repeat(rows * KEYS_A_PROVINCE, counts) + np.arange(int(counts.sum()), dtype=np.int64) - first).astype(
        np.uint32
    )
