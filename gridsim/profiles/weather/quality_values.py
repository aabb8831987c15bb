"""Values by themselves: frozen sensors, spikes, ranges, units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.weather.finding import Finding, label
from gridsim.profiles.weather.regular import runs

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.weather.finding import Severity

FROZEN_HOURS = {
    "ghi_w_per_m2": 4.0,
    "dni_w_per_m2": 4.0,
    "dhi_w_per_m2": 4.0,
    "temperature_degc": 8.0,
    "wind_speed_m_per_s": 8.0,
    "pressure_pa": 48.0,
    "relative_humidity": 24.0,
}
"""A quantity that has the very same value for longer than this is no weather; judged, for values rounded to a tenth. [h]"""

STILL_HOURS = 48.0
"""Calm for longer than this is an iced or broken anemometer; judged. [h]"""

SPIKES = {"temperature_degc": (8.0, "K"), "wind_speed_m_per_s": (12.0, "m/s"), "pressure_pa": (800.0, "Pa"), "relative_humidity": (0.45, "")}
"""Distance of one hour's value from both neighbours, on the same side, that weather does not make; judged. [unit of the quantity]"""

LEAST_PERSISTENCE = 0.8
"""Correlation of hourly wind speed with the hour before; measured years lie above 0.9, judged with room for rough sites."""

WIND_MEAN_M_PER_S = (1.0, 12.0)
"""Means of a year between a basin's and a summit's; judged. [m/s]"""

WIND_LARGEST_M_PER_S = 60.0
"""Beyond any hourly mean outside of a tropical cyclone; judged. [m/s]"""


def frozen(table: pd.DataFrame, step_hours: float) -> list[Finding]:
    """Stretches of one and the same value, but for zeros of irradiance and saturated air."""
    findings = []
    for name, hours in FROZEN_HOURS.items():
        if name not in table:
            continue
        values = table[name].to_numpy(float)
        same = np.diff(values) == 0.0
        if name == "relative_humidity":
            same &= values[1:] < 0.99
        zero = values[1:] == 0.0
        for kind, steps, limit in (("same value", same & ~zero, hours), ("zero", same & zero, STILL_HOURS if name == "wind_speed_m_per_s" else np.inf)):
            found = _longest(steps, limit, step_hours)
            if found is not None:
                count, first, longest = found
                words = f"{name}: {kind} for up to {longest:g} h, {count} steps in stretches of more than {limit:g} h"
                findings.append(Finding("frozen", "warning", words, "a frozen, iced or clipped sensor, or a filled gap", count, label(table.index[first])))
    return findings or [Finding("frozen", "ok", "no sensor stands still")]


def _longest(same: NDArray[np.bool_], limit_hours: float, step_hours: float) -> tuple[int, int, float] | None:
    """Steps in stretches of equal values longer than a limit, the first of them, and the longest stretch. [h]"""
    found = runs(same)
    long = (found.length + 1) * step_hours > limit_hours
    if not long.any():
        return None
    return int((found.length[long] + 1).sum()), int(found.first[np.argmax(long)]), float((found.length[long].max() + 1) * step_hours)


def spikes(table: pd.DataFrame, step_hours: float) -> list[Finding]:
    """Single steps far above or far below both of their neighbours."""
    findings = []
    for name, (limit, unit) in SPIKES.items():
        if name not in table or len(table) < 3:
            continue
        values = table[name].to_numpy(float)
        before, after = values[1:-1] - values[:-2], values[1:-1] - values[2:]
        spike = (np.minimum(np.abs(before), np.abs(after)) > limit) & (np.sign(before) == np.sign(after))
        count = int(spike.sum())
        if count:
            place = int(np.argmax(spike)) + 1
            words = f"{name}: {count} single steps of {60 * step_hours:g} min more than {limit:g} {unit} off both neighbours".replace("  ", " ")
            findings.append(Finding("spikes", "warning", words, "look at them; empty the cells to have them filled", count, label(table.index[place])))
    return findings or [Finding("spikes", "ok", "no single step leaves its neighbours")]


