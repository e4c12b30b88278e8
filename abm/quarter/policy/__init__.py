"""Phase 2, policy: rules become levers, and running contracts and programmes are paid (Eq. 9-11).

Budgets are hard: what cannot be paid is scaled down, and nobody spends beyond what there is. What
is left of ``governments.budget`` after this phase is for the contracts signed in this step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.errors import ScenarioError, nearest
from abm.machine.kernels import kernel
from abm.machine.streams import Stream, uniform
from abm.quarter.policy.observed import by_region, of_nation
from abm.scenario.policies import Observation, Policy
from abm.world.equations import cooperation_cost, depth_of
from abm.world.levers import BY_NAME, DISPERSED, LEVERS, N_DISPERSED, F, L
from abm.world.public_money import public_money
from abm.world.state import Floats

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import Enterprises, Governments, State

WRITES: tuple[str, ...] = (
    "governments.levers",
    "governments.inconsistency",
    "governments.spent_now",
    "governments.spent",
    "governments.paid_subsidy",
    "governments.paid_credit",
    "governments.digital_colleges",
    "governments.digital_enterprises",
    "enterprises.credited",
)

_COLUMN = {lever.name: column for column, lever in enumerate(LEVERS)}
_COMBINATIONS = ("add", "max", "min", "replace")
_ADD, _MAX, _MIN, _ = range(len(_COMBINATIONS))
_COMBINE = np.array([_COMBINATIONS.index(lever.combine) for lever in LEVERS])
_LOW = np.array([float(lever.low) for lever in LEVERS])
_HIGH = np.array([float(lever.high) for lever in LEVERS])
_IS_WHOLE = np.array([lever.is_whole for lever in LEVERS])
_DISPERSED = np.array([int(lever) for lever in DISPERSED])
_COMPLIANCE = int(Stream.COMPLIANCE)
_HARMONISATION, _SUBSIDY_BUDGET = int(L.HARMONISATION), int(L.SUBSIDY_BUDGET)
_SUPERVISION, _PLATFORM, _DUAL = int(L.SUPERVISION), int(L.PLATFORM), int(L.DUAL_PROGRAMME)
_EXCHANGE, _TRANSFER = int(L.STAFF_EXCHANGE), int(L.TRANSFER)
_DIGITAL_COLLEGES, _DIGITAL_ENTERPRISES = int(L.DIGITAL_COLLEGES), int(L.DIGITAL_ENTERPRISES)
_F_SUBSIDY, _F_CREDIT = int(F.SUBSIDY), int(F.TAX_CREDIT)
_F_SUPERVISION, _F_PLATFORM, _F_DUAL = int(F.SUPERVISION), int(F.PLATFORM), int(F.DUAL_PROGRAMME)
_F_EXCHANGE, _F_DIGITAL = int(F.STAFF_EXCHANGE), int(F.DIGITAL_LINK)


def policy(state: State, scenario: Scenario) -> None:
    """Move the levers by the scenario's rules, disperse them over regions, and pay what runs."""
    governments, ties = state.governments, state.ties
    column, is_narrow, strength, value = _moves(state, scenario)
    base = np.array(scenario.base_levers)
    _check_columns(base, governments)
    p = scenario.p
    is_partial = p.compliance < 1.0 or p.compliance_spread > 0.0 or p.compliance_delay > 0.0
    before = governments.levers.copy() if is_partial else governments.levers
    _combine(
        base, column, is_narrow, strength, value,
        governments.levers, governments.stance, governments.inconsistency, p.policy_dispersion,
    )  # fmt: skip
    if is_partial:
        _carry_out(state.seed, base, before, governments.id, governments.levers, scenario.parameter_record)
    _credit(state.enterprises, governments.levers[:, L.STATUS_CREDIT], p.status_quarters)
    _pay(
        public_money(state), (state.enterprises.region, state.enterprises.credited), state.colleges.region,
        (ties.level, ties.remaining, ties.subsidy, ties.tax_credit), scenario.parameter_record,
    )  # fmt: skip
    _equip(governments, p.digital_rate)


def _credit(enterprises: Enterprises, hangs: Floats, quarters: float) -> None:
    """What enterprises are paid of their tax credits: all with the status, and without it what does not hang on it
    (Eq. 111). ``hangs`` [R]: the share that does; ``quarters`` that the status takes."""
    enterprises.credited.fill(1.0)
    if hangs.any():
        lack = enterprises.quarters_kept < quarters
        enterprises.credited[lack] = 1.0 - hangs[enterprises.region[lack]]


def _equip(governments: Governments, rate: float) -> None:
    """The digital stock of both sides follows what is spent on it (Eq. 116)."""
    for stock, lever in (
        (governments.digital_colleges, L.DIGITAL_COLLEGES), (governments.digital_enterprises, L.DIGITAL_ENTERPRISES),
    ):  # fmt: skip
        asked = governments.levers[:, lever]
        if asked.any() or stock.any():
            stock[:] += rate * (asked - stock)


def _check_columns(base: Floats, governments: Governments) -> None:
    """ValueError if levers or stances have other columns than levers.py names: a kernel would read its neighbours'."""
    n_regions = len(governments.id)
    for name, found, due in (
        ("base", base.shape, (len(LEVERS),)),
        ("levers", governments.levers.shape, (n_regions, len(LEVERS))),
        ("stance", governments.stance.shape, (n_regions, N_DISPERSED)),
    ):
        if found != due:
            raise ValueError(f"`{name}` of the governments has the shape {found}, but levers.py asks for {due}")


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
        raise error.placed(place) from None


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
    rows = scenario.region_rows
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


