"""What is around every page."""

from __future__ import annotations

from typing import Any

import solara


@solara.component
def Layout(children: list[Any]) -> None:  # noqa: N802
    """The page alone, for now."""
    with solara.Column(style={"max-width": "1400px", "margin": "0 auto"}):
        for child in children:
            solara.display(child)
