"""A list as a ministry gives it, made up here: 1,388 institutions with ten-digit codes, Chinese headings and names."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from abm.commands._main import main
from abm.machine.errors import InputError, TablesError
from abm.machine.language import told
from abm.population import ministry
from abm.population.provinces import provinces, short_zh
from abm.scenario import load

N = 1388
PLACE = {code: number for number, code in ministry.CODES.items()}
HEADINGS = ["序号", "学校名称", "学校标识码", "主管部门", "所在地", "办学层次", "备注"]


def made_up() -> list[list[str]]:
    """A list that is invented, its names too, shaped as such lists are: a title, lines for provinces, a total."""
    rows: list[list[str]] = [["虚构的高等职业学校名单（测试用）"], [], HEADINGS]
    everyone, n = provinces(), 0
    for i, p in enumerate(everyone):
        own = N // len(everyone) + (i < N % len(everyone))
        rows.append([f"{p.name_zh}（{own}所）"] * len(HEADINGS))
        for k in range(own):
            n += 1
            code = f"41{PLACE[p.code.removeprefix('CN-')]}{n:06d}"
            name = f"{short_zh(p.name_zh)}虚构职业技术学院{k + 1}"
            rows.append([str(n), name, code, p.name_zh, f"虚构市{k}", "专科", ""])
    return [*rows, ["合计", str(N), "", "", "", "", ""]]


def saved(folder: Path, rows: list[list[str]], how: str) -> Path:
    if how == "xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(folder / "名单.xlsx")
        return folder / "名单.xlsx"
    path = folder / "名单.csv"
    with path.open("w", encoding=how, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("how", ["xlsx", "gbk", "utf-8-sig", "utf-16"])
def test_the_list_goes_in_and_comes_out_by_name(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "区域"
    assert main(["import", str(saved(tmp_path, made_up(), how)), "--out", str(out), "--scale", "0.02"]) == 0
    said = capsys.readouterr().err
    for part in ("1 rows of totals", "31 lines across the sheet", "办学层次", "1,388 institutions of 31 provinces"):
        assert part in said
    colleges = pd.read_csv(out / "colleges.csv", dtype=str, encoding="utf-8-sig")
    assert len(colleges) == N and colleges["id"].str.fullmatch(r"\d{10}").all()
    assert colleges["region"].nunique() == 31
    if how == "xlsx":
        run = tmp_path / "run"
        arguments = ["run", "china", "--population", str(out), "--steps", "8", "--csv", "--out", str(run)]
        assert main(arguments) == 0
        events = pd.read_csv(run / "contracts.csv", dtype=str, encoding="utf-8-sig")
        assert len(events) and events["college_name"].str.contains("虚构职业技术学院").all()
        assert set(events["college_id"]) <= set(colleges["id"])
        assert "广东" in (run / "report.html").read_text("utf-8")


def test_the_dashboard_plays_what_is_imported_by_default(tmp_path: Path) -> None:
    from dashboards.live.limits import check_size

    found = ministry.read(saved(tmp_path, made_up(), "utf-8-sig"))
    ministry.write(found, tmp_path / "out")
    overrides = {"population.source": "tables", "population.path": str(tmp_path / "out")}
    check_size(load("china").with_overrides(**overrides))


def test_where_an_institution_is_may_stand_in_another_column_or_in_its_code(tmp_path: Path) -> None:
    rows = [["学校名称", "学校标识码", "隶属"], ["甲学院", "4144000001", "湖南省"], ["乙学院", "4144000002", ""]]
    path = saved(tmp_path, rows, "utf-8-sig")
    everyone = provinces()
    assert [everyone[c.province].name for c in ministry.read(path).colleges] == ["Guangdong", "Guangdong"]
    assert [everyone[c.province].name for c in ministry.read(path, "隶属").colleges] == ["Hunan", "Guangdong"]
    with pytest.raises(InputError, match="is no heading"):
        ministry.read(path, "哪里")


def test_all_that_is_wrong_is_told_at_once_with_row_and_column_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [
        HEADINGS,
        ["1", "甲学院", "4144000001", "", "广东省", "", ""],
        ["2", "乙学院", "4144000001", "", "广东省", "", ""],
        ["3", "", "4144000003", "", "广东省", "", ""],
        ["4", "丁学院", "4.11101E+09", "", "广东省", "", ""],
        ["5", "戊学院", "", "", "某地", "", ""],
    ]
    path = saved(tmp_path, rows, "utf-8-sig")
    with pytest.raises(TablesError) as caught:
        ministry.read(path)
    assert [problem.place for problem in caught.value.problems] == [
        "名单.csv, row 3, column `学校标识码`",
        "名单.csv, row 4, column `学校名称`",
        "名单.csv, row 5, column `学校标识码`",
        "名单.csv, row 6, column `所在地`",
    ]
    chinese = told("zh", caught.value)
    assert "名单.csv 第 3 行 `学校标识码` 列" in chinese
    assert "与第 2 行相同" in chinese and "丢失了末尾的数字" in chinese
    assert main(["import", str(path), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_two_sheets_that_are_lists_are_named_and_a_file_without_headings_is(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("副表")):
        sheet.append(["学校名称", "所在地"])
        sheet.append(["甲学院", "广东省"])
    book.save(tmp_path / "l.xlsx")
    with pytest.raises(InputError, match=r"holds more than one list: l\.xlsx, sheet Sheet, l\.xlsx, sheet 副表"):
        ministry.read(tmp_path / "l.xlsx")
    (tmp_path / "m.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError, match="has no line of headings that are known"):
        ministry.read(tmp_path / "m.csv")
