"""What a teacher prints beforehand: a card for each role, a sheet for the debriefing. In both languages."""

from __future__ import annotations

from html import escape
from pathlib import Path

from abm.machine import disk
from abm.world.vocabulary import LEVELS, PARTIES
from dashboards.play import pay
from dashboards.play.plan import DEFAULT, plan
from dashboards.words import LANGUAGES, section

STYLE = """@page{size:A4;margin:14mm}body{font:13px/1.42 system-ui,"Noto Sans","PingFang SC","Microsoft YaHei",
"Noto Sans CJK SC",sans-serif;color:#1c1d1f;max-width:182mm;margin:auto}h1{font-size:22px}
h2{font-size:18px;margin:0 0 6px}
.two{display:grid;grid-template-columns:1fr 1fr;gap:6mm}
.card{border:1px solid #82878d;border-radius:8px;padding:4mm 5mm;
break-inside:avoid}.line{border-bottom:1px solid #82878d;height:8mm}table{border-collapse:collapse;width:100%}
td,th{border:1px solid #82878d;padding:6px;text-align:left;height:8mm}ol{padding-left:20px}li{margin:4px 0}
.page{break-after:page}"""


def write(folder: Path) -> list[Path]:
    """Write all sheets; the files, in their order. InputError where the folder cannot be written."""
    found: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for language in LANGUAGES:
            for kind, text in (("cards", cards(language)), ("debriefing", debriefing(language))):
                path = folder / f"{kind}_{language}.html"
                path.write_text(text, encoding="utf-8")
                found.append(path)
    except OSError as error:
        raise disk.unwritable(f"{folder}", error, "give another folder") from error
    return found


def cards(language: str) -> str:
    """A card for each role: who one is, what one wants, what one does in each part of a round."""
    words = section(language, "play")
    blocks: list[str] = []
    for role, party in enumerate(PARTIES.labels(language)):
        key = PARTIES[role]
        does = "".join(f"<li>{escape(words[f'sheets.do_{key}_{n}'])}</li>" for n in (1, 2, 3))
        blocks.append(
            f"<div class=card><h2>{escape(party)}</h2><p>{escape(words[f'phone.role_{key}'])}</p><ol>{does}</ol>"
            f"<p>{escape(words['phone.points_mean'])}</p></div>"
        )
    lasts = pay.level_lasts(plan(DEFAULT).scenario)
    levels = "".join(
        f"<tr><td>{n}</td><td>{escape(label)}</td>"
        f"<td>{escape(words['phone.binds'].replace('{n}', f'{years:g}'))}</td></tr>"
        for n, (label, years) in enumerate(zip(LEVELS.labels(language)[1:], lasts, strict=True), 1)
    )
    table = f"<h2>{escape(words['phone.level_label'])}</h2><table>{levels}</table>"
    return _page(language, words["sheets.cards"], f'<div class="two page">{"".join(blocks)}</div>{table}')


def debriefing(language: str) -> str:
    """A sheet to fill in: what one saw, what one thinks, what the class would do."""
    words = section(language, "play")
    questions = "".join(
        f"<li>{escape(words[f'sheets.ask_{n}'])}<div class=line></div><div class=line></div></li>" for n in range(1, 7)
    )
    head = "".join(
        f"<th>{escape(words[f'sheets.{key}'])}</th>" for key in ("year", "partner", "signed", "did", "got", "why")
    )
    row = "<tr>" + "<td></td>" * 6 + "</tr>"
    return _page(language, words["sheets.debriefing"], f"<table><tr>{head}</tr>{row * 7}</table><ol>{questions}</ol>")


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"
    )
