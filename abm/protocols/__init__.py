"""Bargaining protocols: how four parties come to one contract. One file each, found by discovery.

A protocol's file holds a docstring (its first line is the label), ``SOURCE``, and

    agree(utility, reservation, proposer, patience, room, contract, time)

a compiled function that writes for each of T tables the chosen contract (-1 = none) and how far
the parties had to concede, 0-1. Shapes: utility [T, 4, 55], reservation [T, 4], proposer [T],
patience [4], room [55] to work in, contract [T], time [T]. ``IS_BINDING = True`` says that nobody may
walk away; without it a protocol never picks a contract that leaves a party below its reservation
value (the diagnosis relies on that). ``_gains.py`` has what such protocols share.
``take_it_or_leave_it.py`` is the plainest one to copy.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module


@dataclass(frozen=True)
class Protocol:
    """One way to bargain."""

    name: str
    label: str
    source: str
    agree: Callable[..., None]
    is_binding: bool = False


def names() -> list[str]:
    """All protocols that can be found."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


@cache
def protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises ``KeyError`` with the known names if there is none.
    """
    if name not in names():
        raise KeyError(f"no protocol `{name}`; there are {', '.join(names())}")
    module = import_module(f"{__name__}.{name}")
    label = (module.__doc__ or name).strip().splitlines()[0]
    return Protocol(name, label, module.SOURCE, module.agree, getattr(module, "IS_BINDING", False))
