"""Is a weather year to be believed? A report of checks in a fixed order, each with what was found and what to do.

==================  ==========================================================================================
check               looks at
==================  ==========================================================================================
coverage            span, steps, whole years
gaps                what the import filled and how
monthly_ghi         irradiation of each month against a climatology
monthly_temperature mean temperature of each month against a climatology
night_sun           irradiance while the sun is below the horizon
sun_limit           irradiance above what can come through the air
closure             GHI against DNI cos(z) + DHI
frozen              the same value for many steps
spikes              single steps that leave their neighbours
wind_range          wind speeds and their mean
persistence         wind against the hour before: noise has no memory
solar_factor        full-load hours of the solar series
wind_factor         full-load hours of the wind series
solar_noon          the centre of sunny days against the sun's own noon: wrong zone, interval end for start
units               irradiance in kW/m2, temperature in K, humidity in percent
==================  ==========================================================================================

Bands without a source are judged; they are wide, so that a warning is worth reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.weather.finding import Finding, label

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.weather.finding import Severity
    from gridsim.profiles.weather.series import Weather

__all__ = ["CHECKS", "Climatology", "Finding", "QualityReport", "quality"]

CHECKS = (
    "coverage gaps monthly_ghi monthly_temperature night_sun sun_limit closure frozen spikes wind_range persistence solar_factor wind_factor solar_noon units"
).split()
"""Names of the checks in the order of the report."""

MONTHLY_GHI_BAND = 0.15
"""A single month may differ from the mean of many years by this share; judged from the spread of real years. [0..1]"""

YEARLY_GHI_BAND = 0.08
"""A single year's irradiation varies by 3 to 5 %; judged. [0..1]"""

MONTHLY_TEMPERATURE_BAND_K = 4.0
"""A single month may be this much colder or warmer than the mean of many years; judged. [K]"""

SOLAR_FULL_LOAD_HOURS = (900.0, 2400.0)
"""From a dull northern roof to a tracking desert plant with a large DC/AC ratio; judged. [h/a]"""

WIND_FULL_LOAD_HOURS = (1500.0, 4500.0)
"""From a weak inland to a very good site; Inner Mongolia reports 2300 to 3525 h. Judged. [h/a]"""

GAP_CHECKS = frozenset(("gaps", "duplicates", "order", "wrap", "leap_day", "negative_irradiance"))
"""Findings of an import that tell of filled or altered steps."""


@dataclass(frozen=True)
class Climatology:
    """Monthly means of many years to hold a year against, January to December."""

    ghi_kwh_per_m2: Sequence[float] | None = None
    """Irradiation on the ground of each month. [kWh/m2]"""
    temperature_degc: Sequence[float] | None = None
    """Mean temperature of each month. [degC]"""
    source: str = ""


@dataclass(frozen=True)
class QualityReport:
    """What was checked, in the order of ``CHECKS``; several findings of one check stand together."""

    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Severity:
        """Gravest severity of all findings."""
        order: tuple[Severity, ...] = ("ok", "note", "warning", "fault")
        return max((finding.severity for finding in self.findings), key=order.index)

    def of(self, check: str) -> tuple[Finding, ...]:
        """Return the findings of one check."""
        return tuple(finding for finding in self.findings if finding.check == check)


def quality(
    weather: Weather,
    *,
    climatology: Climatology | None = None,
    solar_pu: NDArray[np.float64] | None = None,
    wind_pu: NDArray[np.float64] | None = None,
    imported: Sequence[Finding] = (),
) -> QualityReport:
    """Check a weather table.

    Parameters
    ----------
    weather : Weather
        What is checked.
    climatology : Climatology, optional
        Monthly means of many years at the place.
    solar_pu, wind_pu : array, shape (T,), optional
        Power per AC capacity made from the weather. [pu]
    imported : sequence of Finding
        What the import noted, for the check ``gaps``.

    Returns
    -------
    QualityReport
        At least one finding for each of ``CHECKS``.
    """
    from gridsim.profiles.weather import quality_sun as sun
    from gridsim.profiles.weather import quality_values as values

    table, step_hours = weather.table, weather.step_minutes / 60.0
    sky = sun.sky_of(weather)
    checks = {
        "coverage": [_coverage(table.index, step_hours)],
        "gaps": _gaps(imported),
        "monthly_ghi": [_monthly_ghi(table, step_hours, climatology)],
        "monthly_temperature": [_monthly_temperature(table, climatology)],
        "night_sun": [sun.night_sun(table, sky)],
        "sun_limit": [sun.sun_limit(table, sky)],
        "closure": [sun.closure(table, sky)],
        "frozen": values.frozen(table, step_hours),
        "spikes": values.spikes(table, step_hours),
        "wind_range": [values.wind_range(table, weather.wind_height_m)],
        "persistence": [values.persistence(table, step_hours)],
        "solar_factor": [_factor("solar_factor", "solar", solar_pu, table.index, SOLAR_FULL_LOAD_HOURS)],
        "wind_factor": [_factor("wind_factor", "wind", wind_pu, table.index, WIND_FULL_LOAD_HOURS)],
        "solar_noon": sun.solar_noon(weather, sky),
        "units": values.units(table),
    }
    return QualityReport(tuple(finding for check in CHECKS for finding in checks[check]))


