"""Reads a user's tables (CSV, parquet or DataFrames) into ``Tables``. The only place that needs pandas."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from abm.errors import InputError
from abm.population.checking import Checked, Problems
from abm.population.schema import TABLES
from abm.population.tables import CollegeTable, EnterpriseTable, Regions, SectorProfiles, StudentGroups, Tables
from abm.state import Floats

if TYPE_CHECKING:
    from pandas import DataFrame

LARGEST_FILE = 2 * 1024**3
"""Bytes; a larger file would not fit into a laptop's memory once read."""
MOST_STUDENTS = 50_000_000
"""Students a year and cohort; more would not fit into memory."""
MOST_SECTORS = 127
"""Sectors fit into a byte of the student columns."""
LEAST_WEIGHT = 1e-3
"""Share of demand that stands for a skill weight of 0, whose logarithm does not exist."""
EXAMPLE = "`abm template DIR` writes an example"
SUFFIXES = (".csv", ".parquet")


def from_files(paths: Path | str | Iterable[Path | str] | None, n_sectors: int = 8, n_skills: int = 8) -> Tables:
    """Read a folder with one file a table, or the files themselves; a text may hold several paths, as PATH does.

    Raises InputError with all that is wrong.
    """
    if isinstance(paths, str):
        paths = paths.split(os.pathsep)
    given = [paths] if isinstance(paths, Path) else list(paths or [])
    found = find_files([Path(path) for path in given])
    problems = Problems()
    tables: dict[str, Checked] = {}
    for name, path in found.items():
        frame, numbers = read_file(path)
        tables[name] = Checked(TABLES[name], frame, path.name, problems, numbers)
    return from_checked(tables, problems, n_sectors, n_skills)


def from_frames(frames: Mapping[str, DataFrame], n_sectors: int = 8, n_skills: int = 8) -> Tables:
    """The same from DataFrames by table name (see schema.TABLES). Raises InputError with all that is wrong."""
    problems = Problems()
    for name in frames:
        if name not in TABLES:
            problems.add(f"table {name!r}", "is unknown", f"the tables are {', '.join(TABLES)}")
    known = {name: Checked(TABLES[name], frame, name, problems) for name, frame in frames.items() if name in TABLES}
    return from_checked(known, problems, n_sectors, n_skills)


def find_files(paths: Sequence[Path]) -> dict[str, Path]:
    """Which file holds which table: by its name without the ending."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}", why="is neither a file nor a folder", mend=EXAMPLE)
        inside = [path / f"{name}{suffix}" for name in TABLES for suffix in SUFFIXES]
        files += [file for file in inside if file.is_file()] if path.is_dir() else [path]
    found: dict[str, Path] = {}
    for file in files:
        if file.stem not in TABLES or file.suffix.lower() not in SUFFIXES:
            mend = f"name it one of {', '.join(TABLES)}, with the ending .csv or .parquet"
            raise InputError(f"{file}", why="does not tell which table it holds", mend=mend)
        if file.stem in found:
            raise InputError(f"{file}", why=f"holds the same table as {found[file.stem]}", mend="give one of them")
        found[file.stem] = file
    absent = [name for name, table in TABLES.items() if table.is_required and name not in found]
    if absent:
        where = ", ".join(str(path) for path in paths) or "the population"
        why = f"has no {absent[0]}.csv or {absent[0]}.parquet"
        raise InputError(where, why=why, mend=EXAMPLE)
    return found


def read_file(path: Path) -> tuple[DataFrame, npt.NDArray[np.int64]]:
    """Cells of a file, and the number of each row in it (lines of a CSV count from its header, line 1)."""
    import pandas as pd

    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path}", why="is empty", mend="write a line of column names and a row for each member")
    if size > LARGEST_FILE:
        why = f"has {size / 1024**3:.1f} GiB, more than fits into memory"
        raise InputError(f"{path}", why=why, mend="put rows together (students may be groups) or take fewer regions")
    if path.suffix.lower() == ".parquet":
        try:
            frame = pd.read_parquet(path)
        except (ValueError, OSError, NotImplementedError) as error:
            why = f"cannot be read as parquet ({first_line(error)})"
            raise InputError(f"{path}", why=why, mend="write it again or use CSV") from error
        return frame.reset_index(drop=True), np.arange(len(frame)) + 1
    # utf-8-sig: spreadsheets put a byte-order mark before the first name.
    options: dict[str, Any] = {"header": None, "dtype": str, "na_filter": False, "skip_blank_lines": False}
    try:
        frame = pd.read_csv(path, encoding="utf-8-sig", **options)
    except UnicodeDecodeError as error:
        mend = "save it as 'CSV UTF-8' (from GBK: iconv -f GBK -t UTF-8)"
        raise InputError(f"{path}", why="is not UTF-8 text", mend=mend) from error
    except (ValueError, OSError, csv.Error) as error:
        why = f"cannot be read as CSV ({first_line(error)})"
        raise InputError(f"{path}", why=why, mend="check commas and quotes there") from error
    frame = frame.fillna("").astype(object)
    names = [str(name).strip() for name in frame.iloc[0]]
    # Equal to "": lines that a spreadsheet left behind below or between the rows.
    is_row = np.array((frame != "").any(axis=1), np.bool_)
    is_row[0] = False
    frame.columns = pd.Index(names)
    return frame[is_row].reset_index(drop=True), np.flatnonzero(is_row) + 1


def first_line(error: Exception) -> str:
    """What an error of the reader says, without its later lines."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def from_checked(tables: Mapping[str, Checked], problems: Problems, n_sectors: int, n_skills: int) -> Tables:
    """Put checked tables together. Raises InputError with all that was found wrong."""
    for name, table in TABLES.items():
        if table.is_required and name not in tables:
            problems.add(f"table {name!r}", "is missing", EXAMPLE)
    is_whole = all(name in tables for name, table in TABLES.items() if table.is_required)
    if not is_whole or any(table.lacks for table in tables.values()):
        problems.stop_if_any()
    regions, places = read_regions(tables["regions"], problems)
    sectors, kinds = read_sectors(tables, problems, n_sectors, n_skills)
    colleges = read_colleges(tables["colleges"], places, kinds)
    enterprises = read_enterprises(tables["enterprises"], places, kinds)
    if "adjacency" in tables:
        read_borders(tables["adjacency"], places, regions.adjacency)
    students = read_students(tables["students"], colleges) if "students" in tables else None
    check_seats(regions, colleges, tables["regions"], problems)
    problems.stop_if_any()
    shares = sector_shares(enterprises, len(regions.id), len(sectors.name))
    return Tables(regions._replace(sector_shares=shares), sectors, colleges, enterprises, students)


