"""What a running contract is to its two sides (Eq 26, 53)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.agents import overlap
from tests.reference.ledger import Side, college_side, enterprise_side, joint_output, staked
from tests.reference.value import cost, freed


@dataclass
class Earning:
    """What one end of a tie earns with public money and without it, and what it pays."""

    own: float
    alone: float
    paid: float


def sides(model, e, tie) -> tuple[Side, Side]:
    """Both sides of a contract as it is, with the fit as it is (Eq 26)."""
    p, c = model.p, tie.college
    f = overlap(e.demand, tie.programme.curriculum)
    aims = staked(p, freed(c.aims, c.region.levers["evaluation_reform"]), tie.joint_gain)
    watch, relief = p.monitoring * model.shared_strength(e, c), model.relief(e, c)
    own = staked(p, e.aims, tie.joint_gain)
    return (
        enterprise_side(
            p, tie.level, own, f, e.retention, e.region.market_fit, relief, fine=e.region.expected_fine, watch=watch
        ),
        college_side(p, tie.level, aims, f, c.engagement, relief, fine=c.region.expected_fine, watch=watch),
    )


def earnings(model, e, tie) -> dict:
    """What both ends of a tie really earn, without the talk, which is paid and gone (Eq 53)."""
    p, c = model.p, tie.college
    of_enterprise, of_college = sides(model, e, tie)
    subsidy, credit = tie.subsidy, e.credited * tie.tax_credit
    if tie.founded < model.t:
        subsidy, credit = e.region.paid_subsidy * subsidy, e.region.paid_credit * credit
    output = joint_output(p, tie.effort_enterprise, tie.effort_college)
    price = cost(p, tie.depth)

    def earning(one: Side, share: float, own_effort: float, credit: float) -> Earning:
        fine = one.fine if own_effort < p.audit_standard else 0.0
        alone = one.rest + output * one.output - one.effort_cost * own_effort - fine - share * price
        public = share * price * subsidy + credit
        return Earning(alone + public, alone, share * price - public)

    return {
        e: earning(of_enterprise, tie.cost_share, tie.effort_enterprise, credit),
        c: earning(of_college, 1 - tie.cost_share, tie.effort_college, 0.0),
    }
