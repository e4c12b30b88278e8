"""People bring institutions with codes and names of their own: both come back in all that is written or shown."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import abm
from abm import population
from abm.agents import Enterprise
from abm.machine.errors import InputError
from abm.population import identity
from abm.population.example import example, write_example
from abm.population.reading import from_files, from_frames
from abm.results import Results
from abm.scenario import Scenario, load

STEPS = 60


def codes(*, as_text: bool) -> dict[str, pd.DataFrame]:
    """The example with ten-digit ministry codes and Chinese names; enterprises with ids of letters."""
    frames = {name: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in example().items()}
    colleges, enterprises, students = frames["colleges"], frames["enterprises"], frames["students"]
    for frame, column in ((colleges, "id"), (students, "college"), (frames["programmes"], "college")):
        code = 4_111_010_000 + frame[column].astype("int64")
        frame[column] = code.astype(str) if as_text else code
    colleges.insert(1, "name", [f"第{i}职业技术学院" for i in range(len(colleges))])
    enterprises["id"] = [f"企业-{i:02d}" for i in range(len(enterprises))]
    enterprises["name"] = ["" if i % 2 else f"某某公司 {i}" for i in range(len(enterprises))]
    frames["regions"]["id"] = ["310000", "320000", "GD"]
    return frames


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("own")
    for name, frame in codes(as_text=True).items():
        frame.to_csv(place / f"{name}.csv", index=False)
    return place


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return abm.run("reform_package", 3, steps=STEPS, **{"population.source": "tables", "population.path": str(folder)})


def test_a_code_is_the_same_as_text_and_as_number() -> None:
    texts, numbers = from_frames(codes(as_text=True)), from_frames(codes(as_text=False))
    assert texts.colleges.id.tolist() == numbers.colleges.id.tolist()
    assert texts.members.college.id.tolist() == numbers.members.college.id.tolist()  # pyright: ignore
    assert 4_111_010_101 in texts.members.college.id
    assert texts.students is not None
    assert np.array_equal(texts.students.college, numbers.students.college)  # pyright: ignore


def test_codes_come_from_parquet_with_gaps_as_floats() -> None:
    frames = codes(as_text=False)
    frames["colleges"]["id"] = frames["colleges"]["id"].astype(float)
    assert (
        from_frames(frames).members.college.id.tolist() == from_frames(codes(as_text=True)).members.college.id.tolist()
    )  # pyright: ignore


def test_whole_numbers_keep_their_draws_and_others_have_keys_of_31_bits() -> None:
    ids = ["0", "7", "2147483647", "2147483648", "4111010101", "A", "学校"]
    keys = identity.keys(ids)
    assert keys[:3].tolist() == [0, 7, 2**31 - 1]
    assert len(set(keys.tolist())) == len(ids)
    assert keys.max() < 2**31
    assert identity.keys(ids[::-1])[::-1].tolist() == keys.tolist()


def test_on_a_collision_the_next_free_key_in_the_order_of_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "hashed", lambda text: 2**31 - 1)  # pyright: ignore
    assert identity.keys(["b", "1", "c", "a", "0"]).tolist() == [2, 1, 3, 2**31 - 1, 0]


def test_an_id_twice_and_one_that_lost_its_digits_are_named() -> None:
    frames = codes(as_text=True)
    frames["colleges"].loc[1, "id"] = frames["colleges"].loc[0, "id"]
    frames["enterprises"].loc[4, "id"] = "4.11101E+09"
    with pytest.raises(InputError) as caught:
        from_frames(frames)
    assert "colleges, row 2, column `id`: 4111010101 is the same as in row 1" in str(caught.value)
    assert "enterprises, row 5, column `id`: '4.11101E+09' has lost its last digits" in str(caught.value)


def test_007_is_7_and_is_told_as_it_was_written() -> None:
    frames = codes(as_text=True)
    frames["enterprises"].loc[0, "id"] = "007"
    tables = from_frames(frames)
    assert "007" in tables.members.enterprise.id
    assert 7 in tables.enterprises.id
    frames["enterprises"].loc[1, "id"] = "7"
    with pytest.raises(InputError, match="is the same as in row 1"):
        from_frames(frames)


def test_the_order_of_rows_changes_no_draw(folder: Path) -> None:
    frames = codes(as_text=True)
    shuffled = {name: frame.sample(frac=1.0, random_state=2) for name, frame in frames.items()}
    a, b = from_frames(frames), from_frames(shuffled)
    for one, other in zip(a.enterprises, b.enterprises, strict=True):
        assert np.array_equal(one, other, equal_nan=True)
    assert [list(m.id) for m in a.members] == [list(m.id) for m in b.members]
    assert [m.name for m in a.members] == [m.name for m in b.members]


def check(frame: pd.DataFrame, source: dict[str, pd.DataFrame], kind: str) -> None:
    """Every row that concerns an institution holds its id and the name that belongs to it."""
    table = source[{"college": "colleges", "enterprise": "enterprises"}[kind]]
    names = dict(zip(table["id"].astype(str), table["name"], strict=True))
    mine = frame[frame[kind] >= 0]
    assert len(mine) > 0
    assert [names[str(given)] for given in mine[f"{kind}_id"]] == mine[f"{kind}_name"].tolist()


@pytest.mark.parametrize("table", ["tables", "contracts", "events"])
def test_tables_hold_ids_and_names(results: Results, table: str) -> None:
    source, frame = codes(as_text=True), results.frame(table)
    for kind in ("enterprise", "college"):
        if (frame[kind] >= 0).any():
            check(frame, source, kind)
        else:
            assert f"{kind}_id" in frame
    regions = frame[frame["region"] >= 0] if "region" in frame else frame.head(0)
    ids = dict(zip(source["regions"]["region"], source["regions"]["id"], strict=True))
    assert [ids[name] for name in regions.get("region_name", [])] == list(regions.get("region_id", []))


def test_communities_list_their_members_by_id_and_name(results: Results) -> None:
    frame = results.communities
    assert len(frame) > 0
    source = codes(as_text=True)
    for kind, table in (("college", "colleges"), ("enterprise", "enterprises")):
        names = dict(zip(source[table]["id"].astype(str), source[table]["name"], strict=True))
        for ids, called in zip(frame[f"{kind}s"], frame[f"{kind}_names"], strict=True):
            assert [names[str(given)] for given in ids] == called


def test_the_folder_holds_what_the_frames_hold(results: Results, tmp_path: Path) -> None:
    place = results.save(tmp_path / "out", csv=True)
    for name in ("tables", "contracts", "communities", "regions"):
        read: Any = pd.read_parquet(place / f"{name}.parquet")
        assert list(read.columns) == list(results.frame(name).columns)
    text = (place / "contracts.csv").read_text(encoding="utf-8-sig")
    assert "职业技术学院" in text
    assert "4111010" in text
    rows = list(csv.DictReader(text.splitlines()))
    assert {"enterprise_id", "enterprise_name", "college_id", "college_name"} <= rows[0].keys()


def test_summary_and_report_name_the_members_of_communities(results: Results, tmp_path: Path) -> None:
    found = results.communities
    last = found[found["established"] >= 0].iloc[-1]
    name, given = last["college_names"][0], last["colleges"][0]
    text = results.summary()
    assert f"{name} [{given}]" in text
    place = results.save(tmp_path / "out")
    assert f"{name} [{given}]" in (place / "report.html").read_text(encoding="utf-8")


def test_an_agent_knows_its_id_and_name(folder: Path) -> None:
    model = abm.IntegrationModel("classroom", 1, **{"population.source": "tables", "population.path": str(folder)})
    agents = list(model.agents_by_type[Enterprise])
    assert {agent.given_id for agent in agents} == set(codes(as_text=True)["enterprises"]["id"])
    assert any(agent.given_name == "某某公司 0" for agent in agents)


def test_invented_worlds_have_the_numbers_of_their_rows(tmp_path: Path) -> None:
    results = abm.run("classroom", 1, steps=8)
    frame = results.contracts
    assert (frame["college_id"] == frame["college"]).all()
    assert (frame["college_name"] == "").all()
    assert results.tables["region_name"].isin(results.region_names).all()


def test_whole_number_ids_up_to_the_largest_key_still_work(tmp_path: Path) -> None:
    write_example(tmp_path / "t")
    tables = from_files(tmp_path / "t")
    assert tables.colleges.id.tolist() == tables.members.college.id.tolist()  # pyright: ignore
    assert isinstance(load("classroom"), Scenario)
    assert population.build(load("classroom"), 1).colleges.id[0] == 0
