"""Situations that a teacher can read (tests/quarter/situations/*.toml), played through the model's own phases.

A situation names what is ``given`` (a pair of partners and their circumstances), perhaps ``policies``, and what is
``expected``, in words:

    "agreement at level 2"                                     "no agreement"
    "fails because of distrust"                                (a cause of abm.world.vocabulary, in words)
    "fails because of distrust; trust 0.6 would close it"      (checked: it does, and 0.1 less does not)
    "the college stops it"                                     (whose constraint bound)
    "the government gains below 0.2 a quarter"                 (from the contract signed, as seen at the table)
    "college effort above 0.5", "platform is 0.45"             (one of MEASURES; above, below, is)

``without`` says what happens to the same pair without the policies; each of ``but`` what is expected (``then``) of the
same pair where something else is given, or a parameter, or where a lever stands without a rule. common.toml holds what
is given unless a situation says otherwise, and the parameters, so that calibrating the model does not rewrite the
stories.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.quarter.delivery import delivery
from abm.quarter.negotiation import negotiation
from abm.quarter.negotiation.bargaining import Term, common_terms, evaluate, worths
from abm.quarter.negotiation.protocols import protocol
from abm.quarter.policy import policy
from abm.quarter.training import training
from abm.scenario import Scenario
from abm.scenario.policies import rules
from abm.world.levers import F, L
from abm.world.parameters import validated
from abm.world.state import Agenda, State
from abm.world.vocabulary import AIMS, CAUSES, DECLINED, NEW_BY_COLLEGE, NEW_BY_ENTERPRISE, PARTIES
from tests.quarter.worlds import offered, world

FOLDER = Path(__file__).with_name("situations")
COMMON = tomllib.loads((FOLDER / "common.toml").read_text(encoding="utf-8"))
Situation = dict[str, Any]
CIRCUMSTANCES = ("given", "parameters", "levers")

KNOBS = {
    "trust": (Term.TRUST_ENTERPRISE, Term.TRUST_COLLEGE),
    "fit": (Term.FIT_ENTERPRISE, Term.FIT_COLLEGE),
    "retention": (Term.RETENTION,),
    "subsidy": (Term.SUBSIDY,),
    "reform": (Term.EVALUATION_REFORM, Term.STUDENT_REFORM),
}
"""What "... would close it" may speak of, and the terms of the table behind it."""
LOWER_HELPS = {"price of talk": (Term.TALK,)}

MEASURES: dict[str, Callable[[State], float]] = {
    "subsidy": lambda s: s.governments.levers[0, L.SUBSIDY_RATE],
    "platform": lambda s: s.governments.levers[0, L.PLATFORM],
    "evaluation reform": lambda s: s.governments.levers[0, L.EVALUATION_REFORM],
    "level ordered": lambda s: s.governments.levers[0, L.MANDATE],
    "central transfer": lambda s: s.governments.levers[0, L.TRANSFER],
    "enterprise effort": lambda s: s.ties.effort_enterprise[0, 0],
    "college effort": lambda s: s.ties.effort_college[0, 0],
    "trust": lambda s: min(s.ties.trust_enterprise[0, 0], s.ties.trust_college[0, 0]),
    "rounds of talk": lambda s: s.tables.rounds[0],
    "enterprise reputation": lambda s: s.enterprises.reputation[0],
    "college reputation": lambda s: s.colleges.reputation[0],
    "difference of aims": lambda s: 0.5 * np.abs(s.enterprises.aims[0] - s.colleges.aims[0]).sum(),
    "dual-qualified share": lambda s: s.colleges.dual_qualified[0],
    "practice": lambda s: s.flows["take_up"],
    "time with practitioners": lambda s: s.students.practice.max(),
    "fit with the enterprise": lambda s: np.minimum(s.enterprises.demand[0], offered(s).curriculum[0]).sum(),
    "fit with demand today": lambda s: np.minimum(s.sectors.demand[0], offered(s).curriculum[0]).sum(),
    "fit with demand to come": lambda s: np.minimum(
        softmax(s.sectors.mean_log_demand[0]), offered(s).curriculum[0]
    ).sum(),
    "places of the second programme": lambda s: s.programmes.seats[1],
    "money spent": lambda s: s.governments.spent.sum(),
    "subsidy paid": lambda s: s.governments.spent[0, F.SUBSIDY],
    "tax credit paid": lambda s: s.governments.spent[0, F.TAX_CREDIT],
}


def softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum()


def read() -> list[tuple[str, Situation]]:
    """All situations with their names: file and title."""
    found: list[tuple[str, Situation]] = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.name != "common.toml":
            for situation in tomllib.loads(path.read_text(encoding="utf-8"))["situation"]:
                found.append((f"{path.stem}: {situation['title']}", situation))
    return found


def weights(wants: dict[str, float]) -> np.ndarray:
    """Six weights that sum to one from what a party wants, in parts."""
    assert set(wants) <= set(AIMS), f"aims are {AIMS}"
    parts = np.array([float(wants.get(aim, 0)) for aim in AIMS])
    return parts / parts.sum()


def given_of(situation: Situation) -> dict[str, Any]:
    given = circumstances(situation)["given"]
    assert set(given) == set(COMMON["given"]), f"unknown: {set(given) - set(COMMON['given'])}"
    return given


def pair(given: dict[str, Any]) -> State:
    """One enterprise in region 0 and one college, there or next door."""
    fit, away = given["fit"], given["college_in_another_region"]
    state = world([int(away)], [20], [(0, 0)], np.array([[0.5, 0.5], [0.5, 0.5]]))
    if away:
        state.governments.stance[:] = [[0.0], [1.0]]
    e, c, g, t = state.enterprises, state.colleges, state.governments, state.ties
    # The enterprise asks for the first skill alone, so the overlap is what the college teaches of it.
    e.demand[0], offered(state).curriculum[0] = [1, 0], [fit, 1 - fit]
    offered(state).partner_demand[0] = e.demand[0]
    if given["related_work_of_a_second_programme"] >= 0:
        state.programmes.seats[:], state.programmes.related[:] = 0.5, [0.1, given["related_work_of_a_second_programme"]]
    # Each wants what its role wants; nothing has drawn it away yet.
    e.aims[0] = e.base_aims[0] = weights(given["enterprise_wants"])
    c.aims[0] = c.base_aims[0] = weights(given["college_wants"])
    c.student_aims[0] = c.base_student_aims[0] = weights(given["students_want"])
    g.aims[:] = weights(given["government_wants"])
    e.retention[0], e.tax_due[0], g.market_fit[:] = given["retention"], given["tax_due"], given["open_market"]
    e.reputation[0], c.reputation[0] = given["reputation_of_enterprise"], given["reputation_of_college"]
    g.budget[:] = given["budget"]
    if given["in_one_community"]:
        e.community[0] = c.community[0] = 0
    if not given["strangers"]:
        t.college[0, 0], t.trust_enterprise[0, 0], t.trust_college[0, 0] = 0, given["trust"], given["trust"]
        t.evidence[0, 0] = given["evidence"]
    if given["running_contract"]:
        t.level[0, 0], t.remaining[0, 0], t.founded[0, 0] = given["running_contract"], 99, 0
        t.cost_share[0, 0] = 0.5
        e.n_partners[0] = c.n_partners[0] = 1
    g.levers[:, L.PLATFORM] = given["platform_last_quarter"]
    n = len(g.id)
    state.metrics = {"failed_share": given["failed_share"]}
    state.regional_metrics = {"failed_share": np.full(n, given["failed_share"])}
    if given["main_cause_of_failure"]:
        state.regional_metrics["main_cause"] = np.full(
            n, CAUSES.index(given["main_cause_of_failure"].replace(" ", "_"))
        )
    for name, key in (("coordination", "coordination"), ("depth_on_paper", "formal_depth_per_place")):
        if given[name] >= 0:
            state.regional_metrics[key] = np.full(n, given[name])
    if given["lived_share"] >= 0:
        lived = np.array([given["lived_share"], given["lived_share_next_door"]])
        state.regional_metrics |= {
            "mean_formal_depth": np.full(n, 0.4), "mean_substantive_depth": 0.4 * lived, "n_ties": np.full(n, 10.0),
        }  # fmt: skip
    if given["share_of_a_new_industry"] >= 0:
        state.regional["emerging_share"] = np.full(n, given["share_of_a_new_industry"])
    if given["demand_has_moved"]:
        # The sector asks for the first skill today and will go back to asking for the second.
        state.sectors.log_demand[0], state.sectors.demand[0] = np.log([0.8, 0.2]), [0.8, 0.2]
        state.sectors.mean_log_demand[0] = np.log([0.2, 0.8])
    return state


def scenario_of(situation: Situation, with_policies: bool) -> Scenario:
    chosen = situation.get("policies", []) if with_policies else []
    given = circumstances(situation)
    p = validated(given["parameters"], situation["title"])
    return Scenario(name="situation", p=p).with_overrides(policies=chosen, levers=given["levers"])


class Played:
    """What came of a situation."""

    def __init__(self, situation: Situation, with_policies: bool = True) -> None:
        given, self.scenario = given_of(situation), scenario_of(situation, with_policies)
        self.state = state = pair(given)
        policy(state, self.scenario)
        if not given["running_contract"]:
            self.negotiate(given)
        for _ in range(given["quarters"]):
            delivery(state, self.scenario)
            training(state, self.scenario)
            state.step += 1

    def negotiate(self, given: dict[str, Any]) -> None:
        """Through the whole phase."""
        by_college = given["invited_by"] == "college"
        kind = DECLINED if given["invitation_declined"] else NEW_BY_COLLEGE if by_college else NEW_BY_ENTERPRISE
        self.state.agenda = Agenda(
            *(np.array([x], np.int32) for x in (0, 0)),
            np.zeros(1, np.int8),
            np.array([-1 if given["strangers"] else 0], np.int32),
            np.array([kind], np.int8),
            np.array([by_college], np.int8),
        )
        negotiation(self.state, self.scenario)
        assert self.state.tables is not None
        table = self.state.tables
        self.terms = table.terms.copy()
        self.level, self.binding = int(table.level[0]), int(table.binding[0])
        self.cause = CAUSES[table.cause[0]] if table.cause[0] >= 0 else ""

    def outcome(self, terms: np.ndarray) -> Any:
        return evaluate(terms, protocol("concession"), common_terms(self.scenario.p))

    def gain(self, party: str) -> float:
        """What the contract signed is worth a quarter to a party, as it was seen at the table."""
        utility, reservation = worths(self.terms, common_terms(self.scenario.p))
        who = PARTIES.index(party)
        return float(utility[0, who, self.outcome(self.terms).contract[0]] - reservation[0, who])

    def closes(self, columns: tuple[Term, ...], value: float) -> bool:
        """Whether the table closes with these terms at the value and nothing else changed."""
        terms = self.terms.copy()
        terms[0, list(columns)] = value
        return bool(self.outcome(terms).contract[0] >= 0)

    def check(self, sentence: str) -> None:
        """Fail unless the sentence is true; an unknown sentence is a mistake of the file."""
        if sentence == "no agreement":
            assert self.level == 0, f"agreement at level {self.level}"
        elif found := re.fullmatch(r"agreement(?: at level (\d))?", sentence):
            assert self.level > 0, f"fails because of {self.cause}"
            assert found[1] is None or self.level == int(found[1]), f"level {self.level}"
        elif found := re.fullmatch(r"the (\w+) gains? (above|below) ([\d.]+) a quarter", sentence):
            assert self.level > 0, f"fails because of {self.cause}"
            gain, bound = self.gain(found[1]), float(found[3])
            assert gain > bound if found[2] == "above" else gain < bound, f"{found[1]} gains {gain:.4f}"
        elif found := re.fullmatch(r"the (\w+) stops? it", sentence):
            assert self.level == 0
            assert PARTIES[self.binding] == found[1]
        elif found := re.fullmatch(r"fails because of ([a-z ]+)(?:; ([a-z ]+) ([\d.]+) would close it)?", sentence):
            assert self.level == 0, f"agreement at level {self.level}"
            assert self.cause == found[1].replace(" ", "_")
            if found[2] in KNOBS:
                assert self.closes(KNOBS[found[2]], float(found[3]))
                assert not self.closes(KNOBS[found[2]], float(found[3]) - 0.1)
            elif found[2]:
                assert self.closes(LOWER_HELPS[found[2]], float(found[3]))
                assert not self.closes(LOWER_HELPS[found[2]], 1.5 * float(found[3]))
        elif found := re.fullmatch(r"([a-z -]+) (above|below|is) ([\d.]+)", sentence):
            value, bound = float(MEASURES[found[1]](self.state)), float(found[3])
            holds = {"above": value > bound, "below": value < bound, "is": value == pytest.approx(bound, abs=1e-6)}
            assert holds[found[2]], f"{found[1]} is {value:.4f}"
        else:
            raise ValueError(f"nobody understands `{sentence}`: see the top of this file")


def circumstances(situation: Situation) -> dict[str, dict[str, Any]]:
    """What a situation starts from, part by part."""
    return {part: COMMON.get(part, {}) | situation.get(part, {}) for part in CIRCUMSTANCES}


def tellings(situation: Situation) -> Iterator[tuple[Situation, bool, list[str]]]:
    """Every way in which a situation is told: as given, without its policies, and in other circumstances; whether
    with its policies, and what is expected."""
    yield situation, True, situation["expected"]
    if "without" in situation:
        yield situation, False, situation["without"]
    for other in situation.get("but", []):
        told = situation | {part: situation.get(part, {}) | other.get(part, {}) for part in CIRCUMSTANCES}
        assert set(other) <= {*CIRCUMSTANCES, "then"}, f"`but` has {CIRCUMSTANCES} and `then`: {other}"
        is_another = circumstances(told) != circumstances(situation)
        assert is_another and other.get("then"), f"`but` changes something, and says what then follows: {other}"
        yield told, True, other["then"]


@pytest.mark.parametrize("situation", [s for _, s in read()], ids=[title for title, _ in read()])
def test_situation(situation: Situation) -> None:
    for told, with_policies, expected in tellings(situation):
        played = Played(told, with_policies)
        for sentence in expected:
            played.check(sentence)


def test_every_policy_has_its_situation() -> None:
    shown = {rule["rule"] for _, situation in read() for rule in situation.get("policies", [])}
    assert shown == set(rules())


def test_every_cause_of_failure_has_its_situation() -> None:
    told = " ".join(sentence for _, s in read() for _, _, expected in tellings(s) for sentence in expected)
    assert {cause for cause in CAUSES if f"fails because of {cause.replace('_', ' ')}" not in told} == set()


def test_a_wrong_story_is_noticed() -> None:
    played = Played({"title": "the common pair"})
    wrong = [
        "no agreement",
        "agreement at level 5",
        "fails because of distrust",
        "the college stops it",
        "the government gains above 2 a quarter",
        "trust above 2",
    ]
    for sentence in wrong:
        with pytest.raises((AssertionError, ValueError)):
            played.check(sentence)
    with pytest.raises(ValueError, match="nobody understands"):
        played.check("all went well")


def test_a_wrong_cure_is_noticed() -> None:
    played = Played(next(s for title, s in read() if title.endswith("partners who do not trust each other")))
    for cure in ("trust 0.7", "trust 0.9", "retention 1.0", "price of talk 0.001"):
        with pytest.raises(AssertionError):
            played.check(f"fails because of distrust; {cure} would close it")


def test_a_comparison_that_compares_nothing_is_noticed() -> None:
    then = {"then": ["agreement"]}
    for but in (then, then | {"given": {"fit": 0.8}}, {"given": {"fit": 0.7}}, then | {"policies": []}):
        with pytest.raises(AssertionError, match="but"):
            list(tellings({"title": "the common pair", "expected": [], "but": [but]}))
