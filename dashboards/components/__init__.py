"""Views: what is drawn of a run. One file each, found by discovery; ``drawing/`` holds their pictures.

A view is a module of this folder with

    KIND      name of its drawing module, ``drawing/<KIND>.js``, and of its words in ``i18n``
    scene     (Seen) -> Scene: what the picture needs of the moment, as arrays and words
    ground    optional, (World, language) -> Scene: what does not change in a run
    View      the component, made by ``live_view.view(KIND, scene, ground)``

and its drawing module exports ``height(width, scene, look)`` and ``draw(pen, scene, look)``, which returns
what can be pointed at. To add a view, copy ``depth.py`` and ``drawing/depth.js``.
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
