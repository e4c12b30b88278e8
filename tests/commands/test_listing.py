import json
import re

import pytest

from abm.commands._explanations import equations
from abm.commands._main import main
from abm.commands._tables import table, width
from abm.quarter.measurement.metrics import catalogue, regional_catalogue
from abm.quarter.negotiation.protocols import names as protocol_names
from abm.scenario import from_toml, load
from abm.scenario import names as scenario_names
from abm.scenario.policies import rules, settings
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE


def run(capsys, *argv):
    code = main(list(argv))
    caught = capsys.readouterr()
    return code, caught.out, caught.err


def test_tables_are_aligned_for_chinese_too():
    lines = table(["a", "label"], [["补贴", 0.25], ["x", 3]]).splitlines()
    assert lines == ["a     label", "----  -----", "补贴  0.25", "x     3"]
    assert width("补贴x") == 5


@pytest.mark.parametrize("command", ["scenarios", "policies", "protocols", "parameters", "metrics"])
def test_a_listing_prints_a_table_and_json(capsys, command):
    code, out, err = run(capsys, command)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 4
    code, out, _ = run(capsys, command, "--json")
    assert code == 0
    rows = json.loads(out)
    named = {row.get("name") or row["rule"] for row in rows}
    expected = {
        "scenarios": scenario_names(),
        "policies": rules(),
        "protocols": protocol_names(),
        "parameters": CATALOGUE,
        "metrics": {*catalogue(), *regional_catalogue()},
    }
    assert named == set(expected[command])


def test_policies_lists_every_field(capsys):
    rows = json.loads(run(capsys, "policies", "--json")[1])
    assert len(rows) == sum(len(settings(rule)) for rule in rules().values())
    rows = json.loads(run(capsys, "policies", "tax_credit", "--json")[1])
    assert [(row["field"], row["default"], row["high"]) for row in rows] == [("rate", 0.3, 0.5)]


def test_parameters_by_group_and_role(capsys):
    rows = json.loads(run(capsys, "parameters", "--group", "policy", "--json")[1])
    assert {row["group"] for row in rows} == {"policy"}
    assert run(capsys, "parameters", "--role", "treshold")[0] == 2


def test_a_scenario_printed_in_full_is_a_file(capsys):
    out = run(capsys, "scenarios", "--toml", "reform_package")[1]
    assert from_toml(out) == load("reform_package")


def test_explain_a_parameter(capsys):
    (entry,) = json.loads(run(capsys, "explain", "communication_cost", "--json")[1])
    p = CATALOGUE["communication_cost"]
    assert (entry["symbol"], entry["unit"], entry["default"], entry["source"]) == (
        p.symbol,
        p.unit,
        p.default,
        p.source,
    )
    assert entry["equations"] == ["Eq. 23"]
    assert any(place.startswith("abm/world/equations.py:") for place in entry["used in"])
    text = run(capsys, "explain", "communication_cost")[1]
    for part in ("0-0.5", "utility a round and level", "Eq. 23", "assumption"):
        assert part in text


def test_explain_a_lever_by_the_equations_that_name_it_otherwise(capsys):
    (entry,) = json.loads(run(capsys, "explain", "penalty", "--json")[1])
    assert {"Eq. 90", "Eq. 20", "Eq. 27", "Eq. 53"} <= set(entry["equations"])
    (entry,) = json.loads(run(capsys, "explain", "subsidy_budget", "--json")[1])
    assert {"Eq. 11", "Eq. 24"} <= set(entry["equations"])


def test_explain_names_that_stand_for_several_things(capsys):
    entries = json.loads(run(capsys, "explain", "platform", "--json")[1])
    assert [next(iter(entry)) for entry in entries] == ["lever", "policy rule"]
    assert entries[0]["moved by"] == ["adaptive_platform", "platform"]


@pytest.mark.parametrize(
    "name", ["subsidy", "classroom", "nash", "subsidy_rate", "distribution_rule", "blame_rate", "stage"]
)
def test_explain_everything_else(capsys, name):
    code, out, _ = run(capsys, "explain", name)
    assert code == 0
    assert name in out


def test_every_lever_is_moved_by_a_rule(capsys):
    for name in BY_NAME:
        entries = json.loads(run(capsys, "explain", name, "--json")[1])
        assert entries[0]["moved by"], name
        assert entries[0]["equations"] and entries[0]["used in"], name


def test_a_wrong_name_is_one_line_and_exit_code_2(capsys):
    for argv in (["explain", "comunication_cost"], ["scenarios", "--toml", "clasroom"], ["policies", "subsidie"]):
        code, out, err = run(capsys, *argv)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert "did you mean" in err


def test_equations_are_found_by_whole_names():
    assert equations("p.talk_rounds") == ["Eq. 23"]
    assert equations("p.talk") == []


def test_metrics_of_regions_alone(capsys):
    rows = json.loads(run(capsys, "metrics", "--of", "region", "--json")[1])
    assert {row["name"] for row in rows} == set(regional_catalogue())
    assert all(row["meaning"] and row["label_zh"] for row in rows)


def test_explain_alone_lists_what_can_be_explained_and_each_can_be(capsys):
    code, out, err = run(capsys, "explain")
    assert (code, err) == (0, "")
    listed = json.loads(run(capsys, "explain", "--json")[1])
    assert {"parameters", "levers", "policies", "metrics", "scenarios", "protocols"} <= listed.keys()
    assert all(name in out for kind in listed.values() for name in kind)
    assert all(run(capsys, "explain", kind[0])[0] == 0 for kind in listed.values())
    assert set(regional_catalogue()) <= set(listed["metrics"])


@pytest.mark.parametrize("name", list(rules()))
def test_settings_are_told_in_chinese_under_the_names_that_people_write(capsys, name):
    out = run(capsys, "--lang", "zh", "explain", name)[1]
    told = [line for line in out.splitlines() if " = " in line and "（" in line]
    assert len(told) >= len(settings(rules()[name])) > 0
    for key, of in settings(rules()[name]).items():
        (line,) = [line for line in told if f" {key} = {of.default:g}（" in line]
        assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", line), line
