"""`python -m dashboards.words`: put the words that a page needs without a server into serve/head/custom.js."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dashboards.words import LANGUAGES, words

SCRIPT = Path(__file__).parents[1] / "serve" / "head" / "custom.js"
TAGS = {"en": "en", "zh": "zh-CN"}
"""What the page calls its languages."""
LINE = re.compile(r"const words = \{.*\};")


def line() -> str:
    """The line of the script that holds them: key -> a pair of language and text for each language."""
    keys = [key.partition(".")[2] for key in words("en") if key.startswith("connection.")]
    found = {key: [[TAGS[of], words(of)[f"connection.{key}"]] for of in LANGUAGES] for key in keys}
    return f"const words = {json.dumps(found, ensure_ascii=False)};"


def main() -> None:
    """Write the line anew."""
    text = SCRIPT.read_text(encoding="utf-8")
    SCRIPT.write_text(LINE.sub(lambda _: line(), text), encoding="utf-8")


if __name__ == "__main__":
    main()
