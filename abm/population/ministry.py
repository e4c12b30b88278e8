"""A list of institutions as a ministry gives it: names and codes under Chinese headings, and nothing else.

What such a list lacks (enterprises, entrants, borders) is filled from the provinces' own table at a scale that is said.
All that is wrong is told at once, with sheet, row and column; nothing is half read.
"""

from __future__ import annotations

import csv
import datetime
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.disk import unwritable
from abm.machine.errors import InputError
from abm.machine.spreadsheet import escaped
from abm.population.checking import Problems
from abm.population.files import cells_of
from abm.population.provinces import Province, neighbours, provinces, short_zh
from abm.population.spec import PopulationSpec
from abm.population.tables import Tables

if TYPE_CHECKING:
    from pandas import DataFrame

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("学校名称", "院校名称", "高校名称", "学校全称", "学校", "院校", "名称", "name", "college"),
    "id": ("学校标识码", "标识码", "院校标识码", "学校代码", "院校代码", "院校代号", "代码", "code", "id"),
    "region": ("所在省份", "所在省", "省份", "省市", "所在地区", "所在地", "地区", "省", "province", "region"),
    "attraction": ("在校生数", "在校学生数", "学生数", "在校生", "students"),
}
"""Headings that are known, the surer first; 所在省（自治区、直辖市） and the like without what stands in brackets."""
MOST_NAMED = 10
"""Rows that a note names."""
LOOKED_AT = 20
"""Rows in which the line of headings is looked for: titles stand above it."""
TOTAL = re.compile(
    r"(?:[合总小共]计|总数|subtotal|total)[:：]?(?:\d+所?)?$|^(?:[合总小共]计|total)|^共计?\d+所", re.IGNORECASE
)
"""A cell of a row that counts the rows above it, without its blanks: 合计, 广东省合计, 小计：12, 共 12 所."""
SCHOOL = re.compile(r"(?:大学|学院|学校|[职技高中]校|校区|university|college|school|institute)\W*$", re.IGNORECASE)
"""How the name of a school ends."""
COUNT = re.compile(r"(?:\d+所|共\d+所)$")
"""How many schools follow, behind the name of a province."""
CODES = {
    "11": "BJ", "12": "TJ", "13": "HE", "14": "SX", "15": "NM", "21": "LN", "22": "JL", "23": "HL",
    "31": "SH", "32": "JS", "33": "ZJ", "34": "AH", "35": "FJ", "36": "JX", "37": "SD",
    "41": "HA", "42": "HB", "43": "HN", "44": "GD", "45": "GX", "46": "HI", "50": "CQ", "51": "SC", "52": "GZ",
    "53": "YN", "54": "XZ", "61": "SN", "62": "GS", "63": "QH", "64": "NX", "65": "XJ",
}  # fmt: skip
"""Provinces by the third and fourth digit of a school's code (GB/T 2260)."""
SCALE = 0.25
"""Enterprises and entrants of the provinces that are taken, as a share: what the dashboard still plays."""
LOST = re.compile(r"\d(?:\.\d+)?[eE][+]\d+")
"""A code that a spreadsheet has made a number of, its last digits gone."""
DATE = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?")
"""A code that a spreadsheet has made a date of."""


@dataclass
class College:
    """One row of the list."""

    name: str
    id: str
    province: int
    """Its row in provinces()."""
    attraction: float | None


@dataclass
class Imported:
    """What was read, and what was done with it in words."""

    colleges: list[College]
    notes: list[str] = field(default_factory=list[str])


def read(path: Path, region_of: str | None = None) -> Imported:
    """The institutions of a list. TablesError with all that is wrong; InputError for a file that holds no list.

    region_of: heading of the column that says where an institution is, if it is none of those that are known.
    """
    notes: list[str] = []
    if not path.is_file():
        raise InputError(f"{path}", why="is not a file", mend="give the list as .xlsx or .csv")
    lists = [(source, cells, head) for source, cells in cells_of(path, notes) if (head := _head(cells)) is not None]
    if not lists:
        known = ", ".join(f"`{HEADINGS[what][0]}`" for what in ("name", "id", "region"))
        raise InputError(f"{path}", why="has no line of headings that are known", mend=f"name its columns {known}")
    if len(lists) > 1:
        names = ", ".join(source for source, _, _ in lists)
        raise InputError(f"{path}", why=f"holds more than one list: {names}", mend="keep one sheet, or save it as CSV")
    source, cells, head = lists[0]
    found = Imported([], notes)
    _Reader(source, cells, head, region_of, found).read()
    return found


def _plain(text: object) -> str:
    """A heading without blanks and what stands in brackets."""
    return re.sub(r"[(（].*?[)）]|\s", "", unicodedata.normalize("NFKC", str(text))).lower()


def _columns(headings: Sequence[object]) -> dict[str, int]:
    """Which column holds what."""
    plain = [_plain(heading) for heading in headings]
    found: dict[str, int] = {}
    for what, names in HEADINGS.items():
        column = next((plain.index(name) for name in names if name in plain), None)
        if column is not None:
            found[what] = column
    return found


