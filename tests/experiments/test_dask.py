"""A sweep on a Dask cluster of two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from abm.machine.errors import InputError
from experiments import executors
from experiments.sweep import sweep
from tests.experiments.test_failures import design, whole

distributed: Any = pytest.importorskip("distributed")

# Dask's own, at its shutdown after a worker was killed.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.long
def test_a_worker_is_killed_and_no_run_is_lost(tmp_path: Path) -> None:
    asked = design("sleeping_50_ms", replications=15)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        pids = [worker.pid for worker in cluster.workers.values()]

        def kill() -> None:
            deadline = time.monotonic() + 60
            while not list(tmp_path.rglob("summary/*.parquet")) and time.monotonic() < deadline:
                time.sleep(0.05)
            os.kill(pids[0], signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        study = sweep(asked, tmp_path, executor=executors.start("dask", 0, cluster.scheduler_address), is_quiet=True)
        killer.join(60)
    whole(study)
    runs = study.runs()
    assert (runs["status"] == "ok").all()
    plain = sweep(asked, tmp_path / "plain", 1, "serial", True).runs()
    assert list(plain["result_hash"]) == list(runs["result_hash"])


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.executors.dask.PATIENCE", 1)
    with pytest.raises(InputError, match="is no Dask scheduler that answers"):
        executors.start("dask", 0, "tcp://127.0.0.1:9")
