"""What a name of the model stands for, and where the equations and the code use it."""

from __future__ import annotations

import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any

import abm
from abm.machine.errors import InputError, nearest
from abm.quarter.measurement.metrics import catalogue, regional_catalogue
from abm.scenario.policies import rules, settings
from abm.world.levers import BY_NAME, Lever
from abm.world.parameters import CATALOGUE, Parameter

PACKAGE = Path(abm.__file__).parent


@cache
def equation_texts() -> dict[int, str]:
    """The equations of ODD.md by number, each with the functions that compute it."""
    text = (PACKAGE / "ODD.md").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\(\d+\) |```|#)", text)
    return {int(found[1]): block for block in blocks if (found := re.match(r"\((\d+)\) ", block))}


def equations(name: str) -> list[str]:
    """Numbers of the equations whose text uses a name, such as 'Eq. 23'."""
    return _equations(re.escape(name))


def _equations(pattern: str, others: str = "") -> list[str]:
    """Numbers of the equations in whose text a pattern stands as a word, and not as a part of one of ``others``."""
    word = re.compile(rf"(?<!\w)(?:{others + '|' if others else ''}(?P<name>{pattern}))(?!\w)")
    texts = equation_texts().items()
    return [f"Eq. {number}" for number, text in texts if any(found["name"] for found in word.finditer(text))]


def _equations_of_lever(found: Lever) -> list[str]:
    """An equation names a lever in words or with the region that sets it: "student reform", "penalty_h"."""

    def written(name: str) -> str:
        return name.replace("_", "[_ ]") + "(?:_[a-z]{1,2})?"

    names = [written(name) for name in (found.name, found.in_equations) if name]
    others = [written(name) for name in BY_NAME if name != found.name]
    return _equations("|".join(names), "|".join(others))


def files(pattern: str) -> list[str]:
    """Source files of the package that match a pattern, as 'abm/quarter/delivery:61' of the first use in each."""
    word = re.compile(pattern)
    found: list[str] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if word.search(line):
                found.append(f"abm/{path.relative_to(PACKAGE).as_posix()}:{i}")
                break
    return found


def parameter(p: Parameter) -> dict[str, Any]:
    """All that is known of a parameter."""
    acts = "in a running world" if p.acts == "now" else "when the world is built"
    return {
        "parameter": p.name,
        "label": p.label,
        "label_zh": p.label_zh,
        "symbol": p.symbol,
        "unit": p.unit,
        "range": f"{p.low:g}-{p.high:g}",
        "default": p.default,
        "role": p.role,
        "group": p.group,
        "acts": acts,
        "meaning": p.description,
        "source": p.source,
        "equations": equations(f"p.{p.name}"),
        "used in": files(rf"\bp\.{p.name}\b"),
    }


def lever(found: Lever) -> dict[str, Any]:
    """All that is known of a lever."""
    movers = [name for name, rule in rules().items() if found.name in _moved(rule)]
    return {
        "lever": found.name,
        "label": found.label,
        "label_zh": found.label_zh,
        "unit": found.unit,
        "range": f"{found.low:g}-{found.high:g}",
        "without a rule": float(found.neutral),
        "several rules": found.combine,
        "source": found.source,
        "moved by": movers,
        "equations": _equations_of_lever(found),
        "used in": files(rf"\bL\.{found.name.upper()}\b"),
    }


def metric(name: str) -> dict[str, Any]:
    """All that is known of a metric."""
    nation, regional = catalogue(), regional_catalogue()
    of = nation.get(name) or regional[name]
    return {
        "metric": of.name,
        "label": of.label,
        "label_zh": of.label_zh,
        "unit": of.unit,
        "range": f"{of.low:g}-{of.high:g}",
        "of": " and ".join(kind for kind, known in (("nation", nation), ("region", regional)) if name in known),
        "meaning": of.meaning,
        "source": of.source or "-",
    }


def known_names() -> dict[str, list[str]]:
    """Every name that can be explained, by what it names."""
    from abm.scenario import names as scenario_names
    from abm.scenario.protocols import names as protocol_names

    return {
        "parameters": sorted(CATALOGUE),
        "levers": sorted(BY_NAME),
        "policies": sorted(rules()),
        "metrics": sorted({**catalogue(), **regional_catalogue()}),
        "scenarios": sorted(scenario_names()),
        "protocols": sorted(protocol_names()),
    }


def explanations(name: str) -> list[dict[str, Any]]:
    """Everything that a name stands for; an InputError suggests the nearest name if it is nothing."""
    from abm.quarter.negotiation.protocols import protocol
    from abm.scenario import load
    from abm.scenario import names as scenario_names
    from abm.scenario.protocols import names as protocol_names

    found: list[dict[str, Any]] = []
    if name in CATALOGUE:
        found.append(parameter(CATALOGUE[name]))
    if name in BY_NAME:
        found.append(lever(BY_NAME[name]))
    if name in rules():
        rule = rules()[name]
        fields = [
            f"{of.name} = {of.default:g} ({of.low:g}-{of.high:g} {of.unit}): {of.meaning}"
            for of in settings(rule).values()
        ]
        head = {"policy rule": name, "label": rule.label, "label_zh": rule.label_zh, "meaning": rule.__doc__}
        found.append({**head, "fields": fields, "source": rule.source, "file": f"abm/scenario/policies/{name}.py"})
    if name in catalogue() or name in regional_catalogue():
        found.append(metric(name))
    if name in scenario_names():
        s = load(name)
        head = {"scenario": name, "title": s.title, "title_zh": s.title_zh, "rationale": s.rationale}
        found.append({**head, "expected": s.expected, "steps": s.steps, "sources": list(s.sources)})
    if name in protocol_names():
        p = protocol(name)
        found.append(
            {
                "protocol": name,
                "meaning": p.label,
                "source": p.source,
                "file": f"abm/quarter/negotiation/protocols/{name}.py",
            }
        )
    if not found:
        known = [one for names in known_names().values() for one in names]
        raise InputError(f"`{name}`", why="is not a name of the model", mend=nearest(name, known))
    return found


def _moved(rule: type[Any]) -> list[str]:
    """Levers that a rule answers with, from its text."""
    return re.findall(r'"(\w+)":', inspect.getsource(rule))
