"""Build the manual: every page of docs/, the references that the program writes itself, in English and Chinese.

    pip install -e ".[docs]"
    python docs/build.py            # build/manual/index.html, for any browser, without a network

Pages are put together in a folder as they lie in the repository, so that the links between them hold; a link to a file
of the sources becomes its name. Sphinx with MyST and Furo makes the pages (BSD, MIT, MIT; nothing on a page comes from
elsewhere, and the search works from a file too). Notebooks of docs/notebooks are pages as they are stored, with what
came out of them.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md", "abm/ODD.md")
NOTEBOOKS = ROOT / "docs" / "notebooks"
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)")
KINDS = {
    "en": (
        ("Tutorial", ["README", "docs/tutorial", "docs/notebooks/first_study", "docs/first_sweep",
                      "docs/first_policy"]),
        ("How to", ["docs/experiments", "docs/extend", "docs/cite_and_archive", "docs/dashboard", "docs/server",
                    "docs/play", "CONTRIBUTING"]),
        ("Reference", ["reference/commands", "reference/columns", "reference/parameters", "reference/levers",
                       "reference/policies", "reference/metrics", "reference/protocols", "reference/scenarios",
                       "reference/python"]),
        ("Explanation", ["docs/model_on_one_page", "abm/ODD", "docs/methods", "docs/policy_methods",
                         "docs/methods_trusted", "docs/limits", "docs/validation", "docs/targets", "docs/data",
                         "docs/trace", "docs/world_size", "docs/paper",
                         "docs/productive_forces", "docs/results/README", "docs/trust", "docs/performance",
                         "docs/play_performance", "docs/find_your_way", "docs/changes_of_results", "CHANGELOG"]),
    ),
    "zh": (
        ("教程", ["README.zh", "docs/tutorial_zh", "docs/notebooks/first_study_zh", "docs/first_sweep_zh",
                  "docs/first_policy_zh"]),
        ("怎么做", ["docs/experiments_zh", "docs/extend_zh", "docs/cite_and_archive_zh", "docs/dashboard_zh",
                    "docs/server_zh", "docs/play_zh"]),
        ("参考", ["reference/commands", "reference/columns", "reference/parameters", "reference/levers",
                  "reference/policies", "reference/metrics", "reference/protocols", "reference/scenarios"]),
        ("说明", ["docs/model_on_one_page_zh", "docs/limits_zh", "docs/data_zh", "docs/methods_zh",
                  "docs/policy_methods_zh", "docs/paper_zh",
                  "docs/productive_forces_zh"]),
        ("只有英文的页面", ["docs/methods_trusted", "abm/ODD", "docs/validation", "docs/targets", "docs/trace",
                            "docs/world_size",
                            "docs/results/README", "docs/trust", "docs/changes_of_results", "CONTRIBUTING",
                            "CHANGELOG", "reference/python"]),
    ),
}  # fmt: skip
"""Pages by kind (tutorial, how-to, reference, explanation)."""
LISTINGS = ("columns", "parameters", "policies", "metrics", "protocols", "scenarios")
"""Commands whose output is a page."""
HEADS = {"en": ("Commands", "Python"), "zh": ("命令", "Python")}
LEVERS = {
    "en": (
        "Levers",
        "What a policy may move. Rules of a scenario or `[levers]` set it, and `--set subsidy_rate=0.3` for one run; "
        "`abm explain subsidy_rate` says more, with equations and source. *No rule, several*: its value "
        "without a rule, and how several rules on it combine. *Money*: what its own cost counts as (`subsidy`: in the "
        "metric `spent_subsidy`); the contracts that it brings about may cost public money too.",
        ("lever and unit", "range", "no rule, several", "rules that move it", "money"),
    ),
    "zh": (
        "杠杆",
        "政策所能推动的量。由情景中的规则或 `[levers]` 设定，单次运行用 `--set subsidy_rate=0.3`；"
        "`abm explain subsidy_rate` 说得更多，并列出方程和来源。“无规则，多条”：没有规则时的值，以及多条规则怎样合并。"
        "“资金”：自身花费计入哪一类（`subsidy` 即指标 `spent_subsidy`）；它促成的合同也可能要花公共资金。",
        ("杠杆及单位", "范围", "无规则，多条", "推动它的规则", "资金"),
    ),
}
"""Title, first words and headings of the page of levers."""


def said(*words: str) -> str:
    """What a command prints."""
    from abm.commands._main import main

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main(list(words))
    return out.getvalue()


def gather(place: Path, language: str) -> None:
    """Put all pages of a language into a folder, as they lie in the repository."""
    for path in [*(ROOT / name for name in PAGES), *(ROOT / "docs").glob("*.md"), ROOT / "docs/results/README.md"]:
        target = place / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_linked(path.read_text("utf-8"), path), "utf-8")
    for path in NOTEBOOKS.glob("*.ipynb"):
        target = place / path.relative_to(ROOT).with_suffix(".md")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_linked(_page_of(json.loads(path.read_text("utf-8")), target), path), "utf-8")
    for path in (ROOT / "docs").rglob("*.png"):
        target = place / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    _references(place / "reference", language)
    named: set[str] = set()
    lines = [f"# {'手册' if language == 'zh' else 'Manual'}", ""]
    for kind, names in KINDS[language]:
        lines += ["```{toctree}", ":maxdepth: 1", f":caption: {kind}", "", *names, "```", ""]
        named |= set(names)
    (place / "index.md").write_text("\n".join(lines), "utf-8")
    for path in place.rglob("*.md"):
        if path.relative_to(place).with_suffix("").as_posix() not in named | {"index"}:
            path.write_text("---\norphan: true\n---\n" + path.read_text("utf-8"), "utf-8")


def _page_of(notebook: dict[str, Any], target: Path) -> str:
    """A notebook as the text of a page: what it says, its code, and what came out; pictures are written beside it."""
    parts: list[str] = []
    for number, cell in enumerate(notebook["cells"]):
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        for out in cell.get("outputs", ()):
            data = {kind: "".join(text) for kind, text in out.get("data", {"text/plain": out.get("text", "")}).items()}
            if "image/png" in data:
                picture = target.with_name(f"{target.stem}_{number}.png")
                picture.write_bytes(base64.b64decode(data["image/png"]))
                # What the picture is of is said in the cell before; the code that drew it stands above.
                parts.append(f"![]({picture.name})")
            elif "text/html" in data:
                parts.append(f"```{{raw}} html\n{data['text/html'].strip()}\n```")
            else:
                parts.append(f"```text\n{data['text/plain'].rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def _linked(text: str, page: Path) -> str:
    return LINK.sub(lambda link: _kept(link, page), text)


def _kept(link: re.Match[str], page: Path) -> str:
    """A link to a page that is there; of another file its name."""
    text, path = link[1], (page.parent / link[2]).resolve()
    if path.parent == NOTEBOOKS and path.suffix == ".ipynb" and path.is_file():
        return f"[{text}]({link[2].removesuffix('.ipynb')}.md)"
    is_page = path.suffix == ".md" and path.is_file() and path.is_relative_to(ROOT)
    inside = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    is_there = is_page and (inside in PAGES or path.parent == ROOT / "docs" or inside == "docs/results/README.md")
    is_picture = path.suffix == ".png" and path.is_file() and path.is_relative_to(ROOT / "docs")
    return link[0] if is_there or is_picture or link[2].startswith("http") else text


def _references(place: Path, language: str) -> None:
    from abm.commands._main import command_modules

    place.mkdir()
    commands, python = HEADS[language]
    lines = [f"# {commands}", ""]
    for name in ("", *command_modules()):
        lines += [f"## abm {name}".rstrip(), "", "```text"]
        lines += [said("--lang", language, *([name] if name else []), "--help").rstrip(), "```", ""]
    (place / "commands.md").write_text("\n".join(lines), "utf-8")
    for name in LISTINGS:
        listed = said("--lang", language, name)
        text = f"# abm {name}\n\n```text\n{listed.rstrip()}\n```\n"
        (place / f"{name}.md").write_text(text, "utf-8")
    (place / "levers.md").write_text(_levers(language), "utf-8")
    text = f"# {python}\n\n```{{eval-rst}}\n.. automodule:: abm\n   :members:\n   :imported-members:\n```\n"
    (place / "python.md").write_text(text, "utf-8")


@cache
def _movers() -> dict[str, list[str]]:
    """Names of the rules that move a lever, by its name."""
    from abm.commands._explanations import lever
    from abm.world.levers import LEVERS as DECLARED

    return {of.name: lever(of)["moved by"] for of in DECLARED}


def _levers(language: str) -> str:
    """The page of levers, from what the model declares of them."""
    from abm.machine.language import in_language
    from abm.world.levers import COLUMN, SPENDING, SPENDS
    from abm.world.levers import LEVERS as DECLARED

    title, words, heads = LEVERS[language]
    rows: list[tuple[str, ...]] = [heads, ("---",) * len(heads)]
    for of in DECLARED:
        label = of.label_zh if language == "zh" else of.label
        kind = SPENDS.get(COLUMN[of.name])
        rows.append((
            f"`{of.name}`<br>{label}<br>*{in_language(language, of.unit)}*",
            f"{of.low:g}-{of.high:g}",
            f"{of.neutral:g}, {of.combine}",
            "<br>".join(f"`{rule}`" for rule in _movers()[of.name]),
            "" if kind is None else f"`{SPENDING[kind]}`",
        ))  # fmt: skip
    return f"# {title}\n\n{words}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def build(language: str, out: Path) -> list[str]:
    """Build the pages of one language; the warnings."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "pages"
        gather(place, language)
        words = ["-m", "sphinx", "-q", "-E", "-b", "html", "-c", str(ROOT / "docs" / "site"), "-d", f"{folder}/kept"]
        answer = subprocess.run(
            [sys.executable, *words, str(place), str(out / language)],
            capture_output=True, text=True, env=os.environ | {"MANUAL": language, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        if answer.returncode:
            raise SystemExit(answer.stderr)
        return [line.replace(f"{place}/", "") for line in answer.stderr.splitlines() if line.strip()]


START = """<!doctype html>
<meta charset="utf-8">
<title>industry-education-abm</title>
<script>location.replace((navigator.language.startsWith("zh") ? "zh" : "en") + "/index.html")</script>
<p><a href="en/index.html">English</a> · <a href="zh/index.html">中文</a></p>
"""


def main() -> int:
    """Build both languages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "manual")
    out: Path = parser.parse_args().out
    begun = time.perf_counter()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    warned = [line for language in KINDS for line in build(language, out)]
    (out / "index.html").write_text(START, "utf-8")
    print("\n".join(warned))
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
    n_pages = len(list(out.rglob("*.html")))
    print(f"{out}: {n_pages} pages, {size:.1f} MB, {len(warned)} warnings, {time.perf_counter() - begun:.0f} s")
    return 1 if warned else 0


if __name__ == "__main__":
    raise SystemExit(main())
