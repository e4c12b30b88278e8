"""Plug-ins are looked at and tried on a small world before anything runs with them.

What does not fit (a part that is missing, a name that is taken, an exception, a column that it may not write) is an
error here, with file and line, and not one in the middle of a sweep.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from abm import quarter as simulation
from abm.machine import plugins
from abm.machine.errors import InputError
from abm.population import build
from abm.quarter.measurement import detectors, metrics
from abm.quarter.negotiation import protocols
from abm.results.warmup import WORLD
from abm.scenario import Scenario, load, names, policies
from abm.world.digests import changed, digests
from abm.world.state import N_CONTRACTS
from abm.world.vocabulary import PARTIES

if TYPE_CHECKING:
    from abm.world.state import State

STEPS = 5
"""Quarters of the small world: a year, so that the yearly look is part of it, and one more."""
N_TABLES = 64


@plugins.kept
def check() -> None:
    """Look at every plug-in and try it. PluginError for the first that does not fit."""
    found = plugins.active()
    mark = " ".join(f"{plugin.path}={plugin.code()}" for plugin in found)
    if not found or os.environ.get(plugins.TRIED) == mark:
        return
    look()
    plugins.is_trial = True
    try:
        _play()
    finally:
        plugins.is_trial = False
    os.environ[plugins.TRIED] = mark


@plugins.kept
def look() -> None:
    """Load every plug-in and see that each of its files is something, and whole."""
    plugins.check_declared()
    for module in plugins.modules():
        if not _kinds(module):
            what = f"the plug-in's `{module.__name__.rpartition('.')[2]}`"
            mend = "a rule, `agree`, `METRICS`, `KIND` or `PHASE` makes it one; a file that only helps begins with _"
            raise plugins.refuse(module, "", what, "holds nothing that the model knows", mend, "plugin.nothing")
    policies.rules()
    for name in protocols.names():
        protocols.protocol(name)
    metrics.catalogue()
    metrics.regional_catalogue()
    detectors.detectors()
    simulation.replaced()
    names()
    for path in plugins.tables("scenario"):
        load(path.stem)


def _kinds(module: ModuleType) -> bool:
    is_marked = any(hasattr(module, mark) for mark in ("agree", "METRICS", "measure", "KIND", "detect", "PHASE"))
    return is_marked or bool(policies.of(module))


def _play() -> None:
    """Every rule on its own, every protocol, then phases, metrics and detectors together."""
    plain = Scenario(name="trial").with_overrides(**WORLD)
    for module in plugins.modules():
        for rule in policies.of(module):
            _guarded(module, rule.__name__, lambda rule=rule: _world(plain.with_overrides(policies=[rule()]), 2))
    for module in plugins.modules_with("agree"):
        _guarded(module, "agree", lambda module=module: _bargain(module))
    for module in plugins.modules_with("PHASE"):
        _guarded(module, module.PHASE, lambda: _world(plain, STEPS))
    groups, looking = plugins.modules_with("METRICS"), plugins.modules_with("KIND")
    if groups or looking:
        trajectory: dict[str, Any] = _guarded((groups or looking)[0], "measure", lambda: _world(plain, STEPS))
        for detector in looking:
            _guarded(detector, "detect", lambda detector=detector: _look_back(detector, trajectory, plain))


def _guarded(module: ModuleType, name: str, play: Callable[[], Any]) -> Any:
    """What a part of a plug-in does; what it raises is an error with its file and line."""
    try:
        return play()
    except plugins.PluginError:
        raise
    except InputError as error:
        raise plugins.refuse(module, name, error.what, error.why, error.mend) from None
    # Whatever the code of somebody else raises is told as theirs.
    except Exception as error:
        if plugins.is_theirs(error):
            raise plugins.fault(error) from error
        why, mend = f"raises {type(error).__name__}", str(error).strip()[:300]
        raise plugins.refuse(module, name, f"`{name}`", why, mend, "plugin.raises") from error


def _world(scenario: Scenario, steps: int) -> dict[str, Any]:
    """A small world played; its metrics. PluginError if a phase from outside writes what it may not."""
    state = build(scenario, 1)
    found: list[dict[str, float]] = []
    instead = {name: _watched(name, phase) for name, phase in simulation.replaced().items()}
    for _ in range(steps):
        for _ in simulation.quarter(state, scenario, instead):
            pass
        found.append(dict(state.metrics))
    return {name: np.array([row[name] for row in found]) for name in found[0]}


def _watched(name: str, phase: simulation.Phase) -> simulation.Phase:
    may = set(import_module(f"abm.quarter.{name}").WRITES)

    def watched(state: State, scenario: Scenario) -> None:
        before = digests(state)
        phase(state, scenario)
        written = changed(before, digests(state)) - may
        if written:
            module = next(module for module in plugins.modules_with("PHASE") if name == module.PHASE)
            why, mend = (
                f"writes {', '.join(sorted(written))}",
                f"in the place of {name} it may write {', '.join(sorted(may))}",
            )
            raise plugins.refuse(module, name, f"the phase `{name}`", why, mend, "plugin.writes")

    return watched


def _bargain(module: ModuleType) -> None:
    """A protocol at tables of every kind, one with nothing to agree on too; its answers held to what it promises."""
    draw, n_parties = np.random.default_rng(1), len(PARTIES)
    utility = draw.normal(0.0, 1.0, (N_TABLES, n_parties, N_CONTRACTS))
    reservation = draw.normal(-1.0, 1.0, (N_TABLES, n_parties))
    reservation[0] = 100.0
    given = utility.copy(), reservation.copy()
    contract, time = np.full(N_TABLES, -9, np.int64), np.full(N_TABLES, np.nan)
    proposer = draw.integers(0, n_parties, N_TABLES)
    module.agree(utility, reservation, proposer, np.full(n_parties, 0.9), np.empty(N_CONTRACTS), contract, time)
    faults = {
        "writes the utilities or reservation values": not all(map(np.array_equal, given, (utility, reservation))),
        f"does not write a contract of -1 to {N_CONTRACTS - 1} for each table": not (
            (contract >= -1) & (contract < N_CONTRACTS)
        ).all(),
        "does not write a time of 0 to 1 for each table": not ((time >= 0.0) & (time <= 1.0)).all(),
    }
    if not getattr(module, "IS_BINDING", False) and not any(faults.values()):
        signed = np.flatnonzero(contract >= 0)
        gains = utility[signed, :, contract[signed]] - reservation[signed]
        faults["picks a contract below somebody's reservation value"] = bool((gains < 0.0).any())
    if getattr(module, "ALWAYS_AGREES", False) and not any(faults.values()):
        agreeable = np.any(np.all(utility >= reservation[:, :, None], axis=1), axis=1)
        faults["agrees on nothing where all would gain, against ALWAYS_AGREES"] = bool((contract[agreeable] < 0).any())
    for why, is_so in faults.items():
        if is_so:
            mend = "docs/extend.md says what `agree` has to do; IS_BINDING = True lets nobody walk away"
            raise plugins.refuse(module, "agree", "the protocol", why, mend)


def _look_back(detector: ModuleType, trajectory: dict[str, Any], scenario: Scenario) -> None:
    for found in detector.detect(trajectory, scenario.p):
        if found.kind != detector.KIND or not isinstance(detector.said(found), str):
            mend = "give Detection(KIND, ...), and a text for each by `said`"
            raise plugins.refuse(detector, "detect", f"the detector `{detector.KIND}`", "gives another kind", mend)
