"""Small pictures for the report: plain SVG text, no library, no network.

Every picture comes in two widths, for a page and for a phone: WIDE has its labels at the right of
what they name, NARROW in a legend below. It says its values in words too: a pattern or a dash
beside each colour, and a title element for screen readers. Colours are variables of report.css,
which has them for light and for dark pages; they follow Okabe and Ito.
"""

from abm.results.figures._regions import bars, tiles
from abm.results.figures._svg import CHARACTER, NARROW, WIDE, number, patterns, picture, text
from abm.results.figures._time import bands, lines, stacked

__all__ = [
    "CHARACTER",
    "NARROW",
    "WIDE",
    "bands",
    "bars",
    "lines",
    "number",
    "patterns",
    "picture",
    "stacked",
    "text",
    "tiles",
]
