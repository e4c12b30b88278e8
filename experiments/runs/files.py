"""Files of a plan's folder: how they are written so that each is whole or not there, and how they are checked.

plan.parquet             one row a run: run_key, chunk, point, replication, seed, varied keys
manifest.json            model, installation, scenario, design
summary/<chunk>.parquet  run_key, status, error, seconds, attempt, result_hash, steps, outcomes
series/<chunk>.parquet   run_key, step, metrics (float32)
population/<n>/          a user's own tables of institutions, where the design has any

Every file is written under a hidden name, flushed to the disk and renamed; series first, summary
last. A chunk is done when its summary is there. Every file but the drivers' word on their progress carries its
checksum (experiments.runs.seal). Folders of earlier versions (their manifest knows no hash of the plan) have none but
those of their tables' pages; they are read as they are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine import disk
from experiments.runs import seal

if TYPE_CHECKING:
    import pyarrow as pa

PLAN_HASH = "plan"
"""Entry of the manifest, as old as checksums are."""
SUMMARY, SERIES, PLAN, MANIFEST, PROGRESS = "summary", "series", "plan.parquet", "manifest.json", "progress.json"


def chunk_path(folder: Path, kind: str, number: int) -> Path:
    """File of a chunk's summary or series."""
    return folder / kind / f"{number:06d}.parquet"


