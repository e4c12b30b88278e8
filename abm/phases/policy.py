"""Phase 2, policy: rules become levers, and running contracts and programmes are paid (Eq. 9-11).

Budgets are hard: what cannot be paid is scaled down, and nobody spends beyond what there is. What
is left of ``governments.budget`` after this phase is for the contracts signed in this step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.equations import cooperation_cost, depth_of
from abm.errors import ScenarioError, nearest
from abm.kernels import kernel
from abm.levers import BY_NAME, DISPERSED, LEVERS, F, L
from abm.phases._observed import by_region, of_nation
from abm.policies import Observation, Policy
from abm.state import Floats

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

WRITES: tuple[str, ...] = (
    "governments.levers",
    "governments.inconsistency",
    "governments.spent_now",
    "governments.spent",
    "governments.paid_subsidy",
    "governments.paid_credit",
)

_COLUMN = {lever.name: column for column, lever in enumerate(LEVERS)}
_COMBINATIONS = ("add", "max", "min", "replace")
_COMBINE = np.array([_COMBINATIONS.index(lever.combine) for lever in LEVERS])
_LOW = np.array([float(lever.low) for lever in LEVERS])
_HIGH = np.array([float(lever.high) for lever in LEVERS])
_IS_WHOLE = np.array([lever.is_whole for lever in LEVERS])
_DISPERSED = np.array([int(lever) for lever in DISPERSED])
_HARMONISATION, _SUBSIDY_BUDGET = int(L.HARMONISATION), int(L.SUBSIDY_BUDGET)
_SUPERVISION, _PLATFORM, _DUAL = int(L.SUPERVISION), int(L.PLATFORM), int(L.DUAL_PROGRAMME)
_F_SUBSIDY, _F_CREDIT = int(F.SUBSIDY), int(F.TAX_CREDIT)
_F_SUPERVISION, _F_PLATFORM, _F_DUAL = int(F.SUPERVISION), int(F.PLATFORM), int(F.DUAL_PROGRAMME)


class Purses(NamedTuple):
    """Public money of the regions, and what they want to do with it."""

    levers: Floats  # [R, L]
    budget: Floats  # [R]
    spent: Floats  # [R, F]
    spent_now: Floats  # [R, F]
    paid_subsidy: Floats  # [R]
    paid_credit: Floats  # [R]


def policy(state: State, scenario: Scenario) -> None:
    """Move the levers by the scenario's rules, disperse them over regions, and pay what runs."""
    governments, ties = state.governments, state.ties
    column, is_narrow, strength, value = _moves(state, scenario)
    _combine(
        np.array(scenario.base_levers), column, is_narrow, strength, value,
        governments.levers, governments.stance, governments.inconsistency, scenario.p.policy_dispersion,
    )  # fmt: skip
    g = governments
    _pay(
        Purses(g.levers, g.budget, g.spent, g.spent_now, g.paid_subsidy, g.paid_credit),
        state.enterprises.region, state.colleges.region,
        (ties.level, ties.remaining, ties.subsidy, ties.tax_credit), scenario.numbers,
    )  # fmt: skip


