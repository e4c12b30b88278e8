"""Say how far the sweeps in a store are: done, failed, rate, time left.

  abm status studies/talk-is-dear

Everything that it counts it has read, checksums included: what is not whole is named.
It only reads, and may look while a sweep is running. Of a folder of `abm run` it says which run it is.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine.language import paragraph, say, spoken

if TYPE_CHECKING:
    from experiments.sweep.store import Study

STALE = 30.0
"""Seconds without a sign of life after which a running sweep is thought to have died."""


MOST_TOLD = 5
"""Broken chunks that are named in a line."""


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm status`."""
    parser.add_argument("store", type=Path, help="folder of a store, or of one study in it")
    parser.add_argument("--json", action="store_true", help="for programs")


def main(args: argparse.Namespace) -> int:
    """Print a line a study; 1 if one is not complete."""
    from abm.results.saved import is_run
    from experiments.commands._store import found

    if is_run(args.store):
        return _of_run(args.store, as_json=args.json)
    states = [state(study) for study in found(args.store)]
    if args.json:
        print(json.dumps(states, indent=1))
    else:
        print("\n".join(_line(about) for about in states))
    return 0 if all(about["state"] == "finished" for about in states) else 1


def _of_run(folder: Path, *, as_json: bool) -> int:
    """Say which run a folder holds; 1 if it was stopped."""
    from abm.results.saved import run_manifest

    about = run_manifest(folder)
    text = say(
        "one run of {scenario} with seed {seed}: {n} of {all} steps, {state}", scenario=about["scenario"],
        seed=about["seed"], n=about["steps_done"], all=about["steps"],
        state=say("finished" if about["complete"] else "stopped"),
    )  # fmt: skip
    print(json.dumps(about, indent=1) if as_json else text)
    return 0 if about["complete"] else 1


def state(study: Study) -> dict[str, Any]:
    """How far a study is, from its files; what drivers say of themselves beside it."""
    from experiments.sweep.store import reading

    with reading(study.folder):
        broken = study.faults()
        summary = study.summary([number for number in study.chunks() if number not in broken])
    drivers = [about for path in sorted(study.folder.glob("progress*.json")) if (about := _said(path)) is not None]
    alive = [about for about in drivers if about["state"] == "running" and _age(about["updated"]) < STALE]
    done, runs = len(summary), int(study.manifest["runs"])
    stopped = "not running" if any(about["state"] == "running" for about in drivers) else "interrupted"
    left = [about["seconds_left"] for about in alive if about["seconds_left"] is not None]
    return {
        "design": study.manifest["design_name"],
        "plan": study.folder.name,
        "state": "damaged" if broken else "finished" if done == runs else "running" if alive else stopped,
        "runs": runs,
        "done": done,
        "failed": list(summary["status"]).count("failed"),
        "broken": [f"{name if isinstance(name, str) else f'chunk {name}'}: {why}" for name, why in broken.items()],
        "doubts": list(study.doubts),
        "rate": sum(about["rate"] for about in alive),
        "seconds_left": max(left) if left else None,
    }


def _said(path: Path) -> dict[str, Any] | None:
    """What a driver says of itself; None if it cannot be read. Nothing that is kept depends on it."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        _age(about["updated"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return about if {"state", "rate", "seconds_left"} <= about.keys() else None


def _age(updated: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(updated)).total_seconds()


def _line(about: dict[str, Any]) -> str:
    from abm.results.progress import duration

    text = say(
        "{study}: {n} of {all} runs, {failed} failed, {state}", study=f"{about['design']} {about['plan']}",
        n=f"{about['done']:,}", all=f"{about['runs']:,}", failed=about["failed"], state=say(about["state"]),
    )  # fmt: skip
    if about["state"] == "running":
        text += say(", {rate} runs/s", rate=f"{about['rate']:.1f}")
        if about["seconds_left"] is not None:
            text += say(", about {left} left", left=duration(about["seconds_left"]))
    if about["broken"]:
        # All of them are in --json.
        broken = [spoken(one) for one in about["broken"][:MOST_TOLD]]
        text += say("; ") + say("; ").join([*broken, say("the same `abm sweep` mends it")])
    return "\n  ".join([text, *map(paragraph, about["doubts"])])
