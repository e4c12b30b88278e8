"""Random numbers against published vectors and closed forms."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy import stats

from abm.machine.streams import gamma, normal, philox, unit, words

SEED = np.uint64(0x123456789ABCDEF0)
ONES = 0xFFFFFFFF
KNOWN_ANSWERS = [
    # counter, key, output: kat_vectors of the Random123 distribution, philox4x32 10
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@numba.njit
def draw_units(n):
    """All four words of n draws as units. Shape [n, 4]."""
    found = np.empty((n, 4))
    for i in range(n):
        a, b, c, d = words(SEED, 40, 3, i, 0)
        found[i, 0], found[i, 1], found[i, 2], found[i, 3] = unit(a), unit(b), unit(c), unit(d)
    return found


@numba.njit
def draw_normals(n):
    found = np.empty(n)
    for i in range(n):
        found[i] = normal(SEED, 40, i % 7, i // 7, 5)
    return found


@numba.njit
def draw_gammas(n, shape):
    found = np.empty(n)
    for i in range(n):
        found[i] = gamma(SEED, 41, 0, i, 2, shape)
    return found


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, answer):
    found = philox(*(np.uint32(word) for word in (*counter, *key)))
    assert tuple(int(word) for word in found) == answer


def test_a_draw_is_the_block_of_its_address():
    seed = np.uint64(0x299F31D0A4093822)
    found = words(seed, 0x03707344, 0x13198A2E, 0x243F6A88, 0x85A308D3)
    assert tuple(int(word) for word in found) == KNOWN_ANSWERS[2][2]


def test_units_stay_strictly_inside_zero_and_one():
    assert unit(np.uint32(0)) == 2.0**-33
    assert unit(np.uint32(ONES)) == 1.0 - 2.0**-33


def test_units_are_uniform_and_independent():
    u = draw_units(20_000)
    for column in u.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
        assert column.mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / len(u)))
        assert column.var() == pytest.approx(1 / 12, abs=4 * np.sqrt(1 / 180 / len(u)))
    between = np.corrcoef(u.T)[np.triu_indices(4, 1)]
    neighbours = [np.corrcoef(column[:-1], column[1:])[0, 1] for column in u.T]
    assert np.abs([*between, *neighbours]).max() < 4.5 / np.sqrt(len(u))


def test_normals_are_standard():
    z = draw_normals(40_000)
    assert stats.kstest(z, "norm").pvalue > 1e-3
    assert z.mean() == pytest.approx(0, abs=4 / np.sqrt(len(z)))
    assert z.var() == pytest.approx(1, abs=4 * np.sqrt(2 / len(z)))


@pytest.mark.parametrize("shape", [0.3, 1.0, 2.5, 40.0])
def test_gammas_have_their_shape(shape):
    g = draw_gammas(20_000, shape)
    assert stats.kstest(g, stats.gamma(shape).cdf).pvalue > 1e-3
    assert g.mean() == pytest.approx(shape, abs=4 * np.sqrt(shape / len(g)))


@pytest.mark.parametrize("other", ["seed", "stream", "step", "row", "sub"])
def test_another_address_is_another_draw(other):
    address = {"seed": np.uint64(1), "stream": 2, "step": 3, "row": 4, "sub": 5}
    changed = {**address, other: np.uint64(2**40) if other == "seed" else address[other] + 1}
    assert words(*address.values()) == words(*address.values())
    assert words(*address.values()) != words(*changed.values())
