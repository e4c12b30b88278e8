"""The pages, found in dashboards/pages: what Solara serves."""

from __future__ import annotations

from typing import Any

import solara

from dashboards.live.session import use_session
from dashboards.pages import PageOf, found
from dashboards.pages._layout import Layout
from dashboards.words import LANGUAGES, say


def _route(path: str, page: PageOf, **options: Any) -> solara.Route:
    """A page at a path, its name the title of the document; in every language until it is shown."""

    @solara.component
    def Named() -> None:  # noqa: N802
        session = use_session()
        solara.Title(f"{session.say(page.label)} · {session.say('header.brand')}")
        page.component()

    label = " · ".join(say(language, page.label) for language in LANGUAGES)
    return solara.Route(path=path, component=Named, label=label, **options)


routes = [_route("/", found()[0], layout=Layout), *(_route(page.path, page) for page in found())]
