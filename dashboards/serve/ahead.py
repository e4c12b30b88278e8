"""What is imported before the server listens: all that visitors' threads would import when they first need it.

While one thread imports a module, others see it half loaded: Solara asks of each value whether it is a pandas
table, and with half a pandas every page fails that is being drawn at that moment. A command that needs no pandas
starts faster without; a server that many use has it from the start.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

import numba

from abm import quarter
from abm.quarter.measurement import detectors, metrics
from abm.quarter.negotiation import protocols
from abm.scenario import policies
from dashboards import views
from experiments import executors
from experiments.design import samplers, shocks

MODULES = (
    # Ours.
    "abm.machine.arrow", "abm.machine.spreadsheet", "abm.population.draws", "abm.population.initial",
    "abm.population.provinces", "abm.population.reading", "abm.population.synthetic", "abm.population.workbook",
    "abm.results.columns", "abm.results.folder", "abm.results.mends", "abm.results.notebook", "abm.results.report",
    "abm.results.running", "abm.results.simulate", "abm.results.trial", "abm.results.warmup",
    "dashboards.serve.closing", "dashboards.serve.patience", "experiments.commands._store", "experiments.design",
    "experiments.design.arms", "experiments.design.reading", "experiments.evaluator", "experiments.sweep.store",
    # Of others.
    "encodings.utf_8_sig", "pandas", "pandas.core.arrays.arrow.extension_types", "pandas.core.methods.to_dict",
    "pandas.io.formats.csvs", "pyarrow.dataset", "pyarrow.pandas_compat", "pyarrow.parquet", "pyarrow.substrait",
    "scipy.stats",
)  # fmt: skip
"""Those that some function imports, or a library when it is first asked for something."""
FOLDERS: tuple[Callable[[], object], ...] = (
    quarter.schedule, detectors.detectors, executors.executors, metrics.groups, policies.rules,
    samplers.samplers, shocks.shocks,
    views.views, lambda: [protocols.protocol(name) for name in protocols.names()],
)  # fmt: skip
"""Modules that are found in folders or loaded with the first quarter, each by the function that finds them."""


def _one() -> int:
    return 1


def load() -> None:
    """Import it all; call it on the main thread, before there are others."""
    for name in MODULES:
        import_module(name)
    # Only where workbooks are read and written.
    with suppress(ImportError):
        import_module("openpyxl.cell")
    for find in FOLDERS:
        find()
    # Numba loads most of itself with the first kernel that it compiles.
    numba.njit(_one)()  # pyright: ignore[reportUnknownMemberType]
