"""Scenario: the complete, frozen, checked input of a run (with its seed), and where it comes from.

A scenario file is sparse: whatever it does not say is the catalogue's default, or its ``base``'s.

    base = "classroom"            # another scenario to start from (optional)
    title = "Reform package"
    steps = 80                    # quarters
    protocol = "concession"       # `abm protocols`
    [population]                  # PopulationSpec
    [parameters]                  # name = value; `abm parameters`
    [levers]                      # where levers stand without a rule
    [[policies]]                  # rule = "<name>" and its fields; `abm policies`
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from numpy.typing import NDArray

from abm.errors import InputError, ScenarioError, nearest, with_unit
from abm.inputs import count, listed, word, words
from abm.levers import BY_NAME, LEVERS
from abm.parameters import CATALOGUE, DEFAULTS, Parameters, as_row, in_range, shown, validated, whole
from abm.policies import Policy
from abm.policies._tables import changed, policy_from, table_of
from abm.population_spec import PopulationSpec, population_from
from abm.protocols import names as protocol_names
from abm.toml_text import block

FOLDER = Path(__file__).with_name("scenarios")
LARGEST = 1_000_000
"""Bytes that a scenario file may have."""
DEEPEST = 8
"""Scenarios that may build on one another."""

_WORDS = ("name", "title", "title_zh", "rationale", "expected", "protocol", "base")
_KEYS = (*_WORDS, "sources", "steps", "seed", "population", "parameters", "levers", "policies")


@dataclass(frozen=True)
class Scenario:
    """Everything that a run depends on, beside its seed."""

    name: str = "unnamed"
    title: str = ""
    title_zh: str = ""
    rationale: str = ""
    expected: str = ""
    sources: tuple[str, ...] = ()
    steps: int = 80
    seed: int = 1
    """The seed of a run for which nobody asks for another."""
    protocol: str = "concession"
    p: Parameters = DEFAULTS
    population: PopulationSpec = field(default_factory=PopulationSpec)
    levers: tuple[tuple[str, float], ...] = ()
    """Where levers stand without a rule, if not at their neutral value."""
    policies: tuple[Policy, ...] = ()

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters that differ from the catalogue's defaults."""
        return {k: v for k, v, d in zip(CATALOGUE, self.p, DEFAULTS, strict=True) if v != d}

    @cached_property
    def numbers(self) -> NDArray[Any]:
        """The parameters as kernels read them, one record. Shape [1]."""
        return as_row(self.p)

    @cached_property
    def rules(self) -> tuple[Policy, ...]:
        """The policies in an order that does not depend on the file's: sums come out the same."""
        return tuple(sorted(self.policies, key=lambda rule: (rule.name, repr(rule))))

    @cached_property
    def base_levers(self) -> tuple[float, ...]:
        """Every lever without a rule, in the order of ``levers.L``."""
        moved = dict(self.levers)
        return tuple(moved.get(lever.name, float(lever.neutral)) for lever in LEVERS)

    def with_overrides(self, **overrides: Any) -> Scenario:
        """The scenario with other values; keys are

        - parameters, and levers (where they stand without a rule);
        - ``steps``, ``seed``, ``protocol``, ``name``, ``title`` and other fields; ``scale`` of the population;
        - ``population.<field>``, and ``<rule>.<field>`` for every policy of that rule, as ``**{"subsidy.rate": 0.2}``.

        Raises ScenarioError or ParameterError for a key or value that does not fit.
        """
        changes: dict[str, Any] = {}
        parts: dict[str, dict[str, Any]] = {"parameters": {}, "levers": {}, "population": {}}
        policies = list(self.policies)
        for key, value in overrides.items():
            head, _, tail = key.partition(".")
            if key in CATALOGUE:
                parts["parameters"][key] = value
            elif key in BY_NAME:
                parts["levers"][key] = value
            elif key == "scale" or (head == "population" and tail):
                parts["population"][tail or key] = value
            elif tail and any(rule.name == head for rule in policies):
                policies = [changed(r, {tail: value}, f"policy `{head}`") if r.name == head else r for r in policies]
            elif key in ("parameters", "levers", "population") and isinstance(value, Mapping):
                parts[key] |= cast("Mapping[str, Any]", value)
            elif key in _KEYS and key != "base":
                changes[key] = value
            else:
                known = [*CATALOGUE, *BY_NAME, *(k for k in _KEYS if k != "base"), "scale"]
                known += [f"population.{f.name}" for f in fields(PopulationSpec)]
                raise ScenarioError(f"`{key}`", why="cannot be set", mend=nearest(key, known))
        return _built(replace(self, policies=tuple(policies)), {**parts, **changes}, f"overrides of {self.name}")

    def to_tables(self) -> dict[str, Any]:
        """The whole scenario as plain values, complete without its base; what a file would hold."""
        spec = asdict(self.population) | {"regions": list(self.population.regions)}
        return {
            **{key: getattr(self, key) for key in ("name", "title", "title_zh", "rationale", "expected")},
            "sources": list(self.sources),
            **{key: getattr(self, key) for key in ("steps", "seed", "protocol")},
            "population": spec,
            "parameters": self.parameters,
            "levers": dict(self.levers),
            "policies": [table_of(rule) for rule in self.policies],
        }

    def to_toml(self) -> str:
        """The scenario as a file that needs no base; ``from_toml`` gives the same scenario back."""
        tables = self.to_tables()
        policies = cast("list[dict[str, object]]", tables.pop("policies"))
        parts = {key: tables.pop(key) for key in ("population", "parameters", "levers")}
        texts = [block("", tables)]
        texts += [block(f"[{key}]", part) for key, part in parts.items() if part]
        texts += [block("[[policies]]", rule) for rule in policies]
        return "\n".join(texts)


