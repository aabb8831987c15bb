"""Numbers as text: thousands separated, rounded to what a reader can use; and the unit that stands in a key."""

from __future__ import annotations

import math

SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
MOST_DECIMALS = 4

SUFFIXES = (
    ("cny_per_mwh", "CNY/MWh"),
    ("cny_per_kg", "CNY/kg"),
    ("cny_per_t", "CNY/t"),
    ("kwh_per_kg", "kWh/kg"),
    ("kwh_per_t", "kWh/t"),
    ("kg_per_mwh", "kg/MWh"),
    ("t_per_h", "t/h"),
    ("kg_per_h", "kg/h"),
    ("mwh_th", "MWh_th"),
    ("mw_th", "MW_th"),
    ("mwh", "MWh"),
    ("mw", "MW"),
    ("tco2", "tCO2"),
    ("kg", "kg"),
    ("t", "t"),
    ("cny", "CNY"),
    ("hours", "h"),
    ("hours_used", "h"),
    ("seconds", "s"),
    ("pu", "pu"),
    ("bar", "bar"),
    ("km", "km"),
)


def unit_of(key: str) -> str:
    """Return the unit that stands at the end of a key; ``1`` where there is none.

    Examples
    --------
    >>> unit_of("wind_1.energy_mwh"), unit_of("specific_energy_kwh_per_kg"), unit_of("green_share"), unit_of("full_load_hours")
    ('MWh', 'kWh/kg', '1', 'h')
    """
    word = key.rpartition(".")[2]
    return next((unit for suffix, unit in SUFFIXES if word == suffix or word.endswith(f"_{suffix}")), "1")


def number(value: float, digits: int = 3) -> str:
    """Return a number with at least ``digits`` significant digits, all digits before the point, and commas between thousands.

    Examples
    --------
    >>> number(252602.7), number(51.906), number(0.04996), number(0), number(1e-14), number(3113.6), number(2e-6)
    ('252,603', '51.9', '0.0500', '0', '0', '3,114', '<0.0001')
    """
    if not math.isfinite(value):
        return "\N{EN DASH}"
    if abs(value) < 1e-9:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value)) + 1e-12))
    text = f"{abs(value):,.{min(decimals, MOST_DECIMALS)}f}"
    if not any(digit in text for digit in "123456789"):
        text = f"<{10.0**-MOST_DECIMALS:g}"
    return MINUS + text if value < 0 else text


def scientific(value: float) -> str:
    """Return a residual.

    Examples
    --------
    >>> scientific(2.629e-13), scientific(0.0), scientific(12.0)
    ('2.6e-13', '0', '12.0')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return number(value)
    return f"{value:.1e}"


def percent(share: float) -> str:
    r"""Return a share as per cent.

    Examples
    --------
    >>> percent(0.77223), percent(0.0), percent(0.00042)
    ('77.2\xa0%', '0\xa0%', '0.042\xa0%')
    """
    points = 100.0 * share
    if abs(points) < 1e-7:
        return f"0{SPACE}%"
    return f"{number(points, 2) if abs(points) < 1 else format(points, '.1f').replace('-', MINUS)}{SPACE}%"


def energy_scale(largest_mwh: float) -> tuple[float, str]:
    """Return how many MWh the unit has that suits amounts up to ``largest_mwh``, and its name."""
    return (1e3, "GWh") if abs(largest_mwh) >= 1e4 else (1.0, "MWh")


def energy(mwh: float) -> str:
    r"""Return an energy with its unit.

    Examples
    --------
    >>> energy(55436.4), energy(9.31)
    ('55.4\xa0GWh', '9.31\xa0MWh')
    """
    factor, unit = energy_scale(mwh)
    return f"{number(mwh / factor)}{SPACE}{unit}"


def mass(kg: float) -> str:
    r"""Return a mass in kg, t or kt, with its unit.

    Examples
    --------
    >>> mass(1.2e6), mass(4.0e8), mass(53.0)
    ('1,200\xa0t', '400\xa0kt', '53.0\xa0kg')
    """
    for factor, unit in ((1e6, "kt"), (1e3, "t")):
        if abs(kg) >= 1e1 * factor:
            return f"{number(kg / factor)}{SPACE}{unit}"
    return f"{number(kg)}{SPACE}kg"
