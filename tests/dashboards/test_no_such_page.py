"""An address that is no page tells a browser which pages there are; everything else is answered as before."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboards.no_such_page import NoSuchPage, page
from dashboards.pages import found
from tests.dashboards.asking import ask

BROWSER = {"accept": "text/html,application/xhtml+xml"}


async def hello(_request: Any) -> PlainTextResponse:
    return PlainTextResponse("hello")


def test_a_browser_is_shown_the_pages_there_are() -> None:
    app = NoSuchPage(Starlette(routes=[Route("/lab", hello)]))
    assert ask(app, "/lab", headers=BROWSER).body == b"hello"
    answer = ask(app, "/play", headers=BROWSER)
    assert answer.status == 404
    text = answer.body.decode()
    assert all(f'href="/{known.path}"' in text for known in found())
    assert "There is no such page" in text and "没有这个页面" in text
    assert ask(app, "/play", headers={"accept": "application/json"}).body == b"Not Found"


def test_behind_a_proxy_its_links_keep_the_path() -> None:
    assert 'href="/abm/lab"' in page("/abm")
