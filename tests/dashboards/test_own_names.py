"""The dashboard calls a visitor's own institutions by their names and ids."""

from __future__ import annotations

from pathlib import Path

from abm.population import build
from abm.scenario import load
from dashboards.live.frames import world_of
from tests.population.test_own_institutions import codes


def test_institutions_are_called_as_their_tables_call_them(tmp_path: Path) -> None:
    frames = codes(as_text=True)
    frames["regions"]["region"] = frames["regions"]["region"].replace("Plain", "region 5 plain")
    for name in ("colleges", "enterprises"):
        frames[name]["region"] = frames[name]["region"].replace("Plain", "region 5 plain")
    del frames["adjacency"]
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    own = load("classroom").with_overrides(**{"population.source": "tables", "population.path": str(tmp_path)})
    world = world_of(own, build(own, 1))
    assert world.college_label(0) == "第0职业技术学院 [4111010101]"
    assert {world.enterprise_label(e) for e in range(45)} >= {"某某公司 0 [企业-00]", "企业-01"}
    # A name that somebody gave is not translated.
    assert "region 5 plain" in world.region_names_zh


def test_institutions_of_invented_worlds_are_numbered_from_1() -> None:
    invented = load("classroom")
    world = world_of(invented, build(invented, 1))
    assert (world.college_label(0), world.enterprise_label(4)) == ("1", "5")
