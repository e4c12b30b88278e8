"""What a benchmark gives: figures with their targets, and the table that shows them."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import abm
from abm.results import processors


@dataclass(frozen=True)
class Figure:
    """One measured number."""

    benchmark: str
    what: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    """Whether the target is a lower bound; else an upper one."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Measured / target; None without one, or where it is 0."""
        return self.value / self.target if self.target else None

    @property
    def is_met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


def _processor_model() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine() -> dict[str, str | int | float]:
    """What the figures were measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {
        "processor": _processor_model(),
        "cores": processors(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "mesa")},
        "abm": abm.__version__,
        "load": round(load, 2),
    }


def shown(value: float) -> str:
    """Three digits, thousands apart."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 or value == 0 else f"{value:.1e}"


def _row(figure: Figure) -> tuple[str, ...]:
    if figure.target is None:
        target = ratio = verdict = ""
    else:
        target = f"{'>=' if figure.at_least else '<='} {shown(figure.target)} {figure.unit}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        verdict = "met" if figure.is_met else "MISSED"
    return figure.what, f"{shown(figure.value)} {figure.unit}", target, ratio, verdict, figure.note


def render(about: dict[str, str | int | float], found: list[Figure], *, is_quick: bool, seconds: float) -> str:
    """The machine, then one table."""
    head = ("what", "measured", "target", "ratio", "", "note")
    rows = [head, *map(_row, found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [", ".join(f"{name} {value}" for name, value in about.items() if name != "load")]
    if float(about["load"]) > 0.3:
        lines.append(
            f"WARNING: the machine was busy before the first benchmark (load {about['load']}): times are too long"
        )
    if is_quick:
        lines.append("quick: smaller worlds and fewer runs, see the notes; not the figures to quote")
    lines.append("")
    for i, row in enumerate(rows):
        cells = (
            cell.rjust(w) if 0 < n < 4 else cell.ljust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
        if i == 0:
            lines.append("  ".join("-" * w for w in widths))
    missed = sum(f.is_met is False for f in found)
    with_target = sum(f.target is not None for f in found)
    lines += ["", f"{with_target - missed} of {with_target} targets met; measured in {seconds:.0f} s"]
    return "\n".join(lines)
