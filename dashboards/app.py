"""The pages, found in dashboards/pages: what Solara serves."""

from __future__ import annotations

import solara

from dashboards.pages import found
from dashboards.pages._layout import Layout

routes = [
    solara.Route(path="/" if i == 0 else page.path, component=page.component, layout=Layout if i == 0 else None)
    for i, page in enumerate(found())
]
