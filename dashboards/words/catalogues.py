"""Errors in a visitor's language: those of the model as everywhere, the dashboard's own limits by its words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from abm.machine import language as model
from dashboards.words import say, words

if TYPE_CHECKING:
    from abm.machine.errors import InputError


def told(language: str, error: InputError) -> str:
    """The message of an error in a visitor's language."""
    return model.told(language if language == "zh" else "en", error, _of_limits)


def _of_limits(language: str, text: str) -> str:
    """What an error is about: a sentence of the dashboard's own limits, or a thing."""
    for key, english in words("en").items():
        if key.startswith("limits.") and "{" in english:
            match = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english)), text)
            if match:
                return say("zh", key, **{name: _of_limits(language, part) for name, part in match.groupdict().items()})
    things = {words("en")[key]: words("zh")[key] for key in words("en") if key.startswith("limits.")}
    return things.get(text) or model.of_error(language, text)
