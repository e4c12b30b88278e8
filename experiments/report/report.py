"""A report folder from any analysis: tables, pictures, and the same text as Markdown and as one HTML file.

report.md, report.html     the question, the answer, pictures, tables, caveats, provenance
tables/<name>.parquet,csv  every number; tables/columns.csv says what each column means
figures/<name>.png,svg     for a paper
provenance.json            what is needed to make it again

It is written beside its place and renamed into it; an older report there is replaced.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine import disk, spreadsheet
from abm.machine.errors import InputError
from abm.machine.language import current, paragraph, said_in, say, spoken
from abm.results.columns import dictionary
from abm.results.folder import DICTIONARY
from experiments.figures import style as figure_style
from experiments.report import markdown
from experiments.report.columns import of_frames

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PROVENANCE = "provenance.json"
ROWS = 20
"""Rows of a table that the text shows."""
LARGEST_SVG = 400_000
"""Bytes of an SVG that the HTML file carries; of a larger one it carries the PNG."""
CAVEAT = "A simulation: what it shows follows from the assumptions of the model (abm/ODD.md), and is not a forecast."
STYLE = """
:root{color-scheme:light dark;--ink:#222;--soft:#5b5b5b;--page:#fff;--rule:#ddd;--wash:#f5f5f3}
@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--soft:#a9a9a9;--page:#16181a;--rule:#3a3d40;--wash:#202326}}
body{font:17px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:820px;margin:2.5em auto;
padding:0 1.1em}h1{font-size:1.55em;line-height:1.25;margin-bottom:.3em}h2{font-size:1.1em;margin-top:2.2em}
.question{color:var(--soft);margin-top:0}.answer{font-size:1.12em;border-left:3px solid #0072B2;padding-left:.9em}
figure{margin:1.6em 0}figure img{width:100%;background:#fff;border-radius:3px}
figcaption,.note{color:var(--soft);font-size:.88em}.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.82em;font-variant-numeric:tabular-nums}
th{text-align:left;border-bottom:1px solid var(--rule)}td,th{padding:.22em 1em .22em 0;white-space:nowrap}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1.2em;font-size:.86em}dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
"""


@dataclass(frozen=True)
class _Text:
    """What both forms of the text say."""

    title: str
    question: str
    answer: Sequence[str]
    tables: Mapping[str, pd.DataFrame]
    pictures: Mapping[str, str]
    """Captions by name."""
    provenance: Mapping[str, Any]
    caveats: Sequence[str]


def own(text: str) -> str:
    """A user's words as they stand, or a text of this program in the language that is spoken."""
    return said_in(current(), text)


def write(
    folder: str | Path,
    title: str,
    question: str,
    answer: str | Sequence[str],
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, Figure],
    provenance: Mapping[str, Any],
    caveats: Sequence[str] = (),
) -> Path:
    """Write a report folder and return it.

    title, question: the user's own, or a text of this program. answer: a few sentences, or paragraphs. figures: a
    figure's label (``figure.set_label``) is its caption. provenance: see ``Study.provenance``. caveats: what a reader
    must know before quoting; that it is a simulation is always said. InputError if the folder holds other files.
    """
    place = Path(folder)
    if place.exists() and (not place.is_dir() or (any(place.iterdir()) and not (place / PROVENANCE).exists())):
        raise InputError(f"{place}", why="holds other files", mend="give a new or empty one, or an older report")
    paragraphs = [paragraph(text) for text in ([answer] if isinstance(answer, str) else answer)]
    try:
        place.absolute().parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.absolute().parent))
    except OSError as error:
        raise disk.unwritable(f"{place}", error, "give another folder") from error
    try:
        pictures = _save_figures(figures, part)
        _save_tables(tables, part)
        kept = [paragraph(caveat) for caveat in (*caveats, CAVEAT)]
        # A user's own words are said as they stand: only texts of this program are known whole.
        text = _Text(own(title), own(question), paragraphs, tables, pictures, provenance, kept)
        (part / "report.md").write_text(_markdown(text), encoding="utf-8")
        (part / "report.html").write_text(_html(text, part), encoding="utf-8")
        (part / PROVENANCE).write_text(json.dumps(dict(provenance), indent=1, default=str) + "\n", encoding="utf-8")
        part.chmod(0o755)
        disk.take_place(part, place)
    except OSError as error:
        raise disk.unwritable(f"{place}", error, "give another folder") from error
    finally:
        disk.discard(part)
    return place


