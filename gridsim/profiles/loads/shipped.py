"""The loads of the shipped profile sets: which kinds they are, and what they are mixed of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.loads.kinds import kinds, labels, shipped_mixes
from gridsim.profiles.loads.request import LoadRequest
from gridsim.profiles.loads.series import load_series

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

BASE_MIX: dict[str, float] = shipped_mixes()["base_mix"]
"""Shares of the sum of peaks in the general load of the reference park: the many that are not listed one by one."""

STARTER_MIX: dict[str, float] = shipped_mixes()["starter_mix"]
"""Shares of the sum of peaks in the load of the starter park: light industry, one steady plant, one mill."""

COLUMNS: dict[str, dict[str, float]] = shipped_mixes()["columns"]
"""The kinds behind each column, in shares of the sum of their peaks."""


def all_loads_pu(starts: pd.DatetimeIndex, temperature_degc: NDArray[np.float64], seed: int, park: str) -> dict[str, NDArray[np.float64]]:
    """Every column of `COLUMNS`, each kind from its own stream of chance. [pu of their annual peaks]"""
    needed = {kind for mix in COLUMNS.values() for kind in mix}
    made = {}
    for kind in sorted(needed):
        request = LoadRequest(kind=kind, peak_mw=1.0, load_factor=kinds()[kind].load_factor, seed=seed)
        made[kind] = load_series(request, starts, temperature_degc, name=f"{park}/{kind}").power_mw
    return {column: mixed_load_pu(made, mix) for column, mix in COLUMNS.items()}


def mixed_load_pu(loads: Mapping[str, NDArray[np.float64]], shares: Mapping[str, float]) -> NDArray[np.float64]:
    """Sum of loads, each weighted by its share of the sum of peaks; peak 1. The load factor is a result. [pu of its peak]

    Examples
    --------
    >>> loads = {"day": np.array([1.0, 0.0]), "night": np.array([0.0, 1.0])}
    >>> mixed_load_pu(loads, {"day": 0.8, "night": 0.2}).tolist()
    [1.0, 0.25]
    """
    total: NDArray[np.float64] = np.sum([share * loads[name] for name, share in shares.items()], axis=0)
    total /= total.max()
    return total


def described(column: str) -> str:
    """What a column of `COLUMNS` is, as one line for ``profiles.yaml``."""
    return "; ".join(_described_kind(kind, share) for kind, share in COLUMNS[column].items())


def _described_kind(name: str, share: float) -> str:
    kind = kinds()[name]
    part = f"{share} of " if share != 1.0 else ""
    rhythm = "working days and Chinese public holidays" if kind.clock else "day and night"
    overhaul = "".join(f", overhaul of {entry.days} days from {entry.first_day}" for entry in kind.maintenance)
    return f"{part}{labels()[name]['en']}, {rhythm}, load factor {kind.load_factor}{overhaul}"
