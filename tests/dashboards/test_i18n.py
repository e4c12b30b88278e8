"""English and Chinese have the same keys and the same blanks, and every key that is used exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dashboards
from abm.diagnosis import CAUSES, N_MOVES
from dashboards.i18n import LANGUAGES, say, words
from dashboards.pages import found

BLANK = re.compile(r"{\w*}")
USED = re.compile(r"""\bsay\(\s*"([a-z_]+\.[a-z_]+)["]""")


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
                "events": "lab", "mend": "mend", "difference": "compare"}  # fmt: skip
    for template, section in sections.items():
        text = (Path(dashboards.__file__).parent / "controls" / f"{template}.vue").read_text(encoding="utf-8")
        for key in set(re.findall(r"\bwords\.(\w+)", text)):
            assert f"{section}.{key}" in words("en"), f"{template}.vue asks for {key}"


def test_blanks_are_filled_and_unknown_keys_fail() -> None:
    assert say("en", "transport.when", year=3, quarter=2) == "Year 3, quarter 2"
    with pytest.raises(KeyError):
        say("en", "no.such")
