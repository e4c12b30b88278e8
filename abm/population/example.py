"""A small example of a user's tables: three invented regions, nine colleges, forty-five enterprises."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from abm.machine.disk import unwritable
from abm.machine.errors import InputError
from abm.population.schema import TABLES, describe

Rows = Sequence[Sequence[object]]

README = """# Tables of a population

Invented figures that show the form. Replace them by your own and run

    abm run classroom --population {folder}

The scenario gives parameters and policies; these tables give who lives in the world. Every file is
CSV (commas or tabs, names in the first line; UTF-8, UTF-16, GBK or GB18030), parquet or a sheet of a workbook
(.xlsx), called after its table. What is not known
stays empty: the model then draws it as it does for invented worlds. Columns beyond these are
ignored. Every draw of chance follows the ids, so the order of rows changes no result.

{schema}"""


def example() -> dict[str, Rows]:
    """The example's tables by name; the first row of each holds the names of its columns."""
    regions = ("Coast", "Plain", "Hills")
    sectors = ("machinery", "logistics", "care")
    colleges: list[list[object]] = []
    enterprises: list[list[object]] = []
    programmes: list[list[object]] = []
    students: list[list[object]] = []
    for r, region in enumerate(regions):
        for i, sector in enumerate(sectors):
            # An empty cell: not known, so drawn.
            colleges.append([101 + 3 * r + i, region, sector, 300 + 150 * i, ("0.57", "0.62", "")[i], ""])
            students.extend([101 + 3 * r + i, year, 60, "", ""] for year in (1, 2, 3))
            if r == 0:
                # The others offer their region's mix.
                programmes.extend([101 + i, sectors[(i + k) % 3], 40 - 15 * k] for k in (0, 1))
        for i in range(15):
            size = 40 * (1 + i % 5) ** 2
            enterprises.append([1001 + 15 * r + i, region, sectors[i % 3], size, "" if i % 2 else f"0.{3 - r}5", ""])
    students[0][3:] = ["0.7", "0.55"]
    return {
        "regions": [
            ["region", "entrants", "budget", "technology"],
            ["Coast", 200, 0.9, 0.45],
            ["Plain", 180, 1.0, 0.3],
            ["Hills", 180, 1.2, 0.2],
        ],
        "sectors": [
            ["sector", "skill_machines", "skill_digital", "skill_planning", "skill_people", "skill_languages"],
            ["machinery", 5, 3, 1, 0.5, 0.5],
            ["logistics", 1.5, 2, 4, 1, 1.5],
            ["care", 0.5, 1, 1, 6, 1.5],
        ],
        "colleges": [["id", "region", "field", "attraction", "dual_qualified", "partner_limit"], *colleges],
        "enterprises": [["id", "region", "sector", "size", "technology", "stability"], *enterprises],
        "programmes": [["college", "field", "seats"], *programmes],
        "students": [["college", "year", "students", "motivation", "ability"], *students],
        "adjacency": [["region_a", "region_b"], ["Coast", "Plain"], ["Plain", "Hills"]],
    }


def write_example(folder: Path) -> list[Path]:
    """Write the example and its README to a folder; InputError if that would overwrite something."""
    tables = example()
    assert set(tables) == set(TABLES)
    paths = [*(folder / f"{name}.csv" for name in tables), folder / "README.md"]
    for path in paths:
        if path.exists():
            raise InputError(f"{path}", why="is there already", mend="name a new folder, or move the file away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, rows in zip(paths, tables.values(), strict=False):
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
        paths[-1].write_text(README.format(folder=folder, schema=describe()), encoding="utf-8")
    except OSError as error:
        raise unwritable(f"{folder}", error, "name another folder") from error
    return paths
