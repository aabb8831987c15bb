"""One room each: a module here with one `Technology` subclass is a technology that park files can use."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from gridsim.technologies.base import Technology


@cache
def registry() -> dict[str, type[Technology]]:
    """Return the class of each ``type`` a park file may name, found by looking into this folder."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_typed(Technology)))


def _typed(parent: type[Technology]) -> list[tuple[str, type[Technology]]]:
    found = []
    for child in parent.__subclasses__():
        annotation = child.__annotations__.get("type")
        if annotation is not None:
            found.append((child.model_fields["type"].annotation.__args__[0], child))
        found += _typed(child)
    return found
