"""What is wrong with a pandapower network, by the name of the element. pandapower lets several of these pass silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray
    from pandapower.auxiliary import pandapowerNet

REFUSED = {
    "svc": "static var compensators",
    "tcsc": "thyristor-controlled series capacitors",
    "ssc": "static synchronous compensators",
    "vsc": "converters to direct-current networks",
    "vsc_stacked": "stacked converters",
    "vsc_bipolar": "bipolar converters",
    "line_dc": "direct-current lines of a direct-current network",
    "source_dc": "direct-current sources",
    "load_dc": "direct-current loads",
}
"""Element types that the batch cannot represent."""

VOLTAGE_SHARES = ("const_z_percent", "const_i_percent", "const_z_p_percent", "const_i_p_percent", "const_z_q_percent", "const_i_q_percent")

BUS_COLUMNS = ("bus", "from_bus", "to_bus", "hv_bus", "mv_bus", "lv_bus")

SWITCHED = {"l": "line", "t": "trafo", "t3": "trafo3w", "b": "bus"}
"""Table of what a switch opens, by its type."""

HELD_BY = (("ext_grid", "bus", "vm_pu"), ("gen", "bus", "vm_pu"), ("dcline", "from_bus", "vm_from_pu"), ("dcline", "to_bus", "vm_to_pu"))
"""Tables of what holds a voltage: column of its bus, column of its set-point."""

PHASES = tuple(f"{power}_{phase}_{unit}" for phase in "abc" for power, unit in (("p", "mw"), ("q", "mvar")))

BUS_NUMBERS = ("vn_kv",)

NUMBERS = {
    "line": ("c_nf_per_km", "g_us_per_km", "df"),
    "trafo": ("pfe_kw", "i0_percent", "vkr_percent", "shift_degree", "df", "parallel"),
    "trafo3w": ("pfe_kw", "i0_percent", "vkr_hv_percent", "vkr_mv_percent", "vkr_lv_percent", "shift_mv_degree", "shift_lv_degree"),
    "impedance": ("gf_pu", "bf_pu", "gt_pu", "bt_pu"),
    "shunt": ("p_mw", "q_mvar", "step", "vn_kv"),
    "ward": ("ps_mw", "qs_mvar", "pz_mw", "qz_mvar"),
    "xward": ("ps_mw", "qs_mvar", "pz_mw", "qz_mvar", "r_ohm", "x_ohm", "vm_pu"),
    "motor": ("pn_mech_mw", "cos_phi", "efficiency_percent", "loading_percent", "scaling"),
    "asymmetric_load": (*PHASES, "scaling"),
    "asymmetric_sgen": (*PHASES, "scaling"),
    "dcline": ("p_mw", "loss_percent", "loss_mw", "vm_from_pu", "vm_to_pu"),
    "ext_grid": ("vm_pu", "va_degree"),
    "gen": ("vm_pu",),
}
"""Columns of which one that is not a number would make every result not a number."""

ABOVE_ZERO = ("vn_kv", "df", "parallel", "vm_pu", "vm_from_pu", "vm_to_pu", "cos_phi", "efficiency_percent")

SMALLEST_IMPEDANCE_PU = 1e-8
"""Branch impedance below which the admittance matrix loses the digits that the answer needs (judged). [p.u.]"""

VOLTAGE_RATIO = 1.3
"""Rated voltage of a transformer's winding over that of its bus, beyond which it is on the wrong side (judged; pandapower's diagnostic uses the same)."""


def name_of(net: pandapowerNet, table: str, row: int) -> str:
    """Return the element's name, or its table and index where it has none."""
    name = net[table].at[row, "name"] if "name" in net[table] else None
    return str(name) if isinstance(name, str) and name else f"{table} {row}"


def find_problems(net: pandapowerNet) -> list[Problem]:
    """Return everything that can be judged before the matrices are built."""
    found = [*_refused(net), *_missing_buses(net), *_numbers(net, {"bus": BUS_NUMBERS})]
    if found:
        return found
    return [*_supply(net), *_lines(net), *_switches(net), *_impedances(net), *_transformers(net), *_numbers(net, NUMBERS)]


def _in_service(net: pandapowerNet, table: str) -> Iterator[int]:
    """Yield the rows of a table that are in service."""
    frame = net[table]
    if len(frame):
        yield from frame.index[frame.in_service.to_numpy(dtype=bool)]


