"""Write the versions that the tests ran with: of all that the project's extras bring, in this environment.

    python .ci/constraints.py        # .ci/constraints-3.11.txt, if Python is 3.11

`.ci/run` installs these; `.ci/run --newest` whatever is newest within pyproject's bounds.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "industry-education-abm"
EXTRAS = ("dev", "cluster", "calibration", "workbench")


def closure(name: str, extras: tuple[str, ...]) -> dict[str, str]:
    """Version of everything that a distribution and its extras need, by name; itself left out."""
    found: dict[str, str] = {}
    left, seen = [(name, extras)], set[tuple[str, tuple[str, ...]]]()
    while left:
        here = left.pop()
        if here in seen:
            continue
        seen.add(here)
        try:
            about = distribution(here[0])
        except PackageNotFoundError:
            # Of an extra that is not installed here.
            continue
        if canonicalize_name(here[0]) != PROJECT:
            found[canonicalize_name(here[0])] = about.version
        for text in about.requires or ():
            need = Requirement(text)
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *here[1])):
                left.append((need.name, tuple(sorted(need.extras))))
    return dict(sorted(found.items()))


def main() -> None:
    """Write the file."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = Path(__file__).with_name(f"constraints-{version}.txt")
    found = closure(PROJECT, EXTRAS)
    head = f"# Versions that the tests ran with on Python {version}, written by .ci/constraints.py.\n"
    path.write_text(head + "".join(f"{name}=={number}\n" for name, number in found.items()), encoding="utf-8")
    print(f"{path}: {len(found)} packages")


if __name__ == "__main__":
    main()
