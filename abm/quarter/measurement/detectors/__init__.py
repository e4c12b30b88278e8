"""Detectors: a whole trajectory -> what happened in it, one file each, found by discovery.

What they find in the metrics of a run is the table ``detections`` of its results, and stands in summary and report.

A detector is a module of this folder with

    KIND, LABEL, LABEL_ZH, MEANING, SOURCE   what its detections are called and mean
    detect   (trajectory, p) -> list of Detection
    said     (detection) -> what happened, in plain words that follow "quarter 12: "

A trajectory maps names of metrics to arrays [steps]; what it lacks, a detector does not look for.
To add one, copy ``failure.py``. A plug-in's file with ``detect`` is a detector too.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from abm.machine import plugins

if TYPE_CHECKING:
    from abm.world.parameters import Parameters
    from abm.world.state import Floats

    Trajectory = Mapping[str, Floats]


class Detection(NamedTuple):
    """Something that happened between two steps of a trajectory, both included."""

    kind: str
    metric: str
    start: int
    end: int
    value: float
    """How strong it was; its unit is the detector's."""


@plugins.kept
def detectors() -> tuple[ModuleType, ...]:
    """All detectors, by name of their file, then those of plug-ins; PluginError for one that does not fit."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    found = [import_module(f"{__name__}.{name}") for name in names]
    for module in plugins.modules_with("detect", "KIND"):
        _fits(module, {other.KIND for other in found})
        found.append(module)
    return tuple(found)


def _fits(module: ModuleType, others: set[str]) -> None:
    """PluginError if a detector from outside is not a whole one; without a Chinese label it gets the English one."""
    what = f"detector `{getattr(module, 'KIND', module.__name__.rpartition('.')[2])}`"
    plugins.need(
        module, what, KIND="a name", LABEL="a label", MEANING="a sentence", SOURCE="a source",
        detect="a function of (trajectory, p)", said="a function of a detection",
    )  # fmt: skip
    if module.KIND in others:
        raise plugins.taken(module, "KIND", "detector", module.KIND)
    if not getattr(module, "LABEL_ZH", ""):
        plugins.in_english_only(f"the {what}", plugins.place(module, "KIND"))
        vars(module)["LABEL_ZH"] = module.LABEL


def detect(trajectory: Trajectory, p: Parameters) -> list[Detection]:
    """What all detectors find, in the order of its start."""
    found = [event for detector in detectors() for event in detector.detect(trajectory, p)]
    return sorted(found, key=lambda event: (event.start, event.kind, event.metric, event.end))


def said(detection: Detection) -> str:
    """A detection in plain words."""
    return next(detector.said(detection) for detector in detectors() if detection.kind == detector.KIND)