def _head(cells: DataFrame) -> int | None:
    """The row that names the columns, if there is one."""
    for row in range(min(LOOKED_AT, len(cells))):
        columns = _columns(list(cells.iloc[row]))
        if "name" in columns and ("id" in columns or "region" in columns):
            return row
    return None


class _Reader:
    """Goes through the rows below the headings."""

    def __init__(self, source: str, cells: DataFrame, head: int, region_of: str | None, found: Imported) -> None:
        self.source, self.found = source, found
        self.headings = [str(heading).strip() for heading in cells.iloc[head]]
        self.columns = _columns(self.headings)
        if region_of is not None:
            plain = [_plain(heading) for heading in self.headings]
            if _plain(region_of) not in plain:
                known = ", ".join(heading for heading in self.headings if heading)
                raise InputError(
                    f"--region-of {region_of}", place=source, why="is no heading", mend=f"known are {known}"
                )
            self.columns["region"] = plain.index(_plain(region_of))
        given = list(cells.iloc[head + 1 :].itertuples(index=False, name=None))
        self.rows = [[_cell(value) for value in row] for row in given]
        self.given = given
        """The same rows as they were read: what a spreadsheet took for a date or a truth value is one here."""
        self.first = head + 2
        """What a spreadsheet calls the first row below the headings."""
        self.problems = Problems()
        self.differ: list[int] = []
        """Rows whose code tells another province than their text."""
        self.known = provinces()
        self.of_code = {p.code.removeprefix("CN-"): row for row, p in enumerate(self.known)}

    def read(self) -> None:
        """Take every row, then say what was wrong, or what was passed over."""
        heading: int | None = None
        n_totals, n_titles, passed = 0, 0, list[int]()
        seen: dict[str, int] = {}
        for number, row in enumerate(self.rows, self.first):
            filled = [cell for cell in row if cell]
            if not filled:
                continue
            if any(TOTAL.search(re.sub(r"\s", "", cell)) for cell in filled[:2]):
                n_totals += 1
                continue
            if len(set(filled)) == 1:
                # A line across the sheet: merged cells that name the province of the rows below.
                place = self._is_province(filled[0])
                if place is not None:
                    heading, n_titles = place, n_titles + 1
                    continue
                if not SCHOOL.search(self._of(row, "name")):
                    passed.append(number)
                    continue
            self._take(number, row, heading, seen)
        self.problems.stop_if_any()
        if not self.found.colleges:
            raise InputError(self.source, why="has headings and no institution below them", mend="give the whole list")
        notes = self.found.notes
        if n_totals:
            notes.append(f"{n_totals} rows of totals are passed over")
        if n_titles:
            notes.append(f"{n_titles} lines across the sheet are taken for headings")
        if passed:
            notes.append(f"rows that name neither a province nor a school are passed over: {_rows(passed)}")
        if self.differ:
            notes.append(f"the code tells another province than the row, which is believed: {_rows(self.differ)}")
        ignored = [heading for i, heading in enumerate(self.headings) if heading and i not in self.columns.values()]
        if ignored:
            notes.append(f"columns that are ignored: {', '.join(ignored)}")

    def _take(self, number: int, row: list[str], heading: int | None, seen: dict[str, int]) -> None:
        name, code, mistaken = self._of(row, "name"), self._of(row, "id"), self._mistaken(number, row)
        if not name:
            self._wrong(number, "name", "is empty", "write the institution's name")
        if LOST.fullmatch(code):
            mend = "set the column's format to text and enter the code again"
            self._wrong(number, "id", f"{code!r} has lost its last digits", mend)
            return
        key = code or name
        if key in seen:
            self._wrong(number, "id" if code else "name", f"{key!r} is that of row {seen[key]} too", "keep one of them")
        seen.setdefault(key, number)
        said = self._of(row, "region")
        province = self._province(said) if said else None
        by_code = self.of_code.get(CODES.get(code[2:4], "")) if len(code) == 10 and code.isdigit() else None
        if province is not None and by_code is not None and province != by_code:
            self.differ.append(number)
        where = next((place for place in (province, by_code, heading) if place is not None), None)
        if where is None:
            what = f"{said!r} is no province, and the code tells none" if said else "tells no province"
            mend = "write a province such as 广东省, or name another column by --region-of"
            if not said and "region" in self.columns:
                # Of cells that were merged downwards only the first row has the text.
                mend = "write a province such as 广东省; where cells are merged, unmerge them and fill them downwards"
            self._wrong(number, "region", what, mend)
            return
        weight = None if "attraction" in mistaken else self._weight(number, row)
        self.found.colleges.append(College(name, key, where, weight))

    def _mistaken(self, number: int, row: list[str]) -> set[str]:
        """What a spreadsheet has made a date or a truth value of, which is told."""
        found: set[str] = set()
        for what, column in self.columns.items():
            value = self.given[number - self.first][column]
            is_date = isinstance(value, datetime.date) or (what == "id" and DATE.fullmatch(row[column]) is not None)
            if is_date or isinstance(value, bool):
                kind = "a date" if is_date else "a truth value"
                mend = "set the column's format to text and enter it again"
                self._wrong(number, what, f"{str(value).removesuffix(' 00:00:00')!r} is {kind}", mend)
                found.add(what)
        return found

    def _weight(self, number: int, row: list[str]) -> float | None:
        text = self._of(row, "attraction").replace(",", "")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not 0 < value < float("inf"):
            self._wrong(number, "attraction", f"{text!r} is no number of students", "write a number, or leave it empty")
            return None
        return value

    def _of(self, row: list[str], what: str) -> str:
        return row[self.columns[what]] if what in self.columns else ""

    def _wrong(self, number: int, what: str, why: str, mend: str) -> None:
        heading = self.headings[self.columns[what]] if what in self.columns else self.headings[self.columns["name"]]
        self.problems.add(f"{self.source}, row {number}, column `{heading}`", why, mend)

    def _province(self, text: str) -> int | None:
        """The province that a text names or begins with."""
        plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
        for row, p in enumerate(self.known):
            if plain.startswith(short_zh(p.name_zh)) or plain.lower() in (p.name.lower(), p.code.lower()):
                return row
        return None

    def _is_province(self, text: str) -> int | None:
        """The province that a text is, with how many schools it has or without."""
        plain = COUNT.sub("", _plain(text))
        for row, p in enumerate(self.known):
            if plain in (p.name_zh, short_zh(p.name_zh), p.name.lower(), p.code.lower()):
                return row
        return None


