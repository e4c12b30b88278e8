"""Whatever an error may say to a visitor of the dashboard has its Chinese, and what others say is at least named."""

from __future__ import annotations

import errno
import os
import pickle
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from unittest.mock import Mock

import pytest

import abm
import dashboards
import experiments
from abm.machine import disk
from abm.machine.errors import InputError, TablesError
from abm.population import tables
from abm.population.schema import TABLES
from abm.scenario import from_toml, names
from abm.scenario.policies import rules
from abm.scenario.policies._base import settings
from abm.world.levers import LEVERS
from abm.world.parameters import CATALOGUE
from dashboards.controls import links, uploads
from dashboards.words.catalogues import told
from experiments.sweep.store import unwritable
from tests.dashboards.sentences import BLANK, Module, Sentence

MODEL, PAGES, STUDIES = (Path(str(package.__file__)).parent for package in (abm, dashboards, experiments))
SOURCES = [path for folder in (MODEL, PAGES, STUDIES) for path in sorted(folder.rglob("*.py"))]
CODE = re.compile(
    r"`[^`]*`|'[^']*'|\w*\[[^\]]*\]|(?<= = )\S+|\S+\.(?:csv|json|parquet|toml|xlsx)\b"
    r"|\.(?:csv|parquet|toml|xlsx|py)\b|\d+ [GM]i?B\b|--[a-z-]+"
)
NAMES = {
    "CSV",
    "TOML",
    "UTF",
    "GB",
    "GBK",
    "MB",
    "GiB",
    "parquet",
    "Unicode",
    "Sobol",
    "Excel",
    "Windows",
    "Python",
    "SHA",
    "wheel",
    *TABLES,
    *names(),
}
ENGLISH = re.compile("[A-Za-z_]{2,}")
FILLED = "§"


def english_in(text: str) -> set[str]:
    """Words of a Chinese text that are English and neither code nor names."""
    return set(ENGLISH.findall(CODE.sub("", text))) - NAMES


@cache
def returned_by_others() -> dict[str, set[str]]:
    """What functions of abm.machine.errors return."""
    module = Module(MODEL / "machine" / "errors.py", {})
    return {name: module.returned(function) for name, function in module.functions.items()}


def sentences_of(path: Path) -> list[Sentence]:
    """What the errors of a file may say, whole blanks aside."""
    return [s for s in Module(path, returned_by_others()).sentences() if s.text.replace(BLANK, "").strip("= `")]


def in_chinese(sentence: Sentence) -> str:
    text = sentence.text.replace(BLANK, FILLED)
    return told("zh", InputError(**({"what": ""} | {sentence.role: text})))


def test_every_sentence_that_an_error_may_hold_has_its_chinese() -> None:
    found = [s for path in SOURCES for s in sentences_of(path)]
    assert len(found) > 700
    told_in_english = {f"{s.where}: {s.text}" for s in found if english_in(in_chinese(s))}
    assert not told_in_english


