r"""From violations to linear limits on the dispatch.

With the excess :math:`x` of an hour and element (negative inside its limit), its derivatives :math:`g_a` to the supply of each asset and the supply
:math:`P_a^0` at which they were taken, the dispatch is asked for

.. math:: \sum_a g_a (P_a - P_a^0) \le -x - \varepsilon

in MW of the most effective asset, that is divided by :math:`\max_a |g_a|`; loads that nothing moves are assets too, so that what has next to no say in a
limit is not asked for the impossible. The margin :math:`\varepsilon` makes up for the curvature of what is cut.
An hour without a solution is cut where it has one: its supplies are scaled down together until the power flow converges, and from there the losses may not
grow, whose derivatives point to the collapse; limits that are broken at that point are cut too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.drivers import excess_by_asset
from gridsim.distribution.injections import hang
from gridsim.distribution.powerflow.gradients import Quantities, gradients
from gridsim.distribution.powerflow.rules import TapControl
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.violations import KINDS, NetworkLimits, Violations, find_violations
from gridsim.technologies.draft import SnapshotLimits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.injections import Connected

NEAR_LOADING, NEAR_VOLTAGE_PU = 0.9, 0.005
"""An element that was beyond its limit in some hour is cut in all hours in which it comes this near to it, so that no other hour takes its place (judged)."""

MARGIN_LOADING, MARGIN_VOLTAGE_PU = 5e-4, 2e-4
"""How far inside the limit a cut aims; of the limit for loading and the connection (judged)."""

SCALES = np.array([0.98, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
"""Of the supplies, tried where an hour has no solution."""

SMALLEST_COEFFICIENT = 1e-5
"""Coefficients below this share of the row's largest are left out."""

