"""Turbines and modules by name: ``gridsim/data/turbines.csv``, ``gridsim/data/modules.csv``, curves that windpowerlib brings, curves of one's own.

Certainty as in ``defaults.csv``: V1 read in a primary text, V2 in a secondary copy, C computed from such, M recalled and not verified,
A an assumption of gridsim.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.profiles.conversion.power_curve import CP_MAX, synthetic_power_pu

DATA = Path(__file__).parents[2] / "data"
DEFAULT_TURBINE = "envision_en171_6500"
DEFAULT_MODULE = "jinko_jkm625n_78hl4_bdv"

OEDB = "oedb:"
"""Prefix of turbines that windpowerlib brings (Open Energy Database, supply.wind_turbine_library); used there, not copied."""

OEDB_RESTART_BELOW_M_PER_S = 3.0
"""Restart below cut-out of turbines whose library tells only the curve; judged. [m/s]"""

OEDB_MIN_OPERATING_DEGC = -20.0
"""Least operating temperature of the same: standard versions for Europe, recalled. [degC]"""

CURVE_STEP_M_PER_S = 0.25
CURVE_TOP_M_PER_S = 35.0


@dataclass(frozen=True)
class Turbine:
    """One type of turbine, with its power curve at standard air density and without its cut-out."""

    name: str
    rated_mw: float
    rotor_diameter_m: float
    hub_heights_m: tuple[float, ...]
    """Heights it is sold with; the first is the default. [m]"""
    cut_in_m_per_s: float
    cut_out_m_per_s: float
    restart_m_per_s: float
    """Comes back after a storm at or below. [m/s]"""
    min_operating_degc: float
    speeds_m_per_s: tuple[float, ...]
    power_pu: tuple[float, ...]
    """Power at each speed per rated power."""
    curve: str
    """Where the curve comes from; synthetic ones say so."""
    source: str = ""
    certainty: str = "A"

    @property
    def rated_m_per_s(self) -> float:
        """Speed at which the curve reaches 99 % of rated power. [m/s]"""
        return float(np.interp(0.99, np.maximum.accumulate(self.power_pu), self.speeds_m_per_s))


@dataclass(frozen=True)
class Module:
    """One type of solar module."""

    name: str
    power_w: float
    """At standard test conditions, front side. [W]"""
    efficiency: float
    """At standard test conditions. [0..1]"""
    power_per_kelvin: float
    """Change of power with cell temperature relative to 25 degC. [1/K]"""
    bifaciality: float
    """Rear power over front power under the same light; 0 for one-sided modules. [0..1]"""
    technology: str = ""
    source: str = ""
    certainty: str = "A"


def turbine_names() -> tuple[str, ...]:
    """Names of the turbines of the library, without those of windpowerlib."""
    return tuple(_rows("turbines.csv"))


def module_names() -> tuple[str, ...]:
    """Names of the modules of the library."""
    return tuple(_rows("modules.csv"))


@cache
def turbine(name: str) -> Turbine:
    """Return a turbine by name; ``oedb:V126/3450`` takes one with its published curve from windpowerlib.

    Raises
    ------
    DefinitionError
        If there is none of that name, with the nearest one that there is.

    Examples
    --------
    >>> turbine("goldwind_gwh191_6700").rated_mw
    6.7
    """
    if name.startswith(OEDB):
        return _oedb_turbine(name)
    row = _row("turbine", name)
    rated_mw, diameter_m, cut_in = float(row["rated_mw"]), float(row["rotor_diameter_m"]), float(row["cut_in_m_per_s"])
    speeds = np.arange(0.0, CURVE_TOP_M_PER_S + CURVE_STEP_M_PER_S, CURVE_STEP_M_PER_S)
    return Turbine(
        name,
        rated_mw,
        diameter_m,
        tuple(float(height) for height in row["hub_heights_m"].split(";")),
        cut_in,
        float(row["cut_out_m_per_s"]),
        float(row["restart_m_per_s"]),
        float(row["min_operating_degc"]),
        tuple(speeds.tolist()),
        tuple(synthetic_power_pu(speeds, rated_mw, diameter_m, cut_in).tolist()),
        f"synthetic, not published: constant power coefficient of {CP_MAX}, rounded by turbulence",
        f"{row['size_source']}; {row['limits_source']}",
        f"size {row['size_certainty']}, limits {row['limits_certainty']}, curve A",
    )


def module(name: str) -> Module:
    """Return a module by name.

    Raises
    ------
    DefinitionError
        If there is none of that name, with the nearest one that there is.

    Examples
    --------
    >>> module("jinko_jkm625n_78hl4_bdv").power_per_kelvin
    -0.0029
    """
    row = _row("module", name)
    return Module(
        name,
        float(row["power_w"]),
        float(row["efficiency"]),
        float(row["power_per_kelvin"]),
        float(row["bifaciality"]),
        row["technology"],
        row["source"],
        row["certainty"],
    )


def _row(kind: str, name: str) -> dict[str, str]:
    rows = _rows(f"{kind}s.csv")
    if name not in rows:
        raise DefinitionError(f"the {kind} library", [Problem(kind, f"'{name}' is not in the library", did_you_mean(name, rows))])
    return rows[name]


@cache
def _rows(file: str) -> dict[str, dict[str, str]]:
    text = (DATA / file).read_text(encoding="utf-8")
    return {row["name"]: row for row in csv.DictReader(text.splitlines())}


def _oedb_turbine(name: str) -> Turbine:
    """Return a turbine whose curve windpowerlib brings; read from its own files by its own class."""
    import pandas as pd
    import windpowerlib
    from windpowerlib.wind_turbine import WindTurbine

    wanted = name.removeprefix(OEDB)
    folder = Path(windpowerlib.__file__).parent / "oedb"
    known = pd.read_csv(folder / "turbine_data.csv", index_col="turbine_type")
    known = known[known["has_power_curve"].astype(bool)]
    if wanted not in known.index:
        raise DefinitionError("windpowerlib's turbine library", [Problem("turbine", f"'{wanted}' is not in it", did_you_mean(wanted, known.index))])
    heights = tuple(float(height) for height in re.findall(r"\d+(?:\.\d+)?", str(known.loc[wanted, "hub_height"]).replace(",", ".")))
    brought = WindTurbine(hub_height=1000.0, turbine_type=wanted)
    speeds = brought.power_curve["wind_speed"].to_numpy(dtype=float)
    power = brought.power_curve["value"].to_numpy(dtype=float) / brought.nominal_power
    running = np.flatnonzero(power > 0.0)
    speeds, power = speeds[: running[-1] + 1], power[: running[-1] + 1]
    return Turbine(
        name,
        brought.nominal_power / 1e6,
        float(known.loc[wanted, "rotor_diameter"]),
        heights or (100.0,),
        float(speeds[max(running[0] - 1, 0)]),
        float(speeds[-1]),
        float(speeds[-1]) - OEDB_RESTART_BELOW_M_PER_S,
        OEDB_MIN_OPERATING_DEGC,
        tuple(speeds.tolist()),
        tuple(power.tolist()),
        "published curve, Open Energy Database through windpowerlib",
        str(known.loc[wanted, "source"]),
        "size V2, limits M, curve V2",
    )
