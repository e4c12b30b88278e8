"""Answers of questions as folders of the documentation: a report each, small enough to be kept, and an index."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from abm.progress import duration
from experiments import report
from experiments.questions import Setting, wording

LARGEST_TABLE = 60_000
"""Bytes of a table that is kept beside the answer; larger ones stay with the full report."""
ABOUT = "answer.json"
QUICK = "Answered from a fraction of the runs (--quick): intervals are wider than they need be."


def answer(name: str, question: ModuleType, setting: Setting, out: Path) -> str:
    """Ask, write the full report beside the store and the short one into ``out``; the answer in words."""
    begun = time.perf_counter()
    reply = question.ask(setting)
    seconds = time.perf_counter() - begun
    caveats = (*question.CAVEATS, *reply.caveats, *((QUICK,) if setting.is_quick else ()))
    provenance = {
        "command": f"abm questions {name}" + (" --quick" if setting.is_quick else ""),
        "runs": f"{reply.n_runs:,}",
        "time": f"{duration(seconds)} (runs found in the store take none)",
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        **_model(),
        **reply.provenance,
    }
    full = report.write(
        setting.store / "reports" / name, question.TITLE, wording(question), reply.answer, reply.tables, reply.figures,
        provenance, caveats,
    )  # fmt: skip
    about: dict[str, Any] = {
        "title": question.TITLE,
        "question": wording(question),
        "answer": reply.answer,
        "runs": reply.n_runs,
    }
    about["figure"] = next(iter(reply.figures), "")
    shorten(full, out / name, about | {"seconds": round(seconds, 1), "is_quick": setting.is_quick})
    return reply.answer


def _model() -> dict[str, Any]:
    """Version and commit of the model, and the machine."""
    from experiments import identity

    installed = identity.installation()
    kept = ("commit", "python", "platform", "processor", "packages")
    return {"model": identity.model(), **{key: installed[key] for key in kept}}


def shorten(full: Path, place: Path, about: dict[str, Any]) -> None:
    """Copy text, PNG figures, provenance and small tables of a report."""
    shutil.rmtree(place, ignore_errors=True)
    (place / "figures").mkdir(parents=True)
    for path in sorted((full / "figures").glob("*.png")):
        shutil.copy(path, place / "figures" / path.name)
    dropped: list[str] = []
    for path in sorted((full / "tables").glob("*.csv")):
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


def index(out: Path) -> Path:
    """Write the page that lists all answers in a folder; its path."""
    lines = ["# What the model answers", "", "Made by `abm questions`; each folder says from which runs.", ""]
    for path in sorted(out.glob(f"*/{ABOUT}")):
        about = json.loads(path.read_text(encoding="utf-8"))
        folder = path.parent
        quick = ", quick" if about["is_quick"] else ""
        lines += [f"## {about['title']}", "", f"*{about['question']}*", "", about["answer"], ""]
        if about["figure"]:
            lines += [f"![{about['title']}]({folder.name}/figures/{about['figure']}.png)", ""]
        took = duration(about["seconds"])
        lines += [f"[The whole report]({folder.name}/report.md) ({about['runs']:,} runs, {took}{quick})", ""]
    place = out / "README.md"
    place.write_text("\n".join(lines), encoding="utf-8")
    return place