@kernel(borrows=True)
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
                if kind == _ADD:
                    combined += strength[m, r] * value[m, r]
                    continue
                # At full strength the value itself, to the last bit.
                part = value[m, r] if strength[m, r] >= 1.0 else base[i] + strength[m, r] * (value[m, r] - base[i])
                if kind == _MAX:
                    combined = max(combined, part)
                elif kind == _MIN:
                    combined = min(combined, part)
                else:
                    scope = 1 if is_narrow[m] else 0
                    if scope > narrowest or (scope == narrowest and part > combined):
                        combined, narrowest = part, scope
            combined = min(_HIGH[i], max(_LOW[i], combined))
            levers[r, i] = np.floor(combined + 0.5) if _IS_WHOLE[i] else combined
        own = dispersion * (1.0 - levers[r, _HARMONISATION])
        for j in range(N_DISPERSED):
            i = _DISPERSED[j]
            own_version = levers[r, i] * (1.0 + own * (2.0 * stance[r, j] - 1.0))
            levers[r, i] = min(_HIGH[i], max(_LOW[i], own_version))
    for r in range(n_regions):
        inconsistency[r, r] = 0.0
        for s in range(r):
            apart, distance = 0.0, 0.0
            for j in range(N_DISPERSED):
                i = _DISPERSED[j]
                apart += abs(stance[r, j] - stance[s, j])
                distance += abs(levers[r, i] - levers[s, i]) / (_HIGH[i] - _LOW[i])
            together = 0.5 * (levers[r, _HARMONISATION] + levers[s, _HARMONISATION])
            between = (dispersion * (1.0 - together) * apart + distance) / N_DISPERSED
            inconsistency[r, s] = inconsistency[s, r] = min(1.0, between)


@kernel(borrows=True)
def _carry_out(seed, base, before, ids, levers, parameter_record):
    """What of the levers asked for is carried out on the spot (Eq. 126, 127). Whole ones are orders and texts: they are
    as they are written, and what the centre transfers is not the regions' to carry out. ``base`` [L], ``before`` [R, L]
    of last quarter; writes ``levers`` [R, L]."""
    p = parameter_record[0]
    for r in range(levers.shape[0]):
        own = 2.0 * uniform(seed, _COMPLIANCE, 0, ids[r], 0) - 1.0
        share = min(1.0, max(0.0, p.compliance + p.compliance_spread * own))
        for i in range(levers.shape[1]):
            if _IS_WHOLE[i] or i == _TRANSFER:
                continue
            reached = base[i] + share * (levers[r, i] - base[i])
            levers[r, i] = before[r, i] + (reached - before[r, i]) / (1.0 + p.compliance_delay)


@kernel
def _pay(money, enterprises, college_region, contracts, parameter_record):
    """Pay running contracts, then what else levers cost, from the budgets (Eq. 11). ``enterprises``: their region and
    the share of their credits that they are paid [N]."""
    p = parameter_record[0]
    enterprise_region, credited = enterprises
    level, remaining, subsidy, tax_credit = contracts
    n_regions = money.budget.shape[0]
    owed_subsidy, owed_credit = np.zeros(n_regions), np.zeros(n_regions)
    n_contracts, n_enterprises, n_colleges = np.zeros(n_regions), np.zeros(n_regions), np.zeros(n_regions)
    for e in range(level.shape[0]):
        r = enterprise_region[e]
        n_enterprises[r] += 1.0
        for h in range(level.shape[1]):
            if level[e, h] > 0:
                n_contracts[r] += 1.0
                if remaining[e, h] > 0:
                    owed_subsidy[r] += subsidy[e, h] * cooperation_cost(depth_of(level[e, h]), p)
                    owed_credit[r] += credited[e] * tax_credit[e, h]
    for c in range(college_region.shape[0]):
        n_colleges[college_region[c]] += 1.0
    for r in range(n_regions):
        left = max(0.0, money.budget[r])
        ceiling = money.levers[r, _SUBSIDY_BUDGET] * left
        total = owed_subsidy[r] + owed_credit[r]
        subsidy, credit = owed_subsidy[r], owed_credit[r]
        if total > left:
            credit = left * (owed_credit[r] / total)
            subsidy = left - credit
        if subsidy > ceiling:
            subsidy = ceiling
            credit = min(owed_credit[r], left - ceiling)
        now = money.spent_now[r]
        now[_F_SUBSIDY], now[_F_CREDIT] = subsidy, credit
        money.paid_subsidy[r] = subsidy / owed_subsidy[r] if owed_subsidy[r] > 0.0 else 1.0
        money.paid_credit[r] = credit / owed_credit[r] if owed_credit[r] > 0.0 else 1.0
        left = max(0.0, left - credit - subsidy)
        now[_F_DIGITAL] = 0.0
        for f, i, price, n in (
            (_F_SUPERVISION, _SUPERVISION, p.audit_cost, n_contracts[r]),
            (_F_PLATFORM, _PLATFORM, p.platform_cost + p.base_upkeep * p.shared_base, n_enterprises[r]),
            (_F_DUAL, _DUAL, p.dual_cost, n_colleges[r]),
            (_F_EXCHANGE, _EXCHANGE, p.exchange_cost, n_colleges[r]),
            (_F_DIGITAL, _DIGITAL_COLLEGES, p.digital_cost, n_colleges[r]),
            (_F_DIGITAL, _DIGITAL_ENTERPRISES, p.digital_cost, n_enterprises[r]),
        ):
            cost = price * n * money.levers[r, i]
            if cost > left:
                money.levers[r, i] *= left / cost
                cost = left
            now[f] = now[f] + cost if f == _F_DIGITAL else cost
            left -= cost
        for f in range(now.shape[0]):
            money.spent[r, f] += now[f]
