"""Headers of metered tables: energy or power, active or reactive, absolute or per capacity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gridsim.errors import Problem, quoted

UNITS = {
    "wh": ("mw", 1e-6, True),
    "kwh": ("mw", 1e-3, True),
    "mwh": ("mw", 1.0, True),
    "gwh": ("mw", 1e3, True),
    "w": ("mw", 1e-6, False),
    "kw": ("mw", 1e-3, False),
    "mw": ("mw", 1.0, False),
    "gw": ("mw", 1e3, False),
    "varh": ("mvar", 1e-6, True),
    "kvarh": ("mvar", 1e-3, True),
    "mvarh": ("mvar", 1.0, True),
    "var": ("mvar", 1e-6, False),
    "kvar": ("mvar", 1e-3, False),
    "mvar": ("mvar", 1.0, False),
    "pu": ("pu", 1.0, False),
    "千瓦时": ("mw", 1e-3, True),
    "兆瓦时": ("mw", 1.0, True),
    "万千瓦时": ("mw", 10.0, True),
    "度": ("mw", 1e-3, True),
    "千瓦": ("mw", 1e-3, False),
    "兆瓦": ("mw", 1.0, False),
    "万千瓦": ("mw", 10.0, False),
    "千乏时": ("mvar", 1e-3, True),
    "千乏": ("mvar", 1e-3, False),
    "兆乏": ("mvar", 1.0, False),
}
"""Unit → unit of the result, factor, and whether it is an energy per step."""

PER_CAPACITY = re.compile(r"_?(?:[km]wh?)_(?:per_)?(?:rated_|installed_)?(?:[km]wp?)(?:_.*)?$")
"""Power or energy per capacity, such as ``kwh_per_kw`` or ``kw_rated_kw``; of an hour both are the same number."""

PLAIN_NAMES = frozenset(
    "energy usage consumption active_energy active_power power p demand electricity load_energy "
    "有功 有功电量 有功功率 电量 用电量 功率 负荷 正向有功 正向有功电量".split()
)
REACTIVE_NAMES = frozenset("reactive reactive_energy reactive_power q 无功 无功电量 无功功率".split())
LAGGING = re.compile(r"lag|induct|感性|滞后|正向无功")
LEADING = re.compile(r"lead|capac|容性|超前|反向无功")


@dataclass(frozen=True)
class Meaning:
    """What a column means: its result and how a number gets there."""

    result: str
    scale: float
    energy: bool = False
    """An energy per step, to be divided by its hours."""
    sign: float = 1.0


def key_of(text: str) -> str:
    """Header as a key: lower case, everything but letters and digits joined by underscores.

    Examples
    --------
    >>> key_of("PV Gen (kW/rated kW)")
    'pv_gen_kw_rated_kw'
    """
    return re.sub(r"[^0-9a-z一-鿿]+", "_", text.strip().lower()).strip("_")


def meaning(text: str) -> Meaning | None:
    """Return what a header means, or None where it names no unit of energy or power.

    Examples
    --------
    >>> meaning("energy_kwh").result, meaning("Site Load (kW)").result, meaning("pv_kwh_per_kw").result, meaning("leading_kvarh").sign
    ('power_mw', 'site_load_mw', 'pv_pu', -1.0)
    """
    key = key_of(text)
    per_capacity = PER_CAPACITY.search(key)
    if per_capacity:
        return Meaning(f"{key[: per_capacity.start()] or 'power'}_pu", 1.0)
    for unit in sorted(UNITS, key=len, reverse=True):
        if key == unit or key.endswith(f"_{unit}") or (unit > "一" and key.endswith(unit)):
            return _named(key[: -len(unit)].strip("_"), unit)
    return None


def _named(name: str, unit: str) -> Meaning:
    base, scale, energy = UNITS[unit]
    if base == "mvar":
        sign = -1.0 if LEADING.search(name) else 1.0
        plain = not name or name in REACTIVE_NAMES or LEADING.search(name) or LAGGING.search(name)
        return Meaning("reactive_power_mvar" if plain else f"{name}_mvar", scale, energy, sign)
    if base == "mw" and (not name or name in PLAIN_NAMES):
        return Meaning("power_mw", scale, energy)
    return Meaning(f"{name or 'power'}_{base}", scale, energy)


def meanings(headers: Iterable[str]) -> dict[str, Meaning]:
    """Return what each known column means; a result of several columns stands for their sum only where they lag and lead."""
    found: dict[str, Meaning] = {}
    results: set[str] = set()
    for text in headers:
        column = meaning(text)
        if column is None:
            continue
        if column.result in results and column.result != "reactive_power_mvar":
            stem, _, unit = column.result.rpartition("_")
            number = next(count for count in range(2, 10_000) if f"{stem}_{count}_{unit}" not in results)
            column = replace(column, result=f"{stem}_{number}_{unit}")
        results.add(column.result)
        found[text] = column
    return found


def by_result(columns: Mapping[str, str], units: Mapping[str, str], shown: str, problems: list[Problem]) -> dict[str, Meaning]:
    """Return what columns mean whose results the caller names."""
    found: dict[str, Meaning] = {}
    for result, name in columns.items():
        base = result.rpartition("_")[2]
        if base not in ("mw", "mvar", "pu"):
            problems.append(Problem(f"columns.{result}", "has no unit at its end", "results end in _mw, _mvar or _pu", shown))
            continue
        said = units.get(result)
        column = _named("", key_of(said)) if said is not None and key_of(said) in UNITS else meaning(name) if said is None else None
        if column is None:
            found_words = f"{quoted(said)} is not a unit" if said is not None else f"column '{name}' has no unit in its header"
            problems.append(Problem(f"units.{result}", found_words, f"write units={{'{result}': 'kWh'}}; known: kWh, MWh, kW, MW, kvarh, kvar, pu", shown))
        elif not column.result.endswith(f"_{base}"):
            problems.append(Problem(f"columns.{result}", f"column '{name}' is {column.result.rpartition('_')[2]}, not {base}", "choose another column", shown))
        else:
            found[name] = replace(column, result=result)
    return found
