"""Scenario: the complete, frozen, checked input of a run (with its seed), and where it comes from.

A scenario file is sparse: whatever it does not say is the catalogue's default, or its ``base``'s.

    base = "classroom"            # another scenario to start from (optional)
    title = "Reform package"
    steps = 80                    # quarters
    protocol = "concession"       # `abm protocols`
    [population]                  # PopulationSpec
    [parameters]                  # name = value; `abm parameters`
    [levers]                      # where levers stand without a rule
    [[policies]]                  # rule = "<name>" and its fields; `abm policies`; in place of those of the base
    [[changes]]                   # from = 20 and what is another from then on; abm/scenario/changes.py

``[[add_policies]]`` come beside those of the base, and ``without_policies = ["<rule>"]`` leaves some of them out.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from abm.machine import plugins, toml_text
from abm.machine.errors import InputError, ScenarioError, nearest, with_unit
from abm.machine.inputs import count, in_range, listed, misfit, shown, whole, word, words
from abm.machine.toml_text import block
from abm.population.spec import Populated, PopulationSpec, population_from
from abm.scenario.changes import NOW, Change, acts, changes_from, tables_of
from abm.scenario.policies import Policy
from abm.scenario.policies._tables import changed, policy_from, table_of
from abm.scenario.protocols import names as protocol_names
from abm.world.levers import BY_NAME, LEVERS
from abm.world.parameters import CATALOGUE, DEFAULTS, RETIRED, validated

FOLDER = Path(__file__).with_name("shipped")
LARGEST = 1_000_000
"""Bytes that a scenario file may have."""
DEEPEST = 8
"""Scenarios that may build on one another."""

_POLICIES = ("policies", "add_policies", "without_policies")
"""In place of the base's; beside them; and names of rules of the base that are left out."""
OF_A_RUN = {
    "scenario": "choose the scenario itself with `abm run NAME`",
    "threads": "tell the run itself with `abm run --threads N`",
}
"""What people try to set as part of a scenario, and where it is said."""

_WORDS = ("name", "title", "title_zh", "rationale", "expected", "protocol", "base")
_KEYS = (*_WORDS, "sources", "steps", "seed", "population", "parameters", "levers", *_POLICIES, "changes")


