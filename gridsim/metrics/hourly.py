"""The hour-by-hour table of a run: ``<name>:<quantity>`` columns, each with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.grid_connection import GridConnection
from gridsim.units import MWH_PER_KG_HYDROGEN

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.technologies.draft import Component

    Columns = dict[str, tuple[NDArray[np.float64], str]]

QUANTITY_OF_ROLE = {
    "renewable": "power",
    "import": "import",
    "export": "export",
    "fuel": "fuel",
    "unserved": "unserved",
    "missed": "missed",
    "reduction": "reduction",
    "increase": "increase",
    "process": "power",
    "auxiliary": "auxiliary",
    "product": "delivery",
    "load": "load",
}
"""What the flow of each role is called; the unit follows from its bus."""

UNIT_OF_CARRIER = {"hydrogen": ("kg_per_h", "kg/h", 1.0 / MWH_PER_KG_HYDROGEN), "ammonia": ("t_per_h", "t/h", 1.0), "heat": ("mw_th", "MW_th", 1.0)}


def hourly_table(dispatch: Dispatch, card: Scorecard) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return one row a snapshot, and the unit of each column.

    Columns: the scorecard's words as ``total:…``; every technology's flows, levels and own series; price and green share of each bus of the park file.
    """
    import pandas as pd

    columns: Columns = {f"total:{word}": (card.hour[word].to_numpy(), _unit_of(word)) for word in card.hour.columns}
    for component in dispatch.draft.components.values():
        columns |= _component(dispatch, component, columns)
        columns |= _electricity_beside(dispatch, component, columns)
        columns |= _heat_beside(dispatch, component, columns)
    for name, technology in dispatch.draft.park.technologies.items():
        columns |= {f"{name}:{quantity}": series for quantity, series in technology.series(name, dispatch).items()}
    columns |= _markets(dispatch)
    for bus in dispatch.draft.park.buses:
        if bus in dispatch.prices:
            columns[f"{bus}:price_cny_per_{_denominator(dispatch, bus)}"] = _price(dispatch, bus)
        columns[f"{bus}:green_share"] = (card.ledger.share_of_bus[bus], "1")
    frame = pd.DataFrame({name: series for name, (series, _) in columns.items()}, index=card.hour.index)
    return frame, {name: unit for name, (_, unit) in columns.items()}


def _component(dispatch: Dispatch, component: Component, present: Columns) -> Columns:
    """Columns of one component; parts of one technology with the same meaning are added up."""
    draft, name, flow = dispatch.draft, component.technology, dispatch.flows[component.name]
    result: Columns = {}

    def put(quantity: str, values: NDArray[np.float64], bus: str) -> None:
        suffix, unit, factor = UNIT_OF_CARRIER.get(draft.buses[bus], ("mw", "MW", 1.0))
        key = f"{name}:{quantity}_{suffix}"
        already = present[key][0] if key in present else 0.0
        result[key] = (values * factor + already, unit)

    if component.role in QUANTITY_OF_ROLE:
        put(QUANTITY_OF_ROLE[component.role], flow, component["bus"])
    if component.role == "renewable":
        put("available", draft.available(component), component["bus"])
        put("curtailed", np.maximum(draft.available(component) - flow, 0.0), component["bus"])
    elif component.role == "transport":
        back = "back_" if component.name.endswith(".back") else ""
        put(f"{back}sent", flow, component["bus0"])
        put(f"{back}received", component["efficiency"] * flow, component["bus1"])
    elif component.role == "charge":
        put("charge", flow, component["bus0"])
    elif component.role == "discharge":
        put("discharge", component["efficiency"] * flow, component["bus1"])
    elif component.role == "store" and draft.buses[component["bus"]] not in {"ammonia", "hydrogen in store"}:
        quantity = component.name.removeprefix(f"{name}.").removesuffix("store").strip("_")
        result[f"{name}:{quantity + '_' if quantity else ''}level_mwh"] = (dispatch.levels[component.name], "MWh")
    return result


def _electricity_beside(dispatch: Dispatch, component: Component, present: Columns) -> Columns:
    """What a synthesis, a compressor or a filling tank draws beside its main input."""
    draft, key = dispatch.draft, f"{component.technology}:power_mw"
    ports = draft.ports(component)[1:] if component.kind == "Link" else []
    drawn = [-np.asarray(factor) * dispatch.flows[component.name] for bus, factor in ports if draft.electric(bus) and np.all(np.asarray(factor) < 0)]
    already = present[key][0] if key in present else 0.0
    return {key: (sum(drawn) + already, "MW")} if drawn else {}


def _heat_beside(dispatch: Dispatch, component: Component, present: Columns) -> Columns:
    """Waste heat that a conversion gives to a heat bus, and heat that is let go there."""
    draft, flow = dispatch.draft, dispatch.flows[component.name]
    if component.role == "conversion":
        key, factors = f"{component.technology}:heat_mw_th", [factor for bus, factor in draft.ports(component)[2:] if draft.buses[bus] == "heat"]
    else:
        let_go = component.role == "spill" and draft.buses[component["bus"]] == "heat"
        key, factors = f"{component.technology}:heat_let_go_mw_th", [1.0] if let_go else []
    already = present[key][0] if key in present else 0.0
    return {key: (sum(np.asarray(factor) * flow for factor in factors) + already, "MW_th")} if factors else {}


def _markets(dispatch: Dispatch) -> Columns:
    park = dispatch.draft.park
    columns: Columns = {}
    for name, connection in park.of_type(GridConnection).items():
        tariff = park.tariffs[connection.tariff]
        columns[f"{name}:import_price_cny_per_mwh"] = (tariff.import_price_cny_per_mwh(park.time, park.profiles), "CNY/MWh")
        columns[f"{name}:export_price_cny_per_mwh"] = (tariff.export_price_at(park.time, park.profiles), "CNY/MWh")
    return columns


def _denominator(dispatch: Dispatch, bus: str) -> str:
    return {"hydrogen": "kg", "ammonia": "t"}.get(dispatch.draft.buses[bus], "mwh")


def _price(dispatch: Dispatch, bus: str) -> tuple[NDArray[np.float64], str]:
    unit = _denominator(dispatch, bus)
    factor = MWH_PER_KG_HYDROGEN if unit == "kg" else 1.0
    return dispatch.prices[bus] * factor, f"CNY/{unit.replace('mwh', 'MWh')}"


def _unit_of(word: str) -> str:
    for suffix, unit in (("_mw", "MW"), ("_kg_per_h", "kg/h"), ("_t_per_h", "t/h")):
        if word.endswith(suffix):
            return unit
    return "1"
