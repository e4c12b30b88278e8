"""Kills, signals, full disks, flipped bits, clocks and two drivers at once, while a sweep is written and read.

After each of them the same sweep goes on; then every planned run is there once, with the result that an undisturbed
sweep gives (0 lost, 0 double, 0 different), and nothing is left half-written.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

from abm.machine import disk
from abm.machine.errors import InputError
from experiments.design import Design, load
from experiments.runs import files
from experiments.sweep import sweep
from experiments.sweep.store import StoreError, Study, reading, studies
from tests.attack.tally import Tally
from tests.experiments.simulators import BASE

PATIENCE = 60
"""Seconds that a sweep of a second may take on a busy machine."""
STEPS = ("flush", "replace", "rename", "remove")
"""Functions of abm.machine.disk through which everything that a store keeps is put into place."""


def asked(simulator: str = "at_once", replications: int = 6) -> Design:
    """A small sweep of 24 runs."""
    return load(BASE, simulator=f"tests.experiments.simulators:{simulator}", replications=replications)


def main(store: str, simulator: str, workers: str, at: str) -> None:
    """A driver in a process of its own; with ``at`` it kills itself at its n-th step of writing."""
    n = int(at)
    if n:
        for name in STEPS:
            setattr(disk, name, _dying(getattr(disk, name), [n], name))
    executor = "processes" if int(workers) > 1 else "serial"
    sweep(asked(simulator), store, int(workers), executor, True)


_steps = [0]


def _dying(act: Callable[..., Any], at: list[int], name: str) -> Callable[..., Any]:
    def step(*given: Any, **more: Any) -> Any:
        _steps[0] += 1
        if _steps[0] == at[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*given, **more)

    return step


def started(store: Path, simulator: str = "sleeping_50_ms", workers: int = 2, at: int = 0) -> subprocess.Popen[bytes]:
    """A driver."""
    words = [sys.executable, "-m", "tests.attack.faults", str(store), simulator, str(workers), str(at)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def hashes(study: Study) -> list[tuple[Any, ...]]:
    """What came out, by run."""
    runs = study.runs()
    return sorted(zip(runs["point"], runs["replication"], runs["result_hash"], strict=True))


def unlike(store: Path, simulator: str, right: list[tuple[Any, ...]]) -> str:
    """What is wrong after the same sweep has been gone on with; empty if nothing is."""
    study = sweep(asked(simulator), store, 1, "serial", True)
    found = hashes(study)
    if found != right:
        n = len(set(found))
        return f"{len(right) - n} lost, {len(found) - n} double, {len(set(found) - set(right))} other"
    if study.faults():
        return f"not whole: {study.faults()}"
    left = [path.name for path in (*store.rglob("*.part"), *store.glob(".*"))]
    return f"left over: {left}" if left else ""


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that goes."""
    with tempfile.TemporaryDirectory(prefix="abm-attack-") as place:
        yield Path(place)


