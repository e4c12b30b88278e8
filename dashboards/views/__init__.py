"""Views: what is drawn of a run, found by discovery. A view is its scene (``<name>.py``) and its picture
(``<name>.js``); ``drawing/`` holds what all pictures share.

A module of this folder is a view if it has

    KIND      name of its drawing module, ``<KIND>.js``, and of its words in ``dashboards/words``
    scene     (Seen) -> Scene: what the picture needs of the moment, as arrays and words
    ground    optional, (World, language) -> Scene: what does not change in a run
    View      the component, made by ``live_view.view(KIND, scene, ground)``

and its drawing module exports ``height(width, scene, look)`` and ``draw(pen, scene, look)``, which returns
what can be pointed at. To add a view, copy ``depth.py`` and ``depth.js``.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def views() -> dict[str, ModuleType]:
    """All views of a moment of a run, by kind (the map of outcomes, whose numbers come from a sweep, is not one)."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return {module.KIND: module for module in modules if hasattr(module, "KIND") and hasattr(module, "scene")}
