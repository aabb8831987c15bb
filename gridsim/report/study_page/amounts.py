"""How numbers of a study are written: money in the language's large unit, shares as per cent, energies and masses in a unit that suits them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from gridsim.report.numbers import MINUS, SPACE, energy_scale, number, unit_of

SHARE = re.compile(r"(^|_)(share|shares|ratio|rate|gap|efficiency|excess)(_|$)")
UNITS = {
    **{"cny": "CNY", "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "kw": "kW", "mw": "MW", "mva": "MVA", "kv": "kV", "kg": "kg", "t": "t", "h": "h"},
    **{"m3": "m³", "km": "km", "bar": "bar", "years": "a", "year": "a", "hours": "h", "seconds": "s", "s": "s", "hz": "Hz", "degc": "°C", "hour": "h"},
}
UNIT_WITHIN = {
    **dict.fromkeys(("full_load_hours", "hours_mean_at_least", "hours_median", "hours_lowest"), "h"),
    **dict.fromkeys(("hours_with_load_shedding", "hours_with_critical_load_shed"), "h"),
    **{"lowest_nadir_hz_of_islands_kept": "Hz", "offered_mw_h": "MW h", "income_cny_per_mw_year": "CNY/(MW a)"},
}
"""Of figures whose name does not end with their unit."""
NAME_FROM = re.compile(r"\.(?!\d)")
"""A point behind which another name begins, not the decimals of a number."""
DIGITS = 4


@dataclass(frozen=True)
class Amount:
    """What numbers are divided by before they are shown, and the unit they then have."""

    factor: float
    unit: str
    exactly: bool = False
    """Written as a user wrote it, not rounded."""

    def scaled(self, value: float) -> float | None:
        """Return a number for a drawing; None for what is missing."""
        return float(f"{value / self.factor:.6g}") if math.isfinite(value) else None

    def bare(self, value: float) -> str:
        """Return the number without its unit."""
        if not math.isfinite(value):
            return ""
        if self.exactly:
            return f"{value / self.factor:,.6g}".replace("-", MINUS)
        return number(value / self.factor, DIGITS)

    def text(self, value: float) -> str:
        """Return the number with its unit."""
        bare = self.bare(value)
        return f"{bare}{SPACE}{self.unit}" if bare and self.unit else bare

    def gained(self, value: float) -> str:
        """Return a difference with its sign and unit."""
        return f"+{self.text(value)}" if value > 0 else self.text(value)


def amount_of(column: str, largest: float, money: tuple[float, str], *, field: bool, exactly: bool = False) -> Amount:
    r"""Return how the numbers of a column are written.

    Parameters
    ----------
    column : str
        Figure, varied path or capacity; its unit stands at its end.
    largest : float
        Of its amounts, by which energies and masses take their unit.
    money : (float, str)
        CNY of the large unit of money, and its name.
    field : bool
        Whether it is a field of the park, which keeps the unit that its author wrote.
    exactly : bool
        Whether its numbers were set, and are written as they were.

    Examples
    --------
    >>> amount_of("green_share", 0.8, (1e6, "million CNY"), field=False).text(0.8329)
    '83.29\xa0%'
    >>> amount_of("technologies.battery_1.capital_cost_cny_per_kwh", 600.0, (1e6, "million CNY"), field=True, exactly=True).text(600.0)
    '600\xa0CNY/kWh'
    """
    word = NAME_FROM.split(column)[-1]
    if word in UNIT_WITHIN:
        return Amount(1.0, UNIT_WITHIN[word])
    if rate := re.search(r"([a-z0-9]+)_per_([a-z0-9]+)$", word):
        above, below = (UNITS.get(part, part) for part in rate.groups())
        return Amount(1.0, f"{above}/{below}", exactly=exactly)
    if SHARE.search(word):
        return Amount(0.01, "%", exactly=exactly)
    unit = unit_of(word)
    if field:
        return Amount(1.0, UNITS.get(word.rpartition("_")[2], "" if unit == "1" else unit), exactly=exactly)
    if unit == "CNY":
        return Amount(*money)
    if unit == "MWh":
        return Amount(*energy_scale(largest))
    if unit == "kg" and largest >= 1e4:
        return Amount(1e3, "t")
    return Amount(1.0, "" if unit == "1" else unit)
