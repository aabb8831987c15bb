"""Units as they are printed."""

from __future__ import annotations

UNITS = {"degC": "°C", "w_per_m2": "W/m²", "W/m2": "W/m²", "m_per_s": "m/s", "": "1"}
CHANGES = {"degC": "K"}


def unit_of(unit: str) -> str:
    """Return a unit as it is printed."""
    return UNITS.get(unit, unit)


def change_unit(unit: str) -> str:
    """Return the unit of a difference."""
    return CHANGES.get(unit, unit_of(unit))