def _refused(net: pandapowerNet) -> Iterator[Problem]:
    for table, words in REFUSED.items():
        count = len(list(_in_service(net, table))) if table in net and len(net[table]) else 0
        if count:
            yield Problem(table, f"{count} in service; {words} are not represented", "take them out of service, or model them as injections and lines")
    shares = [column for column in VOLTAGE_SHARES if column in net.load and np.nan_to_num(net.load[column].to_numpy(dtype=float)).any()]
    if shares:
        names = [name_of(net, "load", row) for row in net.load.index[(net.load[shares].fillna(0.0) != 0.0).any(axis=1)]]
        yield Problem(
            "load",
            f"voltage-dependent shares ({', '.join(shares)}) at {', '.join(names[:5])}{', …' if len(names) > 5 else ''}",
            "gridsim's loads draw constant power; give the constant-impedance part as a shunt",
        )
    for row in _in_service(net, "gen"):
        curve = net.gen.at[row, "reactive_capability_curve"] if "reactive_capability_curve" in net.gen else False
        if isinstance(curve, (bool, np.bool_)) and curve:
            found = "has a reactive capability curve, which is not represented"
            yield Problem(f"gen '{name_of(net, 'gen', row)}'", found, "give min_q_mvar and max_q_mvar, and set reactive_capability_curve to False")


def _missing_buses(net: pandapowerNet) -> Iterator[Problem]:
    known = set(net.bus.index)
    for table in net:
        frame = net[table]
        if table.startswith(("res_", "_")) or not hasattr(frame, "columns") or table == "bus":
            continue
        for column in BUS_COLUMNS:
            if column in frame.columns and frame[column].dtype != object:
                for row in frame.index[~frame[column].isin(known).to_numpy()]:
                    yield Problem(
                        f"{table} '{name_of(net, table, row)}'", f"{column} {frame.at[row, column]} does not exist", "connect it to a bus of the network"
                    )
    for row in net.switch.index:
        kind, element = net.switch.at[row, "et"], net.switch.at[row, "element"]
        if kind not in SWITCHED:
            yield Problem(f"switch '{name_of(net, 'switch', row)}'", f"unknown element type {kind!r}", f"known: {', '.join(SWITCHED)}")
        elif element not in net[SWITCHED[kind]].index:
            yield Problem(f"switch '{name_of(net, 'switch', row)}'", f"{SWITCHED[kind]} {element} does not exist", "remove the switch, or name what it opens")


def _supply(net: pandapowerNet) -> Iterator[Problem]:
    slack_generators = [row for row in _in_service(net, "gen") if net.gen.at[row, "slack"]]
    if not list(_in_service(net, "ext_grid")) and not slack_generators:
        yield Problem("ext_grid", "no grid connection is in service", "add one where the network meets the grid")
    yield from _set_points(net)


