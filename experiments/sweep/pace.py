"""How long a sweep still takes: the runs left to simulate, at the pace that workers report.

What workers have in their hands counts as done by the time that they have had it; what a process
takes to load the model, in its first run, counts only as long as nothing else is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from abm.machine.awake import Awake


@dataclass
class Pace:
    """Told of every chunk when it is handed in, given up or done."""

    left: int
    """Runs to simulate, those under way included; runs that are only copied are none."""
    workers: int = 1
    _clock: Callable[[], float] = field(default_factory=Awake)
    _handed_in: dict[int, int] = field(default_factory=dict[int, int])
    """Runs of the chunks under way by number, the oldest first."""
    _begun: dict[int, float] = field(default_factory=dict[int, float])
    """When a worker took a chunk; the others under way still wait."""
    _loading: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _later: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Runs, and the seconds that workers took for them: with the first run of a process, and without."""

    def hand_in(self, number: int, n_runs: int) -> None:
        """A chunk with so many runs to simulate is given to the executor."""
        self._handed_in[number] = n_runs
        self._take()

    def give_back(self, number: int) -> None:
        """Its worker has died: the chunk is to be done again."""
        self._handed_in.pop(number)
        self._begun.pop(number, None)
        self._take()

    def end(self, number: int, n_simulated: int, seconds: float, loading: float) -> None:
        """A chunk is done. loading: seconds of the run in which its process loaded the model, 0 if none did."""
        self.left -= self._handed_in[number]
        self.give_back(number)
        self._loading[0] += n_simulated
        self._loading[1] += seconds
        self._later[0] += n_simulated - (loading > 0)
        self._later[1] += seconds - loading if n_simulated > (loading > 0) else 0.0

    def seconds_left(self) -> float | None:
        """Seconds until all is done; None before any run."""
        # The driver asks several times a second: what it sleeps through is no time of a run.
        self._clock()
        n, seconds = self._later if self._later[0] else self._loading
        if not n:
            return None
        each = seconds / n
        now = self._clock()
        ahead = [max(0.0, self._handed_in[number] * each - (now - begun)) for number, begun in self._begun.items()]
        waiting = self.left - sum(self._handed_in[number] for number in self._begun)
        # The last chunks are not shared: the longest of them decides.
        return max((waiting * each + sum(ahead)) / max(1, self.workers), *ahead, 0.0)

    def _take(self) -> None:
        """Workers take the oldest chunks under way."""
        for number in list(self._handed_in)[: self.workers]:
            self._begun.setdefault(number, self._clock())
