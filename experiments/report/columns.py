"""The data dictionary of studies: columns of a sweep's store, and of the tables of reports.

What a design varies and what it keeps have their meaning in the model: parameters, levers, fields of policies, metrics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from abm.quarter.measurement.metrics import catalogue
from abm.results.columns import INF, Column
from abm.scenario.policies import rules, settings
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE

if TYPE_CHECKING:
    import pandas as pd


def _text(name: str, meaning: str) -> Column:
    return Column(name, "text", "name", -INF, INF, meaning)


def _number(name: str, meaning: str, low: float = -INF, high: float = INF, unit: str = "1") -> Column:
    return Column(name, "number", unit, low, high, meaning)


def _whole(name: str, meaning: str, low: float = 0, unit: str = "1") -> Column:
    return Column(name, "whole", unit, low, INF, meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "flag", "1", 0, 1, meaning)


def _with_ends(name: str, meaning: str, low: float = -INF, high: float = INF) -> tuple[Column, ...]:
    return (
        _number(name, meaning, low, high),
        _number(f"{name}_low", f"Lower end of its 95 % interval: {name}."),
        _number(f"{name}_high", f"Upper end of its 95 % interval: {name}."),
    )


OF_A_STORE = (
    _text("run_key", "Key of the run: a hash of all that it depends on."),
    _whole("chunk", "Number of the chunk that the run is written in."),
    _whole("point", "Number of the point, a combination of values of what varies."),
    _whole("replication", "Number of the replication; the same number has the same seed at every point."),
    _whole("seed", "Seed of the run."),
    _text("status", "ok or failed."),
    _text("error", "Why the run failed; empty where it did not."),
    _number("seconds", "Time that the run took.", 0, unit="s"),
    _whole("attempt", "How often it was tried.", 1),
    _text("result_hash", "Fingerprint of the run's results: equal for equal results."),
    _whole("steps", "Quarters that were run.", unit="quarters"),
    _whole("step", "Quarter, from 0.", unit="quarter"),
    _text("arm", "Arm of the design: policies and settings under a name."),
)
"""plan.parquet, summary/, series/ and `Study.runs()`; beside them stand what varies, and outcomes or metrics."""
OF_REPORTS = (
    _text("outcome", "Outcome that the row is about."),
    _text("key", "What was varied: a parameter, a lever, a policy's field."),
    _text("label", "The same in words."),
    _text("value", "Value of the key, or of what crosses."),
    _number("mean", "Mean over runs; of differences, the mean difference."),
    _number("low", "Lower end of the 95 % interval, or of a range."),
    _number("high", "Upper end of the 95 % interval, or of a range."),
    _whole("runs", "Runs behind the row."),
    _whole("n_runs", "Runs behind the row."),
    _number("min", "Lowest mean over the key's values."),
    _number("max", "Highest mean over the key's values."),
    _text("min_at", "Value of the key at the lowest mean."),
    _text("max_at", "Value of the key at the highest mean."),
    _number("span", "Highest less lowest mean."),
    _number("baseline", "Mean of the arm that the others are held against."),
    _number("p", "Chance of such a difference where there is none, adjusted for all tests together.", 0, 1),
    _flag("is_told", "Whether it is told from chance, all tests together."),
    _whole("n_pairs", "Pairs of runs under the same seed."),
    _number("variance_paired", "Variance of the differences of pairs.", 0),
    _number("variance_unpaired", "Variance of the difference if seeds were not shared.", 0),
    _number("variance_ratio", "The first over the second: below 1 pairing pays.", 0),
    *_with_ends("spent", "Public money spent more than under the baseline."),
    *_with_ends("gained", "What was gained over the baseline."),
    *_with_ends("cost", "Money per unit gained; of a mix, what it costs."),
    _number("index", "Index of the method: how much the key matters."),
    _number("mu", "Mean elementary effect (Morris)."),
    _number("sigma", "Standard deviation of elementary effects (Morris).", 0),
    _number("first", "First-order index (Sobol): the key's own share of variance."),
    _number("first_half_width", "Half width of its 95 % interval.", 0),
    _whole("box", "Number of the box on the way from all runs inwards."),
    _text("conditions", "Conditions of a leaf of the tree."),
    *_with_ends("coverage", "Share of all cases that lie inside; of intervals, how often they hold the truth.", 0, 1),
    *_with_ends("density", "Share of the points inside that are cases.", 0, 1),
    _number("mass", "Share of all points that lie inside.", 0, 1),
    _whole("n_restricted", "Keys that the box restricts."),
    _number("quasi_p_low", "Chance that the lower limit restricts nothing.", 0, 1),
    _number("quasi_p_high", "Chance that the upper limit restricts nothing.", 0, 1),
    _text("source", "Where a number comes from: box or tree; of an anchor, the publication."),
    _number("target", "Density that was asked for.", 0, 1),
    _number("fresh_density", "Density among points that had no part in choosing the box.", 0, 1),
    _number("spread", "Standard deviation over replications, or of what was seen.", 0),
    _whole("n_usable", "Runs with a value."),
    _number("chance_above", "Chance that the outcome lies above the threshold there.", 0, 1),
    _number("critical_lag_ratio", "Lag ratio at which the outcome crosses its threshold.", 0),
    _text("metric", "Metric that the row is about."),
    *(
        column
        for side, whose in (("a", "the first scenario"), ("b", "the second scenario"))
        for column in (
            _number(side, f"Mean of {whose}."),
            _number(f"{side}_low", f"Lower end of its band: {whose}."),
            _number(f"{side}_high", f"Upper end of its band: {whose}."),
        )
    ),
    _number("difference", "Second less first scenario."),
    _text("push", "Push: an arm whose policies are ramped together."),
    _text("shock", "Shock that struck the world."),
    _text("response", "Metric that is looked at."),
    *_with_ends("area", "Area of the hysteresis loop."),
    *_with_ends("built", "Gain over the world never pushed at full strength."),
    *_with_ends("kept", "Gain that is left at the end."),
    *_with_ends("share_kept", "Share of what was built that is left."),
    _number("strength", "Strength of the push, 0 to 1.", 0, 1),
    _number("up", "Gain on the way up.", -INF),
    _number("down", "Gain on the way down.", -INF),
    _whole("n_tip", "Runs that tip."),
    _whole("run", "Number of the run."),
    _flag("tips", "Whether the run tips."),
    _whole("until", "Step before which signs are looked for.", unit="quarter"),
    _number("variance", "Trend of the variance before it (Kendall's tau).", -1, 1),
    _number("autocorrelation", "Trend of the lag-1 autocorrelation before it (Kendall's tau).", -1, 1),
    _text("indicator", "Early sign: variance or autocorrelation."),
    _number("threshold", "Score from which the sign warns."),
    _number("false_alarms", "Share of runs without a tip that are warned of.", 0, 1),
    _number("hits", "Share of runs with a tip that are warned of.", 0, 1),
    _whole("quarter", "Quarters since the shock.", -INF, unit="quarters"),
    _number("before", "Level of the response before the shock."),
    *_with_ends("loss", "Deepest yearly loss, as a share of the level before."),
    _number("chance", "Loss that chance alone gives, as a share of the level before.", 0),
    *_with_ends("lasting", "Loss in the last year, as a share of the level before."),
    *_with_ends("recovered", "Share of struck runs that come back.", 0, 1),
    _number("quarters", "Median time until they are back.", 0, unit="quarters"),
    _whole("n_hit", "Runs that lost more than the tolerance."),
    *(_number(name, "Chance of it where there is none, adjusted for all tests together.", 0, 1)
      for name in ("p_loss", "p_end", "p_standing")),
    _number("p_built", "Chance of it where there is none, adjusted for all tests together.", 0, 1),
    _flag("is_built", "Whether what was built is told from chance."),
    _number("share_kept_surely_low", "Lower end of the interval of what is left, for all pushes together."),
    _number("share_kept_surely_high", "Upper end of the interval of what is left, for all pushes together."),
    _flag("is_lost", "Whether the loss is told from chance."),
    _flag("is_moved", "Whether the end is told from the world without the shock."),
    _flag("is_standing", "Whether the communities left are told from those without the shock."),
    *_with_ends("standing", "Communities left, as a share of those without the shock."),
    *_with_ends("reached", "Share of runs that reach the goal.", 0, 1),
    *_with_ends("stayed", "Share of runs that also keep it.", 0, 1),
    _whole("n_failed", "Runs that failed."),
    _number("p_sure", "Chance of it where there is none, adjusted for all tests together.", 0, 1),
    _number("promise", "Chance that the mix keeps the goal by the runs of all tried mixes together.", 0, 1),
    _flag("is_sure", "Whether it is certain that the mix keeps the goal as often as asked."),
    _flag("is_front", "Whether no other mix is cheaper and better."),
    _text("parameter", "Parameter that is calibrated."),
    _number("prior_low", "Lower end of its prior range."),
    _number("prior_high", "Upper end of its prior range."),
    _number("median", "Median of the posterior, or of fresh runs."),
    _number("narrowing", "How much narrower the posterior is than the prior."),
    _number("seen", "What was observed."),
    _number("tail", "Share of fresh runs beyond it, on the smaller side.", 0, 0.5),
    _flag("is_met", "Whether the interval of fresh runs holds it."),
    _number("r2", "Variance explained by the emulator, cross-validated.", -INF, 1),
    _number("half_life_ratio", "Half-life of skill demand in the second era over that in the first.", 0),
    _number("noise", "Standard deviation that the emulator leaves.", 0),
    _whole("data_set", "Number of the data set."),
    _number("truth", "Value that made the data."),
    _number("p_uniform", "Chance of such ranks if they are uniform.", 0, 1),
    _whole("n", "Data sets."),
    _number("critical_price", "Price of a round of talk from which most negotiations fail.", 0),
    _text("conclusion", "What is concluded, in a few words."),
    _text("as asked", "Its answer in the study's own world; beside it, other worlds or what they are made of."),
    _whole("same", "Other worlds with the same answer."),
    _whole("not told", "Other worlds that do not tell it."),
    _whole("otherwise", "Other worlds with another answer."),
    _whole("worlds", "Other worlds in which it was asked."),
    _text("survives", "Whether it survives: everywhere, where told, or no."),
    _text("world", "Another world in which it was asked."),
    _text("answer", "What was answered there."),
    _text("party", "Party at a table: enterprise, college, government or students."),
    _number("where_it_fails", "What the party has of all contracts in the world as it is.", unit="million yuan/year"),
    _number("where_it_holds", "What it has of them under the reform package.", unit="million yuan/year"),
    _text("rule", "Policy that is given."),
    _text("place", "Where it is given: everywhere, or in one region alone."),
    *_with_ends("bought", "Job-years that a million yuan more of public money buys."),
    _number("jobs", "Job-years more than in the world without the policy.", unit="job-years"),
    _number("jobs_low", "Lower end of its 95 % interval: job-years more.", unit="job-years"),
    _number("jobs_high", "Upper end of its 95 % interval: job-years more.", unit="job-years"),
    _number("million_yuan", "Public money more than in the world without the policy.", unit="million yuan"),
    _text("self_sustaining", "Whether every member gains without public money by the ledger: yes, no, or all of both."),
    _whole("communities", "Communities that stood when the subsidy ended.", unit="communities"),
    *_with_ends("stays", "Share of them that are there ten years later.", 0, 1),
    _text("mark", "What was known of a community beforehand."),
    _whole("rank", "Place among the marks in the worlds that choose.", 1),
    _number("auc", "Chance that a community that stays has more of the mark than one that goes.", 0, 1),
    _number("auc_chosen", "The same in the worlds that choose.", 0, 1),
    _number("best_ahead_low", "Lower end of the 95 % interval of how far the best mark is ahead.", -1, 1),
    _number("best_ahead_high", "Upper end of the 95 % interval of how far the best mark is ahead.", -1, 1),
    *_with_ends("lost", "What the jump takes off the index of productive forces."),
    _number("spared", "The index in the same world without the jump.", 0, 1),
    _text("pace", "How fast schools follow: revisions of curricula, or places moved."),
    _number("saved", "What the pace saves of the loss, against that of the national catalogue."),
    _number("share_of_loss", "The same as a share of the loss."),
)  # fmt: skip
"""Of tables in reports, by name: a name means the same wherever it stands."""
BY_COLUMN = {column.name: column for column in (*OF_REPORTS, *OF_A_STORE)}
LEVEL = re.compile(r"protocol \w+|size x [\d.]+|(own|other) population")
"""What crossed worlds are made of: a column each."""
OWN = "Named by the design: an outcome, or what it varies."
AGENTS = "agents_"
"""Before the name of a metric in mean_field.csv: as the agents have it."""
OF_TABLE = {
    ("parameters", "point"): _number("point", "Best fit of the parameter."),
    ("bought", "world"): _text("world", "World in which policies are given."),
    ("survival", "worlds"): _whole("worlds", "Worlds in which such communities stood.", unit="worlds"),
}
"""Where a name means something else in one table."""


def meaning_of(name: str) -> Column | None:
    """What a column of a study's tables is: of a store, of a report, or something that the model knows."""
    if name in BY_COLUMN:
        return BY_COLUMN[name]
    base = name
    for ending, side in (("_low", "Lower"), ("_high", "Upper")):
        base = name.removesuffix(ending)
        if base != name and (of := meaning_of(base)) is not None:
            return of._replace(name=name, low=-INF, high=INF, meaning=f"{side} end of its 95 % interval: {base}.")
    if name.startswith(AGENTS) and name.removeprefix(AGENTS) in catalogue():
        return _of_agents(name.removeprefix(AGENTS))
    if LEVEL.fullmatch(name):
        return _text(name, "Of how many other worlds with that the answer is the same.")
    if name in CATALOGUE:
        p = CATALOGUE[name]
        return Column(name, "number", p.unit, p.low, p.high, p.description)
    if name in BY_NAME:
        lever = BY_NAME[name]
        return Column(name, "number", lever.unit, lever.low, lever.high, f"Lever: {lever.label}.")
    if name in catalogue():
        metric = catalogue()[name]
        return Column(name, "number", metric.unit, metric.low, metric.high, metric.meaning)
    rule, _, field = name.partition(".")
    if rule in rules() and field in settings(rules()[rule]):
        of = settings(rules()[rule])[field]
        return Column(name, "number", of.unit, of.low, of.high, of.meaning)
    return None


