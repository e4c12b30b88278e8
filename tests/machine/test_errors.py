import pickle

from abm.machine.errors import InputError, ParameterError, ScenarioError, nearest, with_unit


def test_message_says_what_where_why_and_the_mend():
    error = InputError("`rate` = 1.4", place="policies[2] of talk.toml", why="is outside 0-1", mend="it is a share")
    assert str(error) == "`rate` = 1.4 in policies[2] of talk.toml is outside 0-1: it is a share"
    assert str(InputError("no such file")) == "no such file"
    several = InputError("the tables", why="cannot be used", mend="\n  line 3: is empty\n  line 9: is empty")
    assert str(several) == "the tables cannot be used:\n  line 3: is empty\n  line 9: is empty"


def test_kinds_are_input_errors_and_survive_pickling():
    for kind in (ScenarioError, ParameterError):
        error = kind("`x`", place="here", why="is odd", mend="mend it")
        again = pickle.loads(pickle.dumps(error))
        assert isinstance(error, InputError)
        assert type(again) is kind
        assert str(again) == str(error)


def test_a_plain_number_has_no_unit():
    assert [with_unit("trust", unit) for unit in ("1", "", "1/quarter")] == ["trust", "trust", "trust (1/quarter)"]


def test_nearest_suggests_or_lists_or_gives_up():
    assert nearest("plattform", ["platform", "mandate"]) == "did you mean `platform`?"
    assert nearest("zzz", ["platform", "mandate"]) == "known are `platform`, `mandate`"
    assert nearest("zzz", [f"name{i}" for i in range(30)]) == "no name comes close to it"
