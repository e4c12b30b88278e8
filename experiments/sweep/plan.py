"""Plan: every run of a design with its key, in the order in which they are done.

All points are run once, then again under the next seed, so that a sweep stopped early is still an
even sample; within a replication the points are shuffled, always the same way, so that what takes
long is spread over the sweep.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.design.dimensions import ARM
from experiments.runs import identity

if TYPE_CHECKING:
    import pandas as pd

    from abm.scenario import Scenario
    from experiments.design import Design

SCHEMA = 1
"""Raised when the meaning of a stored row changes."""
_DESCRIPTIVE = ("name", "title", "title_zh", "rationale", "expected", "sources", "seed")


def canonical(scenario: Scenario, kept: dict[str, Any]) -> bytes:
    """All that a run depends on but its seed, and what is kept of it, as canonical JSON."""
    tables = {key: value for key, value in scenario.to_tables().items() if key not in _DESCRIPTIVE}
    # Rules act whatever their order.
    tables["policies"] = sorted(tables["policies"], key=lambda rule: json.dumps(rule, sort_keys=True))
    whole = {"scenario": tables, "tables": identity.tables_of(scenario), "model": identity.model(), **kept}
    rules = identity.code_of(scenario, "")
    if rules:
        whole["rules"] = rules
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def struck(design: Design, point: dict[str, Any]) -> dict[str, Any]:
    """The shocks of a point that can change anything, as part of its runs' keys; empty for a design without."""
    found = [shock.to_table() for shock in design.struck(point) if shock.is_felt]
    return {"shocks": found} if found else {}


def kept_of(design: Design) -> dict[str, Any]:
    """What is kept of each run: two designs share a run only if they keep the same."""
    outcomes = [[o.name, o.metric, o.reduce, o.last, o.start, o.end] for o in design.outcomes]
    found = {"schema": SCHEMA, "outcomes": outcomes, "series": list(design.series), "simulator": design.simulator}
    code = identity.code_of(design.base, design.simulator)
    return found | ({"code": code} if code else {})


def run_key(inputs: bytes, seed: int) -> str:
    """BLAKE2b of the canonical JSON and the seed."""
    return hashlib.blake2b(inputs + b",%d" % seed, digest_size=16).hexdigest()


@dataclass(frozen=True)
class Plan:
    """The runs of a design."""

    design: Design

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run, in the order of execution: run_key, point, replication, seed, then the varied keys."""
        import pandas as pd

        points = self.design.points()
        rows = points.to_dict("records")
        kept = kept_of(self.design)
        inputs = [canonical(self.design.scenario(row), kept | struck(self.design, row)) for row in rows]
        order = np.random.default_rng(0).permutation(len(rows))
        n = self.design.replications
        places = np.tile(order, n)
        replications = np.repeat(np.arange(n), len(rows))
        seeds = [self.design.run_seed(int(k)) for k in replications]
        found = pd.DataFrame(
            {
                "run_key": [run_key(inputs[i], seed) for i, seed in zip(places, seeds, strict=True)],
                "point": places,
                "replication": replications,
                "seed": seeds,
            }
        )
        varied = points.iloc[places].reset_index(drop=True)
        return pd.concat([found, varied], axis=1)

    @cached_property
    def hash(self) -> str:
        """Name of the plan's folder: the hash of its runs' keys and places."""
        return hash_of(self.design.name, self.design.keys, self.runs)


def hash_of(name: str, keys: Sequence[str], runs: pd.DataFrame, *, with_arms: bool = True) -> str:
    """Hash of a plan: name of the design, what it varies, keys and places of its runs, and what its arms are called."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{name} {tuple(keys)}\n".encode())
    if with_arms and ARM in keys:
        digest.update(json.dumps([str(arm) for arm in runs[ARM]]).encode())
    for key, point in zip(runs["run_key"].tolist(), runs["point"].tolist(), strict=True):
        digest.update(f"{key} {point}\n".encode())
    return digest.hexdigest()
