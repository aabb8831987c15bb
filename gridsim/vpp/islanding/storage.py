"""What storage buys: the survival of critical loads against the energy and power of one store."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.islanding.curves import survival_share
from gridsim.vpp.islanding.survive import survive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridsim.vpp.islanding.island import Island, IslandStore
    from gridsim.vpp.islanding.section import IslandingSection


def scaled(store: IslandStore, energy_factor: float, power_factor: float) -> IslandStore:
    """Return the store with more or less energy and power; its level at each start keeps its share of full."""
    heat = store.heat
    if heat is not None:
        heat = dataclasses.replace(heat, level_max_mwh=heat.level_max_mwh * energy_factor, start_mwh=heat.start_mwh * energy_factor)
    return dataclasses.replace(
        store,
        charge_mw=store.charge_mw * power_factor,
        discharge_mw=store.discharge_mw * power_factor,
        charge_min_mw=store.charge_min_mw * power_factor,
        discharge_min_mw=store.discharge_min_mw * power_factor,
        level_min_mwh=store.level_min_mwh * energy_factor,
        level_max_mwh=store.level_max_mwh * energy_factor,
        start_mwh=store.start_mwh * energy_factor,
        holds_above_mwh=None if store.holds_above_mwh is None else store.holds_above_mwh * energy_factor,
        heat=heat,
    )


def what_storage_buys(
    island: Island,
    section: IslandingSection,
    store: str,
    *,
    energy_factors: Sequence[float] = (0.5, 1.0, 2.0, 4.0),
    power_factors: Sequence[float] = (1.0,),
) -> list[dict[str, float | list[float]]]:
    """Survival with one store scaled, a row for each pair of factors.

    The dispatch before the loss is not planned anew: a larger store starts at the same share of full as the one that is there. With more storage the park
    would also run differently, so this is the value at a given way of running.

    Returns
    -------
    list of dict
        ``energy_mwh`` (between empty and full), ``power_mw``, ``hours_mean_at_least``, ``hours_lowest``, ``outlast_share`` (of the starts, still alive where
        the horizon or the data ended; they count with that) and ``share_at_durations`` at the section's durations.
    """
    position = [one.name for one in island.stores].index(store)
    rows: list[dict[str, float | list[float]]] = []
    for power in power_factors:
        for energy in energy_factors:
            changed = scaled(island.stores[position], energy, power)
            stores = (*island.stores[:position], changed, *island.stores[position + 1 :])
            survival = survive(dataclasses.replace(island, stores=stores), section)
            rows.append(
                {
                    "energy_factor": energy,
                    "power_factor": power,
                    "energy_mwh": changed.level_max_mwh,
                    "power_mw": changed.discharge_mw,
                    "hours_mean_at_least": float(survival.hours.mean()),
                    "hours_lowest": float(survival.hours.min()),
                    "outlast_share": float(survival.censored.mean()),
                    "share_at_durations": survival_share(survival, np.array(section.durations_hours)).tolist(),
                }
            )
    return rows
