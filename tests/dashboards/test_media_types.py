"""Browsers run and draw what the server sends, whatever the system takes its files for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboards.serve import assets
from dashboards.serve.media_types import TYPES, Typed, media_type
from tests.dashboards.asking import ask
from tests.windows_rules import REGISTRY, Windows

RUN = {"text/javascript; charset=utf-8", "text/css; charset=utf-8"}
ASKING = """
import json, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from dashboards.serve.server import Address, application
app = application(Address())
import solara.server.server
from dashboards.views.live_canvas import DRAWING, VIEWS_PATH
from tests.dashboards.asking import ask
static = Path(solara.server.server.__file__).parent / "static"
paths = [f"{{VIEWS_PATH}}/{{p.relative_to(DRAWING)}}" for p in Path(DRAWING).rglob("*") if p.suffix in (".js", ".css")]
paths += [f"/static/{{p.relative_to(static).as_posix()}}" for p in static.rglob("*") if p.suffix in {endings}]
paths += ["/static/assets/custom.js", "/static/assets/custom.css"]
paths += ["/vendor/thing@1.2.3/" + name for name in {vendored}]
answers = {{path: ask(app, path) for path in paths}}
json.dump({{path: [a.status, a.headers.get("content-type")] for path, a in answers.items()}}, sys.stdout)
"""


def test_every_file_of_the_server_has_its_kind_whatever_the_registry_says(
    windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABM_CACHE_DIR", str(tmp_path / "cache"))
    vendored = [f"a{ending}" for ending in TYPES]
    home = assets.root() / "thing@1.2.3"
    home.mkdir(parents=True)
    for name in vendored:
        (home / name).write_bytes(b"x")
    windows.in_children(tmp_path, f"registry_says({REGISTRY})")
    code = ASKING.format(root=str(Path(__file__).parents[2]), endings=set(TYPES), vendored=vendored)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) > 40
    assert {path: about for path, about in found.items() if about != [200, media_type(path)]} == {}
    kinds = {Path(path).suffix: kind for path, (_, kind) in found.items()}
    assert {kinds[ending] for ending in (".js", ".mjs", ".css")} == RUN
    assert (kinds[".wasm"], kinds[".woff2"]) == ("application/wasm", "font/woff2")


def test_what_is_no_file_keeps_its_kind() -> None:
    async def refuse(_request: object) -> PlainTextResponse:
        return PlainTextResponse("not here", 404)

    async def hello(_request: object) -> PlainTextResponse:
        return PlainTextResponse("hello", media_type="application/x-own")

    app = Typed(Starlette(routes=[Route("/a.js", refuse), Route("/page", hello), Route("/a.odd", hello)]))
    assert ask(app, "/a.js").headers["content-type"] == "text/plain; charset=utf-8"
    assert ask(app, "/page").headers["content-type"] == "application/x-own"
    assert ask(app, "/a.odd").headers["content-type"] == "application/x-own"


def test_every_ending_of_the_packages_is_in_the_table() -> None:
    endings = {Path(path).suffix for package in assets.packages() for path in package.files}
    assert endings and endings <= set(TYPES)
