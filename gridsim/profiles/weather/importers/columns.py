"""Headers of weather tables: which quantity a name means, in which unit, and how high the wind was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

IRRADIANCE, TEMPERATURE, SPEED, PRESSURE, HUMIDITY = "irradiance", "temperature", "speed", "pressure", "humidity"

KINDS = {
    "ghi_w_per_m2": IRRADIANCE,
    "dni_w_per_m2": IRRADIANCE,
    "dhi_w_per_m2": IRRADIANCE,
    "temperature_degc": TEMPERATURE,
    "wind_speed_m_per_s": SPEED,
    "pressure_pa": PRESSURE,
    "relative_humidity": HUMIDITY,
}

NAMES = {
    "ghi_w_per_m2": "ghi g_h gh global_horizontal_irradiance global_horizontal_radiation global_irradiance global_radiation shortwave_radiation "
    "solar_radiation irradiance_global allsky_sfc_sw_dwn ssrd glohorrad 总辐射 水平面总辐射 水平总辐射 总辐照度 水平面总辐照度 太阳总辐射 总辐射强度",
    "dni_w_per_m2": "dni gb_n gbn direct_normal_irradiance direct_normal_radiation beam_normal_irradiance allsky_sfc_sw_dni dirnorrad "
    "法向直接辐射 法向直射辐射 法向直接辐照度 直接法向辐射 直射辐射 法向直射",
    "dhi_w_per_m2": "dhi gd_h gdh diffuse_horizontal_irradiance diffuse_horizontal_radiation diffuse_irradiance diffuse_radiation allsky_sfc_sw_diff "
    "difhorrad 散射辐射 水平面散射辐射 水平散射辐射 散射辐照度 水平面散射辐照度",
    "temperature_degc": "temperature temp air_temperature temp_air ambient_temperature temperature_air t2m ta tair dry_bulb dry_bulb_temperature tdry t_2m "
    "气温 温度 环境温度 空气温度 干球温度 室外温度",
    "wind_speed_m_per_s": "wind_speed windspeed wind ws wspd wind_velocity v_wind wind_spd 风速 平均风速",
    "pressure_pa": "pressure air_pressure surface_pressure station_pressure atmospheric_pressure sp ps p_air 气压 大气压 大气压力 地面气压",
    "relative_humidity": "relative_humidity humidity rh rhum rh2m relhum 相对湿度 湿度 空气湿度",
}

_SQUARE_METRE = ("_m2", "_per_m2", "m2", "_m_2", "_sqm", "_平方米")
_ENERGY = {"wh": 3600.0, "kwh": 3.6e6, "j": 1.0, "kj": 1e3, "mj": 1e6, "兆焦": 1e6}
_POWER = {"w": 1.0, "kw": 1e3, "瓦": 1.0, "千瓦": 1e3}


@dataclass(frozen=True)
class Unit:
    """Value in the canonical unit = scale × value + offset; an energy is also divided by the seconds of a step."""

    scale: float
    offset: float = 0.0
    per_step: bool = False


UNITS: dict[str, dict[str, Unit]] = {
    IRRADIANCE: {power + area: Unit(factor) for power, factor in _POWER.items() for area in _SQUARE_METRE}
    | {energy + area: Unit(factor, per_step=True) for energy, factor in _ENERGY.items() for area in _SQUARE_METRE},
    TEMPERATURE: dict.fromkeys(("c", "degc", "deg_c", "celsius", "degree_celsius", "摄氏度", "度"), Unit(1.0))
    | dict.fromkeys(("k", "kelvin"), Unit(1.0, -273.15))
    | dict.fromkeys(("f", "degf", "deg_f", "fahrenheit"), Unit(1.0 / 1.8, -32.0 / 1.8)),
    SPEED: dict.fromkeys(("m_s", "ms", "m_per_s", "mps", "m_s_1", "米_秒"), Unit(1.0))
    | dict.fromkeys(("km_h", "kmh", "kph", "km_per_h"), Unit(1.0 / 3.6))
    | dict.fromkeys(("kn", "kt", "knots", "knot"), Unit(1852.0 / 3600.0))
    | dict.fromkeys(("mph",), Unit(1609.344 / 3600.0)),
    PRESSURE: dict.fromkeys(("pa", "帕"), Unit(1.0))
    | dict.fromkeys(("hpa", "mbar", "mb", "百帕"), Unit(100.0))
    | dict.fromkeys(("kpa", "千帕"), Unit(1000.0))
    | dict.fromkeys(("bar",), Unit(1e5)),
    HUMIDITY: dict.fromkeys(("%", "percent", "pct", "百分比"), Unit(0.01)) | dict.fromkeys(("1", "share", "fraction", "0_1", "pu"), Unit(1.0)),
}

_LOOKUP = {name: quantity for quantity, names in NAMES.items() for name in names.split()} | {quantity: quantity for quantity in NAMES}
_HEIGHT = re.compile(r"(?<![0-9])(\d{1,3})_?(?:metres|meters|m|米)(?![a-z0-9])")


@dataclass(frozen=True)
class Header:
    """What a header means."""

    quantity: str
    unit: Unit | None
    """None where the header names none."""
    height_m: float | None = None


def header_key(text: str) -> str:
    """Header or unit as a key: lower case, powers flat, everything else joined by underscores; the percent sign stays.

    Examples
    --------
    >>> header_key("GHI [W/m²]"), header_key("temperature_C"), header_key("RHum (%)")
    ('ghi_w_m2', 'temperature_c', 'rhum_%')
    """
    flat = text.strip().lower().replace("²", "2").replace("㎡", "m2").replace("℃", "c").replace("**", "").replace("m^", "m")
    return re.sub(r"[^0-9a-z%一-鿿]+", "_", flat).strip("_")


def header(text: str) -> Header | None:
    """Return what a header means, or None where it means no quantity of a weather table.

    Examples
    --------
    >>> header("水平面总辐射(kW/m²)").unit.scale, header("wind_speed_100m (m/s)").height_m, header("wind_speed_m_s").height_m
    (1000.0, 100.0, None)
    """
    key = header_key(text)
    if key in KINDS:
        return Header(key, Unit(1.0))
    splits: list[tuple[str, str | None, Unit | None]] = [(key, None, None)]
    for measure, units in UNITS.items():
        splits += [(key[: -len(unit)].rstrip("_"), measure, value) for unit, value in units.items() if key.endswith(f"_{unit}")]
        splits += [(key[: -len(unit)], measure, value) for unit, value in units.items() if key.endswith(unit) and key[: -len(unit)][-1:] > "一"]
    for name, kind, unit in sorted(splits, key=lambda split: len(split[0])):
        for bare, height in ((name, None), _without_height(name)):
            quantity = _LOOKUP.get(bare)
            if quantity is not None and kind in (None, KINDS[quantity]) and (height in (None, 2.0) or quantity == "wind_speed_m_per_s"):
                return Header(quantity, unit, height)
    return None


def _without_height(name: str) -> tuple[str, float | None]:
    match = _HEIGHT.search(name)
    if match is None:
        return name, None
    rest = re.sub("_+", "_", name[: match.start()] + "_" + name[match.end() :]).strip("_")
    return re.sub(r"_at$", "", rest), float(match[1])


def unit_named(quantity: str, text: str) -> Unit | None:
    """Return the unit that a user names for a quantity, or None where it is not one of its kind."""
    return UNITS[KINDS[quantity]].get(header_key(text))


def known_units(quantity: str) -> str:
    """Name the units of a quantity, one spelling each."""
    spelled = {
        IRRADIANCE: "W/m2, kW/m2, Wh/m2, kWh/m2, J/m2, kJ/m2, MJ/m2",
        TEMPERATURE: "degC, K, degF",
        SPEED: "m/s, km/h, kn, mph",
        PRESSURE: "Pa, hPa, kPa, bar",
        HUMIDITY: "%, 1",
    }
    return spelled[KINDS[quantity]]


def chosen(headers: list[str], columns: Mapping[str, str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Choose a column for each quantity: the one that the user names, else the first, of several winds the highest.

    Returns
    -------
    dict, dict
        Column of each quantity, and the columns that were left aside for it.
    """
    candidates: dict[str, list[str]] = {}
    for text in headers:
        meaning = header(text)
        if meaning is not None:
            candidates.setdefault(meaning.quantity, []).append(text)
    choice, aside = {}, {}
    for quantity in KINDS:
        names = candidates.get(quantity, [])
        if quantity in columns:
            choice[quantity] = columns[quantity]
        elif names:
            choice[quantity] = max(names, key=_height_of) if quantity == "wind_speed_m_per_s" else names[0]
        if len(names) > 1 and quantity not in columns:
            aside[quantity] = [name for name in names if name != choice[quantity]]
    return choice, aside


def _height_of(text: str) -> float:
    meaning = header(text)
    return (meaning.height_m or 0.0) if meaning else 0.0
