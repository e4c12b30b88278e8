"""The pages, found in dashboards/pages: what Solara serves."""

from __future__ import annotations

import solara

from dashboards.pages import found
from dashboards.pages._layout import Layout

routes = [
    solara.Route(path="/", component=found()[0].component, layout=Layout),
    *(solara.Route(path=page.path, component=page.component) for page in found()),
]
