"""A link holds a whole run, gives the same view again, and never reads files."""

from __future__ import annotations

import pytest

from abm.machine.errors import InputError
from abm.scenario import load
from abm.scenario.changes import Change
from abm.scenario.policies import rules
from dashboards.controls import links
from dashboards.controls.bench import MOST_TOLD, Bench
from dashboards.controls.links import Link
from dashboards.live.session import Session

WHOLE = Link(
    "reform_package", 7, {"initial_trust": 0.4, "protocol": "nash"},
    (Change(9, "subsidy_rate", 0.0), Change(4, "platform.reach", 0.2), Change(4, "subsidy_rate", 0.3),
     Change(6, "policies", (rules()["mandate"](),))), 12,
    {"initial_trust": 0.5}, (Change(2, "protocol", "nash"),), {"view": "people", "region": "3"},
)  # fmt: skip


def test_a_link_says_all_that_it_was_written_from() -> None:
    assert links.read(links.write(WHOLE)) == WHOLE


def test_nothing_is_the_classroom() -> None:
    assert links.read("") == Link()
    assert Link().build() == load("classroom")


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("scenario=nowhere", "nowhere"),
        ("scenario=/etc/passwd.toml", "is not one of"),
        ("seed=x", "whole number"),
        ("seed=" + "9" * 40, "whole number"),
        ("step=-1", "whole number"),
        ("set=initial_trust", "name=value"),
        ("set=initial_trust=7", "outside"),
        ("set=no_such_thing=1", "cannot be set"),
        ("set=population.path=/etc", "cannot come from a link"),
        ("set=population.source=tables", "cannot come from a link"),
        ("set=population={source='tables',path='/etc'}", "cannot come from a link"),
        ("then=3:population.n_colleges=4", "only when the world is built"),
        ("then=x:subsidy_rate=0.1", "whole number"),
    ],
)
def test_a_broken_link_says_what_is_wrong(query: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        links.read(query).build()


def test_absurdly_many_parts_are_refused() -> None:
    with pytest.raises(InputError, match="at most"):
        links.read("&".join(["set=initial_trust=0.5"] * 500))


def test_every_beginning_of_a_link_opens_or_says_what_is_wrong() -> None:
    whole, opened = links.write(WHOLE), 0
    for n in range(len(whole)):
        try:
            links.read(whole[:n]).build()
            opened += 1
        except InputError as error:
            assert len(str(error)) < MOST_TOLD
    assert 50 < opened < len(whole)


LONG = 100_000


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("set=policies=" + "[" * LONG, "nested too deeply"),
        ("then=3:policies=" + "{a=" * (LONG // 3), "nested too deeply"),
        ("set=policies=[[[[]]]]", "is not a table"),
        ("scenario=" + "a" * LONG, "is not one of"),
        ("set=" + "a" * LONG + "=1", "cannot be set"),
        ("set=initial_trust='" + "a" * LONG + "'", "is not a finite number"),
        ("set=initial_trust=" + "9" * LONG, "is not a finite number"),
        ("seed=" + "9" * LONG, "is not a whole number"),
        ("world=" + "w" * LONG, "not kept here"),
        ("&" * LONG, "more than 200 parts"),
        ("then=999999999999999999:subsidy_rate=0.3", "is not a whole number in"),
        ("set=levers={subsidy_rate=9}", "outside 0-0.8"),
        ("v=" + "9" * LONG, "made by version"),
        ("%" * LONG, ""),
        ("view=" + "x" * LONG + "&region=" + "9" * LONG, ""),
    ],
    ids=lambda text: text[:24],
)
def test_whatever_a_link_holds_the_page_says_it_shortly_and_shows_a_world(query: str, what: str) -> None:
    bench = Bench(Session("ann"), f"?{query}")
    try:
        text, is_wrong = bench.note()
        assert what in text
        assert is_wrong == (bool(what) and not query.startswith("v="))
        assert len(text) < MOST_TOLD + 200
        assert bench.run.value is not None
    finally:
        bench.close()
