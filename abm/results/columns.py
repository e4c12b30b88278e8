"""The data dictionary: every column of every table that a run leaves, with its kind, unit, range and meaning.

Made from what the model declares of its metrics, levers, causes and parties; what has no home there is said here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from abm.machine.language import paragraph, spoken
from abm.quarter.measurement.detectors import detectors
from abm.quarter.measurement.metrics import catalogue, regional_catalogue
from abm.results.called import LISTS
from abm.results.recording import COUNTED
from abm.world.levers import LEVERS, SPENDING
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import (
    CAUSES,
    CONTRACT_EVENTS,
    EVENT_CAUSES,
    LEVELS,
    N_LEVELS,
    N_MOVES,
    PARTIES,
    STAGES,
    TABLE_KINDS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

INF = float("inf")
SHARE = ("1", 0.0, 1.0)
COUNT = ("1", 0.0, INF)
ANY = ("1", -INF, INF)


class Column(NamedTuple):
    """One column. kind: ``whole``, ``number``, ``flag``, ``text``, ``list`` or ``id`` (text or whole number)."""

    name: str
    kind: str
    unit: str
    low: float
    high: float
    meaning: str

    @property
    def range(self) -> str:
        """Its range in words; empty where every value of the kind may be."""
        ends = ["" if abs(end) == INF else f"{end:g}" for end in (self.low, self.high)]
        return " to ".join(ends).strip() if any(ends) else ""


def _row(kind: str) -> Column:
    meaning = f"Row of the {kind}, from 0; -1 = concerns none."
    return Column(kind, "whole", "row", -1, INF, meaning)


def _named(kind: str) -> tuple[Column, Column]:
    return (
        Column(f"{kind}_id", "id", "id", -INF, INF, f"Id of the {kind}: that of your table; -1 or empty = none."),
        Column(f"{kind}_name", "text", "name", -INF, INF, f"Name of the {kind}; empty where it has none."),
    )


STEP = Column("step", "whole", "quarter", 0, INF, "Quarter in which it happened, from 0.")
YEAR = Column("year", "whole", "year", 1, INF, "Year, from 1, as pages and reports count.")
QUARTER = Column("quarter", "whole", "quarter", 1, 4, "Quarter of the year, from 1.")
WEIGHT = Column(
    "weight", "number", "1", 1, INF, "How many rows this one stands for: of very many in a quarter some are kept."
)


def _of(kind: str) -> tuple[Column, ...]:
    return _row(kind), *_named(kind)


FIELD = Column("field", "whole", "row", 0, INF, "Field of the college's programme: number of the sector, from 0.")


def _counted(name: str) -> Column:
    meanings = {"tables": "Negotiations of the quarter; reviews are left out.", "signed": "Contracts signed at them."}
    if name in meanings:
        return Column(name, "number", *COUNT, meanings[name])
    cause = CAUSES.label(name.removeprefix("failed_"))
    return Column(
        name,
        "number",
        *COUNT,
        f"Negotiations that failed for this cause; where causes share a failure, each counts its part: {cause}.",
    )


def _keys(listed: Sequence[str]) -> str:
    return "One of: " + ", ".join(listed) + "."


def run_tables() -> dict[str, tuple[Column, ...]]:
    """The columns of each table of a run, in order.

    Returns
    -------
    dict
        Columns by name of the table, such as "metrics".
    """
    measured = {
        name: Column(name, "number", of.unit, of.low, of.high, of.meaning)
        for known in (regional_catalogue(), catalogue())
        for name, of in known.items()
    }
    regions = [
        STEP,
        *_of("region"),
        Column("name", "text", "name", -INF, INF, "Name of the region."),
        Column("stage", "whole", "1", 0, len(STAGES) - 1, "Stage of integration: " + _numbered(STAGES.labels()) + "."),
        *map(_counted, COUNTED),
        *(Column(of.name, "number", of.unit, of.low, of.high, f"Lever: {of.label}.") for of in LEVERS),
        *(
            Column(f"spent_{kind}", "number", "money", 0, INF, f"Public money spent in the quarter: {_words(kind)}.")
            for kind in SPENDING
        ),
    ]
    there = {column.name for column in regions}
    regions += [measured[name] for name in regional_catalogue() if name not in there]
    return {
        "metrics": (STEP, *(measured[name] for name in catalogue())),
        "regions": tuple(regions),
        "events": (
            STEP,
            Column("kind", "text", "name", -INF, INF, "What happened, such as stage_changed or community_born."),
            *_of("region"),
            *_of("enterprise"),
            *_of("college"),
            Column("cause", "text", "name", -INF, INF, "Why: the new stage, or what ended a community or membership."),
            Column("value", "number", *ANY, "The stage, from 0; for communities their number."),
        ),
        "contracts": (
            STEP,
            Column("what", "text", "name", -INF, INF, _keys(CONTRACT_EVENTS)),
            *_of("enterprise"),
            *_of("college"),
            FIELD,
            Column("level", "whole", "level", 0, N_LEVELS, "Formal level: " + _numbered(LEVELS.labels()) + "."),
            Column("cause", "text", "name", -INF, INF, "Why; empty or one of: " + ", ".join(EVENT_CAUSES) + "."),
            Column("value", "number", *ANY, "Effort found by an audit, or gap between efforts that was blamed."),
            WEIGHT,
        ),
        "tables": (
            STEP,
            Column("table", "whole", "row", 0, INF, "Row among the negotiations of the quarter."),
            *_of("enterprise"),
            *_of("college"),
            FIELD,
            *_of("region"),
            Column("kind", "whole", "1", 0, len(TABLE_KINDS) - 1, f"Why they met: {_numbered(TABLE_KINDS.labels())}."),
            Column("rounds", "number", "rounds", 0, INF, "Rounds of talk."),
            Column("is_funded", "flag", "1", 0, 1, "0 = public money could not carry what was agreed."),
            Column("cause", "text", "name", -INF, INF, f"Primary cause of the failure. {_keys(CAUSES)}"),
            Column("binding", "text", "name", -INF, INF, f"Party whose constraint bound. {_keys(PARTIES)}"),
            WEIGHT,
            *(
                Column(f"move_{cause}", "number", *SHARE,
                       f"Smallest share of the way that alone would have closed the deal: {CAUSES.label(cause)}.")
                for cause in CAUSES
            ),
            *(
                Column(f"adds_{cause}", "number", "money", -INF, INF,
                       f"What it adds to the gain of who was short, if it alone closes it: {CAUSES.label(cause)}.")
                for cause in CAUSES[:N_MOVES]
            ),
            Column("together", "text", "name", -INF, INF,
                   "The smallest set of changes that closes a deal which several things failed; else empty."),
        ),
        "communities": (
            STEP,
            Column("community", "whole", "number", 0, INF, "Number of the community or candidate; it keeps it."),
            *_of("region"),
            Column("founded", "whole", "quarter", 0, INF, "Quarter in which the cluster was first seen."),
            Column("established", "whole", "quarter", -1, INF, "Quarter in which it was established; -1 = candidate."),
            Column("candidate_quarters", "whole", "quarters", 0, INF, "Quarters for which every member gained."),
            Column("n_enterprises", "whole", "enterprises", 0, INF, "Enterprises in it."),
            Column("n_colleges", "whole", "colleges", 0, INF, "Colleges in it."),
            Column("mean_depth", "number", *SHARE, "Mean substantive depth of its contracts."),
            Column("surplus", "number", "utility", -INF, INF, "What the members gain together over staying outside."),
            Column("surplus_unsubsidised", "number", "utility", -INF, INF, "The same without public money."),
            Column("is_self_sustaining", "flag", "1", 0, 1, "Whether every member gains without public money."),
            Column("has_charter", "flag", "1", 0, 1, "Whether it has a legal person of its own."),
            *(
                column
                for plural, kind in LISTS.items()
                for column in (
                    Column(plural, "list", "id", -INF, INF, f"Ids of its {plural}."),
                    Column(f"{kind}_names", "list", "name", -INF, INF, f"Names of its {plural}."),
                )
            ),
        ),
        "detections": (
            Column("kind", "text", "name", -INF, INF, _keys([detector.KIND for detector in detectors()])),
            Column("metric", "text", "name", -INF, INF, "Metric in which it was found."),
            Column("start", "whole", "quarter", 0, INF, "First quarter, from 0."),
            Column("end", "whole", "quarter", 0, INF, "Last quarter."),
            Column("value", "number", *ANY, "How strong: a mean, a level, a ratio or a share lost, by kind."),
        ),
    }  # fmt: skip


def advice_tables() -> dict[str, tuple[Column, ...]]:
    """The columns of the table that `abm advise` writes into a results folder.

    Returns
    -------
    dict
        Columns by name of the table.
    """
    from abm.results.advice import GROUPS, MEASURES

    a_lever = (
        Column("lever", "text", "name", -INF, INF, "Lever that is moved; empty = none."),
        Column("before", "number", *ANY, "Where it stands in the world as it is, mean over regions."),
        Column("after", "number", *ANY, "Where it is moved to."),
        Column("value", "number", *ANY, "What [[changes]] of a scenario say of it for that: rules add to it."),
    )
    units = {
        "failures_per_pair": ("failures/year", "Failed negotiations a year for 1,000 pairs of possible partners."),
        "failed_share": ("1", "Share of the negotiations that failed; reviews are left out."),
        "tables_per_pair": ("negotiations/year", "Negotiations a year for 1,000 pairs of possible partners."),
        "depth": ("1", "Mean substantive depth of contracts over the horizon."),
        "depth_per_place": ("1", "Substantive depth a place for partners over the horizon."),
        "jobs": ("jobs/year", "Field-related jobs of a year's graduates half a year after graduation."),
        "spent_kcny": ("1,000 yuan", "Public money over the whole horizon."),
    }
    measured = tuple(
        column
        for name in MEASURES
        for column in (
            Column(name, "number", units[name][0], 0, INF, units[name][1]),
            Column(f"{name}_effect", "number", units[name][0], -INF, INF, f"Less that of the world as it is: {name}."),
            Column(f"{name}_low", "number", units[name][0], -INF, INF, f"Lower end of its 90 % interval: {name}."),
            Column(f"{name}_high", "number", units[name][0], -INF, INF, f"Upper end of its 90 % interval: {name}."),
        )
    )
    return {
        "advice": (
            Column("quarter", "whole", "quarters", 0, INF, "Quarters that are done when levers are moved."),
            Column("horizon", "whole", "quarters", 1, INF, "Quarters that are played under each."),
            Column("seeds", "whole", "1", 1, INF, "Worlds in which each is tried."),
            Column("first_seed", "whole", "1", 0, INF, "Seed of the first of them; the others follow."),
            Column("budget_kcny", "number", "1,000 yuan", 0, INF, "Money that a change may cost more; empty = any."),
            Column("main_cause", "text", "name", -INF, INF, "What most tables of the world as it is failed for."),
            Column("main_cause_share", "number", *SHARE, "Share of the failures that it explains."),
            Column("group", "text", "name", -INF, INF, _keys(("as it is", *GROUPS))),
            Column("rank", "whole", "1", 0, INF, "Rank in its group by failures for each pair; 0 = as it is."),
            *a_lever,
            *(of._replace(name=f"second_{of.name}", meaning=f"Of the second lever of a pair: {of.meaning}")
              for of in a_lever),
            *measured,
        )
    }  # fmt: skip


def sheet_tables() -> dict[str, tuple[Column, ...]]:
    """The columns of each table as spreadsheets have them: a step's year and quarter beside it.

    Returns
    -------
    dict
        Columns by name of the table, such as "metrics".
    """
    return {
        name: (STEP, YEAR, QUARTER, *columns[1:]) if columns[0] == STEP else columns
        for name, columns in run_tables().items()
    }


def for_sheets(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of a run with the columns of ``sheet_tables``."""
    if "step" not in frame.columns:
        return frame
    found = frame.copy(deep=False)
    found.insert(1, YEAR.name, found["step"] // QUARTERS_A_YEAR + 1)
    found.insert(2, QUARTER.name, found["step"] % QUARTERS_A_YEAR + 1)
    return found


def _numbered(labels: Sequence[str]) -> str:
    return ", ".join(f"{i} {label}" for i, label in enumerate(labels))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _unit(of: Column) -> str:
    return "" if of.unit == "1" else spoken(of.unit)


def dictionary(tables: dict[str, tuple[Column, ...]]) -> pd.DataFrame:
    """A data dictionary as a table: a row a column, texts in the language that is spoken."""
    import pandas as pd

    rows = [
        (table, of.name, spoken(of.kind), _unit(of), of.low, of.high, paragraph(of.meaning))
        for table, columns in tables.items()
        for of in columns
    ]
    found = pd.DataFrame(rows, columns=["table", "column", "kind", "unit", "low", "high", "meaning"])
    for end in ("low", "high"):
        found[end] = found[end].where(found[end].abs() < INF)
    return found
