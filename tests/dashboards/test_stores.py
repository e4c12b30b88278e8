"""Sweeps of before on the map: those of this folder, and folders that a visitor sends, whole, halved or broken."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abm.machine.errors import InputError
from dashboards.live.session import Session
from dashboards.outcomes import stores
from dashboards.outcomes.surface import cells
from dashboards.pages.map import Desk, _note  # pyright: ignore[reportPrivateUsage]
from experiments.runs import files
from experiments.sweep.store import Study

DESIGN = {
    "name": "small", "base": "classroom", "steps": 8, "replications": 2,
    "population": {"n_regions": 2, "n_colleges": 4, "n_enterprises": 12, "n_students": 240},
    "vary": {"protocol": ["nash", "concession"], "supervision": [0.1, 0.5], "platform": [0.0, 0.5]},
}  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from experiments.sweep import sweep

    home = tmp_path_factory.mktemp("swept")
    return sweep(DESIGN, store=home / "studies" / "small", executor="serial", is_quiet=True).folder


def sent(folder: Path, above: str = "somewhere/") -> list[dict[str, Any]]:
    """A folder as the page sends it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [
        {
            "name": f"{above}{folder.name}/{path.relative_to(folder).as_posix()}",
            "content": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in files
    ]


def test_sweeps_of_before_are_found_and_read(swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert stores.listed() == {}
    monkeypatch.chdir(swept.parents[2])
    ((name, study),) = stores.listed().items()
    assert name.startswith("small / ")
    assert stores.numeric(study.manifest) == ["supervision", "platform"], "words have no order and are no axis"
    runs = stores.read(study)
    assert len(runs) == 16
    assert stores.on_grid(runs, "supervision") == [0.1, 0.5]
    assert {cell.runs for cell in cells(runs, "supervision", "platform", "failed_share")} == {4}


def test_a_folder_that_is_sent_shows_as_one_of_before(swept: Path) -> None:
    desk, session = Desk(), Session("ann")
    desk.take(session, sent(swept))
    assert desk.message == ""
    assert desk.loaded is not None
    assert (desk.axes, len(desk.loaded.runs), desk.loaded.missing) == (("supervision", "platform"), 16, 0)
    assert "model" not in _note(session, desk.loaded)


def no_plan(folder: Path) -> None:
    (folder / "plan.parquet").unlink()


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def cut_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:200])


def odd_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    files.write_about(
        folder / "manifest.json", {key: manifest[key] for key in manifest if key not in ("runs", "design")}
    )


def cut_summary(folder: Path) -> None:
    path = sorted((folder / "summary").iterdir())[0]
    path.write_bytes(path.read_bytes()[:500])


def flipped_summary(folder: Path) -> None:
    """Bytes that changed on the way; where they lie checksums or the format notice."""
    path = sorted((folder / "summary").iterdir())[0]
    content = bytearray(path.read_bytes())
    content[40:80] = bytes(40)
    path.write_bytes(content)


def no_runs(folder: Path) -> None:
    shutil.rmtree(folder / "summary")


def test_a_broken_study_of_this_machine_says_so(swept: Path, tmp_path: Path) -> None:
    copy = tmp_path / swept.name
    shutil.copytree(swept, copy)
    flipped_summary(copy)
    with pytest.raises(InputError, match=r"is broken \("):
        stores.read(Study(copy))


@pytest.mark.parametrize(
    ("break_it", "english", "chinese"),
    [
        (no_plan, "has no plan.parquet: copy the whole folder", "缺少 plan.parquet：请重新复制"),
        (no_manifest, "holds no study: choose the folder", "里没有研究：请选择"),
        (cut_manifest, "manifest.json cannot be read: copy", "manifest.json 无法读取：请重新复制"),
        (odd_manifest, "has no runs, design: copy", "缺少 runs, design"),
        (cut_summary, "cannot be read as parquet", "不能作为 parquet 读取"),
        (flipped_summary, "cannot be read as parquet", "不能作为 parquet 读取"),
        (no_runs, "has no runs yet: wait", "还没有运行结果：请稍等"),
    ],
)
def test_a_broken_folder_is_told_and_what_is_shown_stays(
    break_it: Callable[[Path], None], english: str, chinese: str, swept: Path, tmp_path: Path
) -> None:
    copy = tmp_path / swept.name
    shutil.copytree(swept, copy)
    break_it(copy)
    desk, session = Desk(), Session("bob")
    desk.take(session, sent(swept))
    before = desk.loaded
    desk.take(session, sent(copy))
    assert english in desk.message
    assert desk.loaded is before
    session.language.value = "zh"
    desk.take(session, sent(copy))
    assert chinese in desk.message


def test_a_half_copied_study_and_one_of_another_model_show_and_say_so(swept: Path, tmp_path: Path) -> None:
    copy = tmp_path / swept.name
    shutil.copytree(swept, copy)
    chunks = sorted((copy / "summary").iterdir())
    for path in chunks[1::2]:
        path.unlink()
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    files.write_about(copy / "manifest.json", manifest | {"model": "0.0.9+0123456789ab"})
    desk, session = Desk(), Session("eve")
    desk.take(session, sent(copy, above=""))
    assert desk.message == ""
    assert desk.loaded is not None
    assert desk.loaded.missing == len(chunks) // 2
    note = _note(session, desk.loaded)
    assert f"{len(chunks) // 2} parts of the study are not there" in note
    assert "0.0.9+0123456789ab" in note


def test_several_studies_at_once_and_names_that_lead_elsewhere(swept: Path) -> None:
    desk, session = Desk(), Session("dan")
    desk.take(session, [*sent(swept, "a/"), *sent(swept, "b/")])
    assert "2 studies came at once" in desk.message
    files = [file | {"name": f"../../{file['name']}"} for file in sent(swept)]
    desk.take(session, [*files, {"name": "../../x/summary/../../../evil.parquet", "content": ""}])
    assert desk.message == ""
    assert desk.loaded is not None
    assert desk.loaded.name == swept.name
    desk.refuse(session, 99 * 1024**2)
    assert "99.0 MB" in desk.message


def test_a_broken_study_of_this_folder_is_listed_and_says_why(
    swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "studies" / "small" / swept.name
    shutil.copytree(swept, copy)
    cut_manifest(copy)
    desk, session = Desk(), Session("fay")
    (name,) = stores.listed()
    desk.load(session, name)
    assert "manifest.json cannot be read" in desk.message
    desk.load(session, "gone / 0000")
    assert "is not there any more" in desk.message
