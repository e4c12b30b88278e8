"""What views see: World once a run, one Frame for each step, History of the whole run so far.

All three are made from a real state and hold copies only: a view can keep a frame while the model
goes on. Shapes: R regions, N enterprises, C colleges, S sectors, K running contracts, T steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abm.population import tables
from abm.population.provinces import provinces
from abm.population.tables import Called
from abm.quarter.measurement.metrics import catalogue, regional_catalogue
from abm.quarter.negotiation.diagnosis import moves_of, sets_of
from abm.world.levers import LEVERS, SPENDING
from abm.world.state import QUARTERS_A_YEAR, Bytes, Community, Event, Floats, Ints, MemberFlow, Rows, TableRecord
from abm.world.vocabulary import CAUSES, REVIEW
from dashboards.live.fines import Fines, fines_of
from dashboards.live.offer import Offer, offer_of
from dashboards.live.talent import Talent, talent_of
from dashboards.live.tiles import SMALL_RING, tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.scenario import Scenario
    from abm.world.state import State, TableRules

Singles = npt.NDArray[np.float32]

SAMPLE = 240
"""Failed tables that a frame keeps at most, evenly spaced among those of the step."""


class Contracts(NamedTuple):
    """The running contracts of a step; one row a contract, in the order of enterprises."""

    enterprise: Rows  # [K] row
    college: Rows  # [K] row
    level: Bytes  # [K] formal level 1-5
    substance: Singles  # [K] substantive depth, 0-1
    trust: Singles  # [K] the lower of the two sides' trust, 0-1
    is_mandated: Bytes  # [K] 1 = signed by order


class Failures(NamedTuple):
    """A sample of the step's failed tables: rows of its TableRecord."""

    record: TableRecord
    row: Ints
    """Row of each in the step's whole record."""
    weight: float
    """How many failed tables each stands for."""
    moves: Floats
    """Smallest share of the way that closes the table alone, by cause [n, len(CAUSES)]; NaN = it does not."""
    sets: Bytes
    """The smallest set of changes that closes what several things failed [n, N_MOVES]."""


class Membership(NamedTuple):
    """A community or candidate at a yearly look."""

    id: int
    region: int
    """Row of the region in which most members sit."""
    n_members: int
    is_established: bool
    is_self_sustaining: bool


class Look(NamedTuple):
    """What a yearly look at the communities found, and who had gone where since the one before."""

    step: int
    """Quarters done."""
    communities: tuple[Membership, ...]
    flows: tuple[MemberFlow, ...]


@dataclass(frozen=True)
class World:
    """What does not change in a run."""

    scenario: Scenario
    region_names: tuple[str, ...]
    region_names_zh: tuple[str, ...]
    tiles: Ints
    """Column and row of each region's tile. Shape [R, 2]."""
    is_ring: bool
    """Whether the regions of an invented world lie on a ring, in their order."""
    sector_names: tuple[str, ...]
    enterprise_region: Rows
    enterprise_sector: Rows
    enterprise_id: Ints
    """Draw keys: communities name their members by them. Shape [N]."""
    enterprise_size: Floats
    college_region: Rows
    college_field: Rows
    college_id: Ints

    called: Called

    def enterprise_label(self, row: int) -> str:
        """What an enterprise is called: by its tables, or its number in an invented world."""
        return self.called.enterprise.label(row) if self.is_own else str(row + 1)

    def college_label(self, row: int) -> str:
        """The same for a college."""
        return self.called.college.label(row) if self.is_own else str(row + 1)

    @property
    def is_own(self) -> bool:
        """Whether somebody brought tables, with ids and names of their own."""
        return self.scenario.population.source == "tables"

    def region_label(self, row: int, language: str) -> str:
        """A region's name in a language."""
        return (self.region_names_zh if language == "zh" else self.region_names)[row]


