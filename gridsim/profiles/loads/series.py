"""Make the series of one load: active and reactive power, or heat, for whole calendar years."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.loads.furnace import PAUSES, FurnaceShop
from gridsim.profiles.loads.rhythm import EXPONENTS, rhythm
from gridsim.profiles.loads.size import OutOfReachError, load_factor, setting_for
from gridsim.profiles.loads.space_heat import limits_degc, space_heat
from gridsim.profiles.loads.working_days import FINE_MINUTES, Year, fine_values, step_means
from gridsim.profiles.time_axis import TimeAxis

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.loads.kinds import Kind
    from gridsim.profiles.loads.request import LoadRequest

METERED_MINUTES = 15
"""Step that shipped load factors are meant of: that of a demand meter. [min]"""

ROUNDING = 1e-9
"""Relative excess of an energy over what its peak can give that is taken for rounding."""


REMEDIES = {
    "rhythm": (
        "more shifts, work at weekends, a larger idle_share or less planned work raise it",
        "a smaller idle_share, fewer shifts, days off or more planned work lower it",
    ),
    "furnace": (
        "less planned work and fewer stops raise it; that of hourly means is higher, see peak_of_minutes",
        "fewer shifts, days off or more planned work lower it",
    ),
    "space_heat": ("the season ends it: leave load_factor out, or lengthen the season", "leave load_factor out, or shorten the season"),
}
"""What raises and what lowers the load factor of each family."""


@dataclass(frozen=True)
class LoadSeries:
    """What a load draws: electricity with its reactive power, or heat."""

    time: TimeAxis
    active_mw: NDArray[np.float64] | None = None
    """Step means of electric power. Shape (T,). [MW]"""
    reactive_mvar: NDArray[np.float64] | None = None
    """Step means of reactive power, lagging positive. Shape (T,). [Mvar]"""
    heat_mw_th: NDArray[np.float64] | None = None
    """Step means of heat. Shape (T,). [MW]"""
    notes: tuple[str, ...] = ()
    """What a user should know of how it was made."""

    @property
    def power_mw(self) -> NDArray[np.float64]:
        """Electricity, or heat where the load is one of heat. Shape (T,). [MW]"""
        power = self.heat_mw_th if self.active_mw is None else self.active_mw
        assert power is not None
        return power

    @property
    def energy_mwh(self) -> float:
        """Energy of all steps. [MWh]"""
        return float(self.power_mw.sum()) * self.time.step_hours

    @property
    def load_factor(self) -> float:
        """Mean over peak. [0..1]"""
        return load_factor(self.power_mw)

    def columns(self, name: str) -> dict[str, NDArray[np.float64]]:
        """Name what there is: ``<name>_mw`` and ``<name>_mvar``, or ``<name>_mw_th``."""
        columns = {"mw": self.active_mw, "mvar": self.reactive_mvar, "mw_th": self.heat_mw_th}
        return {f"{name}_{unit}": values for unit, values in columns.items() if values is not None}


class _Shape(NamedTuple):
    """A family of series of one year: one number moves its load factor."""

    active: Callable[[float], NDArray[np.float64]]
    natural: float
    """The setting that leaves the kind's own numbers as they are."""
    settings: tuple[float, ...]
    reactive: Callable[[float], NDArray[np.float64]] | None
    """Where tan φ varies."""


