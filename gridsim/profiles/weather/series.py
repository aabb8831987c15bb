"""Weather of one site as a table: what every importer returns, every conversion takes and every synthesis makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.profiles.site import Site

QUANTITIES = {
    "ghi_w_per_m2": "global horizontal irradiance, mean of the step",
    "dni_w_per_m2": "direct normal irradiance, mean of the step",
    "dhi_w_per_m2": "diffuse horizontal irradiance, mean of the step",
    "temperature_degc": "air temperature 2 m above ground",
    "wind_speed_m_per_s": "wind speed, at `Weather.wind_height_m`",
    "pressure_pa": "air pressure at the ground",
    "relative_humidity": "relative humidity of the air, 0..1",
}
"""Columns a weather table may have, and what they mean; no others."""

UNIT_OF = {
    "ghi_w_per_m2": "W/m2",
    "dni_w_per_m2": "W/m2",
    "dhi_w_per_m2": "W/m2",
    "temperature_degc": "degC",
    "wind_speed_m_per_s": "m/s",
    "pressure_pa": "Pa",
    "relative_humidity": "1",
}


@dataclass(frozen=True)
class Weather:
    """Equal steps without gaps, labelled by their start."""

    site: Site
    table: pd.DataFrame
    """One row a step; index: time-zone-aware starts of the steps at a fixed offset (no daylight saving); columns: some of ``QUANTITIES``, finite numbers."""
    wind_height_m: float = 10.0
    """Height above ground of ``wind_speed_m_per_s``. [m]"""
    origin: str = ""
    """Where it comes from, as one line that ``profiles.yaml`` will carry."""
    licence: str = ""

    @property
    def step_minutes(self) -> int:
        """Length of a step. [min]"""
        return round((self.table.index[1] - self.table.index[0]).total_seconds() / 60.0)
