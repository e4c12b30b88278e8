"""Build the manual: every page of docs/, the references that the program writes itself, in English and Chinese.

    pip install -e ".[docs]"
    python docs/build.py            # build/manual/index.html, for any browser, without a network

Pages are put together in a folder as they lie in the repository, so that the links between them hold; a link to a file
of the sources becomes its name. Sphinx with MyST and Furo makes the pages (BSD, MIT, MIT; nothing on a page comes from
elsewhere, and the search works from a file too).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md", "abm/ODD.md")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)")
KINDS = {
    "en": (
        ("Tutorial", ["README", "docs/tutorial"]),
        ("How to", ["docs/experiments", "docs/extend", "docs/server", "docs/play", "CONTRIBUTING"]),
        ("Reference", ["reference/commands", "reference/columns", "reference/parameters", "reference/policies",
                       "reference/metrics", "reference/protocols", "reference/scenarios", "reference/python"]),
        ("Explanation", ["abm/ODD", "docs/methods", "docs/policy_methods", "docs/methods_trusted", "docs/validation",
                         "docs/world_size", "docs/paper", "docs/productive_forces", "docs/results/README", "docs/trust",
                         "docs/performance", "docs/play_performance", "docs/find_your_way",
                         "docs/changes_of_results", "CHANGELOG"]),
    ),
    "zh": (
        ("教程", ["README.zh", "docs/tutorial_zh"]),
        ("怎么做", ["docs/experiments_zh", "docs/extend_zh", "docs/server_zh", "docs/play_zh"]),
        ("参考", ["reference/commands", "reference/columns", "reference/parameters", "reference/policies",
                  "reference/metrics", "reference/protocols", "reference/scenarios"]),
        ("说明", ["docs/methods_zh", "docs/policy_methods_zh", "docs/paper_zh", "docs/productive_forces_zh"]),
        ("只有英文的页面", ["docs/methods_trusted", "abm/ODD",
                            "docs/validation", "docs/world_size", "docs/results/README", "reference/python"]),
    ),
}  # fmt: skip
"""Pages by kind (tutorial, how-to, reference, explanation)."""
LISTINGS = ("columns", "parameters", "policies", "metrics", "protocols", "scenarios")
"""Commands whose output is a page."""
HEADS = {"en": ("Commands", "Python"), "zh": ("命令", "Python")}


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
        target.write_text(LINK.sub(lambda link, at=path: _kept(link, at), path.read_text("utf-8")), "utf-8")
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


def _kept(link: re.Match[str], page: Path) -> str:
    """A link to a page that is there; of another file its name."""
    text, path = link[1], (page.parent / link[2]).resolve()
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
    text = f"# {python}\n\n```{{eval-rst}}\n.. automodule:: abm\n   :members:\n   :imported-members:\n```\n"
    (place / "python.md").write_text(text, "utf-8")


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
