"""5.9 Communities: once a year clusters are found, followed, judged and divide their surplus (Eq 50-56)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.reference.agents import CollegeAgent, EnterpriseAgent, Tie
from tests.reference.clusters import Graph, clusters_of
from tests.reference.realised import earnings

EQUAL, PROPORTIONAL, SHAPLEY = 0, 1, 2


@dataclass
class Link:
    """A serious tie between two nodes of the network."""

    enterprise: EnterpriseAgent
    tie: Tie

    @property
    def college(self) -> CollegeAgent:
        return self.tie.college


@dataclass
class Cluster:
    """A cluster as found, and what is left of it when those who lose by it have gone."""

    number: int
    whole: list
    stayed: list
    links: list[Link]
    home: object
    is_linked: bool
    charter: float
    left: dict = field(default_factory=dict)
    """Who left, and why."""
    worth: float = 0.0
    worth_alone: float = 0.0
    parts: dict = field(default_factory=dict)
    alone: dict = field(default_factory=dict)

    def inside(self) -> list[Link]:
        """Ties between those who stayed."""
        there = set(self.stayed)
        return [link for link in self.links if link.enterprise in there and link.college in there]


@dataclass
class Community:
    """A candidate or an integration community, from one yearly look to the next."""

    id: int
    founded: int
    enterprises: frozenset[int]
    colleges: frozenset[int]
    region: int
    candidate_quarters: int
    established: int
    is_self_sustaining: bool
    mean_depth: float
    surplus: float
    surplus_unsubsidised: float
    has_charter: bool
    left: frozenset[int]
    left_colleges: frozenset[int]

    def agents(self) -> set:
        return names(self.enterprises, self.colleges)

    def agents_with_those_who_left(self) -> set:
        return self.agents() | names(self.left, self.left_colleges)


def names(enterprises, colleges) -> set:
    """Members by kind and id: an enterprise and a college may have the same id."""
    return {("enterprise", key) for key in enterprises} | {("college", key) for key in colleges}


def name(agent) -> tuple[str, int]:
    return ("college" if isinstance(agent, CollegeAgent) else "enterprise"), agent.id


def ids(agents, kind) -> frozenset[int]:
    return frozenset(agent.id for agent in agents if isinstance(agent, kind))


def serious_links(model) -> list[Link]:
    """Eq 50: contracts of some substance, in the order of the ids of their ends."""
    links = [
        Link(e, tie) for e in model.enterprises for tie in e.active_ties() if tie.substance >= model.p.serious_depth
    ]
    return sorted(links, key=lambda link: (link.enterprise.id, link.college.id, link.tie.programme.number))


def find_clusters(model, links: list[Link]) -> list[list]:
    """Members of each cluster; nodes and clusters are numbered as they first appear."""
    numbers: dict = {}
    for link in links:
        for agent in (link.enterprise, link.college):
            numbers.setdefault(agent, len(numbers))
    if not links:
        return []
    weights: dict[tuple[int, int], float] = {}
    for link in links:
        ends = numbers[link.enterprise], numbers[link.college]
        weights[ends] = weights.get(ends, 0.0) + link.tie.substance
    graph = Graph(weights, len(numbers), model.p.community_resolution)
    found = clusters_of(graph, [agent.cluster for agent in numbers], model.p.community_margin)
    clusters: dict[int, list] = {}
    for agent, number in numbers.items():
        clusters.setdefault(found[number], []).append(agent)
    return list(clusters.values())


def look_at(model, number: int, members: list, links: list[Link]) -> Cluster:
    """Where a cluster is at home, and whether its government helps it (Eq 52)."""
    there = set(members)
    links = [link for link in links if link.enterprise in there and link.college in there]
    count = {region: sum(agent.region is region for agent in members) for region in model.governments}
    home = max(model.governments, key=lambda region: (count[region], -region.row))
    helps = any(home.levers[lever] > 0 for lever in ("platform", "supervision", "charter", "dual_programme"))
    funds = any(
        link.enterprise.region is home and (link.tie.subsidy > 0 or link.enterprise.credited * link.tie.tax_credit > 0)
        for link in links
    )
    return Cluster(number, list(members), list(members), links, home, helps or funds, home.levers["charter"])


def divide(model, cluster: Cluster) -> dict:
    """One division of the cluster's worth (Eq 54). Returns who leaves by it, and why (Eq 55)."""
    fee = (model.p.charter_cost + model.p.base_upkeep * model.p.shared_base) * cluster.charter
    rule = cluster.home.levers["distribution_rule"]
    own = dict.fromkeys(cluster.stayed, 0.0)
    alone, paid, both = dict(own), dict(own), dict(own)
    degree = dict.fromkeys(cluster.stayed, 0)
    for link in cluster.inside():
        earned = earnings(model, link.enterprise, link.tie)
        for one, earning in earned.items():
            own[one] += earning.own
            alone[one] += earning.alone
            paid[one] += earning.paid
            both[one] += sum(each.own for each in earned.values())
            degree[one] += 1
    n = len(cluster.stayed)
    cluster.worth = sum(own.values()) - fee * n
    cluster.worth_alone = sum(alone.values()) - fee * n
    cluster.alone = {one: earned - fee for one, earned in alone.items()}
    carried = {one: max(0.0, paid[one]) for one in cluster.stayed}
    leaving = {}
    for one in cluster.stayed:
        part = own[one]
        if cluster.charter > 0:
            if rule == SHAPLEY:
                shared = both[one] / 2 - fee
            elif rule == PROPORTIONAL and sum(carried.values()) > 0:
                shared = cluster.worth * carried[one] / sum(carried.values())
            else:
                shared = cluster.worth / n
            pooled = model.p.pooled_share
            part = pooled * shared + (1 - pooled) * (own[one] - fee)
        cluster.parts[one] = part
        if degree[one] == 0:
            leaving[one] = "without_tie"
        elif part < 0:
            leaving[one] = "deficit"
        elif part < own[one] * (1 - model.p.leave_margin):
            leaving[one] = "better_alone"
    return leaving


