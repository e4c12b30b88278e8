"""Bargaining protocols: how four parties come to one contract. One file each, found by discovery.

A protocol's file holds a docstring (its first line is the label), ``SOURCE``, and

    agree(utility, reservation, proposer, patience, workspace, contract, time)

a compiled function that writes for each of T tables the chosen contract (-1 = none) and how far
the parties had to concede, 0-1. Shapes: utility [T, 4, 55], reservation [T, 4], proposer [T],
patience [4], workspace [55] to work in, contract [T], time [T]. ``IS_BINDING = True`` says that nobody may
walk away; without it a protocol never picks a contract that leaves a party below its reservation
value (the diagnosis relies on that). ``ALWAYS_AGREES = True`` promises a contract wherever one leaves no party below
its reservation value: failed tables are then explained without bargaining again.
``_gains.py`` has what such protocols share.
``take_it_or_leave_it.py`` is the plainest one to copy. A plug-in's file with ``agree`` is a protocol too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from abm.machine import plugins
from abm.machine.kernels import is_kernel
from abm.scenario.protocols import check, names, outside

__all__ = ["Protocol", "names", "protocol"]


@dataclass(frozen=True)
class Protocol:
    """One way to bargain."""

    name: str
    label: str
    source: str
    agree: Callable[..., None]
    is_binding: bool = False
    always_agrees: bool = False
    """Where some contract leaves no party below its reservation value."""


@plugins.kept
def _fit() -> dict[str, ModuleType]:
    """Protocols of plug-ins, by name; PluginError for one that does not fit."""
    found = outside()
    for name, module in found.items():
        plugins.need(
            module, f"protocol `{name}`", agree="a function `agree`", SOURCE="a text that says where it is from"
        )
        if not is_kernel(module.agree):
            mend = "write @kernel (of abm.machine.kernels) above it"
            raise plugins.refuse(module, "agree", f"the protocol `{name}`", "is not compiled", mend)
    return found


_known: dict[ModuleType, Protocol] = {}


def protocol(name: str) -> Protocol:
    """The protocol of that name; a ScenarioError suggests the nearest."""
    check(name)
    module = _fit().get(name) or import_module(f"{__name__}.{name}")
    if module not in _known:
        label = (module.__doc__ or name).strip().splitlines()[0]
        promises = (getattr(module, promise, False) for promise in ("IS_BINDING", "ALWAYS_AGREES"))
        _known[module] = Protocol(name, label, module.SOURCE, module.agree, *promises)
    return _known[module]
