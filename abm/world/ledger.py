"""What a contract is worth to each party: one ledger, line by line (Eq. 20; paper 3.1-3.4).

The same lines, with what is expected or with what was done, are what a table bargains over, what effort answers to,
what is left of a wronged partner's reasons to stay, what members of a community divide, and what `abm ledger` prints.
All lines are in the model's unit of money and utility, a quarter; ``p.kcny_per_unit`` says what it stands for.
"""

from __future__ import annotations

import math
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from abm.machine.kernels import kernel
from abm.world.equations import N_AIMS, depth_of, larger, logistic, reformed_weight
from abm.world.parameters import taken
from abm.world.vocabulary import (
    COLLEGE,
    EMPLOYMENT,
    ENTERPRISE,
    ENTITY,
    GOVERNMENT,
    PLACEMENT,
    PROFIT,
    STANDING,
    TALENT,
)


class Line(IntEnum):
    """Line of a ledger; the first six are the yields of the aims, in their order."""

    PROFIT = 0
    TALENT = 1
    INNOVATION = 2
    STANDING = 3
    EMPLOYMENT = 4
    DEVELOPMENT = 5
    COST = 6
    SUBSIDY = 7
    TAX_CREDIT = 8
    EFFORT = 9
    TALK = 10
    STRANDING = 11
    FINES = 12
    OUTSIDE = 13


N_LINES = len(Line)
LABELS: dict[Line, str] = {
    Line.PROFIT: "productive return",
    Line.TALENT: "talent",
    Line.INNOVATION: "innovation",
    Line.STANDING: "standing, grades",
    Line.EMPLOYMENT: "employment",
    Line.DEVELOPMENT: "development of persons",
    Line.COST: "own part of the cost",
    Line.SUBSIDY: "subsidy",
    Line.TAX_CREDIT: "tax credit",
    Line.EFFORT: "effort, as staff time",
    Line.TALK: "talk, spread over the contract",
    Line.STRANDING: "expected stranding",
    Line.FINES: "fines",
    Line.OUTSIDE: "given up outside",
}
COST, SUBSIDY, TAX_CREDIT, EFFORT = int(Line.COST), int(Line.SUBSIDY), int(Line.TAX_CREDIT), int(Line.EFFORT)
INNOVATION_LINE = int(Line.INNOVATION)
TALK, STRANDING, FINES, OUTSIDE = int(Line.TALK), int(Line.STRANDING), int(Line.FINES), int(Line.OUTSIDE)
_NEVER_CERTAIN = 0.02
"""Nobody expects all or nothing of a partner's effort."""


class Conduct(NamedTuple):
    """The parameters that effort and its consequences follow: those of the catalogue with the same names."""

    output_elasticity: float
    paper_employment: float
    shirk_effort: float
    shadow_of_future: float
    blame_exit: float
    blame_gap: float
    effort_temperature: float
    effort_noise: float
    audit_standard: float
    status_depth: float
    trust_caution: float
    rules_foreseen: float
    effort_cost: float
    college_effort_cost: float
    standing_burden: float
    engagement_ease: float
    enterprise_worth: float
    college_worth: float
    enterprise_outside: float
    college_outside: float
    government_outside: float
    student_outside: float
    student_cost: float
    entity_contribution: float


@lru_cache(maxsize=64)
def conduct(p: Any) -> Conduct:
    """These of the parameters ``p``."""
    return taken(Conduct, p)


@kernel(inline=True, borrows=True)
def output(mine, theirs, p):
    """Share of what full joint effort would yield that two efforts do (Eq. 4): both have to work."""
    return (mine * theirs) ** p.output_elasticity


@kernel(inline=True, borrows=True)
def expected_effort(trust, evidence, depth, news, p):
    """Effort that a party reckons with (Eq. 90): its trust, less for an uncertain partner the more is at stake.

    Rules that are new move it: ``news`` is what the partner's fine has become more than was known of it.
    """
    doubt = math.sqrt(trust * (1.0 - trust) / (evidence + 1.0))
    effort = min(1.0 - _NEVER_CERTAIN, max(_NEVER_CERTAIN, trust - p.trust_caution * doubt * depth))
    effort += effort * (1.0 - effort) * p.rules_foreseen * news / p.effort_temperature
    return min(1.0 - _NEVER_CERTAIN, max(_NEVER_CERTAIN, effort))


@kernel(inline=True, borrows=True)
def as_read(effort, reading):
    """Effort that a party reckons with at the table where the terms are vague (Eq. 107): it reads into them that its
    partner is bound to do more. ``reading``: the share of the way to full effort."""
    return effort + reading * (1.0 - _NEVER_CERTAIN - effort)


@kernel(inline=True, borrows=True)
def status_at_stake(depth, credit, p):
    """What an enterprise keeps by working of a tax credit that hangs on its status (Eq. 111): all of it where its work
    keeps up the depth that is asked for, and shirking does not."""
    return credit if p.shirk_effort * depth < p.status_depth <= depth else 0.0


@kernel(inline=True, borrows=True)
def status_discount(kept, p):
    """What a credit that hangs on status is worth to an enterprise that has kept up depth for ``kept`` quarters: it
    comes when the time asked for is full (Eq. 111)."""
    return p.shadow_of_future ** larger(p.status_quarters - kept, 0.0)


@kernel(inline=True, borrows=True)
def early_end(level, one, other, p):
    """Chance a quarter that the side that does more leaves (Eq. 91): as expected beforehand, and as drawn."""
    gap = abs(one - other)
    return p.blame_exit * gap if level >= PLACEMENT and gap > p.blame_gap else 0.0