def settle(model, cluster: Cluster) -> None:
    """Divide, and let all those go at once who lose by it, until nobody goes."""
    while True:
        cluster.parts = {}
        leaving = divide(model, cluster)
        if not leaving:
            return
        cluster.left.update(leaving)
        cluster.stayed = [one for one in cluster.stayed if one not in leaving]


def is_large_enough(agents) -> bool:
    n_colleges = sum(isinstance(agent, CollegeAgent) for agent in agents)
    return len(agents) - n_colleges >= 2 and n_colleges >= 1


def weakness(model, cluster: Cluster) -> str:
    """Why a cluster is no candidate; empty for one (Eq 52, 56)."""
    if not is_large_enough(cluster.whole):
        return "drained"
    if not is_large_enough(cluster.stayed) or cluster.worth <= 0:
        return "deficit"
    depths = [link.tie.substance for link in cluster.inside()]
    if 5 * sum(depths) < model.p.community_depth * len(depths):
        return "shallow"
    return "" if cluster.is_linked else "abandoned"


def heirs(model, clusters: list[Cluster]) -> dict:
    """Which cluster continues which community: the closest pairs first (Eq 51)."""
    pairs = []
    for old in model.communities:
        before = old.agents_with_those_who_left()
        for cluster in clusters:
            now = {name(agent) for agent in cluster.whole}
            likeness = len(before & now) / len(before | now)
            if before & now and likeness >= model.p.tracking_overlap:
                pairs.append((-likeness, old.id, cluster.number))
    found: dict[int, int] = {}
    for _, old, number in sorted(pairs):
        if old not in found and number not in found.values():
            found[old] = number
    return found


def end_of(old: Community, clusters: list[Cluster]) -> str:
    """What became of a community that nothing continues (Eq 56)."""
    members = old.agents()
    moved = {cluster.number: len(members & {name(agent) for agent in cluster.whole}) for cluster in clusters}
    if any(2 * n >= len(members) for n in moved.values() if n):
        return "merged"
    pieces = [
        c for c in clusters if moved[c.number] and 4 * moved[c.number] >= len(members) and is_large_enough(c.whole)
    ]
    return "split" if len(pieces) >= 2 else "drained"


def judged(model, cluster: Cluster, number: int, old: Community | None) -> Community:
    """Eq 55."""
    is_paying = all(part > 0 for part in cluster.parts.values())
    quarters = old.candidate_quarters + 4 if old and is_paying else 0
    established = old.established if old else -1
    if established < 0 and is_paying and quarters >= model.p.establishment_quarters:
        established = model.t
    depths = [link.tie.substance for link in cluster.inside()]
    return Community(
        id=number,
        founded=old.founded if old else model.t,
        enterprises=ids(cluster.stayed, EnterpriseAgent),
        colleges=ids(cluster.stayed, CollegeAgent),
        region=cluster.home.row,
        candidate_quarters=quarters,
        established=established,
        is_self_sustaining=all(value > 0 for value in cluster.alone.values()),
        mean_depth=math.fsum(depths) / len(depths),
        surplus=cluster.worth,
        surplus_unsubsidised=cluster.worth_alone,
        has_charter=cluster.charter > 0,
        left=ids(cluster.left, EnterpriseAgent),
        left_colleges=ids(cluster.left, CollegeAgent),
    )


def community(model) -> None:
    model.deaths = []
    if model.t % 4 != 3:
        return
    links = serious_links(model)
    clusters = [look_at(model, i, members, links) for i, members in enumerate(find_clusters(model, links))]
    for agent in [*model.enterprises, *model.colleges]:
        agent.cluster = next((cluster.number for cluster in clusters if agent in cluster.whole), -1)
    for cluster in clusters:
        settle(model, cluster)
    found = heirs(model, clusters)
    after = []
    for old in model.communities:
        number = found.get(old.id)
        cause = end_of(old, clusters) if number is None else weakness(model, clusters[number])
        if cause:
            model.deaths.append((old.id, cause))
        else:
            after.append(judged(model, clusters[number], old.id, old))
    for cluster in clusters:
        if cluster.number not in found.values() and not weakness(model, cluster):
            after.append(judged(model, cluster, model.n_communities_seen, None))
            model.n_communities_seen += 1
    model.communities = after
    for agent in [*model.enterprises, *model.colleges]:
        agent.community = -1
        for each in after:
            if each.established >= 0 and name(agent) in each.agents():
                agent.community = each.id
