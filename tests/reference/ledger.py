"""One account of a contract for all who decide on it: at the table, at work, in a community (Eq 4, 20, 21, 90-93)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tests.reference.value import quarters, yields

Aims = dict[str, float]


def staked(p, aims: Aims, gain: float) -> Aims:
    """What partners want who gained this much together by joint research (Eq 122)."""
    return aims | {"innovation": aims["innovation"] * (1 + p.innovation_stake * gain)}


def joint_output(p, a: float, b: float) -> float:
    """What two efforts achieve together (Eq 4)."""
    return (a * b) ** p.output_elasticity


def worth_of_aims(p, aims: Aims, d: float, f: float, output: float) -> float:
    """Yields of a contract over the aims of a party that puts no effort into it (Eq 4, 20)."""
    paper = p.paper_employment
    scale = dict.fromkeys(aims, f * output)
    scale |= {"profit": 1.0, "standing": 1.0, "employment": f * (paper + (1 - paper) * output)}
    return sum(aims[aim] * y * scale[aim] for aim, y in yields(p, d).items())


@dataclass(frozen=True)
class Side:
    """What enterprise or college has of a contract of one level, a quarter, whoever carries the cost (Eq 20)."""

    level: int
    output: float
    """Worth of full joint output (J)."""
    rest: float
    """What comes without effort, less what is given up outside (R)."""
    effort_cost: float
    fine: float
    watch: float

    @property
    def depth(self) -> float:
        return self.level / 5


def side(p, level: int, aims: Aims, f: float, worth: float, outside: float, **effort: float) -> Side:
    """``outside`` is given up, a unit of depth; ``effort``: its cost, the fine and the watch, a unit of depth."""
    d = level / 5
    have = {aim: aims[aim] * y for aim, y in yields(p, d).items()}
    paper = p.paper_employment
    working = have["talent"] + have["innovation"] + have["development"] + (1 - paper) * have["employment"]
    signed = have["profit"] + have["standing"] + f * paper * have["employment"]
    per_depth = {name: each * d for name, each in effort.items()}
    return Side(level, worth * f * working, worth * signed - outside * d, **per_depth)


def enterprise_side(
    p, level: int, aims: Aims, f: float, retention: float, market_fit: float, relief: float, **stake: float
) -> Side:
    """Eq 20, 21, 124. ``stake``: fine and watch, a unit of depth."""
    worth = p.enterprise_worth
    outside = worth * p.enterprise_outside * aims["talent"] * market_fit
    kept = aims | {"talent": aims["talent"] * retention}
    return side(p, level, kept, f, worth, outside, effort_cost=p.effort_cost * (1 - relief), **stake)


def college_side(p, level: int, aims: Aims, f: float, engagement: float, relief: float, **stake: float) -> Side:
    """Eq 20, 21, 124; ``aims`` as a reform has left them."""
    worth = p.college_worth
    outside = worth * p.college_outside * aims["standing"]
    burden = p.college_effort_cost * (1 + p.standing_burden * aims["standing"]) * (1 - p.engagement_ease * engagement)
    return side(p, level, aims, f, worth, outside, effort_cost=burden * (1 - relief), **stake)


def expected_effort(p, trust: float, evidence: float, d: float, news: float) -> float:
    """What a party expects of its partner, less for doubt the more is at stake, moved by rules that are new (Eq 90)."""
    doubt = math.sqrt(trust * (1 - trust) / (evidence + 1))
    y = min(0.98, max(0.02, trust - p.trust_caution * doubt * d))
    return min(0.98, max(0.02, y + y * (1 - y) * p.rules_foreseen * news / p.effort_temperature))


def as_read(effort: float, reading: float) -> float:
    """What is expected at the table by who reads more into vague terms (Eq 107)."""
    return effort + reading * (0.98 - effort)


def status_discount(p, kept: int) -> float:
    return p.shadow_of_future ** max(0.0, p.status_quarters - kept)


def with_status(p, one: Side, credit: float) -> Side:
    """The side of an enterprise with what it keeps by working of a credit that hangs on its status (Eq 111)."""
    is_at_stake = p.shirk_effort * one.depth < p.status_depth <= one.depth
    return replace(one, watch=one.watch + (credit if is_at_stake else 0.0))


def early_end(p, level: int, a: float, b: float) -> float:
    """Chance a quarter that one-sided effort ends the contract (Eq 91)."""
    gap = abs(a - b)
    return p.blame_exit * gap if level >= 2 and gap > p.blame_gap else 0.0


def drive(p, one: Side, paid: float, expected: float, remaining: float, is_mandated: bool = False) -> float:
    """What speaks for working rather than shirking; ``paid``: its part of the cost less public money (Eq 92)."""
    b, lazy, level = expected, p.shirk_effort, one.level
    work, shirk = joint_output(p, 1.0, b), joint_output(p, lazy, b)
    now = (work - shirk) * one.output - (1 - lazy) * one.effort_cost + one.watch
    now += one.fine if lazy < p.audit_standard else 0.0
    future = 0.0
    at_risk = early_end(p, level, lazy, b) - early_end(p, level, 1.0, b)
    if at_risk > 0:
        a_quarter = max(0.0, work * one.output + one.rest - paid - one.effort_cost)
        v = p.shadow_of_future * (1 - early_end(p, level, 1.0, b))
        ahead = max(0, remaining) + b * quarters(p, level)
        shadow = p.mandate_shadow if is_mandated else 1.0
        future = shadow * at_risk * a_quarter * (1 - v**ahead) / (1 - v)
    return (now + future) / (one.depth * p.effort_temperature)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def effort_from(p, x: float) -> float:
    """The effort of this drive (Eq 92)."""
    return p.shirk_effort + (1 - p.shirk_effort) * logistic(x)


def chance_below_standard(p, x: float) -> float:
    """Chance that this drive gives less effort than an audit asks for (Eq 93)."""
    r = (p.audit_standard - p.shirk_effort) / (1 - p.shirk_effort)
    if r <= 0 or r >= 1:
        return 0.0 if r <= 0 else 1.0
    needed = math.log(r / (1 - r)) - x
    if p.effort_noise == 0:
        return 1.0 if needed > 0 else 0.0
    return 0.5 * math.erfc(-needed / p.effort_noise / math.sqrt(2))
