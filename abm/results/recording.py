"""What a run leaves behind: a recorder that looks at the state after each step.

It costs tens of microseconds a step in a classroom world and holds columns, never objects per agent.
``step`` in every table is the quarter in which it happened, from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abm.machine.kernels import beside
from abm.quarter.measurement.detectors import detect
from abm.quarter.measurement.tally import FAILED_BY, Sums, tally_of_tables
from abm.quarter.negotiation.diagnosis import moves_of, sets_of
from abm.world.levers import LEVERS, SPENDING
from abm.world.state import QUARTERS_A_YEAR, ContractEvents
from abm.world.vocabulary import CAUSES, CONTRACT_EVENTS, EVENT_CAUSES, N_MOVES, PARTIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from abm.world.parameters import Parameters
    from abm.world.state import Bytes, Floats, State, TableRecord, TableRules

Columns = dict[str, npt.NDArray[Any] | list[Any]]
"""A table by columns, in order."""

KEPT_A_STEP = 2_000
"""Failed tables, and events of contracts, kept a step. Of more, evenly spaced ones are kept, each with its weight."""
EVENTS_BLOCK = 20_000

COUNTED = ("tables", "signed", *(f"failed_{cause}" for cause in CAUSES))
"""What is counted in each region: tables of the step (reviews left out: a review that fails changes
nothing), contracts signed at them, and failures by cause: a table counts in parts for causes that share its failure."""
_TABLES, _AGREEMENTS, _ORDERED = map(Sums._fields.index, ("tables", "agreements", "ordered"))


class _Failures(NamedTuple):
    """Failed tables kept of one step."""

    step: int
    record: TableRecord
    row: npt.NDArray[np.int64]  # [n] in the whole record
    weight: float
    closing: Future[tuple[Floats, Bytes]]
    """Closing moves [n, len(CAUSES)] and sets [n, N_MOVES], worked out while the next step is played."""


class Recorder:
    """Collects after each step: national metrics, regions, events, failed tables, communities."""

    def __init__(self) -> None:
        self.steps = 0
        self._names: tuple[str, ...] = ()
        self._metrics: list[list[float]] = []
        self._steps: list[int] = []
        self._counts: list[Floats] = []
        self._stages: list[npt.NDArray[np.int8]] = []
        self._levers: list[Floats] = []
        self._spent: list[Floats] = []
        self._regional_names: tuple[str, ...] = ()
        self._regional: list[Floats] = []
        self._events: list[tuple[Any, ...]] = []
        self._event_blocks: list[Columns] = []
        self._tables: list[_Failures] = []
        self._communities: list[tuple[Any, ...]] = []
        self._contracts: list[tuple[int, ContractEvents, float]] = []

    def record(self, state: State) -> None:
        """Take what the step just done left in the state."""
        now = state.step - 1
        self.steps += 1
        if not self._names:
            self._names = tuple(state.metrics)
        self._steps.append(now)
        self._metrics.append([state.metrics[name] for name in self._names])
        self._record_regions(state)
        if state.events:
            self._events.extend(state.events)
            if len(self._events) > EVENTS_BLOCK:
                self._event_blocks.append(_event_columns(self._events))
                self._events = []
        if state.tables is not None and state.table_rules is not None:
            self._record_tables(now, state.tables, state.table_rules, state.threads)
        for happened in state.contract_events:
            rows, weight = _sample(len(happened.what))
            if weight > 1.0:
                happened = happened._make(column[rows] for column in happened)  # pyright: ignore[reportPrivateUsage]
            if len(rows):
                self._contracts.append((now, happened, weight))
        if state.step % QUARTERS_A_YEAR == 0:
            self._record_communities(state)

    def _record_regions(self, state: State) -> None:
        governments = state.governments
        self._counts.append(_counts(state.tables, len(governments.stage)))
        self._stages.append(governments.stage.copy())
        self._levers.append(governments.levers.copy())
        self._spent.append(governments.spent_now.copy())
        if not self._regional_names:
            self._regional_names = tuple(state.regional_metrics)
        self._regional.append(np.array([state.regional_metrics[name] for name in self._regional_names]))

    def _record_tables(self, now: int, record: TableRecord, rules: TableRules, threads: int) -> None:
        failed = np.flatnonzero(record.cause >= 0)
        rows, weight = _sample(len(failed))
        failed = failed[rows]
        if len(failed):
            kept = record._make(column[failed] for column in record)  # pyright: ignore[reportPrivateUsage]
            closing = beside(_closing, kept, rules, threads=threads)
            self._tables.append(_Failures(now, kept, failed, weight, closing))

    def _record_communities(self, state: State) -> None:
        for c in state.communities:
            self._communities.append(
                (state.step - 1, c.id, c.region, c.founded, c.established, c.candidate_quarters, len(c.enterprises),
                 len(c.colleges), c.mean_depth, c.surplus, c.surplus_unsubsidised, c.is_self_sustaining,
                 c.has_charter, sorted(c.enterprises), sorted(c.colleges))
            )  # fmt: skip

    def columns(self, names: tuple[str, ...]) -> dict[str, Columns]:
        """All tables by name; ``names`` are those of the regions."""
        return {
            "metrics": self.metrics(),
            "regions": self.regions(names),
            "events": self.events(),
            "contracts": self.contracts(),
            "tables": self.tables(),
            "communities": self.communities(),
        }

    def metrics(self) -> Columns:
        """One row a step: the national metrics."""
        values = np.array(self._metrics, dtype=np.float64).reshape(self.steps, len(self._names))
        columns: Columns = {"step": np.array(self._steps, dtype=np.int32)}
        columns.update({name: np.ascontiguousarray(values[:, i]) for i, name in enumerate(self._names)})
        return columns

    def regions(self, names: tuple[str, ...]) -> Columns:
        """One row a step and region: stage, counts, levers, money spent in the step, and the regional metrics."""
        n = len(names)
        counts, levers = _stack(self._counts, n, len(COUNTED)), _stack(self._levers, n, len(LEVERS))
        spent = _stack(self._spent, n, len(SPENDING))
        columns: Columns = {
            "step": np.repeat(np.array(self._steps, dtype=np.int32), n),
            "region": np.tile(np.arange(n, dtype=np.int32), self.steps),
            "name": list(names) * self.steps,
            "stage": np.concatenate(self._stages) if self._stages else np.empty(0, np.int8),
        }
        columns.update({name: np.ascontiguousarray(counts[:, i]) for i, name in enumerate(COUNTED)})
        columns.update({lever.name: np.ascontiguousarray(levers[:, i]) for i, lever in enumerate(LEVERS)})
        columns.update({f"spent_{name}": np.ascontiguousarray(spent[:, i]) for i, name in enumerate(SPENDING)})
        # Shape [steps, metrics, R] to one column a metric.
        regional = np.array(self._regional).reshape(self.steps, len(self._regional_names), n)
        for i, name in enumerate(self._regional_names):
            columns.setdefault(name, regional[:, i].reshape(-1))
        return columns

    def events(self) -> Columns:
        """One row an event, in the order in which they happened."""
        blocks = [*self._event_blocks, _event_columns(self._events)]
        return {name: _join([block[name] for block in blocks]) for name in blocks[0]}

    def tables(self) -> Columns:
        """One row a failed table: who, when, why, the party that bound, and what would have closed it."""
        taken = self._tables

        def joined(pick: Callable[[TableRecord], npt.NDArray[Any]], dtype: Any) -> npt.NDArray[Any]:
            return np.concatenate([pick(one.record) for one in taken]) if taken else np.empty(0, dtype)

        lengths = [len(one.row) for one in taken]
        causes, binding = joined(lambda r: r.cause, np.int8), joined(lambda r: r.binding, np.int8)
        columns: Columns = {
            "step": np.repeat(np.array([one.step for one in taken], dtype=np.int32), lengths),
            "table": np.concatenate([one.row for one in taken]) if taken else np.empty(0, np.int64),
            "enterprise": joined(lambda r: r.enterprise, np.int32),
            "college": joined(lambda r: r.college, np.int32),
            "field": joined(lambda r: r.field, np.int8),
            "region": joined(lambda r: r.region, np.int32),
            "kind": joined(lambda r: r.kind, np.int8),
            "rounds": joined(lambda r: r.rounds, np.float64),
            "is_funded": joined(lambda r: r.is_funded, np.int8),
            "cause": [CAUSES[i] for i in causes],
            "binding": [PARTIES[i] if i >= 0 else "" for i in binding],
            "weight": np.repeat(np.array([one.weight for one in taken]), lengths),
        }
        closing = [one.closing.result() for one in taken]
        moves = np.concatenate([moves for moves, _ in closing]) if taken else np.empty((0, len(CAUSES)))
        adds = np.concatenate([one.record.adds for one in taken]) if taken else np.empty((0, N_MOVES))
        sets = np.concatenate([sets for _, sets in closing]) if taken else np.empty((0, N_MOVES), np.int8)
        columns.update({f"move_{cause}": np.ascontiguousarray(moves[:, i]) for i, cause in enumerate(CAUSES)})
        columns.update({f"adds_{CAUSES[i]}": np.ascontiguousarray(adds[:, i]) for i in range(N_MOVES)})
        columns["together"] = _together(sets)
        return columns

    def contracts(self) -> Columns:
        """One row an event in the life of a contract: signed, renewed, lapsed, blamed, ended, fined, and why."""
        taken = self._contracts
        lengths = [len(happened.what) for _, happened, _ in taken]

        def joined(i: int, dtype: Any) -> npt.NDArray[Any]:
            return np.concatenate([happened[i] for _, happened, _ in taken]) if taken else np.empty(0, dtype)

        return {
            "step": np.repeat(np.array([now for now, _, _ in taken], dtype=np.int32), lengths),
            "what": [CONTRACT_EVENTS[i] for i in joined(0, np.int8)],
            "enterprise": joined(1, np.int32),
            "college": joined(2, np.int32),
            "field": joined(3, np.int8),
            "level": joined(4, np.int8),
            "cause": [EVENT_CAUSES[i] if i >= 0 else "" for i in joined(5, np.int8)],
            "value": joined(6, np.float64),
            "weight": np.repeat(np.array([weight for _, _, weight in taken]), lengths),
        }

    def communities(self) -> Columns:
        """One row a year and community or candidate; members are ids."""
        names = (
            "step", "community", "region", "founded", "established", "candidate_quarters", "n_enterprises",
            "n_colleges", "mean_depth", "surplus", "surplus_unsubsidised", "is_self_sustaining", "has_charter",
            "enterprises", "colleges",
        )  # fmt: skip
        kinds: tuple[Any, ...] = (*[np.int32] * 8, *[np.float64] * 3, np.bool_, np.bool_, None, None)
        columns: Columns = {}
        for i, (name, dtype) in enumerate(zip(names, kinds, strict=True)):
            values = [row[i] for row in self._communities]
            columns[name] = values if dtype is None else np.array(values, dtype=dtype)
        return columns


def detections(metrics: Columns, p: Parameters) -> Columns:
    """One row an episode of the whole run that a detector found in its metrics: from which step to which, and value."""
    trajectory = {name: values for name, values in metrics.items() if isinstance(values, np.ndarray)}
    found = detect(trajectory, p)
    return {
        "kind": [one.kind for one in found],
        "metric": [one.metric for one in found],
        "start": np.array([one.start for one in found], dtype=np.int32),
        "end": np.array([one.end for one in found], dtype=np.int32),
        "value": np.array([one.value for one in found], dtype=np.float64),
    }


def _closing(record: TableRecord, rules: TableRules) -> tuple[Floats, Bytes]:
    """What alone, and what together, would have closed the failed tables of a record."""
    return moves_of(record, rules), sets_of(record, rules)


def _together(sets: Bytes) -> list[str]:
    """The causes in each of the ``sets`` [n, N_MOVES], in words. Most are alike: each kind is written once."""
    kinds, which = np.unique(sets, axis=0, return_inverse=True)
    words = [" + ".join(CAUSES[i] for i in np.flatnonzero(kind)) for kind in kinds]
    return [words[i] for i in which.ravel().tolist()]


def _counts(record: TableRecord | None, n_regions: int) -> Floats:
    """COUNTED of one step's tables by region. Shape [R, len(COUNTED)]."""
    sums, counts = tally_of_tables(record, n_regions), np.empty((n_regions, len(COUNTED)))
    counts[:, 0], counts[:, 1] = sums[:, _TABLES], sums[:, _AGREEMENTS] + sums[:, _ORDERED]
    counts[:, 2:] = sums[:, FAILED_BY:]
    return counts


def _sample(n: int) -> tuple[npt.NDArray[np.int64], float]:
    """Rows kept of n, evenly spaced where there are too many, and how many each stands for."""
    if n <= KEPT_A_STEP:
        return np.arange(n), 1.0
    weight = n / KEPT_A_STEP
    return (np.arange(KEPT_A_STEP) * weight).astype(np.int64), weight


def _stack(blocks: list[Floats], rows: int, columns: int) -> Floats:
    return np.array(blocks, dtype=np.float64).reshape(len(blocks) * rows, columns)


def _join(parts: list[Any]) -> Any:
    if isinstance(parts[0], list):
        return [value for part in parts for value in part]
    return np.concatenate(parts)


def _event_columns(events: list[tuple[Any, ...]]) -> Columns:
    step, kind, region, enterprise, college, cause, value = zip(*events, strict=True) if events else ((),) * 7
    return {
        "step": np.array(step, dtype=np.int32),
        "kind": list(kind),
        "region": np.array(region, dtype=np.int32),
        "enterprise": np.array(enterprise, dtype=np.int32),
        "college": np.array(college, dtype=np.int32),
        "cause": list(cause),
        "value": np.array(value, dtype=np.float64),
    }
