"""What is claimed: each sentence that a method can print, with the closed-form world on which it is tried.

A claim is tried on many studies; a study gives True (the sentence was said, the interval held the truth), False, or
None where it says nothing of the kind (an interval of what was not found).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis import early_warning as warning_of_jumps
from experiments.analysis._noise import LEVEL, holm
from experiments.analysis._space import Space
from experiments.analysis.boundary import critical_value, find_boundary
from experiments.analysis.calibration import Anchor, calibrate
from experiments.analysis.comparison import compare
from experiments.analysis.discovery import discover
from experiments.analysis.effects import paired_effects
from experiments.analysis.hysteresis import Ramp, hysteresis
from experiments.analysis.posterior import Pace
from experiments.analysis.resilience import resilience
from experiments.analysis.robustness import of_keys
from experiments.analysis.sample_size import seeds_for
from experiments.analysis.search import Effort, Goal, Instrument, search
from experiments.analysis.sensitivity import METHODS, Sensitivity, analyse, disagreements, points
from experiments.commands.sensitivity import DEFAULT_N
from tests.trusted.claim import COVERAGE, DEFAULT, FALSE, FEW, INTERVALS, MANY, NONE, OWN, POWER, SEEN, TWICE, Claim
from tests.trusted.of_questions import of_questions

# Sensitivity: six inputs on the unit cube.
SIX = Space.of({f"x{i}": (0.0, 1.0) for i in range(6)})
ISHIGAMI = Space.of({"x1": (-np.pi, np.pi), "x2": (-np.pi, np.pi), "x3": (-np.pi, np.pi)})
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}
LINE = {"delta": {"x0": 0.2484, "x1": 0.1445}, "pawn": {"x0": 0.2412, "x1": 0.1428}}
"""Over ten slices, of 3 x0 + 2 x1 behind normal noise of spread 1, by integration of its densities."""
ISHIGAMI_MOVED = {"delta": {"x2": 0.3496}, "pawn": {"x2": 0.3393}}
"""Over ten slices, from the distribution of all but x2, counted in 20,000,000 points (delta without slices: .425)."""
SEEDS = {"morris": 2, "sobol": 2, "delta": 1, "pawn": 1}


def ishigami(x: pd.DataFrame) -> np.ndarray:
    x1, x2, x3 = (x[name].to_numpy() for name in ISHIGAMI.names)
    return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def indices(
    method: str, space: Space, outcome: Callable[[pd.DataFrame], Any], i: int, size: float = 1.0, noise: float = 1.0
) -> Sensitivity:
    """One study: an outcome of the points behind normal noise, as `abm sensitivity` analyses it."""
    n = int(size * DEFAULT_N[method])
    at, seeds = points(method, space, n, i + 1), SEEDS[method]
    y = np.repeat(np.asarray(outcome(at), np.float64) + np.zeros(len(at)), seeds)
    runs = pd.DataFrame({
        "point": np.repeat(range(len(at)), seeds), "replication": np.tile(range(seeds), len(at)), "status": "ok",
        "y": y + noise * OWN([i, 77]).normal(size=len(y)),
    })  # fmt: skip
    return analyse(method, space, runs, "y", n, seed=i + 1)


def is_told(method: str, outcome: Callable[[pd.DataFrame], Any], i: int, size: float = 1.0) -> Any:
    """Which inputs the same study tells from noise, without the indices, whose intervals take long."""
    unit = METHODS[method].sample(SIX, int(size * DEFAULT_N[method]), i + 1)
    y = np.asarray(outcome(SIX.points(unit)), np.float64) + np.zeros(len(unit))
    noise = OWN([i, 77]).normal(size=(len(unit), SEEDS[method]))
    return holm(METHODS[method].told(unit, y[:, None] + noise, i + 1)) <= LEVEL


def line(x: pd.DataFrame) -> Any:
    return 3.0 * x["x0"] + 2.0 * x["x1"]


def equal(x: pd.DataFrame) -> Any:
    return 2.0 * x["x0"] + 2.0 * x["x1"]


def notes_of(outcome: Callable[[pd.DataFrame], Any], i: int, noise: float) -> list[str]:
    return disagreements([indices(method, SIX, outcome, i, noise=noise) for method in ("sobol", "morris")])


def of_sensitivity() -> list[Claim]:
    title = "sensitivity"
    found: list[Claim] = []
    for method in METHODS:
        name = f"{title} {method}"

        def told(i: int, method: str = method) -> bool:
            return bool(is_told(method, lambda _: 0.0, i).any())

        def one_leads(i: int, method: str = method) -> bool:
            return "matters most" in indices(method, SIX, equal, i, noise=0.5).answer()

        found.append(Claim(name, FALSE, "an input is told from noise", NONE, told, MANY))
        found.append(Claim(name, FALSE, "one input matters most", "two inputs matter alike", one_leads, MANY))
        for size, when in ((1.0, DEFAULT), (2.0, TWICE)):

            def seen(i: int, method: str = method, size: float = size) -> bool:
                return bool(is_told(method, line, i, size)[:2].all())

            about = "3 x0 + 2 x1 behind noise of spread 1"
            found.append(Claim(name, POWER, f"both inputs that act are told, {when}", about, seen, SEEN))

    def covers(i: int) -> bool:
        row = indices("sobol", ISHIGAMI, ishigami, i, noise=0.0).table.set_index("key").loc["x1"]
        return bool(row["low"] <= TOTAL["x1"] <= row["high"])

    def slope(i: int) -> bool:
        table = indices("morris", SIX, lambda x: 3.0 * x["x0"] * x["x1"], i, noise=0.0).table.set_index("key")
        # |3 x1| over the levels 0, 1/3, 2/3, 1 has the mean 1.5.
        return bool(table.loc["x0", "low"] <= 1.5 <= table.loc["x0", "high"])

    def of_given_data(i: int, method: str, space: Space, outcome: Callable[[pd.DataFrame], Any], key: str) -> bool:
        # Fresh studies: those before were seen when the intervals were made.
        noise, truth = (1.0, LINE) if space is SIX else (0.0, ISHIGAMI_MOVED)
        row = indices(method, space, outcome, 20_000 + i, noise=noise).table.set_index("key").loc[key]
        return bool(row["low"] <= truth[method][key] <= row["high"])

    def turned(i: int) -> bool:
        return any("disagree" in note for note in notes_of(line, i, 0.5))

    def alone(i: int) -> bool:
        return any("alone" in note for note in notes_of(lambda _: 0.0, i, 1.0))

    both = "sensitivity sobol + morris"
    return [
        *found,
        Claim(f"{title} sobol", COVERAGE, "95 % interval of a total index", "Ishigami, x1", covers, INTERVALS),
        Claim(f"{title} morris", COVERAGE, "95 % interval of mu*", "3 x0 x1", slope, INTERVALS),
        *(
            Claim(
                f"{title} {method}",
                COVERAGE,
                "95 % interval of the index",
                f"{world}, {key}",
                partial(of_given_data, method=method, space=space, outcome=outcome, key=key),
                INTERVALS,
            )
            for method in LINE
            for world, space, outcome, key in (
                ("3 x0 + 2 x1 behind noise of spread 1", SIX, line, "x0"),
                ("3 x0 + 2 x1 behind noise of spread 1", SIX, line, "x1"),
                ("Ishigami", ISHIGAMI, ishigami, "x2"),
            )
        ),
        Claim(both, FALSE, "the methods disagree on an order", "3 x0 + 2 x1", turned, MANY),
        Claim(both, FALSE, "an input is told by one method alone", NONE, alone, MANY),
    ]


# Scenario discovery: four inputs, three seeds a point.
def cases(i: int, n: int, inside: float, outside: float) -> tuple[pd.DataFrame, Callable[[np.ndarray], np.ndarray]]:
    """Runs in a box a > 0.6, b < 0.5 are cases with one chance, others with another; and the chance at places."""
    rng = OWN([i, n])
    x = np.repeat(rng.random((n, 4)), 3, axis=0)

    def chance(at: np.ndarray) -> np.ndarray:
        return np.where((at[:, 0] > 0.6) & (at[:, 1] < 0.5), inside, outside)

    y = rng.random(len(x)) < chance(x)
    table = pd.DataFrame(x, columns=list("abcd")).assign(status="ok", failed=y.astype(float))
    return table.assign(point=np.repeat(range(n), 3), replication=np.tile(range(3), n)), chance


@cache
def _everywhere() -> np.ndarray:
    return OWN(0).random((200_000, 4))


def of_discovery() -> list[Claim]:
    def named(i: int) -> bool:
        return not asked(cases(i, 100, 0.3, 0.3)[0]).answer().startswith("No condition tells")

    def asked(runs: pd.DataFrame) -> Any:
        return discover(runs, list("abcd"), "failed", above=0.5)

    @lru_cache(512)
    def boxed(i: int, n: int) -> Any:
        return asked(cases(i, n, 0.9, 0.1)[0])

    def planted(i: int, n: int) -> bool:
        return boxed(i, n).p <= 0.05

    def holds(i: int, which: str) -> bool | None:
        chance = cases(i, 150, 0.9, 0.1)[1]
        found = boxed(i, 150)
        if not found.p <= 0.05:
            return None
        at = _everywhere()
        inside, p = found.box.holds(at), chance(at)
        truth = float(p[inside].mean()) if which == "density" else float(p[inside].sum() / p.sum())
        interval = getattr(found, which)
        return bool(interval.low <= truth <= interval.high)

    box = "a box with 90 % of cases, 10 % outside"
    return [
        Claim("discover", FALSE, "conditions tell the cases", NONE, named, MANY),
        Claim("discover", POWER, f"conditions are told, {DEFAULT} (64 points)", box, lambda i: planted(i, 64), SEEN),
        Claim("discover", POWER, f"conditions are told, {TWICE}", box, lambda i: planted(i, 128), SEEN),
        Claim("discover", COVERAGE, "95 % interval of the density", box, lambda i: holds(i, "density"), INTERVALS),
        Claim("discover", COVERAGE, "95 % interval of the coverage", box, lambda i: holds(i, "coverage"), INTERVALS),
    ]


# Paired effects: a baseline and three arms, three outcomes.
def arms(i: int, n: int, effect: float = 0.0, price: float = 1.0) -> pd.DataFrame:
    """Arm a moves x by the effect and spends effect times the price; a seed's own chance is common to all arms."""
    rng = OWN([i, n, 5])
    common = rng.normal(size=(n, 3))
    tables = []
    for name in ("nothing", "a", "b", "c"):
        values = common + rng.normal(size=(n, 3))
        values[:, 0] += effect * (name == "a")
        spent = effect * price * (name == "a") * (1 + 0.1 * rng.normal(size=n))
        about = {"arm": name, "replication": range(n), "status": "ok", "spent": spent}
        tables.append(pd.DataFrame({**about, **dict(zip("xyz", values.T, strict=True))}))
    return pd.concat(tables, ignore_index=True)


