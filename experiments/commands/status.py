"""Say how far the sweeps in a store are: done, failed, rate, time left.

  abm status studies/talk-is-dear

It only reads, and may look while a sweep is running.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.store import Study

STALE = 30.0
"""Seconds without a sign of life after which a running sweep is thought to have died."""


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm status`."""
    parser.add_argument("store", type=Path, help="folder of a store, or of one study in it")
    parser.add_argument("--json", action="store_true", help="for programs")


def main(args: argparse.Namespace) -> int:
    """Print a line a study; 1 if one is not complete."""
    from experiments.commands._store import found

    states = [state(study) for study in found(args.store)]
    if args.json:
        print(json.dumps(states, indent=1))
    else:
        print("\n".join(_line(about) for about in states))
    return 0 if all(about["done"] == about["runs"] for about in states) else 1


def state(study: Study) -> dict[str, Any]:
    """How far a study is, from its files; what drivers say of themselves beside it."""
    from experiments.store import reading

    with reading(study.folder):
        summary = study.summary()
    drivers = [about for path in sorted(study.folder.glob("progress*.json")) if (about := _said(path)) is not None]
    alive = [about for about in drivers if about["state"] == "running" and _age(about["updated"]) < STALE]
    done, runs = len(summary), int(study.manifest["runs"])
    stopped = "not running" if any(about["state"] == "running" for about in drivers) else "interrupted"
    left = [about["seconds_left"] for about in alive if about["seconds_left"] is not None]
    return {
        "design": study.manifest["design_name"],
        "plan": study.folder.name,
        "state": "finished" if done == runs else "running" if alive else stopped,
        "runs": runs,
        "done": done,
        "failed": list(summary["status"]).count("failed"),
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
    from abm.progress import duration

    text = f"{about['design']} {about['plan']}: {about['done']:,} of {about['runs']:,} runs, {about['failed']} failed"
    text += f", {about['state']}"
    if about["state"] == "running":
        left = "" if about["seconds_left"] is None else f", about {duration(about['seconds_left'])} left"
        text += f", {about['rate']:.1f} runs/s{left}"
    return text