@dataclass(frozen=True)
class Scenario(Populated):
    """Everything that a run depends on: where it starts, under which rules, how long, with which seed.

    Made by `load` or `from_toml`, which check it, and changed by `with_overrides`.

    Parameters
    ----------
    name : str
        One word.
    protocol : str
        Name of the bargaining protocol (`abm protocols`).
    p : Parameters
        The parameters, one number each (`abm parameters`).
    levers : tuple
        Where levers stand without a rule: pairs of name and value.
    population : PopulationSpec
        Who lives in the world.
    title : str
        What it is called in reports.
    title_zh : str
        The same in Chinese.
    rationale : str
        Why one would run it.
    expected : str
        What is expected to come out.
    sources : tuple of str
        Where its numbers come from.
    steps : int
        Length in quarters.
    seed : int
        The seed of a run for which nobody asks for another.
    policies : tuple of Policy
        The rules of policy.
    changes : tuple of Change
        What becomes another while the world runs, in the order in which it was decided.

    Examples
    --------
    >>> from abm.scenario import load
    >>> dear = load("classroom").with_overrides(communication_cost=0.2, steps=8)
    >>> dear.steps, dear.parameters["communication_cost"]
    (8, 0.2)
    """

    title: str = ""
    title_zh: str = ""
    rationale: str = ""
    expected: str = ""
    sources: tuple[str, ...] = ()
    steps: int = 80
    seed: int = 1
    """The seed of a run for which nobody asks for another."""
    policies: tuple[Policy, ...] = ()
    changes: tuple[Change, ...] = field(default=(), hash=False)
    """What becomes another while the world runs, in the order in which it was decided."""

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters that differ from the catalogue's defaults."""
        return {k: v for k, v, d in zip(CATALOGUE, self.p, DEFAULTS, strict=True) if v != d}

    @cached_property
    def rules(self) -> tuple[Policy, ...]:
        """The policies in an order that does not depend on the file's: sums come out the same."""
        return tuple(sorted(self.policies, key=lambda rule: (rule.name, repr(rule))))

    @cached_property
    def region_rows(self) -> dict[str, int]:
        """Row of a region by its name, and for provinces by its code and Chinese name."""
        from abm.population import tables
        from abm.population.provinces import provinces

        rows = {name: row for row, name in enumerate(tables(self).regions.name)}
        if self.population.source == "provinces":
            for p in provinces():
                if p.name in rows:
                    rows[p.code] = rows[p.name_zh] = rows[p.name]
        return rows

    @cached_property
    def course(self) -> tuple[tuple[int, Scenario], ...]:
        """The scenario in force from each step on, none of which has changes; the first from step 0 on.

        Changes of one step act together, of one key the last decided. ScenarioError for one that does not fit.
        """
        return _course(self, self.name)

    @property
    def start(self) -> Scenario:
        """The scenario without its changes: the world that is built."""
        return self.course[0][1] if self.changes else self

    def in_force(self, step: int) -> Scenario:
        """The scenario by which a quarter is played.

        Parameters
        ----------
        step : int
            Quarters that are done.

        Returns
        -------
        Scenario
            It has no changes.
        """
        return next(found for start, found in reversed(self.course) if start <= step) if self.changes else self

    def with_overrides(self, /, **overrides: Any) -> Scenario:
        """The scenario with other values.

        Parameters
        ----------
        **overrides : Any
            By name: parameters, and levers (where they stand without a rule); ``steps``, ``seed``, ``protocol``,
            ``name``, ``title`` and other fields; ``scale`` of the population; ``population.<field>``, and
            ``<rule>.<field>`` for every policy of that rule, as ``**{"subsidy.rate": 0.2}``, of those too that
            ``policies`` or ``add_policies`` name beside it.

        Returns
        -------
        Scenario
            Another one; this one stays as it is.

        Raises
        ------
        ScenarioError
            Or a ParameterError, for a key or value that does not fit.
        """
        of_rules = {key: value for key, value in overrides.items() if acts(key) == NOW and "." in key}
        if of_rules and not overrides.keys().isdisjoint(_POLICIES):
            # Fields are those of the rules that are there then.
            others = {key: value for key, value in overrides.items() if key not in of_rules}
            return self.with_overrides(**others).with_overrides(**of_rules)
        changes: dict[str, Any] = {}
        parts: dict[str, dict[str, Any]] = {"parameters": {}, "levers": {}, "population": {}}
        policies = list(self.policies)
        for key, value in overrides.items():
            head, _, tail = key.partition(".")
            if key in CATALOGUE or key in RETIRED:
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
            elif key in OF_A_RUN:
                raise ScenarioError(f"`{key}`", why="is not part of a scenario", mend=OF_A_RUN[key])
            else:
                known = [*CATALOGUE, *BY_NAME, *(k for k in _KEYS if k != "base"), "scale"]
                known += [f"population.{f.name}" for f in fields(PopulationSpec)]
                raise ScenarioError(
                    f"`{key}`",
                    why="cannot be set",
                    mend=nearest(key, known),
                    code="scenario.unsettable",
                    values={"key": key},
                )
        return _built(replace(self, policies=tuple(policies)), {**parts, **changes}, f"overrides of {self.name}")

    def to_tables(self) -> dict[str, Any]:
        """The whole scenario as plain values, complete without its base; what a file would hold.

        Returns
        -------
        dict
            By the keys of a file; ``changes`` are there if there are any.
        """
        spec = asdict(self.population) | {"regions": list(self.population.regions)}
        return {
            **{key: getattr(self, key) for key in ("name", "title", "title_zh", "rationale", "expected")},
            "sources": list(self.sources),
            **{key: getattr(self, key) for key in ("steps", "seed", "protocol")},
            "population": spec,
            "parameters": self.parameters,
            "levers": dict(self.levers),
            "policies": [table_of(rule) for rule in self.policies],
            **({"changes": tables_of(self.changes)} if self.changes else {}),
        }

    def to_toml(self) -> str:
        """The scenario as a file that needs no base.

        Returns
        -------
        str
            TOML; ``from_toml`` gives the same scenario back.
        """
        tables = self.to_tables()
        policies = cast("list[dict[str, object]]", tables.pop("policies"))
        changes = cast("list[dict[str, object]]", tables.pop("changes", []))
        parts = {key: tables.pop(key) for key in ("population", "parameters", "levers")}
        texts = [block("", tables)]
        texts += [block(f"[{key}]", part) for key, part in parts.items() if part]
        texts += [block("[[policies]]", rule) for rule in policies]
        texts += [block("[[changes]]", change) for change in changes]
        return "\n".join(texts)


