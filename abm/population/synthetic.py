"""Invented worlds: equal regions on a ring, with everything else drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from abm.population.tables import (
    Regions,
    SectorProfiles,
    Tables,
    largest_remainder,
    unknown_colleges,
    unknown_enterprises,
)

if TYPE_CHECKING:
    from abm.population.spec import PopulationSpec


def ring(n: int) -> npt.NDArray[np.bool_]:
    """Regions on a ring, each beside two others. Shape [R, R]."""
    links = np.zeros((n, n), np.bool_)
    for r in range(n):
        links[r, (r + 1) % n] = True
    links |= links.T
    np.fill_diagonal(links, False)
    return links


def synthetic(spec: PopulationSpec) -> Tables:
    """The world of a synthetic PopulationSpec: its counts times its scale, split evenly over the regions."""
    n_regions, n_sectors, n_skills = spec.n_regions, spec.n_sectors, spec.n_skills
    even = np.ones(n_regions)
    n_colleges = largest_remainder(round(spec.n_colleges * spec.scale), even)
    n_enterprises = largest_remainder(round(spec.n_enterprises * spec.scale), even)
    # Nobody can enrol where there is no college.
    entrants = largest_remainder(round(spec.n_students * spec.scale / 3), n_colleges.astype(np.float64))
    rows = np.arange(n_regions, dtype=np.int32)
    return Tables(
        Regions(
            id=np.arange(n_regions, dtype=np.uint32),
            name=tuple(f"region {r + 1}" for r in rows),
            entrants=entrants if n_colleges.sum() > 0 else np.zeros(n_regions, np.int64),
            budget=np.ones(n_regions),
            technology=np.full(n_regions, np.nan),
            sector_shares=np.full((n_regions, n_sectors), np.nan),
            adjacency=ring(n_regions),
        ),
        SectorProfiles(tuple(f"sector {s + 1}" for s in range(n_sectors)), np.full((n_sectors, n_skills), np.nan)),
        unknown_colleges(np.repeat(rows, n_colleges)),
        unknown_enterprises(np.repeat(rows, n_enterprises)),
    )
