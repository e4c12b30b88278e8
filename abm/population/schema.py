"""What a user's tables may hold: the one home of columns, units, ranges, defaults and meanings.

Used to check files, to write the README of `abm template`, and in the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from abm.population.profiles import INITIAL_ENGAGEMENT, INITIAL_RETENTION, INITIAL_TECHNOLOGY

MOST_ENTRANTS = 10_000_000
MOST_PARTNERS = 1_000_000


@dataclass(frozen=True)
class Column:
    """One column of a table. ``default`` = what an empty cell or a missing column means; None = it must be there."""

    name: str
    kind: str
    """``text``, ``id`` (any text or number), ``whole`` (number) or ``number``."""
    unit: str
    low: float
    high: float
    default: str | None
    meaning: str

    @property
    def is_required(self) -> bool:
        """Whether every row needs a value."""
        return self.default is None

    @property
    def range(self) -> str:
        """The range in words; empty for texts."""
        return "" if self.kind in ("text", "id") else f"{self.low:,.10g} to {self.high:,.10g}"


@dataclass(frozen=True)
class Table:
    """One table: a file called after it, as CSV (UTF-8, comma) or parquet."""

    name: str
    is_required: bool
    meaning: str
    columns: tuple[Column, ...]
    prefix: Column | None = None
    """Columns whose names start so, as many as wanted: the name after the prefix is free."""

    def column(self, name: str) -> Column | None:
        """The column of that name, if the table has one."""
        for column in self.columns:
            if column.name == name:
                return column
        if self.prefix is not None and name.startswith(self.prefix.name) and len(name) > len(self.prefix.name):
            return self.prefix
        return None


def share(name: str, default: str, meaning: str) -> Column:
    """A column that holds a share from 0 to 1."""
    return Column(name, "number", "share", 0.0, 1.0, default, meaning)


def key(name: str, meaning: str) -> Column:
    """A column of ids; every draw of chance follows them, so the order of rows changes nothing."""
    return Column(name, "id", "id", 0, 0, None, meaning)


def text(name: str, default: str | None, meaning: str) -> Column:
    """A column of names."""
    return Column(name, "text", "name", 0, 0, default, meaning)


NAME = text("name", "its id", "what it is called in every output")
REGION = text("region", None, "name of its region, as in regions")
REPUTATION = share("reputation", "p.initial_reputation", "known for effort in cooperation")
LIMIT = Column("partner_limit", "whole", "partners", 0, MOST_PARTNERS, "drawn", "most partners at once")

REGIONS = Table(
    "regions",
    True,
    "Provinces, prefectures or whatever has a government of its own; one row each.",
    (
        text("region", None, "name, unique"),
        Column("entrants", "whole", "students/year", 0, MOST_ENTRANTS, None, "admitted by all its colleges in a year"),
        Column(
            "id",
            "id",
            "id",
            0,
            0,
            "place in the sorted names",
            "text or number such as a code, unique; key of its draws",
        ),
        Column("budget", "number", "mean = 1", 0, 1000, "1", "public money for integration per enterprise, relative"),
        share("technology", f"{INITIAL_TECHNOLOGY:g}", "mean technology of its enterprises at the start"),
    ),
)
SECTORS = Table(
    "sectors",
    False,
    "Sectors and the skills they ask for. Without it: the sectors that the other tables name, skills drawn.",
    (text("sector", None, "name, unique"),),
    Column("skill_", "number", "weight", 0, 1e9, None, "weight of one skill field in long-run demand"),
)
COLLEGES = Table(
    "colleges",
    True,
    "Vocational colleges; one row each.",
    (
        key("id", "text or number such as the ministry's code, unique among colleges"),
        NAME,
        REGION,
        text("field", "drawn from the region's sectors", "sector that it serves first: its main field"),
        Column(
            "attraction",
            "number",
            "weight",
            1e-9,
            1e9,
            "drawn",
            "weight when places are split, such as students",
        ),
        share("dual_qualified", "drawn around p.dual_base", "of teachers with a qualification from industry"),
        share("engagement", f"{INITIAL_ENGAGEMENT:g}", "of the faculty in cooperation"),
        REPUTATION,
        LIMIT,
    ),
)
ENTERPRISES = Table(
    "enterprises",
    True,
    "Enterprises that could cooperate; one row each.",
    (
        key("id", "text or number, unique among enterprises"),
        NAME,
        REGION,
        text("sector", "drawn", "name, as in sectors"),
        Column("size", "number", "any", 1e-9, 1e12, "drawn", "such as employees; divided by the mean of the column"),
        share("technology", "drawn around the region's", "how advanced it is"),
        share("stability", "drawn", "of its jobs; lowers turnover"),
        share("retention", f"{INITIAL_RETENTION:g}", "of trainees that it expects to keep"),
        REPUTATION,
        LIMIT,
    ),
)
PROGRAMMES = Table(
    "programmes",
    False,
    "What colleges offer; one row a college and field. Colleges that are not in it offer their region's mix.",
    (
        key("college", "id of the college"),
        text("field", None, "sector that the programme serves, as in sectors"),
        Column("seats", "number", "places/year", 0, MOST_ENTRANTS, None, "students that it can admit in a year"),
    ),
)
STUDENTS = Table(
    "students",
    False,
    "Students enrolled at the start, singly or in groups. Without it: three cohorts of the size of the intake.",
    (
        key("college", "id of the college"),
        Column("year", "whole", "year", 1, 3, None, "years of training done; 3 graduates at the start"),
        text("field", "dealt out over what the college offers", "sector that their programme serves"),
        Column("students", "whole", "persons", 1, MOST_ENTRANTS, "1", "people in the group"),
        share("motivation", "drawn", "to take up practice"),
        share("ability", "drawn", "speed of learning, 0.5 = average"),
    ),
)
ADJACENCY = Table(
    "adjacency",
    False,
    "Regions that border on each other; one row a border. Without it: nobody looks for partners across borders.",
    (text("region_a", None, "name of one region"), text("region_b", None, "name of the other")),
)

TABLES = {table.name: table for table in (REGIONS, COLLEGES, ENTERPRISES, SECTORS, PROGRAMMES, STUDENTS, ADJACENCY)}


def describe() -> str:
    """The schema as Markdown."""
    lines: list[str] = []
    for table in TABLES.values():
        lines += [f"## {table.name} ({'required' if table.is_required else 'optional'})", "", table.meaning, ""]
        lines += ["| column | kind | unit | range | if empty or missing | meaning |", "|---|---|---|---|---|---|"]
        for column in (*table.columns, *([table.prefix] if table.prefix else [])):
            name = f"{column.name}..." if column is table.prefix else column.name
            default = "required" if column.default is None else column.default
            lines.append(f"| {name} | {column.kind} | {column.unit} | {column.range} | {default} | {column.meaning} |")
        lines.append("")
    return "\n".join(lines)