def of_effects() -> list[Claim]:
    def effects(i: int, n: int, effect: float, **more: Any) -> Any:
        return paired_effects(arms(i, n, effect), list("xyz"), baseline="nothing", **more)

    def row(i: int, n: int, effect: float) -> Any:
        return effects(i, n, effect).table.set_index(["arm", "outcome"]).loc[("a", "x")]

    def covered(i: int) -> bool:
        about = row(i, 10, 1.0)
        return bool(about["low"] <= 1.0 <= about["high"])

    def price(i: int) -> bool | None:
        about = effects(i, 20, 2.0, cost=("spent", "x")).costs.set_index("arm").loc["a"]
        return bool(about["cost_low"] <= 1.0 <= about["cost_high"]) if np.isfinite(about["cost"]) else None

    def priced(i: int) -> bool:
        table = arms(i, 20).assign(spent=1.0)
        found = paired_effects(table, ["x"], baseline="nothing", cost=("spent", "x"))
        return bool(np.isfinite(found.costs["cost"]).any())

    def cheapest(i: int) -> bool:
        table = arms(i, 20)
        table["x"] += 2.0 * (table["arm"] != "nothing")
        table["spent"] = 2.0 * (table["arm"] != "nothing")
        return not paired_effects(table, ["x"], baseline="nothing", cost=("spent", "x")).ties

    one = "an effect of one spread of a pair's difference"
    spread = 2**0.5
    return [
        Claim("effects", FALSE, "an arm moves an outcome", NONE,
              lambda i: "moves" in effects(i, 10, 0.0).answer(), MANY),
        Claim("effects", FALSE, "an arm has a price", NONE, priced, MANY),
        Claim("effects", FALSE, "one arm is the cheapest", "three arms at one price", cheapest, MANY),
        Claim("effects", POWER, f"the arm moves it, {DEFAULT} (10 seeds)", one,
              lambda i: bool(row(i, 10, spread)["is_told"]), SEEN),
        Claim("effects", POWER, f"the arm moves it, {TWICE}", one, lambda i: bool(row(i, 20, spread)["is_told"]), SEEN),
        Claim("effects", COVERAGE, "95 % interval of a difference", "10 seeds", covered, INTERVALS),
        Claim("effects", COVERAGE, "95 % interval of a price", "20 seeds, gain of 2", price, INTERVALS),
    ]  # fmt: skip


