"""English and Chinese have the same keys and the same blanks, and every key that is used exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dashboards
from abm.machine.errors import InputError, Problem, TablesError
from abm.machine.language import in_language, tables
from abm.population.schema import TABLES
from abm.quarter.measurement.metrics import catalogue
from abm.scenario import from_toml, load, names
from abm.scenario.policies import rules
from abm.scenario.policies._base import settings
from abm.world.levers import LEVERS
from abm.world.parameters import CATALOGUE
from abm.world.vocabulary import CAUSES, N_MOVES
from dashboards.live.limits import check_size
from dashboards.pages import found
from dashboards.pages._about import about, validation
from dashboards.words import LANGUAGES, SIGNS, percent, say, section, words
from dashboards.words.catalogues import told
from dashboards.words.vocabulary import words as view_words

BLANK = re.compile(r"{\w*}")
USED = re.compile(r"""\bsay\(\s*"([a-z_]+\.[a-z_]+)["]""")
CHINESE = re.compile("[\u4e00-\u9fff]")
QUOTED = re.compile(r"[\[\d.,\]; ]*|.*\b(19|20)\d\d[a-z]?\b.*|Ran 2017; Acemoglu & Pischke|.*U1.*|sqrt.*")
"""References and formulae, which are the same in both languages."""


def said() -> dict[str, set[str]]:
    """What the model's catalogues say in English and the pages show, by table of abm/languages/zh.toml."""
    own = [setting for rule in rules().values() for setting in settings(rule).values()]
    worlds = [load(name) for name in names()]
    known = [*CATALOGUE.values(), *LEVERS, *own, *catalogue().values()]
    effects = [effect for pattern in validation() for effect in pattern.effects]
    columns = [c for table in TABLES.values() for c in (*table.columns, *([table.prefix] if table.prefix else []))]
    own_units = {entry.unit for entry in known}
    cited = [*CATALOGUE.values(), *LEVERS, *rules().values(), *validation()]
    return {
        "units": {entry.unit for entry in known} - {"1"},
        "parameters": {p.description for p in CATALOGUE.values()},
        "policies": {(rule.__doc__ or "").strip().splitlines()[0] for rule in rules().values()}
        | {setting.meaning for setting in own},
        "settings": {setting.name for setting in own},
        "scenarios": {text for s in worlds for text in (s.rationale, s.expected)},
        "metrics": {metric.meaning for metric in catalogue().values()},
        "validation": {effect.name for effect in effects} | {effect.asked for effect in effects} - {""},
        "columns": {c.unit for c in columns if c.kind != "text"} - own_units
        | {c.meaning for c in columns if c.kind == "text" and c.is_required},
        "sources": {entry.source for entry in cited} | {source for s in worlds for source in s.sources},
    }


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    english, chinese = (words(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert sorted(BLANK.findall(text)) == sorted(BLANK.findall(chinese[key])), key
        assert text.strip()
        assert chinese[key].strip()


def test_every_key_that_is_used_exists() -> None:
    folder = Path(dashboards.__file__).parent
    used = {key for path in folder.rglob("*.py") for key in USED.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 10
    assert used <= words("en").keys()
    assert {page.label for page in found()} <= words("en").keys()
    assert {f"mend.{cause}" for cause in CAUSES[:N_MOVES]} <= words("en").keys()


def test_templates_ask_for_words_that_exist() -> None:
    sections = {"header": "header", "transport": "transport", "levers": "levers", "chooser": "chooser",
                "events": "lab", "mend": "mend", "difference": "compare", "present": "present"}  # fmt: skip
    for template, name in sections.items():
        text = (Path(dashboards.__file__).parent / "controls" / f"{template}.vue").read_text(encoding="utf-8")
        for key in set(re.findall(r"\bwords\.(\w+)", text)):
            assert key in SIGNS or f"{name}.{key}" in words("en"), f"{template}.vue asks for {key}"


def test_blanks_are_filled_and_unknown_keys_fail() -> None:
    assert say("en", "transport.when", year=3, quarter=2) == "Year 3, quarter 2"
    with pytest.raises(KeyError):
        say("en", "no.such")


@pytest.mark.parametrize("table", list(said()))
def test_every_text_of_the_catalogues_has_its_chinese(table: str) -> None:
    texts = said()[table]
    assert texts
    for text in texts:
        chinese = in_language("zh", text)
        assert CHINESE.search(chinese) or (table in ("sources", "metrics") and QUOTED.fullmatch(text)), text
        assert in_language("en", text) == text
    whole = {text for text in tables()[table] if "{" not in text}
    parts = " ".join(texts)
    assert {text for text in whole - texts if text not in parts} == set(), "nobody says this any more"


def test_chinese_has_no_space_before_the_sign_of_percent() -> None:
    assert (percent("en", 0.256), percent("zh", 0.256), percent("zh", float("nan"))) == ("26\u00a0%", "26%", "–")
    assert not [key for key, text in words("zh").items() if re.search(r"[0-9}]\s+%", text)]


def test_how_a_share_is_written_has_one_home_that_pages_and_pictures_take() -> None:
    for language in LANGUAGES:
        assert [key for key, text in words(language).items() if re.search(r"\}\s*%", text)] == ["percent"]
        assert section(language, "learn")["percent"] == view_words(language)["percent"] == words(language)["percent"]
    drawing = Path(dashboards.__file__).parent / "views"
    assert not [path.name for path in drawing.rglob("*.js") if re.search(r"[}\"'`]\s*%[\"'`]", path.read_text("utf-8"))]


def test_labels_are_in_both_languages() -> None:
    for entry in (*CATALOGUE.values(), *LEVERS, *catalogue().values(), *rules().values()):
        assert entry.label.strip()
        assert CHINESE.search(entry.label_zh), entry.name
    assert all(load(name).title_zh for name in names())
    assert {pattern.number for pattern in validation()} <= about().patterns_zh.keys()


def test_errors_are_told_in_chinese() -> None:
    bad = 'base = "classroom"\nstepps = 3\n', 'base = "classroom"\n[levers]\nplatform = 7\n'
    messages: list[str] = []
    for text in bad:
        with pytest.raises(InputError) as caught:
            from_toml(text, "mine.toml")
        assert told("en", caught.value) == str(caught.value)
        messages.append(told("zh", caught.value))
    assert messages == ["`stepps`（mine.toml）不是情景的组成部分：是否想写 `steps`？",
                        "`platform` = 7（mine.toml 的 [levers]）超出范围 0-1：中介平台（覆盖度）"]  # fmt: skip
    row = Problem("regions.csv, row 3, column `id`", "is empty", "write a whole number from 0 to 9 (id)")
    assert told("zh", TablesError([row], 2)) == (
        "数据表不能使用：\nregions.csv 第 3 行 `id` 列：是空的；请写 0 至 9 之间的整数（编号）\n……另有 2 处"
    )
    odd = InputError("`{0}`", place="{y} of {x}", why="came {}", mend="braces of {a} stay")
    assert told("zh", odd) == "`{0}`（{x} 的 {y}）came {}：braces of {a} stay"
    with pytest.raises(InputError) as caught:
        check_size(load("classroom").with_overrides(**{"population.n_enterprises": 90_000}))
    assert told("zh", caught.value).startswith("这个世界有 90,036 家机构")


GAMBLING = ("下注", "押注", "赌", "筹码", "庄家")
ODD = ("带走", "不唯声誉", "分锅", "测绘")
"""Words that a Chinese teacher stumbles over, each with a plain one in its place: 导出, 不唯论文, 分钱, 扫描."""
WORD_HOLES = {"what", "level", "stage", "who", "value", "party", "outcome", "cause", "why", "region", "place", "until",
              "mood", "where", "when", "a", "b", "lever"}  # fmt: skip
"""Blanks that are filled with Chinese words; all others of the pages' words take numbers or names in Latin letters."""


def chinese() -> dict[str, str]:
    """Every Chinese text of pages, lessons and the command line, by where it stands."""
    found = {f"words {key}": text for key, text in words("zh").items()}
    for table, texts in tables().items():
        found |= {f"{table} {english}": text for english, text in texts.items()}
    for file in (Path(dashboards.__file__).parent).glob("teach/lessons/*.toml"):
        found |= {f"{file.stem} {i}": line for i, line in enumerate(file.read_text("utf-8").splitlines(), 1)}
    about_page = Path(dashboards.__file__).parent / "pages" / "_about" / "about.toml"
    return found | {f"about {i}": line for i, line in enumerate(about_page.read_text("utf-8").splitlines(), 1)}


def test_chinese_is_a_language_of_teaching_and_english_too() -> None:
    odd = [(where, text) for where, text in chinese().items() if any(word in text for word in (*GAMBLING, *ODD))]
    assert odd == []
    assert [key for key, text in words("en").items() if re.search(r"\b(bet|bets|betting|gamble)\b", text)] == []


def test_chinese_has_one_rule_of_spacing_about_numbers() -> None:
    tight = re.compile(r"[\u3400-\u9fff]\d|\d%?[\u3400-\u9fff]")
    assert [(where, text) for where, text in chinese().items() if tight.search(text)] == []
    for key, text in words("zh").items():
        for before, hole, after in re.findall(r"(?=(.?)\{(\w*)\}(.?))", text):
            is_tight = any(CHINESE.fullmatch(beside) for beside in (before, after))
            assert not is_tight or hole in WORD_HOLES, (key, text)
