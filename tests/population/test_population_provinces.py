"""The country: totals of the official tables at scale 1, their proportions below it."""

from __future__ import annotations

import numpy as np
import pytest

from abm import population
from abm.machine.errors import InputError
from abm.population import provinces
from abm.scenario import PopulationSpec, Scenario


def country(**spec: object) -> Scenario:
    return Scenario(population=PopulationSpec(source="provinces", **spec))


def test_totals_are_the_official_ones() -> None:
    tables = population.tables(country())
    assert len(tables.regions.name) == 31
    assert len(tables.colleges.id) == 1486
    assert len(tables.enterprises.id) == 100_000
    assert tables.regions.entrants.sum() == round(15_900_966 / 3)
    counts = dict(zip(tables.regions.name, np.bincount(tables.colleges.region).tolist(), strict=True))
    assert (counts["Guangdong"], counts["Henan"], counts["Tibet (Xizang)"]) == (93, 99, 3)
    assert len({*tables.colleges.id.tolist()}) == 1486
    assert len({*tables.enterprises.id.tolist()}) == 100_000


def test_official_sums() -> None:
    everyone = provinces.provinces()
    assert sum(p.colleges for p in everyone) == 1486
    # The provinces' GDP stays about 1 % under the national figure of 2021.
    assert sum(p.gdp for p in everyone) == pytest.approx(1_161_500, rel=0.01)
    assert all(99.8 < p.primary + p.secondary + p.tertiary < 100.2 for p in everyone)
    assert sum(p.rd_spending for p in everyone) == pytest.approx(27_956.3, rel=0.001)


def test_borders() -> None:
    tables = population.tables(country())
    links = tables.regions.adjacency
    assert links.sum() == 2 * 69
    assert (links == links.T).all()
    assert not links.diagonal().any()
    place = {name: row for row, name in enumerate(tables.regions.name)}
    assert links[place["Guangdong"], place["Hainan"]]
    assert not links[place["Guangdong"], place["Beijing"]]
    assert set(provinces.tiles()) == set(tables.regions.name)
    assert len(set(provinces.tiles().values())) == 31


@pytest.mark.parametrize("scale", [0.001, 0.02, 0.5])
def test_scale_keeps_proportions(scale: float) -> None:
    full, part = population.tables(country()), population.tables(country(scale=scale))
    counts = np.bincount(part.colleges.region, minlength=31)
    assert counts.min() >= 1
    assert counts.sum() == max(31, round(1486 * scale))
    enterprises = np.bincount(part.enterprises.region, minlength=31)
    assert enterprises.sum() == round(100_000 * scale)
    assert np.abs(enterprises - scale * np.bincount(full.enterprises.region)).max() <= (1 if scale > 0.01 else 6)
    # The same institutions, only fewer.
    assert set(part.enterprises.id.tolist()) <= set(full.enterprises.id.tolist())


def test_a_part_of_the_country_is_the_same_part() -> None:
    full = population.tables(country(scale=0.1))
    part = population.tables(country(scale=0.1, regions=("CN-GD", "广西壮族自治区")))
    assert part.regions.name == ("Guangdong", "Guangxi")
    assert set(part.enterprises.id.tolist()) <= set(full.enterprises.id.tolist())
    assert part.regions.adjacency.tolist() == [[False, True], [True, False]]


def test_unknown_province_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'Guangdong'"):
        population.tables(country(regions=("Guangdog",)))


def test_technology_and_budget_follow_the_proxies() -> None:
    regions = population.tables(country()).regions
    place = {name: row for row, name in enumerate(regions.name)}
    assert regions.technology[place["Beijing"]] == pytest.approx(0.6)
    assert regions.technology[place["Tibet (Xizang)"]] == pytest.approx(0.1)
    assert regions.budget[place["Tibet (Xizang)"]] > 4 > 1 > regions.budget[place["Jiangsu"]]
    gdp = np.array([p.gdp for p in provinces.provinces()])
    assert (regions.budget * gdp).sum() / gdp.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("n", "names"),
    [
        (1, ("economy",)),
        (2, ("agriculture", "services 1")),
        (3, ("agriculture", "industry 1", "services 1")),
        (8, ("agriculture", *(f"industry {i}" for i in range(1, 5)), *(f"services {i}" for i in range(1, 4)))),
    ],
)
def test_sector_split(n: int, names: tuple[str, ...]) -> None:
    assert provinces.sector_names(n) == names
    beijing = provinces.provinces()[0]
    shares = provinces.sector_shares(beijing, n)
    assert shares.shape == (n,)
    assert shares.sum() == pytest.approx(1.0)
    if n == 8:
        assert shares[0] == pytest.approx(0.0027)
        assert shares[1:5].sum() == pytest.approx(0.1587)


def test_columns() -> None:
    state = population.build(country(scale=0.02), 1, threads=2)
    assert len(state.colleges.id) == 31
    beijing = state.enterprises.technology[state.enterprises.region == 0]
    assert abs(beijing.mean() - 0.6) < 0.05
    total = state.governments.budget.sum()
    assert total == pytest.approx(Scenario().p.budget_per_enterprise * 2000, rel=0.05)
