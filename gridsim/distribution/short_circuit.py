r"""Three-phase short-circuit currents at each bus by IEC 60909, against what breakers can break, and how strong the grid is for converters.

The equivalent voltage source at the fault [1]_, computed by pandapower:

.. math:: I_k'' = \frac{c\,U_n}{\sqrt 3\,|Z_k|} + \left|\frac{\sum_j Z_{kj}\,I_{j}}{Z_k}\right|, \qquad
   i_p = \sqrt 2\,(\kappa I_k''^{\,sources} + I_k''^{\,converters}), \qquad \kappa = 1.02 + 0.98\,e^{-3R/X}

with :math:`c` 1.1 for the largest and 1.0 for the smallest current above 1 kV, and :math:`R/X` at 20 Hz (method C). Corrections: transformers
:math:`K_T = 0.95\,c_{max}/(1 + 0.6\,x_T)` in the largest case only, machines :math:`K_G = c_{max}/(1 + x_d'' \sin\varphi)` with :math:`\sin\varphi = 1` for
condensers. Loads, line charging and shunts are left out, transformers are at their rated ratio, as the standard has it.

What feeds a fault: the public grid (with its largest, or smallest, short-circuit power), synchronous condensers, and in the largest case only the converters of
wind, solar, batteries and static var generators, each a current source of :math:`k` times its rated current [2]_. The standard adds their currents without
regard to phase: on the safe side, and far so where converters outweigh the grid. Left out: motors of the works, which feed a fault for some cycles (some 5 to
10 % at 10 kV, recalled), the synchronous machines of compressed-air plants and captive units, and rectifiers (they feed none).

Breakers are judged by :math:`I_k''` against the breaking current, on the safe side (it decays until the contacts part), and by :math:`i_p` against the making
current. Where a transformer row stands for units in parallel, its lower side is one busbar in the tables, and units coupled on it feed a fault together.
``ik_split_ka`` is the current with a busbar section for each unit, as stations of several units are run.

The short-circuit ratio is that of several infeeds: :math:`S_{k,min} / \sum_j |Z_{kj}/Z_k|\,S_j`, the converters' rated power weighted by how much each
moves the voltage at the bus (impedances of the largest case). A bus whose only converters are its own has the plain ratio. Below 3 a grid counts as weak,
below 2 as very weak (CIGRE TB 671, and GB/T 38969 for the weighting; recalled, M).

pandapower 3.5.6, as its code reads: it keeps one :math:`K_G` a bus, so machines at one bus are merged here; it takes line resistances as those of 20 degC, so
the table's are brought there; it warns of voltages it cannot give where a transformer's rated voltage is not its bus's, which are not used here; at a bus
that has both a machine and the public grid, its :math:`\kappa` leaves the grid out.

References
----------
.. [1] IEC 60909-0:2016, Short-circuit currents in three-phase a.c. systems, clauses 5 to 8 (recalled; through pandapower's implementation).
.. [2] the same, clause 6.9 and 7.2, full-size converters; :math:`k` is the maker's, 1.1 to 1.3 usual (recalled, M).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.short_circuit_breakers import Breaker, breaker_at, breakers_of
from gridsim.errors import DefinitionError, Problem, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from pandapower.auxiliary import pandapowerNet

    from gridsim.distribution.tables.distribution import Distribution

CONVERTER_OVERCURRENT = 1.2
"""Current that a converter feeds into a fault over its rated current (recalled, M). [1]"""

WEAK, VERY_WEAK = 3.0, 2.0
"""Short-circuit ratios below which a grid counts as weak (recalled, M). [1]"""

LINE_ALPHA_PER_KELVIN = 0.004
"""Rise of resistance, as IEC 60909 has it. [1/K]"""


@dataclass(frozen=True)
class BusShortCircuit:
    """Short circuits at one bus; a missing number where there is none."""

    bus: str
    voltage_kv: float
    ik_max_ka: float
    """Largest initial symmetrical current. [kA]"""
    ip_max_ka: float
    """Its peak. [kA]"""
    ik_min_ka: float
    sk_min_mva: float
    """Smallest short-circuit power. [MVA]"""
    grid_ka: float
    """What the public grid alone would feed. [kA]"""
    machines_ka: float
    """What condensers add to it. [kA]"""
    converters_ka: float
    """What converters add to both. [kA]"""
    breaker: str
    """Name of the breaker; empty where none is known for the level."""
    breaking_ka: float
    making_ka: float
    margin: float
    """What is left of the breaking or the making current, the smaller share; negative where the breaker is too weak. [1]"""
    units: int
    """Transformers in parallel that feed the bus as one row of the tables and can be split; 1 where there is nothing to split."""
    ik_split_ka: float
    """Largest initial current with a busbar section for each such unit. [kA]"""
    converter_mva: float
    """Rated power of converters at the bus itself. [MVA]"""
    infeed_mva: float
    """Rated power of all converters as it weighs at the bus. [MVA]"""
    short_circuit_ratio: float

    @property
    def exceeds(self) -> bool:
        """Whether the breaker is too weak."""
        return self.margin < 0.0

    @property
    def exceeds_split(self) -> bool:
        """Whether it is too weak for the breaking current even with a busbar section for each unit."""
        return self.exceeds and self.ik_split_ka > self.breaking_ka

    @property
    def strength(self) -> str:
        """The grid's strength for converters: strong, weak or very weak; empty where no converter weighs."""
        if np.isnan(self.short_circuit_ratio):
            return ""
        return "very weak" if self.short_circuit_ratio < VERY_WEAK else "weak" if self.short_circuit_ratio < WEAK else "strong"


