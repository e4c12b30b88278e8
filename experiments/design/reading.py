"""Reading a design: from TOML text or a dictionary to a checked Design, or to an InputError that says where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from abm import scenario as scenarios
from abm.machine import toml_text
from abm.machine.errors import InputError, nearest
from abm.machine.inputs import count, listed, number, shown, word
from abm.scenario import Scenario
from experiments.design.design import MOST_REPLICATIONS, MOST_SEEDS, Design, refuse_seed
from experiments.design.dimensions import ARM, Dimension, dimension, flat
from experiments.design.matching import Match, matches
from experiments.design.outcomes import metric, outcomes
from experiments.design.samplers import samplers
from experiments.design.samplers._options import read_options
from experiments.design.shocks import Shock, shocks_from
from experiments.design.simulator import simulator as find_simulator

LARGEST = 10_000_000
"""Runs that a design may have."""

_CHANGES = ("protocol", "population", "parameters", "levers", "policies", "add_policies", "without_policies")
_KEYS = (
    "name", "title", "question", "base", "steps", "replications", "seed", "sampler", "outcomes", "series", "timeout",
    "simulator", "vary", "arms", "points", "shocks", *_CHANGES,
)  # fmt: skip
_RESERVED = frozenset(
    ("run_key", "chunk", "point", "replication", "seed", "status", "error", "seconds", "attempt", "result_hash", "step")
)


def parsed(text: str, where: str, folder: Path | None, stem: str, changes: dict[str, Any]) -> Design:
    """The design of a TOML text, with some of its entries replaced."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise toml_text.unreadable(text, where, error) from None
    return built({**table, **changes}, where, text, folder, stem)


def _line(key: str, text: str, where: str) -> str:
    """The place of a key: its line where it can be found."""
    last = key.rpartition(".")[2]
    for n, line in enumerate(text.splitlines(), 1):
        start = line.partition("=")[0].strip().replace('"', "").replace("'", "")
        if "=" in line and start in (key, last):
            return f"line {n} of {where}"
    return where


def built(table: dict[str, Any], where: str, text: str, folder: Path | None, stem: str) -> Design:
    """The design that a table of entries describes."""

    def at(key: str) -> str:
        return _line(key, text, where)

    sampler, options = _sampler(table, where, text, folder)
    base = _base(table, where, text, folder)
    arms, matched = _arms(table.get("arms", {}), base, where)
    struck = shocks_from(table.get("shocks", []), where)
    vary, rows = _varied(table, base, (arms, struck), (samplers()[sampler], options), where, text)
    chosen = outcomes(table.get("outcomes"), at("outcomes"))
    for outcome in chosen:
        if outcome.name in _RESERVED or outcome.name in [d.name for d in vary]:
            mend = "name it otherwise under [outcomes]"
            raise InputError(f"outcome `{outcome.name}`", place=where, why="is the name of another column", mend=mend)
    series = listed("series", table.get("series", [o.metric for o in chosen]), at("series"))
    timeout = number(table.get("timeout"))
    if "timeout" in table and (timeout is None or timeout <= 0):
        why = "is not a number of seconds above 0"
        raise InputError(f"`timeout` = {shown(table['timeout'])}", place=at("timeout"), why=why)
    found = Design(
        name=word("name", table.get("name", stem), at("name")),
        base=base,
        vary=vary,
        sampler=sampler,
        options=tuple(options.items()),
        outcomes=chosen,
        series=tuple(metric(name, at("series")) for name in dict.fromkeys(map(str, series))),
        replications=count("replications", table.get("replications", 10), 1, MOST_REPLICATIONS, at("replications")),
        seed=count("seed", table.get("seed", 1), 0, MOST_SEEDS, at("seed")),
        timeout=timeout,
        title=word("title", table.get("title", ""), where),
        question=word("question", table.get("question", ""), where),
        arms=arms,
        simulator=word("simulator", table.get("simulator", ""), at("simulator")),
        shocks=struck,
        rows=rows,
        matches=matched,
    )
    if matched and found.keys != (ARM,):
        mend = "write each combination as an [arms.<name>] of its own"
        raise InputError("`match`", place=where, why="is for designs that vary nothing but arms", mend=mend)
    find_simulator(found.simulator, at("simulator"))
    n_runs = len(found.points()) * found.replications
    if n_runs > LARGEST:
        mend = "give fewer values or replications, or sample"
        raise InputError(f"the design's {n_runs:,} runs", place=where, why=f"are more than {LARGEST:,}", mend=mend)
    return found


