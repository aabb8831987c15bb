"""From a pandapower network to `Wires`, through pandapower's own admittances: results equal its own by construction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.checks import find_problems, find_unsupplied, name_of
from gridsim.distribution.powerflow.wires import TapTable, Wires
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandapower.auxiliary import pandapowerNet

VARIED_BY_HOUR = {"load": ("p_mw", "q_mvar"), "sgen": ("p_mw", "q_mvar"), "storage": ("p_mw", "q_mvar"), "gen": ("p_mw",)}
"""What the injections of each hour replace; everything else in the network stays as it is given."""


@dataclass(frozen=True, eq=False)
class _Matrices:
    """pandapower's case (all elements), its in-service case and the lookups that it wrote into the network."""

    case: dict
    inner: dict
    lookups: dict


def prepare(net: pandapowerNet) -> Wires:
    """Read a pandapower network.

    Loads, static generators, storages and the active power of generators are left out: they come with the `Injections`. Shunts, wards, extended wards, motors,
    unsymmetric loads (as pandapower symmetrises them), impedances and direct-current lines stay. Options of the network (``user_pf_options``) are not read: the
    results are those of ``runpp`` with its defaults and ``trafo_loading="current"``.

    Raises
    ------
    DefinitionError
        With all problems: elements that cannot be represented, by type; buses without supply, lines without impedance, transformers the wrong way round,
        elements at missing buses, by name.
    """
    import copy
    import warnings

    problems = find_problems(net)
    if problems:
        raise DefinitionError("the distribution network", problems)
    net = copy.deepcopy(net)
    for table, columns in VARIED_BY_HOUR.items():
        net[table].loc[:, list(columns)] = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pandapower about networks of its own older versions, which it still reads
        matrices = _build_matrices(net)
        bus_node = _bus_nodes(net, matrices)
        problems = find_unsupplied(net, bus_node)
        if problems:
            raise DefinitionError("the distribution network", problems)
        wires = _wires(net, matrices, bus_node)
    if wires.slack_nodes.size == wires.nodes:
        found = "no bus is in service but those of grid connections"
        raise DefinitionError("the distribution network", [Problem("bus", found, "add the buses that the grid feeds")])
    return wires


def _set_options(net: pandapowerNet) -> None:
    """Give the network the options of a `runpp` with defaults; none that a user left in it."""
    from pandapower.auxiliary import _init_runpp_options

    net.user_pf_options = {}
    _init_runpp_options(
        net,
        algorithm="nr",
        calculate_voltage_angles=True,
        init="flat",
        max_iteration="auto",
        tolerance_mva=1e-8,
        trafo_model="t",
        trafo_loading="current",
        enforce_p_lims=False,
        enforce_q_lims=False,
        check_connectivity=True,
        voltage_depend_loads=True,
        passed_parameters={},
        numba=False,
    )


def _build_matrices(net: pandapowerNet) -> _Matrices:
    from pandapower.auxiliary import _add_auxiliary_elements
    from pandapower.pd2ppc import _pd2ppc
    from pandapower.results import init_results

    _set_options(net)
    net["converged"] = False
    _add_auxiliary_elements(net)
    init_results(net)
    empty = np.array([], dtype=np.int64)
    net._pd2ppc_lookups = {key: empty for key in ("bus", "bus_dc", "ext_grid", "gen", "branch", "branch_dc")}
    try:
        case, inner = _pd2ppc(net)
    except (UserWarning, ValueError, NotImplementedError) as refusal:  # pandapower refuses with these
        raise DefinitionError("the distribution network", [Problem("network", f"pandapower refuses it: {refusal}")]) from None
    return _Matrices(case, inner, net._pd2ppc_lookups)


def _bus_nodes(net: pandapowerNet, matrices: _Matrices) -> NDArray[np.int64]:
    """Return the node of each bus, -1 where it is not part of the power flow."""
    nodes = matrices.lookups["bus"][net.bus.index.to_numpy()].astype(np.int64)
    return np.where((nodes >= len(matrices.inner["bus"])) | ~net.bus.in_service.to_numpy(dtype=bool), -1, nodes)


def branch_admittances(branch: NDArray) -> NDArray[np.complex128]:
    """Return from-from, from-to, to-from and to-to admittance of each row of a pandapower branch table. Shape (rows, 4). [p.u.]"""
    from pandapower.pypower.makeYbus import branch_vectors

    to_to, from_from, from_to, to_from = branch_vectors(branch, len(branch))
    return np.column_stack([from_from, from_to, to_from, to_to])


