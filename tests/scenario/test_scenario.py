import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.machine.errors import InputError, InputWarning, ScenarioError
from abm.machine.language import speaking
from abm.scenario import LARGEST, PopulationSpec, Scenario, from_toml, load, names
from abm.scenario.policies import rules
from abm.scenario.policies import settings as numbers_of
from abm.world.parameters import CATALOGUE, DEFAULTS, RETIRED


def test_the_shipped_scenarios_are_the_promised_ones():
    assert set(names()) >= {
        "china", "classroom", "guangdong", "fragmented", "mandate_era", "reform_package", "policy_exit",
        "technology_jump", "emerging_industry", "new_industry", "three_eras",
    }  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_a_shipped_scenario_explains_itself_and_round_trips(name):
    s = load(name)
    assert s.name == name
    for text in (s.title, s.title_zh, s.rationale, s.expected, *s.sources):
        assert text.strip()
    assert s.sources
    assert from_toml(s.to_toml(), name) == s
    assert pickle.loads(pickle.dumps(s)) == s
    assert hash(s) == hash(load(name))


def test_the_classroom_world_has_its_size():
    spec = load("classroom").population
    assert (spec.n_regions, spec.n_colleges, spec.n_enterprises, spec.n_students) == (6, 36, 180, 7200)
    assert load("classroom").p == DEFAULTS


def test_a_scenario_is_given_back_as_it_is():
    s = Scenario()
    assert load(s) is s


def test_sparse_file_on_a_shipped_base(tmp_path):
    path = tmp_path / "talk.toml"
    path.write_text(
        'base = "classroom"\nsteps = 12\n[parameters]\ncandidates = 5\n[levers]\nplatform = 0.3\n', encoding="utf-8"
    )
    s = load(path)
    assert (s.name, s.steps, s.p.candidates) == ("talk", 12, 5.0)
    assert s.title == load("classroom").title
    assert s.population == load("classroom").population
    assert dict(s.levers) == {"platform": 0.3}
    assert s.parameters == {"candidates": 5.0}
    assert load(str(path)) == s


def test_a_file_may_build_on_its_neighbour_and_on_windows_text(tmp_path):
    (tmp_path / "a.toml").write_bytes('\ufeffsteps = 7\r\ntitle = "甲"\r\n'.encode())
    (tmp_path / "b.toml").write_text('base = "a.toml"\nseed = 4\n', encoding="utf-8")
    s = load(tmp_path / "b.toml")
    assert (s.name, s.title, s.steps, s.seed) == ("b", "甲", 7, 4)