@plugins.kept
def _files() -> dict[str, Path]:
    """File of each scenario that is known by its name; PluginError for a name that is taken."""
    found = {path.stem: path for path in FOLDER.glob("*.toml")}
    for path in plugins.tables("scenario"):
        if path.stem in found:
            raise plugins.PluginError(
                f"the scenario `{path.stem}`",
                place=f"{path}, line 1",
                why="has the name of one that exists already",
                mend="give it another name",
                code="plugin.exists",
                values={"path": str(path)},
            )
        found[path.stem] = path
    return dict(sorted(found.items()))


def names() -> list[str]:
    """The scenarios that come with the package, and those of plug-ins.

    Returns
    -------
    list of str
        Their names, sorted.

    Examples
    --------
    >>> from abm.scenario import names
    >>> "classroom" in names()
    True
    """
    return list(_files())


def load(scenario: str | os.PathLike[str] | Scenario) -> Scenario:
    """A scenario by the name of a shipped one, or from a .toml file.

    Parameters
    ----------
    scenario : str, path or Scenario
        A Scenario is given back as it is.

    Returns
    -------
    Scenario
        Checked throughout.

    Raises
    ------
    ScenarioError
        Or a ParameterError: with the file, the place, the reason and the mend.

    Examples
    --------
    >>> from abm.scenario import load
    >>> load("classroom").name
    'classroom'
    """
    return scenario if isinstance(scenario, Scenario) else _load(scenario, 0)


def from_toml(text: str, where: str = "scenario") -> Scenario:
    """The scenario that a text describes.

    Parameters
    ----------
    text : str
        What a file would hold. Its ``base`` may only be a shipped scenario, never a file.
    where : str
        What errors call it.

    Returns
    -------
    Scenario
        Checked throughout.

    Examples
    --------
    >>> from abm.scenario import from_toml
    >>> from_toml('base = "classroom"\\nsteps = 4').steps
    4
    """
    return _built(*_sparse(text, where, None, 0), where)


def _load(scenario: str | os.PathLike[str], depth: int) -> Scenario:
    path = Path(scenario)
    if isinstance(scenario, str) and path.suffix.lower() != ".toml":
        if scenario not in names():
            raise ScenarioError(
                f"scenario `{scenario[:80]}`",
                why="does not exist",
                mend=_hint(scenario),
                code="scenario.unknown",
                values={"scenario": scenario[:80]},
            )
        path = _files()[scenario]
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
        raise toml_text.unreadable(text, where, error, ScenarioError) from None
    if not table:
        raise ScenarioError(where, why="is empty", mend='start with base = "classroom" or a [population]')
    base = table.pop("base", None)
    if folder is not None:
        _beside(table, folder)
    if base is None:
        return Scenario(name=stem), table
    if depth >= DEEPEST:
        raise ScenarioError(f"`base` = {shown(base)}", place=where, why="is part of a circle or too long a chain")
    if not isinstance(base, str) or (base not in names() and (folder is None or not base.lower().endswith(".toml"))):
        hint = _hint(base) if isinstance(base, str) else "write the name of a scenario"
        raise ScenarioError(f"`base` = {shown(base)}", place=where, why="is not a scenario to build on", mend=hint)
    found = _load(base if folder is None or base in names() else folder / base, depth + 1)
    return replace(found, name=stem), table


def _beside(table: dict[str, Any], folder: Path) -> None:
    """Tables that lie beside the scenario's file are meant by their path from there."""
    population = table.get("population")
    path = cast("dict[str, Any]", population).get("path") if isinstance(population, dict) else None
    if isinstance(path, str):
        parts = [str(folder / part) if part and (folder / part).exists() else part for part in path.split(os.pathsep)]
        table["population"] = {**cast("dict[str, Any]", population), "path": os.pathsep.join(parts)}