def short_circuits_of(distribution: Distribution, converter_mva: Mapping[str, float] | None = None) -> tuple[BusShortCircuit, ...]:
    """Short circuits of a park's network, with its own breakers where it has a ``breakers.csv``, and its lines' resistances at 20 degC.

    Parameters
    ----------
    converter_mva : mapping, optional
        Rated power of wind, solar and battery converters by bus. [MVA]
    """
    from gridsim.distribution.tables.to_pandapower import to_pandapower

    own_tables = distribution.net is None  # of a foreign network the lines' resistances are taken as they are
    degc = np.array([distribution.line_types[row.type].r_temperature_degc for row in distribution.lines.values()]) if own_tables else None
    return short_circuits(to_pandapower(distribution), converter_mva=converter_mva, breakers=breakers_of(distribution.folder), line_degc=degc)


def short_circuits(
    net: pandapowerNet,
    *,
    converter_mva: Mapping[str, float] | None = None,
    overcurrent: float = CONVERTER_OVERCURRENT,
    breakers: tuple[Breaker, ...] | None = None,
    line_degc: float | NDArray[np.float64] = 20.0,
) -> tuple[BusShortCircuit, ...]:
    """Short circuits at each bus of a pandapower network.

    Parameters
    ----------
    net : pandapowerNet
        External grids with ``s_sc_max_mva``, ``rx_max`` (and ``_min``); generators with ``sn_mva``, ``vn_kv``, ``xdss_pu``, ``rdss_ohm``, ``cos_phi``, or
        marked in a column ``static``: those are converters of ``sn_mva``. Static generators of the network are not read.
    converter_mva : mapping, optional
        Rated power of converters by the name of the bus. [MVA]
    overcurrent : float
        Current that they feed into a fault over their rated current. [1]
    breakers : tuple of Breaker, optional
        The shipped ones by default.
    line_degc : float or array, shape (lines,)
        Temperature for which the lines' resistances are given. [degC]

    Raises
    ------
    DefinitionError
        For sources without short-circuit data and converters at unknown buses, all at once.
    """
    breakers = breakers_of() if breakers is None else breakers
    converters = dict(converter_mva or {})
    _check(net, converters)
    prepared, infeed = _prepared(net, converters, overcurrent, line_degc)
    grid = _currents(prepared, machines=False, converters=False)
    sources = _currents(prepared, converters=False)
    everything = _currents(prepared)
    smallest = _currents(prepared, case="min")
    rows = _splittable(prepared)
    split = _currents(_split(prepared, rows))
    units = {int(prepared.trafo.lv_bus.at[row]): int(prepared.trafo.parallel.at[row]) for row in rows}
    found = []
    for bus in net.bus.index:
        name, kv = str(net.bus.at[bus, "name"]), float(net.bus.at[bus, "vn_kv"])
        breaker = breaker_at(breakers, kv)
        ik_ka, ip_ka = everything.ikss_ka[bus], everything.ip_ka[bus]
        margin = np.nan if breaker is None else 1.0 - max(ik_ka / breaker.breaking_ka, ip_ka / breaker.peak_ka)
        added_ka = ik_ka - sources.ikss_ka[bus]
        weighing_mva = np.sqrt(3.0) * kv * added_ka / overcurrent
        sk_min_mva = np.sqrt(3.0) * kv * smallest.ikss_ka[bus]
        found.append(
            BusShortCircuit(
                bus=name,
                voltage_kv=kv,
                ik_max_ka=float(ik_ka),
                ip_max_ka=float(ip_ka),
                ik_min_ka=float(smallest.ikss_ka[bus]),
                sk_min_mva=float(sk_min_mva),
                grid_ka=float(grid.ikss_ka[bus]),
                machines_ka=float(sources.ikss_ka[bus] - grid.ikss_ka[bus]),
                converters_ka=float(added_ka),
                breaker="" if breaker is None else breaker.name,
                breaking_ka=np.nan if breaker is None else breaker.breaking_ka,
                making_ka=np.nan if breaker is None else breaker.peak_ka,
                margin=float(margin),
                units=units.get(int(bus), 1),
                ik_split_ka=float(split.ikss_ka[bus]),
                converter_mva=float(infeed.get(bus, 0.0)),
                infeed_mva=float(weighing_mva),
                short_circuit_ratio=float(sk_min_mva / weighing_mva) if weighing_mva > 1e-6 * sk_min_mva else np.nan,
            )
        )
    return tuple(found)


