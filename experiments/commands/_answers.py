"""Answers of questions as folders of the documentation: a report each, small enough to be kept, and an index."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from abm.machine import disk
from abm.machine.language import paragraph, say, speaking
from abm.results.folder import DICTIONARY
from abm.results.progress import duration
from experiments.questions import Reply, Setting, wording
from experiments.report import markdown, report
from experiments.runs import files

LARGEST_TABLE = 60_000
"""Bytes of a table that is kept beside the answer; larger ones stay with the full report."""
ABOUT = "answer.json"
CHINESE = "zh"
"""Entry of an answer: title, question and answer in Chinese."""
REPORTS = "reports"
"""Folder of the store with the full reports."""
HASH = "hash"
"""Entry of an answer: what `abm reproduce` compares."""
QUICK = "Answered from a fraction of the runs (--quick): intervals are wider than they need be."


def answer(
    name: str,
    question: ModuleType,
    setting: Setting,
    out: Path,
    *,
    robust: str | None = None,
    made_by: Mapping[str, Any] | None = None,
    is_bilingual: bool = False,
) -> str:
    """Ask, write the full report beside the store and the short one into ``out``; the answer in words.

    robust: ask in other worlds too, "crossed" or "each" alone, from a fraction of the runs, and say which conclusions
    survive. made_by: ``model()`` before the first of several answers, whose files make the sources differ.
    is_bilingual: ask again in Chinese, of the runs that are there then, for the index in Chinese.
    """
    begun = time.perf_counter()
    reply = question.ask(setting)
    seconds = _longest(reply, time.perf_counter() - begun, setting.store / REPORTS / f"{name}.json", out / name / ABOUT)
    tables, said, survived = dict(reply.tables), reply.answer, None
    if robust:
        from experiments.commands._robust import of_question

        survived = of_question(question, setting, robust)
        tables |= {"robustness": survived.table, "robustness_worlds": survived.cells}
        with speaking("en"):
            said = f"{said} {survived.answer()}"
    caveats = (*question.CAVEATS, *reply.caveats, *((QUICK,) if setting.is_quick else ()))
    provenance = {
        "command": f"abm questions {name}" + (" --quick" if setting.is_quick else ""),
        "runs": f"{reply.n_runs:,}",
        "time": f"{duration(seconds)} (runs found in the store take none)",
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        **(made_by or model()),
        **reply.provenance,
    }
    full = report.write(
        setting.store / REPORTS / name, question.TITLE, wording(question), said, tables, reply.figures,
        provenance, caveats,
    )  # fmt: skip
    about: dict[str, Any] = {
        "title": question.TITLE,
        "question": wording(question),
        "answer": said,
        "runs": reply.n_runs,
        HASH: hash_of(reply),
    }
    about["figure"] = next(iter(reply.figures), "")
    if is_bilingual:
        with speaking("zh"):
            in_chinese = question.ask(replace(setting, is_quiet=True)).answer + (survived.answer() if survived else "")
            told = {"title": question.TITLE, "question": wording(question), "answer": in_chinese}
            about[CHINESE] = {key: paragraph(text) for key, text in told.items()}
    shorten(full, out / name, about | {"seconds": round(seconds, 1), "is_quick": setting.is_quick})
    return said


def _longest(reply: Reply, seconds: float, kept: Path, answered: Path) -> float:
    """What an answer took, or took before if it is made again from runs that the store has: the same answer by its
    hash, as the store knows of it (``kept``, written here) or the folder of answers does."""
    own = hash_of(reply)
    same = [float(before["seconds"]) for place in (kept, answered) if (before := known(place)) and before[HASH] == own]
    seconds = max([seconds, *same])
    kept.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(kept, json.dumps({HASH: own, "seconds": seconds}))
    return seconds


def known(place: Path) -> dict[str, Any] | None:
    """What a file of an answer says of it: hash, seconds, runs; None where there is none that can be read."""
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) and float(found["seconds"]) >= 0 and found[HASH] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def hash_of(reply: Reply) -> str:
    """Hash of an answer's words and tables, numbers to six digits: the same wherever the same runs gave the same."""
    digest = hashlib.blake2b(reply.answer.encode(), digest_size=16)
    for name, table in sorted(reply.tables.items()):
        digest.update(
            f"\n{name}\n".encode() + table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
        )
    return digest.hexdigest()