def _rows(numbers: Sequence[int]) -> str:
    """Rows for a note, the first of many."""
    return ", ".join(map(str, numbers[:MOST_NAMED])) + (" ..." if len(numbers) > MOST_NAMED else "")


def _cell(value: Any) -> str:
    """A cell as text; a whole number without the point that spreadsheets add."""
    if value is None or value != value:
        return ""
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
    return unicodedata.normalize("NFKC", text).strip()


def write(found: Imported, folder: Path, scale: float = SCALE) -> list[Path]:
    """Write the tables of a population to a new folder; says in the notes what was filled in."""
    rows = sorted({college.province for college in found.colleges})
    everyone = provinces()
    picked = [everyone[row] for row in rows]
    spec = PopulationSpec(source="provinces", scale=scale, regions=tuple(p.code for p in picked))
    tables = _tables(found, picked, spec)
    paths = [folder / f"{name}.csv" for name in tables]
    for path in paths:
        if path.exists():
            raise InputError(f"{path}", why="is there already", mend="name a new folder, or move the file away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, lines in zip(paths, tables.values(), strict=True):
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([[_shown(cell) for cell in line] for line in lines])
    except OSError as error:
        raise unwritable(f"{folder}", error, "name another folder") from error
    n = len(tables["enterprises"]) - 1
    found.notes += [
        f"{len(found.colleges):,} institutions of {len(picked)} provinces",
        f"filled from the provinces at scale {scale:g}: {n:,} enterprises without names, entrants, budgets, technology",
        "borders are those of the provinces",
    ]
    return paths


def _shown(cell: object) -> object:
    """A cell that a spreadsheet does not carry out."""
    return escaped(cell) if isinstance(cell, str) else cell


def _tables(found: Imported, picked: Sequence[Province], spec: PopulationSpec) -> dict[str, list[list[object]]]:
    from abm.population.provinces import from_provinces

    filled: Tables = from_provinces(spec)
    names = [p.name_zh for p in picked]
    regions: list[list[object]] = [["region", "entrants", "budget", "technology"]]
    for name, entrants, budget, technology in zip(
        names, filled.regions.entrants, filled.regions.budget, filled.regions.technology, strict=True
    ):
        regions.append([name, int(entrants), f"{budget:.6g}", f"{technology:.6g}"])
    has_weights = any(college.attraction is not None for college in found.colleges)
    heads: list[object] = ["id", "name", "region"]
    if has_weights:
        heads.append("attraction")
    colleges: list[list[object]] = [heads]
    for college in found.colleges:
        line: list[object] = [college.id, college.name, provinces()[college.province].name_zh]
        if has_weights:
            line.append("" if college.attraction is None else f"{college.attraction:g}")
        colleges.append(line)
    enterprises: list[list[object]] = [["id", "region"]]
    counts = np.bincount(filled.enterprises.region, minlength=len(picked)).tolist()
    for p, name, n in zip(picked, names, counts, strict=True):
        for i in range(n):
            enterprises.append([f"{p.code.removeprefix('CN-')}-{i + 1}", name])
    links = neighbours([p.code for p in picked])
    borders: list[list[object]] = [["region_a", "region_b"]]
    for a, b in zip(*np.nonzero(np.triu(links)), strict=True):
        borders.append([names[int(a)], names[int(b)]])
    return {"regions": regions, "colleges": colleges, "enterprises": enterprises, "adjacency": borders}
