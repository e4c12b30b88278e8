"""Pictures over time: lines, stacked areas, strips of stages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from abm.machine import language
from abm.results.figures._svg import (
    INK,
    LINE,
    NARROW,
    SOFT,
    WIDE,
    box,
    hatch,
    legend,
    number,
    picture,
    room,
    spread,
    stage_fill,
    text,
    width_of,
)
from abm.world.vocabulary import STAGES

LEFT, TOP, BOTTOM, PLOT = 46.0, 10.0, 34.0, 190.0
N_COLOURS = 6
DASHES = ("", "7 4", "2 3", "10 3 2 3", "4 2", "1 4")
MANY_ROWS = 12
"""Strips from which they are drawn thin."""


@dataclass(frozen=True)
class Frame:
    """Where the quarters 0 .. ``steps`` and the values 0 .. ``high`` of a picture lie."""

    steps: int
    high: float
    right: float
    """Margin for labels."""
    width: float = WIDE
    left: float = LEFT

    def x(self, step: float) -> float:
        """Place of the end of a quarter."""
        return self.left + (self.width - self.left - self.right) * step / max(1, self.steps)

    def y(self, value: float) -> float:
        """Place of a value."""
        return TOP + PLOT * (1.0 - min(value, self.high) / self.high)

    def axes(self, percent: bool) -> list[str]:
        """Lines at four values, and the years below."""
        parts: list[str] = []
        for k in range(5):
            value = self.high * k / 4
            y = self.y(value)
            end = self.width - self.right
            parts.append(f'<line x1="{self.left}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}"/>')
            label = f"{value:.0%}" if percent else number(value)
            parts.append(text(self.left - 7, y + 4, label, anchor="end", fill=SOFT))
        return parts + self.years(TOP + PLOT + 17)

    def years(self, y: float) -> list[str]:
        """Years below a picture."""
        years = max(1, self.steps // 4)
        every = max(1, math.ceil(years / (10 if self.width > NARROW else 5)))
        ticks = range(0, years + 1, every)
        parts = [text(self.x(year * 4), y, str(year), anchor="middle", fill=SOFT) for year in ticks]
        return [*parts, text(self.width - self.right, y + 14, language.say("years"), anchor="end", fill=SOFT, size=11)]


def _length(series: Mapping[str, Sequence[float]]) -> int:
    return max((len(values) for values in series.values()), default=0)


def _named(name: str, values: Sequence[float], percent: bool) -> str:
    """A line's name and its last value."""
    last = next((v for v in reversed(values) if math.isfinite(v)), math.nan)
    return f"{name} {last:.0%}" if percent and math.isfinite(last) else f"{name} {number(last)}"


def lines(
    title: str,
    series: Mapping[str, Sequence[float]],
    *,
    percent: bool = False,
    high: float | None = None,
    width: float = WIDE,
) -> str:
    """Lines over time with their names and last values; the second and later are dashed as well."""
    finite = [v for values in series.values() for v in values if math.isfinite(v)]
    names = {name: _named(name, values, percent) for name, values in series.items()}
    top = high if high is not None else (max(finite, default=1.0) or 1.0) * 1.05
    frame = Frame(_length(series), top, room(names.values()) if width > NARROW else 12.0, width)
    body, drawn = frame.axes(percent), list[tuple[str, float, int]]()
    for i, (name, values) in enumerate(series.items()):
        points = [(frame.x(t + 1), frame.y(v)) for t, v in enumerate(values) if math.isfinite(v)]
        if points:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            body.append(f'<polyline points="{path}" {_stroke(i)}/>')
            drawn.append((names[name], points[-1][1], i))
    below = TOP + PLOT + BOTTOM
    if width <= NARROW:
        samples = [(f'<path d="M0 6H14" {_stroke(i)}/>', label) for label, _, i in drawn]
        listed, below = legend(samples, below + 4, width)
        return picture(title, body + listed, below, width)
    heights = spread([y for _, y, _ in drawn], 16, TOP + 6, TOP + PLOT)
    for (label, _, i), y in zip(drawn, heights, strict=True):
        body.append(text(width - frame.right + 7, y + 4, label, fill=f"var(--line{i % N_COLOURS})"))
    return picture(title, body, below, width)