def read_regions(table: Checked, problems: Problems) -> tuple[Regions, dict[Any, int]]:
    """Regions sorted by id, and the row of each by name."""
    names = table.texts("region")
    table.unique("region", list(names))
    entrants = table.numbers_of("entrants")
    if table.has("id"):
        ids = table.ids("id").astype(np.int64)
    else:
        place = {name: i for i, name in enumerate(sorted(set(names)))}
        ids = np.array([place[name] for name in names], np.int64)
    order = np.argsort(ids, kind="stable")
    if len(table) == 0:
        problems.add(table.source, "has no rows", "add at least one region")
    if np.nansum(entrants) > MOST_STUDENTS:
        problems.add(table.source, f"{np.nansum(entrants):,.0f} entrants a year", f"at most {MOST_STUDENTS:,} fit")
    budget = table.numbers_of("budget")
    regions = Regions(
        id=ids[order].astype(np.uint32),
        name=tuple(names[row] for row in order),
        entrants=np.nan_to_num(entrants)[order].astype(np.int64),
        budget=np.where(np.isnan(budget), 1.0, budget)[order],
        technology=table.numbers_of("technology")[order],
        sector_shares=np.zeros((len(names), 0)),
        adjacency=np.zeros((len(names), len(names)), np.bool_),
    )
    return regions, {names[row]: place for place, row in enumerate(order)}


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
        named = {*tables["enterprises"].texts("sector"), *tables["colleges"].texts("field")} - {""}
        names = sorted(named) or [f"sector {s + 1}" for s in range(n_sectors)]
        log_demand = np.full((len(names), n_skills), np.nan)
    if len(names) > MOST_SECTORS:
        problems.add("sectors", f"{len(names)} are named", f"at most {MOST_SECTORS} are possible: put some together")
    return SectorProfiles(tuple(names), log_demand), {name: row for row, name in enumerate(names)}


def read_colleges(table: Checked, places: dict[Any, int], kinds: dict[Any, int]) -> CollegeTable:
    """Colleges sorted by (region, id)."""
    ids = table.ids("id")
    region = table.rows_of("region", places, list(table.texts("region")), "region")
    order = np.lexsort((ids, region))
    return CollegeTable(
        id=ids[order],
        region=region[order],
        field=table.rows_of("field", kinds, list(table.texts("field")), "sector")[order],
        attraction=table.numbers_of("attraction")[order],
        dual_qualified=table.numbers_of("dual_qualified")[order],
        engagement=table.numbers_of("engagement")[order],
        reputation=table.numbers_of("reputation")[order],
        partner_limit=table.numbers_of("partner_limit")[order],
    )


def read_enterprises(table: Checked, places: dict[Any, int], kinds: dict[Any, int]) -> EnterpriseTable:
    """Enterprises sorted by (region, id), their sizes divided by the mean of those known."""
    ids = table.ids("id")
    region = table.rows_of("region", places, list(table.texts("region")), "region")
    order = np.lexsort((ids, region))
    size = table.numbers_of("size")[order]
    if np.isfinite(size).any():
        size = size / np.nanmean(size)
    return EnterpriseTable(
        id=ids[order],
        region=region[order],
        sector=table.rows_of("sector", kinds, list(table.texts("sector")), "sector")[order],
        size=size,
        technology=table.numbers_of("technology")[order],
        stability=table.numbers_of("stability")[order],
        retention=table.numbers_of("retention")[order],
        reputation=table.numbers_of("reputation")[order],
        partner_limit=table.numbers_of("partner_limit")[order],
    )


def read_students(table: Checked, colleges: CollegeTable) -> StudentGroups:
    """Groups of students sorted by (year, college) and, among equals, by what is known of them."""
    college = table.numbers_of("college")
    rows = table.rows_of("college", {int(key): row for row, key in enumerate(colleges.id)}, college.tolist(), "college")
    year, count = table.numbers_of("year"), table.numbers_of("students")
    motivation, ability = table.numbers_of("motivation"), table.numbers_of("ability")
    count = np.where(np.isnan(count), 1.0, count)
    if count.sum() > 3 * MOST_STUDENTS:
        table.problems.add(table.source, f"{count.sum():,.0f} students", f"at most {3 * MOST_STUDENTS:,} fit")
    order = np.lexsort((count, ability, motivation, rows, year))
    return StudentGroups(
        college=rows[order],
        year=np.nan_to_num(year)[order].astype(np.int32),
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
    """Shares of the sectors among the enterprises of each region whose sector is known; NaN where none is. [R, S]."""
    counts = np.zeros((n_regions, n_sectors))
    is_known = enterprises.sector >= 0
    np.add.at(counts, (enterprises.region[is_known], enterprises.sector[is_known]), 1.0)
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.maximum(totals, 1.0), np.nan)
