"""Arms of equal money: some fields of an arm are scaled by one factor until it spends as much as another arm.

    [arms.supervision]
    policies = [{ rule = "supervision", probability = 0.5, penalty = 0.3 }]
    match = { money = "spent", to = "subsidy", scale = ["supervision.probability", "supervision.penalty"] }

``money`` is a metric that counts money by the quarter, or a list of them: "spent" is all public money, so that what an
arm moves without paying for it itself (tax credits that follow new contracts) counts; ["spent_subsidy",
"spent_supervision"] is what the two instruments themselves cost. experiments.sweep.matching finds the factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from abm.machine.errors import InputError, nearest
from abm.machine.inputs import listed, number, shown
from abm.machine.language import say, spoken, together
from abm.scenario.policies import rules, settings
from abm.world.levers import BY_NAME
from experiments.design.outcomes import metric

_FIELDS = ("money", "to", "scale", "factor", "spent", "wanted", "parts")
_PER_QUARTER = "money/quarter"


@dataclass(frozen=True)
class Match:
    """One arm that is to spend as much as another."""

    arm: str
    to: str
    scale: tuple[str, ...]
    """Fields of the arm's own policies (``<rule>.<field>``), or levers that it sets."""
    money: tuple[str, ...] = ("spent",)
    factor: float | None = None
    """What the fields have been multiplied by; None = not yet found."""
    spent: float | None = None
    wanted: float | None = None
    """Money of this arm and of the other, mean over the seeds by which the factor was found."""
    parts: tuple[tuple[str, float], ...] = ()
    """By kind, how much more this arm spends than the other."""

    def entry(self) -> dict[str, Any]:
        """What a design says of it."""
        found: dict[str, Any] = {"money": list(self.money), "to": self.to, "scale": list(self.scale)}
        if self.factor is not None:
            found |= {"factor": self.factor, "spent": self.spent, "wanted": self.wanted, "parts": dict(self.parts)}
        return found

    def words(self) -> str:
        """What was found, for a reader."""
        if self.factor is None or self.spent is None or self.wanted is None:
            return ""
        what = say(" and ").join(spoken(name.replace("_", " ")) for name in self.money)
        apart = self.spent / self.wanted - 1.0 if self.wanted else 0.0
        text = say(
            "{arm}: {fields} times {factor}, so that it spends what {to} does: {spent} and {wanted} ({what}, {apart}).",
            arm=self.arm, to=self.to, fields=say(", ").join(self.scale), factor=f"{self.factor:.4g}",
            spent=f"{self.spent:.4g}", wanted=f"{self.wanted:.4g}", what=what, apart=f"{round(apart, 3) + 0.0:+.1%}",
        )  # fmt: skip
        moved = [f"{name} {value:+.3g}" for name, value in self.parts if abs(value) > 0.02 * abs(self.wanted)]
        if not moved:
            return text
        kinds = say("Against {to} by kind: {moved}.", to=self.to, moved=say(", ").join(moved))
        return together([text, kinds])


def matches(arms: Mapping[str, Mapping[str, Any]], where: str) -> tuple[tuple[Match, ...], dict[str, dict[str, Any]]]:
    """What arms say under `match`, and the arms without it."""
    found = [_match(name, dict(changes)["match"], arms, where) for name, changes in arms.items() if "match" in changes]
    plain = {name: {key: value for key, value in changes.items() if key != "match"} for name, changes in arms.items()}
    for match in found:
        if match.to in {other.arm for other in found}:
            mend = "match both to the same arm"
            place = f"[arms.{match.arm}] of {where}"
            raise InputError(f"`to` = {match.to!r}", place=place, why="is itself matched", mend=mend)
        ends(match, plain[match.arm], f"[arms.{match.arm}] of {where}")
    return tuple(found), plain


