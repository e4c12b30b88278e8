"""Typed access to the catalogue (parameters.toml). [interim: to be completed]"""

from __future__ import annotations

import tomllib
from collections import namedtuple
from pathlib import Path

CATALOGUE = tomllib.loads((Path(__file__).parent / "parameters.toml").read_text(encoding="utf-8"))
Parameters = namedtuple("Parameters", tuple(CATALOGUE))
DEFAULTS = Parameters(*(float(v["default"]) for v in CATALOGUE.values()))
