"""What all pictures are made of: text, boxes, legends, colours."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

WIDE, NARROW = 620.0, 350.0
"""Widths of a picture in pixels, on a page and on a phone."""
INK, SOFT, LINE = "var(--ink)", "var(--soft)", "var(--line)"
N_FILLS = 10
"""Fills of stacked areas, the first for what went well."""
CHARACTER = 0.56
"""Mean width of a character, as a share of the font size; what no font is told to keep is left some room."""
SAMPLE = 19.0
"""Room for a swatch before its label in a legend."""
LEGEND_LINE = 19.0


def number(value: float) -> str:
    """A number as a person writes it: three figures, no exponent."""
    if not math.isfinite(value):
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 or value == 0 else "0"


def text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK, size: float = 12) -> str:
    """One line of text."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="{fill}" font-size="{size:.3g}">{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    """A filled rectangle; ``extra`` are further attributes."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" {extra}/>'


def hatch(i: int) -> str:
    """Fill number ``i`` of stacked areas: a colour with a pattern of its own."""
    return f"url(#fill{i % N_FILLS})"


def stage_fill(stage: int) -> str:
    """Colour of a stage of integration, 0-3."""
    return f"var(--stage{stage + 1})"


def picture(title: str, body: Sequence[str], height: float, width: float = WIDE) -> str:
    """An SVG element that scales with the page."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(body)}</svg>'
    )


def width_of(words: str, size: float = 12) -> float:
    """About how wide a text will be."""
    return size * sum(1.0 if unicodedata.east_asian_width(c) in "WF" else CHARACTER for c in words)


def room(labels: Iterable[str], mark: float = 0.0, size: float = 12) -> float:
    """Margin that holds the longest of some labels, with a mark of that width before it."""
    return 14 + mark + max((width_of(label, size) for label in labels), default=0.0)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights of labels near the wanted ones, at least ``gap`` apart, between low and high."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = [0.0] * len(wanted)
    last = low - gap
    for i in order:
        placed[i] = last = max(wanted[i], last + gap)
    if last > high:
        for i in reversed(order):
            placed[i] = min(placed[i], high)
            high = placed[i] - gap
    return placed


def legend(samples: Sequence[tuple[str, str]], top: float, width: float) -> tuple[list[str], float]:
    """Swatches (drawn at 0, 0) with their labels, in lines as long as the width allows, and where they end."""
    body: list[str] = []
    x, y = 0.0, top
    size, gap = (11.0, 12.0) if width > NARROW else (12.0, 12.0)
    for swatch, label in samples:
        wide = SAMPLE + width_of(label, size)
        if x > 0.0 and x + wide > width:
            x, y = 0.0, y + LEGEND_LINE
        body.append(f'<g transform="translate({x:.1f} {y:.1f})">{swatch}</g>')
        body.append(text(x + SAMPLE, y + 10, label, size=size))
        x += wide + gap
    return body, y + LEGEND_LINE


def patterns() -> str:
    """Definitions of the hatches that tell neighbouring fills apart without colour. Once a page."""
    marks = (
        "", '<path d="M0 8L8 0"/>', '<path d="M0 0L8 8"/>', '<path d="M0 4H8"/>', '<path d="M4 0V8"/>',
        '<circle cx="4" cy="4" r="1.2"/>', "", '<path d="M0 8L8 0M0 0L8 8"/>', '<path d="M0 4H8M4 0V8"/>', "",
    )  # fmt: skip
    body = "".join(
        f'<pattern id="fill{i}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="var(--fill{i})"/><g class="hatch">{mark}</g></pattern>'
        for i, mark in enumerate(marks)
    )
    return f'<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>{body}</defs></svg>'
