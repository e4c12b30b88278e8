"""Small pictures for the report: plain SVG text, no library, no network.

Every picture says its values in words too: direct labels, a pattern or a mark beside each colour,
and a title element for screen readers. Colours are Okabe and Ito's; the light ones only fill.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

INTEGRATED, FAILED, INK, PALE = "#0072B2", "#D55E00", "#222222", "#D9D9D9"
FILLS = (INTEGRATED, FAILED, "#CC79A7", "#009E73", "#999999", "#E69F00", "#56B4E9", "#F0E442", "#882255", "#444444")
"""Fills of stacked areas, the first for what went well."""
STAGE_FILLS = ("#F2F2F2", "#F4C9A8", "#9CCBE6", INTEGRATED)
MANY_ROWS = 12
"""Strips from which they are drawn thin."""
STAGE_LABELS = ("complete dependency", "internal fragmentation", "initial breakthrough", "deep integration")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 240, 56, 12, 30
CHARACTER = 0.56
"""Mean width of a character, as a share of the font size; what no font is told to keep is left some room."""


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


def _box(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" {extra}/>'


def _hatch(i: int) -> str:
    return f"url(#fill{i % len(FILLS)})"


def picture(title: str, body: Sequence[str], height: float = HEIGHT, width: float = WIDTH) -> str:
    """An SVG element that scales with the page."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(body)}</svg>'
    )


def _width(words: str, size: float = 12) -> float:
    """About how wide a text will be."""
    return CHARACTER * size * len(words)


def _room(labels: Iterable[str], mark: float = 0.0) -> float:
    """Margin that holds the longest of some labels, with a mark of that width before it."""
    return 14 + mark + max((_width(label) for label in labels), default=0.0)