def test_a_sentence_without_its_chinese_is_found(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(
        "def check(x, problems):\n    why = f'is as odd as {x}' if x else 'is empty'\n"
        "    problems.add('here', 'is so', 'mend it')\n    raise InputError('`x`', why=why, mend=hint(x))\n"
        "def hint(x):\n    return 'did you mean to jest?'\n"
    )
    found = {s.text: english_in(in_chinese(s)) for s in sentences_of(tmp_path / "new.py")}
    assert {text for text, english in found.items() if english} == {
        f"is as odd as {BLANK}",
        "here",
        "is so",
        "mend it",
        "did you mean to jest?",
    }
    assert "is empty" in found


def refusal_of(text: str) -> str:
    with pytest.raises(InputError) as caught:
        from_toml(text, "mine.toml")
    return told("zh", caught.value)


BROKEN = {
    "a 1": "键后面缺少等号",
    "a =": "不是有效的值",
    "[t": "表名末尾缺少",
    "[[t]": "表数组名末尾缺少",
    "a = 1 b = 2": "应换行",
    "= 1": "不是有效的语句",
    'a = "x': "文件末尾|字符串没有结束",
    "a = [1,": "不是有效的值|数组没有结束",
    "a = {b = 1": "行内表没有结束",
    "a = {b = 1, b = 2}": "重复",
    "a = 1\na = 2": "不能覆盖",
    "[a]\n[a]": "重复声明",
    'a = "\\x"': "没有转义",
    'a = "\\u12"': "十六进制",
    'a = "\x01"': "不允许的字符",
    "# \x01": "无效字符",
    "a = 'x": "此处应为",
    "a = 2021-02-30": "日期",
    f"a = {'9' * 5000}": "整数超过 4300 位",
    f"a = {'[' * 5000}": "嵌套过深",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_the_parser_says_is_told_in_chinese_with_its_place(text: str) -> None:
    message = refusal_of(f"{text}\n")
    assert re.search(BROKEN[text], message)
    assert not english_in(message)
    assert re.search(r"第 \d+ 行第 \d+ 列|文件末尾|整数超过|嵌套过深", message)


def test_a_sentence_of_a_later_parser_keeps_its_place_and_is_quoted() -> None:
    new = InputError("mine.toml", why="is not valid TOML", mend="A wholly new sentence (at line 3, column 9)")
    assert told("zh", new) == "mine.toml 不是有效的 TOML：第 3 行第 9 列：英文原话：A wholly new sentence"


@pytest.mark.parametrize("name", ["ENOENT", "EACCES", "ENOSPC", "EISDIR", "ENAMETOOLONG"])
def test_what_the_system_says_is_told_by_its_number(name: str) -> None:
    number = getattr(errno, name)
    for said in (os.strerror(number), str(OSError(number, os.strerror(number)))):
        error = InputError("regions.csv", why=f"cannot be kept ({said})")
        assert not english_in(told("zh", error)), told("zh", error)
    odd = told("zh", InputError("regions.csv", why=f"cannot be kept ({os.strerror(errno.ELOOP)})"))
    assert odd == f"regions.csv 无法保存（英文原话：{os.strerror(errno.ELOOP)}）"


REGIONS = "region,entrants\n东,600\n西,300\n"
COLLEGES = "id,region\n1,东\n2,西\n"
ENTERPRISES = "id,region\n1,东\n2,西\n"
WRONG = {
    "missing column": ({"regions.csv": "region\n东\n"}, "缺少 `entrants` 列"),
    "another name": ({"regions.csv": "region,entrant\n东,6\n"}, "请将 `entrant` 改名"),
    "bars": ({"regions.csv": "region|entrants\n东|6\n"}, "请用逗号分隔各列"),
    "column twice": ({"regions.csv": "region,entrants,entrants\n东,6,7\n"}, "出现了两次"),
    "column misspelt": ({"regions.csv": "region,entrants,budgets\n东,6,7\n西,3,1\n"}, "是否想写 `budget`？"),
    "no number": (
        {"regions.csv": "region,entrants\n东,many\n西,3\n"},
        "regions.csv 第 2 行 `entrants` 列：'many' 不是数；请写",
    ),
    "negative": ({"regions.csv": "region,entrants\n东,-6\n西,3\n"}, "-6 超出范围 0 至 10,000,000"),
    "half": ({"colleges.csv": "id,region\n4.11101E+09,东\n2,西\n"}, "丢失了末尾的数字；请把该列的格式设为文本"),
    "empty cell": ({"colleges.csv": "id,region\n,东\n2,西\n"}, "是空的"),
    "no region": ({"colleges.csv": "id,region\n1,\n2,西\n"}, "请填写（所在区域的名称"),
    "unknown region": ({"colleges.csv": "id,region\n1,南\n2,西\n"}, "区域 '南' 未知；请改正，或把它加入 regions 表"),
    "near region": (
        {
            "regions.csv": "region,entrants\nGuangdong,6\n",
            "colleges.csv": "id,region\n1,Guangdon\n",
            "enterprises.csv": "id,region\n1,Guangdong\n",
        },
        "是否想写 'Guangdong'？",
    ),
    "same id": ({"colleges.csv": "id,region\n1,东\n1,西\n"}, "1 与第 2 行相同；每一行应各不相同"),
    "same region": ({"regions.csv": "region,entrants\n东,6\n东,3\n"}, "'东' 与第 2 行相同"),
    "no rows": ({"regions.csv": "region,entrants\n"}, "没有数据行；请至少添加一个区域"),
    "nothing": ({"regions.csv": ""}, "regions.csv 是空的：请写一行列名"),
    "ragged": ({"regions.csv": "region,entrants\n东,6\n西,3,9,9\n"}, "第 3 行应有 2 列，实有 4 列"),
    "open quote": ({"regions.csv": 'region,entrants\n"东,6\n'}, "开始的引号没有结束"),
    "no college": ({"colleges.csv": "id,region\n1,东\n"}, "'西' 有 300 名新生而没有院校"),
    "many": ({"regions.csv": "region,entrants\n" + "".join(f"r{i},x\n" for i in range(9))}, "……另有"),
    "crowd": ({"regions.csv": "region,entrants\n" + "".join(f"r{i},9000000\n" for i in range(9))}, "最多容纳"),
    "sectors": ({"sectors.csv": "sector\n制造\n"}, "没有 `skill_...` 列；请为每个技能领域加一列"),
    "zero skills": ({"sectors.csv": "sector,skill_a\n制造,0\n"}, "全部为 0；至少一个须大于 0"),
    "many sectors": (
        {"enterprises.csv": "id,region,sector\n" + "".join(f"{i},东,s{i}\n" for i in range(130))},
        "请合并一些",
    ),
    "unknown college": ({"students.csv": "college,year\n7,1\n"}, "院校 7 未知；请改正，或把它加入 colleges 表"),
    "latin": ({"regions.csv": "region,entrants\nKöln,6\nÜx,7\n".encode("cp1252")}, "编码无法识别"),
    "cut parquet": ({"regions.parquet": b"PAR1 half a file"}, "不能作为 parquet 读取"),
    "short parquet": ({"regions.parquet": b"PAR1"}, "只有 4 字节"),
    "no such table": ({"picture.png": b"\x89PNG"}, "看不出是哪一张表"),
    "both": ({"a.toml": "seed = 1\n", "b.toml": "seed = 2\n"}, "2 个情景同时上传了"),
    "not text": ({"a.toml": "东".encode("gbk")}, "a.toml 不是 UTF-8 文本：请将文件存为 UTF-8"),
    "tables elsewhere": (
        {"a.toml": '[population]\nsource = "tables"\npath = "/etc"\n', "no": None},
        "指向没有一同上传的数据表",
    ),
}


def refused(files: Mapping[str, str | bytes | None], folder: Path) -> InputError:
    """The error of an upload; the other tables that it needs are whole."""
    whole = {"regions": REGIONS, "colleges": COLLEGES, "enterprises": ENTERPRISES}
    alone = any(name.endswith((".toml", ".png")) for name in files)
    given = {} if alone else {f"{n}.csv": t for n, t in whole.items() if f"{n}.parquet" not in files}
    sent = {name: text for name, text in {**given, **files}.items() if text is not None}
    content = {name: text.encode() if isinstance(text, str) else text for name, text in sent.items()}
    with pytest.raises(InputError) as caught:
        tables(uploads.scenario_from(content, folder))
    return uploads.of_upload(caught.value, folder)


@pytest.mark.parametrize("case", WRONG)
def test_wrong_tables_are_told_in_chinese(case: str, tmp_path: Path) -> None:
    files, expected = WRONG[case]
    error = refused(files, tmp_path)
    message = told("zh", error)
    assert expected in message, message
    assert not english_in(message), message
    assert str(tmp_path) not in message
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), told("zh", copy)) == (str(error), message)
    assert isinstance(error, TablesError) == ("数据表不能使用" in message)


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "regions.csv").mkdir()
    with pytest.raises(InputError) as caught:
        uploads.scenario_from({"regions.csv": REGIONS.encode()}, tmp_path)
    assert told("zh", caught.value) == "regions.csv 无法保存（是文件夹，不是文件）：请告诉管理服务器的人"
    for code in disk.NO_ROOM:
        error = OSError(code, os.strerror(code))
        monkeypatch.setattr(Path, "write_bytes", Mock(side_effect=error))
        with pytest.raises(InputError) as caught:
            uploads.scenario_from({"regions.csv": REGIONS.encode()}, tmp_path)
        assert told("zh", caught.value).endswith("：请在服务器上腾出空间，或少上传一些")


