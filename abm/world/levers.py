"""All that a policy may move, and how several rules on one lever combine.

A lever has a unit, a range, a neutral value and a way to combine. Without a rule it stands at its
base: the neutral value, or what the scenario says in [levers]. With rules:

add      base plus the sum of the rules, capped by the range
max      the largest of base and rules
min      the smallest of base and rules (for intervals and ceilings)
replace  the rule with the narrowest scope: one for named regions beats one for all; among equals
         the larger value; the base without one

A rule at strength x of 0-1 (its ramp) gives base + x * (value - base), with ``add`` x * value. The
order of rules never matters. Whole levers are rounded half up after that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from abm.machine import language, plugins
from abm.machine.inputs import number


class L(IntEnum):
    """Column of one of the model's own levers in ``Governments.levers``."""

    SUBSIDY_RATE = 0
    SUBSIDY_BUDGET = 1
    TAX_CREDIT = 2
    SUPERVISION = 3
    PENALTY = 4
    EVALUATION_REFORM = 5
    STUDENT_REFORM = 6
    PLATFORM = 7
    MANDATE = 8
    REVISION_INTERVAL = 9
    DUAL_PROGRAMME = 10
    CHARTER = 11
    DISTRIBUTION_RULE = 12
    HARMONISATION = 13
    FORESIGHT = 14
    PROGRAMME_ADJUSTMENT = 15
    RESEARCH_FUNDING = 16
    GUIDELINES = 17
    STATUS_CREDIT = 18
    TRANSFER = 19
    STAFF_EXCHANGE = 20
    DIGITAL_COLLEGES = 21
    DIGITAL_ENTERPRISES = 22
    CERTIFICATES = 23
    DIFFERENTIATED_POSITIONING = 24
    EMERGING_SUPPORT = 25
    LOOKING_AHEAD = 26


@dataclass(frozen=True)
class Lever:
    """One lever: where it stands without a rule, and what it means."""

    name: str
    unit: str
    low: float
    high: float
    neutral: float
    combine: str
    label: str
    label_zh: str
    source: str
    is_whole: bool = False
    """Whether only whole numbers mean something."""
    in_equations: str = ""
    """What equations of ODD.md call it where they do not use its name; empty = nothing else."""


