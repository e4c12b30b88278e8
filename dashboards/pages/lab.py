"""Lab: one scenario, live."""

from __future__ import annotations

import solara

from abm.scenario import load
from dashboards.live import LiveRun

PATH, LABEL, ORDER = "lab", "pages.lab", 20


@solara.component
def Page() -> None:  # noqa: N802
    """The classroom world, its main numbers and one line."""
    run = solara.use_memo(lambda: LiveRun(load("classroom")), [])
    snapshot, set_snapshot = solara.use_state(run.snapshot())

    def follow() -> None:
        watcher = run.watch()
        while run.phase != "closed":
            got = watcher.next(1.0)
            if got is not None:
                set_snapshot(got[1])
                watcher.acknowledge(got[0])

    solara.use_thread(follow, dependencies=[run])
    solara.use_effect(lambda: run.close, [run])
    with solara.Row():
        solara.Button("Play", on_click=run.play)
        solara.Button("Pause", on_click=run.pause)
        solara.Button("Back", on_click=lambda: run.step(-1))
        solara.Button("Step", on_click=run.step)
    if snapshot is None:
        solara.Text("building the world")
        return
    metrics = snapshot.frame.metrics
    solara.HTML("p", f"quarter {snapshot.step}: {metrics['failed_share']:.0%} of tables failed")
    values = snapshot.history.metric("failed_share", snapshot.step) if snapshot.step else []
    points = " ".join(f"{10 * i},{100 - 100 * value:.1f}" for i, value in enumerate(values))
    line = f'<polyline points="{points}" fill="none" stroke="#D55E00" stroke-width="2"/>'
    solara.HTML("div", f'<svg viewBox="0 0 800 100" width="100%">{line}</svg>')