def table(found: tuple[BusShortCircuit, ...]) -> pd.DataFrame:
    """One row a bus, the smallest margin first."""
    import dataclasses

    import pandas as pd

    rows = [{**dataclasses.asdict(bus), "exceeds": bus.exceeds, "exceeds_split": bus.exceeds_split, "strength": bus.strength} for bus in found]
    return pd.DataFrame(rows).sort_values("margin", kind="stable", ignore_index=True)


def _check(net: pandapowerNet, converters: Mapping[str, float]) -> None:
    problems = []
    names = [str(name) for name in net.bus.name]
    for bus, mva in converters.items():
        if bus not in names:
            problems.append(Problem(f"converter_mva at '{bus}'", "is not a bus of the network", did_you_mean(bus, names)))
        elif not (np.isfinite(mva) and mva >= 0.0):
            problems.append(Problem(f"converter_mva at '{bus}'", f"{mva}", "give its rated power in MVA"))
    needed = {"ext_grid": ("s_sc_max_mva", "s_sc_min_mva", "rx_max", "rx_min"), "gen": ("sn_mva", "vn_kv", "xdss_pu", "rdss_ohm", "cos_phi")}
    for kind, columns in needed.items():
        frame = net[kind]
        rows = frame[frame.in_service.astype(bool) & ~(frame.static.astype(bool) if "static" in frame else np.zeros(len(frame), dtype=bool))]
        for row in rows.index:
            missing = [column for column in columns if column not in rows or not np.isfinite(rows.at[row, column])]
            if missing:
                problems.append(
                    Problem(f"{kind} '{rows.at[row, 'name']}'", f"has no {', '.join(missing)}", "a short circuit needs what the source feeds into it")
                )
    if problems:
        raise DefinitionError("the short-circuit calculation", problems)


def _prepared(
    net: pandapowerNet, converters: Mapping[str, float], overcurrent: float, line_degc: float | NDArray[np.float64]
) -> tuple[pandapowerNet, dict[int, float]]:
    """Return a copy that holds what feeds a fault, and the rated power of converters by bus. [MVA]"""
    import copy

    import pandapower

    net = copy.deepcopy(net)
    if len(net.line):
        net.line["r_ohm_per_km"] = net.line.r_ohm_per_km / (1.0 + LINE_ALPHA_PER_KELVIN * (np.asarray(line_degc) - 20.0))
        if "endtemp_degree" not in net.line:
            net.line["endtemp_degree"] = 80.0  # a usual end of overhead lines (judged)
    index = {str(name): int(bus) for bus, name in net.bus.name.items()}
    infeed: dict[int, float] = {}
    for name, mva in converters.items():
        infeed[index[name]] = infeed.get(index[name], 0.0) + mva
    static = net.gen.static.astype(bool) if "static" in net.gen else np.zeros(len(net.gen), dtype=bool)
    for unit in net.gen[static & net.gen.in_service].itertuples():
        infeed[int(unit.bus)] = infeed.get(int(unit.bus), 0.0) + unit.sn_mva
    net.gen = _merged(net.gen[~static & net.gen.in_service])
    net.sgen = net.sgen.iloc[:0]
    for bus, mva in infeed.items():
        pandapower.create_sgen(net, bus, p_mw=0.0, sn_mva=mva, k=overcurrent, current_source=True)
    return net, infeed


