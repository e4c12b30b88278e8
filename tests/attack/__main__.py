"""Run the attack, and enter what came out into docs/trust.md; 1 if anything fell."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.attack import faults, inputs, keeping, network, page
from tests.attack.readers import READERS
from tests.attack.tally import Tally

INPUTS = 50_000
OF_FAULTS = {"kills": 100, "writes": 200, "disk": 200, "flips": 2000, "drivers": 20, "worlds": 100, "keeping": 200}
FAULTS = faults.PARTS | keeping.PARTS
OF_NETWORK = {"hosts": 900, "headers": 400, "paths": 1200, "messages": 200, "slow": 200, "floods": 8000}
SCRIPTS = 30


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    known = ["input", "faults", "network", *READERS, *FAULTS, *network.PARTS, "scripts"]
    add(
        "--only",
        nargs="+",
        choices=known,
        default=["input", "faults", "network"],
        metavar="PART",
        help=", ".join(known),
    )
    add("--n", type=int, help=f"tries of each part (default: {INPUTS:,} a reader, what the issue asks of the others)")
    add("--seed", type=int, default=1)
    add("--seconds", type=float, default=1800, help="longest time of a part")
    add("--no-page", action="store_true", help="leave docs/trust.md as it is")
    args = parser.parse_args()
    wanted = set(args.only)
    wanted |= READERS.keys() if "input" in wanted else set[str]()
    wanted |= FAULTS.keys() if "faults" in wanted else set[str]()
    wanted |= {*network.PARTS, "scripts"} if "network" in wanted else set[str]()
    done: list[Tally] = []
    for tally in parts(wanted, args.n, args.seed, args.seconds):
        rate = tally.tried / max(tally.seconds, 1e-9)
        print(f"{tally.part} {tally.what}: {tally.tried:,} tried, {tally.n_fell:,} fell, {rate:,.1f}/s", flush=True)
        print("".join(f"  {what}\n" for what in tally.fell), end="", flush=True)
        done.append(tally)
        if not args.no_page:
            page.write(done, args.seed)
    return 1 if any(tally.n_fell for tally in done) else 0


def parts(wanted: set[str], n: int | None, seed: int, seconds: float) -> Iterator[Tally]:
    """Each part in turn."""
    for name in READERS:
        if name in wanted:
            yield inputs.attack(name, n or INPUTS, seed, seconds)
    for name, attack in FAULTS.items():
        if name in wanted:
            yield attack(n or OF_FAULTS[name], seed, time.monotonic() + seconds)
    if "scripts" in wanted:
        yield _timed(lambda: network.scripts(min(n or SCRIPTS, SCRIPTS), seed))
    if wanted & network.PARTS.keys():
        from tests.dashboards.browser import served

        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address:
            for name, act in network.PARTS.items():
                if name in wanted:
                    tries = min(n or OF_NETWORK[name], OF_NETWORK[name])
                    yield _timed(lambda act=act, tries=tries: act(network.Stranger(address), tries, seed))


def _timed(act: Callable[[], Tally]) -> Tally:
    begun = time.monotonic()
    tally = act()
    tally.seconds = time.monotonic() - begun
    return tally


if __name__ == "__main__":
    sys.exit(main())
