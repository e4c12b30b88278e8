"""A store as one zip for a journal: what a reader needs to judge the runs and to make them again.

README.md            what it holds and how to make it again
store/               the runs, as `abm sweep` keeps them
runs/<design>.csv    one row a run: varied keys, outcomes, seed, hash of the results
scenarios/           each design's base world, and each arm's, as `abm run` takes them
data/                a user's own tables of institutions
plugins/, code/      sources of plug-ins and of simulators
reports/             reports that were added
ODD.md, scenario.md  the description of the model, and what these designs set otherwise
environment.txt      exact versions, as pip takes them
CITATION.cff         how to cite
archive.json         all of its files with their hashes
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import abm
from abm.machine import disk, plugins
from abm.machine.errors import InputError
from abm.machine.spreadsheet import write_csv
from abm.results import own_tables
from abm.results.code_identity import files_of_module
from abm.scenario.differences import differences
from experiments.runs import files

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep.store import Study

ABOUT, STORE, CODE, PLUGINS = "archive.json", "store", "code", "plugins"
WHEN = (1980, 1, 1, 0, 0, 0)
"""Time of every file in an archive: the same store gives the same bytes."""


def pack(studies: Sequence[Study], target: Path, reports: Iterable[Path] = ()) -> Path:
    """Write the archive of some studies of one store, whole or not at all; the path."""
    found: dict[str, bytes] = {}
    for study in studies:
        found |= dict(_of_study(study))
    for plugin in plugins.active():
        root = plugin.path
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                inside = path.relative_to(root.parent)
                found[f"{PLUGINS}/{inside.as_posix()}"] = path.read_bytes()
    for folder in reports:
        if not folder.is_dir():
            raise InputError(f"{folder}", why="is not a folder", mend="give the folder of a report")
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            found[f"reports/{folder.name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    found["ODD.md"] = (Path(abm.__file__).parent / "ODD.md").read_bytes()
    found["scenario.md"] = _settings(studies).encode()
    found["environment.txt"] = _environment(studies[-1].manifest).encode()
    found["CITATION.cff"] = _citation(studies[-1].manifest).encode()
    found["README.md"] = _readme(studies, target.stem, sorted(found)).encode()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(found.items())}
    about = {"model": studies[-1].manifest["model"], "files": hashes}
    found[ABOUT] = (json.dumps(about, indent=1) + "\n").encode()
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        files.replace_whole(target, lambda part: _zip(part, target.stem, found))
    except OSError as error:
        raise disk.unwritable(f"{target}", error, "give another file with --out") from error
    return target


def _zip(part: Path, root: str, content: dict[str, bytes]) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            archive.writestr(zipfile.ZipInfo(f"{root}/{name}", WHEN), data, zipfile.ZIP_DEFLATED)


def _as_csv(frame: pd.DataFrame) -> bytes:
    """The table as every other that Excel opens is written."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        write_csv(frame, place := Path(folder) / "runs.csv")
        return place.read_bytes()


def _of_study(study: Study) -> Iterator[tuple[str, bytes]]:
    """Files of one study, and what can be read without this package."""
    folder, about = study.folder, study.manifest
    name = f"{about['design_name']}-{folder.name}"
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        inside = path.relative_to(folder).as_posix()
        yield f"{STORE}/{folder.name}/{inside}", path.read_bytes()
        if inside.startswith(f"{own_tables.FOLDER}/"):
            yield f"data/{name}/{inside.partition('/')[2]}", path.read_bytes()
    yield f"runs/{name}.csv", _as_csv(study.runs())
    yield f"scenarios/{name}.toml", str(about.get("scenario", "")).encode()
    for arm, changes in study.design.arms:
        world = study.design.base.with_overrides(**changes)
        plain = "".join(letter if letter.isalnum() else "-" for letter in arm)
        yield f"scenarios/{name}-{plain}.toml", world.to_toml().encode()
    own = about["design"].get("simulator", "").partition(":")[0]
    inside_package = f"{plugins.NAMESPACE}."
    for module in dict.fromkeys([own, *about["code"]]):
        if not module or f"{module}.".startswith(inside_package):
            continue
        for part, path in files_of_module(module).items():
            place = part.replace(".", "/") + ("/__init__.py" if path.name == "__init__.py" else ".py")
            yield f"{CODE}/{place}", path.read_bytes()


