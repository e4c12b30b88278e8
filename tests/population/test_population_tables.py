"""A user's own tables: the example runs, the order of rows means nothing, mistakes are named."""

from __future__ import annotations

import argparse
import csv
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm import population
from abm.commands import template
from abm.machine.errors import InputError
from abm.population import files, schema
from abm.population.example import example, write_example
from abm.population.reading import from_files, from_frames
from abm.population.tables import Tables
from abm.results.simulate import simulate
from abm.scenario import PopulationSpec, Scenario
from abm.world.state import ABSENT

GROUPS = ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students")


def frames() -> dict[str, pd.DataFrame]:
    return {name: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in example().items()}


def scenario(path: object) -> Scenario:
    return Scenario(population=PopulationSpec(source="tables", path=str(path)))


def bytes_of(path: object) -> dict[str, bytes]:
    state = population.build(scenario(path), 3)
    return {f"{g}.{n}": a.tobytes() for g in GROUPS for n, a in getattr(state, g)._asdict().items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_example(tmp_path / "tables")
    return tmp_path / "tables"


def rewrite(file: Path, change: Callable[[list[list[str]]], None]) -> None:
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    change(rows)
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)


def problem(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        from_files(folder)
    return str(caught.value)


# --- what is read -------------------------------------------------------------------------------


def test_template_command_writes_what_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    template.register(parser)
    target = tmp_path / "mine"
    assert template.main(parser.parse_args([str(target)])) == 0
    assert str(target / "colleges.csv") in capsys.readouterr().out
    assert {p.stem for p in target.glob("*.csv")} == set(schema.TABLES)
    readme = (target / "README.md").read_text(encoding="utf-8")
    assert all(f"| {column.name} |" in readme for table in schema.TABLES.values() for column in table.columns)
    state = population.build(scenario(target), 1)
    assert (len(state.governments.id), len(state.colleges.id), len(state.enterprises.id)) == (3, 9, 45)
    with pytest.raises(InputError, match="is there already"):
        template.main(parser.parse_args([str(target)]))


def test_values_reach_the_columns(folder: Path) -> None:
    state = population.build(scenario(folder), 1)
    c, e, s = state.colleges, state.enterprises, state.students
    assert state.governments.entrants.tolist() == [200, 180, 180]  # Coast, Hills, Plain
    assert state.governments.adjacency.tolist() == [[False, False, True], [False, False, True], [True, True, False]]
    row = c.id.tolist().index(102)
    assert c.attraction[row] == 450
    assert c.dual_qualified[row] == 0.62
    assert c.field[row] == 1  # care, logistics, machinery
    assert e.size.mean() == pytest.approx(1.0)
    assert e.technology[e.id.tolist().index(1001)] == 0.35
    # Weights 5, 3, 1, .5, .5 of machinery: shares .1 (digital 3/10 ...), in the order of the skills' names.
    np.testing.assert_allclose(np.exp(state.sectors.mean_log_demand[2]), [0.3, 0.05, 0.5, 0.05, 0.1])
    # Sixty students a college and year; those known keep what is known of them.
    assert s.offsets[:, -1].tolist() == [560, 540, 540, 540]
    # College 101 in field machinery (2) and logistics (1) as 40 to 25: of its 60 students 37 and 23.
    first = 3 * c.id.tolist().index(101)
    assert np.diff(s.offsets[3])[first : first + 3].tolist() == [0, 23, 37]
    assert (s.motivation[3, s.offsets[3, first] : s.offsets[3, first + 3]] == np.float32(0.7)).all()
    assert (s.status[0] == ABSENT).all()
    assert (s.status[1, 540:] == ABSENT).all()


def test_order_of_rows_and_files_means_nothing(folder: Path) -> None:
    before = bytes_of(folder)

    def shuffle(rows: list[list[str]]) -> None:
        head, body = rows[0], rows[1:]
        random.Random(1).shuffle(body)
        columns = random.Random(2).sample(range(len(head)), len(head))
        rows[:] = [[row[c] for c in columns] for row in [head, *body]]

    for file in folder.glob("*.csv"):
        rewrite(file, shuffle)
    assert bytes_of(folder) == before
    assert bytes_of(os.pathsep.join(str(file) for file in folder.glob("*.csv"))) == before


def test_names_of_regions_mean_nothing_where_they_have_ids(folder: Path) -> None:
    rewrite(folder / "regions.csv", lambda rows: [row.append(x) for row, x in zip(rows, ("id", 5, 3, 8), strict=True)])
    before = bytes_of(folder)
    for file in folder.glob("*.csv"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("Coast", "粤东").replace("Plain", "Zz").replace("Hills", "A b"), encoding="utf-8")
    assert bytes_of(folder) == before


def test_parquet_and_frames_give_the_same(folder: Path, tmp_path: Path) -> None:
    before = bytes_of(folder)
    other = tmp_path / "parquet"
    other.mkdir()
    for name in schema.TABLES:
        pd.read_csv(folder / f"{name}.csv").to_parquet(other / f"{name}.parquet")
    assert bytes_of(other) == before
    a, b = from_files(folder), from_frames({name: pd.read_csv(folder / f"{name}.csv") for name in schema.TABLES})
    assert a.colleges.attraction.tobytes() == b.colleges.attraction.tobytes()


def test_only_what_is_required(folder: Path) -> None:
    for name in ("sectors", "programmes", "students", "adjacency"):
        (folder / f"{name}.csv").unlink()
    rewrite(folder / "enterprises.csv", lambda rows: [row.__delitem__(slice(2, None)) for row in rows])
    rewrite(folder / "colleges.csv", lambda rows: [row.__delitem__(slice(2, None)) for row in rows])
    rewrite(folder / "regions.csv", lambda rows: [row.__delitem__(slice(2, None)) for row in rows])
    state = population.build(scenario(folder), 1)
    assert state.sectors.demand.shape == (8, 8)
    assert not state.governments.adjacency.any()
    assert all(np.isfinite(a).all() for g in GROUPS for a in getattr(state, g))


def test_spreadsheet_habits(folder: Path) -> None:
    """A byte-order mark, blanks around names, empty lines, columns of notes."""
    before = bytes_of(folder)
    file = folder / "colleges.csv"
    rewrite(file, lambda rows: [row.append(note) for row, note in zip(rows, ["note", *"abcdefghi"], strict=True)])
    text = file.read_text(encoding="utf-8").replace("Coast", " Coast ").replace("id,region", "id, region")
    file.write_text("\ufeff" + text + ",,,,,,\n\n", encoding="utf-8")
    assert bytes_of(folder) == before


# --- what is refused ----------------------------------------------------------------------------


def test_all_mistakes_at_once_with_row_and_mend(folder: Path) -> None:
    def spoil(rows: list[list[str]]) -> None:
        rows[1][0] = rows[2][0]
        rows[2][1] = "Cost"
        rows[3][3] = "many"
        rows[4][4] = "5.7"
        rows[5][5] = "2.5"
        rows[6][0] = ""

    rewrite(folder / "colleges.csv", spoil)
    text = problem(folder)
    assert "colleges.csv, row 3, column `id`: 102 is the same as in row 2; give every row its own" in text
    assert "row 3, column `region`: region 'Cost' is unknown (did you mean 'Coast'?)" in text
    assert "row 4, column `attraction`: 'many' is no number; write a number from 1e-09" in text
    assert "row 5, column `dual_qualified`: 5.7 is outside 0 to 1" in text
    assert "row 6, column `partner_limit`: 2.5 is no whole number" in text
    assert "row 7, column `id`: is empty" in text


def test_many_mistakes_are_counted(folder: Path) -> None:
    rewrite(folder / "enterprises.csv", lambda rows: [row.__setitem__(3, "x") for row in rows[1:]])
    text = problem(folder)
    assert text.count("\n") == 4
    assert "... and 42 more" in text


def test_missing_and_misspelt_columns(folder: Path) -> None:
    rewrite(folder / "colleges.csv", lambda rows: rows[0].__setitem__(1, "regoin"))
    rewrite(folder / "enterprises.csv", lambda rows: rows[0].__setitem__(4, "tecnology"))
    text = problem(folder)
    assert "colleges.csv: column `region` is missing; rename `regoin`" in text
    assert "enterprises.csv: column `tecnology` is unknown; did you mean `technology`?" in text


def test_semicolons(folder: Path) -> None:
    file = folder / "colleges.csv"
    right = from_files(folder).colleges
    file.write_text(file.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    found = from_files(folder)
    assert "colleges.csv is read with semicolons between its columns" in found.notes
    for name in right._fields:
        assert np.array_equal(getattr(found.colleges, name), getattr(right, name), equal_nan=True), name


def test_column_twice(folder: Path) -> None:
    rewrite(folder / "colleges.csv", lambda rows: rows[0].__setitem__(5, "field"))
    assert "column `field` is there twice" in problem(folder)


def test_in_no_known_encoding(folder: Path) -> None:
    (folder / "regions.csv").write_bytes("region,entrants\nMünchen,5\nKöln,5\n".encode("cp1252"))
    assert "regions.csv is in no encoding that is known here" in problem(folder)
    assert "save it as 'CSV UTF-8'" in problem(folder)


def test_empty_huge_and_broken_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "regions.csv").write_bytes(b"")
    assert "is empty" in problem(folder)
    (folder / "regions.csv").write_text("region,entrants\n", encoding="utf-8")
    assert "regions.csv: has no rows" in problem(folder)
    (folder / "regions.csv").write_text('region,entrants\n"a,1\n', encoding="utf-8")
    assert "cannot be read as CSV" in problem(folder)
    (folder / "regions.csv").write_text("region,entrants\na,1\na,1,2,3\n", encoding="utf-8")
    assert "line 3" in problem(folder)
    monkeypatch.setattr(files, "LARGEST_FILE", 10)
    assert "more than fits into memory" in problem(folder)
    monkeypatch.undo()
    (folder / "regions.csv").unlink()
    assert "has no regions.csv, regions.xlsx or regions.parquet: `abm template DIR`" in problem(folder)
    (folder / "regions.parquet").write_bytes(b"PAR1 not really")
    assert "cannot be read as parquet" in problem(folder)


def test_files_that_hold_no_table(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("id\n1\n", encoding="utf-8")
    for path, why in ((tmp_path / "firms.csv", "which table"), (tmp_path / "nowhere", "neither a file nor a folder")):
        with pytest.raises(InputError, match=why):
            from_files(path)
    (folder / "regions.parquet").write_bytes(b"")
    assert "holds the same table" in problem(folder)
    with pytest.raises(InputError, match="table 'firms': is unknown"):
        from_frames({"firms": pd.DataFrame()})


def test_students_without_a_college(folder: Path) -> None:
    rewrite(folder / "students.csv", lambda rows: rows[1].__setitem__(0, "999"))
    assert "students.csv, row 2, column `college`: college 999 is unknown" in problem(folder)
    (folder / "students.csv").unlink()
    rewrite(folder / "regions.csv", lambda rows: rows.append(["Island", "10", "", ""]))
    assert "'Island' has 10 entrants and no college" in problem(folder)


def test_too_many_people_and_sectors(folder: Path) -> None:
    rewrite(folder / "regions.csv", lambda rows: rows.extend([f"R{i}", "9999999", "", ""] for i in range(6)))
    assert "at most 50,000,000 fit" in problem(folder)
    write_example(folder.parent / "b")
    rewrite(folder.parent / "b" / "sectors.csv", lambda rows: rows.extend([f"s{i}", *"11111"] for i in range(130)))
    assert "at most 127" in problem(folder.parent / "b")


def test_sectors_without_weights(folder: Path) -> None:
    rewrite(folder / "sectors.csv", lambda rows: rows[1].__setitem__(slice(1, None), ["0"] * 5))
    assert "sectors.csv, row 2, column `skill_...`: all are 0" in problem(folder)
    (folder / "sectors.csv").write_text("sector\ncare\n", encoding="utf-8")
    assert "has no column `skill_...`" in problem(folder)


# --- whatever comes -----------------------------------------------------------------------------

NASTY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", " ", "nan", "inf", "-1", "1e400", "0x10", "1,5", "١", "True", "None", "\x00", '"', "9" * 40]),
    st.floats().map(str),
    st.integers().map(str),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
@pytest.mark.long
def test_any_cell_gives_tables_or_an_input_error(data: st.DataObject) -> None:
    given_frames = {name: frame.astype(object) for name, frame in frames().items()}
    for _ in range(data.draw(st.integers(1, 4))):
        frame = given_frames[data.draw(st.sampled_from(sorted(given_frames)))]
        row, column = data.draw(st.integers(0, len(frame) - 1)), data.draw(st.integers(0, frame.shape[1] - 1))
        frame.iat[row, column] = data.draw(NASTY | st.none() | st.floats() | st.integers() | st.booleans() | st.dates())
    try:
        tables = from_frames(given_frames)
    except InputError as error:
        assert len(str(error)) > 20
    else:
        check(tables)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(schema.TABLES)), content=st.binary(max_size=200) | st.text(max_size=200))
def test_any_file_gives_tables_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes | str
) -> None:
    folder = tmp_path_factory.mktemp("any") / "t"
    write_example(folder)
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    (folder / f"{name}.csv").write_bytes(raw)
    try:
        check(from_files(folder))
    except InputError as error:
        assert len(str(error)) > 20


def check(tables: Tables) -> None:
    assert len(set(tables.colleges.id.tolist())) == len(tables.colleges.id)
    assert (tables.enterprises.region >= 0).all()
    assert (np.diff(tables.enterprises.region) >= 0).all()
    assert tables.regions.adjacency.shape == (len(tables.regions.id),) * 2
    assert not np.isinf(tables.sectors.log_demand).any()


def test_the_example_runs(folder: Path) -> None:
    state = simulate(scenario(folder), 1, steps=6)
    assert state.step == 6
    assert state.students.offsets[1, -1] == 560