def test_a_text_cannot_reach_files(tmp_path):
    path = tmp_path / "secret.toml"
    path.write_text("steps = 7\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="is not a scenario to build on"):
        from_toml(f'base = "{path.as_posix()}"\n')


def test_a_circle_of_bases_ends(tmp_path):
    (tmp_path / "a.toml").write_text('base = "b.toml"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('base = "a.toml"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match="circle"):
        load(tmp_path / "a.toml")


BAD = {
    "": "is empty",
    "# nothing\n": "is empty",
    "steps = ": "is not valid TOML",
    "a = " + "[" * 5000: "nested too deeply",
    "steps = " + "9" * 5000: "is not valid TOML",
    "stepps = 3": "did you mean `steps`?",
    "steps = 0": "is not a whole number in 1-",
    "steps = 2.5": "is not a whole number",
    "steps = true": "is not a whole number",
    'steps = "many"': "is not a whole number",
    "seed = -1": "is not a whole number",
    "title = 3": "is not a text",
    'name = "../../etc"': "cannot name a folder",
    'sources = "one"': "is not a list",
    "sources = [1]": "is not a text",
    'protocol = "nsh"': "did you mean `nash`?",
    "protocol = 1": "is not a text",
    'base = "clasroom"': "did you mean `classroom`?",
    "base = 3": "is not a scenario to build on",
    "parameters = 3": "is not a table",
    "[parameters]\ncandidates = 30": "is outside 1-20",
    "[parameters]\ncandidates = nan": "is not a finite number",
    "[parameters]\ncandidates = inf": "is not a finite number",
    "[parameters]\ncandidates = 1979-05-27": "is not a finite number",
    "[levers]\nplatfrm = 1": "did you mean `platform`?",
    "[levers]\nplatform = 1.5": "is outside 0-1",
    "[levers]\nmandate = 2.5": "is no whole number in 0-5",
    "[population]\nn_colege = 3": "did you mean `n_colleges`?",
    "[population]\nn_colleges = -3": "is not a whole number in 0-",
    "[population]\nscale = 0": "is not a number in",
    "[population]\nscale = nan": "is not a number in",
    '[population]\nsource = "census"': "is unknown",
    '[population]\nsource = "tables"': "say where the tables are",
    '[population]\nregions = "CN-GD"': "is not a list",
    "policies = 3": "is not a list",
    "policies = [3]": "is not a table",
    "[[policies]]\nrate = 0.3": "`rule` in policies[0] of here is missing",
    '[[policies]]\nrule = "subsidie"': "did you mean `subsidy`?",
    "[[policies]]\nrule = 3": "does not exist",
    '[[policies]]\nrule = "subsidy"\nrate = 1.4': "`rate` = 1.4 in policies[0] of here is outside 0-0.8",
    '[[policies]]\nrule = "subsidy"\nrates = 0.4': "did you mean `rate`?",
    '[[policies]]\nrule = "subsidy"\nfrom = -1': "is not a whole number of quarters",
    '[[policies]]\nrule = "subsidy"\nfrom = 8\nuntil = 8': "does not come after",
    '[[policies]]\nrule = "subsidy"\nregions = [1.5]': "is not a list of names, codes or numbers",
    '[[policies]]\nrule = "subsidy"\nregions = [-1]': "is not a list of names, codes or numbers",
    '[[policies]]\nrule = "subsidy"\nwhen = 3': "is not a condition",
    '[[policies]]\nrule = "subsidy"\nwhen = { metric = "x" }': "is not a condition",
    '[[policies]]\nrule = "subsidy"\nwhen = { metric = "x", above = 1, below = 2 }': "is not a condition",
    '[[policies]]\nrule = "subsidy"\nwhen = { metric = "x", above = nan }': "is not a condition",
    '[[policies]]\nrule = "subsidy"\nwhen = { metric = "x", above = 1, scope = "town" }': "is not a condition",
}


@pytest.mark.parametrize("text", BAD, ids=[text[:40] for text in BAD])
def test_a_bad_text_gives_one_clear_message(text):
    with pytest.raises(InputError) as caught:
        from_toml(text, "here")
    assert BAD[text] in str(caught.value)
    assert "here" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_bad_files(tmp_path):
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'steps = 3\ntitle = "\xe9"\n')
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * (LARGEST + 1))
    cases = {
        latin: "line 2 in latin.toml is not UTF-8 text",
        huge: "has more than 1,000,000 bytes",
        tmp_path / "none.toml": "is not a file",
        tmp_path: "is not a file",
    }
    for path, message in cases.items():
        with pytest.raises(ScenarioError) as caught:
            load(path)
        assert message in str(caught.value)
    for name in ("clasroom", "", "a\0b.toml", "talk.tml"):
        with pytest.raises(ScenarioError):
            load(name)


