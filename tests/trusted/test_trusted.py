"""The short form: every claim on a few studies, which may not come of a claim that holds once in 10,000 times."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trusted import page
from tests.trusted.claim import COVERAGE, FALSE, FEW, POWER, Claim
from tests.trusted.claims import claims
from tests.trusted.tally import Journal, Tally, blocks_of, measure

STUDIES, DEAR = 10, 2
"""Studies of a claim, and of one whose method takes seconds."""
CLAIMS = claims()


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim.name for claim in CLAIMS])
def test_a_few_studies_do_not_speak_against_a_claim(claim: Claim, tmp_path: Path) -> None:
    few = DEAR if claim.n <= FEW else STUDIES
    (tally,) = measure([claim], Journal(tmp_path / "kept"), share=few / claim.n)
    assert len(Journal(tmp_path / "kept").known[claim.name]) == few
    assert tally.is_possible, f"{tally.hits} of {tally.n}"


WITHOUT = {
    "sensitivity sobol + morris": {POWER, COVERAGE},
    "robustness": {COVERAGE},
}  # fmt: skip
"""Kinds of claims that a method does not have, or not yet."""


def test_names_differ_and_every_method_has_all_kinds() -> None:
    assert len({claim.name for claim in CLAIMS}) == len(CLAIMS)
    lacking = {
        method: {FALSE, POWER, COVERAGE} - {claim.kind for claim in CLAIMS if claim.method == method}
        for method in {claim.method for claim in CLAIMS}
    }
    assert {method: kinds for method, kinds in lacking.items() if kinds} == WITHOUT


def test_claims_of_a_method_are_tried_together_and_what_is_known_is_left_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "kept")
    journal.add("discover: a", [(i, True) for i in range(10)], 1.0)
    blocks = blocks_of({"discover: a": range(20), "search: s": range(2), "discover: b": range(12)}, journal)
    assert blocks == [
        {"discover: a": list(range(10, 20)), "discover: b": [10, 11]},
        {"search: s": [0, 1]},
        {"discover: b": list(range(10))},
    ]


def test_a_suite_that_was_stopped_goes_on_and_bounds_are_those_of_the_page(tmp_path: Path) -> None:
    asked: list[int] = []

    def study(i: int) -> bool:
        asked.append(i)
        return i % 2 == 0

    claim = Claim("effects", FALSE, "s", "w", study, 200)
    journal = Journal(tmp_path / "kept")
    journal.add(claim.name, [(i, i % 2 == 0) for i in range(200)], 1.0)
    with (tmp_path / "kept").open("a") as file:
        file.write('{"claim": "torn')
    (tally,) = measure([claim], Journal(tmp_path / "kept"))
    assert (tally.hits, tally.n, asked) == (100, 200, [])
    assert not tally.holds and tally.wanted == "at most 16 of 200"
    assert "**outside**" in page.page([tally]) and "100 of 200" in page.page([tally])
    journal.add("effects: of its own", [(0, True)], 120.0, 60.0)
    whole = Tally(
        claim, 16, 200, journal.seconds["effects: of its own"], Journal(journal.path).clock["effects: of its own"]
    )
    assert "2 min 0 s of one core in all, 1 min 0 s on the clock" in page.page([whole])
    assert Tally(claim, 16, 200).holds and not Tally(claim, 17, 200).holds
    assert Tally(claim, 64, 1000).holds and not Tally(claim, 65, 1000).holds
    dear = Claim("m", COVERAGE, "s", "w", study, FEW)
    assert Tally(dear, 34, 40).holds and not Tally(dear, 33, 40).holds
    wide = Claim("m", COVERAGE, "s", "w", study, 400)
    assert [Tally(wide, hits, 400).holds for hits in (363, 364, 392, 393)] == [False, True, True, False]
    # An interval has no second try.
    journal.add("effects: coverage: s (w)", [(i, i > 36) for i in range(1400)], 1.0)
    once = journal.tally(Claim("effects", COVERAGE, "s", "w", study, 400))
    assert (once.hits, once.n, once.holds) == (363, 400, False)
    assert not Tally(wide, 0, 400).is_possible and Tally(wide, 8, 10).is_possible
