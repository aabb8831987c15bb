"""The same hours by pandapower itself: the second engine that every run is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pandapower.auxiliary import pandapowerNet

    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow

SMALLEST_CURRENT_KA = 1e-3
"""Currents below this are compared as if they were this large: below, both engines only show rounding. [kA]"""


@dataclass(frozen=True)
class Difference:
    """The largest differences between the batch and pandapower over a sample of hours."""

    voltage_pu: float
    """[p.u.]"""
    current: float
    """Relative, of branch currents. [1]"""
    loading: float
    """Of loading. [1]"""
    losses_mw: float
    hours: int
    """Hours compared."""
    disagree: tuple[int, ...] = ()
    """Hours that only one of the two solved."""


@one_thread()
def check_sample(
    net: pandapowerNet,
    wires: Wires,
    injections: Injections,
    flow: YearFlow,
    hours: Sequence[int],
    *,
    enforce_q_limits: bool = False,
    tolerance_mva: float = 1e-8,
) -> Difference:
    """Solve hours again by ``pandapower.runpp`` on a copy of the network, and compare.

    Injections go in as one static generator a bus; reactive power after the rules and tap positions are taken from the flow.
    """
    import copy
    import warnings

    import pandapower

    net = copy.deepcopy(net)
    net.user_pf_options = {}
    for table in ("load", "sgen", "storage"):
        net[table] = net[table].iloc[:0]
    net.gen.loc[:, "p_mw"] = 0.0
    buses = np.flatnonzero(wires.bus_node >= 0)
    pandapower.create_sgens(net, wires.bus_index[buses], p_mw=0.0, q_mvar=0.0)
    worst = np.zeros(4)
    disagree = []
    for hour in hours:
        net.sgen["p_mw"], net.sgen["q_mvar"] = injections.p_mw[hour, buses], flow.q_mvar[hour, buses]
        if wires.taps.names:
            net.trafo.loc[wires.taps.table_row, "tap_pos"] = flow.tap_position[hour].astype(net.trafo.tap_pos.dtype)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # about networks of its own older versions
                pandapower.runpp(net, numba=False, enforce_q_lims=enforce_q_limits, tolerance_mva=tolerance_mva, calculate_voltage_angles=True)
        except pandapower.LoadflowNotConverged:
            if flow.converged[hour]:
                disagree.append(int(hour))
            continue
        if not flow.converged[hour]:
            disagree.append(int(hour))
            continue
        worst = np.maximum(worst, _differences(net, wires, flow, int(hour)))
    return Difference(*(float(value) for value in worst), hours=len(hours), disagree=tuple(disagree))


def _differences(net: pandapowerNet, wires: Wires, flow: YearFlow, hour: int) -> NDArray[np.float64]:
    """Largest differences of voltage (as a phasor), current, loading and losses of one hour."""
    theirs = net.res_bus.vm_pu.to_numpy() * np.exp(1j * np.radians(net.res_bus.va_degree.to_numpy()))
    ours = flow.vm_pu[hour] * np.exp(1j * np.radians(flow.va_deg[hour]))
    on = wires.bus_node >= 0
    voltage = np.abs(theirs - ours)[on].max()
    current = loading = 0.0
    kind, winding = np.array(wires.branch_table, dtype=object), np.array(wires.branch_winding, dtype=object)
    active = wires.branch_from >= 0
    columns = [("line", "", "i_from_ka", "i_to_ka"), ("trafo", "", "i_hv_ka", "i_lv_ka"), ("impedance", "", "i_from_ka", "i_to_ka")]
    columns += [("trafo3w", "hv", "i_hv_ka", None), ("trafo3w", "mv", None, "i_mv_ka"), ("trafo3w", "lv", None, "i_lv_ka")]
    for table, side, from_column, to_column in columns:
        rows = (kind == table) & (winding == side) & active
        if not rows.any():
            continue
        result = net[f"res_{table}"].loc[wires.branch_index[rows]]
        for column, ours_ka in ((from_column, flow.current_from_ka), (to_column, flow.current_to_ka)):
            if column:
                theirs_ka = result[column].to_numpy()
                current = max(current, float((np.abs(ours_ka[hour, rows] - theirs_ka) / np.maximum(theirs_ka, SMALLEST_CURRENT_KA)).max()))
        if table in ("line", "trafo"):
            loading = max(loading, float(np.nanmax(np.abs(flow.loading[hour, rows] - result.loading_percent.to_numpy() / 100.0))))
    if (kind == "trafo3w").any():
        by_unit = flow.loading[hour, kind == "trafo3w"].reshape(3, -1).max(axis=0)
        loading = max(loading, float(np.nanmax(np.abs(by_unit - net.res_trafo3w.loading_percent.to_numpy() / 100.0))))
    lost = sum(np.nansum(net[f"res_{table}"].pl_mw.to_numpy()) for table in ("line", "trafo", "trafo3w", "impedance"))
    reported = not np.isin(kind, ("xward", "switch")).any()  # pandapower has no losses of these
    return np.array([voltage, current, loading, abs(lost - flow.losses_mw[hour]) if reported else 0.0])