Element = tuple[int, int]
"""Kind (place in `KINDS`) and element, as in `Violations`."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """Limits for the dispatch, and what each row is about. R rows."""

    limits: SnapshotLimits
    kind: NDArray[np.int64]
    element: NDArray[np.int64]
    limit: NDArray[np.float64]
    """Of the element, in its unit. Shape (R,)."""
    scale: NDArray[np.float64]
    """Unit of the kind per MW of the row. Shape (R,)."""


def elements_of(violations: Violations) -> set[Element]:
    """Return the elements that are beyond a limit."""
    return {(int(kind), int(element)) for kind, element in zip(violations.kind, violations.element, strict=True)}


def make_cuts(checked: Feasibility, watched: set[Element], name: str, price_cny_per_mwh: float) -> Cuts:
    """Cut every hour in which a watched element is beyond its limit or near it.

    Parameters
    ----------
    watched : set of (kind, element)
        Elements that were beyond their limit in this or an earlier dispatch.
    price_cny_per_mwh : float
        Of exceeding a cut by one MW of the most effective asset.
    """
    near = _near(checked, watched)
    by_asset = excess_by_asset(checked.network, checked.connected, checked.flow, near)
    parts = [_rows(checked.connected, near, by_asset, checked.connected.supply_mw[near.hour], near.hour)]
    unsolved = np.flatnonzero(~checked.flow.converged)
    if unsolved.size:
        parts += _of_unsolved(checked, unsolved)
    hour, kind, element, limit, signed, gradient, supply = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _limits(checked, name, price_cny_per_mwh, hour, kind, element, limit, signed, gradient, supply)


def _near(checked: Feasibility, watched: set[Element]) -> Violations:
    """Hours in which watched elements are near their limits, in the form of violations; their excess is negative where they are inside."""
    limits = checked.network.limits
    lowered = NetworkLimits(
        vm_min_pu=limits.vm_min_pu + NEAR_VOLTAGE_PU,
        vm_max_pu=limits.vm_max_pu - NEAR_VOLTAGE_PU,
        loading=limits.loading * NEAR_LOADING,
        import_mw=limits.import_mw * NEAR_LOADING,
        export_mw=limits.export_mw * NEAR_LOADING,
    )
    near = find_violations(checked.network.wires, checked.connected.injections, checked.flow, lowered, checked.dispatch.time.step_hours)
    width = int(near.element.max(initial=0)) + 1  # each pair of kind and element as one number
    wanted = np.isin(near.kind * width + near.element, [kind * width + element for kind, element in watched if element < width])
    kept = np.flatnonzero(wanted & ~near.of("no_solution"))
    columns = {column: getattr(near, column)[kept] for column in ("hour", "kind", "element", "value", "limit", "energy_at_risk_mwh")}
    return _with_limits(Violations(**columns), limits)


def _with_limits(near: Violations, limits: NetworkLimits) -> Violations:
    """Put the limits themselves in place of the lowered ones."""
    limit = near.limit.copy()
    for kind, values in (("voltage_low", limits.vm_min_pu), ("voltage_high", limits.vm_max_pu), ("line", limits.loading), ("transformer", limits.loading)):
        limit[near.of(kind)] = values[near.element[near.of(kind)]]
    connection = near.of("connection")
    limit[connection] = np.where(near.limit[connection] == limits.import_mw * NEAR_LOADING, limits.import_mw, limits.export_mw)
    return replace(near, limit=limit)


def _rows(connected: Connected, near: Violations, by_asset: NDArray[np.float64], supply: NDArray[np.float64], hour: NDArray[np.int64]) -> tuple[NDArray, ...]:
    """Hour, kind, element, limit, signed excess with its margin, derivatives and supplies of each row."""
    low, voltage = near.of("voltage_low"), near.of("voltage_low") | near.of("voltage_high")
    signed = np.where(low, near.limit - near.value, near.value - near.limit)
    margin = np.where(voltage, MARGIN_VOLTAGE_PU, MARGIN_LOADING * near.limit)
    return hour, near.kind, near.element, near.limit, signed + margin, by_asset, supply


def _of_unsolved(checked: Feasibility, unsolved: NDArray[np.int64]) -> list[tuple[NDArray, ...]]:
    """Rows of hours without a solution, taken at the largest part of their supplies that has one."""
    connected, network = checked.connected, checked.network
    supply = (SCALES[:, None, None] * connected.supply_mw[unsolved]).reshape(-1, len(connected.assets))
    hour = np.tile(unsolved, SCALES.size)
    smaller = hang(checked.dispatch.draft, network, connected.supply_of, supply)
    rules = tuple(rule for rule in smaller.rules if not isinstance(rule, TapControl))
    flow = solve(network.wires, smaller.injections, rules=rules, enforce_q_limits=True, tap_position=checked.flow.tap_position[hour])
    first = flow.converged.reshape(SCALES.size, -1)
    chosen = np.flatnonzero(first.any(axis=0))
    at = np.argmax(first[:, chosen], axis=0) * unsolved.size + chosen
    if not at.size:
        return []
    by_p, by_q = gradients(network.wires, smaller.injections, flow, Quantities(at, np.full(at.size, "losses"), np.zeros_like(at)), rules)
    losses = smaller.by_asset(at, by_p, by_q)
    zero, kind = np.zeros(at.size, dtype=np.int64), np.full(at.size, KINDS.index("no_solution"))
    parts = [(hour[at], kind, zero, zero.astype(float), zero.astype(float), losses, supply[at])]
    broken = find_violations(network.wires, smaller.injections, flow, network.limits, checked.dispatch.time.step_hours)
    kept = np.flatnonzero(np.isin(broken.hour, at) & ~broken.of("no_solution"))
    broken = Violations(**{column: getattr(broken, column)[kept] for column in ("hour", "kind", "element", "value", "limit", "energy_at_risk_mwh")})
    parts.append(_rows(smaller, broken, excess_by_asset(network, smaller, flow, broken), supply[broken.hour], hour[broken.hour]))
    return parts


def _limits(
    checked: Feasibility,
    name: str,
    price: float,
    hour: NDArray[np.int64],
    kind: NDArray[np.int64],
    element: NDArray[np.int64],
    limit: NDArray[np.float64],
    signed: NDArray[np.float64],
    gradient: NDArray[np.float64],
    supply: NDArray[np.float64],
) -> Cuts:
    r"""Turn rows over assets into rows over components: :math:`P_a = \sum_c f_c\,p_c + \text{fixed}_a`."""
    connected, draft, flows = checked.connected, checked.dispatch.draft, checked.dispatch.flows
    steps = checked.dispatch.time.steps
    moved = {
        component: (asset, np.broadcast_to(np.asarray(factor, dtype=float), (steps,)))
        for asset, parts in enumerate(connected.supply_of.values())
        for component, factor in parts
        if draft.components[component].kind != "Load"
    }
    fixed = connected.supply_mw[hour].copy()
    for component, (asset, factor) in moved.items():
        fixed[:, asset] -= factor[hour] * flows[component][hour]
    coefficient = np.column_stack([np.zeros((hour.size, 0)), *(gradient[:, asset] * factor[hour] for asset, factor in moved.values())])
    right = -signed + (gradient * (supply - fixed)).sum(axis=1)
    scale = np.abs(gradient).max(axis=1, initial=0.0)
    kept = np.flatnonzero(scale > 0.0)
    coefficient, scale = coefficient[kept] / scale[kept, None], scale[kept]
    coefficient[np.abs(coefficient) < SMALLEST_COEFFICIENT] = 0.0
    limits = SnapshotLimits(name, tuple(moved), hour[kept], coefficient, right[kept] / scale, price)
    return Cuts(limits, kind[kept], element[kept], limit[kept], scale)
