"""Trying claims and keeping what came out, so that a suite that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scipy import stats

import experiments.analysis
import experiments.questions
from tests.trusted.claim import COVERAGE, FALSE, FEW, INTERVALS, MANY, POWER, Claim
from tests.trusted.claims import claims

MOST_FALSE, MOST_FALSE_FEW = 16, 5
"""False alarms that 200 studies may have, and 40; 1,000 fresh ones where 200 have one more: 64."""
FRESH, MOST_FALSE_FRESH = 1000, 64
LEAST_POWER = 0.8
LEAST_COVER, MOST_COVER, LEAST_COVER_FEW = 0.91, 0.98, 34
BLOCK = 10
"""Studies that are handed out and kept together."""
Block = dict[str, list[int]]
"""Studies by the name of their claim."""
RARE = 1e-4
"""Chance that the short form fails where a claim holds."""


OWN = {
    "effects": ("effects", "sample_size.py"), "robustness": ("robustness.py",),
    "sensitivity": ("sensitivity",), "discover": ("discovery",), "boundary": ("boundary",),
    "compare": ("comparison",), "hysteresis": ("hysteresis", "tipping", "early_warning.py"),
    "resilience": ("resilience",), "calibrate": ("calibration", "posterior.py"), "search": ("search",),
}  # fmt: skip
"""Files of a method in experiments/analysis, beside those that all share."""
SHARED = ("_noise.py", "_runs.py", "_space.py", "intervals.py")


@cache
def code(method: str) -> str:
    """Hash of a method and of its claims: after an edit what was kept of it counts no more."""
    analysis, name = Path(str(experiments.analysis.__file__)).parent, method.partition(" ")[0]
    claimed = Path(__file__).parent / ("claims.py" if name in OWN else "of_questions.py")
    # What is no method is a question.
    own = [analysis / file for file in OWN[name]] if name in OWN else [_question(name)]
    digest = hashlib.blake2b(claimed.read_bytes(), digest_size=8)
    for path in [*(analysis / file for file in SHARED), *own]:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if file.name != "figures.py":
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _question(name: str) -> Path:
    return Path(str(experiments.questions.__file__)).parent / f"{name.replace('-', '_')}.py"


@dataclass(frozen=True)
class Tally:
    """What some studies of a claim gave."""

    claim: Claim
    hits: int
    n: int
    """Studies that said something of the kind."""
    seconds: float = 0.0
    """Of one core."""
    clock: float = 0.0
    """Seconds on the clock, with as many processes as there were."""

    @property
    def rate(self) -> float:
        """Share of hits; NaN before any study."""
        return self.hits / self.n if self.n else float("nan")

    @property
    def wanted(self) -> str:
        """The bound in words."""
        if not self.n:
            return "-"
        if self.claim.kind == FALSE:
            few, fresh = self.claim.n <= FEW, self.n > self.claim.n
            return f"at most {MOST_FALSE_FEW if few else MOST_FALSE_FRESH if fresh else MOST_FALSE} of {self.n}"
        if self.claim.kind == POWER:
            return "-" if "default sample" in self.claim.sentence else f"at least {LEAST_POWER:.0%}"
        return "at least 85 %" if self.claim.n <= FEW else "91 to 98 %"

    @property
    def holds(self) -> bool:
        """Whether the claim keeps its bound."""
        if self.claim.kind == FALSE:
            if self.claim.n <= FEW:
                return self.hits <= MOST_FALSE_FEW
            return self.hits <= (MOST_FALSE_FRESH if self.n > self.claim.n else MOST_FALSE)
        if self.claim.kind == POWER:
            return "default sample" in self.claim.sentence or self.rate >= LEAST_POWER
        if self.claim.n <= FEW:
            return self.rate >= LEAST_COVER_FEW / FEW
        return LEAST_COVER <= self.rate <= MOST_COVER

    @property
    def is_possible(self) -> bool:
        """Whether so few studies may come of a claim that holds (the short form)."""
        if self.claim.kind == FALSE:
            return self.hits <= stats.binom.ppf(1 - RARE, self.n, 0.08)
        if self.claim.kind == POWER:
            return "default sample" in self.claim.sentence or self.hits >= stats.binom.ppf(RARE, self.n, LEAST_POWER)
        return self.hits >= stats.binom.ppf(RARE, self.n, 0.85 if self.claim.n <= FEW else LEAST_COVER)


def try_some(block: Block) -> list[tuple[str, list[tuple[int, bool | None]], float]]:
    """What a worker does: some studies of some claims; for each what was found and the seconds it took."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    by_name = {claim.name: claim for claim in claims()}
    found = []
    for name, studies in block.items():
        # Of the processor: other programs beside it do not make a study longer.
        begun = time.process_time()
        hits = [(i, by_name[name].study(i)) for i in studies]
        found.append((name, hits, time.process_time() - begun))
    return found


