"""Every reader of what people bring: how odd inputs for it are made, and what must hold when it takes one."""

from __future__ import annotations

import argparse
import base64
import dataclasses
import io
import json
import re
import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from abm.machine.errors import InputError
from abm.machine.inputs import count
from abm.quarter.measurement.metrics import catalogue
from abm.quarter.negotiation.protocols import names as protocols
from abm.scenario import Scenario, from_toml, load, names
from abm.scenario.policies import rules, settings
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE
from tests.attack.making import NUMBERS, WORDS, Maker

POPULATION = tuple(field.name for field in dataclasses.fields(type(Scenario().population)))
SCENARIO = (
    "base", "name", "title", "title_zh", "rationale", "expected", "sources", "steps", "seed", "protocol", "population",
    "parameters", "levers", "policies", "changes", "add_policies", "without_policies",
)  # fmt: skip
DESIGN = (
    *SCENARIO, "question", "replications", "sampler", "outcomes", "series", "timeout", "simulator", "vary", "arms",
    "points", "shocks", "n", "file", "order", "levels",
)  # fmt: skip
MOST_BYTES = 400_000
"""Of one input; what larger ones do, the network's part tries."""


@dataclasses.dataclass(frozen=True)
class Reader:
    """One kind of input."""

    name: str
    make: Callable[[Maker], bytes]
    take: Callable[[bytes, Path], str]
    """Read it, look at what came of it, and say in a word what that was. The folder is empty before."""
    refusals: tuple[type[BaseException], ...] = (InputError,)


@cache
def tokens() -> tuple[str, ...]:
    """Words that some reader knows."""
    return (
        *names(),
        *rules(),
        *protocols(),
        *list(catalogue())[:20],
        *list(BY_NAME),
        "synthetic",
        "tables",
        "provinces",
    )


@cache
def grammar(*, is_design: bool) -> dict[str, Sequence[str]]:
    """Keys by table."""
    fields = tuple(name for rule in rules().values() for name in settings(rule))
    rule = ("rule", "from", "until", "ramp", "fade", "regions", "when", *fields)
    free = (*CATALOGUE, *BY_NAME, *(f"population.{name}" for name in POPULATION), "subsidy.rate", "protocol", "steps")
    found: dict[str, Sequence[str]] = {
        "": DESIGN if is_design else SCENARIO, "population": POPULATION, "parameters": tuple(CATALOGUE),
        "levers": tuple(BY_NAME), "policies": rule, "add_policies": rule, "changes": ("from", *free, *rules()),
    }  # fmt: skip
    if is_design:
        found |= {
            "vary": (*free, "arm"), "arms.a": SCENARIO, "arms.b": SCENARIO, "points": free,
            "outcomes.o": ("metric", "reduce", "last", "from", "until"), "outcomes": tuple(catalogue())[:20],
            "sampler": ("name", "n", "file", "order", "levels", "trajectories", "second_order"),
            "shocks": ("shock", "kind", "at", "from", "share", "region"),
        }  # fmt: skip
    return found


def _shipped(folder: str) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.toml")))


@cache
def scenarios() -> tuple[str, ...]:
    """Whole scenarios: shipped ones, and one that is written out in full."""
    from abm.scenario.scenario import FOLDER

    return (*_shipped(str(FOLDER)), load("classroom").to_toml(), load("reform_package").to_toml())


@cache
def designs() -> tuple[str, ...]:
    """Whole designs."""
    from experiments.design import FOLDER

    own = "[vary]\nsubsidy_rate = [0.0, 0.1]\n"
    return (
        *_shipped(str(FOLDER)),
        f"name = 'd'\nbase = 'classroom'\nsteps = 8\nsampler = {{ name = 'sobol', n = 8 }}\n{own}",
        f"sampler = 'latin_hypercube'\nn = 5\nsimulator = 'tests.experiments.simulators:at_once'\n{own}",
        f"{own}[arms.none]\n[arms.more]\nadd_policies = [{{ rule = 'subsidy' }}]\n",
        "sampler = 'table'\n[[points]]\nsubsidy_rate = 0.1\n[[points]]\nsubsidy_rate = 0.2\n",
        f"{own}[[shocks]]\nshock = 'hub_loss'\nat = 4\n[outcomes]\no = {{ metric = 'failed_share', last = 4 }}\n",
    )


