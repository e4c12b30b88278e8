"""What the questions of the evidence say, on made-up runs whose answer is known."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import numpy as np
import pandas as pd

from abm.world.vocabulary import PARTIES
from experiments.questions import frontier_jumps, outliving_subsidy, what_a_yuan_buys, who_pays
from tests.trusted.claim import COVERAGE, DEFAULT, FALSE, INTERVALS, MANY, NONE, OWN, POWER, SEEN, TWICE, Claim


# Who pays: the four parties in two worlds; one loses where coordination fails.
def ledgers(i: int, seeds: int, *losses: float) -> pd.DataFrame:
    """Losses are in spreads of a pair's difference."""
    rng = OWN([i, seeds, 11])
    tables = []
    for party, loss in zip(PARTIES, losses, strict=True):
        common = rng.normal(size=seeds)
        for arm in (who_pays.FAILS, who_pays.HOLDS):
            net = common + rng.normal(size=seeds) / 2**0.5 - loss * (arm == who_pays.FAILS)
            about = {"arm": arm, "seed": range(seeds), "party": party, "failed_share": 0.5}
            tables.append(pd.DataFrame({**about, "enterprises": 9, "colleges": 3, "net": net}))
    return pd.concat(tables, ignore_index=True)


def of_who_pays() -> list[Claim]:
    name, nobody = "who-pays", (0.0,) * len(PARTIES)
    first = (0.5, *nobody[1:])

    def moved(i: int) -> bool:
        return bool(who_pays.differences(ledgers(i, 40, *nobody))["is_told"].any())

    def most(i: int) -> bool:
        seen = ledgers(i, 40, *(1.0 for _ in PARTIES))
        return "beyond chance" in who_pays.answer(who_pays.differences(seen), seen)

    def pays(i: int, n: int) -> bool:
        return bool(who_pays.differences(ledgers(i, n, *first))["is_told"].iloc[0])

    def covers(i: int) -> bool:
        row = who_pays.differences(ledgers(i, 40, *first)).iloc[0]
        return bool(row["low"] <= -0.5 <= row["high"])

    half = "one party of four loses half a spread of a pair's difference"
    return [
        Claim(name, FALSE, "a party pays or gains", NONE, moved, MANY),
        Claim(name, FALSE, "one party pays most", "all pay alike", most, MANY),
        Claim(name, POWER, f"the party pays, {DEFAULT} (40 seeds)", half, lambda i: pays(i, 40), SEEN),
        Claim(name, POWER, f"the party pays, {TWICE}", half, lambda i: pays(i, 80), SEEN),
        Claim(name, COVERAGE, "95 % interval of what a party pays", half, covers, INTERVALS),
    ]


# The jumping frontier: what each pace loses, as against a world that is spared.
def jumps(i: int, seeds: int, saved: float) -> pd.DataFrame:
    """The quickest pace saves so many spreads of the difference of two losses."""
    rng = OWN([i, seeds, 12])
    tables = []
    for interval in frontier_jumps.INTERVALS:
        for share in (frontier_jumps.NONE, frontier_jumps.MOST):
            level = rng.normal(size=seeds)
            quick = saved * (interval == min(frontier_jumps.INTERVALS) and share == frontier_jumps.NONE)
            lost = 5.0 + rng.normal(size=seeds) / 2**0.5 - quick
            about = {frontier_jumps.INTERVAL: interval, frontier_jumps.SHARE: share, "replication": range(seeds)}
            for arm, forces in ((frontier_jumps.SPARED, level), (frontier_jumps.STRUCK, level - lost)):
                tables.append(pd.DataFrame({"arm": arm, **about, "forces": forces}))
    return frontier_jumps.lost(pd.concat(tables, ignore_index=True))


def of_frontier_jumps() -> list[Claim]:
    name = "frontier-jumps"

    def said(i: int, seeds: int, saved: float) -> str:
        losses = jumps(i, seeds, saved)
        return frontier_jumps.answer(frontier_jumps.by_speed(losses), frontier_jumps.saved(losses))

    def saves(i: int) -> bool:
        answer = said(i, 24, 0.0)
        return "No quicker pace saves more" not in answer or "is not told from chance" not in answer

    def seen(i: int, seeds: int) -> bool:
        return "No quicker pace saves more" not in said(i, seeds, 0.7)

    def covers(i: int) -> bool:
        row = frontier_jumps.by_speed(jumps(i, 24, 0.0)).iloc[0]
        return bool(row["low"] <= 5.0 <= row["high"])

    some = "a pace saves .7 spreads of the difference of two losses"
    return [
        Claim(name, FALSE, "a pace saves or costs", NONE, saves, MANY),
        Claim(name, POWER, f"a quicker pace saves, {DEFAULT} (24 seeds)", some, lambda i: seen(i, 24), SEEN),
        Claim(name, POWER, f"a quicker pace saves, {TWICE}", some, lambda i: seen(i, 48), SEEN),
        Claim(name, COVERAGE, "95 % interval of a loss", "24 seeds", covers, INTERVALS),
    ]