def _of_agents(metric: str) -> Column:
    of = catalogue()[metric]
    meaning = f"Mean over the runs of the agents: {of.label}."
    return Column(f"{AGENTS}{metric}", "number", of.unit, of.low, of.high, meaning)


def _solved(metric: str) -> Column:
    return _of_agents(metric)._replace(
        name=metric, meaning=f"Solution of the mean-field equations: {catalogue()[metric].label}."
    )


def of_mean_field() -> tuple[Column, ...]:
    """Columns of mean_field.csv, as `abm meanfield` writes it: what is solved for, and the same of the agents."""
    from experiments.analysis.mean_field import SERIES

    return (BY_COLUMN["step"], *map(_solved, SERIES), *map(_of_agents, SERIES))


def study_tables() -> dict[str, tuple[Column, ...]]:
    """Columns of a store, of the reports of methods, and of what `abm meanfield` writes."""
    return {"store of a sweep": OF_A_STORE, "tables of reports": OF_REPORTS, "mean_field": of_mean_field()}


def of_frames(frames: Mapping[str, pd.DataFrame]) -> dict[str, tuple[Column, ...]]:
    """The columns of tables; what nobody declares (an outcome of one's own) is said to be one."""
    return {
        table: tuple(
            OF_TABLE.get((table, name))
            or meaning_of(name)
            or _number(name, "Named by the design: an outcome, or what it varies.")
            for name in map(str, frame.columns)
        )
        for table, frame in frames.items()
    }
