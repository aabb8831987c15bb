"""From checked tables to a pandapower network whose element names are the tables' names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.distribution.tables.limits import LINE_N_1, LINE_NORMAL, TRANSFORMER_N_1, TRANSFORMER_NORMAL, voltage_band
from gridsim.distribution.tables.standard_types import DEGREES_PER_HOUR

if TYPE_CHECKING:
    from pandapower.auxiliary import pandapowerNet

    from gridsim.distribution.tables.distribution import Distribution
    from gridsim.distribution.tables.rows import CompensatorRow
    from gridsim.distribution.tables.standard_types import LineType, TransformerType

ALPHA_PER_KELVIN = {"overhead": 0.00403, "cable": 0.00393}
"""Rise of resistance of aluminium and copper. [1/K]"""

LARGE_MACHINE_MVA = 100.0
"""From here on the resistance of a machine counts as 0.05, below as 0.07 of its sub-transient reactance (above 1 kV). [MVA]"""


def to_pandapower(distribution: Distribution) -> pandapowerNet:
    """Build the network of one stage; where it stands in a file, a copy of that.

    Every connection is a static generator ``<asset>@<bus>`` of zero power that marks its place; injections come with the hours. Beyond pandapower's columns,
    ``max_loading_percent_n_1`` holds the limit with one element out, transformers have their tap rule (``tap_controlled_bus`` as an index,
    ``tap_set_point_pu``, ``tap_dead_band_pu``), lines the park's ``asset`` and compensators whether they are ``static``.
    """
    import copy

    import pandapower

    net = _of_tables(distribution) if distribution.net is None else copy.deepcopy(distribution.net)
    bus = {name: int(row) for row, name in net.bus["name"].items()}
    for place in distribution.connections:
        pandapower.create_sgen(net, bus[place.bus], p_mw=0.0, q_mvar=0.0, name=f"{place.asset}@{place.bus}")
    return net


def _of_tables(distribution: Distribution) -> pandapowerNet:
    import pandapower

    net = pandapower.create_empty_network(name=distribution.folder.parent.name, f_hz=50.0)
    pandapower.create_std_types(net, {name: _line_type(kind) for name, kind in distribution.line_types.items()}, "line")
    pandapower.create_std_types(net, {name: _transformer_type(kind) for name, kind in distribution.transformer_types.items()}, "trafo")
    bus = _add_buses(net, distribution)
    _add_lines(net, distribution, bus)
    _add_transformers(net, distribution, bus)
    for row in distribution.shunts.values():
        sign = -1.0 if row.kind == "capacitor" else 1.0
        steps = row.steps if row.steps_in_service is None else row.steps_in_service
        pandapower.create_shunt(net, bus[row.bus], q_mvar=sign * row.step_mvar, step=steps, max_step=row.steps, name=row.name)
    for condenser in distribution.compensators.values():
        limits = {"min_q_mvar": condenser.q_min_mvar, "max_q_mvar": condenser.q_max_mvar}
        pandapower.create_gen(
            net, bus[condenser.bus], p_mw=0.0, vm_pu=condenser.vm_pu, name=condenser.name, **limits, **_short_circuit(condenser, distribution)
        )
    net.gen["static"] = [condenser.kind == "static" for condenser in distribution.compensators.values()]
    _add_switches(net, distribution, bus)
    for grid in distribution.sources.values():
        power = {"s_sc_max_mva": grid.short_circuit_mva, "s_sc_min_mva": grid.short_circuit_min_mva or grid.short_circuit_mva}
        pandapower.create_ext_grid(net, bus[grid.bus], vm_pu=grid.vm_pu, name=grid.name, rx_max=grid.rx, rx_min=grid.rx, **power)
    net.ext_grid["asset"] = [grid.asset or "" for grid in distribution.sources.values()]
    return net


def _short_circuit(row: CompensatorRow, distribution: Distribution) -> dict[str, float]:
    """What a compensator is in a short circuit: rated by its reactive power, at a power factor of 0, its resistance by IEC 60909-0 (recalled, M)."""
    rated_mva, bus_kv = max(row.q_max_mvar, -row.q_min_mvar), distribution.buses[row.bus].voltage_kv
    if rated_mva == 0.0:
        return {}
    resistance = 0.05 if rated_mva >= LARGE_MACHINE_MVA else 0.07
    rdss_ohm = resistance * row.xdss_pu * bus_kv**2 / rated_mva
    return {"sn_mva": rated_mva, "vn_kv": bus_kv, "xdss_pu": row.xdss_pu, "rdss_ohm": rdss_ohm, "cos_phi": 0.0}


def _line_type(kind: LineType) -> dict[str, Any]:
    return {
        "r_ohm_per_km": kind.r_ohm_per_km,
        "x_ohm_per_km": kind.x_ohm_per_km,
        "c_nf_per_km": kind.c_nf_per_km,
        "max_i_ka": kind.max_i_ka,
        "type": "ol" if kind.kind == "overhead" else "cs",
        "alpha": ALPHA_PER_KELVIN[kind.kind],
    }


def _transformer_type(kind: TransformerType) -> dict[str, Any]:
    return {
        "sn_mva": kind.sn_mva,
        "vn_hv_kv": kind.hv_kv,
        "vn_lv_kv": kind.lv_kv,
        "vk_percent": kind.uk_percent,
        "vkr_percent": kind.resistance_percent,
        "pfe_kw": kind.no_load_loss_kw,
        "i0_percent": kind.i0_percent,
        "shift_degree": DEGREES_PER_HOUR * kind.clock_hour,
        "vector_group": kind.vector_group,
        "tap_side": kind.tap_side,
        "tap_neutral": 0,
        "tap_min": -kind.tap_steps,
        "tap_max": kind.tap_steps,
        "tap_step_percent": kind.tap_step_percent,
        "tap_step_degree": 0.0,
        "tap_changer_type": "Ratio",
    }


def _add_buses(net: pandapowerNet, distribution: Distribution) -> dict[str, int]:
    import pandapower

    index = {}
    for row in distribution.buses.values():
        low, high = voltage_band(row.voltage_kv)
        place = None if row.x_km is None or row.y_km is None else (row.x_km, row.y_km)
        index[row.name] = int(
            pandapower.create_bus(
                net,
                row.voltage_kv,
                name=row.name,
                zone=row.site,
                geodata=place,
                min_vm_pu=low if row.min_vm_pu is None else row.min_vm_pu,
                max_vm_pu=high if row.max_vm_pu is None else row.max_vm_pu,
            )
        )
    net.bus["label"] = [row.label for row in distribution.buses.values()]
    return index


def _add_lines(net: pandapowerNet, distribution: Distribution, bus: dict[str, int]) -> None:
    import pandapower

    rows = list(distribution.lines.values())
    if not rows:
        return
    types = [distribution.line_types[row.type] for row in rows]
    pandapower.create_lines(
        net,
        from_buses=[bus[row.from_bus] for row in rows],
        to_buses=[bus[row.to_bus] for row in rows],
        length_km=[row.length_km for row in rows],
        std_type=[row.type for row in rows],
        name=[row.name for row in rows],
        parallel=[row.parallel for row in rows],
        in_service=[row.in_service for row in rows],
        max_loading_percent=[100.0 * (row.max_loading_share or LINE_NORMAL) for row in rows],
    )
    net.line["max_loading_percent_n_1"] = 100.0 * LINE_N_1
    net.line["endtemp_degree"] = [kind.short_circuit_degc for kind in types]
    net.line["asset"] = [row.asset or "" for row in rows]


def _add_transformers(net: pandapowerNet, distribution: Distribution, bus: dict[str, int]) -> None:
    import pandapower

    rows = list(distribution.transformers.values())
    for row in rows:
        pandapower.create_transformer(
            net,
            bus[row.hv_bus],
            bus[row.lv_bus],
            std_type=row.type,
            name=row.name,
            tap_pos=row.tap_position,
            parallel=row.parallel,
            in_service=row.in_service,
            max_loading_percent=100.0 * (row.max_loading_share or TRANSFORMER_NORMAL),
        )
    net.trafo["max_loading_percent_n_1"] = 100.0 * TRANSFORMER_N_1
    net.trafo["tap_controlled_bus"] = [-1 if row.tap_controlled_bus is None else bus[row.tap_controlled_bus] for row in rows]
    for column in ("tap_set_point_pu", "tap_dead_band_pu"):
        net.trafo[column] = [float("nan") if getattr(row, column) is None else getattr(row, column) for row in rows]


def _add_switches(net: pandapowerNet, distribution: Distribution, bus: dict[str, int]) -> None:
    import pandapower

    letter = {"bus": "b", "line": "l", "transformer": "t"}
    elements = {
        "bus": bus,
        "line": {name: number for number, name in enumerate(distribution.lines)},
        "transformer": {name: number for number, name in enumerate(distribution.transformers)},
    }
    for row in distribution.switches.values():
        element = elements[row.element_type][row.element]
        pandapower.create_switch(net, bus[row.bus], element, et=letter[row.element_type], closed=row.closed, name=row.name)
