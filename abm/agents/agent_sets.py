"""Rows of stakeholders as a Mesa AgentSet that makes agents when asked.

Mesa's own AgentSet holds agents by weak references and needs each of them to exist: a million
students would cost seconds and hundreds of megabytes. This one holds rows, makes a view when one is
looked at, and answers `get`, `agg` and `set` from whole columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from abm.agents.stakeholders import Holder, Student, View

from mesa.agent import Agent, AgentSet  # isort: skip  (after abm.agents.stakeholders, which keeps the start method of processes)

if TYPE_CHECKING:
    from random import Random

    import numpy.typing as npt

    Part = tuple[type[View], range | npt.NDArray[np.int64]]

GroupBy: Any = import_module(AgentSet.__module__).GroupBy
"""Mesa's; it lives beside AgentSet, whose module differs between versions."""


class Population(AgentSet):
    """Agents of one or more kinds, by row. The same methods as Mesa's AgentSet; order is kept."""

    def __init__(self, model: Holder, parts: Iterable[Part], others: Iterable[Agent] = ()) -> None:
        # Mesa's __init__ would want the agents themselves.
        self.model = model
        self.parts = list(parts)
        self.others = list(others)
        """Agents that a user registered with Mesa: they come last."""
        self.random: Random = model.random

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self.parts) + len(self.others)

    def __iter__(self) -> Iterator[Any]:
        for kind, rows in self.parts:
            for row in rows:
                yield self.model.agent(kind, int(row))
        yield from self.others

    def __contains__(self, agent: object) -> bool:
        if not isinstance(agent, View):
            return any(agent is other for other in self.others)
        if agent.model is not self.model or (isinstance(agent, Student) and not agent.is_present):
            return False
        return any(isinstance(agent, kind) and agent.row in rows for kind, rows in self.parts)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):
            return [self[i] for i in range(*item.indices(len(self)))]
        place = item + len(self) if item < 0 else item
        if not 0 <= place < len(self):
            raise IndexError(f"agent {item} of {len(self)}")
        for kind, rows in self.parts:
            if place < len(rows):
                return self.model.agent(kind, int(rows[place]))
            place -= len(rows)
        return self.others[place]

    def __repr__(self) -> str:
        kinds = [f"{len(rows)} {kind.__name__}" for kind, rows in self.parts]
        return f"Population({', '.join(kinds + [f'{len(self.others)} other'] * bool(self.others))})"

    def copy(self) -> Population:
        """The same rows in a set of its own."""
        return Population(self.model, self.parts, self.others)

    __copy__ = copy

    def to_list(self) -> list[Any]:
        """Every agent, made."""
        return list(self)

    def _of(self, agents: Iterable[Any]) -> Population:
        """A set of these agents in this order."""
        parts: list[tuple[type[View], list[int]]] = []
        others: list[Agent] = []
        for agent in agents:
            if not isinstance(agent, View):
                others.append(agent)
            elif parts and parts[-1][0] is type(agent):
                parts[-1][1].append(agent.row)
            else:
                parts.append((type(agent), [agent.row]))
        return Population(self.model, [(kind, np.array(rows, dtype=np.int64)) for kind, rows in parts], others)

    def _update(self, agents: Iterable[Any]) -> Population:
        chosen = self._of(agents)
        self.parts, self.others = chosen.parts, chosen.others
        return self

    def _first(self, n: int) -> Population:
        parts: list[Part] = []
        for kind, rows in self.parts:
            parts.append((kind, rows[:n]))
            n = max(0, n - len(rows))
        return Population(self.model, parts, self.others[:n])

    def select(
        self,
        filter_func: Callable[[Any], bool] | None = None,
        at_most: int | float = float("inf"),
        inplace: bool = False,
        agent_type: type[Any] | None = None,
    ) -> Population:
        """Those that pass, at most so many (a float up to 1.0 is a share). Without a filter no agent is made."""
        limit = int(len(self) * at_most) if isinstance(at_most, float) and at_most <= 1.0 else at_most
        chosen = self
        if agent_type is not None:
            chosen = Population(
                self.model,
                [(kind, rows) for kind, rows in self.parts if issubclass(kind, agent_type)],
                [other for other in self.others if isinstance(other, agent_type)],
            )
        if filter_func is not None:
            chosen = self._of(_passing(chosen, filter_func, limit))
        elif limit < len(chosen):
            chosen = chosen._first(max(0, int(limit)))
        if not inplace:
            return chosen.copy() if chosen is self else chosen
        self.parts, self.others = chosen.parts, chosen.others
        return self

    def shuffle(self, inplace: bool = False) -> Population:
        """In random order, from the model's `random` (which the model itself never draws from)."""
        if len(self.parts) == 1 and not self.others:
            order = list(range(len(self)))
            self.random.shuffle(order)
            kind, rows = self.parts[0]
            chosen = Population(self.model, [(kind, np.asarray(rows)[np.array(order, dtype=np.int64)])])
        else:
            agents = list(self)
            self.random.shuffle(agents)
            chosen = self._of(agents)
        if not inplace:
            return chosen
        self.parts, self.others = chosen.parts, chosen.others
        return self

    def sort(self, key: Callable[[Any], Any] | str, ascending: bool = False, inplace: bool = False) -> Population:
        """Sorted by an attribute or a function; descending unless told, as in Mesa."""
        values = self.get(key) if isinstance(key, str) else [key(agent) for agent in self]
        order = sorted(range(len(values)), key=values.__getitem__, reverse=not ascending)
        agents = list(self)
        chosen = self._of(agents[i] for i in order)
        if not inplace:
            return chosen
        self.parts, self.others = chosen.parts, chosen.others
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """The results of a method, or of a function of the agent."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Population:
        """Call a method, or a function of the agent, on each."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Population:
        """`do` in random order; the set keeps its own."""
        self.shuffle().map(method, *args, **kwargs)
        return self

    def get(
        self,
        attr_names: Any,
        handle_missing: Literal["error", "default"] = "error",
        default_value: Any = None,
    ) -> Any:
        """An attribute of every agent, or a list of several; whole columns are read at once."""
        if isinstance(attr_names, str):
            return self._values(attr_names, handle_missing, default_value)
        columns = [self._values(name, handle_missing, default_value) for name in attr_names]
        return [list(values) for values in zip(*columns, strict=True)]

    def _values(self, name: str, handle_missing: str, default: Any) -> list[Any]:
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing is {handle_missing!r}: use 'error' or 'default'")
        values: list[Any] = []
        for kind, rows in self.parts:
            column = self.model.column(kind, name)
            if column is not None:
                values.extend(column[_index(rows)].tolist() if column.ndim == 1 else column[_index(rows)])
                continue
            for row in rows:
                agent = self.model.agent(kind, int(row))
                values.append(getattr(agent, name) if handle_missing == "error" else getattr(agent, name, default))
        for other in self.others:
            values.append(getattr(other, name) if handle_missing == "error" else getattr(other, name, default))
        return values

    def set(self, attr_name: str, value: Any) -> Population:
        """Give every agent the same value; whole columns are written at once."""
        for kind, rows in self.parts:
            column = self.model.column(kind, attr_name)
            if column is not None:
                column[_index(rows)] = value
                continue
            for row in rows:
                setattr(self.model.agent(kind, int(row)), attr_name, value)
        for other in self.others:
            setattr(other, attr_name, value)
        return self

    def agg(self, attribute: str, func: Any) -> Any:
        """A function, or several, of all values of an attribute."""
        values = self.get(attribute)
        return func(values) if callable(func) else [f(values) for f in func]

    def groupby(self, by: Callable[[Any], Any] | str, result_type: str = "agentset") -> Any:
        """Groups by an attribute or a function, as Mesa's GroupBy."""
        keys = self.get(by) if isinstance(by, str) else [by(agent) for agent in self]
        groups: dict[Any, list[Any]] = {}
        for key, agent in zip(keys, self, strict=True):
            groups.setdefault(key, []).append(agent)
        return GroupBy({k: self._of(v) if result_type == "agentset" else v for k, v in groups.items()})

    def _refuse(self, agent: Any = None) -> None:
        raise TypeError("a world's rows are fixed: agents cannot be added to or removed from this set; use select()")

    add = discard = remove = _refuse

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _passing(agents: Iterable[Any], test: Callable[[Any], bool], limit: float) -> Iterator[Any]:
    taken = 0
    for agent in agents:
        if taken >= limit:
            return
        if test(agent):
            taken += 1
            yield agent


def _index(rows: Any) -> Any:
    """Whole blocks of rows are read as slices, without a list of them."""
    return slice(rows.start, rows.stop) if isinstance(rows, range) else rows