def replace_whole(path: Path, write: Callable[[Path], None], *, is_lasting: bool = True) -> None:
    """Write a file so that it is whole or as it was, also if the machine stops.

    ``is_lasting`` waits for the disk, and for whoever holds the file.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.part")
    try:
        write(part)
        if is_lasting:
            disk.flush(part)
        disk.replace(part, path, patience=disk.PATIENCE if is_lasting else 0.0)
        if is_lasting:
            disk.flush(path.parent)
    except FileNotFoundError:
        # Somebody else wrote the same chunk, saw the study whole and cleared what was left over.
        if not path.exists():
            raise
    finally:
        disk.discard(part)


def clear_left_over(folder: Path) -> None:
    """Remove what workers that were killed left half-written; for a study of which every chunk is there."""
    # Of the study's own folder too: one that was being made when its driver was killed lies beside it.
    for part in (*folder.rglob("*.part"), *folder.parent.glob(f".{folder.name}.*.part")):
        disk.discard(part)


def write_text(path: Path, text: str, *, is_lasting: bool = True) -> None:
    """A text, whole or not at all."""
    replace_whole(path, lambda part: _plain(part, text), is_lasting=is_lasting)


def write_in_place(path: Path, text: str) -> None:
    """A text over the file that is there, in the room that it has: for a disk that is full to the last block."""
    room = path.stat().st_size
    with path.open("r+", encoding="utf-8") as file:
        file.write(text.ljust(room))
        file.truncate()


def write_about(path: Path, about: Mapping[str, Any]) -> None:
    """What a folder says of itself, as JSON with a checksum, whole or not at all."""
    text = (
        json.dumps(
            {seal.KEY: seal.OPEN} | {k: v for k, v in about.items() if k != seal.KEY}, indent=1, ensure_ascii=False
        )
        + "\n"
    )
    replace_whole(path, lambda part: _bytes(part, seal.sealed(text.encode())))


def read_about(path: Path) -> dict[str, Any]:
    """What a folder says of itself. OSError (SealError) or ValueError if it is not what was written."""
    try:
        content = seal.checked(path)
    except seal.UnsealedError:
        content = path.read_bytes()
        if not _is_earlier(content):
            raise
    about: dict[str, Any] = json.loads(content)
    return about


def is_sealed(folder: Path) -> bool:
    """Whether the files of a folder carry checksums; those of earlier versions do not."""
    try:
        seal.checked(folder / MANIFEST)
    except seal.UnsealedError:
        return not _is_earlier((folder / MANIFEST).read_bytes())
    except OSError:
        pass
    return True


def _is_earlier(manifest: bytes) -> bool:
    """Whether a manifest without a checksum is of a version that wrote none: no one spoilt bit makes it look so."""
    try:
        about = json.loads(manifest)
    except (ValueError, RecursionError):
        return False
    return isinstance(about, dict) and seal.KEY not in about and PLAN_HASH not in about and "chunks" in about


def _bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _plain(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def write_table(path: Path, table: pa.Table) -> None:
    """A table, whole or not at all: floats split by bytes, zstd, checksums."""
    import pyarrow as pa
    from pyarrow import parquet

    # pyarrow takes names of columns here, though its types speak of truth values alone.
    floats: Any = [f.name for f in table.schema if pa.types.is_floating(f.type)]
    others: Any = [f.name for f in table.schema if f.name not in floats]

    def write(part: Path) -> None:
        with parquet.ParquetWriter(
            part, table.schema, compression="zstd", use_dictionary=others, use_byte_stream_split=floats,
            write_page_checksum=True, write_statistics=others,
        ) as writer:  # fmt: skip
            writer.write_table(table)
            writer.add_key_value_metadata({seal.KEY: seal.OPEN})
        part.write_bytes(seal.sealed(part.read_bytes()))

    # A store that was copied without one of its folders is made whole again.
    path.parent.mkdir(exist_ok=True)
    replace_whole(path, write)


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A table, its checksums looked at. Raises OSError (SealError) or pa.ArrowException if it is not whole."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        content = seal.checked(path)
    except seal.UnsealedError:
        # Its own folder, or that of the chunks.
        if is_sealed(path.parent if path.name == PLAN else path.parent.parent):
            raise
        content = path.read_bytes()
    try:
        with parquet.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
            return file.read(columns=None if columns is None else list(columns))
    except (UnicodeDecodeError, KeyError, MemoryError) as error:
        # What its foot says of names, codecs and lengths, with a checksum that fits.
        raise seal.SealError(f"{path.parent.name}/{path.name} is no table of a study ({error})") from None


@dataclass(frozen=True)
class Row:
    """What is kept of one run."""

    key: str
    status: str
    error: str
    seconds: float
    attempt: int
    result_hash: str
    steps: int
    outcomes: tuple[float, ...]
    series: np.ndarray[Any, Any] | None
    """Shape [steps, metrics], float32; None for a failed run."""


@dataclass(frozen=True)
class Copied:
    """Rows of runs that were done before, from other chunks."""

    summaries: tuple[pa.Table, ...] = ()
    series: tuple[pa.Table, ...] = ()


def copied(known: Mapping[str, tuple[Path, int]]) -> Copied:
    """The rows of known runs, each from its chunk."""
    import pyarrow as pa
    from pyarrow import compute

    summaries: list[pa.Table] = []
    series: list[pa.Table] = []
    for place in sorted(set(known.values())):
        keys = pa.array([key for key, of in known.items() if of == place])
        for kind, tables in ((SUMMARY, summaries), (SERIES, series)):
            table = read_table(chunk_path(place[0], kind, place[1]))
            is_known = compute.is_in(table["run_key"], keys)  # pyright: ignore[reportAttributeAccessIssue]
            tables.append(table.filter(is_known))
    return Copied(tuple(summaries), tuple(series))


def write_series(folder: Path, number: int, rows: list[Row], metrics: list[str], old: Copied) -> None:
    """The series of a chunk."""
    import pyarrow as pa

    good = [row for row in rows if row.series is not None]
    lengths = [row.steps for row in good]
    values = np.concatenate([row.series for row in good if row.series is not None]) if good else None
    columns: dict[str, Any] = {
        "run_key": pa.array(np.repeat(np.array([row.key for row in good], dtype=object), lengths), pa.string()),
        "step": pa.array(np.concatenate([np.arange(n) for n in lengths]) if good else [], pa.int32()),
    }
    for i, name in enumerate(metrics):
        columns[name] = pa.array(np.ascontiguousarray(values[:, i]) if values is not None else [], pa.float32())
    table = pa.concat_tables([pa.table(columns), *old.series])
    write_table(chunk_path(folder, SERIES, number), table)


def write_summary(
    folder: Path, number: int, keys: list[str], rows: list[Row], outcomes: list[str], old: Copied
) -> None:
    """The summary of a chunk, its runs in the order of ``keys``."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        "run_key": pa.array([row.key for row in rows], pa.string()),
        "status": pa.array([row.status for row in rows], pa.string()),
        "error": pa.array([row.error for row in rows], pa.string()),
        "seconds": pa.array([row.seconds for row in rows], pa.float64()),
        "attempt": pa.array([row.attempt for row in rows], pa.int32()),
        "result_hash": pa.array([row.result_hash for row in rows], pa.string()),
        "steps": pa.array([row.steps for row in rows], pa.int32()),
    }
    columns |= {name: pa.array([row.outcomes[i] for row in rows], pa.float64()) for i, name in enumerate(outcomes)}
    table = pa.concat_tables([pa.table(columns), *old.summaries])
    place = {key: i for i, key in enumerate(table["run_key"].to_pylist())}
    write_table(chunk_path(folder, SUMMARY, number), table.take([place[key] for key in keys]))


def fault(folder: Path, number: int, keys: Sequence[str] | None = None) -> str | None:
    """Why a written chunk cannot be used, None if it can. Everything is read, and must be of ``keys`` if given."""
    import pyarrow as pa

    try:
        summary = read_table(chunk_path(folder, SUMMARY, number))
        series = read_table(chunk_path(folder, SERIES, number))
    except FileNotFoundError:
        return "its series are missing"
    except (OSError, pa.ArrowException) as error:
        return str(error).splitlines()[0][:120]
    lacks = [name for name in ("run_key", "status", "steps") if name not in summary.column_names]
    if lacks or not pa.types.is_integer(summary["steps"].type) or summary["steps"].null_count:
        return f"it has no {', '.join(lacks) or 'number of steps in every row'}"
    if keys is not None and summary["run_key"].to_pylist() != list(keys):
        return "it holds other runs than the plan says"
    if series.num_rows != sum(summary["steps"].to_pylist()):
        return "its series have other lengths than its runs"
    return None