def _sampler(table: Mapping[str, Any], where: str, text: str, folder: Path | None) -> tuple[str, dict[str, int | str]]:
    """The sampler's name and its options; looks at all keys of the design on the way."""
    chosen = table.get("sampler", "grid")
    named: dict[str, Any] = dict(cast("Mapping[str, Any]", chosen)) if isinstance(chosen, Mapping) else {"name": chosen}
    sampler = str(named.pop("name", None))
    if sampler not in samplers():
        place = _line("sampler", text, where)
        mend = nearest(sampler[:80], samplers())
        raise InputError(f"`sampler` = {shown(sampler)}", place=place, why="is unknown", mend=mend)
    own = samplers()[sampler].OPTIONS
    for key in table:
        if key not in _KEYS and key not in own:
            hint = nearest(key[:80], [*_KEYS, *own])
            raise InputError(f"`{key[:80]}`", place=_line(key, text, where), why="is not part of a design", mend=hint)
    named |= {key: value for key, value in table.items() if key in own}
    if "file" in named and folder is not None:
        named["file"] = str(folder / str(named["file"]))
    return sampler, read_options(own, named, where)


def _base(table: Mapping[str, Any], where: str, text: str, folder: Path | None) -> Scenario:
    chosen = table.get("base", "classroom")
    if isinstance(chosen, Mapping):
        chosen = Scenario().with_overrides(**cast("Mapping[str, Any]", chosen))
    if not isinstance(chosen, str | Path | Scenario):
        mend = "write the name of a scenario"
        raise InputError(f"`base` = {shown(chosen)}", place=_line("base", text, where), why="is no scenario", mend=mend)
    if isinstance(chosen, str) and chosen.endswith(".toml") and folder is not None:
        chosen = folder / chosen
    try:
        base = scenarios.load(chosen)
        changes = {key: table[key] for key in _CHANGES if key in table}
        if "steps" in table:
            changes["steps"] = table["steps"]
        return base.with_overrides(**changes) if changes else base
    except InputError as error:
        key = error.what.partition("`")[2].partition("`")[0] or "base"
        place = _line("base" if error.what.startswith("scenario") else key, text, where)
        raise error.placed(place, InputError) from None


def _arms(
    entry: object, base: Scenario, where: str
) -> tuple[tuple[tuple[str, dict[str, Any]], ...], tuple[Match, ...]]:
    """The arms' changes, and which arms are to spend as much as another."""
    if not isinstance(entry, Mapping) or not all(isinstance(of, Mapping) for of in entry.values()):
        raise InputError("`arms`", place=where, why="are not tables", mend="write [arms.<name>] and changes below it")
    matched, arms = matches(cast("Mapping[str, Mapping[str, Any]]", entry), where)
    for name, changes in arms.items():
        refuse_seed(changes, f"[arms.{name}] of {where}")
        try:
            base.with_overrides(**changes)
        except InputError as error:
            place = f"[arms.{name}] of {where}"
            raise error.placed(place, InputError) from None
    return tuple(arms.items()), matched


def _varied(
    table: Mapping[str, Any],
    base: Scenario,
    others: tuple[tuple[tuple[str, dict[str, Any]], ...], tuple[Shock, ...]],
    sampler: tuple[Any, dict[str, int | str]],
    where: str,
    text: str,
) -> tuple[tuple[Dimension, ...], tuple[tuple[Any, ...], ...] | None]:
    """The varied keys, and the points where they are given. others: arms and shocks of the design."""
    own, options = sampler
    arms, _ = others
    entries = table.get("vary", {})
    if not isinstance(entries, Mapping):
        raise InputError(f"`vary` = {shown(entries)}", place=where, why="is not a table", mend="write [vary]")
    varied = flat(cast("Mapping[str, Any]", entries))
    rows = None
    if hasattr(own, "rows"):
        found = own.rows(table.get("points", []), options, where)
        rows = tuple(found.itertuples(index=False, name=None))
        varied |= {str(name): found[name].drop_duplicates().tolist() for name in found.columns}
    elif "points" in table:
        raise InputError("[[points]]", place=where, why="are only for the sampler `table`", mend='sampler = "table"')
    if arms and ARM not in varied:
        varied[ARM] = [name for name, _ in arms]
    if not varied:
        mend = "write [vary] and name = [values] or { low = ..., high = ... } below it"
        raise InputError(where, why="varies nothing", mend=mend)
    return tuple(_dimension(key, value, base, others, _line(key, text, where)) for key, value in varied.items()), rows


def _dimension(
    key: str,
    entry: object,
    base: Scenario,
    others: tuple[tuple[tuple[str, dict[str, Any]], ...], tuple[Shock, ...]],
    where: str,
) -> Dimension:
    arms, struck = others
    if key != ARM:
        # A policy's field may exist in an arm only.
        widest = base
        for _, changes in arms:
            if "policies" in changes or "add_policies" in changes:
                more = base.with_overrides(**changes).policies
                widest = replace(widest, policies=(*widest.policies, *more))
        return dimension(key, entry, widest, where, struck)
    known = [name for name, _ in arms]
    if not isinstance(entry, list) or not entry or len(set(map(str, entry))) < len(entry):
        raise InputError(f"`arm` = {shown(entry)}", place=where, why="is not a list of different arms")
    for name in cast("list[object]", entry):
        if name not in known:
            raise InputError(f"arm `{name}`", place=where, why="does not exist", mend=nearest(str(name), known))
    return Dimension(ARM, "arm", "", values=tuple(cast("list[object]", entry)))