@kernel(inline=True, borrows=True)
def effort_cost(party, depth, standing, engagement, relief, p):
    """What full effort costs enterprise or college a quarter (Eq. 26, 124); ``standing``: the college's weight on it,
    ``relief``: the share that a shared base takes off."""
    left = 1.0 - relief
    if party == ENTERPRISE:
        return p.effort_cost * depth * left
    # In this order: another one would change last bits.
    burden = p.college_effort_cost * (1.0 + p.standing_burden * standing) * (1.0 - p.engagement_ease * engagement)
    return burden * depth * left


@kernel(inline=True, borrows=True)
def given_up(party, level, talent, standing, market_fit, p):
    """What a party gives up outside for the share of it that a contract of this level commits (Eq. 21)."""
    depth = depth_of(level)
    if party == ENTERPRISE:
        return p.enterprise_worth * p.enterprise_outside * talent * market_fit * depth
    if party == COLLEGE:
        return p.college_worth * p.college_outside * standing * depth
    if party == GOVERNMENT:
        return p.government_outside * depth + (p.entity_contribution if level == ENTITY else 0.0)
    return (p.student_outside * standing + p.student_cost) * depth


class Work(NamedTuple):
    """What a side's effort works on: what joint effort yields it, and what does not hang on its own effort."""

    joint: float
    """Worth of full joint effort, fit counted."""
    fixed: float
    """All other lines of its ledger but effort and fines."""
    cost: float
    """Of full effort."""
    fine: float
    """That it saves by working: audit probability x penalty x depth."""
    watch: float
    """Worth of not being seen to shirk by a community."""


class Outlook(NamedTuple):
    """What a side reckons with of its partner at one level, whatever its own effort works on."""

    full: float
    """Share of the joint yield that it gets by working fully."""
    least: float
    """That it gets by shirking."""
    at_risk: float
    """Quarters of the relation's future that shirking puts at risk, discounted."""


@kernel(inline=True, borrows=True)
def outlook(level, theirs, shadow, ahead, length, p):
    """Outlook of a side whose partner is expected to put in the effort ``theirs`` (Eq. 92).

    ``shadow``: share of the relation's future that counts; ``ahead``: quarters left of the contract, ``length`` those
    of the next one.
    """
    stays = early_end(level, 1.0, theirs, p)
    at_risk = early_end(level, p.shirk_effort, theirs, p) - stays
    if at_risk > 0.0:
        survives = p.shadow_of_future * (1.0 - stays)
        quarters = larger(ahead, 0.0) + theirs * length
        at_risk *= shadow * (1.0 - survives**quarters) / (1.0 - survives)
    else:
        at_risk = 0.0
    return Outlook(output(1.0, theirs, p), output(p.shirk_effort, theirs, p), at_risk)


@kernel(inline=True, borrows=True)
def drive(level, seen, work, p):
    """What speaks for working rather than shirking, in units of effort's temperature (Eq. 92): both on the ledger, and
    the future of the relation as far as shirking puts it at risk. ``seen``: an ``Outlook``; ``work``: a ``Work``."""
    gain = (seen.full - seen.least) * work.joint - (1.0 - p.shirk_effort) * work.cost + work.watch
    if p.shirk_effort < p.audit_standard:
        gain += work.fine
    gain += seen.at_risk * larger(seen.full * work.joint + work.fixed - work.cost, 0.0)
    return gain / (depth_of(level) * p.effort_temperature)


@kernel(inline=True, borrows=True)
def effort_from(drive, p):
    """Effort between shirking and full (Eq. 92)."""
    return p.shirk_effort + (1.0 - p.shirk_effort) * logistic(drive)


@kernel(inline=True, borrows=True)
def chance_below_standard(drive, p):
    """Chance that an effort with this drive falls below the audit standard (Eq. 93): what a fine is reckoned with."""
    room = (p.audit_standard - p.shirk_effort) / (1.0 - p.shirk_effort)
    if room <= 0.0:
        return 0.0
    if room >= 1.0:
        return 1.0
    short = math.log(room / (1.0 - room)) - drive
    if p.effort_noise <= 0.0:
        return 1.0 if short > 0.0 else 0.0
    return 0.5 * math.erfc(-short / (p.effort_noise * math.sqrt(2.0)))


@kernel(inline=True, borrows=True)
def aim_scale(aim, fit, done, kept, p):
    """How much of an aim's yield fit and joint output leave (Eq. 4); ``kept``: the share of the talent that stays."""
    if aim in (PROFIT, STANDING):
        return 1.0
    if aim == EMPLOYMENT:
        return fit * (p.paper_employment + (1.0 - p.paper_employment) * done)
    return fit * done * kept if aim == TALENT else fit * done


@kernel(inline=True, borrows=True)
def write_yields(lines, weights, first, reform, exchange, level, yields, fit, done, kept, p):
    """The six lines of a party's aims, into ``lines`` (Eq. 3, 4, 19); ``weights``: six from ``first`` on."""
    for m in range(N_AIMS):
        worth = exchange * reformed_weight(weights, first, m, reform) * yields[m, level]
        lines[m] = worth * aim_scale(m, fit, done, kept, p)


@kernel(inline=True, borrows=True)
def write_money(lines, party, share, cost, subsidy, credit):
    """The lines of cost, subsidy and credit of enterprise or college; ``cost`` of the level, ``credit`` in money."""
    own = share if party == ENTERPRISE else 1.0 - share
    lines[COST] = -own * cost
    lines[SUBSIDY] = own * cost * subsidy
    lines[TAX_CREDIT] = credit if party == ENTERPRISE else 0.0


@kernel(inline=True, borrows=True)
def total(lines):
    """The sum of the lines, from the first to the last."""
    worth = 0.0
    for i in range(N_LINES):
        worth += lines[i]
    return worth