def _set_points(net: pandapowerNet) -> Iterator[Problem]:
    """Elements that hold one node at different voltages; closed switches join buses to a node."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    place = {bus: number for number, bus in enumerate(net.bus.index)}
    switch = net.switch[(net.switch.et == "b") & net.switch.closed & ~(net.switch.z_ohm > 0.0)]
    ends = [[place[bus] for bus in switch[column]] for column in ("bus", "element")]
    part = connected_components(csr_matrix((np.ones(len(switch)), ends), shape=(len(place), len(place))), directed=False)[1]
    holding: dict[int, list[tuple[str, float]]] = {}
    for table, bus, volts in HELD_BY:
        for row in _in_service(net, table):
            if net.bus.at[net[table].at[row, bus], "in_service"]:
                held = (f"{table} '{name_of(net, table, row)}'", float(net[table].at[row, volts]))
                holding.setdefault(int(part[place[net[table].at[row, bus]]]), []).append(held)
    for held in holding.values():
        if not np.allclose([volts for _, volts in held], held[0][1]):
            found = f"hold one bus at {' and '.join(f'{volts:g}' for _, volts in held)} p.u."
            yield Problem(" and ".join(where for where, _ in held), found, "give them one set-point, or take one out of service")


def _lines(net: pandapowerNet) -> Iterator[Problem]:
    frame = net.line
    for row in _in_service(net, "line"):
        where = f"line '{name_of(net, 'line', row)}'"
        one, other = frame.at[row, "from_bus"], frame.at[row, "to_bus"]
        length, parallel = frame.at[row, "length_km"], frame.at[row, "parallel"]
        base_ohm = net.bus.at[one, "vn_kv"] ** 2 / net.sn_mva
        impedance_ohm = np.hypot(frame.at[row, "r_ohm_per_km"], frame.at[row, "x_ohm_per_km"]) * length
        if one == other:
            yield Problem(where, f"starts and ends at bus '{name_of(net, 'bus', one)}'", "connect it to two buses")
        elif not parallel >= 1:
            yield Problem(where, f"has {parallel} parallel systems", "give 1 or more")
        elif not impedance_ohm / parallel / base_ohm > SMALLEST_IMPEDANCE_PU:
            found = f"impedance {impedance_ohm:.3g} ohm ({length:g} km of {frame.at[row, 'r_ohm_per_km']:g} + j{frame.at[row, 'x_ohm_per_km']:g} ohm/km)"
            yield Problem(where, found, "give its length and impedance, or join the buses by a closed switch")
        elif not 1 / 1.1 < net.bus.at[one, "vn_kv"] / net.bus.at[other, "vn_kv"] < 1.1:
            ends = " and ".join(f"'{name_of(net, 'bus', bus)}' ({net.bus.at[bus, 'vn_kv']:g} kV)" for bus in (one, other))
            yield Problem(where, f"joins {ends}", "a line joins buses of one voltage; put a transformer between them")


def _switches(net: pandapowerNet) -> Iterator[Problem]:
    for row, kind, bus, element, closed, ohm in net.switch[["et", "bus", "element", "closed", "z_ohm"]].itertuples():
        where = f"switch '{name_of(net, 'switch', row)}'"
        if kind != "b":
            table = SWITCHED[kind]
            if not any(net[table].at[element, end] == bus for end in BUS_COLUMNS[1:] if end in net[table]):
                found = f"is at bus '{name_of(net, 'bus', bus)}', where {table} '{name_of(net, table, element)}' does not end"
                yield Problem(where, found, "give the bus at one of its ends")
            continue
        kv, other_kv = net.bus.at[bus, "vn_kv"], net.bus.at[element, "vn_kv"]
        if closed and not 1 / 1.1 < kv / other_kv < 1.1:
            found = f"joins '{name_of(net, 'bus', bus)}' ({kv:g} kV) and '{name_of(net, 'bus', element)}' ({other_kv:g} kV)"
            yield Problem(where, found, "a switch joins buses of one voltage; put a transformer between them")
        if closed and 0.0 < ohm * net.sn_mva / kv**2 <= SMALLEST_IMPEDANCE_PU:
            yield Problem(where, f"z_ohm is {ohm:.3g}", "give 0 to join the buses, or its impedance")


def _impedances(net: pandapowerNet) -> Iterator[Problem]:
    frame = net.impedance
    for row in _in_service(net, "impedance"):
        if frame.at[row, "from_bus"] == frame.at[row, "to_bus"]:
            bus = name_of(net, "bus", frame.at[row, "from_bus"])
            yield Problem(f"impedance '{name_of(net, 'impedance', row)}'", f"starts and ends at bus '{bus}'", "connect it to two buses")
        size = min(np.hypot(frame.at[row, "rft_pu"], frame.at[row, "xft_pu"]), np.hypot(frame.at[row, "rtf_pu"], frame.at[row, "xtf_pu"]))
        if not size * net.sn_mva / frame.at[row, "sn_mva"] > SMALLEST_IMPEDANCE_PU:
            yield Problem(f"impedance '{name_of(net, 'impedance', row)}'", "is zero", "give its impedance, or join the buses by a closed switch")
    for row in _in_service(net, "xward"):
        ohm, kv = np.hypot(net.xward.at[row, "r_ohm"], net.xward.at[row, "x_ohm"]), net.bus.at[net.xward.at[row, "bus"], "vn_kv"]
        if ohm * net.sn_mva / kv**2 <= SMALLEST_IMPEDANCE_PU:
            yield Problem(f"xward '{name_of(net, 'xward', row)}'", "its internal impedance is zero", "give r_ohm and x_ohm, or a generator and a ward")


def _transformers(net: pandapowerNet) -> Iterator[Problem]:
    for table, ends in (("trafo", ("hv", "lv")), ("trafo3w", ("hv", "mv", "lv"))):
        frame = net[table]
        for row in _in_service(net, table):
            where = f"{table} '{name_of(net, table, row)}'"
            buses = [frame.at[row, f"{end}_bus"] for end in ends]
            if len(set(buses)) < len(buses):
                yield Problem(where, f"is twice at bus '{name_of(net, 'bus', max(buses, key=buses.count))}'", "connect it to different buses")
                continue
            bus_kv = [net.bus.at[frame.at[row, f"{end}_bus"], "vn_kv"] for end in ends]
            rated_kv = [frame.at[row, f"vn_{end}_kv"] for end in ends]
            shown = ", ".join(
                f"{end} {kv:g} kV at bus '{name_of(net, 'bus', frame.at[row, f'{end}_bus'])}' ({bus:g} kV)"
                for end, kv, bus in zip(ends, rated_kv, bus_kv, strict=True)
            )
            if any(not 1 / VOLTAGE_RATIO < rated / bus < VOLTAGE_RATIO for rated, bus in zip(rated_kv, bus_kv, strict=True)):
                swapped = sorted(bus_kv, reverse=True) != bus_kv
                yield Problem(
                    where, f"wrong side: {shown}" if swapped else f"rated voltage does not fit its bus: {shown}", "swap its buses, or choose another type"
                )
            elif sorted(bus_kv, reverse=True) != bus_kv:
                yield Problem(where, f"wrong side: {shown}", "the hv side belongs to the bus of higher voltage")
            yield from _nameplate(where, frame.loc[row], ("",) if table == "trafo" else ("_hv", "_mv", "_lv"))


def _nameplate(where: str, row: pd.Series, windings: tuple[str, ...]) -> Iterator[Problem]:
    for winding in windings:
        rating, short_circuit, resistance = (f"sn{winding}_mva", f"vk{winding}_percent", f"vkr{winding}_percent")
        if not row[rating] > 0.0:
            yield Problem(where, f"{rating} is {row[rating]:g}", "give what the nameplate says; it must be above zero")
        # below zero in equivalents of MATPOWER cases, where it is a reactance below zero
        if not abs(row[short_circuit]) > 0.0:
            yield Problem(where, f"{short_circuit} is {row[short_circuit]:g}", "give what the nameplate says")
        elif abs(row[resistance]) > abs(row[short_circuit]):
            yield Problem(where, f"{resistance} is {row[resistance]:g}, above {short_circuit} of {row[short_circuit]:g}", "it is the resistive part of it")
    lowest, highest, position = (row.get(column, np.nan) for column in ("tap_min", "tap_max", "tap_pos"))
    if position < lowest or position > highest:
        yield Problem(where, f"tap_pos is {position:g}", f"its positions are {lowest:g} to {highest:g}")


def _numbers(net: pandapowerNet, needed: dict[str, tuple[str, ...]]) -> Iterator[Problem]:
    for table, columns in needed.items():
        for row in _in_service(net, table):
            for column in columns:
                if column not in net[table]:
                    continue
                value = net[table].at[row, column]
                if not np.isfinite(value) or (column in ABOVE_ZERO and not value > 0.0):
                    yield Problem(
                        f"{table} '{name_of(net, table, row)}'",
                        f"{column} is {value}",
                        "give a number" if not np.isfinite(value) else "give a number above zero",
                    )


def find_unsupplied(net: pandapowerNet, bus_node: NDArray[np.int64]) -> list[Problem]:
    """Return the buses in service that no way leads to from the grid."""
    islanded = net.bus.index[net.bus.in_service.to_numpy(dtype=bool) & (bus_node < 0)]
    at_bus = [(table, net[table].bus) for table in ("load", "sgen", "storage", "gen", "shunt") if len(net[table])]
    problems = []
    for bus in islanded:
        elements = [name_of(net, table, row) for table, column in at_bus for row in column.index[column.to_numpy() == bus]]
        holds = f"; it holds {', '.join(elements[:4])}{', …' if len(elements) > 4 else ''}" if elements else ""
        problems.append(
            Problem(
                f"bus '{name_of(net, 'bus', bus)}'",
                f"no line, transformer or closed switch leads to it from the grid{holds}",
                "connect it, or take it out of service",
            )
        )
    return problems