def wind_range(table: pd.DataFrame, height_m: float) -> Finding:
    """Wind speeds that cannot be, and a mean that hardly can."""
    if "wind_speed_m_per_s" not in table:
        return Finding("wind_range", "note", "the weather has no wind speed")
    values = table["wind_speed_m_per_s"].to_numpy(float)
    words = f"wind at {height_m:g} m: mean {values.mean():.2f} m/s, largest {values.max():.1f} m/s, {100 * (values == 0).mean():.1f} % calm"
    wrong = (values < 0.0) | (values > WIND_LARGEST_M_PER_S)
    if wrong.any():
        found = f"{words}; {int(wrong.sum())} steps below 0 or above {WIND_LARGEST_M_PER_S:g} m/s"
        return Finding("wind_range", "fault", found, "check unit and fill values", int(wrong.sum()), label(table.index[np.argmax(wrong)]))
    low, high = WIND_MEAN_M_PER_S
    if not low <= values.mean() <= high:
        return Finding("wind_range", "warning", words, f"expected a mean of {low:g} to {high:g} m/s: check unit (km/h, knots) and height")
    return Finding("wind_range", "ok", words)


def persistence(table: pd.DataFrame, step_hours: float) -> Finding:
    """Wind remembers the hour before; noise does not."""
    if "wind_speed_m_per_s" not in table:
        return Finding("persistence", "note", "the weather has no wind")
    steps = max(1, round(1.0 / step_hours))
    hourly = table["wind_speed_m_per_s"].to_numpy()
    hourly = hourly[: hourly.size // steps * steps].reshape(-1, steps).mean(axis=1)
    if hourly.size < 48 or hourly.std() == 0.0:
        return Finding("persistence", "note", "too few hours, or no wind at all")
    memory = float(np.corrcoef(hourly[:-1], hourly[1:])[0, 1])
    words = f"wind speed correlates by {memory:.2f} with the hour before"
    if memory < LEAST_PERSISTENCE:
        return Finding("persistence", "warning", f"{words}; measured years have 0.9 and more", "are the rows in order, and is the wind measured, not made up?")
    return Finding("persistence", "ok", words)


def units(table: pd.DataFrame) -> list[Finding]:
    """Magnitudes that only another unit explains."""
    findings: list[Finding] = []

    def check(name: str, wrong: bool, looks: str, remedy: str, severity: Severity = "fault") -> None:
        if wrong:
            findings.append(Finding("units", severity, f"{name} {looks}", remedy))

    for name in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"):
        if name in table:
            largest = float(table[name].max())
            check(name, 0.0 < largest < 5.0, f"reaches {largest:.3g}: this is kW/m2, not W/m2", "multiply by 1000")
            check(name, largest > 3000.0, f"reaches {largest:.4g}: more than W/m2 can be", "is it J/m2 or Wh/m2 of a shorter step?")
    if "temperature_degc" in table:
        middle = float(table["temperature_degc"].median())
        check("temperature_degc", middle > 150.0, f"has a median of {middle:.4g}: this is K, not degC", "subtract 273.15")
        check("temperature_degc", 45.0 < middle <= 150.0, f"has a median of {middle:.4g}: this is degF, not degC", "convert it")
    if "relative_humidity" in table:
        largest = float(table["relative_humidity"].max())
        check("relative_humidity", largest > 1.5, f"reaches {largest:.4g}: this is percent, not a share", "divide by 100")
        check("relative_humidity", 1.0 + 1e-9 < largest <= 1.5, f"reaches {largest:.3g}", "limit it to 1", "warning")
    if "pressure_pa" in table:
        middle = float(table["pressure_pa"].median())
        check("pressure_pa", middle < 2000.0, f"has a median of {middle:.4g}: this is hPa or kPa, not Pa", "convert it")
        check("pressure_pa", 2000.0 <= middle < 40000.0 or middle > 110000.0, f"has a median of {middle:.0f} Pa", "check its unit", "warning")
    return findings or [Finding("units", "ok", "magnitudes fit the units")]
