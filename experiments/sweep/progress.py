"""How far a sweep is: on the terminal, and as a file in the plan's folder that others read.

progress.json: state (running, finished, interrupted), runs, done, failed, workers, rate (runs/s),
seconds_left, started, updated, shard. Times are UTC.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from abm.machine.awake import Awake
from abm.machine.disk import NO_ROOM
from abm.machine.language import padded, say, width
from abm.results.progress import LOG_EVERY, PATIENCE, TERMINAL_EVERY, duration
from experiments.runs import files
from experiments.sweep.pace import Pace

FILE_EVERY = 0.25
"""Seconds between updates of the file."""


def now() -> str:
    """The time as files have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class Progress:
    """Counts runs and tells of them."""

    folder: Path
    runs: int
    """All runs of the sweep, or of the shard."""
    pace: Pace
    done: int = 0
    failed: int = 0
    is_quiet: bool = False
    shard: str = ""
    state: str = "running"
    started: str = field(default_factory=now)
    _simulated: int = 0
    _begun: float = field(default_factory=time.monotonic)
    _awake: Awake = field(default_factory=Awake)
    _filed: float = 0.0
    _shown: float = 0.0
    _width: int = 0
    _stream: TextIO = field(default_factory=lambda: sys.stderr)

    def add(self, n_runs: int, n_simulated: int, n_failed: int) -> None:
        """A chunk is done."""
        self.done += n_runs
        self.failed += n_failed
        self._simulated += n_simulated

    @property
    def rate(self) -> float:
        """Runs a second since the start."""
        return self._simulated / max(1e-9, self._awake())

    def show(self) -> None:
        """Update terminal and file, if it is time."""
        clock = time.monotonic()
        self._awake()
        if clock - self._filed > FILE_EVERY:
            self._filed = clock
            # No sweep ends for want of its progress: where nothing can be written, its chunks say so.
            with suppress(OSError):
                self._file()
        is_terminal = self._stream.isatty()
        wait = TERMINAL_EVERY if is_terminal else LOG_EVERY
        if self.is_quiet or clock - self._begun < PATIENCE or clock - self._shown < wait:
            return
        self._shown = clock
        line = self.line()
        if is_terminal:
            self._width = max(self._width, width(line))
            print("\r" + padded(line, self._width), end="", file=self._stream, flush=True)
        else:
            print(line, file=self._stream, flush=True)

    def line(self) -> str:
        """One line for a person."""
        failed = say(", {n} failed", n=self.failed) if self.failed else ""
        left = self.pace.seconds_left()
        if left is None:
            when = say("starting")
        else:
            when = say("{rate} runs/s, about {left} left", rate=f"{self.rate:.1f}", left=duration(left))
        share = f"{self.done / max(1, self.runs):.0%}"
        return say("{i} of {n} runs{failed}, {share}, {when}", i=self.done, n=self.runs, failed=failed, share=share,
                   when=when)  # fmt: skip

    def end(self, state: str) -> None:
        """The last word. OSError if it cannot be written."""
        self.state = state
        self._file(is_last=True)
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=self._stream, flush=True)

    def _file(self, *, is_last: bool = False) -> None:
        left = self.pace.seconds_left() if self.state == "running" else 0.0
        about = {
            "state": self.state,
            "runs": self.runs,
            "done": self.done,
            "failed": self.failed,
            "workers": self.pace.workers,
            "rate": round(self.rate, 3),
            "seconds_left": None if left is None else round(left, 1),
            "started": self.started,
            "updated": now(),
            "shard": self.shard,
        }
        name = f"progress-{self.shard.replace('/', '-of-')}.json" if self.shard else files.PROGRESS
        path, text = self.folder / name, json.dumps(about) + "\n"
        try:
            files.write_text(path, text, is_lasting=is_last)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            files.write_in_place(path, text)