def assemble(nodes: int, branch_from: NDArray, branch_to: NDArray, admittance: NDArray, shunt: NDArray) -> object:
    """Nodal admittance matrix of branches and shunts, compressed by rows. Shape (nodes, nodes). [p.u.]"""
    from scipy.sparse import csr_matrix

    f, t, diagonal = branch_from, branch_to, np.arange(nodes)
    rows, columns = np.concatenate([f, f, t, t, diagonal]), np.concatenate([f, t, f, t, diagonal])
    matrix = csr_matrix((np.concatenate([*admittance.T, shunt]), (rows, columns)), shape=(nodes, nodes))
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix


def _wires(net: pandapowerNet, matrices: _Matrices, bus_node: NDArray[np.int64]) -> Wires:
    from pandapower.pf.ppci_variables import _get_pf_variables_from_ppci
    from pandapower.pypower.idx_brch import F_BUS, T_BUS
    from pandapower.pypower.idx_bus import BASE_KV, BS, GS
    from pandapower.pypower.makeSbus import makeSbus

    case, inner = matrices.case, matrices.inner
    base_mva = float(inner["baseMVA"])
    _, bus, gen, branch, *_, ref, pv, _, on, gbus, start, _ = _get_pf_variables_from_ppci(inner)
    nodes = len(bus)
    shunt = (bus[:, GS] + 1j * bus[:, BS]) / base_mva
    active = np.asarray(inner["internal"]["branch_is"])
    case_ends = case["branch"][:, [F_BUS, T_BUS]].real.astype(np.int64)
    admittance = np.zeros((len(active), 4), dtype=np.complex128)
    admittance[active] = branch_admittances(branch)
    base_ka = base_mva / (np.sqrt(3.0) * case["bus"][case_ends, BASE_KV].real)
    q_min, q_max = _reactive_limits(gen, gbus, on, pv)
    table, index, winding = _branch_rows(net, matrices)
    rating_from, rating_to = _ratings(net, table, index, winding)
    label = [name_of(net, kind, row) + (f" ({side})" if side else "") for kind, row, side in zip(table, index, winding, strict=True)]
    limits = [net.bus[column].to_numpy(dtype=float) if column in net.bus else np.full(len(net.bus), np.nan) for column in ("min_vm_pu", "max_vm_pu")]
    return Wires(
        base_mva=base_mva,
        bus_names=tuple(name_of(net, "bus", row) for row in net.bus.index),
        bus_index=net.bus.index.to_numpy(dtype=np.int64),
        bus_kv=net.bus.vn_kv.to_numpy(dtype=float),
        bus_node=bus_node,
        vm_min_pu=limits[0],
        vm_max_pu=limits[1],
        node_kv=bus[:, BASE_KV].real.astype(float),
        admittance=assemble(nodes, case_ends[active, 0], case_ends[active, 1], admittance[active], shunt),
        shunt=shunt,
        fixed_mva=np.asarray(makeSbus(base_mva, bus, gen)) * base_mva,
        slack_nodes=ref.astype(np.int64),
        slack_voltage=start[ref],
        controlled_nodes=pv.astype(np.int64),
        controlled_vm_pu=np.abs(start[pv]),
        controlled_q_min_mvar=q_min,
        controlled_q_max_mvar=q_max,
        branch_names=tuple(label),
        branch_table=table,
        branch_index=index,
        branch_winding=winding,
        branch_from=np.where(active, case_ends[:, 0], -1),
        branch_to=np.where(active, case_ends[:, 1], -1),
        branch_admittance=admittance,
        from_base_ka=base_ka[:, 0],
        to_base_ka=base_ka[:, 1],
        rating_from_ka=rating_from,
        rating_to_ka=rating_to,
        taps=_tap_table(net, matrices, active),
        frequency_hz=float(net.f_hz),
    )


def _reactive_limits(gen: NDArray, gbus: NDArray, on: NDArray, controlled: NDArray) -> tuple[NDArray, NDArray]:
    """Sum the reactive limits of all generators at each controlled node. [Mvar]"""
    from pandapower.pypower.idx_gen import QMAX, QMIN

    totals = []
    for column in (QMIN, QMAX):
        total = np.zeros(int(max(gbus.max(initial=0), controlled.max(initial=0))) + 1)
        np.add.at(total, gbus, gen[on, column].real)
        totals.append(total[controlled])
    return totals[0], totals[1]


