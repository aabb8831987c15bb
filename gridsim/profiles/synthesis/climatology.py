"""What a place's weather is like, month by month: all that a synthetic year is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gridsim.profiles.site import Site

YEAR = (1.0,) * 12


@dataclass(frozen=True)
class Provenance:
    """Where a figure comes from and how far it can be trusted."""

    source: str
    certainty: str
    """``V1`` read in a primary text, ``V2`` in a secondary copy, ``C`` computed, ``M`` recalled, ``A`` assumed or judged."""


@dataclass(frozen=True)
class Climatology:
    """Monthly climate of one place; every field that a user can put figures in carries its provenance in ``sources``."""

    name: str
    site: Site
    utc_offset_hours: float
    """Standard time, without daylight saving, east positive. [h]"""
    monthly_ghi_kwh_per_m2: tuple[float, ...]
    """Global horizontal irradiation, January to December; February of 28 days. [kWh/m2]"""
    monthly_temperature_degc: tuple[float, ...]
    """Mean air temperature 2 m above ground. [degC]"""
    monthly_wind_m_per_s: tuple[float, ...]
    """Mean wind speed at ``wind_height_m``. [m/s]"""
    wind_height_m: float
    """Height above ground that the wind is given for and drawn at. [m]"""
    monthly_weibull_shape: tuple[float, ...]
    """Weibull k of the wind speed of each month; 2 is Rayleigh."""
    hourly_wind: tuple[float, ...]
    """Mean wind of each hour of the day, from 00:00 local time, relative to the day; mean 1."""
    monthly_temperature_spell_k: tuple[float, ...]
    """Standard deviation of daily mean temperature about the month's mean: warm and cold spells. [K]"""
    temperature_half_swing_k: tuple[float, float]
    """Half the daily range of temperature under a closed and under a clear sky. [K]"""
    sources: Mapping[str, Provenance] = field(default_factory=dict)
    """Provenance of each field, by its name."""

    def __post_init__(self) -> None:
        """Refuse figures that no weather can be made from, all at once."""
        problems = list(self._problems())
        if problems:
            raise DefinitionError(f"climate '{self.name}'", problems)

    def at(self, site: Site, name: str | None = None) -> Climatology:
        """Return the same climate at another place."""
        return replace(self, site=site, name=name or self.name)

    def with_wind(self, mean_m_per_s: float, provenance: Provenance) -> Climatology:
        """Return the same climate with another mean of the year; the months keep their ratios (months count alike). [m/s]"""
        factor = mean_m_per_s / float(np.mean(self.monthly_wind_m_per_s))
        speeds = tuple(factor * speed for speed in self.monthly_wind_m_per_s)
        return replace(self, monthly_wind_m_per_s=speeds, sources={**self.sources, "monthly_wind_m_per_s": provenance})

    def _problems(self) -> Iterator[Problem]:
        bounds = {
            "monthly_ghi_kwh_per_m2": (12, 0.0, 350.0, "kWh/m2 a month"),
            "monthly_temperature_degc": (12, -70.0, 60.0, "degC"),
            "monthly_wind_m_per_s": (12, 0.1, 30.0, "m/s"),
            "monthly_weibull_shape": (12, 1.0, 6.0, "without unit"),
            "hourly_wind": (24, 0.05, 3.0, "relative to their mean, 1"),
            "monthly_temperature_spell_k": (12, 0.0, 15.0, "K"),
            "temperature_half_swing_k": (2, 0.0, 25.0, "K; under a closed, then under a clear sky"),
        }
        known = {item.name for item in fields(self)}
        assert bounds.keys() <= known
        for name, (count, low, high, meaning) in bounds.items():
            values = getattr(self, name)
            expected = f"give {count} numbers from {low:g} to {high:g}, {meaning}"
            if len(values) != count:
                yield Problem(name, f"has {len(values)} values", expected)
                continue
            wrong = [position for position, value in enumerate(values, start=1) if not low <= value <= high]  # catches nan too
            if wrong:
                more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
                yield Problem(name, f"value {wrong[0]} is {values[wrong[0] - 1]:g}{more}", expected)
        if len(self.hourly_wind) == 24 and abs(np.mean(self.hourly_wind) - 1.0) > 0.01:
            yield Problem("hourly_wind", f"has a mean of {np.mean(self.hourly_wind):.3f}", "divide the 24 values by their mean")
        if not -90.0 <= self.site.latitude_deg <= 90.0:
            yield Problem("latitude_deg", f"is {self.site.latitude_deg:g}", "north positive, -90 to 90")
        if not -180.0 <= self.site.longitude_deg <= 180.0:
            yield Problem("longitude_deg", f"is {self.site.longitude_deg:g}", "east positive, -180 to 180")
        if not 1.0 <= self.wind_height_m <= 300.0:
            yield Problem("wind_height_m", f"is {self.wind_height_m:g}", "height above ground in m, 1 to 300")
        solar_offset = self.site.longitude_deg / 15.0
        apart = abs((self.utc_offset_hours - solar_offset + 12.0) % 24.0 - 12.0)
        if not -14.0 <= self.utc_offset_hours <= 14.0 or apart > 4.0:
            found = f"is {self.utc_offset_hours:g}, but the sun keeps UTC{solar_offset:+.1f} at {self.site.longitude_deg:g} E"
            yield Problem("utc_offset_hours", found, "standard time of the place, east positive (China: 8)")
