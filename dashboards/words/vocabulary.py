"""Words of the views: the table ``views`` of each language's file, and names from the model's own catalogues."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from abm.machine.language import in_language
from abm.scenario.changes import plain
from abm.scenario.policies import rules
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE
from abm.world.vocabulary import CAUSES, LEVELS, PARTIES, STAGES
from dashboards.words import say, section

if TYPE_CHECKING:
    from abm.scenario.changes import Change


@cache
def words(language: str) -> dict[str, str]:
    """Words of the views by key, without the table's name; with ``percent``, and the model's for parties and levels."""
    own = {f"party_{party}": PARTIES.label(party, language) for party in PARTIES}
    own |= {f"level_{level}": LEVELS.label(level, language) for level in range(1, len(LEVELS))}
    own["when"] = say(language, "transport.when", year="{year}", quarter="{quarter}")
    return section(language, "views") | own


def name_of(language: str, key: str) -> str:
    """A parameter, lever or setting of a policy."""
    head, _, setting = key.partition(".")
    entry = CATALOGUE.get(key) or BY_NAME.get(key) or rules().get(head)
    if entry is None:
        return key
    label = entry.label_zh if language == "zh" and entry.label_zh else entry.label
    part = in_language(language, setting).replace("_", " ")
    return f"{label}{'：' if language == 'zh' else ': '}{part}" if setting and key not in BY_NAME else label


def change_text(language: str, change: Change) -> str:
    """What was changed, and to what."""
    value = change.value
    shown = f"{value:g}" if isinstance(value, int | float) else str(plain(value))
    return f"{name_of(language, change.key)} = {shown}"


def when(language: str, step: int) -> str:
    """The quarter that ends with a step; the start for 0."""
    year, quarter = (step - 1) // 4 + 1, (step - 1) % 4 + 1
    return say(language, "transport.when", year=year, quarter=quarter) if step else say(language, "transport.start")


@lru_cache(maxsize=64)
def caption(language: str, source: str, changes: tuple[Change, ...], step: int) -> str:
    """What a picture is of: its source, the moment, and what was changed until then."""
    until = [change for change in changes if change.start < step]
    made = [
        say(language, "views.change_at", what=change_text(language, c), when=when(language, c.start)) for c in until
    ]
    told = [source, when(language, step)]
    if made:
        told.append(say(language, "views.with_changes", changes=say(language, "events.and").join(made)))
    return " · ".join(told)


def cause_names(language: str) -> list[str]:
    """Names of the causes of failure, in the order of vocabulary.CAUSES, as one says them."""
    return list(CAUSES.labels(language))


def stage_names(language: str) -> list[str]:
    """Names of the stages of integration, the first first."""
    return list(STAGES.labels(language))


def as_said(kcny: Any, language: str) -> Any:
    """Amounts of 1,000 yuan in the unit in which a language says them: in Chinese 10,000 yuan."""
    return kcny / (10 if language == "zh" else 1)
