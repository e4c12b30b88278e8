"""Situations that a teacher can read (tests/situations/*.toml), played through the model's own phases.

A situation names what is ``given`` (a pair of partners and their circumstances), perhaps ``policies``, and what is
``expected``, in words:

    "agreement at level 2"                                     "no agreement"
    "fails because of distrust"                                (a cause of abm.diagnosis, in words)
    "fails because of distrust; trust 0.6 would close it"      (checked: it does, and 0.1 less does not)
    "the college stops it"                                     (whose constraint bound)
    "college effort above 0.5", "platform is 0.45"             (one of MEASURES; above, below, is)

``without`` says what happens to the same pair without the policies. common.toml holds what is given unless a situation
says otherwise, and the parameters, so that calibrating the model does not rewrite the stories.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.bargaining import Term, evaluate
from abm.diagnosis import CAUSES, diagnose
from abm.levers import F, L
from abm.parameters import validated
from abm.phases.delivery import delivery
from abm.phases.negotiation import negotiation
from abm.phases.policy import policy
from abm.phases.training import training
from abm.policies import rules
from abm.protocols import protocol
from abm.scenario import Scenario
from abm.stakes import stakes
from abm.state import AIMS, DECLINED, NEW_BY_COLLEGE, NEW_BY_ENTERPRISE, PARTIES, Agenda, State
from tests.phases.worlds import world

FOLDER = Path(__file__).with_name("situations")
COMMON = tomllib.loads((FOLDER / "common.toml").read_text(encoding="utf-8"))
Situation = dict[str, Any]

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
    "enterprise effort": lambda s: s.ties.effort_enterprise[0, 0],
    "college effort": lambda s: s.ties.effort_college[0, 0],
    "trust": lambda s: min(s.ties.trust_enterprise[0, 0], s.ties.trust_college[0, 0]),
    "dual-qualified share": lambda s: s.colleges.dual_qualified[0],
    "practice": lambda s: s.flows["take_up"],
    "fit with demand today": lambda s: np.minimum(s.sectors.demand[0], s.colleges.curriculum[0]).sum(),
    "fit with demand to come": lambda s: np.minimum(
        softmax(s.sectors.mean_log_demand[0]), s.colleges.curriculum[0]
    ).sum(),
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
    said = situation.get("given", {})
    assert set(said) <= set(COMMON["given"]), f"unknown: {set(said) - set(COMMON['given'])}"
    return COMMON["given"] | said


def pair(given: dict[str, Any]) -> State:
    """One enterprise in region 0 and one college, there or next door."""
    fit, away = given["fit"], given["college_in_another_region"]
    state = world([int(away)], [20], [(0, 0)], np.array([[0.5, 0.5], [0.5, 0.5]]))
    if away:
        state.governments.stance[:] = [[0.0] * 8, [1.0] * 8]
    e, c, g, t = state.enterprises, state.colleges, state.governments, state.ties
    # The enterprise asks for the first skill alone, so the overlap is what the college teaches of it.
    e.demand[0], c.curriculum[0] = [1, 0], [fit, 1 - fit]
    c.partner_demand[0] = e.demand[0]
    e.aims[0], c.aims[0] = weights(given["enterprise_wants"]), weights(given["college_wants"])
    g.aims[:], c.student_aims[0] = weights(given["government_wants"]), weights(given["students_want"])
    e.retention[0], e.tax_due[0], g.market_fit[:] = given["retention"], given["tax_due"], given["open_market"]
    e.reputation[0], c.reputation[0] = given["reputation_of_enterprise"], given["reputation_of_college"]
    g.budget[:] = given["budget"]
    if given["in_one_community"]:
        e.community[0] = c.community[0] = 0
    t.college[0, 0], t.trust_enterprise[0, 0], t.trust_college[0, 0] = 0, given["trust"], given["trust"]
    if given["running_contract"]:
        t.level[0, 0], t.remaining[0, 0], t.founded[0, 0] = given["running_contract"], 99, 0
        e.n_partners[0] = c.n_partners[0] = 1
    g.levers[:, L.PLATFORM] = given["platform_last_quarter"]
    n = len(g.id)
    state.metrics = {"failed_share": given["failed_share"]}
    state.regional_metrics = {"failed_share": np.full(n, given["failed_share"])}
    if given["main_cause_of_failure"]:
        state.regional_metrics["main_cause"] = np.full(
            n, CAUSES.index(given["main_cause_of_failure"].replace(" ", "_"))
        )
    if given["demand_has_moved"]:
        # The sector asks for the first skill today and will go back to asking for the second.
        state.sectors.log_demand[0], state.sectors.demand[0] = np.log([0.8, 0.2]), [0.8, 0.2]
        state.sectors.mean_log_demand[0] = np.log([0.2, 0.8])
    return state


def scenario_of(situation: Situation, with_policies: bool) -> Scenario:
    chosen = situation.get("policies", []) if with_policies else []
    p = validated(COMMON["parameters"] | situation.get("parameters", {}), situation["title"])
    return Scenario(name="situation", p=p).with_overrides(policies=chosen)


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
        """Through the whole phase; where partners misperceive each other, with what they see in place of noise."""
        by_college = given["invited_by"] == "college"
        kind = DECLINED if given["invitation_declined"] else NEW_BY_COLLEGE if by_college else NEW_BY_ENTERPRISE
        # Who turns an invitation down is a stranger with a reputation.
        slot = -1 if given["invitation_declined"] else 0
        self.state.agenda = Agenda(
            *(np.array([x], np.int32) for x in (0, 0, slot)), np.array([kind], np.int8), np.array([by_college], np.int8)
        )
        if slot < 0:
            self.state.ties.college[0, 0] = -1
        negotiation(self.state, self.scenario)
        assert self.state.tables is not None
        table = self.state.tables
        self.terms = table.terms.copy()
        self.level, self.binding = int(table.level[0]), int(table.binding[0])
        self.cause = CAUSES[table.cause[0]] if table.cause[0] >= 0 else ""
        if given["fit_as_seen"] >= 0:
            self.terms[0, [Term.FIT_ENTERPRISE, Term.FIT_COLLEGE]] = given["fit_as_seen"]
            contract, _, binding = self.outcome(self.terms)
            self.level, self.binding = int(contract[0]) // 11 + 1 if contract[0] >= 0 else 0, int(binding[0])
            _, cause = diagnose(self.terms, protocol("concession"), stakes(self.scenario.p))
            self.cause = CAUSES[cause[0]] if self.level == 0 else ""

    def outcome(self, terms: np.ndarray) -> Any:
        return evaluate(terms, protocol("concession"), stakes(self.scenario.p))

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


@pytest.mark.parametrize("situation", [s for _, s in read()], ids=[title for title, _ in read()])
def test_situation(situation: Situation) -> None:
    played = Played(situation)
    for sentence in situation["expected"]:
        played.check(sentence)
    if "without" in situation:
        before = Played(situation, with_policies=False)
        for sentence in situation["without"]:
            before.check(sentence)


def test_every_policy_has_its_situation() -> None:
    shown = {rule["rule"] for _, situation in read() for rule in situation.get("policies", [])}
    assert shown == set(rules())


def test_every_cause_of_failure_has_its_situation() -> None:
    told = " ".join(sentence for _, s in read() for sentence in (*s["expected"], *s.get("without", [])))
    assert {cause for cause in CAUSES if f"fails because of {cause.replace('_', ' ')}" not in told} == set()


def test_a_wrong_story_is_noticed() -> None:
    played = Played({"title": "the common pair"})
    wrong = [
        "no agreement",
        "agreement at level 5",
        "fails because of distrust",
        "the college stops it",
        "trust above 2",
    ]
    for sentence in wrong:
        with pytest.raises((AssertionError, ValueError)):
            played.check(sentence)
    with pytest.raises(ValueError, match="nobody understands"):
        played.check("all went well")
