"""Words of others in Markdown: they stay words, and make no tags, links, cells or lines."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+\s*")
_BAR = re.compile(r"(\\*)\|")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def line(text: object) -> str:
    """A text as a part of one line: what would begin a tag or a link's target shows as it was written."""
    return _TAG.sub("&lt;", _BREAKS.sub(" ", str(text))).replace("](", "]\\(")


def cell(text: object) -> str:
    """A text as a cell of a table."""
    # Backslashes before a bar are doubled, or they would take away its own.
    return _BAR.sub(lambda found: 2 * found[1] + r"\|", line(text))
