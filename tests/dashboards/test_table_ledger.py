"""The ledger on the card of a failed table: line by line what the table bargained over, for every contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from abm.quarter.negotiation.bargaining import common_terms, worths
from abm.world.ledger import Line
from abm.world.state import N_CONTRACTS
from abm.world.vocabulary import GOVERNMENT
from dashboards.views import blame_card, closing_moves
from dashboards.views.table_ledger import PUBLIC, ledger
from dashboards.words.vocabulary import as_said
from tests.dashboards.played import played

if TYPE_CHECKING:
    from abm.quarter.negotiation.bargaining import CommonTerms
    from abm.world.state import Floats

WORLDS = ("classroom", "policy_exit", "guangdong")
"""Without public money, with subsidies, with tax credits."""


def tables(name: str) -> tuple[Floats, CommonTerms]:
    """Terms of failed tables of a world where an early end threatens soon, so that it is reckoned with."""
    run = played(name, 6)
    failures = run.frames[6].failures
    assert failures is not None
    common = common_terms(run.world.scenario.in_force(5).p)
    conduct = common.conduct._replace(blame_gap=0.05)
    return failures.record.terms[::5], common._replace(conduct=conduct)


def test_the_lines_of_every_contract_add_up_to_its_worth() -> None:
    seen = np.zeros(len(Line), bool)
    for terms, common in map(tables, WORLDS):
        utility, _ = worths(terms, common)
        found = np.array([[ledger(row, common, k) for k in range(N_CONTRACTS)] for row in terms])
        np.testing.assert_allclose(found.sum(axis=3).swapaxes(1, 2), utility, atol=1e-9)
        seen |= found.any(axis=(0, 1, 2))
        assert (found[..., [Line.COST, Line.EFFORT, Line.OUTSIDE, Line.STRANDING, Line.FINES]] <= 0).all()
        assert not found[:, :, GOVERNMENT, [Line.COST, *PUBLIC]].any()
    # The price of talk is no part of what is bargained over; of the rest each has been seen.
    assert {line.name for line in Line if not seen[line]} == {"TALK"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_card_shows_the_ledger_whose_sum_is_what_it_says_is_left(language: str) -> None:
    run = played("policy_exit", 6)
    seen = run.seen(6, language)
    record = seen.frame.failures.record  # pyright: ignore[reportOptionalMemberAccess]
    force = run.world.scenario.in_force(5)
    publics = 0
    for chosen, i in enumerate(blame_card.order(seen, -1)[:20]):
        words = blame_card.scene_of(seen, chosen, scenario=force).words
        told, found = words["ledger"], closing_moves.constraint(record, i, force)
        assert {len(row) for row in told["rows"]} == {5} == {len(told["head"])}
        left = told["rows"][told["sum"]][1 + found.party]
        kcny = force.p.kcny_per_unit * (found.gets - found.needs)
        assert float(left.replace("−", "-").replace(",", "") or 0) == pytest.approx(as_said(kcny, language), abs=0.051)
        assert told["sum"] == len(told["rows"]) - (2 if found.kind == "talk" else 1)
        publics += bool(told["public"])
    assert publics, "nobody was promised a subsidy"