def _built(base: Scenario, table: Mapping[str, Any], where: str) -> Scenario:
    """``base`` with everything replaced that ``table`` says."""
    changes: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise ScenarioError(
                f"`{key[:80]}`",
                place=where,
                why="is not part of a scenario",
                mend=nearest(key[:80], _KEYS),
                code="scenario.unknown_key",
                values={"key": key[:80]},
            )
        if key in _WORDS:
            changes[key] = word(key, value, where)
        elif key == "sources":
            changes[key] = words(key, value, where)
        elif key in ("steps", "seed"):
            low, high = (1, 1_000_000) if key == "steps" else (0, 2**63 - 1)
            changes[key] = count(key, value, low, high, where)
        elif key == "without_policies":
            continue
        elif key in ("policies", "add_policies"):
            items = cast("list[object]", listed(key, value, where))
            changes[key] = tuple(
                item if isinstance(item, Policy) else policy_from(item, f"{key}[{i}] of {where}")
                for i, item in enumerate(items)
            )
        elif key == "changes":
            changes[key] = changes_from(value, where)
        elif not isinstance(value, Mapping):
            raise ScenarioError(f"`{key}` = {shown(value)}", place=where, why="is not a table", mend=f"write [{key}]")
    changes |= _policies(base, table, changes, where)
    if "title" in changes:
        # The base's Chinese title would name another world.
        changes.setdefault("title_zh", "")
    if "protocol" in changes and changes["protocol"] not in protocol_names():
        raise ScenarioError(
            f"`protocol` = {shown(changes['protocol'])}",
            place=where,
            why="does not exist",
            mend=nearest(changes["protocol"], protocol_names()),
            code="scenario.unknown_protocol",
            values={"protocol": changes["protocol"][:60]},
        )
    changes["p"] = validated(table.get("parameters", {}), f"[parameters] of {where}", base.p)
    changes["levers"] = _levers(dict(base.levers), table.get("levers", {}), f"[levers] of {where}")
    changes["population"] = population_from(base.population, table.get("population", {}), f"[population] of {where}")
    built = replace(base, **changes)
    if built.changes:
        # What does not fit is said before a world is built.
        _course(built, where)
    return built


def _course(scenario: Scenario, where: str) -> tuple[tuple[int, Scenario], ...]:
    by_step: dict[int, dict[str, Any]] = {}
    for change in scenario.changes:
        by_step.setdefault(change.start, {})[change.key] = change.value
    found = [(0, replace(scenario, changes=()))]
    for start, values in sorted(by_step.items()):
        found.append((start, _changed(found[-1][1], values, f"[[changes]] from {start} of {where}")))
    return tuple(found)


def _changed(scenario: Scenario, values: dict[str, Any], where: str) -> Scenario:
    try:
        found = scenario.with_overrides(**values)
    except InputError as error:
        raise error.placed(where, ScenarioError) from None
    for key in values:
        if acts(key) != NOW:
            why, mend = "acts only when the world is built", "set it for the whole run, outside [[changes]]"
            raise ScenarioError(f"`{key}`", place=where, why=why, mend=mend)
    return found


def _policies(
    base: Scenario, table: Mapping[str, Any], given: dict[str, Any], where: str
) -> dict[str, tuple[Policy, ...]]:
    """The base's policies, or those in place of them, without the rules that are left out, and those that are added."""
    kept = given.get("policies", base.policies)
    for name in words("without_policies", table.get("without_policies", []), where):
        left = tuple(rule for rule in kept if rule.name != name)
        if len(left) == len(kept):
            known = sorted({rule.name for rule in kept})
            mend = nearest(name[:60], known) if known else "there are none to leave out"
            why = "is no policy of the base"
            raise ScenarioError(f"`without_policies` = {name[:60]}", place=where, why=why, mend=mend)
        kept = left
    return {"policies": (*kept, *given.pop("add_policies", ()))}


def _levers(base: dict[str, float], table: Mapping[str, Any], where: str) -> tuple[tuple[str, float], ...]:
    for key, value in table.items():
        if key not in BY_NAME:
            raise ScenarioError(
                f"`{key[:80]}`",
                place=where,
                why="is not a lever",
                mend=nearest(key[:80], BY_NAME),
                code="scenario.unknown_lever",
                values={"lever": key[:80]},
            )
        lever = BY_NAME[key]
        if not in_range(value, lever.low, lever.high) or (lever.is_whole and whole(value) is None):
            raise ScenarioError(
                f"`{key}` = {shown(value)}",
                place=where,
                why=f"is no whole number in {lever.low:g}-{lever.high:g}"
                if lever.is_whole
                else misfit(value, lever.low, lever.high),
                mend=with_unit(lever.label, lever.unit),
                code="scenario.lever_out_of_range",
                values={"lever": key, "value": shown(value), "low": lever.low, "high": lever.high},
            )
        base[key] = float(value)
    return tuple(
        (lever.name, base[lever.name]) for lever in LEVERS if base.get(lever.name, lever.neutral) != lever.neutral
    )


__all__ = ["InputError", "PopulationSpec", "Scenario", "ScenarioError", "from_toml", "load", "names"]
