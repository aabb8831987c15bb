"""Shipped figures of the seconds level, and a park's own in their place: ``gridsim/data/islanding.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridsim.vpp.islanding.section import FrequencySection

FILE = Path(__file__).parents[2] / "data" / "islanding.yaml"


@dataclass(frozen=True)
class Figure:
    """A figure with its unit, where it comes from and how certain it is."""

    value: Any
    unit: str
    source: str
    certainty: str
    label_en: str
    label_zh: str


@cache
def shipped_figures() -> dict[str, Figure]:
    """Return every shipped figure by name."""
    from ruamel.yaml import YAML

    return {name: Figure(**row) for name, row in YAML(typ="safe").load(FILE).items()}


def figures(section: FrequencySection | None) -> dict[str, Figure]:
    """Return the figures of a park: its own (certainty as the park says, so none here) in place of shipped ones."""
    chosen = dict(shipped_figures())
    for name in () if section is None else section.model_fields_set & chosen.keys():
        own = getattr(section, name)
        if own is not None:
            value = [stage.model_dump() for stage in own] if isinstance(own, list) else own
            known = chosen[name]
            chosen[name] = Figure(value, known.unit, "park file", "", known.label_en, known.label_zh)
    return chosen