def _merged(machines: pd.DataFrame) -> pd.DataFrame:
    """Merge the machines of a bus into one: reactances and resistances in parallel, ratings added."""
    machines = machines.copy()
    shared = machines[machines.bus.duplicated(keep=False)]
    for _, group in shared.groupby("bus"):
        first, ohm = group.index[0], group.xdss_pu * group.vn_kv**2 / group.sn_mva
        impedance = 1.0 / (1.0 / (group.rdss_ohm + 1j * ohm)).sum()
        machines.loc[first, ["sn_mva", "rdss_ohm", "cos_phi"]] = group.sn_mva.sum(), impedance.real, (group.cos_phi * group.sn_mva).sum() / group.sn_mva.sum()
        machines.at[first, "xdss_pu"] = impedance.imag * group.sn_mva.sum() / group.vn_kv.iloc[0] ** 2
        machines = machines.drop(index=group.index[1:])
    return machines


def _splittable(net: pandapowerNet) -> list[int]:
    """Transformer rows of several units that alone feed what lies below them, with no source there."""
    import networkx
    from pandapower.topology import create_nxgraph

    sources = {int(bus) for kind in ("ext_grid", "gen") for bus in net[kind].bus[net[kind].in_service.astype(bool)]}
    graph = create_nxgraph(net)
    found = []
    for row in net.trafo.index[net.trafo.in_service.astype(bool) & (net.trafo.parallel > 1)]:
        hv, lv = int(net.trafo.hv_bus.at[row]), int(net.trafo.lv_bus.at[row])
        if graph.number_of_edges(hv, lv) != 1:
            continue
        rest = graph.copy()
        rest.remove_edges_from([(hv, lv, key) for key in list(rest[hv][lv])])
        if not networkx.node_connected_component(rest, lv) & (sources | {hv}):
            found.append(int(row))
    return found


def _split(net: pandapowerNet, rows: list[int]) -> pandapowerNet:
    """Return a copy with one unit of each row and its share of the converters at the lower side; the other units' converters feed in above."""
    import copy

    import pandapower

    net = copy.deepcopy(net)
    for row in rows:
        units, hv, lv = (net.trafo.at[row, column] for column in ("parallel", "hv_bus", "lv_bus"))
        net.trafo.at[row, "parallel"] = 1
        for unit in net.sgen.index[net.sgen.bus == lv]:
            rated, overcurrent = net.sgen.at[unit, "sn_mva"], net.sgen.at[unit, "k"]
            net.sgen.at[unit, "sn_mva"] = rated / units
            pandapower.create_sgen(net, hv, p_mw=0.0, sn_mva=rated * (units - 1) / units, k=overcurrent, current_source=True)
    return net


def _currents(net: pandapowerNet, case: str = "max", *, machines: bool = True, converters: bool = True) -> pd.DataFrame:
    """Let pandapower compute; ``ikss_ka`` and ``ip_ka`` by bus."""
    import copy
    import logging
    import warnings

    from pandapower.shortcircuit import calc_sc

    net = copy.deepcopy(net)
    if not machines:
        net.gen = net.gen.iloc[:0]
    if not converters:
        net.sgen = net.sgen.iloc[:0]
    told = logging.getLogger("pandapower.shortcircuit.calc_sc")
    disabled, told.disabled = told.disabled, True  # it says of every network with machines that the decay of peaks near them is left out
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calc_sc(net, fault="3ph", case=case, ip=True, kappa_method="C")
    finally:
        told.disabled = disabled
    return net.res_bus_sc
