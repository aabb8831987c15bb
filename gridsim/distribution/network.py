"""The network of a park, ready for power flows: its pandapower network, its wires, its limits, and what hangs where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.prepare import prepare
from gridsim.distribution.tables.checks_assets import GRID_TYPE
from gridsim.distribution.tables.distribution import distribution_of
from gridsim.distribution.tables.to_pandapower import to_pandapower
from gridsim.distribution.violations import NetworkLimits

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandapower.auxiliary import pandapowerNet

    from gridsim.distribution.powerflow.wires import Wires
    from gridsim.distribution.tables.distribution import Distribution
    from gridsim.park.park import Park


@dataclass(frozen=True, eq=False)
class Network:
    """The wires of one stage of a park."""

    tables: Distribution
    net: pandapowerNet
    wires: Wires
    limits: NetworkLimits


def network_of(park: Park) -> Network:
    """Read a park's network.

    Raises
    ------
    DefinitionError
        With all problems of its tables, or of the network that they make.
    """
    tables = distribution_of(park)
    net = to_pandapower(tables)
    wires = prepare(net)
    return Network(tables, net, wires, limits_of(park, net, wires))


def limits_of(park: Park, net: pandapowerNet, wires: Wires) -> NetworkLimits:
    """Return the limits of normal operation; the declared capacities are those of all grid connections together."""
    grids = [technology for technology in park.technologies.values() if technology.type == GRID_TYPE]
    return NetworkLimits(
        vm_min_pu=np.where(np.isnan(wires.vm_min_pu), -np.inf, wires.vm_min_pu),
        vm_max_pu=np.where(np.isnan(wires.vm_max_pu), np.inf, wires.vm_max_pu),
        loading=loading_limits(net, wires, "max_loading_percent"),
        import_mw=sum(grid.import_limit_mw for grid in grids) if grids else np.inf,
        export_mw=sum(grid.export_limit_mw for grid in grids) if grids and all(grid.export_limit_mw > 0 for grid in grids) else np.inf,
    )


def loading_limits(net: pandapowerNet, wires: Wires, column: str) -> NDArray[np.float64]:
    """Return the largest loading of each branch from a column of the network's tables; 1 where it has none. Shape (B,)."""
    limit = np.ones(wires.branches)
    for table in set(wires.branch_table):
        if column in net[table]:
            rows = np.flatnonzero(np.array(wires.branch_table, dtype=object) == table)
            given = net[table][column].loc[wires.branch_index[rows]].to_numpy(dtype=float) / 100.0
            limit[rows] = np.where(np.isnan(given), 1.0, given)
    return limit