def _moves(state: State, scenario: Scenario) -> tuple[np.ndarray, np.ndarray, Floats, Floats]:
    """What every rule that acts now wants: n moves of one lever each.

    Returns the lever's column [n], whether the rule names regions [n], strength [n, R] in 0-1 and
    value [n, R].
    """
    n_regions = state.governments.levers.shape[0]
    last = state.governments.levers.view()
    last.setflags(write=False)
    seen = Observation(state.step, n_regions, of_nation(state), last, lambda name: by_region(state, name))
    columns: list[int] = []
    narrow: list[bool] = []
    strengths: list[Floats | float] = []
    values: list[Floats | float] = []
    for rule in scenario.rules:
        strength: Floats | float = rule.strength(state.step)
        if strength <= 0.0:
            continue
        if rule.regions:
            strength = strength * _mask(scenario, rule, n_regions)
        if rule.when is not None:
            strength = strength * _where_it_holds(rule, seen, scenario)
        for name, value in rule.levers(seen).items():
            if name not in BY_NAME:
                raise ScenarioError(
                    f"lever `{name}`", place=f"policy `{rule.name}`", why="does not exist", mend=nearest(name, BY_NAME)
                )
            columns.append(_COLUMN[name])
            narrow.append(bool(rule.regions))
            strengths.append(strength)
            values.append(_usable(value, name, rule, n_regions))
    n = len(columns)
    strength_rows, value_rows = np.empty((n, n_regions)), np.empty((n, n_regions))
    for i in range(n):
        strength_rows[i] = strengths[i]
        value_rows[i] = values[i]
    return np.array(columns, np.int64), np.array(narrow, np.bool_), strength_rows, value_rows


def _where_it_holds(rule: Policy, seen: Observation, scenario: Scenario) -> Floats:
    """1 for the regions in which the rule's condition holds, else 0. Shape [R]."""
    assert rule.when is not None
    try:
        return rule.when.holds(seen)
    except ScenarioError as error:
        place = f"`when` of policy `{rule.name}` of {scenario.name}"
        raise ScenarioError(error.what, place=place, why=error.why, mend=error.mend) from None


def _usable(value: Floats | float, name: str, rule: Policy, n_regions: int) -> Floats | float:
    """A number, or one for each region; anything else, and NaN, is an error of the rule."""
    is_fine = (
        value == value if isinstance(value, float | int) else value.shape == (n_regions,) and not np.isnan(value).any()
    )
    if not is_fine:
        raise ScenarioError(
            f"lever `{name}`",
            place=f"policy `{rule.name}`",
            why="is neither a number nor one number for each region",
            mend="metrics are NaN where nothing was measured: say what the rule does then",
        )
    return value


@lru_cache(maxsize=64)
def _mask(scenario: Scenario, rule: Policy, n_regions: int) -> Floats:
    """1 for the regions that the rule names, else 0. Shape [R]. ScenarioError for an unknown one."""
    mask = np.zeros(n_regions)
    rows = _region_rows(scenario)
    for region in rule.regions:
        row = region if isinstance(region, int) else rows.get(region, -1)
        if not 0 <= row < n_regions:
            raise ScenarioError(
                f"`regions`: {region!r}",
                place=f"policy `{rule.name}` of {scenario.name}",
                why="is not a region of this world",
                mend=nearest(region, rows) if isinstance(region, str) else f"rows go from 0 to {n_regions - 1}",
            )
        mask[row] = 1.0
    mask.setflags(write=False)
    return mask


def _region_rows(scenario: Scenario) -> dict[str, int]:
    """Row of a region by its name, and for provinces by its code and Chinese name."""
    from abm.population import tables
    from abm.population.provinces import provinces

    rows = {name: row for row, name in enumerate(tables(scenario).regions.name)}
    if scenario.population.source == "provinces":
        for p in provinces():
            if p.name in rows:
                rows[p.code] = rows[p.name_zh] = rows[p.name]
    return rows


