"""Sensitivity indices against functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.analysis._noise import LEVEL, holm
from experiments.analysis._runs import rows
from experiments.analysis._space import Space
from experiments.analysis.sensitivity import METHODS, ONE_SEED, Sensitivity, analyse, disagreements, points, sensitivity
from experiments.commands.sensitivity import DEFAULT_N

SPACE = Space.of({"x1": (-np.pi, np.pi), "x2": (-np.pi, np.pi), "x3": (-np.pi, np.pi)})
# Ishigami & Homma (1990) with a = 7, b = 0.1: closed forms of Saltelli et al. (2008).
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}


def ishigami(drawn: pd.DataFrame) -> pd.DataFrame:
    x1, x2, x3 = (drawn[name].to_numpy() for name in SPACE.names)
    y = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
    return pd.DataFrame({"point": range(len(drawn)), "replication": 0, "status": "ok", "y": y})


def test_sobol_indices_of_ishigami_lie_in_their_intervals() -> None:
    total, first = 0, 0
    for seed in range(1, 11):
        table = sensitivity("sobol", SPACE, ishigami, "y", 1024, seed=seed).table.set_index("key")
        for name in SPACE.names:
            row = table.loc[name]
            total += bool(row["low"] <= TOTAL[name] <= row["high"])
            first += bool(abs(row["first"] - FIRST[name]) <= row["first_half_width"])
            assert row["high"] - row["low"] < 0.2
    # 30 at 95 %: fewer than 25 come about once in 600 times.
    assert min(total, first) >= 25


@pytest.mark.parametrize("method", ["morris", "delta", "pawn"])
def test_other_methods_find_what_matters_and_leave_out_what_does_not(method: str) -> None:
    space = Space.of({"strong": (0.0, 1.0), "weak": (0.0, 1.0), "idle": (0.0, 1.0)})

    def simulate(drawn: pd.DataFrame) -> pd.DataFrame:
        y = 3.0 * drawn["strong"] + drawn["weak"] ** 2
        return pd.DataFrame({"point": range(len(drawn)), "replication": 0, "status": "ok", "y": y})

    n = 20 if method == "morris" else 500
    studies = [sensitivity(method, space, simulate, "y", n, seed=seed) for seed in range(1, 7)]
    tables = [found.table.set_index("key") for found in studies]
    for found, table in zip(studies, tables, strict=True):
        assert found.important(1) == ["strong"]
        assert table.loc["strong", "is_told"] and table.loc["strong", "low"] > 0
        assert "strong" in found.answer() and METHODS[method].title in found.answer()
    # Of 40 studies PAWN, the bluntest of them, tells the weak one in 34.
    assert sum(bool(table.loc["weak", "is_told"]) for table in tables) >= 4
    # One study in twenty takes an idle input for one that acts: three of six come about once in 400 times.
    for is_taken in (lambda row: bool(row["is_told"]), lambda row: row["low"] > 0):
        assert sum(is_taken(table.loc["idle"]) for table in tables) < 3
    index = {key: float(np.mean([table.loc[key, "index"] for table in tables])) for key in ("strong", "weak", "idle")}
    assert index["strong"] > 2 * index["weak"] > 0 and index["idle"] < 0.15 * index["strong"]
    assert index["weak"] > index["idle"]


def test_morris_gives_the_slope_of_a_line() -> None:
    space = Space.of({"a": (0.0, 10.0), "b": (0.0, 1.0)})

    def simulate(drawn: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {"point": range(len(drawn)), "replication": 0, "status": "ok", "y": 2 * drawn["a"] - drawn["b"]}
        )

    table = sensitivity("morris", space, simulate, "y", 10).table.set_index("key")
    assert table.loc["a", "mu"] == pytest.approx(20.0)
    assert table.loc["b", "mu"] == pytest.approx(-1.0)


def test_failed_points_take_their_base_sample_out_and_are_said() -> None:
    n = 256
    runs = ishigami(points("sobol", SPACE, n))
    runs.loc[[0, 7, 8], "status"] = "failed"
    found = analyse("sobol", SPACE, runs, "y", n)
    assert found.n_points == (n - 2) * 5
    assert found.caveats == (
        "3 of 1,280 runs could not be used (3 failed, 0 ended without a value of `y`).",
        "2 of 256 groups of 5 points were left out for it.",
        ONE_SEED,
    )
    table = found.table.set_index("key")
    assert all(table.loc[name, "low"] <= TOTAL[name] <= table.loc[name, "high"] for name in SPACE.names)


def test_what_cannot_be_asked_is_named() -> None:
    with pytest.raises(InputError, match="did you mean `sobol`"):
        points("sobl", SPACE, 64)
    with pytest.raises(InputError, match="not a power of 2"):
        points("sobol", SPACE, 100)
    runs = ishigami(points("pawn", SPACE, 50)).assign(y=1.0)
    with pytest.raises(InputError, match="the same at every point"):
        analyse("pawn", SPACE, runs, "y", 50)


def test_a_sample_too_small_is_refused_and_not_taken_for_no_effect(capfd: pytest.CaptureFixture[str]) -> None:
    runs = ishigami(points("delta", SPACE, 99))
    with pytest.raises(InputError, match="Borgonovo's delta of `y` cannot be worked out from 99 points"):
        analyse("delta", SPACE, runs, "y", 99)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", ["delta", "pawn"])
def test_an_outcome_that_is_mostly_not_there_is_named_and_more_points_are_not_asked_for(method: str) -> None:
    n = 400
    runs = ishigami(points(method, SPACE, n))
    runs.loc[np.arange(n) % 10 > 0, "y"] = np.nan
    with pytest.raises(InputError, match="has a value at 40 of 400 usable samples") as caught:
        analyse(method, SPACE, runs, "y", n)
    assert "choose an outcome that is measured there" in str(caught.value)


def test_every_method_draws_whole_blocks() -> None:
    for name, method in METHODS.items():
        n = 16
        assert len(points(name, SPACE, n)) == n * method.block(3)


NOISE = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "one run in ten": lambda rng, shape: (rng.random(shape) < 0.1).astype(float),
    "heavy tails": lambda rng, shape: rng.standard_t(2, size=shape),
}
SIX = Space.of({f"x{i}": (0.0, 1.0) for i in range(6)})
STUDIES = 200
FALSE_ALARMS = 16
"""In so many of 200 studies at most may anything be said of noise (5 % are 10)."""


def told(method: str, unit: np.ndarray, y: np.ndarray, study: int) -> np.ndarray:
    """Which inputs a study says are told from noise, without the indices themselves."""
    return holm(METHODS[method].told(unit, y, study)) <= LEVEL


@pytest.mark.parametrize(
    ("method", "seeds", "noise"),
    [
        *(("morris", seeds, noise) for seeds in (1, 2, 4) for noise in ("normal", "heavy tails")),
        *(("sobol", seeds, noise) for seeds in (1, 2) for noise in ("normal", "one run in ten")),
        ("delta", 1, "normal"),
        ("delta", 2, "one run in ten"),
        ("pawn", 1, "normal"),
    ],
)
def test_on_pure_noise_hardly_any_study_names_an_input(method: str, seeds: int, noise: str) -> None:
    n = 100 if method == "pawn" else DEFAULT_N[method]
    said = 0
    for study in range(STUDIES):
        unit = METHODS[method].sample(SIX, n, study + 1)
        y = NOISE[noise](np.random.default_rng([study, seeds]), (len(unit), seeds))
        said += bool(told(method, unit, y, study).any())
    assert said <= FALSE_ALARMS


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_noise_that_is_larger_in_places_names_no_idle_input(method: str) -> None:
    said = 0
    for study in range(STUDIES):
        unit = METHODS[method].sample(SIX, DEFAULT_N[method], study + 1)
        noise = np.random.default_rng(study).normal(size=(len(unit), 2)) * np.exp(4.0 * unit[:, 5:])
        said += bool(told(method, unit, noise, study)[:5].any())
    assert said <= FALSE_ALARMS


@pytest.mark.parametrize(
    ("method", "seeds", "acting"),
    [("morris", 1, 2), ("morris", 2, 3), ("sobol", 1, 2), ("sobol", 2, 3), ("delta", 1, 3), ("pawn", 1, 2)],
)
def test_inputs_of_ishigami_are_told_at_twice_the_sample(method: str, seeds: int, acting: int) -> None:
    # x3 acts only through x1, which turns its effect round: one seed a point does not tell that from noise.
    n, studies = 2 * DEFAULT_N[method], 20 if method == "pawn" else 50
    hits = np.zeros(3)
    for study in range(studies):
        unit = METHODS[method].sample(SPACE, n, study + 1)
        y = ishigami(SPACE.points(unit))["y"].to_numpy()
        hits += told(method, unit, np.repeat(y[:, None], seeds, axis=1), study)
    assert (hits[:acting] >= 0.8 * studies).all()


@pytest.mark.parametrize(("method", "seeds"), [("morris", 1), ("morris", 2), ("sobol", 1), ("sobol", 2), ("delta", 1)])
def test_a_line_behind_noise_is_told_and_its_idle_inputs_are_not(method: str, seeds: int) -> None:
    hits, studies = np.zeros(6), 100
    for study in range(studies):
        unit = METHODS[method].sample(SIX, 2 * DEFAULT_N[method], study + 1)
        noise = np.random.default_rng([study, 3]).normal(size=(len(unit), seeds))
        hits += told(method, unit, (unit @ [3.0, 2.0, 0.0, 0.0, 0.0, 0.0])[:, None] + noise, study)
    assert (hits[:2] >= 0.8 * studies).all()
    assert hits[2:].sum() <= 0.1 * studies


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_the_sentence_on_noise_claims_nothing_and_says_what_would_help(method: str) -> None:
    def simulate(drawn: pd.DataFrame) -> pd.DataFrame:
        y = np.random.default_rng(3).normal(size=len(drawn))
        return pd.DataFrame({"point": range(len(drawn)), "replication": 0, "status": "ok", "y": y})

    found = sensitivity(method, SIX, simulate, "y", DEFAULT_N[method])
    assert found.answer().startswith("No input is told from noise in y by")
    assert found.caveats == (ONE_SEED,)
    assert found.table["index"].min() > 0
    few = sensitivity("morris", SIX, simulate, "y", 4)
    assert "4 steps of each of 6 inputs, 1 seed each, cannot tell any from noise" in few.caveats[0]


def test_intervals_stay_within_what_an_index_can_be() -> None:
    table = sensitivity("sobol", SPACE, ishigami, "y", 16).table
    assert table["low"].min() >= 0
    assert [row["high"] for row in rows(table) if row["index"] <= 1 < row["high"]] == []
    assert sensitivity("morris", SPACE, ishigami, "y", 4).table["low"].min() >= 0


def test_the_interval_of_a_few_trajectories_holds_the_mean_effect() -> None:
    from tests.trusted.claims import claims

    (claim,) = [claim for claim in claims() if claim.kind == "coverage" and "morris" in claim.method]
    # SALib's width, which takes few draws for many, holds it in 104 of these 120 and in 354 of 400.
    assert sum(bool(claim.study(i)) for i in range(120)) >= 107


@pytest.mark.parametrize("n", [64, 128])
def test_the_interval_of_a_total_index_holds_it_as_often_as_it_says(n: int) -> None:
    truth = {"line": np.array([9.0, 4.0]) / 13, "ishigami": np.array([TOTAL["x1"], TOTAL["x3"]])}
    held = dict.fromkeys(truth, 0)
    studies = 60
    for study in range(studies):
        for name, space in (("line", SIX), ("ishigami", SPACE)):
            unit = METHODS["sobol"].sample(space, n, study + 1)
            y = unit @ [3.0, 2.0, 0, 0, 0, 0] if name == "line" else ishigami(space.points(unit))["y"].to_numpy()
            table = METHODS["sobol"].analyse(space, unit, y, study).iloc[[0, 1 if name == "line" else 2]]
            low, high = table["low"].to_numpy(), table["high"].to_numpy()
            held[name] += int(((low <= truth[name]) & (truth[name] <= high)).sum())
    # 120 at 95 %: fewer than 104 come about once in 400 times. One sequence in place of eight
    # held 102 of a line's indices at 64 base samples and all at 128.
    assert min(held.values()) >= 104


def made(method: str, **inputs: tuple[float, float, float, float]) -> Sensitivity:
    """Indices as given: index, low, high, p of each input."""
    table = pd.DataFrame(
        [(key, key, *row, row[3] <= 0.05) for key, row in inputs.items()],
        columns=["key", "label", "index", "low", "high", "p", "is_told"],
    ).sort_values("index", ascending=False, ignore_index=True)
    return Sensitivity(method, "y", "y", table, pd.DataFrame(), 64)


def test_inputs_whose_intervals_meet_are_put_into_no_order() -> None:
    told = 0.01
    text = made("sobol", a=(0.5, 0.2, 0.9, told), b=(0.4, 0.1, 0.8, told), c=(0.1, 0.05, 0.15, told)).answer()
    assert "For y a (0.50, 0.20 to 0.90) and b (0.40, 0.10 to 0.80) matter most and are not told from" in text
    assert "then c (0.10, 0.05 to 0.15)" in text
    # A sentence names a handful; that of many names their number.
    many = made("sobol", **{f"x{i}": (0.5 - 0.01 * i, 0.1, 0.9, told) for i in range(9)}).answer()
    assert "x4 (0.46, 0.10 to 0.90) and 4 others not named here matter most" in many and "x5" not in many
    six = made("sobol", **{f"x{i}": (0.5 - 0.01 * i, 0.1, 0.9, told) for i in range(6)}).answer()
    assert "and x5 (0.45, 0.10 to 0.90) matter most" in six
    text = made("sobol", a=(0.7, 0.6, 0.8, told), b=(0.3, 0.2, 0.4, told)).answer()
    assert "For y a (0.70, 0.60 to 0.80) matters most, then b (0.30, 0.20 to 0.40)," in text
    # An input that is not told from noise belongs to no group.
    assert made("sobol", a=(0.7, 0.6, 0.8, told), b=(0.65, 0.5, 0.8, 0.3)).leading() == ["a"]


def test_methods_that_disagree_are_said_to_and_others_are_not() -> None:
    told = 0.001
    sobol = made("sobol", a=(0.7, 0.6, 0.8, told), b=(0.3, 0.2, 0.4, told), c=(0.1, 0.0, 0.2, told))
    morris = made("morris", a=(0.2, 0.1, 0.3, told), b=(0.9, 0.8, 1.0, told), c=(0.1, 0.0, 0.2, 0.6))
    notes = disagreements([sobol, morris])
    assert len(notes) == 2
    assert "put a above b" in notes[0] and "b above a" in notes[0]
    assert notes[1].startswith("c is told from noise in y by Sobol's indices alone")
    assert disagreements([sobol, sobol]) == [] and disagreements([sobol]) == []
    doubtful = made("morris", a=(0.2, 0.1, 0.85, told), b=(0.9, 0.8, 1.0, told), c=(0.1, 0.0, 0.2, told))
    assert disagreements([sobol, doubtful]) == []
