"""What Solara's own template says has words of ours in both languages, and none of its sentences is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.words import LANGUAGES, say
from dashboards.words.__main__ import SCRIPT, line

solara_server = pytest.importorskip("solara.server", reason="solara is not installed")
FOLDER = Path(str(solara_server.__file__)).parent / "templates"
SAID = re.compile(r'^    "((?:[^"\\]|\\.)+)": "(\w*)",$', re.MULTILINE)


def said() -> dict[str, str]:
    """Sentences of Solara that head/custom.js replaces, and the keys of their words."""
    found = {text.replace('\\"', '"'): key for text, key in SAID.findall(SCRIPT.read_text(encoding="utf-8"))}
    assert len(found) > 10
    return found


def template() -> str:
    """The part of Solara's page that Vue takes as its template, with the loader of this dashboard."""
    page = (FOLDER / "solara.html.j2").read_text(encoding="utf-8")
    part = page.partition('id="vue-app-template"')[2].partition("</script>")[0].partition(">")[2]
    loader = (FOLDER / "loader-plain.html").read_text(encoding="utf-8")
    return re.sub(r"<!--.*?-->|\{#.*?#\}|\{%.*?%\}", "", part + loader, flags=re.DOTALL)


def test_the_script_has_the_words_of_both_languages() -> None:
    assert line() in SCRIPT.read_text(encoding="utf-8"), "run `python -m dashboards.words`"
    for key in set(said().values()) - {""}:
        assert all(say(language, f"connection.{key}") for language in LANGUAGES)
        assert f'"{key}": [["en", ' in line()


def test_no_sentence_of_solara_is_left() -> None:
    # Icons by name and messages that solara only hands on are no sentences.
    between = [" ".join(text.split()) for text in re.findall(r">([^<>]*)<", template())]
    left = {text for text in between if re.search("[A-Za-z]{2}", text)} - said().keys()
    assert left == {"mdi-bug-outline", "mdi-trash-can-outline", "{{ solaraDebugMessages.length }}",
                    "[{{ message.cell }}]", "{{ message.text }}"}  # fmt: skip
    assert said().keys() <= set(between), "Solara no longer says this"
