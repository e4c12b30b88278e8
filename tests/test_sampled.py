"""What the suite says of its own files and tests is true: those that it names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import conftest

HERE = Path(__file__).parent
FILES = {path.stem: path for path in HERE.rglob("test_*.py")}


@pytest.mark.parametrize("name", sorted({*conftest.SLOW, *conftest.FIRST}))
def test_a_file_that_is_slow_or_first_is_there(name: str) -> None:
    assert name in FILES


@pytest.mark.parametrize("name", conftest.SAMPLED)
def test_a_sampled_test_is_there_and_has_cases(name: str) -> None:
    found = [path for path in FILES.values() if re.search(rf"^def {name}\(", path.read_text("utf-8"), re.MULTILINE)]
    assert len(found) == 1
    before = found[0].read_text("utf-8").split(f"def {name}(")[0]
    assert before.rstrip().endswith(")") and "parametrize" in before[-1500:]
