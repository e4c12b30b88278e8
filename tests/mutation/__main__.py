"""Choose mutants, try each in a copy of the tree, print the score and what survives."""

from __future__ import annotations

import argparse
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
PARTS = {
    "abm/quarter/negotiation": ["quarter/test_protocols.py", "quarter/test_situations.py", "quarter/test_diagnosis.py"],
    "abm/quarter/search": ["quarter/test_limits.py", "results/test_same_bytes.py"],
    "abm/quarter/delivery": ["quarter/test_delivery.py", "quarter/test_limits.py"],
    "abm/quarter/policy": ["quarter/test_policy.py", "scenario/test_policies.py"],
    "abm/quarter/community/surplus.py": ["quarter/test_surplus.py", "quarter/test_community.py"],
    "abm/scenario/policies": ["scenario/test_policies.py", "scenario/test_scenario.py", "scenario/test_changes.py"],
}
"""What is mutated, and the tests of it (below tests/) that are run on what the worlds do not notice."""
EVERYWHERE = ["quarter/test_single_lines.py"]
"""Tests of single lines, wherever they stand."""
LONGEST = 900
"""Seconds after which a mutant that does not come to an end is dead."""


def commit() -> str:
    """The commit that is checked out."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def sources(part: str) -> list[Path]:
    """Python files of a part."""
    place = ROOT / part
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def chosen(n: int, seed: str, only: str) -> list[Mutant]:
    """n mutants by chance."""
    everything = [m for part in PARTS for path in sources(part) for m in mutants_of(path) if only in str(path)]
    return random.Random(seed).sample(everything, min(n, len(everything)))


class Copies:
    """Copies of the tree, one for each process at a time."""

    def __init__(self, folder: Path, n: int) -> None:
        self.free: SimpleQueue[Path] = SimpleQueue()
        for i in range(n):
            place = folder / str(i)
            for name in ("abm", "experiments", "dashboards", "tests"):
                shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(ROOT / "pyproject.toml", place)
            self.free.put(place)

    def run(self, place: Path, command: list[str], *, compiled: bool) -> int:
        """Exit code of a command in a copy."""
        settings = {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1", "ABM_CACHE_DIR": str(place / "cache")}
        if not compiled:
            settings["NUMBA_DISABLE_JIT"] = "1"
        try:
            done = subprocess.run(
                [sys.executable, "-m", *command], cwd=place, env={**os.environ, **settings},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return -1
        return done.returncode


def killed_by(mutant: Mutant, copies: Copies, known: Path) -> str:
    """What notices a mutant; empty if nothing does."""
    place = copies.free.get()
    inside = mutant.path.relative_to(ROOT)
    target = place / inside
    before = target.read_bytes()
    try:
        target.write_text(mutant.source(), "utf-8")
        if copies.run(place, ["tests.mutation.probe", str(known)], compiled=False):
            return "a world"
        tests = EVERYWHERE + next(tests for part, tests in PARTS.items() if inside.as_posix().startswith(part))
        options = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
        return (
            "a test"
            if copies.run(place, ["pytest", *options, *(f"tests/{test}" for test in tests)], compiled=True)
            else ""
        )
    finally:
        target.write_bytes(before)
        copies.free.put(place)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--n", type=int, default=100, help="mutants (default 100)")
    parser.add_argument("--seed", default="", help="what chooses them (default: the commit's hash)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="only files with this in their path")
    options = parser.parse_args()
    seed = options.seed or commit()
    mutants = chosen(options.n, seed, options.only)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        known = Path(folder) / "known.json"
        copies = Copies(Path(folder), options.processes)
        place = copies.free.get()
        if copies.run(place, ["tests.mutation.probe", str(known)], compiled=False):
            print("the worlds of the golden file cannot be played in plain Python")
            return 2
        copies.free.put(place)
        with ThreadPoolExecutor(options.processes) as pool:
            found = []
            for mutant, by in zip(mutants, pool.map(lambda m: killed_by(m, copies, known), mutants), strict=True):
                found.append(by)
                where = f"{mutant.path.relative_to(ROOT).as_posix()}:{mutant.line}"
                print(f"{len(found):4d}/{len(mutants)} {by or 'SURVIVES':9s} {mutant.kind:10s} {where}", flush=True)
                if not by:
                    print("\n".join(difflib.ndiff([mutant.before], [mutant.after])), flush=True)
    dead = sum(map(bool, found))
    print(f"{dead} of {len(mutants)} mutants are noticed ({dead / max(1, len(mutants)):.0%}); seed {seed}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
