"""An address that is no page tells a browser which pages there are; everything else is answered as before."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboards.pages import found
from dashboards.serve.no_such_page import MISSING, NoSuchPage, page, told_of_a_fault
from tests.dashboards.asking import answered, ask

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
    assert 'href="/abm/lab"' in page("/abm", MISSING)


async def fail(_request: Any) -> PlainTextResponse:
    raise RuntimeError("a fault of ours")


def test_a_browser_is_told_of_a_fault_and_the_log_has_it() -> None:
    app = Starlette(routes=[Route("/lab", fail)], exception_handlers={Exception: told_of_a_fault("/abm")})
    for headers, shown in (
        (BROWSER, "服务器在准备此页面时出错"),
        ({"accept": "application/json"}, "Internal Server Error"),
    ):
        sent: list[Any] = []
        with pytest.raises(RuntimeError, match="a fault of ours"):
            ask(app, "/lab", headers=headers, sent=sent)
        answer = answered(sent)
        assert answer.status == 500
        text = answer.body.decode()
        assert shown in text
        assert "a fault of ours" not in text
        assert ('href="/abm/lab"' in text) == (headers is BROWSER)
