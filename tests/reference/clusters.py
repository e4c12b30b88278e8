"""Eq 50: clusters of a network of enterprises and colleges, by the modularity of such networks (Barber 2007)."""

from __future__ import annotations

SAME = 1e-9


class Graph:
    """Nodes 0, 1, ... and weights between an enterprise and a college."""

    def __init__(self, weights: dict[tuple[int, int], float], n: int, resolution: float) -> None:
        self.weights, self.nodes, self.resolution = weights, range(n), resolution
        self.colleges = {college for _, college in weights}
        self.total = sum(weights.values())
        self.partners: list[list[tuple[int, float]]] = [[] for _ in self.nodes]
        for (enterprise, college), weight in weights.items():
            self.partners[enterprise].append((college, weight))
            self.partners[college].append((enterprise, weight))
        self.strength = [sum(weight for _, weight in partners) for partners in self.partners]

    def sums(self, labels: list[int]) -> tuple[dict[int, float], dict[int, float]]:
        """Strength of the enterprises and of the colleges of each cluster."""
        found = dict.fromkeys(labels, 0.0), dict.fromkeys(labels, 0.0)
        for node in self.nodes:
            found[node in self.colleges][labels[node]] += self.strength[node]
        return found

    def modularity(self, labels: list[int]) -> float:
        of_enterprises, of_colleges = self.sums(labels)
        inside = sum(weight for (a, b), weight in self.weights.items() if labels[a] == labels[b])
        chance = sum(of_enterprises[c] * of_colleges[c] for c in of_enterprises)
        return (inside - self.resolution * chance / self.total) / self.total

    def moved(self, labels: list[int]) -> list[int]:
        """Each node in turn goes where it gains most, until none goes."""
        labels, is_moved = list(labels), True
        sums = self.sums(labels)
        while is_moved:
            is_moved = False
            for node in self.nodes:
                mine, theirs = (sums[1], sums[0]) if node in self.colleges else sums
                shared = {labels[node]: 0.0}
                for partner, weight in self.partners[node]:
                    shared[labels[partner]] = shared.get(labels[partner], 0.0) + weight
                gains = {
                    c: weight - self.resolution * self.strength[node] * theirs[c] / self.total
                    for c, weight in shared.items()
                }
                best, is_alone = labels[node], labels.count(labels[node]) == 1
                if is_alone:
                    gains[best] -= 2 * SAME
                # The partners' clusters as they are first named; the own one is there already.
                for c, gain in gains.items():
                    if gain > gains[best] + SAME:
                        best = c
                if gains[best] < -SAME and not is_alone:
                    best = max(*labels, len(labels)) + 1
                if best != labels[node]:
                    mine[labels[node]] -= self.strength[node]
                    mine[best] = mine.get(best, 0.0) + self.strength[node]
                    theirs.setdefault(best, 0.0)
                    labels[node], is_moved = best, True
        return by_first_node(labels)

    def joined(self, labels: list[int]) -> list[int]:
        """Clusters join in pairs, each at most once in a round, those first that gain most, until all would lose."""
        while True:
            between: dict[tuple[int, int], float] = {}
            for (a, b), weight in self.weights.items():
                if labels[a] != labels[b]:
                    pair = min(labels[a], labels[b]), max(labels[a], labels[b])
                    between[pair] = between.get(pair, 0.0) + weight
            e, c = self.sums(labels)
            gains = {
                (a, b): round((weight - self.resolution * (e[a] * c[b] + e[b] * c[a]) / self.total) / SAME)
                for (a, b), weight in between.items()
            }
            becomes: dict[int, int] = {}
            for a, b in sorted((pair for pair in gains if gains[pair] >= 0), key=lambda pair: (-gains[pair], pair)):
                if a not in becomes and b not in becomes:
                    becomes[a] = becomes[b] = a
            if not becomes:
                return labels
            labels = [becomes.get(label, label) for label in labels]

    def improved(self, labels: list[int]) -> list[int]:
        labels = self.moved(labels)
        while (joined := self.joined(labels)) != labels:
            labels = self.moved(joined)
        return labels


def by_first_node(labels: list[int]) -> list[int]:
    """Clusters named by their first nodes."""
    first: dict[int, int] = {}
    for node, label in enumerate(labels):
        first.setdefault(label, node)
    return [first[label] for label in labels]


def clusters_of(graph: Graph, last: list[int], margin: float) -> list[int]:
    """What last year's clusters (-1 = in none) have become, unless the best found afresh is better by a margin."""
    alone = list(graph.nodes)
    if graph.total <= 0:
        return alone
    named = [("last", label) if label >= 0 else ("new", node) for node, label in enumerate(last)]
    kinds = {label: i for i, label in enumerate(dict.fromkeys(named))}
    is_first = all(label < 0 for label in last)
    kept = graph.improved(by_first_node([kinds[label] for label in named]))
    fresh, joined = graph.improved(alone), graph.improved(graph.joined(alone))
    if graph.modularity(joined) > graph.modularity(fresh) + SAME:
        fresh = joined
    return kept if not is_first and graph.modularity(kept) >= graph.modularity(fresh) - margin - SAME else fresh
