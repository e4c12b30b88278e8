"""The one file: the film of a run, the drawings, the player and their style, in one HTML text.

The drawings are the dashboard's own modules. A page that is opened from a disk may not load others beside it, so each
is a data address in the page's import map. Nothing else is loaded: the page's own policy forbids it.
"""

from __future__ import annotations

import base64
import json
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dashboards
from abm.machine.version import __version__
from abm.results.summary import summary
from dashboards.controls import content
from dashboards.controls.views import MANY, OVER_MANY, TABS
from dashboards.live.run import SPEEDS
from dashboards.onefile.film import spoken
from dashboards.views import views
from dashboards.views.live_view import source
from dashboards.words import languages, section
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.onefile.film import Film

HERE, HOME = Path(__file__).parent, Path(dashboards.__file__).parent
PLAYED = ("player.js", "film.js")
SECTIONS = ("onefile", "lab", "transport", "header")
"""Sections of the words that the player speaks; where two have the same key, the first one's."""
STYLED = ("transport.vue", "events.vue", "header.vue")
"""Controls of the live pages whose style the player has."""
_FROM = re.compile(r"""(["`])\.{1,2}/(?:drawing/)?(?=[\w${}]+\.js["`])""")


def modules() -> dict[str, str]:
    """Text of each module by its name in the import map; ``stream.js`` is the film's."""
    paths = [*sorted((HOME / "views").rglob("*.js")), *(HERE / name for name in PLAYED)]
    found = {path.name: _FROM.sub(r"\1abm/", path.read_text(encoding="utf-8")) for path in paths}
    return {f"abm/{name}": text for name, text in (found | {"stream.js": found["film.js"]}).items()}


def style() -> str:
    """The style of all pages, of the pictures, of the controls that the player has, and its own."""
    vue = (HOME / "controls" / name for name in STYLED)
    parts = [(HOME / "serve/head/custom.css").read_text(encoding="utf-8")]
    parts += [re.findall(r"<style[^>]*>(.*?)</style>", path.read_text(encoding="utf-8"), re.S)[0] for path in vue]
    parts += [path.read_text(encoding="utf-8") for path in (HOME / "views/drawing/view.css", HERE / "player.css")]
    return "\n".join(parts)


def page(film: Film, spoken_in: Sequence[str], version: str = __version__) -> str:
    """The HTML text of a film in some languages; ``version``: of the model that made the run."""
    results, scenario = film.results, film.results.scenario
    is_many = film.n_regions > MANY
    tabs = [
        {"name": label.removeprefix("lab.tab_"), "label": label.removeprefix("lab."),
         "views": OVER_MANY if label == "lab.tab_overview" and is_many else shown}
        for label, shown in TABS
    ]  # fmt: skip
    sessions = {language: spoken(language) for language in spoken_in}

    def each(of: Any) -> dict[str, Any]:
        return {language: of(language) for language in spoken_in}

    facts = {"seed": scenario.seed, "quarters": results.steps_done, "hash": results.result_hash(), "version": version}
    about: dict[str, Any] = {
        "languages": {language: languages()[language] for language in spoken_in},
        "title": each(lambda language: sessions[language].title(scenario)),
        "rationale": each(lambda language: content.about(sessions[language], scenario)["rationale"]),
        "source": each(lambda language: source(scenario, language)),
        "made": each(lambda language: sessions[language].say("onefile.made", **facts)),
        "words": each(_words),
        "views": each(lambda language: {**words(language), "blame_apply": ""}),
        "grounded": [kind for kind, module in views().items() if hasattr(module, "ground")],
        "tabs": tabs, "steps": results.steps_done, "speeds": SPEEDS, "events": film.events, "ticks": film.ticks,
        "bands": film.bands,
    }  # fmt: skip
    reels = "\n".join(
        f'<script type="text/plain" id="reel-{language}-{kind}">{base64.b64encode(content).decode()}</script>'
        for (language, kind), content in film.reels.items()
    )
    parts = {
        "title": escape(about["title"][spoken_in[0]]), "version": version, "style": style(),
        "summary": escape(summary(results)), "about": _json(about), "reels": reels,
        "imports": _json({"imports": {name: _address(text) for name, text in modules().items()}}),
    }  # fmt: skip
    template = (HERE / "page.html").read_text(encoding="utf-8")
    # In one go: what a user's text holds is never looked into.
    return re.sub(r"@(\w+)@", lambda match: parts[match[1]], template)


def _words(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in reversed(SECTIONS):
        found |= section(language, name)
    return found


def _json(value: object) -> str:
    """JSON that ends no script and opens no comment, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _address(text: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(text.encode()).decode()}"