def test_overrides_reach_every_part():
    s = load("policy_exit").with_overrides(
        candidates=5, platform=0.4, steps=np.int64(12), seed=3, protocol="nash", scale=0.5, **{
            "population.n_slots": 4, "subsidy.rate": 0.25, "subsidy.until": 20,
        },
    )  # fmt: skip
    assert (s.p.candidates, s.steps, s.seed, s.protocol) == (5.0, 12, 3, "nash")
    assert dict(s.levers) == {"platform": 0.4}
    assert (s.population.scale, s.population.n_slots, s.population.n_colleges) == (0.5, 4, 36)
    (rule,) = s.policies
    assert (rule.rate, rule.from_step, rule.until_step) == (0.25, 4, 20)
    assert from_toml(s.to_toml()) == s
    assert load("policy_exit").with_overrides() == load("policy_exit")
    assert s.with_overrides(platform=0).levers == ()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("candidats", 3, "did you mean `candidates`"),
        ("candidates", 99, "is outside 1-20"),
        ("subsidy.rate", 2, "is outside 0-0.8"),
        ("subsidy.rate", "0,3", "is not a number from 0 to 0.8 such as 0.4"),
        ("subsidy_rate", "三成", "is not a number from 0 to 0.8 such as 0.4"),
        ("subsidy.rat", 0.2, "did you mean `rate`?"),
        ("platform.reach", 0.2, "cannot be set"),
        ("population.towns", 2, "is not part of a population"),
        ("base", "china", "cannot be set"),
        ("steps", 0, "is not a whole number"),
        ("subsidy.until", 2, "does not come after"),
    ],
)
def test_a_bad_override_is_refused(key, value, message):
    with pytest.raises(InputError) as caught:
        load("policy_exit").with_overrides(**{key: value})
    assert message in str(caught.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
keys = st.sampled_from(
    ["base", "name", "title", "sources", "steps", "seed", "protocol", "population", "parameters", "levers", "policies"]
)
tables = st.dictionaries(
    st.sampled_from([*CATALOGUE, "platform", "scale", "regions", "n_colleges", "rule", "rate", "from", "when"])
    | st.text(),
    anything,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(keys | st.text(max_size=8), anything | tables | st.lists(tables, max_size=2), max_size=4))
def test_any_values_give_a_scenario_or_an_input_error(overrides):
    overrides.pop("self", None)
    try:
        s = Scenario().with_overrides(**overrides)
    except InputError as error:
        assert str(error)
    else:
        assert from_toml(s.to_toml()) == s


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from([
    "base = ", '"classroom"', "[population]", "[[policies]]", 'rule = "subsidy"', "rate = ", "1e400", "nan", "-0.0",
    "\n", "[parameters]", "candidates = ", "3", "when = { ", "}", "from = ", "0x10", '"""', "= [", "]",
    "1979-05-27T07:32:00Z",
]), max_size=20).map(" ".join))  # fmt: skip
def test_any_text_gives_a_scenario_or_an_input_error(text):
    try:
        s = from_toml(text)
    except InputError as error:
        assert str(error)
    else:
        assert from_toml(s.to_toml()) == s


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes_give_a_scenario_or_an_input_error(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(raw)
    try:
        s = load(path)
    except InputError as error:
        assert str(error)
    else:
        assert from_toml(s.to_toml()) == s


@st.composite
def rule_tables(draw):
    rule = draw(st.sampled_from(sorted(rules().values(), key=lambda r: r.name)))
    table = {"rule": rule.name}
    for of in numbers_of(rule).values():
        table[of.name] = draw(st.floats(of.low, of.high))
    table["from"] = draw(st.integers(0, 50))
    if draw(st.booleans()):
        table["until"] = table["from"] + draw(st.integers(1, 50))
    table["ramp"], table["fade"] = draw(st.integers(0, 20)), draw(st.integers(0, 20))
    table["regions"] = draw(
        st.lists(st.integers(0, 30) | st.sampled_from(["广东省", "CN-BJ", 'a"b\\\x7f']), max_size=3)
    )
    if draw(st.booleans()):
        table["when"] = {
            "metric": "x",
            draw(st.sampled_from(["above", "below"])): draw(st.floats(-9, 9)),
            "scope": "nation",
        }
    return table


@settings(max_examples=100, deadline=None)
@given(
    policies=st.lists(rule_tables(), max_size=3),
    overrides=st.dictionaries(st.sampled_from(list(CATALOGUE)), st.floats(0, 1), max_size=5),
    title=st.text(st.characters(codec="utf-8"), max_size=30),
)
def test_every_valid_scenario_round_trips(policies, overrides, title):
    inside = {k: CATALOGUE[k].low + x * (CATALOGUE[k].high - CATALOGUE[k].low) for k, x in overrides.items()}
    inside = {k: min(v, CATALOGUE[k].high) for k, v in inside.items()}
    s = Scenario().with_overrides(parameters=inside, policies=policies, title=title)
    again = from_toml(s.to_toml())
    assert again == s
    assert all(math.isfinite(v) for v in again.p)


def test_defaults_of_a_population():
    spec = PopulationSpec()
    assert (spec.source, spec.scale, spec.n_sectors, spec.n_skills, spec.n_slots) == ("synthetic", 1.0, 8, 8, 8)


def test_an_unreadable_file(tmp_path, monkeypatch):
    path = tmp_path / "closed.toml"
    path.write_text("steps = 3\n", encoding="utf-8")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(ScenarioError, match="cannot be read: Permission denied"):
        load(path)


def test_policies_are_added_and_left_out_beside_those_of_the_base_and_differences_are_said():
    from abm.scenario import ScenarioError, load
    from abm.scenario.differences import differences

    base = load("reform_package")
    own = {rule.name for rule in base.policies}
    first = sorted(own)[0]
    changed = base.with_overrides(without_policies=[first], add_policies=[{"rule": "example"}], name="changed")
    assert {rule.name for rule in changed.policies} == (own - {first}) | {"example"}
    said = differences(base, changed)
    assert any(line.startswith(f"only reform_package has the policy {first}") for line in said)
    assert any(line.startswith("only changed has the policy example") for line in said)
    assert len(said) == 2
    assert differences(base, base) == []
    assert "population.n_students: " in differences(base, base.with_overrides(population={"n_students": 1200}))[0]
    with pytest.raises(ScenarioError, match="is no policy of the base"):
        base.with_overrides(without_policies=["exampel"])


@pytest.mark.parametrize("name", RETIRED)
def test_a_file_that_sets_a_retired_parameter_is_read_and_says_what_changed(name: str):
    assert name not in CATALOGUE
    text = f'base = "classroom"\n[parameters]\n{name} = 0.4\ncandidates = 5\n'
    with pytest.warns(InputWarning, match=rf"`{name}` \(\[parameters\] of old.toml\) acts no more: public money is"):
        scenario = from_toml(text, "old.toml")
    assert scenario.parameters == {"candidates": 5.0}
    with pytest.warns(InputWarning, match="acts no more"):
        assert scenario.with_overrides(changes=[{"from": 2, name: 0.3}]).in_force(3).p == scenario.p
    with speaking("zh"), pytest.warns(InputWarning, match=r"不再起作用：公共资金"):
        from_toml(text, "old.toml")
