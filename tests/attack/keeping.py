"""What the dashboard and single runs keep on disk: killed at any moment, or refused by the disk at each write in turn.

A world of a visitor, a results folder, a run as one file: whole or not there, the one before untouched, and said.
"""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import abm
from abm.machine import disk
from abm.machine.errors import InputError
from abm.population.example import write_example
from abm.scenario import load
from dashboards.live.worlds import Worlds
from tests.attack.faults import failing
from tests.attack.tally import Tally

KINDS = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)
STEPS = 3


def _tables(place: Path) -> list[Path]:
    return sorted(path for path in write_example(place) if path.suffix == ".csv")


def keep_for_ever(folder: str, tables: str) -> None:
    """Keep one world after the other, until somebody ends it."""
    worlds, brought = Worlds(), sorted(Path(tables).glob("*.csv"))
    worlds.keep_in(Path(folder), 30)
    print("begun", flush=True)
    while True:
        worlds.keep(load("classroom"), brought)


def broken(worlds: Worlds) -> str:
    """What is wrong with the kept worlds; empty for nothing."""
    assert worlds.folder is not None
    for place in sorted(worlds.folder.iterdir()):
        if place.name.startswith("."):
            continue
        try:
            found = worlds.find(place.name).scenario
            n = len(list((place / "tables").glob("*.csv")))
        except (InputError, OSError) as error:
            return f"{place.name}: {error}"
        if found.name != "classroom" or n < 3:
            return f"{place.name}: {found.name}, {n} tables"
    return ""


def kills(n: int, seed: int, until: float) -> Tally:
    """kill -9 of a server that keeps worlds, at random moments; what it had kept is whole."""
    tally, chance = Tally("faults", "kill -9 while visitors' worlds are kept"), random.Random(seed)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        tables, kept = Path(place) / "tables", Path(place) / "kept"
        _tables(tables)
        worlds = Worlds()
        worlds.keep_in(kept, 30)
        while tally.tried < n and time.monotonic() < until:
            command = [sys.executable, "-m", "tests.attack.keeping", str(kept), str(tables)]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
                assert child.stdout is not None
                child.stdout.readline()
                time.sleep(chance.uniform(0.0, 0.08))
                child.send_signal(signal.SIGKILL)
            said = broken(worlds)
            tally.check(not said, "all whole", said)
            for one in list(kept.iterdir()):
                worlds.forget(one.name.removeprefix("."))
    tally.seconds = time.monotonic() - begun
    return tally


def refusals(n: int, seed: int, until: float) -> Tally:
    """The disk refuses from the n-th write on, for every n: results of a run, a run as one file, a kept world."""
    from dashboards.commands import export

    tally = Tally("faults", "ENOSPC, EROFS, EACCES and EIO at each write of results, one-file runs and kept worlds")
    begun = time.monotonic()
    results = abm.run("classroom", seed=seed, steps=STEPS, **{"population.n_enterprises": 40})
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(disk, "PATIENCE", 0.05):
        place = Path(folder)
        results.save(place / "results")
        worlds, brought = Worlds(), _tables(place / "tables")
        worlds.keep_in(place / "kept", 30)
        parser = export.argparse.ArgumentParser()
        export.register(parser)
        asked = parser.parse_args([str(place / "results"), "--html", str(place / "run.html"), "--language", "en"])
        before = {path: path.read_bytes() for path in (place / "results").rglob("*") if path.is_file()}

        def unlike(error: InputError) -> str:
            old = [path for path in place.iterdir() if path.suffix == ".old"]
            if old and not (place / "results").exists():
                # Where not even the way back is left, it is said where they lie.
                if str(old[0]) not in str(error):
                    return f"nobody says that the results of before are {old[0].name}"
                old[0].rename(place / "results")
            now = {path: path.read_bytes() for path in before if path.is_file()}
            if now != before:
                return "the results of before are not as they were"
            if (place / "run.html").read_text()[:6] != "before":
                return "the file of before is not as it was"
            return broken(worlds)

        acts: dict[str, Callable[[], object]] = {
            "results": lambda: results.save(place / "results"), "one file": lambda: export.main(asked),
            "world": lambda: worlds.keep(load("classroom"), brought),
        }  # fmt: skip
        for name, act in acts.items():
            (place / "run.html").write_text("before")
            for at in range(1, n + 1):
                if tally.tried > 12 and time.monotonic() > until:
                    break
                number = KINDS[at % len(KINDS)]
                what = f"{name} {errno.errorcode[number]} {at}"
                with failing(at, number) as count:
                    try:
                        act()
                    except InputError as error:
                        said = unlike(error)
                        tally.check(not said, "told, and all as before", f"{what}: {said}")
                    except BaseException as error:  # noqa: BLE001
                        tally.fall(f"{what}: {type(error).__name__}: {error}")
                    else:
                        said = "" if count[0] < at else "went on as if nothing were"
                        tally.check(not said, "never came to it", f"{what}: {said}")
                        break
                left = [path.name for path in place.iterdir() if path.name.startswith(".")]
                if left:
                    tally.fall(f"{what}: {left} is left behind")
    tally.seconds = time.monotonic() - begun
    return tally


PARTS = {"worlds": kills, "keeping": refusals}

if __name__ == "__main__":
    os.environ.setdefault("ABM_WARMUP", "0")
    keep_for_ever(*sys.argv[1:])
