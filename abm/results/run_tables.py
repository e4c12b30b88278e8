"""The tables of a run: what a folder keeps, a summary tells and a report shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from abm.results.called import with_names
from abm.results.recording import Columns, detections

if TYPE_CHECKING:
    import pandas as pd

    from abm.population.tables import Tables
    from abm.scenario import Scenario

RECORDED = ("metrics", "regions", "events", "contracts", "tables", "communities")
"""What is taken down during a run."""
TABLES = (*RECORDED, "detections")


@dataclass(frozen=True)
class RunTables:
    """The tables that a run left behind, and what it was a run of."""

    scenario: Scenario
    """As it was run: with its overrides, seed and steps."""
    steps_done: int
    region_names: tuple[str, ...]
    columns: dict[str, Columns] = field(repr=False)
    """The tables by name, each a dictionary of columns."""
    seconds: float = 0.0
    population: Tables | None = field(default=None, repr=False)
    """Who lived there. None: tables hold no ids and names."""

    def __post_init__(self) -> None:
        # They follow from the metrics and the parameters, whoever made them; where these changed on the way, the last.
        p = self.scenario.in_force(max(0, self.steps_done - 1)).p
        self.columns.setdefault("detections", detections(self.columns["metrics"], p))

    @property
    def is_complete(self) -> bool:
        """False for a run that was interrupted."""
        return self.steps_done >= self.scenario.steps

    def frame(self, table: str) -> pd.DataFrame:
        """One table as a DataFrame.

        Parameters
        ----------
        table : str
            One of `abm.results.TABLES`.

        Returns
        -------
        pandas.DataFrame
            Made anew each time.
        """
        import pandas as pd

        return pd.DataFrame(self.told(table))

    def told(self, table: str) -> Columns:
        """A table's columns, with the ids and names of regions and institutions beside their row numbers.

        Parameters
        ----------
        table : str
            One of `TABLES`.

        Returns
        -------
        dict
            Columns by name, in order.
        """
        if self.population is None:
            return self.columns[table]
        known = self.population
        return with_names(
            self.columns[table], known.members, {"college": known.colleges.id, "enterprise": known.enterprises.id}
        )

    @property
    def metrics(self) -> pd.DataFrame:
        """One row a step: the national metrics (abm.quarter.measurement.metrics says what each means)."""
        return self.frame("metrics")

    @property
    def regions(self) -> pd.DataFrame:
        """One row a step and region: stage, tables, causes of failure, contracts, levers, money."""
        return self.frame("regions")

    @property
    def events(self) -> pd.DataFrame:
        """One row an event."""
        return self.frame("events")

    @property
    def contracts(self) -> pd.DataFrame:
        """One row an event in the life of a contract: signed, renewed, lapsed, blamed, ended, fined, and why."""
        return self.frame("contracts")

    @property
    def tables(self) -> pd.DataFrame:
        """One row a failed table: why it failed and what alone would have closed it."""
        return self.frame("tables")

    @property
    def communities(self) -> pd.DataFrame:
        """One row a year and community."""
        return self.frame("communities")

    @property
    def detections(self) -> pd.DataFrame:
        """One row an episode of the whole run (detectors): failure, emergence, tipping, collapse."""
        return self.frame("detections")

    def result_hash(self) -> str:
        """A fingerprint of the tables: equal for equal results.

        Detections follow from metrics and are left out, so that older results folders have it too.

        Returns
        -------
        str
            BLAKE2b in 32 hexadecimal digits.
        """
        digest = hashlib.blake2b(digest_size=16)
        for name in RECORDED:
            for column, values in self.columns[name].items():
                digest.update(f"{name}.{column}:".encode())
                digest.update(values.tobytes() if isinstance(values, np.ndarray) else repr(values).encode())
        return digest.hexdigest()
