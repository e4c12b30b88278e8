"""A list as a ministry gives it, made up here: 1,388 institutions with ten-digit codes, Chinese headings and names."""

from __future__ import annotations

import csv
import datetime
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


def test_the_report_calls_a_school_by_its_own_name_where_a_community_stands(tmp_path: Path) -> None:
    names = [f"广东虚构职业技术学院{i}" for i in range(8)]
    rows = [HEADINGS, *([str(i), name, f"41440{i:05d}", "", "广东省", "专科", ""] for i, name in enumerate(names))]
    assert main(["import", str(saved(tmp_path, rows, "gbk")), "--out", str(tmp_path / "mine"), "--scale", "0.02"]) == 0
    # Where all is as it should be, communities stand after four years.
    helping = {
        "evaluation_reform": 1, "supervision": 0.8, "penalty": 0.5, "charter": 1, "platform": 1,
        "communication_cost": 0.02, "initial_trust": 0.9, "community_depth": 0.5,
    }  # fmt: skip
    settings = [word for key, value in helping.items() for word in ("--set", f"{key}={value}")]
    run = ["run", "classroom", "--population", str(tmp_path / "mine"), "--steps", "16", *settings, "--quiet"]
    for language in ("en", "zh"):
        assert main(["--lang", language, *run, "--out", str(tmp_path / language)]) == 0
        page = (tmp_path / language / "report.html").read_text("utf-8")
        assert any(f"{name} [" in page for name in names)


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


def test_nothing_of_a_list_is_lost_without_a_word(tmp_path: Path) -> None:
    rows = [
        ["学校名称", "所在地"],
        ["甲学院", "广东省"],
        ["乙学院", ""],  # as cells merged downwards are read
        ["丙大学", ""],
    ]
    with pytest.raises(TablesError) as caught:
        ministry.read(saved(tmp_path, rows, "utf-8-sig"))
    assert [problem.place for problem in caught.value.problems] == [
        "名单.csv, row 3, column `所在地`",
        "名单.csv, row 4, column `所在地`",
    ]
    assert "请取消合并并向下填充" in told("zh", caught.value)


def test_rows_that_count_are_no_schools_and_rows_across_are_told(tmp_path: Path) -> None:
    rows = [
        ["学校名称", "学校标识码", "所在地"],
        ["广东省（2所）", "", ""],
        ["甲学院", "4144000001", ""],
        ["乙学院", "4144000002", "湖南省"],
        ["广东省合计", "2", "广东省"],
        ["湖南小计", "88", "湖南省"],
        ["合 计", "90", ""],
        ["共 90 所", "", ""],
        ["注：名单为虚构", "", ""],
        ["全国总计", "90", ""],
    ]
    found = ministry.read(saved(tmp_path, rows, "utf-8-sig"))
    assert [college.name for college in found.colleges] == ["甲学院", "乙学院"]
    assert "5 rows of totals are passed over" in found.notes
    assert "1 lines across the sheet are taken for headings" in found.notes
    assert "rows that name neither a province nor a school are passed over: 9" in found.notes
    assert "the code tells another province than the row, which is believed: 4" in found.notes


def test_dates_and_truth_values_are_no_codes(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["学校名称", "学校标识码", "所在地", "在校生数"],
        ["甲学院", datetime.datetime(2024, 1, 1), "广东省", 100],
        ["乙学院", True, "广东省", 100],
        ["丙学院", "2024/1/2", "广东省", datetime.datetime(2024, 1, 3)],
        [datetime.datetime(2024, 1, 4), "4144000004", "广东省", 100],
    ):
        book.active.append(row)
    book.save(tmp_path / "l.xlsx")
    with pytest.raises(TablesError) as caught:
        ministry.read(tmp_path / "l.xlsx")
    found = [(problem.place.removeprefix("l.xlsx, sheet Sheet, "), problem.why) for problem in caught.value.problems]
    assert [place for place, _ in found] == [
        "row 2, column `学校标识码`",
        "row 3, column `学校标识码`",
        "row 4, column `学校标识码`",
        "row 4, column `在校生数`",
        "row 5, column `学校名称`",
    ]
    assert all(("is a truth value" if "True" in why else "is a date") in why for _, why in found)
    assert "是日期" in told("zh", caught.value)


@pytest.mark.parametrize(("between", "how"), [("\t", "utf-16"), (";", "gbk")])
def test_lists_with_other_signs_between_their_cells(between: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    lines = [["学校名称", "所在地", "备注"], ["甲学院", "广东省", "一, 二"], ["乙学院", "湖南省", ""]]
    path.write_text("\n".join(between.join(line) for line in lines), how)
    assert [college.name for college in ministry.read(path).colleges] == ["甲学院", "乙学院"]


def test_old_workbooks_are_named_as_such(tmp_path: Path) -> None:
    for suffix in (".xls", ".et"):
        (tmp_path / f"l{suffix}").write_bytes(b"PK")
        with pytest.raises(InputError, match="is a workbook of another kind"):
            ministry.read(tmp_path / f"l{suffix}")


def test_a_name_that_a_spreadsheet_would_carry_out_is_a_text(tmp_path: Path) -> None:
    rows = [["学校名称", "所在地"], ["=1+1学院", "广东省"]]
    ministry.write(ministry.read(saved(tmp_path, rows, "utf-8-sig")), tmp_path / "out")
    assert "'=1+1学院" in (tmp_path / "out" / "colleges.csv").read_text("utf-8-sig")


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
