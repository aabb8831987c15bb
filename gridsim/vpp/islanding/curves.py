"""Survival told in curves and tables: by duration, season and hour of the day; unserved energy by tier; what ended it. Plain records only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.islanding.island import Island
    from gridsim.vpp.islanding.survive import Survival

    Floats = NDArray[np.float64]

SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
"""Months of each season."""


def survival_share(survival: Survival, durations_hours: ArrayLike, among: NDArray[np.bool_] | None = None) -> Floats:
    """Share of starts whose critical loads last at least so long.

    A start counts where its data reach as far as the duration, whether it fails before or not: leaving out only those that have not failed would be unfair.

    Parameters
    ----------
    durations_hours : array, shape (D,)
        [h]
    among : array of bool, shape (T,), optional
        Starts to look at.

    Returns
    -------
    array, shape (D,)
        NaN where no start reaches the duration. [1]
    """
    among = np.ones(survival.hours.size, dtype=bool) if among is None else among
    hours, known = survival.hours[among], survival.known_hours[among]
    shares = []
    for duration in np.asarray(durations_hours, float):
        counts = known >= duration - 1e-9
        shares.append(float(np.mean(hours[counts] >= duration - 1e-9)) if counts.any() else np.nan)
    return np.array(shares)


def groups(time: TimeAxis) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Return the starts by season, month and hour of the day; empty groups are left out."""
    tables = {
        "season": {name: np.isin(time.month, months) for name, months in SEASONS.items()},
        "month": {f"{month:02d}": time.month == month for month in range(1, 13)},
        "hour_of_day": {f"{hour:02d}": np.floor(time.hour_of_day) == hour for hour in range(24)},
    }
    return {by: {name: where for name, where in table.items() if where.any()} for by, table in tables.items()}


def expected_unserved(survival: Survival) -> dict[str, dict[str, Floats]]:
    """Mean over the starts, by tier: demand, unserved energy and its share for a loss of each duration. Each shape (D,). [MWh], [MWh], [1]"""
    table = {}
    for tier, short in survival.unserved_mwh.items():
        counts = ~np.isnan(short)
        number = np.maximum(counts.sum(axis=1), 1)
        unserved = np.where(counts.any(axis=1), np.where(counts, short, 0.0).sum(axis=1) / number, np.nan)
        asked = np.where(counts.any(axis=1), np.where(counts, survival.demand_mwh[tier], 0.0).sum(axis=1) / number, np.nan)
        share = np.divide(unserved, asked, out=np.zeros_like(asked), where=asked > 0)
        table[tier] = {"demand_mwh": asked, "unserved_mwh": unserved, "unserved_share": np.where(np.isnan(asked), np.nan, share)}
    return table


def survival_record(island: Island, survival: Survival) -> dict[str, Any]:
    """Return everything a page shows of one island, as numbers and lists.

    ``hours`` holds a value a start; ``curve`` a value an hour of duration up to the longest that any start is known for.
    """
    longest = float(survival.known_hours.max())
    durations = np.arange(0.0, longest + 1e-9, max(1.0, island.time.step_hours))
    known = survival.durations_hours
    record: dict[str, Any] = {
        "island": island.name,
        "starts": int(survival.hours.size),
        "censored_starts": int(survival.censored.sum()),
        "hours_mean_at_least": float(survival.hours.mean()),
        "hours_median": float(np.median(survival.hours)),
        "hours_lowest": float(survival.hours.min()),
        "hours": survival.hours.tolist(),
        "curve": {"duration_hours": durations.tolist(), "share": survival_share(survival, durations).tolist()},
        "durations_hours": known.tolist(),
        "share_at_durations": survival_share(survival, known).tolist(),
        "causes": dict(Counter(survival.cause.tolist()).most_common()),
        "unserved": {tier: {key: values.tolist() for key, values in row.items()} for tier, row in expected_unserved(survival).items()},
    }
    for by, table in groups(island.time).items():
        record[f"by_{by}"] = {
            name: {
                "starts": int(where.sum()),
                "hours_mean_at_least": float(survival.hours[where].mean()),
                "share_at_durations": survival_share(survival, known, where).tolist(),
                "curve": survival_share(survival, durations, where).tolist() if by == "season" else [],
            }
            for name, where in table.items()
        }
    return record