def _branch_rows(net: pandapowerNet, matrices: _Matrices) -> tuple[tuple[str, ...], NDArray[np.int64], tuple[str, ...]]:
    """Which row of which table (and which winding) each branch is."""
    table: list[str] = []
    index: list[int] = []
    winding: list[str] = []
    for kind, (first, last) in sorted(matrices.lookups["branch"].items(), key=lambda item: item[1]):
        rows = net.switch.index[net._impedance_bb_switches].tolist() if kind == "switch" else net[kind].index.tolist()
        sides = ("hv", "mv", "lv") if kind == "trafo3w" else ("",)
        for side in sides:
            table += [kind] * len(rows)
            index += rows
            winding += [side] * len(rows)
        if len(table) != last or last - first != len(rows) * len(sides):
            raise AssertionError(f"pandapower orders its branches in another way than expected: {kind}")
    return tuple(table), np.array(index, dtype=np.int64), tuple(winding)


def _ratings(net: pandapowerNet, table: tuple[str, ...], index: NDArray[np.int64], winding: tuple[str, ...]) -> tuple[NDArray, NDArray]:
    r"""Currents that are a loading of 1, as pandapower defines it. [kA]

    Lines: :math:`I_{max} \cdot df \cdot n` at both ends; transformers: :math:`n \cdot df \cdot S_n / (\sqrt 3 U_n)` on each side; windings of three-winding
    transformers: on the side of the bus only. Impedances have none.
    """
    rating_from, rating_to = np.full(index.size, np.inf), np.full(index.size, np.inf)
    kind, side = np.array(table, dtype=object), np.array(winding, dtype=object)
    if len(net.line):
        rows, lines = kind == "line", net.line
        rating = lines.max_i_ka.to_numpy(dtype=float) * lines.df.to_numpy(dtype=float) * lines.parallel.to_numpy(dtype=float)
        rating_from[rows] = rating_to[rows] = np.where(np.isnan(rating), np.inf, rating)
    if len(net.trafo):
        rows, units = kind == "trafo", net.trafo
        power = units.sn_mva.to_numpy(dtype=float) * units.df.to_numpy(dtype=float) * units.parallel.to_numpy(dtype=float)
        rating_from[rows] = power / (np.sqrt(3.0) * units.vn_hv_kv.to_numpy(dtype=float))
        rating_to[rows] = power / (np.sqrt(3.0) * units.vn_lv_kv.to_numpy(dtype=float))
    for end in ("hv", "mv", "lv") if len(net.trafo3w) else ():
        rows = (kind == "trafo3w") & (side == end)
        rating = net.trafo3w[f"sn_{end}_mva"].to_numpy(dtype=float) / (np.sqrt(3.0) * net.trafo3w[f"vn_{end}_kv"].to_numpy(dtype=float))
        (rating_from if end == "hv" else rating_to)[rows] = rating
    return rating_from, rating_to


def _tap_table(net: pandapowerNet, matrices: _Matrices, active: NDArray[np.bool_]) -> TapTable:
    """Let pandapower compute the admittances of each two-winding transformer at each of its tap positions; one that stands between two cannot move."""
    from pandapower.build_branch import _calc_trafo_parameter

    units = net.trafo
    lookups = matrices.lookups["branch"]
    first, last = lookups.get("trafo", (0, 0))
    columns = ["tap_min", "tap_max", "tap_pos", "tap_step_percent"]
    tap = np.array([units[column].to_numpy(dtype=float) if column in units else np.full(len(units), np.nan) for column in columns])
    whole = np.isfinite(tap).all(axis=0) & (tap[:3] == np.round(tap[:3])).all(axis=0)
    movable = np.flatnonzero(whole & (tap[0] < tap[1]) & (tap[3] != 0.0) & active[first:last])
    lowest, highest, present = (tap[row, movable].astype(np.int64) for row in range(3))
    length = int((highest - lowest).max(initial=-1)) + 1
    admittance = np.zeros((movable.size, length, 4), dtype=np.complex128)
    if movable.size:
        given = units.tap_pos.copy()
        scratch = {**matrices.case, "branch": matrices.case["branch"].copy()}
        for step in range(length):
            position = np.minimum(lowest + step, highest)
            units.iloc[movable, units.columns.get_loc("tap_pos")] = position.astype(given.dtype)
            _calc_trafo_parameter(net, scratch)
            admittance[:, step] = branch_admittances(scratch["branch"][first:last])[movable]
        units["tap_pos"] = given
    return TapTable(
        names=tuple(name_of(net, "trafo", units.index[row]) for row in movable),
        branch=(first + movable).astype(np.int64),
        table_row=units.index.to_numpy()[movable].astype(np.int64),
        lowest=lowest,
        highest=highest,
        present=present,
        admittance=admittance,
    )