class Journal:
    """A file with a line a block of studies; lines of other code are left alone and do not count."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, dict[int, bool | None]] = {}
        self.seconds: dict[str, float] = {}
        self.clock: dict[str, float] = {}
        if path.is_file():
            for text in path.read_text(encoding="utf-8").splitlines():
                try:
                    line = json.loads(text)
                except ValueError:
                    # The last line of a suite that was killed.
                    continue
                if line["code"] == code(line["claim"].partition(":")[0]):
                    self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        self.known.setdefault(line["claim"], {}).update({int(i): hit for i, hit in line["found"]})
        for kept, key in ((self.seconds, "seconds"), (self.clock, "clock")):
            kept[line["claim"]] = kept.get(line["claim"], 0.0) + line[key]

    def add(self, claim: str, found: list[tuple[int, bool | None]], seconds: float, clock: float = 0.0) -> None:
        """Keep what a block gave of a claim."""
        line = {"claim": claim, "code": code(claim.partition(":")[0]), "found": found}
        line |= {"seconds": round(seconds, 3), "clock": round(clock, 3)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            # A suite that was killed may have left half a line, which is not to take this one with it.
            file.seek(max(0, file.tell() - 1))
            torn = file.read(1) not in (b"", b"\n")
            file.write(b"\n" * torn + json.dumps(line).encode() + b"\n")
        self._take(line)

    def tally(self, claim: Claim) -> Tally:
        """What is known of a claim; the fresh studies alone where a false alarm was tried on them."""
        found = self.known.get(claim.name, {})
        fresh = {i: hit for i, hit in found.items() if i >= claim.n}
        # Nothing but a false alarm has a second try: what else was tried there does not count.
        is_again = claim.kind == FALSE and len(fresh) >= FRESH
        first = {i: hit for i, hit in found.items() if i < claim.n}
        counted = [hit for hit in (fresh if is_again else first).values() if hit is not None]
        took = (kept.get(claim.name, 0.0) for kept in (self.seconds, self.clock))
        return Tally(claim, sum(map(bool, counted)), len(counted), *took)


def measure(
    chosen: list[Claim],
    journal: Journal,
    workers: int = 1,
    share: float = 1.0,
    tell: Callable[[Tally], None] = lambda _: None,
) -> list[Tally]:
    """Try what is not known yet of some claims. share: of their studies; tell: called as each comes to its end."""
    _try({claim.name: range(max(1, round(claim.n * share))) for claim in chosen}, journal, workers, tell)
    if share == 1.0:
        # One over the bound may be chance: fresh studies decide.
        close = [
            claim for claim in chosen
            if claim.kind == FALSE and claim.n == MANY and journal.tally(claim).hits == MOST_FALSE + 1
        ]  # fmt: skip
        _try({claim.name: range(claim.n, claim.n + FRESH) for claim in close}, journal, workers, tell)
    return [journal.tally(claim) for claim in chosen]


def blocks_of(studies: dict[str, range], journal: Journal) -> list[Block]:
    """What is left to try. Claims of a method go together: many ask of the same study, which is then made once."""
    blocks: dict[tuple[str, int], Block] = {}
    for name, wanted in studies.items():
        for i in wanted:
            if i not in journal.known.get(name, {}):
                block = blocks.setdefault((name.partition(":")[0], i // BLOCK), {})
                block.setdefault(name, []).append(i)
    return list(blocks.values())


def _try(studies: dict[str, range], journal: Journal, workers: int, tell: Callable[[Tally], None]) -> None:
    blocks = blocks_of(studies, journal)
    by_name = {claim.name: claim for claim in claims()}
    last = {name: i for i, block in enumerate(blocks) for name in block}
    begun = time.perf_counter()

    def keep(i: int, found: list[tuple[str, list[tuple[int, bool | None]], float]]) -> None:
        nonlocal begun
        now = time.perf_counter()
        for k, (name, hits, seconds) in enumerate(found):
            journal.add(name, hits, seconds, 0.0 if k else now - begun)
            if last[name] == i and name in by_name:
                tell(journal.tally(by_name[name]))
        begun = now

    if workers == 1:
        for i, block in enumerate(blocks):
            keep(i, try_some(block))
    elif blocks:
        # A process an executor, not a fork: numba and BLAS have threads; each does with one.
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _one_thread) as pool:
            for i, found in enumerate(pool.map(try_some, blocks)):
                keep(i, found)


def _one_thread() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)


__all__ = ["COVERAGE", "INTERVALS", "Journal", "Tally", "code", "measure"]
