"""How far a sweep is: on the terminal, and as a file in the plan's folder that others read.

progress.json: state (running, finished, interrupted), runs, done, failed, workers, rate (runs/s),
seconds_left, started, updated, shard. Times are UTC.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from abm.progress import LOG_EVERY, PATIENCE, TERMINAL_EVERY, duration
from experiments import files

FILE_EVERY = 1.0
"""Seconds between updates of the file."""


def now() -> str:
    """The time as files have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class Progress:
    """Counts runs and knows what is left. Time left is work left at the pace that workers report."""

    folder: Path
    runs: int
    """All runs of the sweep, or of the shard."""
    done: int = 0
    failed: int = 0
    workers: int = 1
    is_quiet: bool = False
    shard: str = ""
    state: str = "running"
    started: str = field(default_factory=now)
    _simulated: int = 0
    _first: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _later: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Runs, and the seconds that workers took for them."""
    _begun: float = field(default_factory=time.monotonic)
    _filed: float = 0.0
    _shown: float = 0.0
    _width: int = 0
    _stream: TextIO = field(default_factory=lambda: sys.stderr)

    def add(self, n_runs: int, n_failed: int) -> None:
        """A chunk is done."""
        self.done += n_runs
        self.failed += n_failed

    def pace(self, n_simulated: int, seconds: float, *, is_first: bool) -> None:
        """How long a worker took. Its first chunk, in which it loads the model, counts until others are known."""
        self._simulated += n_simulated
        if n_simulated:
            of = self._first if is_first else self._later
            of[0] += n_simulated
            of[1] += seconds

    def seconds_left(self, n_under_way: float = 0.0) -> float | None:
        """Seconds until all runs are done, half of those under way counted as done; None before any run."""
        n, seconds = self._later if self._later[0] else self._first
        if not n:
            return None
        left = max(0.0, self.runs - self.done - n_under_way / 2)
        return left * seconds / n / max(1, self.workers)

    @property
    def rate(self) -> float:
        """Runs a second since the start."""
        return self._simulated / max(1e-9, time.monotonic() - self._begun)

    def show(self, n_under_way: float = 0.0) -> None:
        """Update terminal and file, if it is time."""
        clock = time.monotonic()
        if clock - self._filed > FILE_EVERY:
            self._filed = clock
            self._file(n_under_way)
        is_terminal = self._stream.isatty()
        wait = TERMINAL_EVERY if is_terminal else LOG_EVERY
        if self.is_quiet or clock - self._begun < PATIENCE or clock - self._shown < wait:
            return
        self._shown = clock
        line = self.line(n_under_way)
        if is_terminal:
            self._width = max(self._width, len(line))
            print("\r" + line.ljust(self._width), end="", file=self._stream, flush=True)
        else:
            print(line, file=self._stream, flush=True)

    def line(self, n_under_way: float = 0.0) -> str:
        """One line for a person."""
        failed = f", {self.failed} failed" if self.failed else ""
        left = self.seconds_left(n_under_way)
        when = "starting" if left is None else f"{self.rate:.1f} runs/s, about {duration(left)} left"
        return f"{self.done} of {self.runs} runs{failed}, {self.done / max(1, self.runs):.0%}, {when}"

    def end(self, state: str) -> None:
        """The last word."""
        self.state = state
        self._file(0.0)
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=self._stream, flush=True)

    def _file(self, n_under_way: float) -> None:
        left = self.seconds_left(n_under_way) if self.state == "running" else 0.0
        about = {
            "state": self.state,
            "runs": self.runs,
            "done": self.done,
            "failed": self.failed,
            "workers": self.workers,
            "rate": round(self.rate, 3),
            "seconds_left": None if left is None else round(left, 1),
            "started": self.started,
            "updated": now(),
            "shard": self.shard,
        }
        name = f"progress-{self.shard.replace('/', '-of-')}.json" if self.shard else files.PROGRESS
        files.write_text(self.folder / name, json.dumps(about) + "\n", is_lasting=False)