@dataclass(frozen=True)
class Frame:
    """Everything that views need of the moment when ``step`` quarters are done; 0 = before the first."""

    step: int
    metrics: dict[str, float]
    """National metrics by name; NaN = cannot be measured yet."""
    regions: dict[str, Floats]
    """By name, each [R]: stage, tables, signed, failed, failed_<cause>, spent_<kind>, every lever, every regional
    metric."""
    contracts: Contracts
    enterprise_community: Ints
    """Id of its integration community, -1 = none. Shape [N]."""
    college_community: Ints
    communities: tuple[Community, ...]
    """Communities and candidates; copies."""
    member_flows: tuple[MemberFlow, ...]
    """Who went where at the last yearly look; empty in steps without one."""
    talent: Talent
    offer: Offer
    events: tuple[Event, ...]
    fines: Fines | None
    """None in quarters without any."""
    failures: Failures | None
    """None before the first step."""

    @property
    def n_bytes(self) -> int:
        """About what the frame takes in memory."""
        arrays: list[Any] = [*self.contracts, *self.talent, *self.offer, *self.regions.values()]
        arrays += [self.enterprise_community, self.college_community]
        if self.failures is not None:
            arrays += [*self.failures.record, self.failures.row, self.failures.moves, self.failures.sets]
        return sum(a.nbytes for a in arrays) + 200 * (len(self.metrics) + len(self.events)) + 4096


class History:
    """National and regional series of a run so far, as arrays that grow.

    Rows are steps: row t is the quarter t, known when t + 1 steps are done. Slices are views and cost
    nothing. A row once written is never changed: to go on from an earlier moment, take ``until(step)``.
    """

    def __init__(self, metrics: Sequence[str], regional: Sequence[str], n_regions: int) -> None:
        self.metric_names, self.regional_names = tuple(metrics), tuple(regional)
        self.n_regions = n_regions
        self.steps = 0
        self.events: list[Event] = []
        self.fines: list[Fines] = []
        self.looks: list[Look] = []
        self.offers: list[tuple[int, Offer]] = []
        """At the yearly looks: quarters done, and what was offered."""
        self._metrics = np.empty((64, len(self.metric_names)))
        self._regional = np.empty((64, len(self.regional_names), n_regions))
        self._metric_column = {name: i for i, name in enumerate(self.metric_names)}
        self._regional_column = {name: i for i, name in enumerate(self.regional_names)}

    def append(self, frame: Frame) -> None:
        """Take the next step's frame."""
        if self.steps == len(self._metrics):
            self._metrics = np.concatenate([self._metrics, np.empty_like(self._metrics)])
            self._regional = np.concatenate([self._regional, np.empty_like(self._regional)])
        self._metrics[self.steps] = [frame.metrics.get(name, math.nan) for name in self.metric_names]
        for i, name in enumerate(self.regional_names):
            self._regional[self.steps, i] = frame.regions[name]
        self.events.extend(frame.events)
        if frame.fines is not None:
            self.fines.append(frame.fines)
        if frame.step % QUARTERS_A_YEAR == 0:
            self.looks.append(_look(frame))
            self.offers.append((frame.step, frame.offer))
        self.steps += 1

    def metric(self, name: str, until: int | None = None) -> Floats:
        """A national metric, one number a step; ``until`` steps of it. Shape [T]. KeyError for an unknown name."""
        return self._metrics[: self._known(until), self._metric_column[name]]

    def regional(self, name: str, until: int | None = None) -> Floats:
        """A regional series (a key of Frame.regions). Shape [T, R]. KeyError for an unknown name."""
        return self._regional[: self._known(until), self._regional_column[name]]

    def events_until(self, step: int) -> list[Event]:
        """Events of the first ``step`` quarters, in their order."""
        return [event for event in self.events if event.step < step]

    def fines_until(self, step: int) -> list[Fines]:
        """Those of the first ``step`` quarters that had any, in their order."""
        return [fines for fines in self.fines if fines.step < step]

    def until(self, step: int) -> History:
        """A history of its own of the first ``step`` quarters."""
        other = History(self.metric_names, self.regional_names, self.n_regions)
        other.steps = self._known(step)
        size = max(64, other.steps)
        other._metrics, other._regional = self._metrics[:size].copy(), self._regional[:size].copy()
        other.events = self.events_until(step)
        other.fines = self.fines_until(step)
        other.looks = [look for look in self.looks if look.step <= step]
        other.offers = [(at, offer) for at, offer in self.offers if at <= step]
        return other

    def _known(self, until: int | None) -> int:
        return self.steps if until is None else max(0, min(until, self.steps))


def _look(frame: Frame) -> Look:
    found = tuple(
        Membership(c.id, c.region, c.n_members, c.established >= 0, c.is_self_sustaining) for c in frame.communities
    )
    return Look(frame.step, found, frame.member_flows)


REGIONAL = ("tables", "signed", "failed", *(f"failed_{cause}" for cause in CAUSES))
"""Counts by region: tables without reviews, contracts signed at them, failures in all and by cause, in parts."""


