"""Run both models side by side, phase by phase, and say where they part."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np

from abm.quarter import PHASES, quarter
from abm.quarter.negotiation.diagnosis import moves_of, sets_of
from abm.world.state import ABSENT, ContractEvents, Students
from abm.world.vocabulary import CAUSES, CONTRACT_EVENTS, EVENT_CAUSES, PARTIES
from tests.reference.diagnosis import CHANGES, smallest_move, smallest_set
from tests.reference.model import SCHEDULE, Twin
from tests.reference.world import all_programmes, cohort_columns, columns

INSTITUTIONS = 1e-9
"""Relative tolerance of double-precision columns: sums over ties may be taken in another order."""
STUDENT_FIELDS = [name for name in Students._fields if name not in ("offsets", "entry_step")]


class DisagreementError(AssertionError):
    """The twin and the columns hold different worlds."""


def differ(a, b, tolerance: float) -> np.ndarray:
    """Where two arrays differ; NaN equals NaN."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise DisagreementError(f"shapes {a.shape} and {b.shape}")
    if a.dtype.kind != "f" and b.dtype.kind != "f":
        return a != b
    return ~np.isclose(a, b, rtol=tolerance, atol=tolerance * 1e-3, equal_nan=True)


def expect_same(place: str, of_columns, of_twin, tolerance: float = INSTITUTIONS) -> None:
    wrong = differ(of_columns, of_twin, tolerance)
    if wrong.any():
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        values = np.asarray(of_columns)[first], np.asarray(of_twin)[first]
        count = f"{int(wrong.sum())} of {wrong.size} differ, first at {first}"
        raise DisagreementError(f"{place}: {count}: columns {values[0]!r}, twin {values[1]!r}")


def compare_columns(where: str, state, twin: Twin) -> None:
    for name, values in columns(twin).items():
        group, column = name.split(".")
        expected = getattr(getattr(state, group), column)
        expect_same(f"{where}: {name}", expected, values.reshape(expected.shape) if not values.size else values)


def compare_students(where: str, state, twin: Twin) -> None:
    """Students are single precision in both models and computed in the same order: equality is exact."""
    students = state.students
    for slot, cohort in enumerate(twin.cohorts):
        expect_same(f"{where}: students.entry_step[{slot}]", students.entry_step[slot], cohort.entry_step)
        n = int(students.offsets[slot, -1])
        if not cohort.is_there:
            expect_same(f"{where}: absent cohort {slot}", students.status[slot, :n], np.full(n, ABSENT))
            continue
        sizes = [len(cohort.of(programme)) for programme in all_programmes(twin)]
        expect_same(f"{where}: cohort {slot} by programme", np.diff(students.offsets[slot]), np.array(sizes, int))
        found = cohort_columns(twin, slot)
        if not n:
            continue
        for name in STUDENT_FIELDS:
            column = getattr(students, name)
            of_columns = column[:, slot, :n] if name == "skills" else column[slot, :n]
            expect_same(f"{where}: students.{name} of cohort {slot}", of_columns, found[name], 0.0)


def compare_agenda(where: str, state, twin: Twin) -> None:
    a = state.agenda
    expect_same(f"{where}: number of tables", len(a.enterprise), len(twin.agenda))
    expect_same(f"{where}: agenda.enterprise", a.enterprise, np.array([m.enterprise.row for m in twin.agenda], int))
    expect_same(f"{where}: agenda.college", a.college, np.array([m.college.row for m in twin.agenda], int))
    expect_same(f"{where}: agenda.field", a.field, np.array([m.programme.number for m in twin.agenda], int))
    expect_same(f"{where}: agenda.kind", a.kind, np.array([m.kind for m in twin.agenda], int))


def compare_tables(where: str, state, twin: Twin) -> None:
    record, tables = state.tables, twin.tables
    found = {
        "level": [t.signed_level for t in tables],
        "share": [t.signed_share for t in tables],
        "rounds": [t.outcome.rounds for t in tables],
        "is_mandated": [int(t.is_mandated) for t in tables],
        "is_funded": [int(t.is_funded) for t in tables],
        "cause": [CAUSES.index(t.cause) if t.cause else -1 for t in tables],
        "binding": [PARTIES.index(t.outcome.binding) if t.outcome.binding else -1 for t in tables],
        "adds": [[(t.adds or {}).get(cause, math.nan) for cause in CHANGES] for t in tables],
        "parts": [[(t.parts or {}).get(cause, 0.0) for cause in CAUSES] for t in tables],
    }
    for name, values in found.items():
        column = getattr(record, name)
        expect_same(f"{where}: tables.{name}", column, np.array(values).reshape(column.shape))
    compare_mends(where, state, twin)