def _toml(maker: Maker, whole: Sequence[str], *, is_design: bool) -> bytes:
    known = grammar(is_design=is_design)
    keys = [key for keys in known.values() for key in keys]
    is_new = maker.often(0.5)
    text = maker.toml(known, tokens()) if is_new else maker.text_broken(maker.one(whole), (*tokens(), *keys))
    content = text.encode("utf-8", "surrogatepass")
    return maker.bytes_broken(content) if maker.often(0.1) else content


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def take_scenario(content: bytes, folder: Path) -> str:
    """A scenario from a file; one that is taken can be written and read again."""
    path = folder / "world.toml"
    path.write_bytes(content)
    found = load(path)
    again = from_toml(found.to_toml())
    if repr(again.to_tables()) != repr(found.to_tables()):
        raise AssertionError("written and read again it is another")
    return "taken"


def take_design(content: bytes, folder: Path) -> str:
    """A design from a file, with its points."""
    from experiments import design

    path = folder / "asked.toml"
    path.write_bytes(content)
    found = design.load(path)
    if len(found.points()) > 200:
        return "taken"
    again = design.load(json.loads(json.dumps(found.to_tables())))
    if again.points().to_json() != found.points().to_json():
        raise AssertionError("written and read again it has other points")
    return "taken"


@cache
def example() -> dict[str, str]:
    """Whole tables of a population, by name."""
    import tempfile

    from abm.population.example import write_example

    with tempfile.TemporaryDirectory() as folder:
        write_example(Path(folder))
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.csv"))}


def make_csv(maker: Maker) -> bytes:
    """A table of the example, broken: its name in the first line, the content below."""
    name = maker.one(list(example()))
    content = maker.csv_broken(example()[name]).encode("utf-8", "surrogatepass")
    return name.encode() + b"\n" + (maker.bytes_broken(content) if maker.often(0.25) else content)


@cache
def _parquet(name: str, codec: str, version: str) -> bytes:
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = csv.read_csv(io.BytesIO(example()[name].encode()))
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression=codec, data_page_version=version, row_group_size=7)
    return sink.getvalue().to_pybytes()


