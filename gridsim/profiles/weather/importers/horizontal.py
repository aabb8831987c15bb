"""Irradiance on the ground: the beam that closes global and diffuse, and small negative nights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.weather.finding import Finding, label

if TYPE_CHECKING:
    from gridsim.profiles.site import Site

IRRADIANCES = ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2")

BEAM_NOTE = "direct normal irradiance follows from global and diffuse and the sun's height"

NIGHT_OFFSET_W_PER_M2 = -15.0
"""Thermopile pyranometers read down to some −10 W/m2 under a clear night sky; judged limit beyond which it is no offset. [W/m2]"""

BEAM_ZENITH_LIMIT_DEG = 87.0
"""Nearer to the horizon the beam is a quotient of two small numbers; it is set to zero there. Judged. [deg]"""


def beam_w_per_m2(ghi: np.ndarray, dhi: np.ndarray, when: pd.DatetimeIndex, site: Site) -> np.ndarray:
    r"""Direct normal irradiance that closes :math:`G = B \cos z + D`, at most what comes from the sun.

    Parameters
    ----------
    ghi, dhi : array, shape (T,)
        Global and diffuse horizontal irradiance. [W/m2]
    when : DatetimeIndex, length T
        Aware instants at which the sun is looked up.
    site : Site
        Where it was measured.

    Returns
    -------
    array, shape (T,)
        Direct normal irradiance; zero where the sun is less than 3 deg high. [W/m2]
    """
    from pvlib import irradiance, solarposition

    zenith = solarposition.get_solarposition(when, site.latitude_deg, site.longitude_deg, altitude=site.altitude_m)["zenith"].to_numpy()
    cosine = np.cos(np.radians(zenith))
    high = zenith < BEAM_ZENITH_LIMIT_DEG
    beam = np.where(high, (ghi - dhi) / np.where(high, cosine, 1.0), 0.0)
    limited: np.ndarray = np.clip(beam, 0.0, irradiance.get_extra_radiation(when).to_numpy())
    return limited


def without_negative_nights(table: pd.DataFrame, findings: list[Finding], problems: list[Problem], shown: str) -> pd.DataFrame:
    """Set small negative irradiance to zero; refuse what no sensor offset explains."""
    table = table.copy()
    for name in table.columns.intersection(IRRADIANCES, sort=False):
        values = table[name].to_numpy(float)
        negative = np.flatnonzero(values < 0.0)
        if negative.size == 0:
            continue
        lowest, place = float(values[negative].min()), label(table.index[negative[0]])
        if lowest < NIGHT_OFFSET_W_PER_M2:
            beyond = np.flatnonzero(values < NIGHT_OFFSET_W_PER_M2)
            found = f"is as low as {lowest:.4g} W/m2; {beyond.size} steps are below {NIGHT_OFFSET_W_PER_M2:g}, first {label(table.index[beyond[0]])}"
            remedy = "irradiance is never negative beyond a sensor's night offset: check the sign, the column and fill values"
            problems.append(Problem(name, found, remedy, shown))
        else:
            found = f"{name}: {negative.size} small negative values (down to {lowest:.3g} W/m2) set to zero"
            findings.append(Finding("negative_irradiance", "note", found, "", int(negative.size), place))
            table[name] = np.maximum(values, 0.0)
        table[name] = table[name] + 0.0  # turns −0.0 into 0.0
    return table