def _axes(high: float, steps: int, right: float, percent: bool) -> list[str]:
    parts: list[str] = []
    for k in range(5):
        value = high * k / 4
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * k / 4
        label = f"{value:.0%}" if percent else number(value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - right:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{PALE}"/>')
        parts.append(text(LEFT - 6, y + 4, label, anchor="end"))
    return parts + _years(steps, LEFT, right, HEIGHT - BOTTOM + 16)


def _years(steps: int, left: float, right: float, y: float) -> list[str]:
    """Years below a picture of steps."""
    years = max(1, steps // 4)
    every = max(1, math.ceil(years / 10))
    ticks = range(0, years + 1, every)
    parts = [text(_x(year * 4, steps, right, left), y, str(year), anchor="middle") for year in ticks]
    return [*parts, text(WIDTH - right, y + 12, "years", anchor="end", size=11)]


def _x(step: float, steps: int, right: float, left: float = LEFT) -> float:
    return left + (WIDTH - left - right) * step / max(1, steps)


def _spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights of labels near the wanted ones, at least ``gap`` apart, between low and high."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = [0.0] * len(wanted)
    last = low - gap
    for i in order:
        placed[i] = last = max(wanted[i], last + gap)
    over = last - high
    if over > 0:
        for i in reversed(order):
            placed[i] = min(placed[i], high)
            high = placed[i] - gap
    return placed


def lines(
    title: str,
    series: Mapping[str, Sequence[float]],
    *,
    percent: bool = False,
    high: float | None = None,
    colours: Sequence[str] = (INTEGRATED, FAILED, INK, "#009E73", "#882255", "#666666"),
) -> str:
    """Lines over time with their names at their ends; the second and later are dashed as well."""
    steps = max((len(values) for values in series.values()), default=0)
    finite = [v for values in series.values() for v in values if math.isfinite(v)]
    top = high if high is not None else (max(finite, default=1.0) or 1.0) * 1.05
    scale = (HEIGHT - TOP - BOTTOM) / top
    names = {name: _named(name, values, percent) for name, values in series.items()}
    right = _room(names.values())
    body, ends = _axes(top, steps, right, percent), list[tuple[str, float, str]]()
    dashes = ("", "7 4", "2 3", "10 3 2 3", "4 2", "1 4")
    for i, (name, values) in enumerate(series.items()):
        points = [
            (_x(step + 1, steps, right), HEIGHT - BOTTOM - min(v, top) * scale)
            for step, v in enumerate(values)
            if math.isfinite(v)
        ]
        if not points:
            continue
        colour, dash = colours[i % len(colours)], dashes[i % len(dashes)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        body.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
        )
        ends.append((names[name], points[-1][1], colour))
    heights = _spread([y for _, y, _ in ends], 15, TOP + 8, HEIGHT - BOTTOM)
    for (label, _, colour), y in zip(ends, heights, strict=True):
        body.append(text(WIDTH - right + 6, y + 4, label, fill=colour))
    return picture(title, body)


def _named(name: str, values: Sequence[float], percent: bool) -> str:
    """A line's name and its last value."""
    last = next((v for v in reversed(values) if math.isfinite(v)), math.nan)
    return f"{name} {last:.0%}" if percent and math.isfinite(last) else f"{name} {number(last)}"


def patterns() -> str:
    """Definitions of the hatches that tell neighbouring fills apart without colour. Once a page."""
    marks = (
        "", '<path d="M0 8L8 0"/>', '<path d="M0 0L8 8"/>', '<path d="M0 4H8"/>', '<path d="M4 0V8"/>',
        '<circle cx="4" cy="4" r="1.2"/>', "", '<path d="M0 8L8 0M0 0L8 8"/>', '<path d="M0 4H8M4 0V8"/>', "",
    )  # fmt: skip
    body = "".join(
        f'<pattern id="fill{i}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{colour}"/><g stroke="#fff" fill="#fff">{mark}</g></pattern>'
        for i, (colour, mark) in enumerate(zip(FILLS, marks, strict=True))
    )
    return f'<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>{body}</defs></svg>'


def stacked(title: str, areas: Mapping[str, Sequence[float]], *, percent: bool = True) -> str:
    """Areas on top of each other over time; the largest are named at the right."""
    steps = max((len(values) for values in areas.values()), default=0)
    totals = [sum(values[t] for values in areas.values()) for t in range(steps)]
    top = (1.0 if percent else max(totals, default=1.0)) or 1.0
    scale = (HEIGHT - TOP - BOTTOM) / top
    right = _room(areas, mark=16)
    body, labels = _axes(top, steps, right, percent), list[tuple[str, float, int]]()
    base = [0.0] * steps
    for i, (name, values) in enumerate(areas.items()):
        roof = [b + v for b, v in zip(base, values, strict=True)]
        if any(values):
            points = [(_x(t + 1, steps, right), HEIGHT - BOTTOM - v * scale) for t, v in enumerate(roof)]
            points += [(_x(t + 1, steps, right), HEIGHT - BOTTOM - base[t] * scale) for t in reversed(range(steps))]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            body.append(f'<polygon points="{path}" fill="{_hatch(i)}" stroke="#fff" stroke-width="0.6"/>')
            labels.append((name, HEIGHT - BOTTOM - (base[-1] + values[-1] / 2) * scale, i))
        base = roof
    heights = _spread([y for _, y, _ in labels], 15, TOP + 8, HEIGHT - BOTTOM)
    for (name, _, i), y in zip(labels, heights, strict=True):
        body.append(_box(WIDTH - right + 6, y - 5, 11, 11, _hatch(i)))
        body.append(text(WIDTH - right + 22, y + 4, name))
    return picture(title, body)


def bands(title: str, rows: Mapping[str, Sequence[int]]) -> str:
    """Stage of each region over time: one strip a region, thin where there are many, its last stage at the right.

    A strip of several stages bears their numbers; one that never changes is half as thick.
    """
    steps = max((len(values) for values in rows.values()), default=0)
    pitch, size = (22, 12) if len(rows) <= MANY_ROWS else (15, 10)
    left = 10 + max((_width(name, size) for name in rows), default=0.0)
    right = 16 + max(_width(f"4 {stage}", size) for stage in STAGE_LABELS)
    body: list[str] = []
    for i, (name, stages) in enumerate(rows.items()):
        y = i * pitch
        body.append(text(left - 8, y + pitch - 4, name, anchor="end", size=size))
        start, is_moving = 0, len(set(stages)) > 1
        for t in range(1, len(stages) + 1):
            if t < len(stages) and stages[t] == stages[start]:
                continue
            stage, x = int(stages[start]), _x(start, steps, right, left)
            run = _x(t, steps, right, left) - x
            thickness = pitch - 5 if is_moving else (pitch - 5) / 2
            middle = y + 3 + (pitch - 5) / 2
            body.append(
                _box(x, middle - thickness / 2, run, thickness, STAGE_FILLS[stage], 'stroke="#888" stroke-width="0.5"')
            )
            if is_moving and run >= size:
                ink = "#fff" if stage == len(STAGE_FILLS) - 1 else INK
                number_y = middle + 0.36 * (size - 1)
                body.append(text(x + run / 2, number_y, str(stage + 1), anchor="middle", fill=ink, size=size - 1))
            start = t
        if len(stages):
            last = int(stages[-1])
            body.append(text(WIDTH - right + 6, y + pitch - 4, f"{last + 1} {STAGE_LABELS[last]}", size=size))
    below = pitch * len(rows)
    body += _years(steps, left, right, below + 14)
    x = 8.0
    for i, stage in enumerate(STAGE_LABELS):
        body.append(_box(x, below + 38, 12, 12, STAGE_FILLS[i], 'stroke="#888"'))
        body.append(text(x + 17, below + 48, f"{i + 1} {stage}"))
        x += 35 + _width(f"{i + 1} {stage}")
    return picture(title, body, below + 56)


def bars(title: str, values: Mapping[str, float], unit: str = "") -> str:
    """Horizontal bars with their numbers."""
    top = max(values.values(), default=0.0) or 1.0
    body: list[str] = []
    for i, (name, value) in enumerate(values.items()):
        y = i * 24
        run = (WIDTH - 330) * max(0.0, value) / top
        body.append(text(200, y + 16, name, anchor="end"))
        body.append(_box(208, y + 4, run, 16, INTEGRATED))
        body.append(text(214 + run, y + 16, f"{number(value)} {unit}"))
    return picture(title, body, 24 * len(values) + 6)


def tiles(title: str, shares: Mapping[str, float], places: Mapping[str, tuple[int, int]], threshold: float) -> str:
    """Regions as equal squares: fill = share failed, a cross above the threshold, the number printed."""
    size = 66
    left, top = (min((place[axis] for place in places.values()), default=0) for axis in (0, 1))
    columns = 1 - left + max((place[0] for place in places.values()), default=0)
    rows = 1 - top + max((place[1] for place in places.values()), default=0)
    body: list[str] = []
    for name, share in shares.items():
        column, row = places[name]
        x, y = (column - left) * size, (row - top) * size
        known = math.isfinite(share)
        strength = min(1.0, share) * 0.75 if known else 0.0
        shade = f'fill-opacity="{strength:.2f}" stroke="#888"'
        body.append(_box(x + 1, y + 1, size - 2, size - 2, FAILED, shade))
        if known and share > threshold:
            body.append(f'<path d="M{x + size - 14} {y + 4}l9 9m0 -9l-9 9" stroke="{INK}" stroke-width="2"/>')
        parts, letters = _fitted(name, size - 8)
        for i, part in enumerate(parts):
            body.append(
                text(x + size / 2, y + 31 - (letters + 1) * (len(parts) - 1 - i), part, anchor="middle", size=letters)
            )
        body.append(text(x + size / 2, y + 48, f"{share:.0%}" if known else "-", anchor="middle", size=13))
    return picture(title, body, rows * size, columns * size)


def _fitted(name: str, width: float) -> tuple[list[str], float]:
    """A name in one line, or in two where it has a space, and the font size at which it fits a width."""
    parts = [name] if _width(name, 11) <= width or " " not in name else name.split(" ", 1)
    parts = [part if len(part) <= 14 else part[:13] + "." for part in parts]
    return parts, min(10.0, width / (CHARACTER * max(map(len, parts))))