# Comparison: two scenarios over 24 quarters, three metrics.
def of_comparison() -> list[Claim]:
    def paths(i: int, n: int, side: int, shift: float) -> pd.DataFrame:
        tables = []
        for k in range(n):
            own, common = OWN([i, k, side]), OWN([i, k])
            level = common.normal(size=3) + own.normal(size=3)
            values = level + 0.3 * own.normal(size=(24, 3))
            values[:, 0] += shift
            tables.append(pd.DataFrame(values, columns=list("xyz")).assign(replication=k, step=range(24)))
        return pd.concat(tables, ignore_index=True)

    def compared(i: int, n: int, shift: float) -> Any:
        return compare(paths(i, n, 1, 0.0), paths(i, n, 2, shift), list("xyz"), names=("a", "b"))

    def said(i: int, n: int, shift: float) -> bool:
        answer = compared(i, n, shift).answer()
        return "ends higher" in answer or "ends lower" in answer

    def covered(i: int) -> bool:
        about = compared(i, 10, 1.0).ends.set_index("metric").loc["x"]
        return bool(about["low"] <= 1.0 <= about["high"])

    def seen(i: int, n: int) -> bool:
        return "X ends higher" in compared(i, n, 2**0.5).answer()

    one = "one metric of three is moved by one spread of a pair's difference"
    return [
        Claim("compare", FALSE, "a metric ends higher or lower", NONE, lambda i: said(i, 10, 0.0), MANY),
        Claim("compare", POWER, f"the metric ends higher, {DEFAULT} (10 seeds)", one, lambda i: seen(i, 10), SEEN),
        Claim("compare", POWER, f"the metric ends higher, {TWICE}", one, lambda i: seen(i, 20), SEEN),
        Claim("compare", COVERAGE, "95 % interval of a difference", "10 seeds", covered, INTERVALS),
    ]


