"""Tiny parks with a network: the tables are written as text, what a test leaves out is a star around one bus that the public grid holds.

Cables are short, so that a cable's current is what hangs behind it over the voltage, and one cable does not feel the other.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from gridsim.park.park import Park
from hand_solved.parks import tiny_park

CABLE = "CAB10-YJV22-3x300"
OHM_PER_KM = complex(0.0777, 0.0892)
RATED_KA = 0.495
RATED_MVA = np.sqrt(3.0) * 10.0 * RATED_KA
"""Of one cable at 10 kV: 8.574 MVA."""

CURVE_ENDS = (0.96, 1.0, 1.05, 1.09)


def wired_park(folder: Path, tables: dict[str, str], **park: Any) -> Park:
    """Return a `tiny_park` whose folder holds these network tables."""
    (folder / "distribution").mkdir(parents=True, exist_ok=True)
    for file, text in tables.items():
        (folder / "distribution" / f"{file}.csv").write_text(text, encoding="utf-8")
    return dataclasses.replace(tiny_park(**park), folder=folder)


def star(ends: dict[str, str], *, length_km: float = 0.1, limit: float = 0.5, low_pu: float = 0.9, vm_pu: float = 1.0, type_: str = CABLE) -> dict[str, str]:
    """Return the tables of a star: bus ``source`` and a cable of the same name to each bus, at which the assets hang (parted by spaces; power factor 1)."""
    lines = [f"{bus},source,{bus},{type_},{length_km},{limit}" for bus in ends]
    places = [f"{asset},{bus},1" for bus, assets in ends.items() for asset in assets.split()]
    return {
        "buses": "\n".join(["name,voltage_kv,min_vm_pu,max_vm_pu", *(f"{bus},10,{low_pu},1.1" for bus in ("source", *ends))]),
        "lines": "\n".join(["name,from_bus,to_bus,type,length_km,max_loading_share", *lines]),
        "sources": f"name,bus,vm_pu,short_circuit_mva,asset\npublic,source,{vm_pu},3000,grid\n",
        "connections": "\n".join(["asset,bus,share", *places]),
    }


def carried_mw(loading: float, *, length_km: float = 0.1, feeding_in: bool = False, vm_pu: float = 1.0) -> float:
    r"""Power at a power factor of 1 that loads a cable so far, by hand.

    .. math:: |V_1|^2 = (V_2 \pm R I)^2 + (X I)^2, \qquad P = \sqrt 3\, V_2 I
    """
    ka, ohm = loading * RATED_KA * np.sqrt(3.0), OHM_PER_KM * length_km
    across = np.sqrt((10.0 * vm_pu) ** 2 - (ohm.imag * ka) ** 2)
    return float((across + (ohm.real * ka if feeding_in else -ohm.real * ka)) * ka)
