"""From the draft's rows to a plain `pypsa.Network`, in one addition a kind of component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.park.sections import CARRIER_UNIT

if TYPE_CHECKING:
    import pypsa

    from gridsim.technologies.draft import Component, NetworkDraft


def make_network(draft: NetworkDraft) -> pypsa.Network:
    """Return the network of a draft.

    Buses, Generators, Links, Stores and Loads carry PyPSA's attribute names; equations that PyPSA lacks are in ``draft.requests`` and enter
    the linopy model only (`gridsim.dispatch.model`).
    """
    import pandas as pd
    import pypsa

    time = draft.park.time
    network = pypsa.Network(name=draft.park.name)
    snapshots = pd.DatetimeIndex(time.stamps.astype("datetime64[ns]"), name="snapshot")
    network.set_snapshots(snapshots)
    network.snapshot_weightings[:] = time.step_hours
    carriers = sorted({*draft.buses.values(), *(c.get("carrier", c.role) for c in draft.components.values())})
    network.add("Carrier", carriers)
    units = [CARRIER_UNIT.get(carrier, "MW") for carrier in draft.buses.values()]
    network.add("Bus", list(draft.buses), carrier=list(draft.buses.values()), unit=units)
    for kind in ("Generator", "Link", "Store", "Load"):
        rows = [component for component in draft.components.values() if component.kind == kind]
        if rows:
            _add(network, kind, rows, snapshots)
    return network


def _add(network: pypsa.Network, kind: str, rows: list[Component], snapshots: Any) -> None:
    import pandas as pd

    names = [row.name for row in rows]
    attributes = dict.fromkeys(key for row in rows for key in row.attributes)
    static: dict[str, list[Any]] = {"carrier": [row.get("carrier", row.role) for row in rows]}
    series: dict[str, dict[str, np.ndarray]] = {}
    for attribute in attributes:
        if attribute == "carrier":
            continue
        values = [row.get(attribute) for row in rows]
        varying = {name: value for name, value in zip(names, values, strict=True) if isinstance(value, np.ndarray)}
        if varying:
            series[attribute] = varying
        if len(varying) < len(rows):
            static[attribute] = [_static(attribute, value) for value in values]
    network.add(kind, names, **static)
    dynamic = network.c[kind].dynamic
    for attribute, columns in series.items():
        dynamic[attribute] = pd.DataFrame(columns, index=snapshots)
        dynamic[attribute].columns.name = "name"


def _static(attribute: str, value: Any) -> Any:
    """Return the value for the static table; what varies or is left out takes PyPSA's own default there."""
    if isinstance(value, np.ndarray) or value is None:
        if attribute.startswith("bus"):
            return ""
        return {"p_max_pu": 1.0, "e_max_pu": 1.0, "sign": 1.0, "efficiency": 1.0, "e_cyclic": False}.get(attribute, 0.0)
    return value