def _stroke(i: int) -> str:
    """How line number ``i`` is drawn."""
    dash = DASHES[i % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'fill="none" stroke="var(--line{i % N_COLOURS})" stroke-width="2.4" stroke-linejoin="round"{dashed}'


def stacked(title: str, areas: Mapping[str, Sequence[float]], *, width: float = WIDE) -> str:
    """Shares on top of each other over time, each with its name."""
    steps = _length(areas)
    shown = {name: values for name, values in areas.items() if any(values)}
    frame = Frame(steps, 1.0, room(shown, mark=18) if width > NARROW else 12.0, width)
    body, drawn = frame.axes(percent=True), list[tuple[str, float, int]]()
    base = [0.0] * steps
    for i, (name, values) in enumerate(areas.items()):
        roof = [b + v for b, v in zip(base, values, strict=True)]
        if name in shown:
            points = [(frame.x(t + 1), frame.y(v)) for t, v in enumerate(roof)]
            points += [(frame.x(t + 1), frame.y(base[t])) for t in reversed(range(steps))]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            body.append(f'<polygon points="{path}" fill="{hatch(i)}" class="area"/>')
            drawn.append((name, frame.y(base[-1] + values[-1] / 2), i))
        base = roof
    below = TOP + PLOT + BOTTOM
    if width <= NARROW:
        samples = [(box(0, 0, 13, 12, hatch(i)), name) for name, _, i in drawn]
        listed, below = legend(samples, below + 4, width)
        return picture(title, body + listed, below, width)
    heights = spread([y for _, y, _ in drawn], 16, TOP + 6, TOP + PLOT)
    for (name, _, i), y in zip(drawn, heights, strict=True):
        body.append(box(width - frame.right + 7, y - 5, 12, 12, hatch(i)))
        body.append(text(width - frame.right + 25, y + 5, name))
    return picture(title, body, below, width)


def bands(title: str, rows: Mapping[str, Sequence[int]], *, width: float = WIDE) -> str:
    """Stages over time: one strip a row, with the numbers of its stages, thin where there are many rows."""
    pitch, size = (26.0, 12.0) if len(rows) <= MANY_ROWS else (17.0, 10.0)
    frame = Frame(_length(rows), 1.0, 12.0, width, left=room(rows, size=size))
    body: list[str] = []
    for i, (name, stages) in enumerate(rows.items()):
        y = i * pitch
        body.append(text(frame.left - 8, y + pitch / 2 + 0.36 * size, name, anchor="end", size=size))
        body += _strip(frame, stages, y + 2, pitch - 4, size - 1)
    below = pitch * len(rows)
    body += frame.years(below + 15)
    edge = f'stroke="{SOFT}" stroke-width="0.5"'
    called = map(language.spoken, STAGES.labels())
    samples = [(box(0, 0, 13, 12, stage_fill(i), edge), f"{i + 1} {stage}") for i, stage in enumerate(called)]
    listed, below = legend(samples, below + 40, width)
    return picture(title, body + listed, below, width)


def _strip(frame: Frame, stages: Sequence[int], y: float, height: float, size: float) -> list[str]:
    """The runs of one row's stages, each with its number where there is room."""
    body: list[str] = []
    start = 0
    for t in range(1, len(stages) + 1):
        if t < len(stages) and stages[t] == stages[start]:
            continue
        stage, x = int(stages[start]), frame.x(start)
        run = frame.x(t) - x
        body.append(box(x, y, run, height, stage_fill(stage), 'class="run"'))
        if run >= width_of("4", size) + 3:
            ink = "var(--on4)" if stage == len(STAGES) - 1 else INK
            middle = x + run / 2, y + height / 2 + 0.36 * size
            body.append(text(*middle, str(stage + 1), anchor="middle", fill=ink, size=size))
        start = t
    return body
