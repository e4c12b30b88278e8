"""A class of 40 on one laptop: how fast its phones are served, how long an offer takes, what a phone costs.

    python -m tests.benchmarks.play [GAME] [--phones 40] [--thinks 2.0] [--pace 0.5]

Phones are sockets in this process that play a whole game, thinking as long as people do; the server is `abm play` in a
process of its own, with a host and a projector connected. docs/play_performance.md has the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import psutil

from tests.dashboards.play.phones import Host, Phone, Served, served


def percentile(values: list[float], q: float) -> float:
    """In milliseconds."""
    return 1000 * float(np.percentile(values, q)) if values else float("nan")


async def opened(room: Served) -> tuple[float, int]:
    """Seconds and bytes of one page."""
    begun = time.perf_counter()

    def get() -> int:
        with urllib.request.urlopen(f"{room.address}/?c={room.code}", timeout=30) as answer:
            return len(answer.read())

    size = await asyncio.to_thread(get)
    return time.perf_counter() - begun, size


async def arrive(room: Served, phone: Phone) -> float:
    """Seconds from the request of a page to a seat that is shown."""
    begun = time.perf_counter()
    await opened(room)
    await phone.join()
    return time.perf_counter() - begun


async def play(room: Served, n: int, thinks: float) -> dict[str, float]:
    """One game; its figures."""
    server = psutil.Process(room.process.pid)
    host = await Host(room.line, room.host).join()
    wall = await Host(room.line, "", kind="wall").join()
    await asyncio.sleep(1.0)
    before = server.memory_info().rss
    phones = [Phone(room.line, room.code, i, thinks=thinks) for i in range(n)]
    # All scan the code within the same moment.
    arrived = await asyncio.gather(*(arrive(room, phone) for phone in phones))
    await asyncio.sleep(1.0)
    a_phone = (server.memory_info().rss - before) / n / 2**20
    size = (await opened(room))[1]
    lags: list[float] = []

    async def beat() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.05)
            lags.append(time.perf_counter() - begun - 0.05)

    beating = asyncio.create_task(beat())
    begun, cpu = time.perf_counter(), server.cpu_times()
    await host.does("start")
    await asyncio.gather(*(phone.play() for phone in phones))
    seconds, used = time.perf_counter() - begun, server.cpu_times()
    beating.cancel()
    for one in (*phones, host, wall):
        await one.leave()
    took = [t for phone in phones for t in phone.took]
    return {
        "phones": n,
        "page, kB": size / 1000,
        "page asked for to seat shown, all at once, 95th percentile, ms": percentile(list(arrived), 95),
        "move to its answer, median, ms": percentile(took, 50),
        "move to its answer, 95th percentile, ms": percentile(took, 95),
        "offer to the other phone, median, ms": percentile(ways(phones), 50),
        "offer to the other phone, 95th percentile, ms": percentile(ways(phones), 95),
        "offers that went from person to person": len(ways(phones)),
        "moves": sum(phone.n_moves for phone in phones),
        "refused": sum(len(phone.errors) for phone in phones),
        "server's memory a phone, MB": a_phone,
        "server's processor, share of one core": (used.user + used.system - cpu.user - cpu.system) / seconds,
        "lag of this process itself, 95th percentile, ms": percentile(lags, 95),
        "game, s": seconds,
    }


def ways(phones: list[Phone]) -> list[float]:
    """Seconds from a phone's offer until the phone across the table shows it."""
    found: list[float] = []
    for phone in phones:
        for key, said in phone.said.items():
            shown = [other.shown[key] for other in phones if other is not phone and key in other.shown]
            found += [at - said for at in shown if 0 <= at - said < 5]
    return found


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("game", nargs="?", default="lesson")
    parser.add_argument("--phones", type=int, default=40)
    parser.add_argument("--thinks", type=float, default=2.0)
    parser.add_argument("--pace", type=float, default=0.5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), args.game, "--pace", str(args.pace)) as room:
        figures = asyncio.run(play(room, args.phones, args.thinks))
        figures["kept, kB"] = sum(p.stat().st_size for p in room.folder.rglob("*") if p.is_file()) / 1000
    for name, value in figures.items():
        print(f"{name:<66} {value:>10.2f}")
    print(json.dumps({"load": os.getloadavg()[0], "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
