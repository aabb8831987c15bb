"""A network as the power flow sees it, and a year of its answers: plain arrays, no engine is needed to read them.

A *bus* is a row of the user's table. A *node* is what the equations see: buses that closed switches join are one node; open line switches and
three-winding transformers add nodes that have no bus. Powers are positive where they supply a bus and negative where they draw from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class TapTable:
    """Admittances of the transformers whose tap can move, at each of their positions. K tap changers, L positions (the most that any has)."""

    names: tuple[str, ...]
    branch: NDArray[np.int64]
    """Row of each in the branches. Shape (K,)."""
    table_row: NDArray[np.int64]
    """Index of each in the transformer table. Shape (K,)."""
    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]
    present: NDArray[np.int64]
    """Position that the network has as it was given. Shape (K,)."""
    admittance: NDArray[np.complex128]
    """from-from, from-to, to-from and to-to of each position, counted from the lowest. Shape (K, L, 4). [p.u.]"""


@dataclass(frozen=True, eq=False)
class Wires:
    """A distribution network in per unit, as pandapower itself would solve it. N buses, n nodes, B branches, V voltage-controlled nodes."""

    base_mva: float
    bus_names: tuple[str, ...]
    bus_index: NDArray[np.int64]
    """Index of each bus in the pandapower table. Shape (N,)."""
    bus_kv: NDArray[np.float64]
    bus_node: NDArray[np.int64]
    """Node of each bus; -1 for a bus that is out of service. Shape (N,)."""
    vm_min_pu: NDArray[np.float64]
    """Lower voltage limit of each bus; not a number where the table has none. Shape (N,)."""
    vm_max_pu: NDArray[np.float64]
    node_kv: NDArray[np.float64]
    admittance: csr_matrix
    """Nodal admittance, shunts included. Shape (n, n). [p.u.]"""
    shunt: NDArray[np.complex128]
    """What shunts contribute to the diagonal. Shape (n,). [p.u.]"""
    fixed_mva: NDArray[np.complex128]
    """Supply that no hour varies: wards, motors, unsymmetric loads, direct-current lines. Shape (n,). [MVA]"""
    slack_nodes: NDArray[np.int64]
    slack_voltage: NDArray[np.complex128]
    """Voltage of each slack node. [p.u.]"""
    controlled_nodes: NDArray[np.int64]
    """Nodes whose voltage a generator holds. Shape (V,)."""
    controlled_vm_pu: NDArray[np.float64]
    controlled_q_min_mvar: NDArray[np.float64]
    """What the generators of each such node can supply at least, together. Shape (V,). [Mvar]"""
    controlled_q_max_mvar: NDArray[np.float64]
    branch_names: tuple[str, ...]
    branch_table: tuple[str, ...]
    """pandapower table of each branch: line, trafo, trafo3w, impedance, xward or switch."""
    branch_index: NDArray[np.int64]
    """Index of each branch in that table; a three-winding transformer has three branches, one a winding. Shape (B,)."""
    branch_winding: tuple[str, ...]
    """hv, mv or lv for the windings of a three-winding transformer; else empty."""
    branch_from: NDArray[np.int64]
    """Node at the from (hv) end; -1 where the branch is out of service. Shape (B,)."""
    branch_to: NDArray[np.int64]
    branch_admittance: NDArray[np.complex128]
    """from-from, from-to, to-from, to-to. Shape (B, 4). [p.u.]"""
    from_base_ka: NDArray[np.float64]
    """Current at the from end that is 1 p.u. Shape (B,). [kA]"""
    to_base_ka: NDArray[np.float64]
    rating_from_ka: NDArray[np.float64]
    """Current at the from end that is a loading of 1; infinite where that end is not judged. Shape (B,). [kA]"""
    rating_to_ka: NDArray[np.float64]
    taps: TapTable
    frequency_hz: float = 50.0

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.node_kv.size

    @property
    def buses(self) -> int:
        """Number of buses."""
        return self.bus_kv.size

    @property
    def branches(self) -> int:
        """Number of branches."""
        return self.from_base_ka.size

    def bus(self, name: str) -> int:
        """Return the row of a bus by its name."""
        try:
            return self.bus_names.index(name)
        except ValueError:
            raise KeyError(f"no bus is called '{name}'") from None


@dataclass(frozen=True, eq=False)
class Injections:
    """What the park supplies to each bus at each hour, everything at the bus together; negative where it draws."""

    p_mw: NDArray[np.float64]
    """Shape (T, N). [MW]"""
    q_mvar: NDArray[np.float64]
    """Without what voltage-controlling generators supply. Shape (T, N). [Mvar]"""


@dataclass(frozen=True, eq=False)
class YearFlow:
    """A power flow for each hour. Values of an hour without a solution, and of a bus out of service, are not a number."""

    vm_pu: NDArray[np.float64]
    """Shape (T, N). [p.u.]"""
    va_deg: NDArray[np.float64]
    current_from_ka: NDArray[np.float64]
    """Shape (T, B). [kA]"""
    current_to_ka: NDArray[np.float64]
    loading: NDArray[np.float64]
    """Current over rating, the worse end; 1 is the rating. Shape (T, B)."""
    losses_mw: NDArray[np.float64]
    """Active losses of all branches. Shape (T,). [MW]"""
    losses_mvar: NDArray[np.float64]
    slack_p_mw: NDArray[np.float64]
    """What each slack node's grid supplies. Shape (T, slacks). [MW]"""
    slack_q_mvar: NDArray[np.float64]
    controlled_q_mvar: NDArray[np.float64]
    """What the generators of each voltage-controlled node supply. Shape (T, V). [Mvar]"""
    at_q_limit: NDArray[np.bool_]
    """Where those generators are at a limit and no longer hold the voltage. Shape (T, V)."""
    q_mvar: NDArray[np.float64]
    """Reactive injections after the rules. Shape (T, N). [Mvar]"""
    tap_position: NDArray[np.int64]
    """Position of each tap changer. Shape (T, K)."""
    tap_operations: NDArray[np.int64]
    """Steps that each tap changer made from the first hour to the last. Shape (K,)."""
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]
    mismatch_pu: NDArray[np.float64]
    """Largest power mismatch at any node. Shape (T,). [p.u.]"""
    reason: dict[int, str] = field(default_factory=dict)
    """Why an hour has no solution; or, for an hour that has one, why its tap changers did not come to rest."""

    @property
    def hours(self) -> int:
        """Number of hours."""
        return self.converged.size
