"""In which language a person is spoken to, and that everything which is said has its Chinese."""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from html import unescape
from itertools import takewhile
from pathlib import Path
from string import Formatter

import pytest

import abm
import dashboards
import experiments
from abm.commands import _help
from abm.commands._main import command_modules, main, parser
from abm.machine import language
from abm.machine.errors import InputError
from abm.machine.language import CLOSE, OPEN, PSEUDO, in_language, say, speaking, tables, told

FOLDERS = [Path(str(package.__file__)).parent for package in (abm, experiments, dashboards)]
SAYING = {"say", "plural", "said_in"}
CHINESE = re.compile("[\u4e00-\u9fff]")
FORMULAE = {"D", "C", "T", ", "}
"""Texts that are the same in both languages, or a sign."""


def said_in_code() -> Iterator[tuple[str, str]]:
    """Every text that code says by ``say``, and where. Pages of the dashboard say keys by a function of that name."""
    for path in (path for folder in FOLDERS for path in sorted(folder.rglob("*.py"))):
        tree = ast.parse(path.read_text("utf-8"))
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "abm.machine.language"
            for alias in node.names
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            is_ours = name in imported or (
                isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "language"
            )
            if name in SAYING and is_ours:
                for argument in node.args:
                    yield from ((text, f"{path.name}:{node.lineno}") for text in texts_of(argument))


