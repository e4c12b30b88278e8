"""Tables as people's programs save them are read as they are meant, and what was guessed is said."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.machine import bounded
from abm.machine.errors import InputError
from abm.machine.language import of_place
from abm.population import files, workbook
from abm.population.reading import from_files, from_frames
from abm.population.tables import Tables
from tests.population.test_own_institutions import codes

Frames = dict[str, pd.DataFrame]


@pytest.fixture
def frames() -> Frames:
    return codes(as_text=True)


@pytest.fixture
def right(frames: Frames) -> Tables:
    return from_frames(frames)


def same(a: Tables, b: Tables) -> bool:
    pairs = [(a.regions, b.regions), (a.colleges, b.colleges), (a.enterprises, b.enterprises), (a.sectors, b.sectors)]
    assert a.students is not None
    assert b.students is not None
    pairs.append((a.students, b.students))
    are_equal = all(
        x == y if isinstance(x, tuple) else np.array_equal(x, y, equal_nan=True)
        for one, other in pairs
        for x, y in zip(one, other, strict=True)
    )
    return are_equal and [m.name for m in a.members] == [m.name for m in b.members]


def write(frames: Frames, folder: Path, encoding: str = "utf-8", named: Callable[[str], str] = "{}.csv".format) -> None:
    for name, frame in frames.items():
        (folder / named(name)).write_text(frame.to_csv(index=False), encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_a_chinese_spreadsheet(frames: Frames, right: Tables, tmp_path: Path, encoding: str) -> None:
    write(frames, tmp_path, encoding)
    tables = from_files(tmp_path)
    assert same(tables, right)
    is_said = any("colleges.csv is read as" in note for note in tables.notes)
    assert is_said == (encoding != "utf-8-sig")


def test_a_rare_character_of_gb18030(frames: Frames, tmp_path: Path) -> None:
    frames["colleges"].loc[0, "name"] = "㑇𠮷职业学院"
    write(frames, tmp_path, "gb18030")
    assert "㑇𠮷职业学院" in from_files(tmp_path).members.college.name


def test_tabs_as_excel_saves_unicode_text(frames: Frames, right: Tables, tmp_path: Path) -> None:
    for name, frame in frames.items():
        (tmp_path / f"{name}.csv").write_text(frame.to_csv(index=False, sep="\t"), encoding="utf-16")
    tables = from_files(tmp_path)
    assert same(tables, right)
    assert any("with tabs" in note for note in tables.notes)


@pytest.mark.parametrize(
    "named",
    ["{} (1).csv", "{} - 副本.csv", "{}.CSV", "{} - 副本 (2).csv", "{}（1）.csv", "Copy of {}.csv", "{} copy.csv"],
)
def test_names_of_copies(frames: Frames, right: Tables, tmp_path: Path, named: str) -> None:
    write(frames, tmp_path, named=lambda name: named.format(name.capitalize()))
    tables = from_files(tmp_path)
    assert same(tables, right)
    if named != "{}.CSV":
        assert any("is read as colleges" in note for note in tables.notes)


def test_a_copy_beside_the_table_is_ignored_and_two_copies_are_not_chosen_from(frames: Frames, tmp_path: Path) -> None:
    write(frames, tmp_path)
    (tmp_path / "colleges (1).csv").write_text("id,region\n1,Nowhere\n", encoding="utf-8")
    assert "colleges (1).csv is ignored: colleges.csv holds colleges" in from_files(tmp_path).notes
    (tmp_path / "colleges.csv").rename(tmp_path / "colleges (2).csv")
    with pytest.raises(InputError, match="holds the same table") as caught:
        from_files(tmp_path)
    assert "holds the same table" in str(caught.value).splitlines()[1], "first, for others may follow from it"
    frames["enterprises"].loc[1, "id"] = frames["enterprises"].loc[0, "id"]
    frames["enterprises"].to_csv(tmp_path / "enterprises.csv", index=False)
    with pytest.raises(InputError, match=r"(?s)holds the same table.*enterprises.csv.*`id`"):
        from_files(tmp_path)


def test_tables_are_known_by_their_columns(frames: Frames, right: Tables, tmp_path: Path) -> None:
    for i, frame in enumerate(frames.values()):
        frame.to_csv(tmp_path / f"导出{i}.csv", index=False)
    tables = from_files(sorted(tmp_path.glob("*.csv")))
    assert same(tables, right)
    assert sum("by its columns" in note for note in tables.notes) == len(frames)


def test_what_is_no_table_is_said_and_harms_nothing(frames: Frames, right: Tables, tmp_path: Path) -> None:
    write(frames, tmp_path)
    (tmp_path / "notes.csv").write_text('a,"b\n', encoding="utf-8")
    tables = from_files(tmp_path)
    assert same(tables, right)
    assert any(note.startswith("notes.csv is ignored") for note in tables.notes)


@pytest.mark.parametrize("gap", ["NA", "-", "#N/A", "—", "n/a"])
def test_gaps_that_are_written(frames: Frames, right: Tables, tmp_path: Path, gap: str) -> None:
    colleges = frames["colleges"]
    colleges["dual_qualified"] = [gap if value == "" else value for value in colleges["dual_qualified"]]
    write(frames, tmp_path)
    tables = from_files(tmp_path)
    assert same(tables, right)
    assert any("column `dual_qualified`" in note and "in 3 rows" in note for note in tables.notes)


def test_parquet_whose_index_is_the_id(frames: Frames, right: Tables, tmp_path: Path) -> None:
    for name, frame in frames.items():
        filled = frame.replace("", None)
        filled = filled.astype({c: float for c in filled if c in ("dual_qualified", "technology", "stability")})
        kept = filled.set_index("id") if "id" in filled else filled
        kept.drop(columns=["partner_limit", "motivation", "ability"], errors="ignore").to_parquet(
            tmp_path / f"{name}.parquet"
        )
    assert list(from_files(tmp_path).members.college.id) == list(right.members.college.id)
    assert from_frames({name: f.set_index("id") if "id" in f else f for name, f in frames.items()}).members is not None


def test_one_workbook_with_a_sheet_a_table(frames: Frames, right: Tables, tmp_path: Path) -> None:
    book = tmp_path / "我的院校.xlsx"
    with pd.ExcelWriter(book) as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=name.capitalize(), index=False)
        pd.DataFrame({"说明": ["x"]}).to_excel(writer, sheet_name="说明", index=False)
    tables = from_files(book)
    assert same(tables, right)
    assert any("sheet 说明 is ignored" in note for note in tables.notes)
    assert same(from_files(tmp_path), right)


def test_a_workbook_a_table_and_codes_as_numbers(frames: Frames, right: Tables, tmp_path: Path) -> None:
    numbers = codes(as_text=False)
    for name, frame in numbers.items():
        frame.to_excel(tmp_path / f"{name}.xlsx", sheet_name="Sheet1", index=False)
    tables = from_files(tmp_path)
    assert tables.colleges.id.tolist() == right.colleges.id.tolist()
    assert list(tables.members.college.id) == list(right.members.college.id)


def test_a_mistake_in_a_sheet_is_named_with_its_row(frames: Frames, tmp_path: Path) -> None:
    frames["colleges"].loc[2, "attraction"] = -5
    with pd.ExcelWriter(tmp_path / "all.xlsx") as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=name, index=False)
    with pytest.raises(InputError, match=r"all.xlsx, sheet colleges, row 4, column `attraction`: -5.* is outside"):
        from_files(tmp_path / "all.xlsx")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a.xlsx, sheet 名单", "a.xlsx 的工作表 名单"),
        ("a.xlsx, sheet 名单, row 5", "a.xlsx 的工作表 名单 第 5 行"),
        ("a.xlsx, sheet 名单, row 5, column `所在地`", "a.xlsx 的工作表 名单 第 5 行 `所在地` 列"),
        ("a.csv, row 5", "a.csv 第 5 行"),
    ],
)
def test_places_in_sheets_are_told_in_chinese(place: str, said: str) -> None:
    assert of_place("zh", place) == said


def test_without_openpyxl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "colleges.xlsx").write_bytes(b"PK")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"industry-education-abm\[excel\]"):
        from_files(tmp_path / "colleges.xlsx")


def test_workbooks_that_unpack_to_too_much_or_are_none(
    frames: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "colleges.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        files.read(path, [])
    frames["colleges"].to_excel(path, index=False)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", b"0" * (workbook.MOST_UNPACKED + 1))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="unpacks to"):
        files.read(path, [])
    frames["colleges"].to_excel(path, index=False)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/more.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>')
    with pytest.raises(InputError, match="defines entities"):
        files.read(path, [])
    pd.DataFrame([range(30)] * 3).to_excel(path, index=False)
    monkeypatch.setattr(bounded, "MOST_COLUMNS", 20)
    with pytest.raises(InputError, match="has 30 columns"):
        files.read(path, [])
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    frames["colleges"].to_excel(path, index=False)
    with pytest.raises(InputError, match="unpacks to 3 rows"):
        files.read(path, [])
