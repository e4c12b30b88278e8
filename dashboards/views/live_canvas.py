"""LiveCanvas: the one widget that draws all views, from binary messages that the browser acknowledges.

Scenes of a run that plays come by a stream of the page (dashboards/live/stream.py); those of pictures that change
when the page is rendered are offered here. The newest offer wins: while two messages are unacknowledged,
or the picture is out of sight, nothing is sent, and a scene that is never sent is never made. After a second
without an acknowledgement everything is sent again, so that a dropped connection cannot stop the pictures.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from dashboards.live.scenes import Scene

DRAWING = Path(__file__).parent
"""Folder of the drawing modules, beside their scenes; the server gives them out under VIEWS_PATH."""
VIEWS_PATH = "/views"
MOST_UNACKNOWLEDGED = 2
TIMEOUT = 1.0
"""Seconds without an acknowledgement after which everything is sent again."""

LOADER = f"""
export default {{
  async render(args) {{
    const path = `${{window.solara?.rootPath ?? ""}}{VIEWS_PATH}/drawing/main.js`;
    // A busy server or a broken connection may leave the first request without an answer.
    for (let left = 3; ; left -= 1) {{
      try {{
        const {{ render }} = await import(new URL(left === 3 ? path : `${{path}}?${{left}}`, location.origin).href);
        return await render(args);
      }} catch (failed) {{
        if (!left || !(failed instanceof TypeError && /import/.test(failed.message))) throw failed;
        await new Promise((done) => setTimeout(done, 1000));
      }}
    }}
  }},
}};
"""


class LiveCanvas(anywidget.AnyWidget):
    """A picture on a page. ``offer`` gives it the newest scene; ``on_act`` hears what is chosen in it."""

    _esm: ClassVar[str] = LOADER  # pyright: ignore[reportIncompatibleVariableOverride]

    kind = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    """Scenario, seed and version: goes below exported pictures."""
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("light").tag(sync=True)
    is_projected = traitlets.Bool(False).tag(sync=True)
    is_bare = traitlets.Bool(False).tag(sync=True)
    """Whether the title is heard but not seen."""
    selected = traitlets.Int(-1).tag(sync=True)
    has_ground = traitlets.Bool(False).tag(sync=True)
    """Whether nothing can be drawn before what does not change in a run is there."""
    on_act = traitlets.Any(None, allow_none=True)
    """Called with the name and the value of what was chosen; not sent to the browser."""
    stream = traitlets.Unicode().tag(sync=True)
    """Key of the stream (dashboards/live/stream.py) that brings the scenes; empty = they come by ``offer``."""
    place = traitlets.Int(-1).tag(sync=True)
    """Of this picture in the stream."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lock = threading.Lock()
        self._is_ready, self._is_seen, self._has_scene = False, True, False
        self._wanted: Callable[[], Scene] | None = None
        self._ground: tuple[Hashable, Callable[[], Scene]] | None = None
        self._ground_sent: Hashable = None
        self._shown: Scene | None = None
        self._sent, self._painted, self._sent_at = 0, 0, 0.0
        self.on_msg(self._heard)

    def offer(
        self, scene: Callable[[], Scene], ground: Callable[[], Scene] | None = None, ground_key: Hashable = None
    ) -> None:
        """Show this scene as soon as the browser is free, unless a newer one comes before.

        ``ground`` is what does not change from scene to scene; it is sent when ``ground_key`` is new.
        """
        with self._lock:
            self._wanted = scene
            self._ground = None if ground is None else (ground_key, ground)
        self.tend()

    def keep(self, scene: Scene) -> None:
        """A scene that the stream has sent: its numbers may be asked for."""
        self._shown = scene

    def tend(self) -> None:
        """Send what is wanted if the browser is free, and again what it has not acknowledged in time."""
        with self._lock:
            is_lost = self._sent > self._painted and time.monotonic() - self._sent_at > TIMEOUT
            if is_lost and self._is_seen:
                self._send_again()
        self._send_if_free()

    def _send_again(self) -> None:
        """Count everything as drawn that was sent, and want it once more unless there is something newer."""
        self._painted, self._ground_sent = self._sent, None
        if self._wanted is None and (shown := self._shown) is not None:
            self._wanted = lambda: shown

    def _send_if_free(self) -> None:
        with self._lock:
            is_free = self._is_ready and self._sent - self._painted < MOST_UNACKNOWLEDGED
            # The first scene goes out unseen, so that the page has its heights.
            if self._wanted is None or not is_free or (self._has_scene and not self._is_seen):
                return
            self._has_scene = True
            make, self._wanted = self._wanted, None
            if self._ground is not None and self._ground[0] != self._ground_sent:
                self._ground_sent = self._ground[0]
                self._transmit(self._ground[1](), is_ground=True)
            self._shown = make()
            self._transmit(self._shown, is_ground=False)

    def _transmit(self, scene: Scene, *, is_ground: bool) -> None:
        if not is_ground:
            self._sent += 1
            self._sent_at = time.monotonic()
        message, buffers = scene.message()
        self.send({**message, "is_ground": is_ground, "number": self._sent}, buffers)

    def _heard(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        if "painted" in content:
            with self._lock:
                self._painted = max(self._painted, min(int(content["painted"]), self._sent))
        elif "is_ready" in content:
            with self._lock:
                self._is_ready, self._has_scene = True, False
                self._send_again()
        elif "is_seen" in content:
            with self._lock:
                self._is_seen = bool(content["is_seen"])
        elif content.get("act") == "table":
            self._send_table()
        elif "act" in content and self.on_act is not None:
            self.on_act(str(content["act"]), content.get("value"))
        self._send_if_free()

    def _send_table(self) -> None:
        shown = self._shown
        if shown is not None and shown.table is not None:
            head, rows = shown.table()
            # Nothing was measured there: said so in any language.
            self.send({"head": head, "rows": [["–" if cell == "nan" else cell for cell in row] for row in rows]})