def load_series(
    request: LoadRequest, time: TimeAxis | pd.DatetimeIndex, temperature_degc: NDArray[np.float64] | None = None, *, name: str | None = None
) -> LoadSeries:
    """Make the series of one load.

    Parameters
    ----------
    request : LoadRequest
        Kind, size and pattern.
    time : TimeAxis or DatetimeIndex
        Whole calendar years in steps of 5, 15, 30 or 60 minutes, labelled by their starts. Each year gets the asked energy and peak, and
        chances of its own that do not depend on the other years.
    temperature_degc : array, shape (T,), optional
        Air temperature; space heat needs it, other kinds leave heating and cooling out without it. [degC]
    name : str, optional
        Name of the load, which chooses its stream of chance; the kind where it is left out.

    Returns
    -------
    LoadSeries
        Energy, peak and load factor are met to the last digits.

    Raises
    ------
    DefinitionError
        Where the request contradicts itself, or its load factor cannot be had with its pattern.
    """
    axis = time if isinstance(time, TimeAxis) else axis_of(time)
    name = name or request.kind
    problems = [Problem(f"{name}.{field}", found, remedy) for field, found, remedy in request.findings()]
    if problems:
        raise DefinitionError(f"load {name}", problems)
    pattern = request.pattern()
    years = whole_years(axis)
    fine = None if temperature_degc is None else fine_values(_checked(temperature_degc, axis, name), axis.step_minutes)
    if fine is None and pattern.family == "space_heat":
        remedy = "give the air temperature of every step"
        raise DefinitionError(f"load {name}", [Problem(name, "space heat follows the air temperature, which is not given", remedy)])
    notes = ["without an air temperature, heating and cooling are left out"] if fine is None and pattern.uses_temperature else []

    parts, first = [], 0
    for year in years:
        part = None if fine is None else fine[first : first + year.fine_steps]
        parts.append(_one_year(request, pattern, year, axis.step_minutes, part, name))
        first += year.fine_steps
    power = np.concatenate([active for active, _ in parts])
    if pattern.carrier == "heat":
        return LoadSeries(axis, heat_mw_th=power, notes=tuple(notes))
    return LoadSeries(axis, power, np.concatenate([reactive for _, reactive in parts]), notes=tuple(notes))


def loads_table(loads: Mapping[str, LoadSeries]) -> pd.DataFrame:
    """Put loads of one time axis side by side; index: starts of the steps at the zone's standard offset."""
    import pandas as pd

    axis = next(iter(loads.values())).time
    there = axis.start.replace(tzinfo=ZoneInfo(axis.time_zone))
    offset = (there.utcoffset() or datetime.timedelta()) - (there.dst() or datetime.timedelta())
    index = pd.DatetimeIndex(axis.stamps, name="time").tz_localize(datetime.timezone(offset))
    return pd.DataFrame({column: values for name, load in loads.items() for column, values in load.columns(name).items()}, index=index)


def axis_of(starts: pd.DatetimeIndex) -> TimeAxis:
    """Return the time axis of evenly spaced starts."""
    start, step = starts[0], starts[1] - starts[0]
    if not ((starts[1:] - starts[:-1]) == step).all():
        raise DefinitionError("the time of the loads", [Problem("", "steps are not equal", "give starts without gaps")])
    zone = "Asia/Shanghai" if starts.tz is None else str(starts.tz)
    return TimeAxis(start.to_pydatetime().replace(tzinfo=None), len(starts), round(step.total_seconds() / 60), zone)


def whole_years(axis: TimeAxis) -> list[Year]:
    """Return the calendar years of an axis, or refuse one that begins or ends within a year."""
    years: list[Year] = []
    left = axis.steps * axis.step_minutes // FINE_MINUTES
    while left > 0:
        years.append(Year(axis.start.year + len(years)))
        left -= years[-1].fine_steps
    if axis.step_minutes not in (5, 15, 30, 60) or left or axis.start != datetime.datetime(axis.start.year, 1, 1):
        found = f"{axis.steps} steps of {axis.step_minutes} minutes from {axis.label(0)} are not whole calendar years"
        remedy = "energy and peak are those of a year: make whole years in steps of 5, 15, 30 or 60 minutes, and cut them afterwards"
        raise DefinitionError("the time of the loads", [Problem("", found, remedy)])
    return years


def _checked(temperature_degc: NDArray[np.float64], axis: TimeAxis, name: str) -> NDArray[np.float64]:
    values = np.asarray(temperature_degc, dtype=float)
    if values.shape != (axis.steps,) or not np.isfinite(values).all():
        found = f"the air temperature has {values.size} values, of which {int(np.isfinite(values).sum())} are numbers; expected {axis.steps}"
        raise DefinitionError(f"load {name}", [Problem(name, found, "give one number for each step")])
    return values


