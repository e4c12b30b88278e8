"""The model as system dynamics: agents replaced by their means, a few difference equations, nothing fitted.

One enterprise, one college and one programme stand for all of them: their aims, fit, engagement, reputation and
technology are the means of a world as it begins; rules act as they did in the run that the equations are held against.
With levers of quarter t, per quarter (numbers of equations are those of abm/ODD.md):

    effort        a_E, a_C = mean over the noise of A(x) at the mean depth d              (26, 27, 90-92)
    trust         n <- (1 - rate) n + 1;  q_E += (a_C - q_E)/n,  q_C += (a_E - q_C)/n     (28)
                  both mixed with strangers' trust by the share of contracts that are new (74)
    table         l* = what mean enterprise and college agree on by concession, 0 = none  (20-23)
    places        f += s (1 - f) [l* > 0] - f/L [l* = 0] - f e(d; a_E, a_C)               (12, 29, 91)
    formal depth  d += (l*/5 - d) (new/f + 1/L + review), of contracts that come to the table (17, 74)
    depth         s = d sqrt(a_E a_C);  per place f s                                     (32)
    engagement    g += rate (s - g)                                                      (35)
    technology    T += (gain r + adoption k)(1 - T) - decay T (1 - r), r = s at levels 4, 5, T over the frontier (8, 95)

What this leaves out is the point of drawing it over the agents: that they differ, meet whom they meet, and form
communities. The distance between both is what these do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.language import say
from abm.quarter.delivery import at_work
from abm.world.equations import asset_cost, overlap
from abm.world.ledger import (
    Work,
    chance_below_standard,
    drive,
    early_end,
    effort_from,
    expected_effort,
    outlook,
    output,
)
from abm.world.level_tables import level_tables
from abm.world.levers import LEVERS, L
from abm.world.vocabulary import CO_BUILT, COLLEGE, ENTERPRISE, N_LEVELS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from abm.results import Results
    from abm.scenario import Scenario
    from abm.world.state import Floats, State

SERIES = ("substantive_depth_per_place", "mean_trust_in_colleges", "engagement", "mean_technology")
"""What is solved for, by the metrics of the agents that it is held against."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_SHARES = np.linspace(0.0, 1.0, 11)


class Means(NamedTuple):
    """Who stands for all: means of a world as it begins."""

    enterprise_aims: Floats  # [M]
    college_aims: Floats  # [M]
    fit: float
    retention: float
    market_fit: float
    enterprise_reputation: float
    college_reputation: float
    engagement: float
    technology: float
    skilled: float
    enterprise_places: float
    college_places: float


class Point(NamedTuple):
    """The state of the equations."""

    places: float
    """Share of enterprises' places for partners that are under contract."""
    depth: float
    """Mean formal depth of contracts, 0-1."""
    trust_enterprise: float
    trust_college: float
    evidence: float
    engagement: float
    technology: float
    known_fine: float
    substance: float = 0.0


@dataclass(frozen=True)
class MeanField:
    """A solution, beside the mean of the agents."""

    solution: Mapping[str, Floats]
    """Series -> value after each quarter. Shape [steps]."""
    agents: Mapping[str, Floats]
    """Series -> the same in runs of the model. Shape [runs, steps]."""

    def distance(self, name: str) -> Floats:
        """Mean distance of the equations from each run, in the series' unit. Shape [runs]."""
        return np.nanmean(np.abs(self.agents[name] - self.solution[name]), axis=1)

    def explained(self, name: str) -> Floats:
        """Part of each run's distance from where it began that the equations explain, 1 = all; below 0 they are
        further away than standing still. Shape [runs]."""
        of = self.agents[name]
        still = np.nanmean(np.abs(of - of[:, :1]), axis=1)
        return 1.0 - self.distance(name) / np.maximum(still, 1e-12)

    def answer(self) -> str:
        """How far the equations are from the agents, in words."""
        from abm.machine.language import spoken
        from abm.quarter.measurement.metrics import catalogue
        from experiments.analysis.intervals import mean_interval

        lines = [say("Distance of the mean-field equations from the agents, mean over quarters and seeds:")]
        for name in self.solution:
            lines.append(
                "  "
                + say(
                    "{what}: {distance}; explained of what moves: {part}",
                    what=spoken(catalogue()[name].label), distance=f"{mean_interval(self.distance(name))}",
                    part=f"{mean_interval(self.explained(name))}",
                )
            )  # fmt: skip
        return "\n".join(lines)


