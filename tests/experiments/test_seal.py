"""No bit of a store changes unseen, and what is not as it was written is named and read by nothing."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from abm.commands._main import main
from abm.machine.errors import InputError
from experiments.runs import files, seal
from experiments.sweep import sweep
from experiments.sweep.store import StoreError, Study, reading, studies
from tests.experiments.test_failures import design


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sweep(design("raising", replications=4), tmp_path_factory.mktemp("store"), 1, "serial", True).folder


def sealed(folder: Path) -> list[Path]:
    """Files of a study but for what a driver says of its progress."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != files.PROGRESS]
    assert len(found) > 3
    return found


def everything(folder: Path) -> None:
    """Read all of a study."""
    study = Study(folder)
    with reading(folder):
        study.runs(), study.series(), study.provenance()


@pytest.mark.parametrize("bit", range(40))
def test_a_flipped_bit_of_any_file_is_named(bit: int, done: Path) -> None:
    draw = random.Random(bit)
    path = sealed(done)[bit % len(sealed(done))]
    whole = path.read_bytes()
    content = bytearray(whole)
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    try:
        path.write_bytes(content)
        with pytest.raises(StoreError, match=path.name):
            everything(done)
    finally:
        path.write_bytes(whole)
    everything(done)


def test_a_seal_is_one_of_all_bytes(tmp_path: Path) -> None:
    path = tmp_path / "about.json"
    files.write_about(path, {"a": "0" * 32, "checksum": "old"})
    assert files.read_about(path)["a"] == "0" * 32
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises((seal.SealError, ValueError)):
            files.read_about(path)
    with pytest.raises(ValueError, match="no open place"):
        seal.sealed(b"{}")


@pytest.mark.parametrize(
    ("key", "value"),
    [("created", None), ("model", 3), ("runs", "many"), ("runs", {}), ("keys", "x"), ("keys", [1]), ("design", []),
     ("design", {"base": {}, "vary": {}, "replications": 1, "seed": 1}), ("chunks", True)],
)  # fmt: skip
def test_a_manifest_that_lacks_something_says_what(key: str, value: Any, done: Path, tmp_path: Path) -> None:
    copy = tmp_path / done.name
    shutil.copytree(done, copy)
    about = Study(done).manifest
    files.write_about(copy / files.MANIFEST, {**about, key: value})
    with pytest.raises(StoreError, match="has no"):
        studies(tmp_path)


def test_a_plan_of_another_study_is_not_read(done: Path, tmp_path: Path) -> None:
    copy = tmp_path / done.name
    shutil.copytree(done, copy)
    other = sweep(design("raising", replications=3), tmp_path / "other", 1, "serial", True)
    shutil.copy(other.folder / files.PLAN, copy / files.PLAN)
    with pytest.raises(StoreError, match="not of this study"):
        everything(copy)


@pytest.mark.parametrize("spoilt", ["pandas", "names", "text", "numbers", "whole"])
def test_a_table_with_a_checksum_that_fits_must_still_be_one(spoilt: str, done: Path, tmp_path: Path) -> None:
    """What pandas noted of it is passed over; names and columns that are not those of a study are said."""
    copy = tmp_path / done.name
    shutil.copytree(done, copy)
    plan, summary = copy / files.PLAN, files.chunk_path(copy, files.SUMMARY, 0)
    if spoilt in ("pandas", "names"):
        of, to = {"pandas": (b'"metadata":', b'("metadata"'), "names": (b"replication", b"\xf2eplication")}[spoilt]
        content = plan.read_bytes().replace(of, to)
        at = content.rindex(b"checksum\x18\x20") + len(b"checksum\x18\x20")
        assert content != plan.read_bytes()
        plan.write_bytes(seal.sealed(content[:at] + seal.OPEN.encode() + content[at + len(seal.OPEN) :]))
    else:
        name, value = {"text": ("status", 1), "numbers": ("failed_share", "x"), "whole": ("attempt", 0.5)}[spoilt]
        table = files.read_table(summary)
        column = pa.array([value] * table.num_rows)
        files.write_table(summary, table.set_column(table.column_names.index(name), name, column))
    if spoilt == "pandas":
        assert Study(copy).runs().equals(Study(done).runs())
    else:
        said = "no table of a study" if spoilt == "names" else f"column `{name}` of another kind"
        with pytest.raises(StoreError, match=said):
            everything(copy)


