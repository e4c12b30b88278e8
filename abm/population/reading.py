"""Reads a user's tables (CSV, workbooks, parquet or DataFrames) into ``Tables``. The only place that needs pandas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from abm.population import files, identity
from abm.population.checking import Checked, Problems
from abm.population.files import EXAMPLE
from abm.population.identity import Members
from abm.population.schema import TABLES
from abm.population.tables import (
    Called,
    CollegeTable,
    EnterpriseTable,
    ProgrammeTable,
    Regions,
    SectorProfiles,
    StudentGroups,
    Tables,
)
from abm.world.state import Floats, Keys

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_STUDENTS = 50_000_000
"""Students a year and cohort; more would not fit into memory."""
MOST_SECTORS = 127
"""Sectors fit into a byte of the student columns."""
LEAST_WEIGHT = 1e-3
"""Share of demand that stands for a skill weight of 0, whose logarithm does not exist."""


def from_files(paths: Path | str | Iterable[Path | str] | None, n_sectors: int = 8, n_skills: int = 8) -> Tables:
    """Read a folder with one file a table, or the files themselves; a text may hold several paths, as PATH does.

    Raises InputError with all that is wrong.
    """
    problems = Problems()
    found = files.find(paths, problems)
    tables = {
        name: Checked(TABLES[name], sheet.frame, sheet.source, problems, sheet.numbers) for name, sheet in found.items()
    }
    return from_checked(tables, problems, n_sectors, n_skills)


def from_frames(frames: Mapping[str, DataFrame], n_sectors: int = 8, n_skills: int = 8) -> Tables:
    """The same from DataFrames by table name (see schema.TABLES). Raises InputError with all that is wrong."""
    problems = Problems()
    for name in frames:
        if name not in TABLES:
            problems.add(f"table {name!r}", "is unknown", f"the tables are {', '.join(TABLES)}")
    known = {
        name: Checked(TABLES[name], files.with_index(frame), name, problems)
        for name, frame in frames.items()
        if name in TABLES
    }
    return from_checked(known, problems, n_sectors, n_skills)


def from_checked(tables: Mapping[str, Checked], problems: Problems, n_sectors: int, n_skills: int) -> Tables:
    """Put checked tables together. Raises InputError with all that was found wrong."""
    for name, table in TABLES.items():
        if table.is_required and name not in tables:
            problems.add(f"table {name!r}", "is missing", EXAMPLE)
    is_whole = all(name in tables for name, table in TABLES.items() if table.is_required)
    if not is_whole or any(table.lacks for table in tables.values()):
        problems.stop_if_any()
    regions, places, of_regions = read_regions(tables["regions"], problems)
    sectors, kinds = read_sectors(tables, problems, n_sectors, n_skills)
    colleges, of_colleges = read_colleges(tables["colleges"], places, kinds)
    enterprises, of_enterprises = read_enterprises(tables["enterprises"], places, kinds)
    if "adjacency" in tables:
        read_borders(tables["adjacency"], places, regions.adjacency)
    programmes = read_programmes(tables["programmes"], of_colleges, kinds) if "programmes" in tables else None
    students = read_students(tables["students"], of_colleges, kinds) if "students" in tables else None
    check_seats(regions, colleges, tables["regions"], problems)
    problems.stop_if_any()
    for table in tables.values():
        for name, n in table.gaps.items():
            problems.notes.append(
                f"{table.source}, column `{name}`: NA, #N/A, - or the like in {n:,} rows is read as empty"
            )
    shares = sector_shares(enterprises, len(regions.id), len(sectors.name))
    called = Called(of_regions, of_colleges, of_enterprises)
    return Tables(
        regions._replace(sector_shares=shares), sectors, colleges, enterprises, students, programmes, called,
        tuple(problems.notes),
    )  # fmt: skip


def read_regions(table: Checked, problems: Problems) -> tuple[Regions, dict[Any, int], Members]:
    """Regions sorted by key, the row of each by name, and what they are called."""
    names = table.texts("region")
    table.unique("region", list(names))
    entrants = table.numbers_of("entrants")
    if table.has("id"):
        ids = table.ids("id")
    else:
        place = {name: i for i, name in enumerate(sorted(set(names)))}
        ids = [str(place[name]) for name in names]
    keys = _keys(table, ids, is_given=table.has("id"))
    order = np.argsort(keys, kind="stable")
    if len(table) == 0:
        problems.add(table.source, "has no rows", "add at least one region")
    if np.nansum(entrants) > MOST_STUDENTS:
        problems.add(table.source, f"{np.nansum(entrants):,.0f} entrants a year", f"at most {MOST_STUDENTS:,} fit")
    budget = table.numbers_of("budget")
    regions = Regions(
        id=keys[order],
        name=tuple(names[row] for row in order),
        entrants=np.nan_to_num(entrants)[order].astype(np.int64),
        budget=np.where(np.isnan(budget), 1.0, budget)[order],
        technology=table.numbers_of("technology")[order],
        sector_shares=np.zeros((len(names), 0)),
        adjacency=np.zeros((len(names), len(names)), np.bool_),
    )
    called = identity.members(ids, names, order)
    return regions, {names[row]: place for place, row in enumerate(order)}, called


def _keys(table: Checked, ids: list[str], *, is_given: bool = True) -> Keys:
    """The draw key of each id; ids that are there twice are noted. Shape [n]."""
    same = [identity.same(text) for text in ids]
    if is_given:
        table.unique("id", same)
    return identity.keys(same)


def _members(table: Checked, ids: list[str], order: Any) -> Members:
    return identity.members(ids, table.texts("name"), order)


def read_sectors(
    tables: Mapping[str, Checked], problems: Problems, n_sectors: int, n_skills: int
) -> tuple[SectorProfiles, dict[Any, int]]:
    """Sectors, and the row of each by name: of the table, else those that others name, else ``n_sectors`` unnamed."""
    if "sectors" in tables:
        table = tables["sectors"]
        names = table.texts("sector")
        table.unique("sector", list(names))
        skills = sorted(str(c) for c in table.frame.columns if str(c).startswith("skill_") and len(str(c)) > 6)
        if not skills:
            problems.add(table.source, "has no column `skill_...`", "add one a skill field, such as `skill_digital`")
        if not names:
            problems.add(table.source, "has no rows", "add at least one sector")
        weights = np.stack([table.numbers_of(s) for s in skills], axis=1) if skills else np.ones((len(names), 1))
        empty = np.flatnonzero(np.nansum(weights, axis=1) <= 0)
        table.problems.add_rows(table, "skill_...", empty, lambda _: "all are 0", "at least one must be above 0")
        weights = np.nan_to_num(weights) / np.maximum(np.nansum(weights, axis=1, keepdims=True), 1e-300)
        # math, not NumPy: its logarithm may differ in the last bit from one processor to the next.
        log_demand = np.array([[math.log(max(w, LEAST_WEIGHT)) for w in row] for row in weights.tolist()])
        log_demand = log_demand.reshape(weights.shape)
        order = sorted(range(len(names)), key=lambda row: names[row])
        names, log_demand = [names[row] for row in order], log_demand[order]
    else:
        named = {*tables["enterprises"].texts("sector"), *tables["colleges"].texts("field")}
        for name in ("programmes", "students"):
            named |= {*tables[name].texts("field")} if name in tables else set()
        named -= {""}
        names = sorted(named) or [f"sector {s + 1}" for s in range(n_sectors)]
        log_demand = np.full((len(names), n_skills), np.nan)
    if len(names) > MOST_SECTORS:
        problems.add("sectors", f"{len(names)} are named", f"at most {MOST_SECTORS} are possible: put some together")
    return SectorProfiles(tuple(names), log_demand), {name: row for row, name in enumerate(names)}


def read_colleges(table: Checked, places: dict[Any, int], kinds: dict[Any, int]) -> tuple[CollegeTable, Members]:
    """Colleges sorted by (region, key), and what they are called."""
    ids = table.ids("id")
    keys = _keys(table, ids)
    region = table.rows_of("region", places, list(table.texts("region")), "region")
    order = np.lexsort((keys, region))
    found = CollegeTable(
        id=keys[order],
        region=region[order],
        field=table.rows_of("field", kinds, list(table.texts("field")), "sector")[order],
        attraction=table.numbers_of("attraction")[order],
        dual_qualified=table.numbers_of("dual_qualified")[order],
        engagement=table.numbers_of("engagement")[order],
        reputation=table.numbers_of("reputation")[order],
        partner_limit=table.numbers_of("partner_limit")[order],
    )
    return found, _members(table, ids, order)


def read_enterprises(table: Checked, places: dict[Any, int], kinds: dict[Any, int]) -> tuple[EnterpriseTable, Members]:
    """Enterprises sorted by (region, key), and what they are called; their sizes divided by the mean of those known."""
    ids = table.ids("id")
    keys = _keys(table, ids)
    region = table.rows_of("region", places, list(table.texts("region")), "region")
    order = np.lexsort((keys, region))
    size = table.numbers_of("size")[order]
    if np.isfinite(size).any():
        size = size / np.nanmean(size)
    found = EnterpriseTable(
        id=keys[order],
        region=region[order],
        sector=table.rows_of("sector", kinds, list(table.texts("sector")), "sector")[order],
        size=size,
        technology=table.numbers_of("technology")[order],
        stability=table.numbers_of("stability")[order],
        retention=table.numbers_of("retention")[order],
        reputation=table.numbers_of("reputation")[order],
        partner_limit=table.numbers_of("partner_limit")[order],
    )
    return found, _members(table, ids, order)


def _college_rows(table: Checked, colleges: Members) -> Any:
    """Row of the college that each row names; -1 = unknown (noted). Shape [n]."""
    known: dict[Any, int] = {identity.same(str(given)): row for row, given in enumerate(colleges.id)}
    return table.rows_of("college", known, [identity.same(text) for text in table.ids("college")], "college")


def read_programmes(table: Checked, colleges: Members, kinds: dict[Any, int]) -> ProgrammeTable:
    """What colleges offer, sorted by (college, field); a programme that is there twice, and a college whose seats add
    up to nothing, are noted."""
    rows = _college_rows(table, colleges)
    fields = list(table.texts("field"))
    field = table.rows_of("field", kinds, fields, "sector")
    seats = table.numbers_of("seats")
    told = [f"{college} / {name}" if name else "" for college, name in zip(table.ids("college"), fields, strict=True)]
    table.unique("field", told)
    total = np.bincount(rows[rows >= 0], np.nan_to_num(seats)[rows >= 0], len(colleges.id))
    first: dict[int, int] = {}
    for i, row in enumerate(rows.tolist()):
        first.setdefault(row, i)
    empty = [i for row, i in sorted(first.items()) if row >= 0 and total[row] <= 0.0 and not np.isnan(seats[i])]
    table.problems.add_rows(
        table, "seats", empty, lambda i: f"all seats of {colleges.label(rows[i])} add up to 0",
        "give a programme seats, or leave the college out of this table",
    )  # fmt: skip
    order = np.lexsort((field, rows))
    return ProgrammeTable(rows[order], field[order], np.nan_to_num(seats)[order])


def read_students(table: Checked, colleges: Members, kinds: dict[Any, int]) -> StudentGroups:
    """Groups of students sorted by (year, college, field) and, among equals, by what is known of them."""
    rows = _college_rows(table, colleges)
    field = table.rows_of("field", kinds, list(table.texts("field")), "sector")
    year, count = table.numbers_of("year"), table.numbers_of("students")
    motivation, ability = table.numbers_of("motivation"), table.numbers_of("ability")
    count = np.where(np.isnan(count), 1.0, count)
    if count.sum() > 3 * MOST_STUDENTS:
        table.problems.add(table.source, f"{count.sum():,.0f} students", f"at most {3 * MOST_STUDENTS:,} fit")
    order = np.lexsort((count, ability, motivation, field, rows, year))
    return StudentGroups(
        college=rows[order],
        year=np.nan_to_num(year)[order].astype(np.int32),
        field=field[order],
        students=count[order].astype(np.int64),
        motivation=motivation[order],
        ability=ability[order],
    )


def read_borders(table: Checked, places: dict[Any, int], adjacency: npt.NDArray[np.bool_]) -> None:
    """Enter the borders into ``adjacency`` [R, R]."""
    a = table.rows_of("region_a", places, list(table.texts("region_a")), "region")
    b = table.rows_of("region_b", places, list(table.texts("region_b")), "region")
    is_known = (a >= 0) & (b >= 0) & (a != b)
    adjacency[a[is_known], b[is_known]] = True
    adjacency[b[is_known], a[is_known]] = True


def check_seats(regions: Regions, colleges: CollegeTable, table: Checked, problems: Problems) -> None:
    """Nobody can be admitted where there is no college."""
    has_college = np.isin(np.arange(len(regions.id)), colleges.region)
    for row in np.flatnonzero(~has_college & (regions.entrants > 0)):
        why = f"{regions.name[row]!r} has {regions.entrants[row]:,} entrants and no college"
        problems.add(table.source, why, "add its colleges or write 0 entrants")


def sector_shares(enterprises: EnterpriseTable, n_regions: int, n_sectors: int) -> Floats:
    """Shares of the sectors in the jobs of each region's enterprises whose sector is known, by size (1 where it is not
    known); NaN where no sector is known. [R, S]."""
    counts = np.zeros((n_regions, n_sectors))
    is_known = enterprises.sector >= 0
    size = np.where(np.isnan(enterprises.size), 1.0, enterprises.size)
    np.add.at(counts, (enterprises.region[is_known], enterprises.sector[is_known]), size[is_known])
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.where(totals > 0, totals, 1.0), np.nan)
