"""Where the manual lies: built beside the sources, or in a folder of `abm wheelhouse` that was installed from."""

from __future__ import annotations

import json
import os
import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

SOURCES = Path(__file__).parents[2]
BUILT = SOURCES / "build" / "manual"
START = "index.html"
NAME = "industry-education-abm"
VARIABLE = "ABM_MANUAL"
"""The folder of the manual, as the start file of a folder of `abm wheelhouse` says it."""


def found() -> Path | None:
    """Its first page; None where there is none that we know of."""
    given = os.environ.get(VARIABLE)
    for folder in (BUILT, Path(given) if given else None, _beside_the_wheel()):
        if folder is not None and (folder / START).is_file():
            return folder / START
    return None


def has_sources() -> bool:
    """Whether it can be built here."""
    return (SOURCES / "docs" / "build.py").is_file()


def _beside_the_wheel() -> Path | None:
    """``manual`` beside the folder of the wheel that pip was given by its path; None where pip does not say."""
    try:
        text = distribution(NAME).read_text("direct_url.json")
        address = urlsplit(json.loads(text or "{}").get("url", ""))
    except (PackageNotFoundError, OSError, ValueError):
        return None
    if address.scheme != "file" or not address.path.endswith(".whl"):
        return None
    return Path(url2pathname(address.path)).parents[1] / "manual"


def copy(folder: Path) -> bool:
    """Put it into a folder; whether there is one."""
    page = found()
    if page is None:
        return False
    shutil.copytree(page.parent, folder)
    return True