def means_of(state: State) -> Means:
    """The means of a world as it begins."""
    e, c, programmes = state.enterprises, state.colleges, state.programmes
    n_fields = len(state.sectors.demand)
    offered = programmes.seats.reshape(-1, n_fields) > 0
    fits: list[float] = []
    for i, region in enumerate(e.region.tolist()):
        for college in np.flatnonzero(c.region == region).tolist():
            rows = college * n_fields + np.flatnonzero(offered[college])
            fits.append(
                max((float(overlap(e.demand, i, programmes.curriculum, int(row))) for row in rows), default=0.0)
            )
    return Means(
        e.aims.mean(axis=0), c.aims.mean(axis=0), float(np.mean(fits or [0.0])), float(e.retention.mean()),
        float(state.governments.market_fit.mean()), float(e.reputation.mean()), float(c.reputation.mean()),
        float(c.engagement.mean()), float(e.technology.mean()), float(e.skilled.mean()),
        float(e.partner_limit.mean()), float(c.partner_limit.mean()) * len(c.id) / max(1, len(e.id)),
    )  # fmt: skip


def begin(mean: Means, state: State, p: Any) -> Point:
    """The equations' state where the world begins, from the same start."""
    ties = state.ties
    running = ties.level > 0
    n = float(running.sum())
    full = n / max(1.0, float(state.enterprises.partner_limit.sum()))
    depth = float(ties.level[running].mean()) / N_LEVELS if n else 0.0
    strangers = (p.initial_trust * mean.college_reputation, p.initial_trust * mean.enterprise_reputation)
    trusts = (
        (float(ties.trust_enterprise[running].mean()), float(ties.trust_college[running].mean())) if n else strangers
    )
    known = float(state.governments.known_fine.mean())
    evidence = float(ties.evidence[running].mean()) if n else float(p.stranger_evidence)
    return Point(full, depth, *trusts, evidence, mean.engagement, mean.technology, known)


class Rules(NamedTuple):
    """Levers of a quarter."""

    fine: float
    news: float
    reform: float
    subsidy: float
    mandate: int
    platform: float


def rules_of(levers: Floats, known_fine: float) -> Rules:
    """From levers, shape [len(LEVERS)], and the fine that is known."""
    fine = float(levers[L.SUPERVISION] * levers[L.PENALTY])
    return Rules(
        fine, fine - known_fine, float(levers[L.EVALUATION_REFORM]), float(levers[L.SUBSIDY_RATE]),
        int(levers[L.MANDATE]), float(levers[L.PLATFORM]),
    )  # fmt: skip


def _work(party: int, level: int, mean: Means, now: Point, rules: Rules, paid: float, p: Any) -> Work:
    aims = mean.enterprise_aims if party == ENTERPRISE else mean.college_aims
    reform, kept = (0.0, mean.retention) if party == ENTERPRISE else (rules.reform, 1.0)
    engagement = 0.0 if party == ENTERPRISE else now.engagement
    # The mean partner is in no community that watches or has a base, and has gained nothing by joint research.
    watch, stake, relief = 0.0, 1.0, 0.0
    terms = (paid, mean.market_fit if party == ENTERPRISE else 0.0, engagement, rules.fine, watch, stake, relief)
    found: Work = at_work(party, aims, reform, level, mean.fit, kept, terms, level_tables(p), p)
    return found


def drives(level: int, mean: Means, now: Point, rules: Rules, p: Any, *, ahead: float | None = None) -> list[float]:
    """What speaks for working, of enterprise and college at a level, cost shared evenly (Eq. 92)."""
    tables, depth = level_tables(p), level / N_LEVELS
    length = float(tables.quarters[level])
    paid = 0.5 * float(tables.costs[level]) * (1.0 - rules.subsidy)
    found: list[float] = []
    for party, trust in ((ENTERPRISE, now.trust_enterprise), (COLLEGE, now.trust_college)):
        theirs = expected_effort(trust, now.evidence, depth, rules.news, p)
        seen = outlook(level, theirs, 1.0, length / 2 if ahead is None else ahead, length, p)
        found.append(float(drive(level, seen, _work(party, level, mean, now, rules, paid, p), p)))
    return found


