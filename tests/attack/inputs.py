"""Odd inputs, thrown at one reader in a process of its own: what once fell first, then new ones."""

from __future__ import annotations

import hashlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from tests.attack.making import Maker
from tests.attack.readers import MOST_BYTES, READERS, Reader, emptied
from tests.attack.tally import Tally

CORPUS = Path(__file__).with_name("corpus")
LONGEST = 10
"""Seconds that one input may take."""
MEMORY = 6 * 1024**3
"""Bytes of address space that the process may have: an allocation of that size fails instead of filling the machine."""


class TooSlowError(Exception):
    """An input took longer than any may."""


def attack(name: str, n: int, seed: int, seconds: float) -> Tally:
    """The same in a process of its own, whose death is a fall too."""
    with tempfile.TemporaryDirectory() as folder:
        last = Path(folder) / "last"
        words = [sys.executable, "-m", "tests.attack.inputs", name, str(n), str(seed), str(seconds), folder]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 120, check=False)
            lines, how = done.stdout.splitlines(), f"exit {done.returncode}: {done.stderr[-300:]}"
        except subprocess.TimeoutExpired:
            lines, how = [], "hung"
        if lines and lines[-1].startswith("{"):
            return Tally.from_json(lines[-1])
        tally = Tally("input", name)
        tally.fall(f"the process died ({how}) of {kept(name, last.read_bytes()) if last.exists() else 'nothing'}")
        return tally


def throw(reader: Reader, content: bytes, folder: Path) -> tuple[bool, str]:
    """Whether it ended as it may, and how."""
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        return True, reader.take(content, emptied(folder))
    except reader.refusals:
        return True, "refused"
    except TooSlowError:
        return False, f"took longer than {LONGEST} s"
    except BaseException as error:  # noqa: BLE001
        at = traceback.extract_tb(error.__traceback__)[-1]
        return False, f"{type(error).__name__}: {str(error)[:100]!r} at {Path(at.filename).name}:{at.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def kept(name: str, content: bytes) -> Path:
    """Where an input that fell is kept."""
    path = CORPUS / name / hashlib.blake2b(content, digest_size=6).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path.relative_to(CORPUS.parent)


def corpus(name: str) -> list[bytes]:
    """What once fell."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def run(name: str, n: int, seed: int, seconds: float, folder: Path, *, keeps: bool = True) -> Tally:
    """Throw ``n`` inputs at a reader, or as many as time allows."""
    reader, tally, begun = READERS[name], Tally("input", name), time.monotonic()
    maker, told = Maker(f"{name} {seed}"), set[str]()
    old = corpus(name)

    def too_slow(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, too_slow)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for i in range(len(old) + n):
                if time.monotonic() - begun > seconds:
                    break
                content = old[i] if i < len(old) else reader.make(maker)[:MOST_BYTES]
                if keeps:
                    (folder / "last").write_bytes(content)
                is_well, how = throw(reader, content, folder / "given")
                if is_well:
                    tally.end(how)
                elif keeps and how not in told and len(told) < 40:
                    told.add(how)
                    tally.fall(f"{how} ({kept(name, content)})")
                else:
                    tally.fall(how)
    finally:
        signal.signal(signal.SIGALRM, before)
    tally.seconds = time.monotonic() - begun
    return tally


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    name, n, seed, seconds, folder = sys.argv[1:]
    print(run(name, int(n), int(seed), float(seconds), Path(folder)).to_json())
