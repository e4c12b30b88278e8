"""A design: a question to the model as a checked, frozen input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError, nearest
from abm.machine.inputs import count
from abm.machine.language import say
from abm.scenario import Scenario
from experiments.design.dimensions import ARM, Dimension
from experiments.design.matching import Match
from experiments.design.outcomes import Outcome
from experiments.design.samplers import samplers
from experiments.design.shocks import Shock, fields_of

if TYPE_CHECKING:
    import pandas as pd

MOST_REPLICATIONS = 1_000_000
"""Replications of a design; the seed of a run is the design's seed times this, plus the replication."""
MOST_SEEDS = 2**40


def refuse_seed(changes: Mapping[str, Any], where: str) -> None:
    """InputError for a seed among what changes the base: every run's comes from the design's."""
    if "seed" in changes:
        why = "would change nothing: runs take their seeds from the design"
        raise InputError("`seed`", place=where, why=why, mend="write seed = ... at the top of the design")


def question_of(keys: Sequence[str]) -> str:
    """What a design of these keys asks, if it does not say it itself."""
    if list(keys) == [ARM]:
        return say("What do the arms do?")
    listed = say(" and ").join([say(", ").join(keys[:-1]), keys[-1]] if len(keys) > 1 else keys)
    return say("What does {listed} do?" if len(keys) == 1 else "What do {listed} do?", listed=listed)


@dataclass(frozen=True)
class Design:
    """A question: what is varied how, run how often, and what is kept of each run."""

    name: str
    base: Scenario
    """With the design's own changes and steps."""
    vary: tuple[Dimension, ...]
    sampler: str
    options: tuple[tuple[str, int | str], ...]
    outcomes: tuple[Outcome, ...]
    series: tuple[str, ...]
    """Metrics kept for every step."""
    replications: int = 10
    seed: int = 1
    timeout: float | None = None
    """Seconds that one run may take; None = as long as many pilot runs."""
    title: str = ""
    question: str = ""
    arms: tuple[tuple[str, dict[str, Any]], ...] = ()
    matches: tuple[Match, ...] = ()
    """Arms that are to spend as much as another one."""
    simulator: str = ""
    """"module:function" that makes a run (experiments.design.simulator); empty = the model as it is."""
    shocks: tuple[Shock, ...] = ()
    """What befalls every run between two steps."""
    rows: tuple[tuple[Any, ...], ...] | None = None
    """The points themselves, where no sampler draws them; in the order of ``vary``."""

    def __post_init__(self) -> None:
        for outcome in self.outcomes:
            if outcome.start >= self.base.steps and "steps" not in self.keys:
                raise InputError(
                    f"outcome `{outcome.name}`",
                    place=f"design `{self.name}`",
                    why=f"begins at quarter {outcome.start}, and a run ends after {self.base.steps}",
                    mend="give more steps or an earlier `from`",
                )

    @property
    def asks(self) -> str:
        """The question, or what stands for it."""
        return self.question or question_of(self.keys)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the varied keys."""
        return tuple(d.name for d in self.vary)

    @cached_property
    def _points(self) -> pd.DataFrame:
        import pandas as pd

        if self.rows is not None:
            return pd.DataFrame(list(self.rows), columns=list(self.keys))
        return samplers()[self.sampler].sample(self.vary, dict(self.options), self.seed)

    def points(self) -> pd.DataFrame:
        """One row a point, one column a varied key, in the sampler's order."""
        return self._points.copy()

    def run_seed(self, replication: int) -> int:
        """Seed of every run of a replication."""
        return self.seed * MOST_REPLICATIONS + replication

    def scenario(self, point: Mapping[str, Any]) -> Scenario:
        """The base with the values of one point."""
        own = fields_of(self.shocks)
        changes = {key: value for key, value in point.items() if key not in own}
        found = self.base
        if ARM in changes:
            found = found.with_overrides(**dict(self.arms)[changes.pop(ARM)])
        return found.with_overrides(**changes) if changes else found

    def struck(self, point: Mapping[str, Any]) -> tuple[Shock, ...]:
        """The shocks with the values of one point."""
        return tuple(shock.with_fields(point) for shock in self.shocks)

    def with_points(self, points: pd.DataFrame, replications: int | None = None) -> Design:
        """The same question at these points, some or all of the varied keys in columns; others stay the base's."""
        for name in points.columns:
            if name not in self.keys:
                raise InputError(f"column `{name}`", place="points", why="is not varied", mend=nearest(name, self.keys))
        if points.empty:
            raise InputError("points", why="are none", mend="give at least one row")
        kept = {d.name: d for d in self.vary}
        rows = tuple(zip(*(points[name].tolist() for name in points.columns), strict=True))
        return replace(
            self,
            vary=tuple(kept[name] for name in points.columns),
            rows=rows,
            replications=self.replications if replications is None else replications,
        )

    def with_overrides(self, /, **overrides: Any) -> Design:
        """The same question on another base; keys as those of Scenario.with_overrides."""
        refuse_seed(overrides, f"design `{self.name}`")
        for key in overrides:
            if key in self.keys:
                raise InputError(f"`{key}`", why="is varied by the design", mend="change its values under [vary]")
        return replace(self, base=self.base.with_overrides(**overrides))

    def with_replications(self, n: int) -> Design:
        """The same question under the first n seeds."""
        return replace(self, replications=count("replications", n, 1, MOST_REPLICATIONS, f"design `{self.name}`"))

    def to_tables(self) -> dict[str, Any]:
        """The design as plain values, complete without files beside it; ``load`` gives the same design back."""
        matched = {match.arm: match for match in self.matches}
        given = self.sampler if self.rows is None else "table"
        found: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "base": self.base.to_tables(),
            "replications": self.replications,
            "seed": self.seed,
            "sampler": {"name": given, **(dict(self.options) if self.rows is None else {})},
            "outcomes": {o.name: o.entry() for o in self.outcomes},
            "series": list(self.series),
            "vary": {d.name: d.entry() for d in self.vary},
            "simulator": self.simulator,
            "arms": {
                name: dict(changes) | ({"match": matched[name].entry()} if name in matched else {})
                for name, changes in self.arms
            },
            "shocks": [shock.to_table() for shock in self.shocks],
        }
        if self.timeout is not None:
            found["timeout"] = self.timeout
        if self.rows is not None:
            found["points"] = [dict(zip(self.keys, row, strict=True)) for row in self.rows]
        return found