def names() -> list[str]:
    """The scenarios that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(scenario: str | os.PathLike[str] | Scenario) -> Scenario:
    """A scenario by the name of a shipped one, or from a .toml file; a Scenario is given back as it is.

    Raises ScenarioError (or ParameterError) with the file, the place, the reason and the mend.
    """
    return scenario if isinstance(scenario, Scenario) else _load(scenario, 0)


def from_toml(text: str, where: str = "scenario") -> Scenario:
    """The scenario that a text describes. Its ``base`` may only be a shipped scenario, never a file."""
    return _built(*_sparse(text, where, None, 0), where)


def _load(scenario: str | os.PathLike[str], depth: int) -> Scenario:
    path = Path(scenario)
    if isinstance(scenario, str) and path.suffix != ".toml":
        if scenario not in names():
            raise ScenarioError(f"scenario `{scenario[:80]}`", why="does not exist", mend=_hint(scenario))
        path = FOLDER / f"{scenario}.toml"
    return _built(*_sparse(_text(path), path.name, path.parent, depth, path.stem), path.name)


def _hint(name: str) -> str:
    return f"{nearest(name[:80], names())}; a file has to end in .toml"


def _text(path: Path) -> str:
    """The text of a scenario file, if it is one."""
    if not path.is_file():
        raise ScenarioError(f"{path}", why="is not a file", mend=f"shipped scenarios are {', '.join(names())}")
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise ScenarioError(f"{path}", why="cannot be read", mend=error.strerror or str(error)) from None
    if len(raw) > LARGEST:
        raise ScenarioError(path.name, why=f"has more than {LARGEST:,} bytes", mend="it cannot be a scenario")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError(
            f"line {line}", place=path.name, why="is not UTF-8 text", mend="save the file as UTF-8"
        ) from None


def _sparse(
    text: str, where: str, folder: Path | None, depth: int, stem: str = "unnamed"
) -> tuple[Scenario, dict[str, Any]]:
    """The base of a scenario text, and what the text says beside it."""
    if len(text) > LARGEST:
        raise ScenarioError(where, why=f"has more than {LARGEST:,} characters", mend="it cannot be a scenario")
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise ScenarioError(where, why="is nested too deeply", mend="it cannot be a scenario") from None
    except ValueError as error:
        raise ScenarioError(where, why="is not valid TOML", mend=str(error)[:200]) from None
    if not table:
        raise ScenarioError(where, why="is empty", mend='start with base = "classroom" or a [population]')
    base = table.pop("base", None)
    if base is None:
        return Scenario(name=stem), table
    if depth >= DEEPEST:
        raise ScenarioError(f"`base` = {shown(base)}", place=where, why="is part of a circle or too long a chain")
    if not isinstance(base, str) or (base not in names() and (folder is None or not base.endswith(".toml"))):
        hint = _hint(base) if isinstance(base, str) else "write the name of a scenario"
        raise ScenarioError(f"`base` = {shown(base)}", place=where, why="is not a scenario to build on", mend=hint)
    found = _load(base if folder is None or base in names() else folder / base, depth + 1)
    return replace(found, name=stem), table


def _built(base: Scenario, table: Mapping[str, Any], where: str) -> Scenario:
    """``base`` with everything replaced that ``table`` says."""
    changes: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise ScenarioError(
                f"`{key[:80]}`", place=where, why="is not part of a scenario", mend=nearest(key[:80], _KEYS)
            )
        if key in _WORDS:
            changes[key] = word(key, value, where)
        elif key == "sources":
            changes[key] = words(key, value, where)
        elif key in ("steps", "seed"):
            low, high = (1, 1_000_000) if key == "steps" else (0, 2**63 - 1)
            changes[key] = count(key, value, low, high, where)
        elif key == "policies":
            items = cast("list[object]", listed(key, value, where))
            changes[key] = tuple(
                item if isinstance(item, Policy) else policy_from(item, f"policies[{i}] of {where}")
                for i, item in enumerate(items)
            )
        elif not isinstance(value, Mapping):
            raise ScenarioError(f"`{key}` = {shown(value)}", place=where, why="is not a table", mend=f"write [{key}]")
    if "title" in changes:
        # The base's Chinese title would name another world.
        changes.setdefault("title_zh", "")
    if "protocol" in changes and changes["protocol"] not in protocol_names():
        raise ScenarioError(
            f"`protocol` = {shown(changes['protocol'])}",
            place=where,
            why="does not exist",
            mend=nearest(changes["protocol"], protocol_names()),
        )
    changes["p"] = validated(table.get("parameters", {}), f"[parameters] of {where}", base.p)
    changes["levers"] = _levers(dict(base.levers), table.get("levers", {}), f"[levers] of {where}")
    changes["population"] = population_from(base.population, table.get("population", {}), f"[population] of {where}")
    return replace(base, **changes)


def _levers(base: dict[str, float], table: Mapping[str, Any], where: str) -> tuple[tuple[str, float], ...]:
    for key, value in table.items():
        if key not in BY_NAME:
            raise ScenarioError(f"`{key[:80]}`", place=where, why="is not a lever", mend=nearest(key[:80], BY_NAME))
        lever = BY_NAME[key]
        if not in_range(value, lever.low, lever.high) or (lever.is_whole and whole(value) is None):
            raise ScenarioError(
                f"`{key}` = {shown(value)}",
                place=where,
                why=f"is {'no whole number in' if lever.is_whole else 'outside'} {lever.low:g}-{lever.high:g}",
                mend=with_unit(lever.label, lever.unit),
            )
        base[key] = float(value)
    return tuple(
        (lever.name, base[lever.name]) for lever in LEVERS if base.get(lever.name, lever.neutral) != lever.neutral
    )


__all__ = ["InputError", "PopulationSpec", "Scenario", "ScenarioError", "from_toml", "load", "names"]
