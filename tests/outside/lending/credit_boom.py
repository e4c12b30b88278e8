"""A detector from outside: quarters with much credit."""

from __future__ import annotations

import numpy as np

from abm.quarter.measurement.detectors import Detection

KIND = "credit_boom"
LABEL, LABEL_ZH = "credit boom", "信贷繁荣"
MEANING = "Credit is given in some quarter; value = the most."
SOURCE = "none: a test"


def detect(trajectory, p):
    """One, from the first quarter with credit to the last."""
    given = trajectory["credit_given"]
    steps = np.flatnonzero(given > 0.1)
    return [Detection(KIND, "credit_given", int(steps[0]), int(steps[-1]), float(given.max()))] if len(steps) else []


def said(detection):
    """How much."""
    return f"credit flows: {detection.value:.0%}"