def compare_mends(where: str, state, twin: Twin) -> None:
    """The smallest moves, and the smallest set, that would have closed some of the step's failed tables."""
    p, protocol, record = twin.p, twin.protocol, state.tables
    failed = [i for i, t in enumerate(twin.tables) if t.adds][:3]
    moves = [[smallest_move(p, protocol, twin.tables[i].terms, change) for change in CHANGES] for i in failed]
    found = moves_of(record, state.table_rules)[failed, : len(CHANGES)]
    expect_same(f"{where}: smallest moves", found, np.array(moves).reshape(found.shape))
    several = [i for i, t in enumerate(twin.tables) if t.cause == "several"][:1]
    sets = [smallest_set(p, protocol, twin.tables[i].terms) for i in several]
    found = sets_of(record, state.table_rules)[several]
    expect_same(
        f"{where}: smallest sets", found, np.array([[c in s for c in CHANGES] for s in sets], int).reshape(found.shape)
    )


def compare_happenings(where: str, state, twin: Twin) -> None:
    """What the step did to contracts so far, one by one and in order."""
    of_twin = [
        (CONTRACT_EVENTS.index(h.what), h.enterprise, h.college, h.field, h.level,
         EVENT_CAUSES.index(h.cause) if h.cause else -1, h.value)
        for h in twin.happened
    ]  # fmt: skip
    found = [np.concatenate(column) for column in zip(*state.contract_events, strict=True)]
    expect_same(f"{where}: number of contract events", len(found[0]), len(of_twin))
    for name, column, values in zip(ContractEvents._fields, found, zip(*of_twin, strict=True), strict=False):
        expect_same(f"{where}: contract_events.{name}", column, np.array(values))


def compare_communities(where: str, state, twin: Twin) -> None:
    expect_same(f"{where}: communities seen", state.n_communities_seen, twin.n_communities_seen)
    expect_same(f"{where}: communities", [c.id for c in state.communities], [c.id for c in twin.communities])
    for one, other in zip(state.communities, twin.communities, strict=True):
        for name, value in vars(other).items():
            found = getattr(one, name)
            if isinstance(value, float):
                expect_same(f"{where}: community {one.id}, {name}", found, value)
            elif found != value:
                raise DisagreementError(f"{where}: community {one.id}, {name}: columns {found!r}, twin {value!r}")
    ended = [(int(e.value), e.cause) for e in state.events if e.kind in ("community_died", "candidate_lost")]
    if ended != twin.deaths:
        raise DisagreementError(f"{where}: ended communities: columns {ended}, twin {twin.deaths}")


def compare_metrics(where: str, state, twin: Twin) -> None:
    for name, value in twin.metrics.items():
        expect_same(f"{where}: metric {name}", np.float64(state.metrics[name]), np.float64(value))


def compare(where: str, phase: str, state, twin: Twin) -> None:
    compare_columns(where, state, twin)
    compare_students(where, state, twin)
    if phase == "search":
        compare_agenda(where, state, twin)
    if phase == "negotiation":
        compare_tables(where, state, twin)
    if phase in ("negotiation", "delivery"):
        compare_happenings(where, state, twin)
    if phase == "community":
        compare_communities(where, state, twin)
    if phase == "measurement":
        compare_metrics(where, state, twin)


def run_side_by_side(scenario, state, steps: int) -> Twin:
    """Run both models and compare them after every phase of every step. Raises DisagreementError."""
    twin, plain = Twin.from_state(state, scenario), dict(zip(PHASES, SCHEDULE, strict=True))
    played: str | None = None
    for _ in range(steps):
        for phase in chain(quarter(state, scenario), (None,)):
            if played is not None:
                plain[played](twin)
                compare(f"step {twin.t}, after {played}", played, state, twin)
            played = phase
        twin.at(twin.t + 1)
    return twin
