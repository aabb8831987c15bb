"""Columns that are judged together: by what their unit, basis and name say they are."""

from __future__ import annotations

import re

from gridsim.profiles.weather.series import QUANTITIES

KINDS = ("wind", "solar", "loads", "heat", "reactive", "temperature", "weather", "other")
"""Groups in the order of the page."""

PALETTE = {
    "wind": ("#2F7EC1", "#C2410C", "#139C8F", "#7A52A8"),
    "solar": ("#D69A00", "#C2410C", "#2F7EC1", "#7A52A8"),
    "loads": ("#3B4A57", "#C2410C", "#2F7EC1", "#6C8A2F"),
    "heat": ("#C7432E", "#2F7EC1", "#6C8A2F", "#7A52A8"),
    "reactive": ("#7A52A8", "#C2410C", "#2F7EC1", "#6C8A2F"),
    "temperature": ("#B4452F", "#2F7EC1", "#6C8A2F", "#7A52A8"),
    "weather": ("#2F7EC1", "#D69A00", "#139C8F", "#7A52A8"),
    "other": ("#5A6B78", "#C2410C", "#2F7EC1", "#6C8A2F"),
}
MORE_COLOURS = ("#C25E98", "#0B8F86", "#A9792B", "#8E9AA5", "#3FA34D", "#D6B500", "#8A5A44", "#7FB2E5", "#E58FB3", "#5B5BD6")

TEMPERATURE_UNITS = {"degc", "°c", "c", "k"}
WEATHER_UNITS = {"w/m2", "w_per_m2", "kwh/m2", "m/s", "m_per_s", "pa", "hpa", "deg"}
POWER_UNITS = {"", "1", "pu", "kw", "mw", "kwh", "mwh"}


def kind_of(name: str, unit: str, basis: str) -> str:
    """Return the group of a column.

    Parameters
    ----------
    name, unit, basis : str
        Its name, its unit, and what 1.0 stands for, as ``profiles.yaml`` gives them.

    Examples
    --------
    >>> kind_of("wind_aohan", "pu", "rated power"), kind_of("pv_roof", "pu", "AC capacity"), kind_of("steel", "pu", "annual peak")
    ('wind', 'solar', 'loads')
    >>> kind_of("steel_mvar", "Mvar", ""), kind_of("offices_mw_th", "MW_th", ""), kind_of("wind_speed_m_per_s", "m/s", "")
    ('reactive', 'heat', 'weather')
    """
    measure, words, basis = unit.strip().lower(), set(re.split(r"[^a-z]+", name.lower())), basis.lower()
    if measure.endswith("var"):
        return "reactive"
    if measure in TEMPERATURE_UNITS:
        return "temperature"
    if measure in WEATHER_UNITS or name.endswith(tuple(QUANTITIES)):
        return "weather"
    if measure.endswith("_th") or words & {"heat", "steam"}:
        return "heat"
    if "rated" in basis or "wind" in words:
        return "wind"
    if "capacity" in basis or words & {"solar", "pv"}:
        return "solar"
    return "loads" if measure in POWER_UNITS else "other"


def colour_of(kind: str, place: int) -> str:
    """Return the colour of a group's column by its place in the group."""
    colours = PALETTE[kind] + MORE_COLOURS
    return colours[place % len(colours)]
