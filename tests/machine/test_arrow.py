"""Tables for the results folder: what pyarrow would make of the columns, made without pandas."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from abm.machine import arrow
from abm.results.recording import Columns


@pytest.mark.parametrize("n", [0, 1, 8, 11])
def test_a_table_is_what_pyarrow_makes_of_the_columns(n: int) -> None:
    columns: Columns = {
        "small": np.arange(n, dtype=np.int8),
        "number": np.where(np.arange(n) % 3 == 0, np.nan, np.arange(n) / 7.0),
        "truth": np.arange(n) % 3 == 1,
        "word": ["", "甲", "distrust", "z"][:n] * (n // 4 or 1) + [""] * (n % 4 if n > 4 else 0),
        "members": [list(range((i + 1) % 4)) for i in range(n)],
        "with_gaps": np.arange(2 * n, dtype=np.int64)[::2],
    }
    found = arrow.table(columns)
    found.validate(full=True)
    # NaN equals NaN.
    assert str(found.to_pydict()) == str(pa.table(columns).to_pydict())
    assert found.schema == pa.table(columns).schema


def test_a_run_is_saved_without_pandas(tmp_path: Path) -> None:
    script = "import abm, sys; abm.run('classroom', steps=2).save(sys.argv[1]); print('pandas' in sys.modules)"
    words = [sys.executable, "-c", script, str(tmp_path / "results")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.strip() == "False"
