"""What visitors bring is checked: names, sizes, encodings, paths."""

from __future__ import annotations

import base64
from pathlib import Path

import pandas as pd
import pytest

from abm.machine.errors import InputError
from abm.population import tables
from abm.population.example import write_example
from dashboards.controls import uploads
from dashboards.live import limits


def sent(**files: bytes) -> list[dict[str, str]]:
    return [{"name": n.replace("__", "."), "content": base64.b64encode(c).decode()} for n, c in files.items()]


def test_tables_become_a_world(tmp_path: Path) -> None:
    example = tmp_path / "example"
    write_example(example)
    files = {path.name: path.read_bytes() for path in example.glob("*.csv")}
    into = tmp_path / "into"
    into.mkdir()
    scenario = uploads.scenario_from(files, into)
    assert scenario.population.source == "tables"
    assert tables(scenario).regions.name
    limits.check_size(scenario)


def test_a_scenario_becomes_a_world(tmp_path: Path) -> None:
    files = uploads.received(
        sent(mine__toml=b'base = "classroom"\ntitle = "Mine"\n[parameters]\ninitial_trust = 0.2\n')
    )
    scenario = uploads.scenario_from(files, tmp_path)
    assert (scenario.title, scenario.p.initial_trust) == ("Mine", 0.2)


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"mine.toml": b"base = 3"}, "not a scenario to build on"),
        ({"mine.toml": b"base = ["}, "not valid TOML"),
        ({"mine.toml": b'base = "../../secret.toml"'}, "not a scenario to build on"),
        ({"mine.toml": b"\xff\xfe\x00"}, "not UTF-8"),
        ({"mine.toml": b'[population]\nsource = "tables"\npath = "/etc"'}, "not uploaded with it"),
        ({"a.toml": b"steps = 4", "b.toml": b"steps = 4"}, "came at once"),
        ({"../regions.csv": b"region\n"}, "does not tell which table"),
        ({"people.csv": b"region\n"}, "does not tell which table"),
        ({"regions.parquet": b"nonsense"}, "cannot be read as parquet"),
        ({"world.yaml": b"!!python/object"}, "does not tell which table"),
    ],
)
def test_what_does_not_fit_says_why(files: dict[str, bytes], what: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=what):
        uploads.scenario_from(files, tmp_path)


def test_too_much_is_refused() -> None:
    with pytest.raises(InputError, match="larger than"):
        uploads.received(sent(regions__csv=b"x" * (uploads.MOST_BYTES + 1)))
    with pytest.raises(InputError, match="not between"):
        uploads.received([])
    with pytest.raises(InputError, match="did not arrive whole"):
        uploads.received([{"name": "a.toml", "content": "%%%"}])


@pytest.mark.parametrize("files", [[{"name": "a.toml", "content": "é"}], [3], ["x"], 5, [{"name": "a.toml"}], {"a": 1}])
def test_what_is_no_file_is_refused(files: object) -> None:
    with pytest.raises(InputError, match="did not arrive whole"):
        uploads.received(files)


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_ROWS", 1000)
    pd.DataFrame({"region": ["a"] * 5000}).to_parquet(tmp_path / "big.parquet")
    with pytest.raises(InputError, match="unpacks to 5,000 rows"):
        uploads.scenario_from({"regions.parquet": (tmp_path / "big.parquet").read_bytes()}, tmp_path)
