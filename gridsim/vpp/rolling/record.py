"""An operation as figures, as a record that a page reads, and as columns of the hourly table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.vpp.forecast.kinds import kinds
from gridsim.vpp.forecast.scores import scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.vpp.rolling.of_park import OperatedPark

SCORED_HOURS = (1.0, 4.0, 12.0, 24.0, 48.0)
"""Leads at which the record gives a forecast's error. [h]"""

Column = tuple["NDArray[np.float64]", str]


def operation_figures(operated: OperatedPark) -> dict[str, float]:
    """Return the figures of an operation, keys with units."""
    wires = {} if operated.wires is None else operated.wires.figures()
    return {f"operation.{name}": value for name, value in (operated.regret.figures() | wires).items()}


def operation_record(operated: OperatedPark) -> dict[str, Any]:
    """Return what a page shows: settings, figures, what could not be kept, errors of the forecasts by lead."""
    found, section = operated.regret.operated, operated.section
    return {
        "settings": section.model_dump(exclude={"note"}),
        "figures": operated.regret.figures(),
        "broken": [
            {"first": window.first, "at": found.dispatch.time.label(window.first), "what": what, "by": by}
            for window in found.broken
            for what, by in window.broken
        ],
        "behind": sorted({what for window in found.windows for what, _ in window.behind}),
        "largest_gap": max((window.gap for window in found.windows), default=0.0),
        "seconds": found.seconds,
        "forecasts": _errors(operated),
        "wires": None if operated.wires is None else operated.wires.record(),
        "notes": list(operated.forecasts.notes),
    }


def operation_hourly(operated: OperatedPark) -> dict[str, Column]:
    """Return what was planned a day ahead, what was done, alone and within the wires, and what the optimum would have done at the connections, and levels."""
    found, perfect = operated.regret.operated, operated.regret.perfect
    done = {"operated": found.dispatch, "perfect": perfect}
    if operated.wires is not None and operated.wires.operated is not found:
        done["within_wires"] = operated.wires.operated.dispatch
    columns: dict[str, Column] = {}
    for component in found.dispatch.draft.having("import", "export"):
        columns[f"{component.name}:planned_mw"] = found.planned[component.name], "MW"
        columns |= {f"{component.name}:{way}_mw": (dispatch.flows[component.name], "MW") for way, dispatch in done.items()}
    for store in found.dispatch.draft.having("store"):
        columns |= {f"{store.name}:{way}_level": (dispatch.levels[store.name], "MWh") for way, dispatch in done.items()}
    return columns


def _errors(operated: OperatedPark) -> dict[str, dict[str, Any]]:
    """Root mean square error and bias of each series by lead, over the mean of the series."""
    park, table = operated.regret.perfect.draft.park, operated.forecasts
    step = park.time.step_hours
    result: dict[str, dict[str, Any]] = {}
    for name, kind in kinds(park).items():
        if name not in table.values:
            continue
        mean = float(np.abs(park.profiles[name]).mean()) or 1.0
        found = scores(table, park.profiles[name], name, step_hours=step, norm=mean)
        at = [place for hours in SCORED_HOURS if (place := round(hours / step) - 1) < table.values[name].shape[1]]
        result[name] = {
            "kind": kind,
            "lead_hours": [(place + 1) * step for place in at],
            "rmse_share_of_mean": [float(found.nrmse[place]) for place in at],
            "bias_share_of_mean": [float(found.bias[place]) / mean for place in at],
        }
    return result
