"""The manual: its pages are there, its links hold, its search knows Chinese, its tutorial is short and right."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from abm.commands._main import main
from dashboards.serve import manual

ROOT = Path(__file__).parents[2]
TUTORIALS = ("tutorial.md", "tutorial_zh.md")


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def build() -> ModuleType:
    return loaded(ROOT / "docs" / "build.py")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_there_and_every_link_between_them_holds(
    language: str, build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "said", lambda *words: " ".join(words))
    build.gather(tmp_path, language)
    pages = {path.relative_to(tmp_path).with_suffix("").as_posix() for path in tmp_path.rglob("*.md")}
    listed = [name for _, names in build.KINDS[language] for name in names]
    assert set(listed) <= pages and len(listed) == len(set(listed))
    n_links = 0
    for page in tmp_path.rglob("*.md"):
        for link in build.LINK.finditer(page.read_text("utf-8")):
            if not link[2].startswith("http"):
                n_links += 1
                assert (page.parent / link[2]).is_file(), f"{page.name}: {link[0]}"
    assert n_links > 30


def test_how_many_published_figures_are_met_is_said_as_it_is() -> None:
    page = (ROOT / "docs/targets.md").read_text("utf-8")
    assert re.search(r"^2 of 16 figures are met\.$", page, re.MULTILINE)
    assert "Of sixteen published figures that the provinces were asked for two are met" in (
        (ROOT / "docs/limits.md").read_text("utf-8")
    )
    assert "十六个已公布数字中，有两个" in (ROOT / "docs/limits_zh.md").read_text("utf-8")


def test_how_many_parameters_rest_on_a_published_figure_is_said_as_it_is() -> None:
    from abm.world.parameters import CATALOGUE

    known = [p for p in CATALOGUE.values() if "assum" not in p.source.lower()]
    words = {9: ("nine", "九个")}[len(known)]
    for page, word in zip(("limits.md", "limits_zh.md"), words, strict=True):
        text = (ROOT / "docs" / page).read_text("utf-8")
        assert f"{len(CATALOGUE)} " in text and word in text


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*_zh.md")))
def test_a_page_in_chinese_shows_the_examples_sections_and_tables_of_its_english_one(page: str) -> None:
    def parts(path: Path) -> tuple[list[str], int, int]:
        examples = re.findall(r"```\w*\n.*?```", text := path.read_text("utf-8"), re.DOTALL)
        rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        return examples, len(re.findall(r"^##* ", rest, re.MULTILINE)), len(re.findall(r"^\|", rest, re.MULTILINE))

    chinese = ROOT / "docs" / page
    assert parts(chinese) == parts(chinese.with_name(page.replace("_zh.md", ".md")))


def test_every_page_of_the_documentation_is_in_the_manual(build: ModuleType) -> None:
    listed = {name for kinds in build.KINDS.values() for _, names in kinds for name in names}
    assert {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")} <= listed


def test_search_splits_chinese_the_same_way_in_pages_and_in_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sphinx")
    monkeypatch.setenv("MANUAL", "zh")
    chinese = loaded(ROOT / "docs" / "site" / "conf.py").Chinese
    split = chinese.split(None, "产教融合 shadow_of_future，3 年")
    assert split == ["产", "教", "融", "合", "产教", "教融", "融合", "shadow_of_future", "3", "年"]
    if node := shutil.which("node"):
        code = chinese.js_splitter_code + "console.log(JSON.stringify(splitQuery('产教融合 Shadow_of_future，年')))"
        asked = json.loads(subprocess.run([node, "-e", code], capture_output=True, check=True).stdout)
        assert asked == ["产教", "教融", "融合", "shadow_of_future", "年"]
        assert set(asked) <= set(split)


def test_abm_docs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(manual.VARIABLE, raising=False)
    monkeypatch.setattr(manual, "BUILT", tmp_path / "manual")
    assert main(["docs", "--where"]) == 2
    assert "python docs/build.py` in the sources" in capsys.readouterr().err
    assert not manual.copy(tmp_path / "stick")
    (tmp_path / "manual").mkdir()
    (tmp_path / "manual" / "index.html").write_text("manual")
    assert main(["docs", "--where"]) == 0
    assert capsys.readouterr().out.strip().endswith("index.html")
    assert manual.copy(tmp_path / "stick") and (tmp_path / "stick" / "index.html").is_file()


def test_abm_docs_where_there_are_no_sources(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(manual.VARIABLE, raising=False)
    monkeypatch.setattr(manual, "SOURCES", tmp_path / "site-packages")
    monkeypatch.setattr(manual, "BUILT", tmp_path / "site-packages" / "build" / "manual")
    stick = tmp_path / "a stick"
    wheel = stick / "wheels" / "industry_education_abm-0.1.0-py3-none-any.whl"

    class Installed:
        """As pip leaves it that was given the path of a wheel."""

        def read_text(self, name: str) -> str:
            assert name == "direct_url.json"
            return json.dumps({"url": wheel.as_uri(), "archive_info": {}})

    monkeypatch.setattr(manual, "distribution", lambda name: Installed())
    assert main(["docs", "--where"]) == 2
    assert "open `manual/index.html` in the folder or on the stick" in capsys.readouterr().err
    assert main(["--lang", "zh", "docs", "--where"]) == 2
    assert "U 盘中的 `manual/index.html`" in capsys.readouterr().err
    (stick / "manual").mkdir(parents=True)
    (stick / "manual" / "index.html").write_text("manual")
    assert main(["docs", "--where"]) == 0
    assert capsys.readouterr().out.strip() == str(stick / "manual" / "index.html")
    # From an index, or by `--no-index -f`, pip says nothing; the start file does.
    monkeypatch.setattr(Installed, "read_text", lambda self, name: None)
    assert manual.found() is None
    monkeypatch.setenv(manual.VARIABLE, str(stick / "manual"))
    assert manual.found() == stick / "manual" / "index.html"


def commands(page: str) -> list[str]:
    block = re.search(r"```\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert block
    return block[1].strip().splitlines()


def test_both_tutorials_have_the_same_few_short_commands() -> None:
    english, chinese = (commands(page) for page in TUTORIALS)
    assert english == chinese
    assert len(english) <= 6
    assert sum(map(len, english)) <= 300


def test_the_tutorials_own_commands_lead_to_a_picture_of_the_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("openpyxl")
    monkeypatch.chdir(tmp_path)
    names = [f"{place}职业技术学院{i}" for place in ("杭州", "宁波") for i in range(3)]
    listed = {"学校名称": names, "学校标识码": [f"41330000{i:02d}" for i in range(6)], "所在地": ["浙江省"] * 6}
    pd.DataFrame(listed).to_excel("list.xlsx", index=False)
    ours = [line.split()[1:] for line in commands("tutorial.md") if line.startswith("abm ")]
    assert [words[0] for words in ours] == ["import", "run", "dashboard"]
    assert main(ours[0]) == 0
    # As typed, but for the length: all steps of `china` take their time.
    assert main([*ours[1], "--steps", "4", "--quiet"]) == 0
    page = (Path(ours[2][1]) / "report.html").read_text("utf-8")
    assert "<svg" in page and "浙江" in page
    with pytest.raises(SystemExit) as end:
        main([ours[2][0], "--help"])
    assert end.value.code == 0