def kills(n: int, seed: int, until: float) -> Tally:
    """kill -9 of the driver, of a worker, or SIGINT and SIGTERM to the driver, at random moments of a sweep."""
    tally, draw = Tally("faults", "kill -9 of driver or worker, SIGINT, SIGTERM at random moments"), random.Random(seed)
    begun = time.monotonic()
    with folder() as place:
        right = hashes(sweep(asked("sleeping_50_ms"), place / "right", 1, "serial", True))
        for i in range(n):
            if time.monotonic() > until:
                break
            store, kind = place / f"s{i}", ("driver", "worker", "SIGINT", "SIGTERM")[i % 4]
            driver = started(store)
            waited = time.monotonic() + PATIENCE
            while not list(store.glob("*/manifest.json")) and driver.poll() is None and time.monotonic() < waited:
                time.sleep(0.01)
            time.sleep(draw.uniform(0, 1.2))
            children = _children(driver.pid)
            if kind == "worker":
                for child in children[:1]:
                    _kill(child.pid, signal.SIGKILL)
            else:
                how = {"driver": signal.SIGKILL, "SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM}[kind]
                _kill(driver.pid, how)
            try:
                driver.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                driver.kill()
                driver.wait()
                tally.fall(f"{kind}: the driver hung")
                continue
            _, alive = psutil.wait_procs(children, timeout=5)
            for orphan in alive:
                orphan.kill()
            said = f"{len(alive)} orphans" if alive else unlike(store, "sleeping_50_ms", right)
            tally.check(not said, f"{kind}: all there", f"{kind}: {said}")
            shutil.rmtree(store)
    tally.seconds = time.monotonic() - begun
    return tally


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(pid: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, how)


def deaths_at_every_write(n: int, seed: int, until: float) -> Tally:
    """The driver, which does the runs itself, is killed at its first, second, ... step of writing."""
    tally, begun = Tally("faults", "kill -9 at each flush, rename and removal in turn"), time.monotonic()
    with folder() as place:
        right = hashes(sweep(asked(), place / "right", 1, "serial", True))
        for at in range(1, n + 1):
            if time.monotonic() > until:
                break
            store = place / f"s{at}"
            driver = started(store, "at_once", 1, at)
            code = driver.wait(PATIENCE)
            if code == 0:
                tally.end("the sweep was done before")
                break
            said = unlike(store, "at_once", right) if code == -signal.SIGKILL else f"exit {code}"
            tally.check(not said, "all there", f"step {at}: {said}")
            shutil.rmtree(store)
    tally.seconds = time.monotonic() - begun
    return tally


WRITES = ("flush", "replace", "rename")


@contextmanager
def failing(at: int, number: int) -> Iterator[list[int]]:
    """From the n-th write on the disk says no; counts the writes."""
    count = [0]

    def step(act: Callable[..., Any]) -> Callable[..., Any]:
        def refused(*given: Any, **more: Any) -> Any:
            count[0] += 1
            if count[0] >= at:
                raise OSError(number, os.strerror(number), str(given[0]))
            return act(*given, **more)

        return refused

    real_write, real_text = Path.write_bytes, Path.write_text

    def half(self: Path, data: Any, *given: Any, **more: Any) -> int:
        count[0] += 1
        if count[0] >= at:
            # As a full disk has it: some of it is there.
            (real_write if isinstance(data, bytes) else real_text)(self, data[: len(data) // 2])
            raise OSError(number, os.strerror(number), str(self))
        return (real_write if isinstance(data, bytes) else real_text)(self, data, *given, **more)

    steps = {name: step(getattr(disk, name)) for name in WRITES}
    patched = mock.patch.multiple(disk, **steps)
    with patched, mock.patch.object(Path, "write_bytes", half), mock.patch.object(Path, "write_text", half):
        yield count


def refusals(n: int, seed: int, until: float) -> Tally:
    """The disk is full, read-only or not one's own from the n-th write on, for every n."""
    tally = Tally("faults", "ENOSPC, EROFS, EACCES and EIO from the n-th write on, for each n")
    begun = time.monotonic()
    kinds = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)
    with folder() as place, mock.patch.object(disk, "PATIENCE", 0.05):
        right = hashes(sweep(asked(), place / "right", 1, "serial", True))
        for at in range(1, n + 1):
            number = kinds[at % len(kinds)]
            if time.monotonic() > until:
                break
            store, is_refused, first = place / f"s{at}", False, at // len(kinds) + 1
            with failing(first, number) as count:
                try:
                    sweep(asked(), store, 1, "serial", True)
                except StoreError as error:
                    is_refused = os.strerror(number) in error.why
                    said = "" if is_refused else f"is not told why: {error}"
                except BaseException as error:  # noqa: BLE001
                    said = f"{type(error).__name__}: {error}"
                else:
                    said = "" if count[0] < first else "went on as if nothing were"
            said = said or unlike(store, "at_once", right)
            tally.check(not said, "told, then all there", f"{errno.errorcode[number]} at {first}: {said}")
            shutil.rmtree(store, ignore_errors=True)
            if not is_refused and not said:
                break
    tally.seconds = time.monotonic() - begun
    return tally


def flips(n: int, seed: int, until: float) -> Tally:
    """A single bit of a file of a whole store is another: it is named, or what is read is what was written."""
    tally, draw, begun = Tally("faults", "a flipped bit in a file of a store"), random.Random(seed), time.monotonic()
    with folder() as place:
        done = sweep(asked("raising"), place, 1, "serial", True)
        right = (hashes(done), done.series().to_json(), done.provenance())
        paths = [path for path in sorted(done.folder.rglob("*")) if path.is_file() and path.name != files.PROGRESS]
        for i in range(n):
            if time.monotonic() > until:
                break
            path = paths[i % len(paths)]
            whole = path.read_bytes()
            at, bit = draw.randrange(len(whole)), 1 << draw.randrange(8)
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            where = f"{path.relative_to(done.folder)}, byte {at}, bit {bit}"
            try:
                study = studies(place)[0]
                with reading(study.folder):
                    found = (hashes(study), study.series().to_json(), study.provenance())
            except InputError as error:
                tally.check(path.name in str(error), "found and named", f"{where}: not named in {error}")
            except BaseException as error:  # noqa: BLE001
                tally.fall(f"{where}: {type(error).__name__}: {error}")
            else:
                tally.fall(f"{where}: read as {'what was written' if found == right else 'something else'}")
            path.write_bytes(whole)
    tally.seconds = time.monotonic() - begun
    return tally


def doubles(n: int, seed: int, until: float) -> Tally:
    """Two drivers on one store at once; and a clock that goes back while a sweep is done."""
    tally, begun = Tally("faults", "two drivers on one store; a clock that goes back"), time.monotonic()
    with folder() as place:
        right = hashes(sweep(asked("sleeping_50_ms"), place / "right", 1, "serial", True))
        for i in range(n):
            if time.monotonic() > until:
                break
            store = place / f"s{i}"
            if i % 2:
                jumps, real = random.Random(seed + i), time.time
                with mock.patch.object(time, "time", lambda jumps=jumps, real=real: real() - jumps.uniform(0, 1e6)):
                    said = unlike(store, "sleeping_50_ms", right)
                tally.check(not said, "clock: all there", f"clock: {said}")
            else:
                pair = [started(store, workers=1), started(store, workers=1)]
                codes = [driver.wait(PATIENCE) for driver in pair]
                said = f"exit {codes}" if any(codes) else unlike(store, "sleeping_50_ms", right)
                tally.check(not said, "two drivers: all there", f"two drivers: {said}")
            shutil.rmtree(store, ignore_errors=True)
    tally.seconds = time.monotonic() - begun
    return tally


PARTS = {"kills": kills, "writes": deaths_at_every_write, "disk": refusals, "flips": flips, "drivers": doubles}

if __name__ == "__main__":
    main(*sys.argv[1:])
