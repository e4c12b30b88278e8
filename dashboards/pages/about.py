"""About: the model in words and equations, what it rests on, and what it must not be used for."""

from __future__ import annotations

from typing import Any

import solara

from abm.machine.version import __version__
from abm.scenario.policies import rules
from abm.scenario.policies._base import settings
from abm.world.parameters import CATALOGUE
from dashboards.live.session import Session, use_session
from dashboards.pages._about import about, validation
from dashboards.pages._about.mathml import mathml

PATH, LABEL, ORDER = "about", "pages.about", 50


@solara.component_vue("_about/about.vue", vuetify=False)
def _Sheet(  # noqa: N802
    words: dict[str, str], lead: str, parties: list[dict[str, str]], phases: list[dict[str, str]], phasesNote: str,  # noqa: N803
    equations: list[dict[str, str]], parameters: list[dict[str, Any]], policies: list[dict[str, Any]],
    patterns: list[dict[str, Any]], held: str, limits: list[str], footer: str,
) -> None:  # fmt: skip
    """The whole page; searching happens in the browser."""


@solara.component
def Page() -> None:  # noqa: N802
    """The page in the visitor's language."""
    session = use_session()
    language = session.language.value
    _Sheet(**solara.use_memo(lambda: content(session), [language]))


def content(session: Session) -> dict[str, Any]:
    """What the sheet shows, in the language of the session."""
    language, text = session.language.value, about()
    found = validation()

    def items(those: Any) -> list[dict[str, str]]:
        return [{"key": i.key, "title": i.title.to(language), "text": i.text.to(language)} for i in those]

    return {
        "words": session.words("about"),
        "lead": text.lead.to(language),
        "parties": items(text.parties),
        "phases": items(text.phases),
        "phasesNote": text.phases_note.to(language),
        "equations": [
            item | {"math": "".join(map(mathml, (language == "zh" and equation.math_zh) or equation.math))}
            for item, equation in zip(items(text.equations), text.equations, strict=True)
        ],
        "parameters": parameters(session),
        "policies": policies(session),
        "patterns": [
            {
                "number": p.number,
                "statement": text.patterns_zh.get(p.number, p.statement) if language == "zh" else p.statement,
                "holds": p.holds,
                "source": session.text(p.source),
                "effects": [
                    {
                        "name": session.text(e.name),
                        "value": e.value,
                        "asked": session.text(e.asked),
                        "verdict": e.verdict,
                    }
                    for e in p.effects
                ],
            }
            for p in found
        ],
        "held": session.say("about.held", n=sum(p.holds for p in found), all=len(found)),
        "limits": [limit.to(language) for limit in text.limits],
        "footer": session.say("about.footer", version=__version__),
    }


def parameters(session: Session) -> list[dict[str, Any]]:
    """The catalogue, one row a parameter; ``text`` is what a search looks into."""
    rows: list[dict[str, Any]] = []
    for p in CATALOGUE.values():
        row: dict[str, Any] = {key: getattr(p, key) for key in ("name", "group", "symbol", "acts")}
        row |= {"label": session.label(p), "description": session.text(p.description)}
        row |= {"unit": session.text(p.unit), "source": session.text(p.source)}
        row |= {key: float(f"{getattr(p, key):g}") for key in ("default", "low", "high")}
        words = (p.name, p.label, p.label_zh, p.symbol, p.description, row["description"], p.source, p.group)
        rows.append(row | {"text": " ".join(words).lower()})
    return rows


def policies(session: Session) -> list[dict[str, Any]]:
    """The policy rules with their own numbers."""
    return [
        {
            "name": name,
            "label": session.label(rule),
            "meaning": session.text((rule.__doc__ or "").strip().splitlines()[0]),
            "source": session.text(rule.source),
            "settings": [
                {"name": s.name, "low": s.low, "high": s.high, "unit": session.text(s.unit)}
                for s in settings(rule).values()
            ],
        }
        for name, rule in rules().items()
    ]
