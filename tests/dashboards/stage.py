"""A page with one or more views and nothing else, for tests, pictures and measurements in a real browser.

The drawing modules come from the folder, the scenes from Python; a small stand-in plays the widget's model.
"""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboards.live.scenes import Scene, Seen
from dashboards.views import views
from dashboards.views.live_canvas import DRAWING, VIEWS_PATH
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
SHELL = Path("/usr/bin/chromium-headless-shell")
"""The same engine without windows around it: a page takes half the processor time."""
BROWSER = SHELL if SHELL.exists() else CHROMIUM
"""What tests look through; benchmarks measure the whole browser."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
ORIGIN = "http://views.test"

PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><style>body {{ margin: 0; padding: {margin}px; background: {ground}; }}
main {{ display: grid; gap: {margin}px; grid-template-columns: repeat({columns}, minmax(0, 1fr)); align-items: start; }}
section {{ padding: {margin}px; background: {paper}; border-radius: 8px; min-width: 0; }}</style><main></main>
<script type="module">
import {{ render }} from "{path}/drawing/main.js";
window.models = [];
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.show = (i, message, buffers) => window.models[i].hears(message, buffers.map(bytes));
window.stage = async (traits) => {{
  const sent = [], listeners = {{}};
  const model = {{
    sent, get: (name) => traits[name], send: (content) => sent.push(content),
    on: (name, act) => (listeners[name] ??= []).push(act),
    set: (name, value) => {{ traits[name] = value; (listeners[`change:${{name}}`] ?? []).forEach((act) => act()); }},
    hears: (message, buffers) => listeners["msg:custom"].forEach((act) => act(message, buffers)),
  }};
  window.models.push(model);
  const el = document.querySelector("main").appendChild(document.createElement("section"));
  await render({{ model, el }});
}};
window.isReady = true;
</script>"""


@contextmanager
def browser(path: Path = BROWSER) -> Iterator[Browser]:
    """Debian's Chromium, closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(path), args=ARGUMENTS)
        try:
            yield opened
        finally:
            opened.close()


def empty_page(
    opened: Browser, *, width: int = 1024, height: int = 768, theme: str = "light", columns: int = 1, ratio: float = 1
) -> Page:
    """A page that can show views; anything but the drawing modules is refused."""
    page = opened.new_page(viewport={"width": width, "height": height}, device_scale_factor=ratio)
    is_dark = theme == "dark"
    html = PAGE.format(
        path=VIEWS_PATH, columns=columns, ground="#0d0f11" if is_dark else "#f4f5f6",
        paper="#15181b" if is_dark else "#ffffff", margin=20 if width > 600 else 12,
    )  # fmt: skip

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path == "/":
            route.fulfill(body=html, content_type="text/html")
        elif path.startswith(VIEWS_PATH) and (file := DRAWING / path.removeprefix(f"{VIEWS_PATH}/")).is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
        else:
            route.abort()

    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/")
    page.wait_for_function("window.isReady")
    return page


def put(
    page: Page,
    kind: str,
    language: str = "en",
    theme: str = "light",
    *,
    is_projected: bool = False,
    selected: int = -1,
    has_ground: bool = False,
) -> int:
    """Put an empty view on the page; its number."""
    spoken = words(language)
    traits = {
        "kind": kind, "title": spoken[f"{kind}_title"], "words": spoken, "theme": theme, "selected": selected,
        "is_projected": is_projected, "is_bare": kind == "verdict", "source": "test", "has_ground": has_ground,
    }  # fmt: skip
    page.evaluate("traits => window.stage(traits)", traits)
    return page.evaluate("window.models.length - 1")


def show(page: Page, number: int, scene: Scene, *, is_ground: bool = False, serial: int = 1) -> None:
    """Give a view its ground or a scene."""
    message, buffers = scene.message()
    sent = {**message, "is_ground": is_ground, "number": serial}
    packed = [base64.b64encode(buffer).decode() for buffer in buffers]
    page.evaluate(
        "([i, message, buffers]) => window.show(i, message, buffers)", [number, json.loads(json.dumps(sent)), packed]
    )


BETWEEN_FILES = 150
"""Pause before a picture is saved, ms: Chromium drops the eleventh file of a page within a second, without a word."""


def saved(page: Page, kind: str, name: str) -> bytes:
    """A picture as its button saves it; ``name`` is png or svg."""
    page.wait_for_timeout(BETWEEN_FILES)
    with page.expect_download() as waited:
        page.click(f"[data-kind={kind}] button[data-act={name}]")
    return waited.value.path().read_bytes()


def put_seen(page: Page, kind: str, seen: Seen, theme: str = "light", **kwargs: Any) -> int:
    """Put a view of a moment of a run on the page; its number."""
    number = put(page, kind, seen.language, theme, **kwargs)
    module = views()[kind]
    if hasattr(module, "ground"):
        show(page, number, module.ground(seen.world, seen.language), is_ground=True)
    show(page, number, module.scene(seen))
    return number
