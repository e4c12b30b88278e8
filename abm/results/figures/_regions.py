"""Pictures of regions and of amounts: a map of tiles, and bars."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

from abm.results.figures._svg import INK, NARROW, SOFT, WIDE, box, number, picture, room, text, width_of

LARGEST_TILE = 70.0
SMALLEST_NAME = 8.5
"""Font size below which a tile bears the region's short name."""


def bars(title: str, values: Mapping[str, float], *, percent: bool = False, width: float = WIDE) -> str:
    """Horizontal bars with their numbers."""
    top = max(values.values(), default=0.0) or 1.0
    labels = {name: _share(value) if percent else number(value) for name, value in values.items()}
    left = min(room(values), 0.62 * width)
    right = room(labels.values())
    size = min(12.0, (left - 12) / max((width_of(name, 1.0) for name in values), default=1.0))
    body: list[str] = []
    for i, (name, value) in enumerate(values.items()):
        y = i * 26.0
        run = (width - left - right) * max(0.0, value) / top
        body.append(text(left - 8, y + 17, name, anchor="end", size=size))
        body.append(box(left, y + 5, run, 16, "var(--line0)", 'rx="2"'))
        body.append(text(left + 7 + run, y + 17, labels[name], fill=SOFT))
    return picture(title, body, 26.0 * len(values) + 4, width)


def _share(value: float) -> str:
    """A share in words: what is there but rounds to nothing is not called nothing."""
    return "<1%" if 0 < value < 0.005 else f"{value:.0%}"


def tiles(
    title: str,
    shares: Mapping[str, float],
    places: Mapping[str, tuple[int, int, str]],
    threshold: float,
    *,
    width: float = WIDE,
) -> str:
    """Regions as equal squares: fill = share, a cross above the threshold, the number printed.

    ``places``: column, row and short name of each region; the short one stands where tiles are small.
    """
    across, down = [place[0] for place in places.values()] or [0], [place[1] for place in places.values()] or [0]
    left, top = min(across), min(down)
    columns, rows = 1 + max(across) - left, 1 + max(down) - top
    size = min(LARGEST_TILE, width / columns)
    body: list[str] = []
    for name, share in shares.items():
        column, row, short = places[name]
        x, y = (column - left) * size, (row - top) * size
        known = math.isfinite(share)
        strength = min(1.0, share) * 0.8 if known else 0.0
        value = f"{share:.0%}" if known else "-"
        body.append(f"<g><title>{escape(name)}: {value}</title>")
        shade = f'fill-opacity="{strength:.2f}" class="tile" rx="4"'
        body.append(box(x + 1.5, y + 1.5, size - 3, size - 3, "var(--failed)", shade))
        if known and share > threshold:
            cross = f"M{x + size - 12:.1f} {y + 5:.1f}l7 7m0 -7l-7 7"
            body.append(f'<path d="{cross}" stroke="{INK}" stroke-width="1.6"/>')
        parts, letters = _fitted(name, short, size - 8)
        for i, part in enumerate(parts):
            at = y + 0.46 * size - (letters + 1) * (len(parts) - 1 - i)
            body.append(text(x + size / 2, at, part, anchor="middle", size=letters))
        body.append(text(x + size / 2, y + 0.76 * size, value, anchor="middle", size=13 if width > NARROW else 11))
        body.append("</g>")
    return picture(title, body, rows * size, columns * size)


def _fitted(name: str, short: str, room_for: float) -> tuple[list[str], float]:
    """A name in one line, or in two where it has a space, and the font size at which it fits; the short
    name where letters would get too small."""
    parts = [name] if width_of(name, 11) <= room_for or " " not in name else name.split(" ", 1)
    letters = min(11.0, room_for / max(width_of(part, 1.0) for part in parts))
    if letters >= SMALLEST_NAME:
        return parts, letters
    return [short], min(12.0, room_for / width_of(short, 1.0))