# Hysteresis: three pushes, up for 12 quarters and down for 12.
RAMP = Ramp(start=4, rise=12, hold=0, fall=12, after=12)
STRENGTH = float(RAMP.strength[RAMP.until - 4 : RAMP.until].mean())
"""Strength in the year before the way down, by which what is built is measured."""


def pushed(i: int, n: int, built: float, kept: float, memory: float = 0.0) -> pd.DataFrame:
    """Push a raises x along the ramp; a share of that is kept after the exit, and on the way down with memory."""
    tables = []
    strength = RAMP.strength
    held = np.where(np.arange(RAMP.steps) > RAMP.top, memory, 0.0)
    shape = np.maximum(strength, held * np.maximum.accumulate(strength))
    shape = np.where(np.arange(RAMP.steps) >= RAMP.exit, kept, shape)
    for push in ("never", "a", "b", "c"):
        for k in range(n):
            rng = OWN([i, k, "never abc".index(push[0])])
            level = 0.5 * rng.normal() + 0.5 * rng.normal(size=RAMP.steps)
            x = 5.0 + level + (built * shape if push == "a" else 0.0)
            tables.append(pd.DataFrame({"push": push, "replication": k, "step": range(RAMP.steps), "x": x}))
    return pd.concat(tables, ignore_index=True)


