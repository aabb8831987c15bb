"""Irradiance against the sun: nights, limits, closure of the components, and noon."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridsim.profiles.weather.finding import Finding, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.weather.finding import Severity
    from gridsim.profiles.weather.series import Weather

NIGHT_LIMIT_W_PER_M2 = 5.0
"""Twilight and rounding of a dark hour; judged. [W/m2]"""

NIGHT_ELEVATION_DEG = -1.0
"""The sun is down for certain: refraction lifts it by half a degree. [deg]"""

NIGHT_SHARE_FAULT = 0.005
"""Share of dark steps with sun from which on stamps, not sensors, are wrong; judged. [0..1]"""

CLEAR_SKY_MARGIN = 1.25
CLEAR_SKY_OFFSET_W_PER_M2 = 50.0
"""A mean of an hour may pass the climatological clear sky by this factor and offset: clean air, bright cloud edges. Judged. [W/m2]"""

CLOSURE_BAND = 0.08
CLOSURE_BAND_LOW_SUN = 0.15
CLOSURE_SHARE = 0.10
"""Share of steps that may miss the closure before it is worth a warning; judged. [0..1]"""

CLEAR_DAYS_SHARE = 0.2
"""Days, the clearest ones, whose centre of irradiance is held against noon. [0..1]"""

NOON_TOLERANCE_H = 0.2
"""Offset from noon that clouds, horizon and sampling explain; judged. [h]"""


@dataclass(frozen=True)
class Sky:
    """The sun over the steps of a table."""

    middles: pd.DatetimeIndex
    cosine: NDArray[np.float64]
    """Cosine of the zenith angle at the middle of each step, negative below the horizon."""
    highest_deg: NDArray[np.float64]
    """Largest elevation of the sun at start, middle and end of each step. [deg]"""
    extraterrestrial: NDArray[np.float64]
    """Irradiance normal to the sun above the air. [W/m2]"""


def sky_of(weather: Weather) -> Sky:
    """Return the sun over the steps of a weather table."""
    from pvlib import irradiance, solarposition

    site, index = weather.site, weather.table.index
    half = pd.Timedelta(minutes=weather.step_minutes / 2.0)
    grid = pd.date_range(index[0], periods=2 * len(index) + 1, freq=half)
    elevation = 90.0 - solarposition.get_solarposition(grid, site.latitude_deg, site.longitude_deg, altitude=site.altitude_m)["zenith"].to_numpy()
    highest = np.maximum(np.maximum(elevation[:-2:2], elevation[1::2]), elevation[2::2])
    middles = index + half
    return Sky(middles, np.sin(np.radians(elevation[1::2])), highest, irradiance.get_extra_radiation(middles).to_numpy())


def night_sun(table: pd.DataFrame, sky: Sky) -> Finding:
    """Irradiance in steps during which the sun never rises."""
    names = [name for name in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2") if name in table]
    if not names:
        return Finding("night_sun", "note", "the weather has no irradiance")
    night = sky.highest_deg < NIGHT_ELEVATION_DEG
    lit = night & (table[names].to_numpy(float).max(axis=1) > NIGHT_LIMIT_W_PER_M2)
    count = int(lit.sum())
    if count == 0:
        return Finding("night_sun", "ok", f"no irradiance in {int(night.sum())} dark steps")
    found = f"irradiance above {NIGHT_LIMIT_W_PER_M2:g} W/m2 in {count} of {int(night.sum())} steps with the sun below the horizon"
    fault = count > NIGHT_SHARE_FAULT * night.sum()
    remedy = "time stamps, zone or place are wrong: see solar_noon" if fault else "single values: lamps, dew or sensor noise"
    return Finding("night_sun", "fault" if fault else "warning", found, remedy, count, label(table.index[np.argmax(lit)]))


def sun_limit(table: pd.DataFrame, sky: Sky) -> Finding:
    r"""Irradiance beyond what is physically possible or beyond a clear sky.

    Possible, for E the extraterrestrial irradiance and :math:`\mu = \cos z` [1]_:
    GHI :math:`\le 1.5 E \mu^{1.2} + 100`, DHI :math:`\le 0.95 E \mu^{1.2} + 50`, DNI :math:`\le E`.
    Clear: GHI at most ``CLEAR_SKY_MARGIN`` times the clear sky of Haurwitz [2]_ plus ``CLEAR_SKY_OFFSET_W_PER_M2``.

    References
    ----------
    .. [1] C. N. Long and Y. Shi, "An automated quality assessment and control algorithm for surface radiation
       measurements," Open Atmos. Sci. J., vol. 2, pp. 23-37, 2008. doi:10.2174/1874282300802010023
    .. [2] B. Haurwitz, "Insolation in relation to cloudiness and cloud density," J. Meteorology, vol. 2,
       pp. 154-166, 1945. doi:10.1175/1520-0469(1945)002<0154:IIRTCA>2.0.CO;2
    """
    from pvlib import clearsky

    sun = np.clip(sky.cosine, 0.0, None)
    limits = {
        "ghi_w_per_m2": 1.5 * sky.extraterrestrial * sun**1.2 + 100.0,
        "dhi_w_per_m2": 0.95 * sky.extraterrestrial * sun**1.2 + 50.0,
        "dni_w_per_m2": sky.extraterrestrial,
    }
    names = [name for name in limits if name in table]
    if not names:
        return Finding("sun_limit", "note", "the weather has no irradiance")
    beyond = np.zeros(len(table), dtype=bool)
    for name in names:
        beyond |= table[name].to_numpy(float) > limits[name]
    if beyond.any():
        found = f"{int(beyond.sum())} steps with more irradiance than is physically possible"
        return Finding("sun_limit", "fault", found, "check units and time stamps", int(beyond.sum()), label(table.index[np.argmax(beyond)]))
    if "ghi_w_per_m2" not in table:
        return Finding("sun_limit", "ok", "no step is beyond the possible")
    clear = clearsky.haurwitz(pd.Series(np.degrees(np.arccos(np.clip(sky.cosine, -1.0, 1.0)))))["ghi"].to_numpy()
    bright = table["ghi_w_per_m2"].to_numpy(float) > CLEAR_SKY_MARGIN * clear + CLEAR_SKY_OFFSET_W_PER_M2
    count = int(bright.sum())
    if count:
        found = f"{count} steps brighter than {CLEAR_SKY_MARGIN:g} times a clear sky plus {CLEAR_SKY_OFFSET_W_PER_M2:g} W/m2"
        severity: Severity = "warning" if count > 0.01 * (sun > 0).sum() else "note"
        return Finding("sun_limit", severity, found, "check unit, plane and time stamps", count, label(table.index[np.argmax(bright)]))
    return Finding("sun_limit", "ok", "no step is brighter than a clear sky allows")


def closure(table: pd.DataFrame, sky: Sky) -> Finding:
    """Compare GHI with DNI cos(z) + DHI where both pass 50 W/m2: within 8 % at high sun, 15 % below 15 deg (bands of Long and Shi 2008)."""
    names = ["ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"]
    if any(name not in table for name in names):
        return Finding("closure", "note", "the weather has not all of GHI, DNI and DHI")
    ghi, dni, dhi = (table[name].to_numpy(float) for name in names)
    total = dni * np.clip(sky.cosine, 0.0, None) + dhi
    bright = (total > 50.0) & (ghi > 50.0)
    if not bright.any():
        return Finding("closure", "note", "no step is bright enough to compare")
    ratio = ghi[bright] / total[bright]
    band = np.where(sky.cosine[bright] > np.cos(np.radians(75.0)), CLOSURE_BAND, CLOSURE_BAND_LOW_SUN)
    open_steps = np.abs(ratio - 1.0) > band
    share, total_off = float(open_steps.mean()), float(ghi[bright].sum() / total[bright].sum() - 1.0)
    found = f"GHI {100 * total_off:+.1f} % against DNI cos(z) + DHI over the bright steps; {100 * share:.0f} % of them beyond 8 to 15 %"
    if share <= CLOSURE_SHARE:
        return Finding("closure", "ok", found)
    first = label(table.index[np.flatnonzero(bright)[np.argmax(open_steps)]])
    remedy = "components of different sources, tilted planes, or stamps that are not the start of the step (see solar_noon)"
    return Finding("closure", "warning", found, remedy, int(open_steps.sum()), first)


def solar_noon(weather: Weather, sky: Sky) -> list[Finding]:
    """Centre of irradiance of clear days against the centre of the sun's own path: hours by which stamps are late."""
    if "ghi_w_per_m2" not in weather.table:
        return [Finding("solar_noon", "note", "the weather has no GHI")]
    ghi = weather.table["ghi_w_per_m2"].to_numpy(float)
    sun = sky.extraterrestrial * np.clip(sky.cosine, 0.0, None)
    hour = _hours_of_day(weather.table.index, weather.step_minutes)
    if ghi.sum() <= 0.0 or len(ghi) * weather.step_minutes < 1440:
        return [Finding("solar_noon", "note", "too little irradiance to see where noon is")]
    coarse = _late_h(ghi, sun, hour)
    shift = round(coarse * 60 / weather.step_minutes)
    days = _clear_days(ghi, np.roll(sun, shift), hour, 1440 // weather.step_minutes)
    if not len(days):
        return [Finding("solar_noon", "note", "too few days to see where noon is")]
    # the sun is moved by whole steps first, so that no day of it is cut at a midnight that is not its own
    late = np.array([_late_h(ghi[rows], np.roll(sun, shift)[rows], hour[rows]) for rows in days]) + shift * weather.step_minutes / 60.0
    findings = [_of_noon(float(np.median(late)), weather)]
    saving = _late_in_summer(late, weather.table.index[days[:, 0]].month.to_numpy(), weather.site.latitude_deg)
    if abs(saving) > 0.5:
        found = f"noon is {abs(saving):.1f} h {'later' if saving > 0 else 'earlier'} in the summer half than in winter: stamps follow daylight saving"
        findings.append(Finding("solar_noon", "fault", found, "import it again with stamps_in= the zone's name, such as Europe/Berlin"))
    return findings


def _hours_of_day(index: pd.DatetimeIndex, step_minutes: int) -> NDArray[np.float64]:
    """Middle of each step as hours since local midnight. [h]"""
    return (index.hour + index.minute / 60.0).to_numpy() + step_minutes / 120.0


def _phase_h(values: NDArray[np.float64], hour: NDArray[np.float64]) -> float:
    """Centre of a daily shape on the clock's circle: the phase of its first harmonic, which has no edge at midnight. [h]"""
    return float(np.angle(np.sum(values * np.exp(2j * np.pi * hour / 24.0)))) * 24.0 / (2.0 * np.pi)


def _late_h(ghi: NDArray[np.float64], sun: NDArray[np.float64], hour: NDArray[np.float64]) -> float:
    """Hours by which irradiance comes after the sun, −12..12. [h]"""
    return (_phase_h(ghi, hour) - _phase_h(sun, hour) + 12.0) % 24.0 - 12.0


def _clear_days(ghi: NDArray[np.float64], sun: NDArray[np.float64], hour: NDArray[np.float64], day_steps: int) -> NDArray[np.int64]:
    """Rows of the clearest days, one day a line, each from midnight of the sun to midnight."""
    midnight = (_phase_h(sun, hour) + 12.0) % 24.0
    first = int(np.argmin(np.abs((hour[:day_steps] - midnight + 12.0) % 24.0 - 12.0)))
    count = (len(ghi) - first) // day_steps
    rows = first + np.arange(count * day_steps).reshape(count, day_steps)
    clearness = ghi[rows].sum(axis=1) / np.maximum(sun[rows].sum(axis=1), 1.0)
    chosen = np.argsort(-clearness, kind="stable")[: max(1, round(CLEAR_DAYS_SHARE * count))]
    return rows[np.sort(chosen)]


def _late_in_summer(late_h: NDArray[np.float64], month: NDArray[np.int64], latitude_deg: float) -> float:
    """How much later noon is in the four summer months than in the four of winter; 0 where too few days of either are there. [h]"""
    may_to_august, november_to_february = late_h[np.isin(month, (5, 6, 7, 8))], late_h[np.isin(month, (11, 12, 1, 2))]
    if min(len(may_to_august), len(november_to_february)) < 3:
        return 0.0
    difference = float(np.median(may_to_august) - np.median(november_to_february))
    return difference if latitude_deg >= 0.0 else -difference


def _of_noon(late_h: float, weather: Weather) -> Finding:
    """Say what an offset means: nothing, half a step, a whole step, or another zone."""
    offset = weather.table.index[0].utcoffset() or datetime.timedelta(0)
    zone_h, step_h = offset.total_seconds() / 3600.0, weather.step_minutes / 60.0
    words = f"the sun of clear days stands highest {abs(late_h):.2f} h {'later' if late_h > 0 else 'earlier'} than at solar noon of the place"
    if abs(late_h) <= NOON_TOLERANCE_H:
        return Finding("solar_noon", "ok", words)
    # a zone of one hour is nearly a step of one hour: there only data that are early by more than half a step point to UTC
    far = abs(zone_h) > 1.5
    if zone_h and (abs(late_h + zone_h) <= 0.75 if far else late_h * zone_h <= -0.6):
        return Finding("solar_noon", "fault", f"{words}: UTC was taken for local time (UTC{zone_h:+g} h)", "import it again with stamps_in='UTC'")
    if far and abs(late_h - zone_h) <= 0.75:
        return Finding("solar_noon", "fault", f"{words}: local time was taken for UTC", "import it again with stamps_in= the local zone")
    if abs(late_h - step_h) <= 0.25 * step_h:
        remedy = "import it again with interval='end'; if that is already so, the zone is an hour off"
        return Finding("solar_noon", "warning", f"{words}: stamps that end the interval were taken for starts", remedy)
    if abs(abs(late_h) - step_h / 2.0) <= 0.25 * step_h:
        what = "instants near the start of the step" if late_h > 0 else "instants near the end of the step, or interval='end' is one step too many"
        remedy = "energy over the year stays right, mornings and evenings of tilted planes are off; use means of the step where that matters"
        return Finding("solar_noon", "warning", f"{words}, about half a step: values are {what}", remedy)
    remedy = f"the stamps' zone or the place's longitude is wrong by about {late_h:+.1f} h ({15 * late_h:+.0f} deg)"
    return Finding("solar_noon", "fault" if abs(late_h) > 0.75 else "warning", words, remedy)
