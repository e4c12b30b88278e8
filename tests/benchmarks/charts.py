"""The stack of causes, drawn by this dashboard and by three libraries: what a frame costs the page.

  python -m tests.benchmarks.charts DIR

DIR holds echarts.min.js, uPlot.iife.min.js, d3.min.js and plot.umd.min.js. All draw the same shares of the same run,
one quarter more each frame, as fast as the browser asks for frames; no library decorates (no animation, no legend).
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboards.views import causes
from tests.dashboards.played import played
from tests.dashboards.stage import CHROMIUM, browser, empty_page, put_seen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LENGTHS = (100, 800)
"""Quarters that are drawn when the measurement begins."""
FRAMES = 240
LIBRARIES = {
    "ECharts": ("echarts.min.js",),
    "uPlot": ("uPlot.iife.min.js",),
    "Observable Plot": ("d3.min.js", "plot.umd.min.js"),
}
DRAW = {
    "ECharts": """(el, rows) => {
      const chart = echarts.init(el, null, { renderer: "canvas" });
      return (n) => { chart.setOption({
        animation: false, grid: { left: 40, right: 90, top: 8, bottom: 24 },
        xAxis: { type: "category", data: [...Array(n).keys()] }, yAxis: { type: "value", max: 1 },
        series: rows.map((row, id) => (
          { id, type: "line", stack: "all", areaStyle: {}, symbol: "none", data: row.slice(0, n) })),
      }); chart.getZr().flush(); };
    }""",
    "uPlot": """(el, rows) => {
      const colours = ["#0072b2", "#e69f00", "#56b4e9", "#009e73", "#d55e00", "#cc79a7", "#999999", "#f0e442"];
      const roof = (i, t) => rows.slice(0, i + 1).reduce((sum, row) => sum + row[t], 0);
      const stacked = rows.map((row, i) => row.map((_, t) => roof(i, t)));
      const series = [{}, ...rows.map((_, i) => ({ stroke: colours[i % 8], fill: colours[i % 8] })).reverse()];
      const about = { width: 560, height: 320, legend: { show: false }, scales: { x: { time: false } }, series };
      const chart = new uPlot(about, [[0], ...rows.map(() => [0])], el);
      return (n) => chart.setData([[...Array(n).keys()], ...stacked.map((row) => row.slice(0, n)).reverse()]);
    }""",
    "Observable Plot": """(el, rows) => {
      const all = rows.flatMap((row, i) => row.map((y, t) => ({ t, y, i })));
      return (n) => el.replaceChildren(Plot.plot({
        width: 560, height: 320,
        marks: [Plot.areaY(all.filter((one) => one.t < n), { x: "t", y: "y", fill: "i" })],
      }));
    }""",
}  # fmt: skip
"""How a library draws the first n quarters. (el, rows) -> (n) -> nothing."""
WATCH = """async ([step, from, frames]) => {
  const paint = () => new Promise(requestAnimationFrame);
  for (let i = 0; i < 20; i += 1) { step(from + i); await paint(); }
  const begun = performance.now();
  for (let i = 20; i < frames + 20; i += 1) {
    step(from + i);
    await paint();
  }
  return (1000 * frames) / (performance.now() - begun);
}"""


def _measured(page: Page, length: int) -> tuple[float, float]:
    """Frames a second and the main thread's ms a frame, script, layout and paint commands alike."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def tasks() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(m["value"]) for m in metrics if m["name"] == "TaskDuration")

    before = tasks()
    rate = page.evaluate(f"async (asked) => ({WATCH})([window.step, ...asked])", [length, FRAMES])
    return float(rate), 1000 * (tasks() - before) / (FRAMES + 20)


def of_library(opened: Browser, name: str, folder: Path, rows: list[list[float]], length: int) -> tuple[float, float]:
    """What a library does with these shares."""
    page = opened.new_page(viewport={"width": 1024, "height": 768})
    page.set_content("<!doctype html><body><div id=chart style='width:560px;height:320px'></div>")
    for file in LIBRARIES[name]:
        page.add_script_tag(path=folder / file)
    page.evaluate(f"(rows) => {{ window.step = ({DRAW[name]})(document.getElementById('chart'), rows); }}", rows)
    found = _measured(page, length)
    page.close()
    return found


def of_ours(opened: Browser, length: int) -> tuple[float, float]:
    """What the dashboard's own view does, its messages taken apart and its words set beside it."""
    run = played("reform_package", LENGTHS[-1] + FRAMES + 20)
    page = empty_page(opened, width=640, height=480)
    put_seen(page, "causes", run.seen(length))
    sent: list[Any] = []
    for step in range(length, length + FRAMES + 20):
        message, buffers = causes.scene(run.seen(step)).message()
        packed = [base64.b64encode(buffer).decode() for buffer in buffers]
        sent.append([json.loads(json.dumps({**message, "is_ground": False, "number": step})), packed])
    page.evaluate("""([sent, from]) => { window.step = (n) => window.show(0, ...sent[n - from]); }""", [sent, length])
    found = _measured(page, length)
    page.close()
    return found


def main() -> int:
    """Print a line a library and length."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__)
        return 2
    folder = Path(sys.argv[1])
    run = played("reform_package", LENGTHS[-1] + FRAMES + 20)
    rows = causes.shares(run.seen(LENGTHS[-1] + FRAMES + 20)).tolist()
    print("| | first load | quarters | frames/s | ms of the page a frame |\n| --- | --- | --- | --- | --- |")
    with browser(CHROMIUM) as opened:
        for length in LENGTHS:
            rate, busy = of_ours(opened, length)
            print(f"| this dashboard | 0 kB | {length} | {rate:.0f} | {busy:.1f} |", flush=True)
            for name in LIBRARIES:
                size = sum((folder / file).stat().st_size for file in LIBRARIES[name]) / 1000
                rate, busy = of_library(opened, name, folder, rows, length)
                print(f"| {name} | {size:.0f} kB | {length} | {rate:.0f} | {busy:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
