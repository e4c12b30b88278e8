import ast
import math
import pickle
import re
from pathlib import Path

import pytest

import abm
from abm.machine.errors import ParameterError
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE, DEFAULTS, Parameters, read_catalogue, validated

PACKAGE = Path(abm.__file__).parent
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


def is_given_parameters(function: ast.FunctionDef) -> bool:
    """Whether p is the tuple of parameters in a function: an argument of no other type, or taken from a scenario."""
    for arg in function.args.args:
        if arg.arg == "p":
            return arg.annotation is None or ast.unparse(arg.annotation) in ("Any", "Parameters")
    assigned = [n for n in ast.walk(function) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "p"]
    return any(ast.unparse(n.value).endswith(".p") for n in assigned)


def mentioned() -> set[str]:
    """Every x of a p.x, whatever p is, and of those that a tuple takes from p by its own names and somebody reads."""
    found = {name for text in SOURCES.values() for name in re.findall(r"\bp\.([a-z]\w*)", text)}
    taken = {name for text in SOURCES.values() for name in re.findall(r"\btaken\((\w+), p\)", text)}
    for text in SOURCES.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and node.name in taken:
                fields = {ast.unparse(one.target) for one in node.body if isinstance(one, ast.AnnAssign)}
                found |= {name for name in fields if re.search(rf"\b\w+\.{name}\b", text)}
    return found


def used() -> set[str]:
    """Every x of a p.x in functions that are plainly given the parameters, and of a scenario.p.x."""
    names = {name for text in SOURCES.values() for name in re.findall(r"scenario\.p\.([a-z]\w*)", text)}
    for text in SOURCES.values():
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef) and is_given_parameters(function):
                for node in ast.walk(function):
                    if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "p":
                        names.add(node.attr)
    return names


def used_by_pattern() -> list[re.Pattern[str]]:
    """Names that are put together, such as getattr(p, f"patience_{party}")."""
    patterns: list[re.Pattern[str]] = []
    for text in SOURCES.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr" and ast.unparse(node.args[0]) == "p":
                key = node.args[1]
                parts = key.values if isinstance(key, ast.JoinedStr) else []
                texts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in parts]
                if texts:
                    patterns.append(re.compile("".join(texts)))
    return patterns


def test_every_parameter_that_code_reads_exists():
    unknown = used() - set(CATALOGUE) - {"_asdict", "_replace", "_fields"}
    assert not unknown


def test_every_entry_is_read_by_some_code():
    names, patterns = mentioned(), used_by_pattern()
    unread = [n for n in CATALOGUE if n not in names and not any(p.fullmatch(n) for p in patterns)]
    assert not unread, f"no code reads {unread}"


@pytest.mark.parametrize("name", CATALOGUE)
def test_entry_is_complete(name):
    p = CATALOGUE[name]
    assert p.low <= p.default <= p.high
    assert p.low < p.high
    assert all(math.isfinite(v) for v in (p.low, p.default, p.high))
    for text in (p.label, p.label_zh, p.symbol, p.unit, p.description, p.source, p.group):
        assert text.strip() == text != ""
    assert re.search(r"[\u4e00-\u9fff]", p.label_zh), "label_zh is not Chinese"
    assert p.description.endswith(".")
    assert p.description[0].isupper() or p.description[0].isdigit()


def test_symbols_and_labels_are_unique():
    for key in ("symbol", "label", "label_zh"):
        values = [getattr(p, key) for p in CATALOGUE.values()]
        assert sorted({v for v in values if values.count(v) > 1}) == []


def test_no_name_is_both_parameter_and_lever():
    assert not set(CATALOGUE) & set(BY_NAME)


def test_defaults_are_the_catalogue_and_pickle():
    assert DEFAULTS._asdict() == {n: p.default for n, p in CATALOGUE.items()}
    again = pickle.loads(pickle.dumps(DEFAULTS))
    assert again == DEFAULTS
    assert type(again) is Parameters
    assert all(type(v) is float for v in DEFAULTS)


def test_overrides_replace_only_what_they_name():
    p = validated({"candidates": 5})
    assert p.candidates == 5.0
    assert p._replace(candidates=DEFAULTS.candidates) == DEFAULTS
    assert validated({}) is DEFAULTS


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"candidates": 30}, "`candidates` = 30 in [parameters] of talk.toml is outside 1-20: "),
        ({"candidate": 3}, "did you mean `candidates`?"),
        ({"candidates": math.nan}, "is not a finite number"),
        ({"candidates": math.inf}, "is not a finite number"),
        ({"candidates": True}, "is not a finite number"),
        ({"candidates": "3"}, "is not a finite number"),
        ({"candidates": [3]}, "is not a finite number"),
        ({"candidates": 10**5000}, "is not a finite number"),
    ],
)
def test_a_bad_override_says_what_where_why(overrides, message):
    with pytest.raises(ParameterError) as caught:
        validated(overrides, "[parameters] of talk.toml")
    assert message in str(caught.value)
    assert "talk.toml" in str(caught.value)


def test_a_catalogue_with_a_gap_is_refused(tmp_path):
    path = tmp_path / "parameters.toml"
    path.write_text('[x]\nlabel = "x"\n', encoding="utf-8")
    with pytest.raises(ParameterError, match=r"\[x\] of parameters.toml is missing or unknown"):
        read_catalogue(path)