def of_hysteresis() -> list[Claim]:
    @lru_cache(64)
    def found(i: int, n: int, *world: float) -> Any:
        return hysteresis(pushed(i, n, *world), RAMP, ["x"], never="never")

    def moved(i: int) -> bool:
        answer = found(i, 10, 0.0, 0.0).answer()
        return "raised" in answer or "lowered" in answer

    def decided(i: int) -> bool:
        answer = found(i, 20, 4.0, 0.5 * STRENGTH).answer().split("b: ")[0]
        return "still there" in answer or "most of that is gone" in answer or "grown on" in answer

    def built(i: int, n: int) -> bool:
        return "a: raised" in found(i, n, 0.87, 0.0).answer()

    def covers(i: int, column: str, truth: float) -> bool | None:
        about = found(i, 20, 4.0, STRENGTH * truth).summary.iloc[0]
        if not np.isfinite(about[column]):
            return None
        return bool(about[f"{column}_low"] <= truth <= about[f"{column}_high"])

    def raised(i: int) -> bool:
        about = found(i, 20, 4.0, STRENGTH * 0.5).summary.iloc[0]
        return bool(about["built_low"] <= 4.0 * STRENGTH <= about["built_high"])

    one = "a push that builds one spread of a pair's difference"
    half = "half of what was built is kept, 20 seeds"
    return [
        Claim("hysteresis", FALSE, "a push raised or lowered something", NONE, moved, MANY),
        Claim("hysteresis", FALSE, "most of it is gone, or still there", "half of it is kept", decided, MANY),
        Claim("hysteresis", POWER, f"the push raised it, {DEFAULT} (10 seeds)", one, lambda i: built(i, 10), SEEN),
        Claim("hysteresis", POWER, f"the push raised it, {TWICE}", one, lambda i: built(i, 20), SEEN),
        Claim("hysteresis", COVERAGE, "95 % interval of the share kept", half,
              lambda i: covers(i, "share_kept", 0.5), INTERVALS),
        Claim("hysteresis", COVERAGE, "95 % interval of what was built", half, raised, INTERVALS),
        Claim("hysteresis", COVERAGE, "95 % interval of the loop's area", "no memory, 20 seeds",
              lambda i: covers(i, "area", 0.0), INTERVALS),
    ]  # fmt: skip


JUMP, QUARTERS = 140, 160


def of_warnings() -> list[Claim]:
    """Runs that jump at a quarter of their own; before, an AR(1) whose memory grows, or does not."""

    def runs(i: int, n: int, grows: bool) -> pd.DataFrame:
        tables = []
        for k in range(n):
            rng, tips = OWN([i, k, 8]), k % 2 == 0
            x = np.zeros(QUARTERS)
            for t in range(1, QUARTERS):
                memory = 0.98 * min(1.0, t / JUMP) if grows and tips else 0.3
                x[t] = memory * x[t - 1] + 0.03 * rng.normal()
            x[JUMP:] += 2.0 * tips
            tables.append(pd.DataFrame({"push": "a", "replication": k, "step": range(QUARTERS), "x": x}))
        return pd.concat(tables, ignore_index=True)

    @lru_cache(64)
    def seen(i: int, n: int, grows: bool) -> Any:
        return warning_of_jumps.early_warning_of(runs(i, n, grows), "x", start=8)

    def warned(i: int, n: int, grows: bool) -> bool:
        answer = seen(i, n, grows).answer()
        return "gives some warning" in answer or "is rarer before" in answer

    def area(i: int, which: str) -> bool:
        found = seen(i, 30, False).warnings.auc[which]
        return bool(found.low <= 0.5 <= found.high)

    blue = "jumps out of the blue, 15 runs of each kind"
    return [
        *(
            Claim("hysteresis", COVERAGE, f"95 % interval of the area under the ROC curve, {which}", blue,
                  lambda i, which=which: area(i, which), INTERVALS)
            for which in warning_of_jumps.INDICATORS
        ),
        Claim("hysteresis", FALSE, "indicators warn of jumps", "jumps out of the blue, 4 runs of each kind",
              lambda i: warned(i, 8, False), MANY),
        Claim("hysteresis", FALSE, "indicators warn of jumps", blue,
              lambda i: warned(i, 30, False), MANY),
        Claim("hysteresis", POWER, f"indicators warn of jumps, {DEFAULT} (15 runs of each kind)",
              "memory grows from 0 to .98", lambda i: warned(i, 30, True), FEW),
        Claim("hysteresis", POWER, f"indicators warn of jumps, {TWICE}",
              "memory grows from 0 to .98", lambda i: warned(i, 60, True), FEW),
    ]  # fmt: skip


# Resilience: two shocks of which one takes a share of x; all else is noise, half of it with a memory.
LENGTH, STRUCK = 36, 12


def struck(i: int, pairs: int, loss: float) -> Any:
    rng = OWN(i)
    parts = []
    for shock in ("none", "blow", "whim"):
        for k in range(pairs):
            noise = rng.normal(size=(3, LENGTH))
            noise[1] = 0.7 * np.convolve(noise[1], 0.7 ** np.arange(20))[:LENGTH]
            x, y, n = 1.0 + 0.1 * noise
            x[STRUCK:] -= loss * (shock == "blow")
            values = {"x": x, "y": y, "n": 10 * n}
            parts.append(pd.DataFrame({"shock": shock, "replication": k, "step": range(LENGTH), **values}))
    table = pd.concat(parts, ignore_index=True)
    return resilience(table, {"blow": STRUCK, "whim": STRUCK}, ["x", "y"], spared="none", communities="n")