def texts_of(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may be; what a comparison inside it looks at is none."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts_of(body)
            yield from texts_of(orelse)
        case _:
            return


def blanks(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def test_every_text_that_is_said_has_its_chinese_with_the_same_blanks() -> None:
    found = list(said_in_code())
    assert len(found) > 120
    with speaking("zh"):
        lacking = {f"{where}: {text}" for text, where in found if say(text) == text and text not in FORMULAE}
        assert not lacking
        for text, where in found:
            assert blanks(say(text)) == blanks(text), where


def test_nothing_of_the_catalogue_is_said_no_more() -> None:
    said = {text for text, _ in said_in_code()}
    named = {text for text in tables()["sentences"] if set(blanks(text)) - set("@#~")}
    assert named - said == set()


def help_texts() -> Iterator[str]:
    """All that the command line says of itself."""
    for one in _help.with_parts(parser()):
        for paragraph in (one.description or "").split("\n\n"):
            lines = paragraph.splitlines()
            if all(line.startswith("  ") for line in lines):
                examples = [_help.EXAMPLE.fullmatch(line.rstrip()) for line in lines]
                yield from (example[3] for example in examples if example and example[3])
            else:
                yield " ".join(lines)
        yield from (action.help for action in _help.actions(one) if action.help)


def test_the_help_of_every_command_is_there_in_chinese() -> None:
    texts = set(help_texts())
    assert len(texts) > 150
    assert not {text for text in texts if in_language("zh", text, _help.TABLES) == text}
    of_argparse = re.compile(r"%|usage: |positional|options|expected|one of the")
    spoken_no_more = {text for text in tables()["help"] if text not in texts and not of_argparse.search(text)}
    assert not spoken_no_more


def outside(text: str) -> str:
    """What of a text in the pseudo-language stands in no brackets."""
    depth, kept = 0, []
    for character in text:
        depth += character == OPEN
        if not depth:
            kept.append(character)
        depth -= character == CLOSE
        assert depth >= 0, text
    return "".join(kept)


NAMES = re.compile(
    r"--?[a-z][\w-]*|[\w./-]+\.(?:toml|csv|md|html|parquet|json)\b|\babm(?: [a-z]+)?\b|\bzip\b"
    r"|\b[A-Z][A-Z_/0-9,.=]+\b|\[[^\]]*\]|\{[^}]*\}|\b(?:tcp|sqrt|python|mpiexec)\S*"
)
"""Options, files, commands, what stands for a value."""


def words_outside(text: str, known: set[str]) -> set[str]:
    """Words that nobody translated and that are no names."""
    return set(re.findall("[a-z]{2,}(?:[_-]?[a-z0-9]+)*", NAMES.sub(" ", outside(text)).lower())) - known


@pytest.mark.parametrize("command", [None, *command_modules()])
def test_all_that_help_says_is_in_the_catalogue(command: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--lang", PSEUDO, *([command] if command else []), "--help"])
    printed = capsys.readouterr().out
    assert OPEN in printed
    lines = [line for line in printed.splitlines() if not line.startswith("  abm ")]
    # Names of arguments are names.
    positional = {str(action.dest) for one in _help.with_parts(parser()) for action in _help.actions(one)}
    assert words_outside("\n".join(lines), set(command_modules()) | positional) == set()


@pytest.fixture(scope="module")
def pseudo_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of a run in the pseudo-language."""
    place = tmp_path_factory.mktemp("pseudo") / "run"
    assert main(["run", "reform_package", "--steps", "60", "--lang", PSEUDO, "--out", str(place)]) == 0
    return place


def test_all_that_a_summary_says_is_in_the_catalogue(pseudo_run: Path) -> None:
    text = (pseudo_run / "summary.txt").read_text("utf-8")
    assert words_outside(text, set()) == set()


def test_all_that_a_report_says_is_in_the_catalogue(pseudo_run: Path) -> None:
    page = (pseudo_run / "report.html").read_text("utf-8")
    shown = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    texts = [unescape(text) for text in re.findall(r">([^<]+)<", shown)]
    assert len(texts) > 100
    assert {word for text in texts for word in words_outside(text, set())} == set()


def test_a_run_in_chinese_has_no_english(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "run"
    assert main(["--lang", "zh", "run", "reform_package", "--steps", "60", "--out", str(place)]) == 0
    printed = capsys.readouterr().out
    page = (place / "report.html").read_text("utf-8")
    assert 'lang="zh-CN"' in page
    texts = re.findall(r">([^<]+)<", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    for text in (printed.replace(str(place), ""), *texts):
        assert not re.search("[A-Za-z]{2}", NAMES.sub("", unescape(text).replace("industry-education-abm", ""))), text
    assert printed.startswith("协调")
    # What was said in Chinese is said in English again.
    assert say("none") == "none"


LISTINGS = {
    "parameters": [], "metrics": [], "policies": [], "scenarios": [], "protocols": [],
    "explain": ["shadow_of_future"],
}  # fmt: skip


@pytest.mark.parametrize("command", LISTINGS)
def test_headings_and_texts_of_listings_are_chinese_and_names_stay(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def lines(spoken: str) -> list[str]:
        assert main(["--lang", spoken, command, *LISTINGS[command]]) == 0
        return capsys.readouterr().out.splitlines()

    english, chinese = lines("en"), lines("zh")
    if command == "explain":
        assert chinese[0].startswith("参数") and chinese[0].endswith("shadow_of_future")
        return
    assert not re.search("[A-Za-z]{2}", chinese[0])
    names = [[line.split()[0] for line in takewhile(bool, found[2:])] for found in (english, chinese)]
    assert names[0] == names[1] != []


def test_json_is_for_programs_and_the_same_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    found: list[str] = []
    for spoken in ("en", "zh"):
        assert main(["--lang", spoken, "metrics", "--json"]) == 0
        found.append(capsys.readouterr().out)
    assert found[0] == found[1]


class TestChoice:
    """--lang, then ABM_LANG, then the settings file, then the system."""

    @pytest.fixture(autouse=True)
    def _nothing_set(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in (language.VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setenv("APPDATA", str(tmp_path))
        monkeypatch.setattr(language, "_chosen", None)
        self.settings = language.settings_file()
        assert self.settings.is_relative_to(tmp_path)

    def chosen(self, option: str | None = None) -> str:
        with speaking(option) as found:
            return found

    def test_each_before_the_next(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.chosen() == "en"
        monkeypatch.setenv("LANG", "zh_CN.UTF-8")
        assert self.chosen() == "zh"
        self.settings.parent.mkdir()
        self.settings.write_text('language = "en"\n', "utf-8")
        assert self.chosen() == "en"
        monkeypatch.setenv(language.VARIABLE, "zh-Hans")
        assert self.chosen() == "zh"
        assert self.chosen("EN") == "en"

    def test_no_chinese_is_guessed_where_it_would_come_out_as_question_marks(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LANG", "zh_CN.UTF-8")
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "cp1252", errors="replace"))
        assert self.chosen() == "en"
        assert self.chosen("zh") == "zh"

    def test_windows_says_what_its_interface_speaks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import ctypes

        class Windows:
            """The part of kernel32 that is asked."""

            class kernel32:  # noqa: N801
                @staticmethod
                def GetUserDefaultUILanguage() -> int:  # noqa: N802
                    return 0x0804

        monkeypatch.setattr(sys, "platform", "win32")
        monkeypatch.setattr(ctypes, "windll", Windows, raising=False)
        assert self.chosen() == "zh"

    @pytest.mark.parametrize(
        ("place", "text"),
        [("option", "fr"), ("variable", "fr"), ("file", 'language = "fr"'), ("file", "language ="), ("file", b"\xff")],
    )
    def test_what_is_no_language_is_told_with_its_place(
        self, place: str, text: str | bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["protocols"]
        if place == "option":
            arguments = ["--lang", str(text), *arguments]
        elif place == "variable":
            monkeypatch.setenv(language.VARIABLE, str(text))
        else:
            self.settings.parent.mkdir()
            self.settings.write_bytes(text if isinstance(text, bytes) else text.encode())
        assert main(arguments) == 2
        message = capsys.readouterr().err
        where = {"option": "--lang fr", "variable": "ABM_LANG = fr", "file": "settings.toml"}[place]
        assert where in message
        assert "Traceback" not in message

    def test_a_settings_file_that_cannot_be_read_settles_nothing(self) -> None:
        self.settings.mkdir(parents=True)
        assert self.chosen() == "en"


def test_errors_of_the_command_line_are_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--lang", "zh", "--set", "subsidy_rate=7"]) == 2
    assert "`subsidy_rate` = 7" in (message := capsys.readouterr().err) and "超出范围" in message
    for wrong, expected in (["ran"], "没有这个选择"), (["run", "--seed", "x"], "不是有效的"), (["sweep"], "缺少参数"):
        with pytest.raises(SystemExit) as end:
            main(["--lang", "zh", *wrong])
        assert end.value.code == 2
        assert expected in capsys.readouterr().err


def test_an_error_keeps_its_parts_in_the_pseudo_language() -> None:
    error = InputError("the tables", place="regions.csv, column `id`", why="cannot be used", mend="rename one of them")
    what, place, why, mend = (f"{OPEN}{part}{CLOSE}" for part in (error.what, error.place, error.why, error.mend))
    assert told(PSEUDO, error) == f"{what}（{place}）{why}：{mend}"


def test_lines_are_broken_by_what_they_take_on_a_terminal() -> None:
    text = "协调失灵：上一年的谈判有 78% 没有签约，主要原因是评价导向；6 个区域中有 0 个达到深度融合。" * 3
    lines = language.wrapped(text, 40, "  ")
    assert all(language.width(line) <= 42 for line in lines)
    assert not any(line.strip()[0] in "，。；：" for line in lines)
    assert "".join(line.strip().replace(" ", "") for line in lines) == text.replace(" ", "")
    assert language.wrapped("one two three", 8) == ["one two", "three"]
