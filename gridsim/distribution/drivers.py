r"""What drives a violation: how its excess answers to each asset's supply, and what each asset contributes.

With the excess :math:`x` of an hour and element and the assets' supplies :math:`P_a`, asset :math:`a` contributes :math:`\frac{\partial x}{\partial P_a} P_a`:
what the excess would, to first order, fall by if the asset did nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.gradients import Quantities, gradients
from gridsim.distribution.violations import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.injections import Connected
    from gridsim.distribution.network import Network
    from gridsim.distribution.powerflow.wires import YearFlow
    from gridsim.distribution.violations import Violations


def excess_by_asset(network: Network, connected: Connected, flow: YearFlow, violations: Violations) -> NDArray[np.float64]:
    """Derivative of the excess of each violation to the supply of each asset, reactive power following. Shape (V, A). [unit of its kind / MW]

    Rows of hours without a solution are not a number.
    """
    wires = network.wires
    result = np.full((violations.hour.size, len(connected.assets)), np.nan)
    kind = np.array(KINDS, dtype=object)[violations.kind]
    known = np.flatnonzero(kind != "no_solution")
    if not known.size:
        return result
    hour, element = violations.hour[known], violations.element[known]
    quantity, factor = _quantities(network, flow, kind[known], hour, element)
    total = np.zeros((known.size, len(connected.assets)))
    for slack in range(wires.slack_nodes.size):
        rows = np.arange(known.size) if slack == 0 else np.flatnonzero(quantity == "slack_p")
        at = np.where(quantity[rows] == "slack_p", slack, element[rows])
        by_p, by_q = gradients(wires, connected.injections, flow, Quantities(hour[rows], quantity[rows], at), connected.rules)
        total[rows] += connected.by_asset(hour[rows], by_p, by_q)
    result[known] = factor[:, None] * total
    return result


def _quantities(
    network: Network, flow: YearFlow, kind: NDArray, hour: NDArray[np.int64], element: NDArray[np.int64]
) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Name what each violation is about, and by what its derivative is that of the excess."""
    wires = network.wires
    branch = np.where((kind == "line") | (kind == "transformer"), element, 0)
    from_loading = flow.current_from_ka[hour, branch] / wires.rating_from_ka[branch]
    to_loading = flow.current_to_ka[hour, branch] / wires.rating_to_ka[branch]
    at_from = from_loading >= to_loading
    is_voltage = np.char.startswith(kind.astype(str), "voltage")
    quantity = np.where(is_voltage, "voltage", np.where(kind == "connection", "slack_p", np.where(at_from, "current_from", "current_to")))
    per_rating = 1.0 / np.where(at_from, wires.rating_from_ka[branch], wires.rating_to_ka[branch])
    exporting = (kind == "connection") & (flow.slack_p_mw.sum(axis=1)[hour] < 0.0)
    sign = np.where((kind == "voltage_low") | exporting, -1.0, 1.0)
    factor = np.where(is_voltage | (kind == "connection"), sign, per_rating)
    return quantity, factor


def strongest(connected: Connected, violations: Violations, by_asset: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the assets that contribute most to each violation, and their contribution in its unit. Shape (V, count) each; -1 where there are fewer."""
    contribution = np.nan_to_num(by_asset * connected.supply_mw[violations.hour])
    order = np.argsort(-contribution, axis=1)[:, :count]
    value = np.take_along_axis(contribution, order, axis=1)
    return np.where(value > 0.0, order, -1), value
