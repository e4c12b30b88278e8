"""Lessons: files that are understood or refused with a reason, and claims that the model makes true."""

import math
import re

import pytest

from dashboards.teach.lessons import FOLDER, LessonError, lessons, read
from dashboards.teach.lessons._lesson import SEEDS
from dashboards.teach.lessons.playing import broken, measured, play_all, right, summary, surprise, sweep

NAMES = [lesson.name for lesson in lessons()]


def _named(name):
    return next(lesson for lesson in lessons() if lesson.name == name)


def test_there_are_eight_scenes_in_order():
    orders = [lesson.order for lesson in lessons()]
    assert orders == sorted(set(orders)) and len(orders) >= 8
    assert sum(lesson.is_by_hand for lesson in lessons()) == 1
    assert all(8 <= lesson.minutes <= 15 for lesson in lessons())


def _is_inside(value, shown):
    _, low, high = shown
    return low <= value <= high


@pytest.mark.parametrize("name", NAMES)
def test_claims_hold_and_the_surprise_happens(name):
    lesson = _named(name)
    runs = sweep(lesson)
    assert len(runs) >= 5
    assert [text for values in runs.values() for text in broken(lesson, values)] == []
    answers = {right(lesson, values).text.en for values in runs.values()}
    assert len(answers) == 1, "the right answer must not depend on the seed"
    found = summary(lesson, runs)
    assert set(found) == set(lesson.measured)
    # The teacher reads a span over seeds: the model as it is now must still lie inside.
    moved = {name: row[0] for name, row in found.items() if not _is_inside(row[0], lesson.measured[name])}
    assert moved == {}, "run `python -m dashboards.teach.lessons` to write the figures as they are now"


@pytest.mark.parametrize("name", NAMES)
def test_each_surprise_cites_what_was_measured(name):
    lesson = _named(name)
    values = measured(lesson, play_all(lesson))
    for text in (surprise(lesson, values).en, surprise(lesson, values).zh):
        assert "{" not in text
        assert re.search(r"\d", text)
        assert " - " not in text, "a measure of the lesson's own seed could not be told"


def test_measures_are_unknown_before_their_quarters():
    lesson = _named("by_order")
    runs = {name: {metric: values[:30] for metric, values in of.items()} for name, of in play_all(lesson, 3).items()}
    values = measured(lesson, runs)
    assert all(math.isnan(value) for value in values.values())
    assert right(lesson, values) is None
    assert len(broken(lesson, values)) == len(lesson.claims)


def test_texts_in_both_languages_say_about_as_much():
    for lesson in lessons():
        for key in ("title", "rule", "story", "question", "task", "surprise", "learnt", "notes"):
            words = getattr(lesson, key)
            assert re.search(r"[\u4e00-\u9fff]", words.zh)
            assert not re.search(r"[\u4e00-\u9fff]", words.en)
            assert 0.12 < len(words.zh) / len(words.en) < 0.8, (lesson.name, key)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("order = 4", "order = 0"), "`order` = 0 in by_order.toml is not a whole number in 1-1000"),
        (("order = 4", "ordre = 4"), "`ordre` in by_order.toml is not part of it: did you mean `order`"),
        (('zh = "一纸命令"', 'zh = ""'), r"`zh` in \[title\] of by_order.toml is empty: write the text"),
        (
            ("{after}", "{afer}"),
            r"'afer' in \[surprise\] of by_order.toml is unknown: did you mean `after`",
        ),
        (('metric = "n_ties"', 'metric = "n_tie"'), r"`metric` = 'n_tie' in measures\[0\] of by_order.toml is unknown"),
        (("quarters = [56, 60]", "quarters = [56, 61]"), "is not a whole number in 0-60"),
        (('run = "ordered"', 'run = "orderd"'), r"`run` = 'orderd' in measures\[0\] .* did you mean `ordered`"),
        (('scenario = "mandate_era"', 'scenario = "mandate"'), "scenario `mandate` does not exist"),
        (("from = 1.15", ""), "`choices` in by_order.toml have a range for some only"),
        (("above = 150", ""), r"claim in claims\[0\] of by_order.toml claims nothing: give `above` or `below`"),
        (("[title]", "[title"), "by_order.toml is not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_mend(tmp_path, change, message):
    text = (FOLDER / "by_order.toml").read_text("utf-8")
    assert change[0] in text
    path = tmp_path / "by_order.toml"
    path.write_text(text.replace(*change), "utf-8")
    with pytest.raises(ValueError, match=message):
        read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(LessonError, match=r"gone.toml cannot be read"):
        read(tmp_path / "gone.toml")


def test_seeds_are_at_least_five():
    assert len(set(SEEDS)) >= 5
