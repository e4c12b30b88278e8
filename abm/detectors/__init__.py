"""Detectors: a whole trajectory -> what happened in it, one file each, found by discovery.

A detector is a module of this folder with

    KIND, LABEL, LABEL_ZH, MEANING, SOURCE   what its detections are called and mean
    detect   (trajectory, p) -> list of Detection

A trajectory maps names of metrics to arrays [steps]; what it lacks, a detector does not look for.
To add one, copy ``failure.py``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from abm.parameters import Parameters
    from abm.state import Floats

    Trajectory = Mapping[str, Floats]


class Detection(NamedTuple):
    """Something that happened between two steps of a trajectory, both included."""

    kind: str
    metric: str
    start: int
    end: int
    value: float
    """How strong it was; its unit is the detector's."""


@cache
def detectors() -> tuple[ModuleType, ...]:
    """All detectors, by name of their file."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return tuple(import_module(f"{__name__}.{name}") for name in names)


def detect(trajectory: Trajectory, p: Parameters) -> list[Detection]:
    """What all detectors find, in the order of its start."""
    found = [event for detector in detectors() for event in detector.detect(trajectory, p)]
    return sorted(found, key=lambda event: (event.start, event.kind, event.metric, event.end))
