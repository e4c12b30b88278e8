"""A plain rule to copy: start a policy of your own from this file.

1. Copy the file under the name of your rule and change ``name``, the labels and the source.
2. Give it the numbers that it needs: ``lever(...)`` for one that sets a lever (its unit and range
   come from abm/world/levers.py), ``number(...)`` for any other.
3. Say in ``levers`` what it moves. ``seen`` is what a government may observe: the step, last
   quarter's published metrics, and last quarter's levers.

Schedule (from, until, ramp, fade), regions and conditions come from ``Policy``; nothing has to be
registered. `abm policies` lists the new rule, and a scenario calls it by ``rule = "<name>"``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.scenario.policies._base import Moves, Observation, Policy, lever, number


@dataclass(frozen=True, kw_only=True)
class Example(Policy):
    """A subsidy that is halved from the quarter on in which too many negotiations fail."""

    name = "example"
    label = "Example: a subsidy that looks back"
    label_zh = "示例：会回头看的补贴"
    source = "none: it shows how a rule is written"

    rate: float = lever("subsidy_rate", 0.2, "share of the cost that the government carries")
    patience: float = number(
        0.5, 0.0, 1.0, "share of negotiations", "share of failed negotiations above which the rate is halved"
    )

    def levers(self, seen: Observation) -> Moves:
        """Each region by its own failures of last quarter (NaN before the first: not too many)."""
        is_failing = seen.metric("failed_share") > self.patience
        return {"subsidy_rate": np.where(is_failing, 0.5 * self.rate, self.rate)}