def make_parquet(maker: Maker) -> bytes:
    """The same as parquet: bytes broken, or columns of other kinds."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    name = maker.one(list(example()))
    head = name.replace(".csv", ".parquet").encode() + b"\n"
    if maker.often(0.7):
        return head + maker.bytes_broken(
            _parquet(name, maker.one(("zstd", "snappy", "none", "gzip")), maker.one(("1.0", "2.0")))
        )
    table: Any = csv.read_csv(io.BytesIO(example()[name].encode()))
    kinds: Any = (
        pa.float64(), pa.int8(), pa.string(), pa.binary(), pa.bool_(), pa.date32(), pa.timestamp("ns"), pa.float16(),
        pa.decimal128(10, 2), pa.list_(pa.int64()), pa.null(), pa.duration("s"), pa.large_string(), pa.time64("us"),
        pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int32(), pa.float64()), pa.struct([("a", pa.int64())]),
    )  # fmt: skip
    values: Any = (
        None,
        0,
        1,
        -1,
        0.5,
        float("nan"),
        1e308,
        "x",
        "1",
        b"x",
        b"\xff",
        True,
        [1],
        {"a": 1},
        2**62,
        "a" * 70_000,
    )
    for _ in range(maker.random.randrange(1, 4)):
        at = maker.random.randrange(table.num_columns)
        try:
            column = pa.array([maker.one(values[:3])] * table.num_rows if maker.often(0.5) else
                              [maker.one(values) for _ in range(table.num_rows)], maker.one(kinds))  # fmt: skip
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            continue
        new = maker.one((table.column_names[at], "", "x", table.column_names[0], "\0"))
        table = table.set_column(at, new, column)
    sink = pa.BufferOutputStream()
    try:
        parquet.write_table(table, sink)
    except (pa.ArrowException, ValueError, TypeError):
        return head + b"PAR1"
    return head + sink.getvalue().to_pybytes()


def take_tables(content: bytes, folder: Path) -> str:
    """A folder of tables, one of them odd, as a population."""
    from abm.population.reading import from_files

    name, _, table = content.partition(b"\n")
    plain = name.decode("ascii", "replace")
    for whole, text in example().items():
        if whole.partition(".")[0] != plain.partition(".")[0]:
            (folder / whole).write_text(text, encoding="utf-8")
    (folder / Path(plain).name).write_bytes(table)
    from_files(folder)
    return "taken"


def make_set(maker: Maker) -> bytes:
    """What follows --set."""
    known = (
        *CATALOGUE,
        *BY_NAME,
        *POPULATION,
        *SCENARIO,
        *(f"population.{n}" for n in POPULATION),
        "subsidy.rate",
        "subsidy.x",
    )
    key = maker.key(known) if maker.often(0.9) else maker.one(WORDS)
    sign = maker.one(("=", "=", "=", " = ", "＝", "", "=="))
    return f"{key}{sign}{maker.value(tokens()) if maker.often(0.8) else maker.one((*WORDS, *NUMBERS))}".encode()


def take_set(content: bytes, folder: Path) -> str:
    """A setting of `abm run`."""
    from abm.commands.run import overrides_of

    args = argparse.Namespace(settings=[_text(content)], seed=None, threads=None, steps=None, out=None, quiet=False)
    load("classroom").with_overrides(**overrides_of(args))
    return "taken"


def make_link(maker: Maker) -> bytes:
    """A query string."""
    free = (
        *CATALOGUE,
        *BY_NAME,
        "protocol",
        "steps",
        "population.n_regions",
        "subsidy.rate",
        "population.path",
        "policies",
    )
    parts: list[str] = []
    for _ in range(maker.random.randrange(1, 7)):
        key = maker.one(
            ("scenario", "seed", "set", "set_b", "then", "then_b", "step", "view", "region", "measure", "x")
        )
        setting = f"{maker.key(free)}={maker.value(tokens())}"
        text = {
            "scenario": maker.word(names()), "seed": maker.number(), "step": maker.number(), "set": setting,
            "set_b": setting,
            "then": f"{maker.number()}:{setting}", "then_b": f"{maker.random.randrange(80)}:{setting}",
        }.get(key, maker.one(WORDS))  # fmt: skip
        parts.append(f"{key}={quote(text, errors='replace') if maker.often(0.8) else text}")
    text = "?" * maker.random.randrange(2) + maker.one(("&", "&", "&", ";", "&&")).join(parts)
    return text.encode("utf-8", "surrogatepass")


def take_link(content: bytes, folder: Path) -> str:
    """A link of the dashboard; one that is taken can be written and means the same again."""
    from dashboards.controls import links

    found = links.read(_text(content))
    built = found.build()
    again = links.read(links.write(found))
    if again.build().to_toml() != built.to_toml():
        raise AssertionError("written and read again it leads elsewhere")
    return "taken"


def make_upload(maker: Maker) -> bytes:
    """What a browser sends of files, as JSON."""
    files: list[Any] = []
    for _ in range(maker.random.randrange(0, 4)):
        kind = maker.random.random()
        if kind < 0.4:
            name, content = (
                maker.one(("world.toml", "WORLD.TOML", "a.toml", ".toml")),
                _toml(maker, scenarios(), is_design=False),
            )
        elif kind < 0.8:
            head, _, content = (make_csv(maker) if maker.often(0.6) else make_parquet(maker)).partition(b"\n")
            name = head.decode()
        else:
            name, content = maker.one(WORDS), b"x"
        name = (
            maker.one((f"../{name}", f"/{name}", f"a\\{name}", f"{name}\0", maker.one(WORDS)))
            if maker.often(0.15)
            else name
        )
        text = base64.b64encode(content).decode()
        text = maker.spliced(text, maker.one(("é", "=", "\0", "-", ""))) if maker.often(0.15) else text
        file: Any = {"name": name, "content": text}
        files.append(maker.json_changed(file) if maker.often(0.15) else file)
    return json.dumps(maker.json_changed(files) if maker.often(0.1) else files).encode()


def take_upload(content: bytes, folder: Path) -> str:
    """An upload, as the pages take it."""
    from dashboards.controls import uploads
    from dashboards.live import limits

    found = uploads.scenario_from(uploads.received(json.loads(content)), folder)
    limits.check_size(found)
    return "taken"


def make_message(maker: Maker) -> bytes:
    """What a browser may say on the socket of its pictures."""
    if maker.often(0.1):
        return maker.one(
            ("[" * 100_000, '{"a":' * 50_000, "9" * 5000, "1e999", "[[1e999,1,1]]", "[[1,1e999,1]]", "NaN")
        ).encode()
    if maker.often(0.4):
        entry = [
            maker.one((0, 1, 3, 2**70, -1, 0.5, float("inf"), "1", None)) for _ in range(maker.one((3, 3, 3, 2, 4)))
        ]
        return json.dumps([entry] * maker.one((1, 2, 100))).encode()
    text = json.dumps(maker.json())
    return (maker.spliced(text, maker.one(WORDS)) if maker.often(0.3) else text).encode("utf-8", "replace")


def take_message(content: bytes, folder: Path) -> str:
    """A message on the frames socket: understood or refused as what one does not say there."""
    from dashboards.live.stream import understood

    understood(_text(content))
    return "taken"


@cache
def study() -> dict[str, bytes]:
    """Files of a whole study, by their place in its folder."""
    import tempfile

    from experiments.design import load as load_design
    from experiments.sweep import sweep
    from tests.experiments.simulators import BASE

    with tempfile.TemporaryDirectory() as folder:
        asked = load_design(
            BASE, simulator="tests.experiments.simulators:raising", replications=4,
            vary={"communication_cost": [0.0, 0.01], "subsidy_rate": [0.0, 0.1]},
        )  # fmt: skip
        done = sweep(asked, folder, 1, "serial", True)
        paths = [path for path in sorted(done.folder.rglob("*")) if path.is_file()]
        return {path.relative_to(done.folder).as_posix(): path.read_bytes() for path in paths}


def make_store(maker: Maker) -> bytes:
    """A file of a study, broken: its place in the first line."""
    place = maker.one(list(study()))
    content = study()[place]
    if place.endswith(".json") and maker.often(0.7):
        about = json.loads(content)
        for _ in range(maker.random.randrange(1, 3)):
            about = maker.json_changed(about)
        if isinstance(about, dict) and maker.often(0.8):
            # Somebody meant it: the checksum fits.
            about = {"checksum": "0" * 32} | {key: of for key, of in about.items() if key != "checksum"}
            return place.encode() + b"\n" + _sealed(json.dumps(about).encode("utf-8", "replace"))
        return place.encode() + b"\n" + json.dumps(about).encode("utf-8", "replace")
    if place.endswith(".parquet") and maker.often(0.3):
        return place.encode() + b"\n" + _other_columns(maker, content)
    content = maker.bytes_broken(content)
    return place.encode() + b"\n" + (_sealed(content) if maker.often(0.3) else content)


def _sealed(content: bytes) -> bytes:
    """Broken on purpose, with a checksum that fits; as it is if there is no place for one."""
    from experiments.runs import seal

    found = re.search(rb"checksum(?:\": \"|\x18\x20)([0-9a-f]{32})", content)
    try:
        return seal.sealed(content[: found.start(1)] + b"0" * 32 + content[found.end(1) :]) if found else content
    except ValueError:
        return content


def _other_columns(maker: Maker, content: bytes) -> bytes:
    """A table of a study with other columns, well written."""
    import tempfile

    import pyarrow as pa
    from pyarrow import parquet

    from experiments.runs import files

    table = parquet.read_table(pa.BufferReader(content))
    at = maker.random.randrange(table.num_columns)
    kind = maker.random.random()
    if kind < 0.4:
        table = table.remove_column(at)
    elif kind < 0.8:
        value: Any = maker.one((None, "x", 1.5, b"x", float("nan"), -1))
        table = table.set_column(at, table.column_names[at], pa.array([value] * table.num_rows))
    else:
        table = table.slice(0, maker.random.randrange(table.num_rows + 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        files.write_table(path, table)
        return path.read_bytes()


def put_study(content: bytes, folder: Path) -> Path:
    """The whole study but for the one broken file, in a folder; its own folder."""
    place, _, broken = content.partition(b"\n")
    home = folder / "study"
    for name, whole in study().items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(broken if name.encode() == place else whole)
    return home


def take_store(content: bytes, folder: Path) -> str:
    """A store that somebody gives: as `abm status`, `abm report` and the map of outcomes look at it."""
    from dashboards.outcomes import given, stores
    from experiments.commands import status
    from experiments.commands._store import found
    from experiments.report.overview import overview
    from experiments.sweep.store import reading

    put_study(content, folder)
    refused: list[InputError] = []

    def look(at: Callable[[], object]) -> None:
        try:
            at()
        except InputError as error:
            refused.append(error)

    def report() -> None:
        one = found(folder)[-1]
        with reading(one.folder):
            view = overview(one)
            view.answer(), view.tables, one.provenance()
            one.series()

    def shown() -> None:
        inside = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        stores.read(given.study_from(inside, folder / "given"))

    look(lambda: [status.state(one) for one in found(folder)])
    look(report)
    look(shown)
    if refused:
        raise refused[0]
    return "taken"


def make_results(maker: Maker) -> bytes:
    """A file of a results folder, broken."""
    import abm

    place = maker.one(("manifest.json", "scenario.toml"))
    if place == "scenario.toml":
        return place.encode() + b"\n" + _toml(maker, scenarios(), is_design=False)
    about = {
        "abm": abm.__version__, "scenario": "classroom", "seed": 1, "steps": 8, "steps_done": 8, "complete": True,
        "result_hash": "0", "commit": None, "stopped": None,
    }  # fmt: skip
    text = json.dumps(maker.json_changed(about))
    return (
        place.encode()
        + b"\n"
        + (maker.spliced(text, maker.one(WORDS)) if maker.often(0.3) else text).encode("utf-8", "replace")
    )


def take_results(content: bytes, folder: Path) -> str:
    """A folder of `abm run`, as `abm status` and `abm report` look at it."""
    from contextlib import redirect_stdout

    from experiments.commands import status

    place, _, broken = content.partition(b"\n")
    (folder / "scenario.toml").write_text('base = "classroom"\n', encoding="utf-8")
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    (folder / place.decode()).write_bytes(broken)
    with redirect_stdout(io.StringIO()):
        if place == b"scenario.toml":
            load(folder / "scenario.toml")
        else:
            status.main(argparse.Namespace(store=folder, json=False))
    return "taken"


READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("scenario", lambda maker: _toml(maker, scenarios(), is_design=False), take_scenario),
        Reader("design", lambda maker: _toml(maker, designs(), is_design=True), take_design),
        Reader("csv", make_csv, take_tables),
        Reader("parquet", make_parquet, take_tables),
        Reader("set", make_set, take_set),
        Reader("link", make_link, take_link),
        Reader("upload", make_upload, take_upload),
        Reader("message", make_message, take_message, (ValueError,)),
        Reader("store", make_store, take_store),
        Reader("results", make_results, take_results),
    )
}


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def whole_number(name: str, value: object) -> int:
    """A number of tries."""
    return count(name, value, 1, 10**9, "the attack")