_OWN: tuple[Lever, ...] = (
    Lever(
        "subsidy_rate",
        "share of cooperation cost",
        0,
        0.8,
        0,
        "add",
        "subsidy",
        "补贴",
        "paper 4",
        in_equations="subsidy",
    ),
    Lever("subsidy_budget", "share of the budget", 0, 1, 1, "min", "subsidy budget", "补贴预算", "paper 4"),
    Lever(
        "tax_credit",
        "share of the enterprise's investment",
        0,
        0.5,
        0,
        "add",
        "tax credit",
        "税收抵免",
        "paper 4",
        in_equations="credit",
    ),
    Lever("supervision", "audit probability a quarter", 0, 1, 0.1, "max", "supervision", "监督", "paper 5.4"),
    Lever("penalty", "utility per depth", 0, 2, 0.1, "max", "penalty", "处罚", "paper 5.4"),
    Lever(
        "evaluation_reform",
        "share of standing's weight freed",
        0,
        1,
        0,
        "max",
        "evaluation reform",
        "评价改革",
        "paper 5.4",
        in_equations="reform",
    ),
    Lever(
        "student_reform",
        "share of grades' weight freed",
        0,
        1,
        0,
        "max",
        "student evaluation reform",
        "学生评价改革",
        "[12]",
    ),
    Lever("platform", "reach", 0, 1, 0, "max", "intermediary platform", "中介平台", "[6]"),
    Lever("mandate", "level", 0, 5, 0, "max", "mandate", "行政指令", "[5]", True),
    Lever(
        "revision_interval",
        "quarters",
        1,
        40,
        20,
        "min",
        "curriculum revision interval",
        "课程修订周期",
        "national catalogue: 20",
    ),
    Lever("dual_programme", "reach", 0, 1, 0, "max", "dual-qualified teacher programme", "双师型教师计划", "paper 4"),
    Lever("charter", "recognition", 0, 1, 0, "max", "community charter", "共同体章程", "paper 5.4"),
    Lever(
        "distribution_rule",
        "0 equal, 1 proportional, 2 Shapley",
        0,
        2,
        1,
        "replace",
        "distribution rule",
        "分配规则",
        "paper 5.4",
        True,
        "rule of the home region",
    ),
    Lever("harmonisation", "share", 0, 1, 0, "max", "policy harmonisation", "政策协同", "[7]"),
    Lever("foresight", "weight of the forecast", 0, 1, 0, "max", "foresight", "前瞻", "paper 5.2 P2"),
    Lever(
        "programme_adjustment",
        "share of a college's places a year",
        0,
        0.5,
        0.05,
        "max",
        "adjustment of programmes",
        "专业动态调整",
        "paper 4.3 [21]; neutral value: assumption",
        in_equations="adjustment",
    ),
    Lever(
        "research_funding",
        "share of cooperation cost at levels 4 and 5",
        0,
        0.8,
        0,
        "add",
        "research funding",
        "科研资助",
        "paper 4.1 [18], 4.3 [21]",
        in_equations="research",
    ),
    Lever(
        "guidelines", "share of vague terms made plain", 0, 1, 0, "max", "implementation guidelines", "实施指引", "[9]"
    ),
    Lever(
        "status_credit",
        "share of the tax credit",
        0,
        1,
        0,
        "max",
        "tax credit that hangs on status",
        "与身份挂钩的税收抵免",
        "paper 4.1 [18]",
        in_equations="status",
    ),
    Lever(
        "transfer", "share of the region's budget", 0, 1, 0, "add", "central transfer", "中央转移支付", "paper 5.2 P3"
    ),
    Lever(
        "staff_exchange",
        "share of a full exchange",
        0,
        1,
        0,
        "max",
        "two-way exchange of staff",
        "双向人员交流",
        "paper 1.2",
        in_equations="exchange",
    ),
    Lever("digital_colleges", "equipment", 0, 1, 0, "max", "digital link, colleges", "院校数字链接", "paper 3.2 [13]"),
    Lever(
        "digital_enterprises",
        "equipment",
        0,
        1,
        0,
        "max",
        "digital link, enterprises",
        "企业数字链接",
        "paper 3.2 [13]",
    ),
    Lever("certificates", "share of practice", 0, 1, 0, "max", "certificates", "实践认证", "paper 4.3 [23]"),
    Lever(
        "differentiated_positioning",
        "weight",
        0,
        1,
        0,
        "max",
        "differentiated positioning",
        "差异化定位",
        "paper 3.2 [14]",
        in_equations="positioning",
    ),
    Lever(
        "emerging_support",
        "share of the missing places a year",
        0,
        1,
        0,
        "max",
        "support for the emerging field",
        "新兴专业扶持",
        "paper 4.3 [23]",
    ),
    Lever("looking_ahead", "weight of the trend", 0, 1, 0, "max", "looking ahead", "政策前瞻", "paper 5.4"),
)

COMBINATIONS = ("add", "max", "min", "replace")
OF_OUTSIDE = ("unit", "low", "high", "neutral", "combine", "label", "source")
"""What a plug-in's levers.toml has to say of each lever; ``label_zh`` and ``is_whole`` may stand beside it."""


def _from_outside(path: Path) -> list[Lever]:
    """The levers that a plug-in declares; PluginError for one that does not fit."""
    found: list[Lever] = []
    for name, given in plugins.parsed(path).items():
        what, place = f"the lever `{name}`", plugins.section_place(path, name)
        entry: dict[str, Any] = {"label_zh": "", "is_whole": False, **(given if isinstance(given, dict) else {})}
        lacks = [key for key in OF_OUTSIDE if key not in entry]
        extra = set(entry) - {*OF_OUTSIDE, "label_zh", "is_whole"}
        if lacks or extra or not name.isidentifier():
            why = f"lacks {', '.join(f'`{key}`' for key in lacks)}" if lacks else "has a name or key that is not known"
            mend = f"write [name] and {', '.join(OF_OUTSIDE)}, with label_zh and is_whole if wanted"
            raise plugins.PluginError(what, place=place, why=why, mend=mend, code="plugin.lacks")
        low, neutral, high = (number(entry[key]) for key in ("low", "neutral", "high"))
        is_fine = low is not None and neutral is not None and high is not None and low <= neutral <= high and low < high
        if not is_fine or entry["combine"] not in COMBINATIONS:
            why = "has no low <= neutral <= high, or no way to combine"
            mend = f"combine is one of {', '.join(COMBINATIONS)}"
            raise plugins.PluginError(what, place=place, why=why, mend=mend, code="plugin.unfit")
        if any(lever.name == name for lever in (*_OWN, *found)):
            why, mend = "has the name of one that exists already", "give it another name"
            raise plugins.PluginError(what, place=place, why=why, mend=mend, code="plugin.exists")
        if not entry["label_zh"]:
            plugins.in_english_only(what, place)
            entry["label_zh"] = entry["label"]
        found.append(Lever(name=name, **entry))
    return found