def test_no_store_imports_what_its_design_names(done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "store" / done.name
    shutil.copytree(done, copy)
    (tmp_path / "evil_of_a_store.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    about = Study(done).manifest
    files.write_about(
        copy / files.MANIFEST, {**about, "design": {**about["design"], "simulator": "evil_of_a_store:run"}}
    )
    study = Study(copy)
    everything(copy)
    key = study.plan["run_key"].iloc[0]
    assert study.scenario(key).seed == study.plan["seed"].iloc[0]
    with pytest.raises(InputError, match="is not planned"):
        study.scenario("x")


def as_before(folder: Path, **manifest: Any) -> None:
    """Write a study as versions before checksums did: plain JSON without `plan`, tables with those of their pages."""
    about = {k: v for k, v in Study(folder).manifest.items() if k not in (seal.KEY, files.PLAN_HASH)} | manifest
    tables = {path: files.read_table(path) for path in sealed(folder) if path.suffix == ".parquet"}
    (folder / files.MANIFEST).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    for path, table in tables.items():
        own = {k: v for k, v in (table.schema.metadata or {}).items() if k != seal.KEY.encode()}
        table = table.replace_schema_metadata(own)
        parquet.write_table(table, path, compression="zstd", write_page_checksum=True)


@pytest.fixture
def earlier(done: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "store" / done.name
    shutil.copytree(done, folder)
    as_before(folder)
    return folder


def test_a_store_of_an_earlier_version_is_read_and_what_is_not_guaranteed_said(
    done: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not any(b"checksum" in path.read_bytes() for path in sealed(earlier))
    assert Study(earlier).runs().equals(Study(done).runs())
    assert Study(earlier).series().equals(Study(done).series())
    assert Study(done).doubts == ()
    (doubt,) = Study(earlier).doubts
    assert "carried no checksum" in doubt
    assert main(["status", str(earlier.parent)]) == 0
    assert doubt in capsys.readouterr().out
    assert main(["report", str(earlier.parent), "--out", str(earlier.parent.parent / "report")]) == 0
    assert doubt in (earlier.parent.parent / "report" / "report.md").read_text(encoding="utf-8")


def test_a_sweep_goes_on_in_a_store_of_an_earlier_version(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hashes = Study(earlier).runs()["result_hash"].tolist()
    files.chunk_path(earlier, files.SUMMARY, 0).unlink()
    study = sweep(design("raising", replications=4), earlier.parent, 1, "serial", True)
    assert study.runs()["result_hash"].tolist() == hashes
    assert study.is_complete and study.faults() == {}
    assert capsys.readouterr().err.count("carried no checksum") == 1
    # What a version with checksums wrote keeps its own.
    path = files.chunk_path(earlier, files.SUMMARY, 0)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert 0 in Study(earlier).faults()


def test_a_spoilt_page_of_an_earlier_store_is_named(earlier: Path) -> None:
    path = files.chunk_path(earlier, files.SERIES, 0)
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    assert list(Study(earlier).faults()) == [0]


def test_an_earlier_store_of_another_model_is_read_and_the_model_named(earlier: Path) -> None:
    before = {"model": "0.0.1+0123456789ab", "design": Study(earlier).manifest["design"] | {"arms": "of long ago"}}
    as_before(earlier, **before)
    study = Study(earlier)
    assert len(study.runs()) == len(study.plan)
    assert "0.0.1+0123456789ab" in study.doubts[1]
    assert "cannot say" in study.worlds_apart()[0]
    with pytest.raises(StoreError, match=r"0\.0\.1"):
        sweep(design("raising", replications=4), earlier.parent, 1, "serial", True)
