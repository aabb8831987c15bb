"""What came out of the shipped sets, as tables for ``profiles/README.md``: months, full-load hours, and likeness to measured years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.synthesis.parks import draw, power_pu, tables
from gridsim.profiles.synthesis.yardstick import BANDS, Band, measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.sets.write import ProfileTable
    from gridsim.profiles.synthesis.parks import ShippedSet
    from gridsim.profiles.weather.series import Weather

DRAWN_YEARS = 10
"""Years drawn beside the typical one, to see how they differ."""

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "year"]
SEASONS = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}


@dataclass(frozen=True)
class Made:
    """A shipped set with its weather, its tables and what it adds up to in other years."""

    plan: ShippedSet
    weather: Mapping[str, Weather]
    """Typical year of each place."""
    tables: Sequence[ProfileTable]
    measured: Mapping[str, dict[str, float]]
    """Quantities of ``BANDS`` for each wind series in the typical year."""
    measured_years: Mapping[str, dict[str, NDArray[np.float64]]]
    """The same in each drawn year."""
    energy_h: Mapping[str, NDArray[np.float64]]
    """Full-load hours of each series in each drawn year. [h]"""


def make(name: str, plan: ShippedSet, seed: int) -> Made:
    """Draw a set's typical year and ``DRAWN_YEARS`` others, and measure them."""
    drawn = draw(plan, seed, 1 + DRAWN_YEARS)
    powers = [power_pu(plan, {place: years[number] for place, years in drawn.items()}) for number in range(1 + DRAWN_YEARS)]
    found = {wind: [measure(power[wind], power[sun]) for power in powers] for wind, sun in plan.compared}
    weather = {place: years[0] for place, years in drawn.items()}
    return Made(
        plan=plan,
        weather=weather,
        tables=tables(name, plan, weather, seed),
        measured={wind: years[0] for wind, years in found.items()},
        measured_years={wind: {key: np.array([year[key] for year in years[1:]]) for key in BANDS} for wind, years in found.items()},
        energy_h={series: np.array([power[series].sum() for power in powers[1:]]) for series in powers[0]},
    )


def results_markdown(made: Mapping[str, Made]) -> str:
    """Every table of the results, one after the other."""
    return "\n".join([_ghi(made), _temperature(made), _generation(made), _likeness(made), _loads(made)])


def monthly(series: pd.Series, how: str) -> NDArray[np.float64]:
    """Monthly sums or means of an hourly series. Shape (12,)."""
    values: NDArray[np.float64] = series.groupby(series.index.month).agg(how).to_numpy()
    return values


def _ghi(made: Mapping[str, Made]) -> str:
    rows = []
    for folder, name, climate, table in _places(made):
        sums = monthly(table["ghi_w_per_m2"], "sum") / 1000.0
        target = np.array(climate)
        rows.append([f"{folder}: {name}", *(f"{value:.0f}" for value in sums), f"{sums.sum():.0f}", f"{100 * np.abs(sums / target - 1).max():.2f} %"])
    facts = next(iter(made.values())).plan.climates["park"].monthly_ghi_kwh_per_m2
    rows.insert(0, ["climatology", *(f"{value:.0f}" for value in facts), f"{sum(facts):.0f}", ""])
    return _table(["GHI, kWh/m2", *MONTHS, "furthest month"], rows)


def _temperature(made: Mapping[str, Made]) -> str:
    rows = []
    facts = next(iter(made.values())).plan.climates["park"].monthly_temperature_degc
    for folder, name, _, table in _places(made):
        means = monthly(table["temperature_degc"], "mean")
        year = f"{table['temperature_degc'].mean():.1f}"
        rows.append([f"{folder}: {name}", *(f"{value:.1f}" for value in means), year, f"{np.abs(means - facts).max():.2f} K"])
    rows.insert(0, ["climatology", *(f"{value:.1f}" for value in facts), f"{np.mean(facts):.1f}", ""])
    return _table(["temperature, degC", *MONTHS, "furthest month"], rows)


def _places(made: Mapping[str, Made]) -> Iterable[tuple[str, str, tuple[float, ...], pd.DataFrame]]:
    for folder, result in made.items():
        for name, weather in result.weather.items():
            yield folder, name, result.plan.climates[name].monthly_ghi_kwh_per_m2, weather.table


def _generation(made: Mapping[str, Made]) -> str:
    rows = []
    for folder, result in made.items():
        for table in result.tables:
            for name in (column for column in table.table if table.columns[column].of in ("rated power", "AC capacity")):
                series, others = table.table[name], result.energy_h[name]
                seasons = [f"{series[series.index.month.isin(inside)].mean():.2f}" for inside in SEASONS.values()]
                basis = table.columns[name].of if name in result.plan.winds else f"{table.columns[name].of}, DC/AC {result.plan.suns[name][1].dc_per_ac:g}"
                years = [f"{others.mean():.0f}", f"{others.min():.0f}-{others.max():.0f}", f"{100 * others.std(ddof=1) / others.mean():.1f} %"]
                rows.append([f"{folder}: {name}", basis, f"{series.sum():.0f}", *seasons, f"{series.max():.2f}", *years])
    header = ["generation", "per", "full-load hours", *SEASONS, "largest", f"{DRAWN_YEARS} drawn years: mean", "least and most", "spread"]
    return _table(header, rows, text_columns=2)


def _likeness(made: Mapping[str, Made]) -> str:
    found = {f"{folder}: {wind}": (result.measured[wind], result.measured_years[wind]) for folder, result in made.items() for wind in result.measured}
    rows = []
    for key, band in BANDS.items():
        show = f"{{:.{band.decimals}f}}".format
        cells = [f"{_judged(band, typical[key])} ({_judged(band, float(years[key].mean()))})" for typical, years in found.values()]
        rows.append([band.words, show(band.inner_mongolia), show(band.dresden), f"{show(band.low)}-{show(band.high)}", *cells])
    return _table(["typical year, within the band? (mean of ten drawn years)", "Inner Mongolia", "Dresden", "band", *found], rows)


def _judged(band: Band, value: float) -> str:
    return f"{value:.{band.decimals}f} {'yes' if band.holds(value) else '**no**'}"


def _loads(made: Mapping[str, Made]) -> str:
    rows = [
        [f"{folder}: {name}", f"{table.table[name].mean():.3f}", f"{table.table[name].min():.2f}", f"{table.table[name].diff().std():.3f}"]
        for folder, result in made.items()
        for table in result.tables
        for name in table.table
        if table.columns[name].of == "annual peak"
    ]
    return _table(["load", "load factor", "least", "hourly change"], rows)


def _table(header: list[str], rows: list[list[str]], text_columns: int = 1) -> str:
    rule = ["---"] * text_columns + ["---:"] * (len(header) - text_columns)
    return "".join(f"| {' | '.join(line)} |\n" for line in [header, rule, *rows])
