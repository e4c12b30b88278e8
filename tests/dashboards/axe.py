"""axe-core on a page of a browser: rules of accessibility for machines to check; skipped, and said so, without it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HARD = ("serious", "critical")
RUN = """async () => {
  const { violations, passes } = await axe.run(document, { resultTypes: ["violations", "passes"] });
  return { passed: passes.length, found: violations.map(({ id, impact, nodes }) =>
    [impact, id, nodes.slice(0, 3).map(({ html, any, all, none }) =>
      `${html.slice(0, 160)} ${[...any, ...all, ...none].map(({ message }) => message).join("; ")}`)]) };
}"""
FEWEST = 15
"""Rules that a page of ours passes at least: fewer, and axe has not seen it."""


def script() -> str:
    """axe-core, as a package of the test environment brings it."""
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core is not installed: pip install axe-playwright-python")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Any) -> list[Any]:
    """What is serious or critical on a page: impact, rule, examples."""
    page.evaluate(script())
    told = page.evaluate(RUN)
    assert told["passed"] >= FEWEST, told
    return [one for one in told["found"] if one[0] in HARD]