def of_resilience() -> list[Claim]:
    def said(i: int) -> bool:
        found = struck(i, 20, 0.0)
        return bool(
            found.summary[["is_lost", "is_moved"]].to_numpy().any() or found.standing["is_standing"].to_numpy().any()
        )

    def lost(i: int, pairs: int) -> bool:
        return bool(struck(i, pairs, 0.06).summary.set_index(["shock", "response"]).loc[("blow", "x"), "is_lost"])

    def covers(i: int) -> bool:
        about = struck(10_000 + i, 10, 0.3).summary.iloc[0]
        return bool(about["lasting_low"] <= 0.3 <= about["lasting_high"])

    one = "a loss of 6 % where one run wobbles by 10 %"
    return [
        Claim("resilience", FALSE, "a response or the communities move", NONE, said, MANY),
        Claim("resilience", POWER, f"the loss is told, {DEFAULT} (10 pairs)", one, lambda i: lost(i, 10), SEEN),
        Claim("resilience", POWER, f"the loss is told, {TWICE}", one, lambda i: lost(i, 20), SEEN),
        Claim("resilience", COVERAGE, "95 % interval of what lasts", "10 pairs, 30 % lasts", covers, INTERVALS),
    ]


# Boundary: a plane, 4 seeds a point, noise 0.25.
PLANE = Space.of({"x": (0.0, 1.0), "y": (0.0, 1.0)})