# Communities that outlive their subsidy: larger ones stay more often, or chance alone decides.
def communities(i: int, n: int, is_telling: bool) -> pd.DataFrame:
    """Four communities a world; of 20 members or fewer six of ten stay, of more nine."""
    rng = OWN([i, n, 13])
    table = pd.DataFrame({mark: rng.random(4 * n) for mark in outliving_subsidy.MARKS})
    table["members"] = rng.integers(4, 37, 4 * n).astype(float)
    table["stays"] = rng.random(4 * n) < np.where((table["members"] > 20) & is_telling, 0.9, 0.6)
    return table.assign(arm=outliving_subsidy.ENDS, world=np.repeat(range(n), 4), is_self_sustaining=1.0)


@cache
def _area() -> float:
    many = communities(0, 500_000, True)
    return outliving_subsidy.auc(many["members"].to_numpy(float), many["stays"].to_numpy(bool))


def of_outliving_subsidy() -> list[Claim]:
    name = "outliving-subsidy"

    @lru_cache(64)
    def judged(i: int, n: int, is_telling: bool) -> pd.DataFrame:
        return outliving_subsidy.judged(communities(i, n, is_telling))

    def told(i: int, n: int, is_telling: bool) -> bool:
        return bool(judged(i, n, is_telling).iloc[0]["low"] > 0.5)

    def covers(i: int) -> bool:
        row = judged(i, 64, True).set_index("mark").loc["members"]
        return bool(row["low"] <= _area() <= row["high"])

    larger = "of 20 members or fewer six of ten stay, of more nine"
    return [
        Claim(name, FALSE, "a mark tells which stay", NONE, lambda i: told(i, 64, False), MANY),
        Claim(name, POWER, "a mark tells which stay, 64 worlds (a quarter of the default)", larger,
              lambda i: told(i, 64, True), SEEN),
        Claim(name, COVERAGE, "95 % interval of how well a mark tells", larger, covers, INTERVALS),
    ]  # fmt: skip


# What a yuan buys: six policies, everywhere and in each of six provinces.
def bought(i: int, seeds: int, best: float, least: float = 1.0) -> pd.DataFrame:
    """Each policy's jobs a year, in spreads of a pair's difference; the first has the best, all others the least. What
    they cost differs from seed to seed by three tenths."""
    rng = OWN([i, seeds, 14])
    common = rng.normal(size=seeds)
    tables = []
    places = (what_a_yuan_buys.EVERYWHERE, *"abcdef")
    arms = [f"{rule}: {place}" for rule in what_a_yuan_buys.PAID for place in places]
    for arm in (what_a_yuan_buys.NOTHING, *arms):
        is_arm = arm != what_a_yuan_buys.NOTHING
        jobs = best if arm.startswith(what_a_yuan_buys.PAID[0]) else least
        money = 1000.0 + is_arm * rng.normal(1000.0, 300.0, seeds)
        about = {"arm": arm, "replication": range(seeds), "money": money}
        tables.append(pd.DataFrame({**about, "jobs": common + rng.normal(size=seeds) / 2**0.5 + jobs * is_arm}))
    return pd.concat(tables, ignore_index=True)


def of_what_a_yuan_buys() -> list[Claim]:
    name, seeds = "what-a-yuan-buys", 12

    @lru_cache(64)
    def gained(i: int, n: int, best: float, least: float) -> tuple[pd.DataFrame, pd.DataFrame]:
        more = what_a_yuan_buys.gains(bought(i, n, best, least))
        return what_a_yuan_buys.bought_by(more), more

    def said(i: int, n: int, best: float, least: float) -> str:
        return what_a_yuan_buys.said(what_a_yuan_buys.AS_IS, *gained(i, n, best, least))

    def something(i: int) -> bool:
        answer = said(i, seeds, 0.0, 0.0)
        return "buys most" in answer or bool(re.search(r"costs \d", answer))

    def is_most(i: int, n: int) -> bool:
        return what_a_yuan_buys.buys_most(*gained(i, n, 3.0, 1.0)) == what_a_yuan_buys.PAID[0]

    def covers(i: int) -> bool:
        about = gained(i, seeds, 3.0, 1.0)[0].iloc[0]
        return bool(about["low"] <= 3.0 * what_a_yuan_buys.YEARS <= about["high"])

    one, alike = "one policy of six buys three times what the others do", "all six buy alike"
    return [
        Claim(name, FALSE, "a policy buys or costs jobs", NONE, something, MANY),
        Claim(name, FALSE, "another policy buys less", alike, lambda i: "It buys less by" in said(i, seeds, 3.0, 3.0),
              MANY),
        Claim(name, FALSE, "provinces are told apart", alike,
              lambda i: "By province it buys" in said(i, seeds, 3.0, 3.0), MANY),
        Claim(name, POWER, f"the policy buys most, {DEFAULT} ({seeds} seeds)", one, lambda i: is_most(i, seeds), SEEN),
        Claim(name, POWER, f"the policy buys most, {TWICE}", one, lambda i: is_most(i, 2 * seeds), SEEN),
        Claim(name, COVERAGE, "95 % interval of what a million yuan buys", f"{seeds} seeds", covers, INTERVALS),
    ]  # fmt: skip


def of_questions() -> list[Claim]:
    """All of them."""
    return [*of_who_pays(), *of_frontier_jumps(), *of_outliving_subsidy(), *of_what_a_yuan_buys()]