LEVERS: tuple[Lever, ...] = (*_OWN, *(of for path in plugins.declared("levers.toml") for of in _from_outside(path)))
"""The model's own in the order of ``L``, then those of plug-ins."""

language.know_labels(lambda: ((lever.label, lever.label_zh) for lever in LEVERS))
BY_NAME: dict[str, Lever] = {lever.name: lever for lever in LEVERS}
COLUMN: dict[str, int] = {lever.name: column for column, lever in enumerate(LEVERS)}
"""Column of a lever in ``Governments.levers``, those of plug-ins included."""

DISPERSED = (
    L.SUBSIDY_RATE,
    L.SUPERVISION,
    L.EVALUATION_REFORM,
    L.STUDENT_REFORM,
    L.PLATFORM,
    L.TAX_CREDIT,
    L.DUAL_PROGRAMME,
    L.FORESIGHT,
)
"""Levers that regions set differently when policy is dispersed; the columns of Governments.stance."""
N_DISPERSED = len(DISPERSED)


class F(IntEnum):
    """Column of a kind of spending in ``Governments.spent``."""

    SUBSIDY = 0
    TAX_CREDIT = 1
    SUPERVISION = 2
    PLATFORM = 3
    DUAL_PROGRAMME = 4
    STAFF_EXCHANGE = 5
    DIGITAL_LINK = 6


SPENDING = tuple(kind.name.lower() for kind in F)

SPENDS = {
    L.SUBSIDY_RATE: F.SUBSIDY,
    L.RESEARCH_FUNDING: F.SUBSIDY,
    L.EMERGING_SUPPORT: F.SUBSIDY,
    L.TAX_CREDIT: F.TAX_CREDIT,
    L.SUPERVISION: F.SUPERVISION,
    L.PLATFORM: F.PLATFORM,
    L.DUAL_PROGRAMME: F.DUAL_PROGRAMME,
    L.STAFF_EXCHANGE: F.STAFF_EXCHANGE,
    L.DIGITAL_COLLEGES: F.DIGITAL_LINK,
    L.DIGITAL_ENTERPRISES: F.DIGITAL_LINK,
}
"""Levers that cost public money by themselves, and as what."""
_NO_HELP = ("subsidy_budget", "mandate", "distribution_rule", "transfer")
"""What is not meant to help by being moved one way: a ceiling, an order (which signs and mends nothing), a choice, and
money that other levers have to spend."""


def helpful_end(lever: Lever) -> float | None:
    """The end of a lever's range toward which it is moved to help cooperation; None where no way is meant to."""
    if lever.name in _NO_HELP or lever.combine == "replace":
        return None
    return lever.low if lever.combine == "min" else lever.high


_NEEDS: dict[str, Callable[[Any, Mapping[str, float]], bool]] = {
    "penalty": lambda p, levels: levels["supervision"] > 0.0,
    "guidelines": lambda p, levels: p.vagueness > 0.0,
    "status_credit": lambda p, levels: levels["tax_credit"] > 0.0,
    "certificates": lambda p, levels: p.certificate_weight > 0.0 and levels["supervision"] > 0.0,
    "emerging_support": lambda p, levels: p.emerging_sector >= 0.0,
    "looking_ahead": lambda p, levels: p.emerging_sector >= 0.0 and levels["emerging_support"] > 0.0,
    "digital_colleges": lambda p, levels: levels["digital_enterprises"] > 0.0,
    "digital_enterprises": lambda p, levels: levels["digital_colleges"] > 0.0,
}


def can_act(lever: str, p: Any, levels: Mapping[str, float]) -> bool:
    """Whether a lever can move anything in a world with the ``Parameters`` p whose levers stand at ``levels``, by name:
    some act only on what others bring."""
    return lever not in _NEEDS or _NEEDS[lever](p, levels)


def is_paid(lever: str) -> bool:
    """Whether a lever costs public money by itself. What others cost, they cost by the contracts that they bring."""
    return COLUMN[lever] in SPENDS