def side(i: int, height: Callable[[np.ndarray, np.ndarray], Any], n: int = 96) -> Any:
    rng = OWN([i, 3])

    def simulate(at: pd.DataFrame) -> pd.DataFrame:
        z = np.repeat(height(at["x"].to_numpy(), at["y"].to_numpy()) + np.zeros(len(at)), 4)
        about = {"point": np.repeat(range(len(at)), 4), "replication": np.tile(range(4), len(at)), "status": "ok"}
        return pd.DataFrame({**about, "z": z + 0.25 * rng.normal(size=len(z))})

    return find_boundary(PLANE, simulate, "z", 0.0, n_points=n, start=64 if n > 64 else n // 2, seed=i + 1)


def worlds(i: int, n: int = 8, step: float = 0.1) -> pd.DataFrame:
    """Replications whose crossing lies at 3 times a lognormal factor of their own; flat without a step."""
    rng = OWN([i, 4])
    k = np.exp(np.linspace(0.0, 3.0, 16))
    tables = []
    for replication in range(n):
        y = 0.7 - step * np.tanh(np.log(k / 3.0) - rng.normal(0.0, 0.2)) + rng.normal(0.0, 0.005, 16)
        y -= 0.02 * (step == 0.0)
        tables.append(pd.DataFrame({"ratio": k, "replication": replication, "status": "ok", "y": y}))
    return pd.concat(tables, ignore_index=True)


def of_boundary() -> list[Claim]:
    @lru_cache(64)
    def halved(i: int, n: int) -> Any:
        return side(i, lambda x, y: 4 * (x - 0.3 - 0.4 * y), n)

    @lru_cache(64)
    def crossing(i: int, n: int) -> Any:
        return critical_value(worlds(i, n), "ratio", "y", 0.7, is_log=True)

    def crossed(i: int) -> bool:
        return "everywhere" not in side(i, lambda x, y: -0.2).answer()

    def split(i: int, n: int) -> bool:
        return abs(halved(i, n).share_above - 0.5) < 0.02

    def expected(i: int) -> bool:
        found = halved(i, 96)
        wrong = (found.chance > 0.5) != (found.cells[:, 0] > 0.3 + 0.4 * found.cells[:, 1])
        return bool(wrong.mean() <= 2 * found.doubtful)

    def covers(i: int) -> bool | None:
        found = crossing(i, 8)
        return bool(found.low <= 3.0 <= found.high) if np.isfinite(found.value) else None

    def flat(i: int) -> bool:
        return bool(np.isfinite(critical_value(worlds(i, step=0.0), "ratio", "y", 0.7, is_log=True).value))

    def told(i: int, n: int) -> bool:
        found = crossing(i, n)
        return bool(found.low > 2.0 and found.high < 4.5)

    edge = "an edge that halves the plane"
    near = "the edge at 3, worlds apart by 20 %"
    return [
        Claim("boundary", FALSE, "a part lies above the threshold", "a plane below it by four fifths of the noise",
              crossed, FEW),
        Claim("boundary", POWER, f"the share above is right to 2 points, {DEFAULT} (96 points)", edge,
              lambda i: split(i, 96), FEW),
        Claim("boundary", POWER, f"the share above is right to 2 points, {TWICE}", edge, lambda i: split(i, 192), FEW),
        Claim("boundary", COVERAGE, "the map is wrong in at most twice what is expected", edge, expected, FEW),
        Claim("boundary", FALSE, "the outcome crosses along the key", "flat, four spreads below", flat, FEW),
        Claim("boundary", POWER, f"the critical value is known to a third, {DEFAULT} (8 seeds)", near,
              lambda i: told(i, 8), FEW),
        Claim("boundary", POWER, f"the critical value is known to a third, {TWICE}", near, lambda i: told(i, 16), FEW),
        Claim("boundary", COVERAGE, "95 % interval of the critical value", near, covers, INTERVALS),
    ]  # fmt: skip


# Calibration: x = a + b / 2, y = a^2; c acts on nothing.
RANGES = {"a": (0.0, 1.0), "b": (0.0, 2.0), "c": (0.0, 1.0)}
TRUTH = {"a": 0.6, "b": 0.8}


@lru_cache(512)
def calibrated(i: int, n: int, x_seen: float) -> Any:
    def simulate(at: pd.DataFrame, seed: int, replications: int) -> pd.DataFrame:
        rng = OWN([i, seed])
        frames = [
            pd.DataFrame({
                "point": range(len(at)), "replication": k, "status": "ok", **{name: at[name] for name in RANGES},
                "x": at["a"] + 0.5 * at["b"] + rng.normal(0, 0.03, len(at)),
                "y": at["a"] ** 2 + rng.normal(0, 0.03, len(at)),
            })
            for k in range(replications)
        ]  # fmt: skip
        return pd.concat(frames, ignore_index=True)

    rng = OWN([i, 6])
    at = pd.DataFrame({name: rng.uniform(*ends, n) for name, ends in RANGES.items()})
    off = rng.normal(0.0, 0.036, 2)
    wanted = [Anchor("x", x_seen + off[0], 0.02, "x seen", "toy"), Anchor("y", 0.36 + off[1], 0.02, "y seen", "toy")]
    return calibrate(
        simulate(at, 1, 2), lambda draws: simulate(draws, 9, 1), RANGES, wanted, pace=Pace(40, 2, 0.05), seed=i + 1
    )


def of_calibration() -> list[Claim]:
    def missed(i: int) -> bool:
        return not calibrated(i, 40, 1.0).predictive["is_met"].all()

    def idle(i: int) -> bool:
        return "c is " in calibrated(i, 40, 1.0).answer()

    def told(i: int, n: int) -> bool:
        return "a is " in calibrated(i, n, 1.0).answer()

    def out(i: int, n: int) -> bool:
        return "does not meet" in calibrated(i, n, 2.3).answer()

    def covers(i: int) -> bool:
        about = calibrated(i, 40, 1.0).parameters.set_index("parameter").loc["a"]
        return bool(about["low"] <= TRUTH["a"] <= about["high"])

    true = "the truth lies within"
    return [
        Claim("calibrate", FALSE, "an anchor is not met", true, missed, FEW),
        Claim("calibrate", FALSE, "the anchors tell something of an idle parameter", true, idle, FEW),
        Claim("calibrate", POWER, f"the anchors tell the parameter, {DEFAULT} (40 points)", true,
              lambda i: told(i, 40), FEW),
        Claim("calibrate", POWER, f"the anchors tell the parameter, {TWICE}", true, lambda i: told(i, 80), FEW),
        Claim("calibrate", POWER, f"an anchor is not met, {DEFAULT}", "an anchor out of reach",
              lambda i: out(i, 40), FEW),
        Claim("calibrate", POWER, f"an anchor is not met, {TWICE}", "an anchor out of reach",
              lambda i: out(i, 80), FEW),
        Claim("calibrate", COVERAGE, "90 % interval of a parameter", true, covers, FEW),
    ]  # fmt: skip


# Search: money is dear, rules are cheap; what a mix reaches is known.
MIX = (Instrument("money", 0.0, 1.0), Instrument("rules", 0.0, 1.0))


def searched(i: int, best: float, n: int = 80, runs: int = 60) -> tuple[Any, Callable[[Any], float]]:
    """No mix reaches the goal with more than ``best``; what each reaches, in truth."""

    def chance(mix: Any) -> Any:
        return best / (1.0 + np.exp(-12.0 * (np.minimum(mix["money"] + mix["rules"], 1.5) - 0.4)))

    def simulate(seed: int, replications: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
        rng = OWN([i, seed])

        def run(at: pd.DataFrame) -> pd.DataFrame:
            frames = []
            for k in range(replications):
                draw = rng.random(len(at))
                ok = (draw < np.asarray(chance(at))).astype(float)
                about = {"point": range(len(at)), "replication": k, "status": "ok", "reached": ok, "stayed": ok}
                frames.append(pd.DataFrame({**about, "cost": 10 * at["money"] + 2 * at["rules"] ** 2}))
            return pd.concat(frames, ignore_index=True)

        return run

    found = search(simulate(1, 6), simulate(2, runs), MIX, goal=Goal(), effort=Effort(n, 20, 12, seed=i + 1))
    return found, chance


def of_search() -> list[Claim]:
    def sure(i: int) -> bool:
        return searched(i, 0.9)[0].cheapest_sure is not None

    def finds(i: int, n: int) -> bool:
        return searched(i, 1.0, n)[0].cheapest_sure is not None

    def covers(i: int) -> bool | None:
        found, chance = searched(i, 0.97)
        mix = found.cheapest
        return None if mix is None else bool(mix["reached_low"] <= float(chance(mix)) <= mix["reached_high"])

    return [
        Claim("search", FALSE, "a mix reaches the goal surely enough", "no mix has more than 90 %", sure, FEW),
        Claim("search", POWER, f"a mix reaches it surely, {DEFAULT} (80 proposals)", "many mixes have all but 100 %",
              lambda i: finds(i, 80), FEW),
        Claim("search", POWER, f"a mix reaches it surely, {TWICE}", "many mixes have all but 100 %",
              lambda i: finds(i, 160), FEW),
        Claim("search", COVERAGE, "95 % interval of what the cheapest mix reaches", "mixes up to 97 %", covers, FEW),
    ]  # fmt: skip


# Sweeps: directions along keys (--robust), seeds that are advised (--advise).
def of_sweeps() -> list[Claim]:
    def directions(i: int, n: int, slope: float) -> dict[str, str]:
        rng = OWN([i, n, 9])
        x = np.repeat(rng.random((n, 2)), 10, axis=0)
        table = pd.DataFrame(x, columns=["a", "b"]).assign(point=np.repeat(range(n), 10), status="ok")
        for name in "yz":
            table[name] = slope * x[:, 0] * (name == "y") + rng.normal(size=len(x))
        return of_keys(table, ["a", "b"], ["y", "z"])

    def along(i: int) -> bool:
        return any(said != "not told" for said in directions(i, 64, 0.0).values())

    def rises(i: int, n: int) -> bool:
        return directions(i, n, 0.5)["y over a"] == "rises"

    @cache
    def advised() -> int:
        return seeds_for(1.0, 2**0.5, among=9)

    def tells(i: int, times: int) -> bool:
        table = paired_effects(arms(i, times * advised(), 1.0), list("xyz"), baseline="nothing").table
        return bool(table.set_index(["arm", "outcome"]).loc[("a", "x"), "is_told"])

    key = "a key that moves it from end to end by half the spread of a run"
    pair = "an effect of .7 spreads of a pair's difference, one of nine"
    return [
        Claim("robustness", FALSE, "an outcome rises or falls with a key", NONE, along, MANY),
        Claim("robustness", POWER, f"it rises with the key, {DEFAULT} (64 points)", key, lambda i: rises(i, 64), SEEN),
        Claim("robustness", POWER, f"it rises with the key, {TWICE}", key, lambda i: rises(i, 128), SEEN),
        Claim("effects", POWER, f"the seeds that are advised tell it, {DEFAULT} (as advised)", pair,
              lambda i: tells(i, 1), SEEN),
        Claim("effects", POWER, f"the seeds that are advised tell it, {TWICE}", pair, lambda i: tells(i, 2), SEEN),
    ]  # fmt: skip


@cache
def claims() -> tuple[Claim, ...]:
    """All of them, in the order of docs/methods.md."""
    of = (
        of_effects, of_sensitivity, of_discovery, of_boundary, of_comparison, of_hysteresis, of_warnings, of_resilience,
        of_calibration, of_search, of_sweeps, of_questions,
    )  # fmt: skip
    return tuple(claim for part in of for claim in part())
