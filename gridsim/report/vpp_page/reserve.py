"""Second-level interruptible load as a reserve in MW."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, packed, plain
from gridsim.report.tables import Cell, Column, Table
from gridsim.report.theme import axis, colour_of, layout
from gridsim.report.vpp_page.traces import below
from gridsim.report.vpp_page.vpp_view import shown

if TYPE_CHECKING:
    from gridsim.report.vpp_page.vpp_view import Row, VppView


def reserve(view: VppView) -> list[Any]:
    """Return the parts of the section."""
    contracts = view.part("envelope")["second_level"]
    return [view.words("vpp_reserve.how"), reserve_curves(view, contracts), reserve_table(view, contracts)]


def reserve_curves(view: VppView, contracts: list[Row]) -> Figure | None:
    """Draw what is there to drop, the hours sorted from the largest value."""
    words, data = view.words, []
    for place, one in enumerate(contracts):
        values = view.hourly.get(f"{one['name']}:second_level_mw")
        if values is None:
            continue
        line = {"color": colour_of("demand_response") if place == 0 else colour_of(one["name"]), "width": 2}
        curve = {"x0": view.step_hours, "dx": view.step_hours, "y": packed(np.sort(np.asarray(values, dtype=float))[::-1])}
        name = plain(view.label(one["name"]))
        data.append({"type": "scatter", "mode": "lines", "name": name, **curve, "line": line, "hovertemplate": "%{y:,.4~g} MW"})
    frame = layout(
        hovermode="x unified",
        xaxis=axis(words("axis.hours_sorted"), range=[0, view.hours]),
        yaxis=axis(words("vpp_reserve.axis"), rangemode="tozero"),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.28),
    )
    return Figure("second-level", words("vpp_figure.reserve"), data, frame, 300) if data else None


def reserve_table(view: VppView, contracts: list[Row]) -> Table:
    """One row a contract."""
    words = view.words

    def stated(value: float | None) -> str:
        return Cell(words("curtail.not_stated"), "faint") if value is None else f"{value:g}"

    columns = [Column(words("vpp_reserve.contract"), text=True, data=True), Column(words("vpp_reserve.load"), text=True, data=True)]
    columns += [Column(words(f"vpp_reserve.{key}"), "MW") for key in ("contract_mw", "mean_mw", "always_mw")]
    columns += [Column(words("vpp_reserve.calls")), Column(words("vpp_reserve.hours"), "h")]
    rows = []
    for one in contracts:
        powers = [shown(one[key]) for key in ("contract_mw", "mean_mw", "always_mw")]
        rows.append([view.label(one["name"]), view.label(one["load"]), *powers, stated(one["calls_per_year"]), stated(one["hours_per_call"])])
    return Table(columns, rows)
