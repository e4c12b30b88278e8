"""How figures look, in one place: sizes of journal columns, few colours that everybody can tell apart, PNG and SVG.

    with figure_style.drawing():
        figure, axes = figure_style.new(columns=2)
        axes[0, 0].plot(...)
    figure.set_label("What the picture shows, in one sentence")     # its caption in a report

No pyplot, no backend, no settings left behind.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine import language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"
"""Okabe & Ito (2008). Blue = integrated, vermilion = failed; sky and orange for areas only, never for text or lines."""
INK, GREY, PALE = "#222222", "#666666", "#D9D9D9"
LINES = (BLUE, VERMILION, GREEN, PURPLE, INK, GREY)
"""Colours of lines, in order; with MARKERS, so that colour is never alone."""
MARKERS = ("o", "s", "^", "D", "v", "P")
SINGLE, DOUBLE = 3.5, 7.2
"""Widths of one and of two columns of a journal, inches."""
DPI = 300
SMALL_DPI = 130
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.4,
    "lines.markersize": 3.5,
    "patch.linewidth": 0.0,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "figure.dpi": 100,
    "savefig.dpi": DPI,
    "savefig.facecolor": "white",
    # Text stays text: it can be searched and edited, and is shown in the reader's own fonts.
    "svg.fonttype": "none",
    "svg.hashsalt": "industry-education-abm",
    "text.color": INK,
}


CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC",
    "Hiragino Sans GB",
    "Noto Sans CJK JP", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Serif CJK SC", "SimSun", "Arial Unicode MS",
)  # fmt: skip
"""Fonts with Chinese characters, the better first: of Linux, Windows and macOS."""


@cache
def chinese_font() -> str | None:
    """The first of these fonts that this machine has."""
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in there), None)


def _is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)


def _speak_chinese(figure: Figure) -> None:
    """Give texts with Chinese characters a font that has them; a warning if there is none."""
    from matplotlib.text import Text

    texts: list[Any] = [text for text in figure.findobj(Text) if _is_wide(str(getattr(text, "get_text")()))]  # noqa: B009
    font = chinese_font()
    if texts and font is None:
        shown = texts[0].get_text()[:40]
        warnings.warn(
            f"the figure holds Chinese ({shown}) and no font here has its characters: PNG shows boxes (SVG keeps the "
            f"text); install one of {', '.join(CHINESE_FONTS[:5])}",
            stacklevel=3,
        )
    for text in texts if font else ():
        text.set_fontfamily([STYLE["font.family"], font])


def _translate(figure: Figure) -> None:
    """Put texts that have a translation into the language that is spoken; what was broken into lines is anew."""
    from matplotlib.text import Text

    if language.current() == "en":
        return
    found: list[Any] = figure.findobj(Text)
    for text in found:
        old = str(text.get_text())
        new = language.paragraph(" ".join(old.split()))
        if new != " ".join(old.split()):
            longest = max(map(len, old.splitlines()))
            text.set_text("\n".join(language.wrapped(new, max(longest, 12))) if "\n" in old else new)


@contextmanager
def drawing() -> Generator[None]:
    """The style, for whatever is drawn inside."""
    import matplotlib as mpl

    style: Any = STYLE
    with mpl.rc_context(style):
        yield


def new(
    width: float = DOUBLE, height: float | None = None, *, rows: int = 1, columns: int = 1, **subplots: Any
) -> tuple[Figure, Any]:
    """A figure in inches and its axes, an array of shape [rows, columns]."""
    from matplotlib.figure import Figure

    with drawing():
        size = (width, height or max(2.2, 0.62 * width * rows / columns))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **subplots)
    return figure, axes


def save(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """The figure as <name>.png and <name>.svg, the same bytes for the same figure."""
    _translate(figure)
    _speak_chinese(figure)
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    with drawing():
        figure.savefig(png, metadata={"Software": None})
        figure.savefig(svg, metadata={"Date": None, "Creator": None})
    return png, svg


def save_small(figure: Figure, folder: Path, name: str) -> Path:
    """The figure as <name>.png alone, small enough to stand in the documentation by the dozen."""
    _translate(figure)
    _speak_chinese(figure)
    png = folder / f"{name}.png"
    with drawing():
        figure.savefig(png, dpi=SMALL_DPI, metadata={"Software": None})
    return png


def band(axes: Axes, x: Any, middle: Any, low: Any, high: Any, *, line: int = 0, label: str = "") -> None:
    """A line with its interval, labelled at its end."""
    colour = LINES[line % len(LINES)]
    axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.plot(x, middle, color=colour, marker=MARKERS[line % len(MARKERS)] if len(x) <= 15 else None)
    if label:
        axes.annotate(
            label, (x[-1], middle[-1]), (4, 0), textcoords="offset points", color=colour, va="center", fontsize=7.5
        )
