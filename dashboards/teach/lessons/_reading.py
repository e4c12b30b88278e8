"""A lesson from its file; errors name the file, the key and the mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from abm.machine import plugins
from abm.machine.errors import InputError, nearest
from abm.machine.inputs import count, in_range, listed, shown, word, words
from abm.quarter.measurement.metrics import catalogue
from abm.scenario import load
from dashboards.teach.by_hand import HAND_METRICS
from dashboards.teach.lessons._lesson import LANGUAGES, Choice, Claim, Lesson, LessonRun, Measure, Words

_TEXTS = ("title", "rule", "story", "question", "task", "picture", "surprise", "learnt", "notes")
_KEYS = ("order", "minutes", "seed", "watch", "levers", *_TEXTS, "choices", "runs", "measures", "claims", "measured")
_SHOWN = ("percent", "number", "count")
_CITED = re.compile(r"\{(\w*)\}")


class LessonError(InputError):
    """A lesson that cannot be read, or whose parts do not fit together."""


def read(path: Path, *, is_outside: bool = False) -> Lesson:
    """The lesson of a .toml file. Raises LessonError (or ScenarioError for the world of a run).

    One from outside may do without Chinese: a warning says so, and its English is shown.
    """
    where = path.name
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise LessonError(where, why="cannot be read", mend=error.strerror or str(error)) from None
    except ValueError as error:
        raise LessonError(where, why="is not valid TOML", mend=str(error)[:200]) from None
    if is_outside and (lacking := _in_english_too(table)):
        plugins.in_english_only(f"`{lacking}` and maybe more", str(path))
    _known(table, _KEYS, where)
    runs = tuple(_run(item, f"runs[{i}] of {where}") for i, item in enumerate(_listed(table, "runs", where)))
    measures = _measures(_listed(table, "measures", where), {run.name: run for run in runs}, where)
    names = [measure.name for measure in measures]
    lesson = Lesson(
        name=path.stem,
        order=count("order", _needed(table, "order", where), 1, 1000, where),
        minutes=count("minutes", table.get("minutes", 10), 1, 90, where),
        seed=count("seed", table.get("seed", 1), 0, 2**31, where),
        **{key: _words(_needed(table, key, where), f"[{key}] of {where}") for key in _TEXTS},
        choices=tuple(
            _choice(item, names, f"choices[{i}] of {where}") for i, item in enumerate(_listed(table, "choices", where))
        ),
        watch=words("watch", table.get("watch", []), where),
        levers=words("levers", table.get("levers", []), where),
        runs=runs,
        measures=measures,
        claims=tuple(
            _claim(item, names, f"claims[{i}] of {where}") for i, item in enumerate(_listed(table, "claims", where))
        ),
        measured=_measured(table.get("measured", {}), names, f"[measured] of {where}"),
    )
    _check(lesson, where)
    return lesson


def _in_english_too(node: Any) -> str:
    """Give each text without Chinese its English in place; the last such text."""
    lacking = ""
    for item in list(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()):
        lacking = _in_english_too(item) or lacking
    if isinstance(node, dict) and isinstance(node.get("en"), str) and "zh" not in node:
        lacking = node["zh"] = node["en"]
    return lacking[:40]


def _check(lesson: Lesson, where: str) -> None:
    for language in LANGUAGES:
        for cited in _CITED.findall(lesson.surprise.to(language)):
            _one_of(cited, lesson.cited, f"`{{{cited}}}`", f"[surprise] of {where}")
    runs = [run.name for run in lesson.runs]
    if len(set(runs)) < len(runs):
        raise LessonError("`runs`", place=where, why="hold a name twice", mend="name each run differently")
    if len(lesson.choices) < 2:
        raise LessonError("`choices`", place=where, why="are fewer than two", mend="write one [[choices]] an answer")
    is_ranged = [choice.low is not None or choice.below is not None for choice in lesson.choices]
    if any(is_ranged) and not all(is_ranged):
        raise LessonError(
            "`choices`", place=where, why="have a range for some only", mend="give each `from` or `below`, or none"
        )
    for key in lesson.levers:
        lesson.runs[0].scenario.with_overrides(**{key: _present(lesson.runs[0], key)})


def _present(run: LessonRun, key: str) -> float:
    """A value that the key may certainly take in this run, to check that the key can be moved at all."""
    from abm.world.levers import BY_NAME
    from abm.world.parameters import CATALOGUE

    if key in BY_NAME:
        return float(BY_NAME[key].neutral)
    if key in CATALOGUE:
        return float(CATALOGUE[key].default)
    head, _, tail = key.partition(".")
    rule = next((rule for rule in run.scenario.policies if rule.name == head), None)
    if rule is None or not hasattr(rule, tail):
        raise LessonError(
            f"lever `{key}`", place=f"run `{run.name}`", why="cannot be moved", mend=nearest(key, BY_NAME)
        )
    return float(getattr(rule, tail))


def _run(item: object, where: str) -> LessonRun:
    table = _table(item, where)
    _known(table, ("name", "scenario", "overrides", "policies", "effort", "accepts", *LANGUAGES), where)
    base = word("scenario", _needed(table, "scenario", where), where)
    scenario = load(base)
    overrides = dict(_table(table.get("overrides", {}), f"overrides of {where}"))
    if "policies" in table:
        overrides["policies"] = table["policies"]
    effort, accepts = table.get("effort"), table.get("accepts", False)
    if effort is not None and not in_range(effort, 0, 1):
        raise LessonError(f"`effort` = {shown(effort)}", place=where, why="is not a number in 0-1")
    if not isinstance(accepts, bool):
        raise LessonError(f"`accepts` = {shown(accepts)}", place=where, why="is neither true nor false")
    return LessonRun(
        name=word("name", _needed(table, "name", where), where),
        label=_words({key: table.get(key) for key in LANGUAGES}, where),
        scenario=scenario.with_overrides(**overrides) if overrides else scenario,
        base=base,
        overrides=overrides,
        effort=None if effort is None else float(effort),
        accepts=accepts,
    )


def _measures(items: list[Any], runs: Mapping[str, LessonRun], where: str) -> tuple[Measure, ...]:
    is_by_hand = any(run.effort is not None for run in runs.values())
    metrics = [*catalogue(), *(HAND_METRICS if is_by_hand else ())]
    found: dict[str, Measure] = {}
    for i, item in enumerate(items):
        place = f"measures[{i}] of {where}"
        table = _table(item, place)
        _known(table, ("name", "run", "metric", "quarters", "over", "shown", *LANGUAGES), place)
        name = word("name", _needed(table, "name", place), place)
        if name in found:
            raise LessonError(f"measure `{name}`", place=place, why="exists already", mend="name it differently")
        run = _one_of(_needed(table, "run", place), runs, "`run`", place)
        metric = _one_of(_needed(table, "metric", place), metrics, "`metric`", place)
        over = table.get("over", "")
        if over:
            _one_of(over, found, "`over`", place)
        steps = runs[run].scenario.steps
        quarters = [count("quarters", q, 0, steps, place) for q in listed("quarters", table.get("quarters"), place)]
        if len(quarters) != 2 or quarters[0] >= quarters[1]:
            raise LessonError(
                f"`quarters` = {quarters}", place=place, why="is not a span", mend=f"write [first, end], end <= {steps}"
            )
        found[name] = Measure(
            name=name,
            label=_words({key: table.get(key) for key in LANGUAGES}, place),
            run=run,
            metric=metric,
            quarters=(quarters[0], quarters[1]),
            over=over,
            shown=_one_of(table.get("shown", "percent"), _SHOWN, "`shown`", place),
        )
    return tuple(found.values())


def _choice(item: object, names: list[str], where: str) -> Choice:
    table = _table(item, where)
    _known(table, ("measure", "from", "below", *LANGUAGES), where)
    text = _words({key: table.get(key) for key in LANGUAGES}, where)
    measure = _one_of(_needed(table, "measure", where), names, "`measure`", where)
    return Choice(text, measure, _bound(table, "from", where), _bound(table, "below", where))


def _claim(item: object, names: list[str], where: str) -> Claim:
    table = _table(item, where)
    _known(table, ("measure", "above", "below"), where)
    measure = _one_of(_needed(table, "measure", where), names, "`measure`", where)
    claim = Claim(measure, _bound(table, "above", where), _bound(table, "below", where))
    if claim.above is None and claim.below is None:
        raise LessonError("claim", place=where, why="claims nothing", mend="give `above` or `below`")
    return claim


def _measured(table: object, names: list[str], where: str) -> dict[str, tuple[float, float, float]]:
    found: dict[str, tuple[float, float, float]] = {}
    for name, values in _table(table, where).items():
        _one_of(name, names, "measure", where)
        numbers = listed(name, values, where)
        if len(numbers) != 3 or not all(in_range(number, -1e12, 1e12) for number in numbers):
            raise LessonError(
                f"`{name}`",
                place=where,
                why="is not mean, lowest, highest",
                mend="run python -m dashboards.teach.lessons",
            )
        found[name] = (float(numbers[0]), float(numbers[1]), float(numbers[2]))
    return found


def _words(value: object, where: str) -> Words:
    table = _table(value, where)
    _known(table, LANGUAGES, where)
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        text = word(language, _needed(table, language, where), where).strip()
        if not text:
            raise LessonError(f"`{language}`", place=where, why="is empty", mend="write the text in this language too")
        # Lines of the file are no lines of the text; Chinese has no space between words.
        texts[language] = ("" if language == "zh" else " ").join(line.strip() for line in text.splitlines())
    return Words(**texts)


def _bound(table: Mapping[str, Any], key: str, where: str) -> float | None:
    value = table.get(key)
    if value is not None and not in_range(value, -1e12, 1e12):
        raise LessonError(f"`{key}` = {shown(value)}", place=where, why="is not a number")
    return None if value is None else float(value)


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise LessonError(shown(value), place=where, why="is not a table", mend='write en = "..." and zh = "..."')
    return cast("Mapping[str, Any]", value)


def _known(table: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise LessonError(f"`{key[:80]}`", place=where, why="is not part of it", mend=nearest(key[:80], keys))


def _needed(table: Mapping[str, Any], key: str, where: str) -> Any:
    if table.get(key) is None:
        raise LessonError(f"`{key}`", place=where, why="is missing", mend=f"write {key} = ... or [{key}]")
    return table[key]


def _listed(table: Mapping[str, Any], key: str, where: str) -> list[Any]:
    items = listed(key, _needed(table, key, where), where)
    if not items:
        raise LessonError(f"`{key}`", place=where, why="is empty", mend=f"write at least one [[{key}]]")
    return items


def _one_of(value: object, known: Iterable[str], what: str, where: str) -> str:
    names = list(known)
    if not isinstance(value, str) or value not in names:
        raise LessonError(
            f"{what} = {shown(value)}", place=where, why="is unknown", mend=nearest(str(value)[:80], names)
        )
    return value