def _match(name: str, entry: object, arms: Mapping[str, Any], where: str) -> Match:
    place = f"[arms.{name}] of {where}"
    hint = 'write match = { money = "spent", to = "<arm>", scale = ["<rule>.<field>"] }'
    if not isinstance(entry, Mapping):
        raise InputError(f"`match` = {shown(entry)}", place=place, why="is not a table", mend=hint)
    table = dict(cast("Mapping[str, Any]", entry))
    odd = sorted(set(table) - set(_FIELDS))
    if odd:
        raise InputError(f"`match.{odd[0]}`", place=place, why="is unknown", mend=nearest(odd[0], _FIELDS[:3]))
    to = table.get("to")
    if to not in arms or to == name:
        others = [other for other in arms if other != name]
        mend = nearest(str(to)[:80], others) if to is not None else hint
        raise InputError(f"`match.to` = {shown(to)}", place=place, why="is no other arm", mend=mend)
    given = table.get("money", "spent")
    money = [metric(item, place) for item in listed("money", [given] if isinstance(given, str) else given, place)]
    _counts_money(money, place)
    scale = [str(item) for item in listed("scale", table.get("scale", []), place)]
    if not scale:
        raise InputError("`match.scale`", place=place, why="names nothing that could be scaled", mend=hint)
    factor, spent, wanted = (number(table.get(key)) for key in ("factor", "spent", "wanted"))
    parts = tuple((str(key), float(value)) for key, value in dict(table.get("parts", {})).items())
    return Match(name, str(to), tuple(scale), tuple(money), factor, spent, wanted, parts)


def _counts_money(names: Sequence[str], place: str) -> None:
    from abm.quarter.measurement.metrics import catalogue

    if not names:
        raise InputError("`match.money`", place=place, why="names no money", mend='write money = "spent"')
    for name in names:
        if catalogue()[name].unit != _PER_QUARTER:
            known = [key for key, about in catalogue().items() if about.unit == _PER_QUARTER]
            why = "does not count money by the quarter"
            raise InputError(f"`match.money` = {name!r}", place=place, why=why, mend="known are " + ", ".join(known))


def ends(match: Match, changes: Mapping[str, Any], place: str) -> tuple[float, float]:
    """The smallest and the largest factor that keep every scaled value within its range."""
    lows: list[float] = []
    highs: list[float] = []
    for key in match.scale:
        values, low, high = _values(key, changes, place)
        lows += [low / value for value in values if value > 0]
        highs += [high / value for value in values if value > 0]
    if not highs:
        why = "is 0 in this arm: no factor makes it spend anything"
        raise InputError(f"`{', '.join(match.scale)}`", place=place, why=why, mend="give it the strength to scale from")
    return max(lows), min(highs)


def _values(key: str, changes: Mapping[str, Any], place: str) -> tuple[list[float], float, float]:
    """The values of a scaled key in an arm's changes, and its range."""
    head, _, field = key.partition(".")
    if not field:
        levers = dict(changes.get("levers", {})) | {k: v for k, v in changes.items() if k in BY_NAME}
        if key not in levers:
            mend = "set it there, or scale <rule>.<field> of a policy of this arm"
            raise InputError(f"`match.scale` = {key!r}", place=place, why="is no lever that this arm sets", mend=mend)
        return [float(levers[key])], BY_NAME[key].low, BY_NAME[key].high
    own = [rule for rule in _policies(changes) if rule.get("rule") == head]
    if not own:
        why = f"names no policy of this arm: it has no `{head}` of its own"
        mend = "only what the arm itself brings is scaled: give it under policies or add_policies"
        raise InputError(f"`match.scale` = {key!r}", place=place, why=why, mend=mend)
    fields = settings(rules()[head])
    if field not in fields:
        mend = nearest(field, fields)
        raise InputError(f"`match.scale` = {key!r}", place=place, why=f"is no field of `{head}`", mend=mend)
    of = fields[field]
    return [float(rule.get(field, of.default)) for rule in own], of.low, of.high


def _policies(changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(rule) for key in ("policies", "add_policies") for rule in changes.get(key, ())]


def scaled(match: Match, changes: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """The arm's changes with the match's fields multiplied by a factor."""
    found = dict(changes)
    for key in match.scale:
        head, _, field = key.partition(".")
        if not field:
            if key in found:
                found[key] = float(found[key]) * factor
            else:
                found["levers"] = {**dict(found["levers"]), key: float(found["levers"][key]) * factor}
            continue
        default = settings(rules()[head])[field].default
        for where in ("policies", "add_policies"):
            if where in found:
                found[where] = [
                    {**rule, field: float(rule.get(field, default)) * factor}
                    if rule.get("rule") == head
                    else dict(rule)
                    for rule in found[where]
                ]
    return found