def test_a_store_with_a_held_file_is_told(tmp_path: Path) -> None:
    error = disk.HeldError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "000001.parquet"))
    assert told("zh", unwritable(tmp_path, error)).endswith(
        f"无法写入（没有权限）：请在打开 {tmp_path}/000001.parquet 的程序（Excel、查看器、杀毒软件）里关闭它，"
        "或者用 `--store` 另指定文件夹，再运行同一命令：已完成的运行会保留"
    )
    for code, mend in ((errno.ENOSPC, "请腾出空间，或用"), (errno.EROFS, "用")):
        assert f"：{mend} `--store` 另指定文件夹" in told("zh", unwritable(tmp_path, OSError(code, os.strerror(code))))


def test_every_setting_out_of_range_or_of_the_wrong_kind_is_told() -> None:
    texts = [f"[parameters]\n{name} = {value}\n" for name in CATALOGUE for value in ('"x"', "1e300", "-1e300")]
    texts += [f"[levers]\n{lever.name} = {value}\n" for lever in LEVERS for value in ('"x"', "1e300")]
    texts += [
        f'[[policies]]\nrule = "{name}"\n{setting} = 1e300\n'
        for name, rule in rules().items()
        for setting in settings(rule)
    ]
    for text in texts:
        message = refusal_of(f'base = "classroom"\n{text}')
        assert not english_in(message), message
        assert "（1）" not in message, "a plain number has no unit"