def efforts(level: int, mean: Means, now: Point, rules: Rules, p: Any) -> list[float]:
    """Mean effort of both sides over the noise of their choice (Eq. 27)."""
    return [
        float(
            sum(
                w * effort_from(x + p.effort_noise * z, p)
                for z, w in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True)
            )
        )
        for x in drives(level, mean, now, rules, p)
    ]


def agreed(mean: Means, now: Point, rules: Rules, p: Any) -> int:
    """The level that mean enterprise and mean college agree on, 0 for none: the least concession among contracts that
    both gain by, net of a round of talk (Eq. 20-23). Government and students are left out: they do not bind."""
    tables, gains, quarters = level_tables(p), [], []
    for level in range(1, N_LEVELS + 1):
        own = float(tables.costs[level]) * (1.0 - rules.subsidy)
        at_table = drives(level, mean, now, rules, p, ahead=float(tables.quarters[level]))
        foreseen = [float(effort_from(x, p)) for x in at_table]
        worth: list[float] = []
        for party, trust, mine, x in (
            (ENTERPRISE, now.trust_enterprise, foreseen[0], at_table[0]),
            (COLLEGE, now.trust_college, foreseen[1], at_table[1]),
        ):
            work = _work(party, level, mean, now, rules, 0.0, p)
            theirs = float(expected_effort(trust, now.evidence, level / N_LEVELS, rules.news, p))
            stranded = asset_cost(level, p) * early_end(level, mine, theirs, p) * float(tables.quarters[level]) / 4
            value = work.fixed + output(mine, theirs, p) * work.joint - work.cost * mine - stranded
            worth.append(float(value - work.fine * chance_below_standard(x, p)))
        gains.append(np.array([worth[0] - _SHARES * own, worth[1] - (1.0 - _SHARES) * own]))
        quarters.append(float(tables.quarters[level]))
    best = [
        max(0.0, max(float(of[side].max(where=of.min(axis=0) >= 0, initial=0.0)) for of in gains)) for side in (0, 1)
    ]
    least, found = np.inf, 0
    price = p.communication_cost * (1.0 - p.platform_talk * rules.platform)
    for level, of in enumerate(gains, 1):
        for mine, theirs in of.T:
            if min(mine, theirs) < 0 or min(mine, theirs) * quarters[level - 1] < price * level:
                continue
            pairs = ((mine, best[0], p.patience_enterprise), (theirs, best[1], p.patience_college))
            conceded = max((max(0.0, (m - u) / m) ** patience for u, m, patience in pairs if m > 1e-9), default=0.0)
            if conceded < least - 1e-12:
                least, found = conceded, level
    return max(found, rules.mandate)


def advance(now: Point, mean: Means, levers: Floats, p: Any) -> Point:
    """One quarter. levers: means over regions, shape [len(LEVERS)]."""
    rules = rules_of(levers, now.known_fine)
    tables = level_tables(p)
    level = agreed(mean, now, rules, p)
    running = min(N_LEVELS, max(1, round(now.depth * N_LEVELS))) if now.places > 0 else max(level, 1)
    length = float(tables.quarters[running])
    # Search: enterprises with room look, colleges by their free places; each search that meets ends at a table.
    free = 1.0 - now.places
    looked = p.search_rate + p.college_search_rate * mean.college_places / max(p.college_partners, 1e-9) * free
    new = min(free, looked * (1.0 + p.platform_reach * rules.platform) * free / max(mean.enterprise_places, 1.0))
    if level == 0:
        new = 0.0
    places = now.places + new - (now.places / length if level == 0 else 0.0)
    depth, trusts, evidence = now.depth, (now.trust_enterprise, now.trust_college), now.evidence
    fresh = new / places if places > 0 else 0.0
    if level > 0:
        review = 0.25 if min(trusts) >= p.review_trust and level / N_LEVELS > depth else 0.0
        depth += (level / N_LEVELS - depth) * min(1.0, fresh + (1.0 - fresh) * (1.0 / length + review))
        strangers = (p.initial_trust * mean.college_reputation, p.initial_trust * mean.enterprise_reputation)
        trusts = tuple((1.0 - fresh) * q + fresh * s for q, s in zip(trusts, strangers, strict=True))
        evidence = (1.0 - fresh) * evidence + fresh * p.stranger_evidence
    now = now._replace(
        places=places, depth=depth, trust_enterprise=trusts[0], trust_college=trusts[1], evidence=evidence
    )
    served = min(N_LEVELS, max(1, round(depth * N_LEVELS)))
    mine, theirs = efforts(served, mean, now, rules, p)
    known = (1.0 - p.trust_learning_rate) * evidence
    rate = 1.0 / (known + 1.0)
    substance = depth * float(np.sqrt(mine * theirs)) if places > 0 else 0.0
    joint = substance if served >= CO_BUILT and places > 0 else 0.0
    standing = now.technology / (1.0 + p.frontier_growth)
    taken = min(1.0, p.research_gain * joint + p.adoption_rate * mean.skilled)
    return Point(
        places * (1.0 - float(early_end(served, mine, theirs, p))),
        depth,
        trusts[0] + rate * (theirs - trusts[0]),
        trusts[1] + rate * (mine - trusts[1]),
        known + 1.0,
        now.engagement + p.engagement_rate * (substance - now.engagement),
        standing + taken * (1.0 - standing) - p.technology_decay * standing * (1.0 - joint),
        now.known_fine + p.trust_learning_rate * (rules.fine - now.known_fine),
        substance,
    )