def _coverage(index: pd.DatetimeIndex, step_hours: float) -> Finding:
    days = len(index) * step_hours / 24.0
    found = f"{label(index[0])} to {label(index[-1])}, {len(index)} steps of {60 * step_hours:g} min, {days:g} days"
    first, last = index[0], index[-1]
    begins = (first.month, first.day, first.hour, first.minute) == (1, 1, 0, 0)
    ends = (last.month, last.day, last.hour + step_hours + last.minute / 60.0) == (12, 31, 24.0)
    even = np.unique(np.diff(index.asi8)).size <= 1
    if not even:
        return Finding("coverage", "fault", f"{found}; steps are not equal", "import it with read_weather")
    if begins and ends:
        return Finding("coverage", "ok", found, "", len(index))
    return Finding("coverage", "note", f"{found}; no whole calendar years", "yearly sums and monthly means are those of the part", len(index))


def _gaps(imported: Sequence[Finding]) -> list[Finding]:
    told = [finding for finding in imported if finding.check in GAP_CHECKS]
    if told:
        return [Finding("gaps", item.severity, f"{item.check}: {item.found}", item.remedy, item.count, item.first) for item in told]
    return [Finding("gaps", "ok", "nothing was filled" if imported else "no findings of an import were given")]


def _complete_months(index: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Months of the calendar, January to December, of which at least 27 days are in the table."""
    return np.array([index[index.month == month].normalize().nunique() >= 27 for month in range(1, 13)])


def _monthly_ghi(table: pd.DataFrame, step_hours: float, climatology: Climatology | None) -> Finding:
    if "ghi_w_per_m2" not in table:
        return Finding("monthly_ghi", "note", "the weather has no GHI")
    months, index = _complete_months(table.index), table.index
    # a mean over all years, as the sum of daily irradiation over the days of the month
    daily = table["ghi_w_per_m2"].groupby(index.normalize()).mean() * 24.0 / 1000.0
    by_month = daily.groupby(daily.index.month).mean().reindex(range(1, 13)).to_numpy()
    found = by_month * np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    total = f"{found[months].sum():.0f} kWh/m2 in {int(months.sum())} months ({_listed(found, months, '.0f')})"
    if climatology is None or climatology.ghi_kwh_per_m2 is None:
        return Finding("monthly_ghi", "note", f"GHI {total}; no climatology to compare with")
    due = np.asarray(climatology.ghi_kwh_per_m2, dtype=float)
    off = found / due - 1.0
    yearly = found[months].sum() / due[months].sum() - 1.0 if months.any() else 0.0
    wrong = months & (np.abs(off) > MONTHLY_GHI_BAND)
    words = f"GHI {total}; {100 * yearly:+.1f} % against the climatology{_source(climatology)}, months {_listed(100 * off, months, '+.0f')} %"
    far = wrong.any() or abs(yearly) > YEARLY_GHI_BAND
    remedy = f"months beyond ±{100 * MONTHLY_GHI_BAND:g} % or a year beyond ±{100 * YEARLY_GHI_BAND:g} %: is it the right place, unit and plane?" if far else ""
    return Finding("monthly_ghi", "warning" if far else "ok", words, remedy, int(wrong.sum()), _month(wrong))


def _monthly_temperature(table: pd.DataFrame, climatology: Climatology | None) -> Finding:
    if "temperature_degc" not in table:
        return Finding("monthly_temperature", "note", "the weather has no temperature")
    months = _complete_months(table.index)
    found = table["temperature_degc"].groupby(table.index.month).mean().reindex(range(1, 13)).to_numpy()
    total = f"mean {table['temperature_degc'].mean():.1f} degC ({_listed(found, months, '.0f')})"
    if climatology is None or climatology.temperature_degc is None:
        return Finding("monthly_temperature", "note", f"{total}; no climatology to compare with")
    off = found - np.asarray(climatology.temperature_degc, dtype=float)
    wrong = months & (np.abs(off) > MONTHLY_TEMPERATURE_BAND_K)
    words = f"{total}; against the climatology{_source(climatology)} {_listed(off, months, '+.1f')} K"
    remedy = f"months beyond ±{MONTHLY_TEMPERATURE_BAND_K:g} K: is it the right place, unit and height?" if wrong.any() else ""
    return Finding("monthly_temperature", "warning" if wrong.any() else "ok", words, remedy, int(wrong.sum()), _month(wrong))


def _listed(values: NDArray[np.float64], months: NDArray[np.bool_], spec: str) -> str:
    """Twelve numbers, a dash for months that are not whole."""
    return " ".join(format(value, spec) if whole else "–" for value, whole in zip(values, months, strict=True))


def _source(climatology: Climatology) -> str:
    return f" ({climatology.source})" if climatology.source else ""


def _month(wrong: NDArray[np.bool_]) -> str:
    return f"month {int(np.argmax(wrong)) + 1}" if wrong.any() else ""


def _factor(check: str, name: str, power_pu: NDArray[np.float64] | None, index: pd.DatetimeIndex, band: tuple[float, float]) -> Finding:
    """Full-load hours of a year, mean power times 8760 h, and values outside 0..1."""
    if power_pu is None:
        return Finding(check, "note", f"no {name} series was given")
    power = np.asarray(power_pu, dtype=float)
    hours = 8760.0 * power.mean()
    outside = np.flatnonzero(~((power >= 0.0) & (power <= 1.0 + 1e-6)))
    words = f"{name} {hours:.0f} full-load hours, capacity factor {power.mean():.3f}, largest {power.max():.3f}"
    if outside.size:
        first = label(index[outside[0]]) if len(power) == len(index) else ""
        return Finding(check, "fault", f"{words}; {outside.size} steps outside 0..1", "power per capacity lies between 0 and 1", int(outside.size), first)
    if not band[0] <= hours <= band[1]:
        return Finding(check, "warning", words, f"expected {band[0]:.0f} to {band[1]:.0f} h: check capacity basis, losses and the wind's height")
    return Finding(check, "ok", words)