def _one_year(
    request: LoadRequest, pattern: Kind, year: Year, step_minutes: int, temperature_degc: NDArray[np.float64] | None, name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return active and reactive power of a year; zeros for the reactive power of heat."""
    shape = _shape(request, pattern, year, temperature_degc, name)
    hours = year.days * 24.0
    own_minutes = request.peak_of_minutes or step_minutes
    asked = request.load_factor
    if request.annual_energy_mwh is not None and request.peak_mw is not None:
        asked = _load_factor_of_both(request.annual_energy_mwh, request.peak_mw, hours, name)
    try:
        if asked is not None:
            setting = setting_for(shape.active, asked, own_minutes, shape.settings)
        elif pattern.load_factor is not None and not request.changes_pattern:
            setting = setting_for(shape.active, pattern.load_factor, METERED_MINUTES, shape.settings)
        else:
            setting = shape.natural
    except OutOfReachError as limits:
        raise DefinitionError(f"load {name}", [_out_of_reach(request, pattern, asked, limits, name)]) from limits

    fine = shape.active(setting)
    if not fine.max() > 0.0:
        found, remedy = f"nothing is left of the load in {year.year}", "leave hours in which it runs: look at planned work, outages and the season"
        raise DefinitionError(f"load {name}", [Problem(name, found, remedy)])
    if request.annual_energy_mwh is not None:
        scale = request.annual_energy_mwh / (fine.mean() * hours)
    else:
        assert request.peak_mw is not None  # findings() asks for one of both
        scale = request.peak_mw / step_means(fine, own_minutes).max()
    active = scale * step_means(fine, step_minutes)
    if shape.reactive is None:
        tangent = np.tan(np.arccos(pattern.power_factor)) if pattern.power_factor is not None else 0.0
        return active, active * tangent
    reactive = scale * step_means(shape.reactive(setting), step_minutes)
    if pattern.power_factor is not None:
        reactive *= np.tan(np.arccos(pattern.power_factor)) * active.sum() / reactive.sum()
    return active, reactive


def _shape(request: LoadRequest, pattern: Kind, year: Year, temperature_degc: NDArray[np.float64] | None, name: str) -> _Shape:
    if pattern.family == "furnace":
        shop = FurnaceShop.drawn(pattern, year, request.seed, name, holidays=request.holidays)
        return _Shape(shop.active, 1.0, PAUSES, shop.reactive)
    if pattern.family == "space_heat":
        assert temperature_degc is not None  # load_series has refused
        settings = limits_degc(pattern, year, temperature_degc)
        return _Shape(space_heat(pattern, year, temperature_degc), pattern.heating_limit_degc, settings, None)
    active = rhythm(pattern, year, temperature_degc, request.seed, name, holidays=request.holidays)
    return _Shape(active, 1.0, EXPONENTS, None)


def _load_factor_of_both(energy_mwh: float, peak_mw: float, hours: float, name: str) -> float:
    wanted = energy_mwh / (peak_mw * hours)
    if wanted > 1.0 + ROUNDING:
        found = f"{peak_mw:g} MW give at most {peak_mw * hours:g} MWh in {hours:g} hours, less than the {energy_mwh:g} MWh asked for"
        remedy = f"a year of {energy_mwh:g} MWh needs a peak of at least {energy_mwh / hours:.6g} MW; check the units"
        raise DefinitionError(f"load {name}", [Problem(f"{name}.peak_mw", found, remedy)])
    return min(wanted, 1.0)


def _out_of_reach(request: LoadRequest, pattern: Kind, asked: float | None, limits: OutOfReachError, name: str) -> Problem:
    """Say what load factors the pattern allows, and which of its numbers stand in the way."""
    field = "load_factor" if request.load_factor is not None or asked is None else "peak_mw"
    wanted = pattern.load_factor if asked is None else asked
    found = f"a load factor of {wanted:.4g} cannot be had; this pattern allows {limits.least:.4g} to {limits.most:.4g}"
    high, low = REMEDIES[pattern.family]
    remedy = high if wanted is not None and wanted > limits.most else low
    return Problem(f"{name}.{field}", found, remedy)
