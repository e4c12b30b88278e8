"""Phase 8, community: once a year communities form, divide their surplus, lose members, die
(Eq. 50-56; paper 5.2 P3, 5.4).

Clusters of the network of serious ties are found, tracked from year to year by their members, and
judged: a cluster with enough members, depth and a government link is a candidate; a candidate that
pays for every member long enough is an integration community, and its members carry its id.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.quarter.community import surplus
from abm.quarter.community.network import Network, detect, modularity_z, serious_ties
from abm.quarter.community.surplus import LEFT_BECAUSE, Settlement
from abm.world.levers import L
from abm.world.state import QUARTERS_A_YEAR, Community, Event, Floats, Ints, MemberFlow

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.parameters import Parameters
    from abm.world.state import State

WRITES: tuple[str, ...] = (
    "communities",
    "n_communities_seen",
    "member_flows",
    "enterprises.cluster",
    "colleges.cluster",
    "enterprises.community",
    "colleges.community",
    "events",
    "measured",
)
"""Measured, at each yearly look: ``modularity``; every p.modularity_every quarters: ``modularity_z``."""

_LINKING = [int(L.PLATFORM), int(L.SUPERVISION), int(L.CHARTER), int(L.DUAL_PROGRAMME)]

Members = tuple[frozenset[int], frozenset[int]]
"""Ids of enterprises and of colleges."""


class Look(NamedTuple):
    """What a yearly look finds. G clusters."""

    settlement: Settlement
    whole: list[Members]  # [G] members as found
    stayed: list[Members]  # [G] members after those left who lose by it
    left: list[Members]  # [G]
    home: Ints  # [G] row of the region of most members
    is_linked: Floats  # [G] 1 = its home region helps it
    charter: Floats  # [G]
    cluster_of: tuple[dict[int, int], dict[int, int]]
    """Id of an enterprise (a college) to its cluster as found."""
    reason: tuple[dict[int, int], dict[int, int]]
    """Id of an enterprise (a college) that left to its reason."""


def community(state: State, scenario: Conditions) -> None:
    """A year's look at the communities; nothing in the other three quarters."""
    if state.step % QUARTERS_A_YEAR != QUARTERS_A_YEAR - 1:
        return
    p = scenario.p
    network = serious_ties(state.enterprises, state.colleges, state.ties, p.serious_depth)
    columns = (state.enterprises.cluster, state.colleges.cluster)
    modularity, labels = detect(network, p.community_resolution, p.community_margin, *columns)
    for column, chosen in zip(columns, (~network.is_college, network.is_college), strict=True):
        column[:] = -1
        column[network.row[chosen]] = labels[chosen]
    _measure(state, network, modularity, p)
    look = look_at(state, network, labels, p)
    before = state.communities
    state.communities = _continue(state, look, p)
    state.member_flows = member_flows(before, state.communities)
    _mark_members(state)


