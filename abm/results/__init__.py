"""What a run leaves behind: from a scenario to tables, a folder, a summary and a report."""

from abm.results.run_tables import TABLES
from abm.results.running import Results, Run, Watcher, processors, run

__all__ = ["TABLES", "Results", "Run", "Watcher", "processors", "run"]
