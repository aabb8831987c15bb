"""Made-up years for tests: a clear or cloudy sky by pvlib, so that the sun in them stands where it must."""

import numpy as np
import pandas as pd
from pvlib.location import Location

from gridsim.profiles.site import Site
from gridsim.profiles.weather.series import Weather

CHIFENG = Site(42.27, 118.96, 570.0)
DRESDEN = Site(51.05, 13.74, 113.0)


def sunny_year(site=CHIFENG, zone="+08:00", year=2030, days=365, step_minutes=60):
    """Return a year whose days are clear or dull by a seeded coin; mean of a step is the sky at its middle."""
    offset = pd.Timestamp(f"2030-01-01T00:00{zone}").tz
    index = pd.date_range(f"{year}-01-01", periods=days * 1440 // step_minutes, freq=f"{step_minutes}min", tz=offset)
    middles = index + pd.Timedelta(minutes=step_minutes / 2)
    place = Location(site.latitude_deg, site.longitude_deg, altitude=site.altitude_m)
    clear = place.get_clearsky(middles, model="haurwitz")["ghi"].to_numpy()
    cosine = np.cos(np.radians(place.get_solarposition(middles)["zenith"].to_numpy()))
    rng = np.random.default_rng(3)
    per_day = 1440 // step_minutes
    share = np.repeat(rng.uniform(0.3, 1.0, days), per_day)
    diffuse = clear * share * (1.2 - share)
    hours = np.arange(len(index)) * step_minutes / 60
    table = pd.DataFrame(
        {
            "ghi_w_per_m2": clear * share,
            "dni_w_per_m2": np.where(cosine > 0.02, (clear * share - diffuse) / np.maximum(cosine, 0.02), 0.0).clip(0, 1300),
            "dhi_w_per_m2": diffuse,
            "temperature_degc": 8 - 17 * np.cos(2 * np.pi * hours / 8760) - 5 * np.cos(2 * np.pi * (hours - 3) / 24) + rng.normal(0, 0.5, len(index)),
            "wind_speed_m_per_s": np.abs(4 + 2 * np.sin(2 * np.pi * hours / 97) + rng.normal(0, 0.5, len(index))) + 0.1,
            "pressure_pa": 94000 + 500 * np.sin(2 * np.pi * hours / 151) + rng.normal(0, 20, len(index)),
            "relative_humidity": np.clip(0.5 + 0.2 * np.cos(2 * np.pi * hours / 24) + rng.normal(0, 0.05, len(index)), 0.05, 0.95),
        },
        index=index,
    )
    return Weather(site, table)


def as_csv(path, weather, stamps=None, **changes):
    """Write a weather table as a user's CSV, with stamps of its own; ``changes`` replace columns by name."""
    table = weather.table.assign(**changes)
    names = {
        "ghi_w_per_m2": "GHI [W/m2]",
        "dni_w_per_m2": "DNI [W/m2]",
        "dhi_w_per_m2": "DHI [W/m2]",
        "temperature_degc": "temperature [degC]",
        "wind_speed_m_per_s": "wind speed 10m [m/s]",
        "pressure_pa": "pressure [hPa]",
        "relative_humidity": "relative humidity [%]",
    }
    written = table.assign(pressure_pa=table["pressure_pa"] / 100, relative_humidity=table["relative_humidity"] * 100).rename(columns=names).round(4)
    index = weather.table.index.tz_localize(None) if stamps is None else stamps
    written.insert(0, "time", [stamp.strftime("%Y-%m-%d %H:%M") if hasattr(stamp, "strftime") else stamp for stamp in index])
    written.to_csv(path, index=False)
    return path