def _settings(studies: Sequence[Study]) -> str:
    """What the designs set otherwise than the model's defaults, beside ODD.md."""
    from abm.scenario import Scenario

    lines = ["# What these runs set", "", "ODD.md describes the model; here is what differs from its defaults.", ""]
    for study in studies:
        design = study.design
        lines += [f"## {design.title or design.name}", "", design.question, ""]
        lines += [f"Base world: {design.base.name}, {design.base.steps} quarters, protocol {design.base.protocol}.", ""]
        plain = Scenario().with_overrides(name="defaults")
        lines += [f"- {line}" for line in differences(plain, design.base)]
        lines += ["", "Outcomes:", "", *(f"- {outcome.name}: {outcome.words()}" for outcome in design.outcomes), ""]
        lines += ["Arms:", "", *(f"- {line}" for line in [*study.worlds_apart(), *study.matches()]), ""] * bool(
            design.arms
        )
        lines += [f"{design.replications} seeds from study seed {design.seed}.", ""]
    return "\n".join(lines)


def _environment(about: dict[str, Any]) -> str:
    """Exact versions of what made the runs, for `pip install -r`."""
    heads = [f"# {key}: {about[key]}" for key in ("model", "commit", "python", "platform", "processor")]
    own = "industry-education-abm"
    pins = [f"{name}=={version}" for name, version in about["packages"].items() if name.lower() != own]
    return "\n".join([*heads, *pins]) + "\n"


def _citation(about: dict[str, Any]) -> str:
    version = str(about["model"]).partition("+")[0]
    commit = about["commit"] or "unknown"
    return (
        "cff-version: 1.2.0\n"
        "message: If you use these runs, please cite the software that made them, with scenario and seeds.\n"
        'title: "industry-education-abm: an agent-based laboratory for industry-education integration"\n'
        "type: software\n"
        f"version: {version}\n"
        f'commit: "{commit}"\n'
        "license: MIT\n"
        "authors:\n"
        "  - name: The industry-education-abm contributors\n"
    )


def _readme(studies: Sequence[Study], name: str, inside: Sequence[str]) -> str:
    about = studies[-1].manifest
    doubts = dict.fromkeys(doubt for study in studies for doubt in study.doubts)
    kinds = sorted({path.partition("/")[0] for path in inside})
    version = str(about["model"]).partition("+")[0]
    lines = [
        f"# {studies[-1].design.title or about['design_name']}",
        "",
        f"Runs of industry-education-abm {about['model']} (commit {about['commit'] or 'unknown'}), made with Python "
        f"{about['python']} on {about['platform']}.",
        "",
        "To make some of them again and compare their hashes:",
        "",
        "```",
        f"pip install industry-education-abm=={version}",
        f"abm reproduce {name}.zip",
        "```",
        "",
        *(f"{doubt}\n" for doubt in doubts),
        "| study | runs | outcomes |",
        "| --- | --- | --- |",
        *(
            f"| {s.manifest['design_name']} ({s.folder.name}) | {len(s.summary()):,} of {s.manifest['runs']:,} | "
            f"{', '.join(s.outcomes[:12])} |"
            for s in studies
        ),
        "",
        "Inside: " + ", ".join(kinds) + f". Every file's SHA-256 stands in {ABOUT}.",
        "",
    ]
    return "\n".join(lines)


def default_name(folder: Path) -> Path:
    """Name of the archive of a store, in the folder where one is."""
    return Path(f"{folder.resolve().name}.zip")
