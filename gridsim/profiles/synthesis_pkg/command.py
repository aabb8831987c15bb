"""Write the synthetic weather and load years: ``python -m gridsim.profiles.synthesis``.

No measured data: every series is drawn from a seed and calibrated to monthly and yearly climatology. The physics is next
door in ``climate``, ``solar_year``, ``wind_year`` and ``load_shapes``; this module puts the series of a park together,
writes them with their checksums, and writes what came out into ``profiles/README.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.profiles import climate, load_shapes, solar_year, wind_year
from gridsim.profiles.persistence import stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.site import Site
    from gridsim.profiles.solar_year import SolarPlant
    from gridsim.profiles.wind_year import WindFleet

YEAR = 2030
SEED = 2030
DECIMALS = 4

CHIFENG_SITES = {"wengniute": climate.WENGNIUTE, "aohan": climate.AOHAN, "park": climate.CHIFENG}
CHIFENG_FLEETS = {
    "wind_wengniute": ("wengniute", wind_year.WENGNIUTE_BASE),
    "wind_aohan": ("aohan", wind_year.AOHAN_BASE),
    "wind_dispersed": ("park", wind_year.DISPERSED),
}
CHIFENG_PLANTS = {
    "solar_wengniute": ("wengniute", solar_year.BASE_PLANT),
    "solar_aohan": ("aohan", solar_year.BASE_PLANT),
    "solar_rooftop": ("park", solar_year.ROOFTOP),
}
STARTER_SITES = {"park": climate.CHIFENG}
STARTER_FLEETS = {"wind": ("park", wind_year.AOHAN_BASE)}
STARTER_PLANTS = {"solar": ("park", solar_year.BASE_PLANT)}

SEASONS = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}
RESULTS_BEGIN, RESULTS_END = "<!-- results: begin -->\n", "<!-- results: end -->\n"


@dataclass(frozen=True)
class Column:
    """What a series is, for ``profiles.yaml``."""

    note: str
    of: str | None = None
    """The power that 1.0 stands for."""
    unit: str = "pu"

    def described(self) -> dict[str, str]:
        """Return the entry of ``profiles.yaml``."""
        return {"unit": self.unit} | ({"of": self.of} if self.of else {}) | {"note": self.note}


@dataclass(frozen=True)
class ProfileSet:
    """One folder of profiles: tables by file name, what their columns mean, and the sun that shone on them."""

    title: str
    tables: Mapping[str, pd.DataFrame]
    """One row an hour, labelled by its start; one column a series."""
    columns: Mapping[str, Column]
    monthly_ghi_kwh_per_m2: Mapping[str, NDArray[np.float64]]
    """Global horizontal irradiation of each site, January to December. [kWh/m2]"""


def chifeng(seed: int = SEED, year: int = YEAR) -> ProfileSet:
    """Weather and loads of the reference park: two base sites, the park itself, its industries."""
    import pandas as pd

    starts = climate.hour_starts(year)
    ghi, temperature = draw_sky(CHIFENG_SITES, starts, seed, "chifeng")
    weather = draw_wind_pu(CHIFENG_FLEETS, CHIFENG_SITES, starts, seed, "chifeng")
    weather |= solar_pu(CHIFENG_PLANTS, CHIFENG_SITES, starts, ghi, temperature)
    weather |= {"temperature_degc": temperature}
    loads = load_shapes.all_loads_pu(starts, temperature, seed, "chifeng")
    loads |= {"base_mix": load_shapes.mixed_load_pu(loads, load_shapes.BASE_MIX)}

    columns = generation_columns(CHIFENG_FLEETS, CHIFENG_PLANTS, CHIFENG_SITES)
    columns |= {"temperature_degc": Column("air in the park, 2 m above ground", unit="degC")}
    columns |= {name: load_column(name) for name in (*load_shapes.PROCESSES, *load_shapes.PLACES)}
    columns |= {"base_mix": mix_column(load_shapes.BASE_MIX)}
    tables = {"weather.csv": pd.DataFrame(weather, index=starts), "loads.csv": pd.DataFrame(loads, index=starts)}
    title = f"Chifeng reference park, synthetic weather and loads of a typical year, {year}"
    return ProfileSet(title, tables, columns, monthly_kwh_per_m2(ghi, starts))


def starter(seed: int = SEED, year: int = YEAR) -> ProfileSet:
    """One wind, one sun, one load: the small park to begin with, under another draw of Chifeng's sky."""
    import pandas as pd

    starts = climate.hour_starts(year)
    ghi, temperature = draw_sky(STARTER_SITES, starts, seed, "starter")
    loads = load_shapes.all_loads_pu(starts, temperature, seed, "starter")
    series = draw_wind_pu(STARTER_FLEETS, STARTER_SITES, starts, seed, "starter")
    series |= solar_pu(STARTER_PLANTS, STARTER_SITES, starts, ghi, temperature)
    series |= {"load": load_shapes.mixed_load_pu(loads, load_shapes.STARTER_MIX)}
    columns = generation_columns(STARTER_FLEETS, STARTER_PLANTS, STARTER_SITES)
    columns |= {"load": mix_column(load_shapes.STARTER_MIX)}
    title = f"Starter park, synthetic wind, sun and load of a typical year, {year}"
    return ProfileSet(title, {"series.csv": pd.DataFrame(series, index=starts)}, columns, monthly_kwh_per_m2(ghi, starts))