def solve(scenario: Scenario, state: State, levers: Floats) -> dict[str, Floats]:
    """The series after each quarter, from a world as it begins. levers: as they stood, means over regions, shape
    [steps, len(LEVERS)]; nothing else of the run is looked at."""
    mean = means_of(state)
    point = begin(mean, state, scenario.in_force(0).p)
    found: list[tuple[float, ...]] = []
    for t, now in enumerate(levers):
        point = advance(point, mean, now, scenario.in_force(t).p)
        found.append(
            (point.places * point.substance, point.trust_enterprise, point.engagement, point.technology)
        )  # fmt: skip
    return {name: np.array([row[i] for row in found]) for i, name in enumerate(SERIES)}


def mean_field(scenario: Scenario, seeds: Sequence[int], tell: Callable[[int, int], None] | None = None) -> MeanField:
    """Run the agents under each seed, and solve the equations from the first seed's start under its levers.

    tell: told (runs done, runs in all) after each.
    """
    from abm.population import build
    from abm.results import run

    runs: list[Results] = []
    for seed in seeds:
        runs.append(run(scenario, seed=seed))
        if tell is not None:
            tell(len(runs), len(seeds))
    return MeanField(
        solve(scenario, build(scenario, seeds[0], threads=1), levers_of(runs[0])),
        {name: np.array([np.asarray(one.columns["metrics"][name], np.float64) for one in runs]) for name in SERIES},
    )


def levers_of(results: Any) -> Floats:
    """Levers of a run, means over regions. Shape [steps, len(LEVERS)]."""
    regions, shape = results.columns["regions"], (results.steps_done, len(results.region_names))
    return np.array([np.reshape(regions[lever.name], shape).mean(axis=1) for lever in LEVERS]).T


def figure_of(found: MeanField) -> Figure:
    """The solution over the mean of the agents, a panel a series, with the distance between them."""
    from abm.machine.language import spoken
    from abm.quarter.measurement.metrics import catalogue
    from experiments.analysis.intervals import band, mean_interval
    from experiments.figures import panels

    figure, axes = panels.panels(len(found.solution), 2.4, 8.2)
    for ax, (name, line) in zip(axes, found.solution.items(), strict=True):
        middle, low, high = band(found.agents[name])
        x = np.arange(len(line))
        ax.fill_between(x, low, high, color=panels.BLUE, alpha=0.15, lw=0)
        ax.fill_between(x, line, middle, color=panels.PALE, alpha=0.6, lw=0)
        ax.plot(x, middle, color=panels.BLUE, label=say("agents"))
        ax.plot(x, line, color=panels.VERMILION, ls="--", label=say("equations"))
        far = mean_interval(found.distance(name)).value
        ax.set_title(f"{spoken(catalogue()[name].label)}\n" + say("distance {far}", far=f"{far:.3f}"))
        ax.set_xlabel(say("quarter"))
    axes[0].legend()
    figure.set_label(say("Mean-field equations (dashed) over the mean of the agents with its 95 % interval."))
    return figure
