"""A place under the sky."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """Where a plant or a measurement stands."""

    latitude_deg: float
    """North positive. [deg]"""
    longitude_deg: float
    """East positive. [deg]"""
    altitude_m: float
    """Above sea level. [m]"""