def _save_figures(figures: Mapping[str, Figure], part: Path) -> dict[str, str]:
    """Pictures on disk; captions by name."""
    if figures:
        (part / "figures").mkdir()
    for name, figure in figures.items():
        figure_style.save(figure, part / "figures", name)
    return {name: paragraph(str(figure.get_label() or name.replace("_", " "))) for name, figure in figures.items()}


def _save_tables(tables: Mapping[str, pd.DataFrame], part: Path) -> None:
    if tables:
        (part / "tables").mkdir()
    for name, table in tables.items():
        table.to_parquet(part / "tables" / f"{name}.parquet", compression="zstd", index=False)
        spreadsheet.write_csv(table, part / "tables" / f"{name}.csv")
    if tables:
        spreadsheet.write_csv(dictionary(of_frames(tables)), part / "tables" / f"{DICTIONARY}.csv")


def cell(value: object) -> str:
    """A value as a table of the text shows it: four digits of a number."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.4g}"
    return str(value)


def _cells(table: pd.DataFrame) -> list[list[str]]:
    return [[cell(value) for value in row] for row in table.head(ROWS).itertuples(index=False, name=None)]


def _rest(name: str, table: pd.DataFrame) -> str:
    where = f"tables/{name}.csv"
    if len(table) > ROWS:
        return say("The first {n} of {all} rows; all are in {file}.", n=ROWS, all=f"{len(table):,}", file=where)
    return say("Also in {file}.", file=where)


def _headed(name: str) -> str:
    """What a table is called."""
    return spoken(name.replace("_", " ").capitalize())


def _facts(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Provenance as lines of a text; what is long stands in provenance.json only."""
    found = [(spoken(key.replace("_", " ")), str(value)) for key, value in provenance.items()]
    return [(key, value) for key, value in found if len(value) <= 200 and "\n" not in value]


def _markdown(text: _Text) -> str:
    line, cell = markdown.line, markdown.cell
    lines = [f"# {line(text.title)}", "", f"*{line(text.question)}*", ""]
    lines += [f"{line(paragraph)}\n" for paragraph in text.answer]
    for name, caption in text.pictures.items():
        lines += [f"![{line(caption)}](figures/{name}.png)", "", line(caption), ""]
    for name, table in text.tables.items():
        lines += [f"## {line(_headed(name))}", ""]
        lines += [f"| {' | '.join(map(cell, table.columns))} |", "|" + " --- |" * len(table.columns)]
        lines += [f"| {' | '.join(map(cell, row))} |" for row in _cells(table)]
        lines += ["", _rest(name, table), ""]
    lines += [f"## {say('What to keep in mind')}", "", *(f"- {line(caveat)}" for caveat in text.caveats), ""]
    facts = (f"- {line(key)}: {line(value)}" for key, value in _facts(text.provenance))
    lines += [f"## {say('Where it comes from')}", "", *facts, ""]
    return "\n".join(lines)


def _html(text: _Text, part: Path) -> str:
    body = [f"<h1>{escape(text.title)}</h1>", f'<p class="question">{escape(text.question)}</p>']
    body += [f'<p class="answer">{escape(paragraph)}</p>' for paragraph in text.answer]
    for name, caption in text.pictures.items():
        source = _embedded(part / "figures", name)
        body.append(f'<figure><img src="{source}" alt="{escape(caption, quote=True)}">')
        body.append(f"<figcaption>{escape(caption)}</figcaption></figure>")
    for name, table in text.tables.items():
        head = "".join(f"<th>{escape(str(column))}</th>" for column in table.columns)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(shown)}</td>' for shown in row)}</tr>" for row in _cells(table))
        body.append(f"<h2>{escape(_headed(name))}</h2>")
        body.append(f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>')
        body.append(f'<p class="note">{escape(_rest(name, table))}</p>')
    listed = "".join(f"<li>{escape(caveat)}</li>" for caveat in text.caveats)
    facts = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in _facts(text.provenance))
    keep, where = say("What to keep in mind"), say("Where it comes from")
    body.append(f"<h2>{keep}</h2><ul>{listed}</ul><h2>{where}</h2><dl>{facts}</dl>")
    return (
        f'<!doctype html><html lang="{"zh-CN" if current() == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" '
        f'content="width=device-width"><title>{escape(text.title)}</title><style>{STYLE}</style></head>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _embedded(folder: Path, name: str) -> str:
    """The picture as an address that holds it."""
    svg = folder / f"{name}.svg"
    if svg.stat().st_size <= LARGEST_SVG:
        return "data:image/svg+xml;base64," + base64.b64encode(svg.read_bytes()).decode()
    return "data:image/png;base64," + base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