SCENARIOS = [
    'base = "chin"',
    "base = 3",
    'name = "a/b"',
    "seed = -1",
    "steps = 1.5",
    'sources = "x"',
    "title = 3",
    "levers = 3",
    "protocol = 'talk'",
    "[levers]\nplatfrom = 1",
    "[levers]\nqqqqqqqq = 1",
    "[parameters]\ninitial_trus = 1",
    "[population]\nn_region = 3",
    "[population]\nscale = 0",
    "[population]\nsource = 'tabels'",
    "[population]\nregions = 3",
    "[population]\nsource = 'tables'",
    "[population]\nn_students = -3",
    "policies = 3",
    "policies = [3]",
    "[[policies]]\nrate = 1",
    "[[policies]]\nrule = 'subsidi'",
    "[[policies]]\nrule = 'subsidy'\nrat = 1",
    "[[policies]]\nrule = 'subsidy'\nfrom = -1",
    "[[policies]]\nrule = 'subsidy'\nfrom = 8\nuntil = 4",
    "[[policies]]\nrule = 'subsidy'\nwhen = 3",
    "[[policies]]\nrule = 'subsidy'\nregions = [-1]",
    "changes = 3",
    "changes = [3]",
    "[[changes]]\nsubsidy_rate = 0.1",
    "[[changes]]\nfrom = 4",
    "[[changes]]\nfrom = -1\nsubsidy_rate = 0.1",
    "[[changes]]\nfrom = 4\nsubsidy_rate = 7",
    "[[changes]]\nfrom = 4\nsubsidy_rat = 0.1",
    "[[changes]]\nfrom = 4\nsteps = 8",
    "[[changes]]\nfrom = 4\npolicies = 3",
    "[[changes]]\nfrom = 4\npolicies = [{rule = 'subsidi'}]",
    "",
]


@pytest.mark.parametrize("text", SCENARIOS)
def test_wrong_scenarios_are_told_in_chinese(text: str) -> None:
    message = refusal_of(f"{text}\n")
    assert not english_in(message), message


QUERIES = (
    "scenario=nowhere",
    "set=initial_trust=7",
    "set=initial_trust=x",
    "set=initial_trus=0.1",
    "set=x",
    "seed=-1",
    "step=now",
    "then=4:scale=2",
    "then=x:subsidy_rate=1",
    "set=population.path=/etc",
    "then=3:subsidy_rate=7",
    "then_b=x:subsidy_rate=0.1",
    "set=levers=3",
    "set=subsidy.rate=2",
    "set=seed=x",
    "set=threads=2",
    "set=scenario=reform_package",
    "set=self=1",
    f"set=initial_trust={'[' * 5000}",
    f"set=initial_trust={'9' * 5000}",
    "set=initial_trust=2021-01-01",
    "set=a.b.c=1",
    "&".join(["a=b"] * 300),
)


@pytest.mark.parametrize("query", QUERIES)
def test_broken_links_are_told_in_chinese(query: str) -> None:
    with pytest.raises(InputError) as caught:
        links.read(query).build()
    message = told("zh", caught.value)
    assert not english_in(message), message