def _measure(state: State, network: Network, modularity: float, p: Parameters) -> None:
    """Keep modularity, and now and then its test against rewired networks."""
    state.measured["modularity"] = modularity
    years = int(-(-p.modularity_every // QUARTERS_A_YEAR))
    if years > 0 and (state.step // QUARTERS_A_YEAR + 1) % years == 0:
        state.measured["modularity_z"] = modularity_z(
            network, modularity, p.community_resolution, state.seed, state.step, int(p.modularity_rewirings),
            state.threads,
        )  # fmt: skip


def _homes(state: State, network: Network, labels: Ints, n_clusters: int) -> tuple[Ints, Floats]:
    """Home region of each cluster (most members, the first on ties), and whether it helps it (Eq. 52). Shapes [G]."""
    ties, levers = state.ties, state.governments.levers
    place, seat = state.enterprises.region, state.colleges.region
    n_regions = len(levers)
    region = np.empty(len(labels), np.int64)
    for column, chosen in ((seat, network.is_college), (place, ~network.is_college)):
        region[chosen] = column[network.row[chosen]]
    members = np.bincount(labels * n_regions + region, minlength=n_clusters * n_regions)
    home = members.reshape(n_clusters, n_regions).argmax(axis=1)
    is_linked = np.asarray((levers[home][:, _LINKING] > 0.0).any(axis=1))
    e, h, g = network.enterprise, network.slot, labels[network.from_node]
    is_funded = (ties.subsidy[e, h] > 0.0) | (ties.tax_credit[e, h] * state.enterprises.credited[e] > 0.0)
    is_linked[g[is_funded & (g == labels[network.to_node]) & (place[e] == home[g])]] = True
    return home, is_linked.astype(np.float64)


def look_at(state: State, network: Network, labels: Ints, p: Parameters) -> Look:
    """Settle all clusters and sort their members. ``labels`` [V]."""
    n_clusters = int(labels.max()) + 1 if len(labels) else 0
    home, is_linked = _homes(state, network, labels, n_clusters)
    charter = state.governments.levers[home, L.CHARTER]
    rule = state.governments.levers[home, L.DISTRIBUTION_RULE].astype(np.int64)
    ends = surplus.surplus_of_ends(state, p, network)
    # What a chartered community owns together it keeps up together (Eq. 125).
    fee = p.charter_cost + p.base_upkeep * p.shared_base
    settlement = surplus.divide(network, labels, ends, charter, rule, (fee, p.pooled_share, p.leave_margin))
    whole: list[tuple[list[int], list[int]]] = [([], []) for _ in range(n_clusters)]
    gone: list[tuple[list[int], list[int]]] = [([], []) for _ in range(n_clusters)]
    cluster_of: tuple[dict[int, int], dict[int, int]] = ({}, {})
    reason: tuple[dict[int, int], dict[int, int]] = ({}, {})
    kinds = network.is_college.astype(np.int64)
    ids = np.where(network.is_college, _ids(state.colleges.id, network, 1), _ids(state.enterprises.id, network, 0))
    for agent, kind, g, why in zip(
        ids.tolist(), kinds.tolist(), labels.tolist(), settlement.reason.tolist(), strict=True
    ):
        whole[g][kind].append(agent)
        cluster_of[kind][agent] = g
        if why:
            gone[g][kind].append(agent)
            reason[kind][agent] = why
    found = [(frozenset(e), frozenset(c)) for e, c in whole]
    left = [(frozenset(e), frozenset(c)) for e, c in gone]
    stayed = [(a - x, b - y) if x or y else (a, b) for (a, b), (x, y) in zip(found, left, strict=True)]
    return Look(settlement, found, stayed, left, home, is_linked, charter, cluster_of, reason)


def _ids(ids: np.ndarray, network: Network, kind: int) -> np.ndarray:
    """Ids [V] of nodes of a kind; whatever for the others."""
    rows = np.where(network.is_college == bool(kind), network.row, 0)
    return ids[rows].astype(np.int64) if len(ids) else np.zeros(len(rows), np.int64)


def track(before: list[Community], whole: list[Members], cluster_of: tuple[dict[int, int], dict[int, int]],
          least: float) -> dict[int, int]:  # fmt: skip
    """Which cluster continues which community: position in ``before`` to cluster (Eq. 51).

    Pairs with Jaccard overlap of ``least`` or more, members that had left included, best overlap
    first; among equals the community with the smaller id, then the smaller cluster.
    """
    pairs: list[tuple[float, int, int, int]] = []
    for i, old in enumerate(before):
        for g, n in _whereabouts(old, cluster_of, is_whole=True).items():
            size = old.n_members + len(old.left) + len(old.left_colleges) + len(whole[g][0]) + len(whole[g][1]) - n
            if n / size >= least:
                pairs.append((-n / size, old.id, g, i))
    heirs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, g, i in sorted(pairs):
        if i not in heirs and g not in taken:
            heirs[i] = g
            taken.add(g)
    return heirs


def _whereabouts(
    old: Community, cluster_of: tuple[dict[int, int], dict[int, int]], *, is_whole: bool = False
) -> Counter[int]:
    """How many members of an old community are in which cluster now."""
    sides = (old.enterprises, old.colleges)
    if is_whole:
        sides = (old.enterprises | old.left, old.colleges | old.left_colleges)
    return Counter(
        found[agent] for side, found in zip(sides, cluster_of, strict=True) for agent in side if agent in found
    )


def _is_large_enough(members: Members) -> bool:
    return len(members[0]) >= 2 and len(members[1]) >= 1


def weakness(look: Look, g: int, least_level: float) -> str:
    """Why a cluster is no candidate (Eq. 52, 56): the first that holds, empty for a candidate."""
    sums = look.settlement.clusters[g]
    if not _is_large_enough(look.whole[g]):
        return "drained"
    if not _is_large_enough(look.stayed[g]) or sums[surplus.WORTH] <= 0.0:
        return "deficit"
    if 5.0 * sums[surplus.DEPTH] < least_level * sums[surplus.N_TIES]:
        return "shallow"
    return "" if look.is_linked[g] else "abandoned"


def end_of(old: Community, look: Look) -> str:
    """What became of a community that no cluster continues (Eq. 56)."""
    places = _whereabouts(old, look.cluster_of)
    if any(2 * n >= old.n_members for n in places.values()):
        return "merged"
    pieces = [g for g, n in places.items() if 4 * n >= old.n_members and _is_large_enough(look.whole[g])]
    return "split" if len(pieces) >= 2 else "drained"


def _continue(state: State, look: Look, p: Parameters) -> list[Community]:
    """Judge all clusters: old communities go on or end, new candidates appear."""
    heirs = track(state.communities, look.whole, look.cluster_of, p.tracking_overlap)
    after: list[Community] = []
    for i, old in enumerate(state.communities):
        g = heirs.get(i)
        cause = end_of(old, look) if g is None else weakness(look, g, p.community_depth)
        if g is None or cause:
            kind = "community_died" if old.established >= 0 else "candidate_lost"
            state.events.append(Event(state.step, kind, old.region, -1, -1, cause, float(old.id)))
            continue
        new = _judged(state, look, g, old.id, p, old)
        after.append(new)
        if old.established >= 0:
            _report_changes(state, look, old, new)
            if _has_split(old, look, g):
                state.events.append(Event(state.step, "community_split", new.region, -1, -1, "", float(new.id)))
    taken = set(heirs.values())
    for g in range(len(look.whole)):
        if g not in taken and not weakness(look, g, p.community_depth):
            after.append(_judged(state, look, g, state.n_communities_seen, p, None))
            state.n_communities_seen += 1
    return after


def _has_split(old: Community, look: Look, heir: int) -> bool:
    """Whether a quarter or more of the members went on in another cluster of its own right."""
    return any(
        g != heir and 4 * n >= old.n_members and _is_large_enough(look.whole[g])
        for g, n in _whereabouts(old, look.cluster_of).items()
    )


def _judged(state: State, look: Look, g: int, number: int, p: Parameters, old: Community | None) -> Community:
    """The record of a cluster that is a candidate or more, with the event of what it became (Eq. 52, 55)."""
    sums = look.settlement.clusters[g]
    home, is_paying = int(look.home[g]), bool(sums[surplus.SMALLEST_PART] > 0.0)
    quarters = old.candidate_quarters + QUARTERS_A_YEAR if old is not None and is_paying else 0
    established = -1 if old is None else old.established
    if old is None:
        state.events.append(Event(state.step, "candidate_found", home, -1, -1, "", float(number)))
    if established < 0 and is_paying and quarters >= p.establishment_quarters:
        established = state.step
        state.events.append(Event(state.step, "community_born", home, -1, -1, "", float(number)))
    return Community(
        id=number,
        founded=state.step if old is None else old.founded,
        enterprises=look.stayed[g][0],
        colleges=look.stayed[g][1],
        region=home,
        candidate_quarters=quarters,
        established=established,
        is_self_sustaining=bool(sums[surplus.SMALLEST_ALONE] > 0.0),
        mean_depth=float(sums[surplus.DEPTH] / sums[surplus.N_TIES]),
        surplus=float(sums[surplus.WORTH]),
        surplus_unsubsidised=float(sums[surplus.WORTH_ALONE]),
        has_charter=bool(look.charter[g] > 0.0),
        left=look.left[g][0],
        left_colleges=look.left[g][1],
    )


def _report_changes(state: State, look: Look, old: Community, new: Community) -> None:
    """Events of members who joined or left an established community, by id."""
    columns = (state.enterprises.id, state.colleges.id)
    for kind, (was, now) in enumerate(((old.enterprises, new.enterprises), (old.colleges, new.colleges))):
        if was == now:
            continue
        rows = {agent: row for row, agent in enumerate(columns[kind].tolist())}
        for agent in sorted(was ^ now):
            what, cause = "community_joined", ""
            if agent in was:
                what, cause = "community_left", LEFT_BECAUSE[look.reason[kind].get(agent, 0)] or "moved_on"
            where = (rows[agent], -1) if kind == 0 else (-1, rows[agent])
            state.events.append(Event(state.step, what, new.region, *where, cause, float(new.id)))


def member_flows(before: list[Community], after: list[Community]) -> list[MemberFlow]:
    """Members by where they were and where they are, ordered by both."""
    counts: dict[tuple[int, int], list[int]] = {}
    for kind, side in enumerate(("enterprises", "colleges")):
        was = {agent: c.id for c in before for agent in getattr(c, side)}
        now = {agent: c.id for c in after for agent in getattr(c, side)}
        for agent in was.keys() | now.keys():
            counts.setdefault((was.get(agent, -1), now.get(agent, -1)), [0, 0])[kind] += 1
    return [MemberFlow(*way, *counts[way]) for way in sorted(counts)]


def _mark_members(state: State) -> None:
    """Write the id of its established community into each member's row, -1 = none."""
    for kind, column in enumerate((state.enterprises, state.colleges)):
        column.community[:] = -1
        of = {
            agent: c.id for c in state.communities if c.established >= 0 for agent in (c.enterprises, c.colleges)[kind]
        }
        if of:
            agents = np.fromiter(of, np.int64, len(of))
            order = np.argsort(column.id, kind="stable")
            rows = order[np.searchsorted(column.id[order], agents)]
            column.community[rows] = np.fromiter(of.values(), np.int64, len(of))