def draw_sky(
    sites: Mapping[str, Site], starts: pd.DatetimeIndex, seed: int, park: str
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Draw the sun of each site and the air of the park.

    Returns
    -------
    ghi : dict of array, shape (T,)
        Global horizontal irradiance of each site; all sites get Chifeng's monthly irradiation. [W/m2]
    temperature : array, shape (T,)
        Air temperature under the sky of the site ``park``; held for the other sites too. [degC]
    """
    shares = solar_year.clear_shares(list(sites.values()), starts, stream(seed, f"{park}/sun"))
    clear = {name: solar_year.clear_sky_ghi_w_per_m2(site, starts) for name, site in sites.items()}
    ghi = {
        name: solar_year.ghi_w_per_m2(clear[name], share, starts, climate.MONTHLY_GHI_KWH_PER_M2)
        for name, share in zip(sites, shares.T, strict=True)
    }
    daily_clearness = ghi["park"].reshape(-1, 24).sum(axis=1) / clear["park"].reshape(-1, 24).sum(axis=1)
    return ghi, climate.air_temperature_degc(starts, daily_clearness, stream(seed, f"{park}/temperature"))


def draw_wind_pu(
    fleets: Mapping[str, tuple[str, WindFleet]], sites: Mapping[str, Site], starts: pd.DatetimeIndex, seed: int, park: str
) -> dict[str, NDArray[np.float64]]:
    """Draw the wind of all sites together and give each fleet the power of its own. [pu of rated power]"""
    shares = wind_year.wind_shares(list(sites.values()), len(starts), stream(seed, f"{park}/wind"))
    at = dict(zip(sites, shares.T, strict=True))
    return {
        name: wind_year.fleet_power_pu(wind_year.hub_speed_m_per_s(at[site], starts, fleet), fleet)
        for name, (site, fleet) in fleets.items()
    }


def solar_pu(
    plants: Mapping[str, tuple[str, SolarPlant]],
    sites: Mapping[str, Site],
    starts: pd.DatetimeIndex,
    ghi: Mapping[str, NDArray[np.float64]],
    temperature_degc: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """Power of each plant under the sky of its site. [pu of AC capacity]"""
    return {
        name: solar_year.solar_power_pu(ghi[site], temperature_degc, starts, sites[site], plant) for name, (site, plant) in plants.items()
    }


def monthly_kwh_per_m2(ghi: Mapping[str, NDArray[np.float64]], starts: pd.DatetimeIndex) -> dict[str, NDArray[np.float64]]:
    """Irradiation of each month, January to December. [kWh/m2]"""
    return {name: np.bincount(starts.month, weights=power)[1:] / 1000.0 for name, power in ghi.items()}


def generation_columns(
    fleets: Mapping[str, tuple[str, WindFleet]], plants: Mapping[str, tuple[str, SolarPlant]], sites: Mapping[str, Site]
) -> dict[str, Column]:
    """Describe wind and solar columns from the very parameters they were made with."""
    columns = {}
    for name, (site, fleet) in fleets.items():
        wind = f"{fleet.mean_speed_m_per_s} m/s mean at hub height, full power at {fleet.rated_m_per_s} m/s, after wakes and losses"
        columns[name] = Column(f"{sites[site].latitude_deg} N {sites[site].longitude_deg} E; {wind}", of="rated power")
    for name, (site, plant) in plants.items():
        sun = f"south, tilt {plant.tilt_deg:.0f} deg, DC/AC {plant.dc_per_ac}, DC losses {plant.losses_share}"
        columns[name] = Column(f"{sites[site].latitude_deg} N {sites[site].longitude_deg} E; {sun}", of="AC capacity")
    return columns


def load_column(name: str) -> Column:
    """Describe a load column."""
    if name in load_shapes.PLACES:
        return Column(f"working days and Chinese public holidays; load factor {load_shapes.PLACES[name].load_factor}", of="annual peak")
    process = load_shapes.PROCESSES[name]
    overhaul = f", overhaul of {process.overhaul.days} days from {process.overhaul.first_day}" if process.overhaul else ""
    return Column(f"day and night; load factor {process.load_factor}{overhaul}", of="annual peak")


def mix_column(shares: Mapping[str, float]) -> Column:
    """Describe a mixed load column."""
    return Column("shares of peak: " + ", ".join(f"{name} {share}" for name, share in shares.items()), of="annual peak")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Serialise a table as it is committed: UTF-8, LF, a fixed number of decimals."""
    text: str = table.to_csv(index_label="time", date_format="%Y-%m-%d %H:%M", float_format=f"%.{DECIMALS}f", lineterminator="\n")
    return text.encode()


def write(profiles: ProfileSet, folder: Path, seed: int) -> None:
    """Write the tables of a set and the ``profiles.yaml`` that describes them."""
    from ruamel.yaml import YAML

    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Any] = {}
    for file, table in profiles.tables.items():
        content = csv_bytes(table)
        (folder / file).write_bytes(content)
        files[file] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "origin": f"synthetic, gridsim.profiles.synthesis, seed {seed}",
            "licence": "MIT",
            "columns": {name: profiles.columns[name].described() for name in table.columns},
        }
    time = {"year": int(table.index[0].year), "step_minutes": 60, "time_zone": climate.TIME_ZONE}
    yaml = YAML()
    yaml.default_flow_style = None  # innermost mappings on one line
    yaml.width = 200
    with (folder / "profiles.yaml").open("w", encoding="utf-8", newline="\n") as target:
        yaml.dump({"title": profiles.title, "time": time, "files": files}, target)


