"""Shipped errors of forecasts, with source and certainty, and what a park file puts in their place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gridsim.vpp.forecast.growth import ErrorGrowth

if TYPE_CHECKING:
    from gridsim.vpp.forecast.kinds import Kind
    from gridsim.vpp.forecast.section import ForecastSection, KindForecast, Model

TABLE = Path(__file__).parents[2] / "data" / "forecast.yaml"


@dataclass(frozen=True)
class Choice:
    """How one kind is forecast, nothing left out."""

    model: Model
    scale: float
    growth: ErrorGrowth


@cache
def data() -> dict[str, Any]:
    """Return ``gridsim/data/forecast.yaml`` as plain data."""
    from ruamel.yaml import YAML

    return cast("dict[str, Any]", YAML(typ="safe").load(TABLE.read_text(encoding="utf-8")))


@cache
def shipped_growth(kind: Kind) -> ErrorGrowth:
    """Return the shipped error of one kind by lead."""
    entry = data()[kind]
    points = entry["growth"]
    return ErrorGrowth(
        tuple(float(point["lead_h"]) for point in points),
        tuple(float(point["error"]) for point in points),
        entry["per"],
        float(entry["memory_hours"]["value"]),
        float(entry["shared"]["value"]),
    )


def choice(section: ForecastSection | None, kind: Kind) -> Choice:
    """Return the user's words on one kind, completed by the shipped ones."""
    shipped = shipped_growth(kind)
    own: KindForecast | None = None if section is None else getattr(section, kind)
    if section is None or own is None:
        return Choice(data()[kind]["model"], 1.0, shipped)
    growth = ErrorGrowth(
        shipped.lead_hours if own.lead_hours is None else tuple(own.lead_hours),
        shipped.error if own.error is None else tuple(own.error),
        own.per or shipped.per,
        shipped.memory_hours if own.memory_hours is None else own.memory_hours,
        shipped.shared if own.shared is None else own.shared,
    )
    return Choice(own.model or data()[kind]["model"], own.scale * section.scale, growth)
