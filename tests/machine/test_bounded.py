"""Small files that stand for much: refused before it is written out into memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from abm.machine import bounded
from abm.machine.bounded import Budget
from abm.machine.errors import InputError
from abm.population import files
from dashboards.controls import uploads

ROWS = 1_900_000


def alike(value: str, rows: int = ROWS) -> pa.Array:
    """A column of one text, kept once."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([value]))


def long_texts(path: Path) -> None:
    """19 GB in a few kilobytes."""
    parquet.write_table(pa.table({"region": alike("x" * 10_000)}), path, compression="zstd")


def plain_texts(path: Path) -> None:
    """The same from a writer that does not say that it kept them once."""
    parquet.write_table(pa.table({"region": alike("x" * 10_000, 60_000)}), path, compression="zstd", store_schema=False)


def one_long_text(path: Path) -> None:
    parquet.write_table(pa.table({"region": ["x" * 1_000_000]}), path, compression="zstd")


def many_numbers(path: Path) -> None:
    """3 GB of the same number."""
    column = pa.array(np.zeros(ROWS, np.int64))
    parquet.write_table(pa.table({f"c{i}": column for i in range(200)}), path, compression="zstd")


def many_columns(path: Path) -> None:
    parquet.write_table(pa.table({f"c{i}": [0] for i in range(5000)}), path)


def lists(path: Path) -> None:
    """One row with 80 MB in it."""
    parquet.write_table(pa.table({"region": [np.zeros(10_000_000, np.int64)]}), path, compression="zstd")


def wide_bytes(path: Path) -> None:
    value = pa.array([b"x" * 100_000], pa.binary(100_000))
    parquet.write_table(pa.table({"region": value}), path)


BOMBS = {
    long_texts: "unpacks to", plain_texts: "unpacks to", one_long_text: "has a cell of 1,000,000 bytes",
    many_numbers: "unpacks to 1,900,000 rows", many_columns: "has 5,000 columns", lists: "holds lists",
    wide_bytes: "has a cell of 100,000 bytes",
}  # fmt: skip

READ = """
import resource, sys
from pathlib import Path
import pandas, pyarrow.parquet
from abm.machine.errors import InputError
from dashboards.controls import uploads
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
content = Path(sys.argv[1]).read_bytes()
try:
    uploads.scenario_from({"regions.parquet": content}, Path(sys.argv[2]))
except InputError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_a_small_file_that_stands_for_much_is_refused_within_little_memory(bomb, tmp_path: Path) -> None:
    bomb(tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < uploads.MOST_BYTES
    (tmp_path / "kept").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "bomb.parquet"), str(tmp_path / "kept")],
        capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said, megabytes = done.stdout.splitlines()
    assert BOMBS[bomb] in said
    assert int(megabytes) < 200


def test_files_that_come_together_share_one_budget(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"region": alike("x", 600)}), tmp_path / "a.parquet")
    left = Budget(1000, 10_000, "take less")
    bounded.table(tmp_path / "a.parquet", left)
    with pytest.raises(InputError, match=r"unpacks to 1,200 rows .*take less"):
        bounded.table(tmp_path / "a.parquet", left)


def test_what_fits_is_read_as_pandas_reads_it(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "region": ["a", None, "b", "a"], "kind": pd.Categorical(["x", "y", "x", None]), "n": [1, 2, 3, 4],
        "share": [0.5, np.nan, 1.0, 2.0], "is": [True, False, True, True], "bytes": [b"1", b"", None, b"22"],
        "when": pd.to_datetime(["2020-01-01"] * 4),
    })  # fmt: skip
    for options in ({}, {"row_group_size": 1}, {"use_dictionary": False}):
        frame.to_parquet(tmp_path / "a.parquet", **options)
        read = bounded.table(tmp_path / "a.parquet", Budget(10, 10_000, "")).to_pandas()
        pd.testing.assert_frame_equal(read, pd.read_parquet(tmp_path / "a.parquet"))
    frame[:0].to_parquet(tmp_path / "empty.parquet")
    assert bounded.table(tmp_path / "empty.parquet", Budget(10, 10_000, "")).num_rows == 0


def test_too_little_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"region": ["a"]})
    frame.to_parquet(tmp_path / "regions.parquet")
    frame.to_csv(tmp_path / "regions.csv")

    def lacking(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(bounded, "_size", lacking)
    monkeypatch.setattr(pd, "read_csv", lacking)
    for name in ("regions.parquet", "regions.csv"):
        with pytest.raises(InputError, match="does not fit into memory"):
            files.read(tmp_path / name, [])


def test_a_line_of_commas_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_bytes(b"," * 4_000_000 + b"\n")
    with pytest.raises(InputError, match="has 4,000,001 columns"):
        files.read(tmp_path / "regions.csv", [])