def results_markdown(sets: Mapping[str, ProfileSet]) -> str:
    """Tables of what the series add up to, for ``profiles/README.md``."""
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "year"]
    ghi = [_with_year("climatology", climate.MONTHLY_GHI_KWH_PER_M2)]
    generation, loads = [], []
    for folder, profiles in sets.items():
        ghi += [_with_year(f"{folder}: {site}", monthly) for site, monthly in profiles.monthly_ghi_kwh_per_m2.items()]
        for name, series in ((name, table[name]) for table in profiles.tables.values() for name in table):
            basis = profiles.columns[name].of
            if basis == "annual peak":
                loads.append([f"{folder}: {name}", f"{series.mean():.3f}", f"{series.min():.2f}", f"{series.diff().std():.3f}"])
            elif basis:
                seasons = [f"{series[series.index.month.isin(inside)].mean():.2f}" for inside in SEASONS.values()]
                shape = [f"{series.max():.2f}", f"{series.diff().std():.3f}", f"{series.autocorr(1):.3f}"]
                generation.append([f"{folder}: {name}", f"{series.sum():.0f}", *seasons, *shape])
    return "\n".join(
        [
            _markdown_table(["GHI, kWh/m2", *months], ghi),
            _markdown_table(["generation", "full-load hours", *SEASONS, "largest", "hourly change", "lag-1 correlation"], generation),
            _markdown_table(["load", "load factor", "least", "hourly change"], loads),
        ]
    )


def _with_year(name: str, monthly: Sequence[float] | NDArray[np.float64]) -> list[str]:
    return [name, *(f"{value:.0f}" for value in monthly), f"{sum(monthly):.0f}"]


def _markdown_table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the profile sets of all parks again, and renew the results in their README."""
    parser = argparse.ArgumentParser(prog="python -m gridsim.profiles.synthesis", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("profiles"), help="folder of the profile sets (default: profiles)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of every draw (default: {SEED})")
    options = parser.parse_args(arguments)
    sets = {"chifeng": chifeng(options.seed), "starter": starter(options.seed)}
    for name, profiles in sets.items():
        write(profiles, options.out / name, options.seed)
    results = results_markdown(sets)
    sys.stdout.write(results)
    readme = options.out / "README.md"
    if readme.exists():
        before, _, rest = readme.read_text(encoding="utf-8").partition(RESULTS_BEGIN)
        after = rest.partition(RESULTS_END)[2]
        readme.write_text(f"{before}{RESULTS_BEGIN}\n{results}\n{RESULTS_END}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