def model() -> dict[str, Any]:
    """Version and commit of the model, and the machine."""
    from experiments.runs import identity

    installed = identity.installation()
    kept = ("commit", "python", "platform", "processor", "packages")
    return {"model": identity.model(), **{key: installed[key] for key in kept}}


def shorten(full: Path, place: Path, about: dict[str, Any]) -> None:
    """Copy text, PNG figures, provenance and small tables of a report."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=place.parent, prefix=f".{place.name}-", ignore_cleanup_errors=True
        ) as beside:
            _copy(full, Path(beside) / place.name, about)
            disk.take_place(Path(beside) / place.name, place)
    except OSError as error:
        raise disk.unwritable(f"{place}", error, "give another folder with --out") from error


def _copy(full: Path, place: Path, about: dict[str, Any]) -> None:
    (place / "figures").mkdir(parents=True)
    for path in sorted((full / "figures").glob("*.png")):
        shutil.copy(path, place / "figures" / path.name)
    dropped: list[str] = []
    for path in sorted(set((full / "tables").glob("*.csv")) - {full / "tables" / f"{DICTIONARY}.csv"}):
        if path.stat().st_size > LARGEST_TABLE:
            dropped.append(path.name)
            continue
        (place / "tables").mkdir(exist_ok=True)
        shutil.copy(path, place / "tables" / path.name)
    text = (full / "report.md").read_text(encoding="utf-8")
    for name in dropped:
        text = text.replace(f"all are in tables/{name}", "the command writes the others into its store")
    (place / "report.md").write_text(text, encoding="utf-8")
    shutil.copy(full / report.PROVENANCE, place / report.PROVENANCE)
    (place / ABOUT).write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def last_time(out: Path, names: Sequence[str], is_quick: bool) -> tuple[float, int] | None:
    """Seconds and runs of the answers that a folder has, as fully answered; None where one lacks."""
    found: list[tuple[float, int]] = []
    for name in names:
        about = known(out / name / ABOUT)
        if about and about.get("is_quick") == is_quick and isinstance(about.get("runs"), int):
            found.append((float(about["seconds"]), about["runs"]))
    if not names or len(found) < len(names):
        return None
    return sum(seconds for seconds, _ in found), sum(runs for _, runs in found)


def index(out: Path) -> Path:
    """Write the pages that list all answers in a folder, in Chinese where one is told in it; the English one's path."""
    answers = [(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(out.glob(f"*/{ABOUT}"))]
    place = _page(out / "README.md", answers)
    if any(CHINESE in about for _, about in answers):
        with speaking("zh"):
            _page(out / "README.zh.md", [(folder, about | about.get(CHINESE, {})) for folder, about in answers])
    return place


def _page(place: Path, answers: Sequence[tuple[Path, dict[str, Any]]]) -> Path:
    lines = [
        f"# {say('What the model answers')}",
        "",
        say("Made by `abm questions`; each folder says from which runs."),
        "",
    ]
    for folder, about in answers:
        quick = say(", quick") if about["is_quick"] else ""
        title, question, answer = (markdown.line(about[key]) for key in ("title", "question", "answer"))
        lines += [f"## {title}", "", f"*{question}*", "", answer, ""]
        if about["figure"]:
            lines += [f"![{title}]({folder.name}/figures/{about['figure']}.png)", ""]
        runs = say("{n} runs, {time}", n=f"{about['runs']:,}", time=duration(about["seconds"]))
        lines += [f"[{say('The whole report')}]({folder.name}/report.md) ({runs}{quick})", ""]
    try:
        files.write_text(place, "\n".join(lines))
    except OSError as error:
        raise disk.unwritable(f"{place}", error, "give another folder with --out") from error
    return place
