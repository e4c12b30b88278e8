"""IntegrationModel: the model as Mesa's own tools know models.

The engine is abm.quarter; this class only shows its state to Mesa: AgentSet, DataCollector,
batch_run and SolaraViz drive it unchanged. It works with Mesa 3.3 (Python 3.11) and 3.5 (3.12 on).
"""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from abm import quarter
from abm.agents.agent_sets import Population
from abm.agents.stakeholders import KINDS, STUDENT_COLUMNS, Student, View
from abm.population import start_state, tables
from abm.quarter.measurement.metrics import catalogue
from abm.scenario import load
from abm.world.state import ABSENT

import mesa  # isort: skip  (after abm.agents.stakeholders, which keeps the start method of processes)

if TYPE_CHECKING:
    from abm.population.identity import Members
    from abm.scenario import Scenario

FIRST_REGISTERED_ID = 1 << 40
"""unique_id of the first agent that a user adds; rows have the numbers below."""


def _metric(model: IntegrationModel, name: str) -> float:
    return model.state.metrics.get(name, float("nan"))


class IntegrationModel(mesa.Model):
    """A world of governments, colleges, enterprises and students, one quarter a step.

    ``inputs`` is the Scenario in force, ``state`` the columns.

    Parameters
    ----------
    scenario : str or Scenario
        A name, the path of a .toml or a Scenario.
    rng : int, numpy.random.Generator or None
        A seed (the same number as `abm run --seed`), a generator, or None for a new world every time, so that
        iterations of `mesa.batch_run` differ. ``inputs.seed`` says which seed it was.
    **overrides : Any
        Parameters by name, and whatever else `Scenario.with_overrides` takes.

    Examples
    --------
    >>> from abm import IntegrationModel
    >>> from abm.agents import Enterprise
    >>> model = IntegrationModel("classroom", rng=7, aim_divergence=0.8)
    >>> model.step()
    >>> len(model.agents_by_type[Enterprise])
    180
    """

    def __init__(
        self,
        scenario: str | Scenario = "classroom",
        rng: int | np.random.Generator | None = None,
        **overrides: Any,
    ) -> None:
        super().__init__(rng=rng)
        seed = int(rng) if isinstance(rng, (int, np.integer)) else int(self.rng.integers(2**63))
        self.inputs: Scenario = load(scenario).with_overrides(**(overrides | {"seed": seed}))
        """The scenario in force, with its overrides and seed."""
        known = tables(self.inputs)
        self.state = start_state(known, self.inputs, seed)
        self._called = known.members
        self._views: dict[tuple[type[View], int], View] = {}
        self._registered_ids = itertools.count(FIRST_REGISTERED_ID)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_metric, name=name) for name in catalogue()}
        )

    @property
    def scenario(self) -> None:
        """None: Mesa 3.5 keeps an object of its own here and SolaraViz would pass it on at reset.

        The scenario in force is ``inputs``.
        """
        return

    @scenario.setter
    def scenario(self, scenario: Any) -> None:
        pass

    @property
    def quarter(self) -> int:
        """Steps done; Mesa's own counter is ``steps``."""
        return self.state.step

    def step(self) -> None:
        """One quarter; ``running`` ends with the scenario's horizon."""
        quarter.step(self.state, self.inputs)
        self.running = self.state.step < self.inputs.steps
        self.datacollector.collect(self)

    def agent(self, kind: type[View], row: int) -> Any:
        """The agent of a row. Institutions keep what a user writes on them; students are made anew.

        Parameters
        ----------
        kind : type of View
            One of `abm.agents.KINDS`.
        row : int
            Its row in the columns of that kind.

        Returns
        -------
        View
            Of that kind.
        """
        if kind is Student:
            return Student(self, row)
        view = self._views.get((kind, row))
        if view is None:
            view = self._views[kind, row] = kind(self, row)
        return view

    def column(self, kind: type[View], name: str) -> Any:
        """The column behind an attribute.

        Parameters
        ----------
        kind : type of View
            One of `abm.agents.KINDS`.
        name : str
            The attribute.

        Returns
        -------
        numpy.ndarray or None
            One entry a row; None if the attribute has no column.
        """
        columns = getattr(self.state, kind.kind)
        if kind is not Student:
            return getattr(columns, name) if name in columns._fields else None
        if name == "skills":
            return columns.skills.reshape(len(columns.skills), -1).T
        if name == "college":
            rows = np.concatenate(
                [np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)) for offsets in columns.offsets]
            ) // len(self.state.sectors.demand)
            rows.flags.writeable = False
            return rows
        return getattr(columns, name).reshape(-1) if name in STUDENT_COLUMNS else None

    def members(self, kind: str) -> Members | None:
        """Ids and names of a kind of stakeholder.

        Parameters
        ----------
        kind : str
            "governments", "colleges", "enterprises" or "students".

        Returns
        -------
        Members or None
            By row; None for students, who have neither.
        """
        called = self._called
        return {"governments": called.region, "colleges": called.college, "enterprises": called.enterprise}.get(kind)

    def first_id(self, kind: type[View]) -> int:
        """The unique_id of row 0 of a kind: governments from 1, then colleges, enterprises, students.

        Parameters
        ----------
        kind : type of View
            One of `abm.agents.KINDS`.

        Returns
        -------
        int
            Those of the other rows follow.
        """
        first = 1
        for other in KINDS[: KINDS.index(kind)]:
            first += len(getattr(self.state, other.kind).id)
        return first

    def _rows(self, kind: type[View]) -> Any:
        if kind is not Student:
            return range(len(getattr(self.state, kind.kind).id))
        status = self.state.students.status
        return np.flatnonzero(status != ABSENT) if np.any(status == ABSENT) else range(status.size)

    @property
    def agents(self) -> Population:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Every stakeholder, governments first, then those that a user registered."""
        return Population(self, [(kind, self._rows(kind)) for kind in KINDS], self._all_agents)

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """`model.agents_by_type[Enterprise]` and so on."""
        sets: dict[type, Any] = {kind: Population(self, [(kind, self._rows(kind))]) for kind in KINDS}
        return sets | self._agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """The four kinds, then a user's own."""
        return list(self.agents_by_type)

    def register_agent(self, agent: Any) -> None:
        """Take in an agent of the user's own (an observer, say); called by mesa.Agent itself.

        Parameters
        ----------
        agent : mesa.Agent
            It gets a unique_id beyond those of rows.
        """
        super().register_agent(agent)
        agent.unique_id = next(self._registered_ids)
        # Mesa 3.3 counts ids in a table that keeps every model alive for good.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