def world_of(scenario: Scenario, state: State) -> World:
    """What does not change in a run of this scenario."""
    known = tables(scenario)
    names = known.regions.name
    chinese = {p.name: p.name_zh for p in provinces()}
    is_own = scenario.population.source == "tables"
    is_ring = scenario.population.source == "synthetic" and 3 <= len(names) <= SMALL_RING
    return World(
        scenario=scenario,
        region_names=names,
        region_names_zh=tuple(
            chinese.get(name) or (name if is_own else name.replace("region", "区域")) for name in names
        ),
        tiles=tiles(names, is_ring=is_ring),
        is_ring=is_ring,
        sector_names=known.sectors.name,
        enterprise_region=state.enterprises.region.copy(),
        enterprise_sector=state.enterprises.sector.copy(),
        enterprise_id=state.enterprises.id.astype(np.int64),
        enterprise_size=state.enterprises.size.copy(),
        college_region=state.colleges.region.copy(),
        college_field=state.colleges.field.copy(),
        college_id=state.colleges.id.astype(np.int64),
        called=known.members,
    )


def frame_of(state: State, related_fit: float) -> Frame:
    """The frame of the moment at which a state is. ``related_fit``: fit from which work counts as in the field."""
    return Frame(
        step=state.step,
        metrics={name: state.metrics.get(name, math.nan) for name in catalogue()},
        regions=_regions(state),
        contracts=_contracts(state),
        enterprise_community=state.enterprises.community.copy(),
        college_community=state.colleges.community.copy(),
        communities=tuple(_copy(community) for community in state.communities),
        member_flows=tuple(state.member_flows) if state.step % 4 == 0 else (),
        talent=talent_of(state, related_fit),
        offer=offer_of(state),
        events=tuple(state.events),
        fines=fines_of(state),
        failures=_failures(state.tables, state.table_rules),
    )


def _copy(community: Community) -> Community:
    return Community(**{f.name: getattr(community, f.name) for f in fields(Community)})


def _regions(state: State) -> dict[str, Floats]:
    governments, record = state.governments, state.tables
    n = len(governments.stage)
    counts = np.zeros((len(REGIONAL), n))
    if record is not None:
        counted = record.kind != REVIEW
        region, is_failed = record.region[counted], record.cause[counted] >= 0
        counts[0] = np.bincount(region, minlength=n)
        counts[1] = np.bincount(region[record.level[counted] > 0], minlength=n)
        counts[2] = np.bincount(region[is_failed], minlength=n)
        for i, part in enumerate(record.parts[counted].T):
            counts[3 + i] = np.bincount(region, part, minlength=n)
    found = {name: counts[i] for i, name in enumerate(REGIONAL)}
    found["stage"] = governments.stage.astype(np.float64)
    found |= {f"spent_{name}": governments.spent_now[:, i].copy() for i, name in enumerate(SPENDING)}
    found |= {lever.name: governments.levers[:, i].copy() for i, lever in enumerate(LEVERS)}
    for name in regional_catalogue():
        values = state.regional_metrics.get(name)
        found.setdefault(name, np.full(n, np.nan) if values is None else values.copy())
    return found


def _contracts(state: State) -> Contracts:
    ties = state.ties
    enterprise, slot = np.nonzero(ties.level)
    at = (enterprise, slot)
    return Contracts(
        enterprise=enterprise.astype(np.int32),
        college=ties.college[at],
        level=ties.level[at],
        substance=ties.substance[at].astype(np.float32),
        trust=np.minimum(ties.trust_enterprise[at], ties.trust_college[at]).astype(np.float32),
        is_mandated=ties.is_mandated[at],
    )


def _failures(record: TableRecord | None, rules: TableRules | None) -> Failures | None:
    if record is None or rules is None:
        return None
    failed = np.flatnonzero(record.cause >= 0)
    weight = max(1.0, len(failed) / SAMPLE)
    row = failed[(np.arange(min(len(failed), SAMPLE)) * weight).astype(np.int64)]
    kept = TableRecord._make(column[row] for column in record)  # pyright: ignore[reportPrivateUsage]
    return Failures(kept, row, weight, moves_of(kept, rules), sets_of(kept, rules))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a page shows: one frame in its world, with the history that led to it. Two are never equal: whoever keeps
    what was worked out of one asks whether it is the same, not whether all its numbers are."""

    world: World
    history: History
    frame: Frame

    @property
    def step(self) -> int:
        """Quarters done at the moment shown."""
        return self.frame.step