@kernel
def _combine(base, column, is_narrow, strength, value, levers, stance, inconsistency, dispersion):
    """Levers from rules (see levers.py), dispersion (Eq. 9) and inconsistency (Eq. 10).

    base [L]; column, is_narrow [n]; strength, value [n, R]; writes levers [R, L] and inconsistency [R, R].
    """
    n_regions, n_levers = levers.shape
    for r in range(n_regions):
        for i in range(n_levers):
            kind = _COMBINE[i]
            combined = base[i]
            narrowest = -1
            for m in range(column.shape[0]):
                if column[m] != i or strength[m, r] <= 0.0:
                    continue
                if kind == 0:
                    combined += strength[m, r] * value[m, r]
                    continue
                # At full strength the value itself, to the last bit.
                part = value[m, r] if strength[m, r] >= 1.0 else base[i] + strength[m, r] * (value[m, r] - base[i])
                if kind == 1:
                    combined = max(combined, part)
                elif kind == 2:
                    combined = min(combined, part)
                else:
                    scope = 1 if is_narrow[m] else 0
                    if scope > narrowest or (scope == narrowest and part > combined):
                        combined, narrowest = part, scope
            combined = min(_HIGH[i], max(_LOW[i], combined))
            levers[r, i] = np.floor(combined + 0.5) if _IS_WHOLE[i] else combined
        own = dispersion * (1.0 - levers[r, _HARMONISATION])
        for j in range(_DISPERSED.shape[0]):
            i = _DISPERSED[j]
            own_version = levers[r, i] * (1.0 + own * (2.0 * stance[r, j] - 1.0))
            levers[r, i] = min(_HIGH[i], max(_LOW[i], own_version))
    n_dispersed = _DISPERSED.shape[0]
    for r in range(n_regions):
        inconsistency[r, r] = 0.0
        for s in range(r):
            apart, distance = 0.0, 0.0
            for j in range(n_dispersed):
                i = _DISPERSED[j]
                apart += abs(stance[r, j] - stance[s, j])
                distance += abs(levers[r, i] - levers[s, i]) / (_HIGH[i] - _LOW[i])
            together = 0.5 * (levers[r, _HARMONISATION] + levers[s, _HARMONISATION])
            between = (dispersion * (1.0 - together) * apart + distance) / n_dispersed
            inconsistency[r, s] = inconsistency[s, r] = min(1.0, between)


@kernel
def _pay(purses, enterprise_region, college_region, contracts, numbers):
    """Pay running contracts, supervision, platforms and teacher programmes from the budgets (Eq. 11)."""
    p = numbers[0]
    level, remaining, subsidy, tax_credit = contracts
    n_regions = purses.budget.shape[0]
    owed = np.zeros((n_regions, 2))
    counts = np.zeros((n_regions, 3))
    for e in range(level.shape[0]):
        r = enterprise_region[e]
        counts[r, 1] += 1.0
        for h in range(level.shape[1]):
            if level[e, h] > 0:
                counts[r, 0] += 1.0
                if remaining[e, h] > 0:
                    owed[r, 0] += subsidy[e, h] * cooperation_cost(depth_of(level[e, h]), p)
                    owed[r, 1] += tax_credit[e, h]
    for c in range(college_region.shape[0]):
        counts[college_region[c], 2] += 1.0
    for r in range(n_regions):
        left = max(0.0, purses.budget[r])
        ceiling = purses.levers[r, _SUBSIDY_BUDGET] * left
        total = owed[r, 0] + owed[r, 1]
        subsidy, credit = owed[r, 0], owed[r, 1]
        if total > left:
            credit = left * (owed[r, 1] / total)
            subsidy = left - credit
        if subsidy > ceiling:
            subsidy = ceiling
            credit = min(owed[r, 1], left - ceiling)
        now = purses.spent_now[r]
        now[_F_SUBSIDY], now[_F_CREDIT] = subsidy, credit
        purses.paid_subsidy[r] = subsidy / owed[r, 0] if owed[r, 0] > 0.0 else 1.0
        purses.paid_credit[r] = credit / owed[r, 1] if owed[r, 1] > 0.0 else 1.0
        left = max(0.0, left - credit - subsidy)
        for f, i, price, n in (
            (_F_SUPERVISION, _SUPERVISION, p.audit_cost, counts[r, 0]),
            (_F_PLATFORM, _PLATFORM, p.platform_cost, counts[r, 1]),
            (_F_DUAL, _DUAL, p.dual_cost, counts[r, 2]),
        ):
            cost = price * n * purses.levers[r, i]
            if cost > left:
                purses.levers[r, i] *= left / cost
                cost = left
            now[f] = cost
            left -= cost
        for f in range(now.shape[0]):
            purses.spent[r, f] += now[f]
