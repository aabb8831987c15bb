r"""Reactive power that follows from the hour itself: a fixed relation to active power, or a curve over the voltage at the bus.

Sign as everywhere in this package: positive supplies the bus (over-excited, raises the voltage).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.newton import Equations
    from gridsim.distribution.powerflow.wires import Wires


@dataclass(frozen=True)
class VoltageCurve:
    """Q(U): reactive supply at a bus by its voltage, straight between the points and level beyond them."""

    bus: str
    vm_pu: tuple[float, ...]
    """Voltages of the points, rising. [p.u.]"""
    q_mvar: tuple[float, ...]
    """Reactive supply at the points, falling as the voltage rises. [Mvar]"""


@dataclass(frozen=True)
class PowerFactorCurve:
    r"""cos φ(P): the power factor at a bus by the active supply of one asset, straight between the points and level beyond them.

    .. math:: q = \pm |p| \tan(\arccos(\cos\varphi(|p|)))

    A fixed power factor is a curve of one point.
    """

    bus: str
    p_mw: NDArray[np.float64]
    """Active supply of the asset at each hour. Shape (T,). [MW]"""
    at_mw: tuple[float, ...]
    """Sizes of the active supply at the points, rising. [MW]"""
    power_factor: tuple[float, ...]
    """cos φ at the points: positive supplies reactive power, negative draws it; from -1 to 1, never 0. [1]"""


@dataclass(frozen=True)
class TapControl:
    """A tap changer that holds the voltage of a bus within a dead band, one step after the other, hour after hour."""

    transformer: str
    bus: str
    """Bus whose voltage is held."""
    lowest_vm_pu: float
    highest_vm_pu: float


Rule = VoltageCurve | PowerFactorCurve | TapControl


@dataclass(frozen=True, eq=False)
class NodeCurves:
    """The Q(U) curves of a network, by node. R curves."""

    rows: NDArray[np.int64]
    """Node of each curve (row of it once ordered); no node twice. Shape (R,)."""
    curves: tuple[tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...], ...]
    """The curves at each node: voltages [p.u.] and reactive supply [p.u.]."""

    def ordered(self, equations: Equations) -> NodeCurves:
        """Return the same with rows in the order of the equations; curves at nodes whose voltage is held are left out: there they change nothing."""
        position = np.empty(equations.order.size, dtype=np.int64)
        position[equations.order] = np.arange(equations.order.size)
        rows = position[self.rows]
        keep = np.flatnonzero(rows < equations.free)
        return NodeCurves(rows[keep], tuple(self.curves[row] for row in keep))

    def reactive_pu(self, vm_pu: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reactive supply at the voltages of the curves' nodes. Shape (R, ...). [p.u.]"""
        result = np.zeros_like(vm_pu)
        for row, curves in enumerate(self.curves):
            for voltages, reactive in curves:
                result[row] += np.interp(vm_pu[row], voltages, reactive)
        return result

    def at(self, nodes: NDArray[np.int64], vm_pu: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reactive supply of the curves at some nodes, 0 where there is none; nodes in the order of the rows. Shapes (nodes, T). [p.u.]"""
        result = np.zeros_like(vm_pu)
        for node, curves in zip(self.rows, self.curves, strict=True):
            for place in np.flatnonzero(nodes == node):
                result[place] = sum(np.interp(vm_pu[place], voltages, reactive) for voltages, reactive in curves)
        return result

    def supply(self, vm_pu: NDArray[np.float64], supply: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
        """Return the supply of one hour with the curves, and the slope of the curves: how much q falls per ν of each free node. [p.u.]"""
        if not self.rows.size:
            return supply, np.zeros(vm_pu.size)
        supply = supply.copy()
        at = vm_pu[self.rows]
        supply[self.rows] += 1j * self.reactive_pu(at)
        return supply, self.slopes(vm_pu)

    def slopes(self, vm_pu: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how much q falls per ν of each free node, at the magnitudes of the free nodes; in a corner the mean of both sides. Shape (F, ...). [p.u.]"""
        slope, at = np.zeros_like(vm_pu), vm_pu[self.rows]
        slope[self.rows] = (self.reactive_pu(at - 1e-7) - self.reactive_pu(at + 1e-7)) / 2e-7 * at
        return slope

    def segments(self, vm_pu: NDArray[np.float64]) -> NDArray[np.int64]:
        """On which piece of its curves each node stands. Shape (R, T) for voltages of that shape."""
        result = np.zeros(vm_pu.shape, dtype=np.int64)
        for row, curves in enumerate(self.curves):
            for voltages, _ in curves:
                result[row] = result[row] * (len(voltages) + 1) + np.digitize(vm_pu[row], voltages)
        return result

    def steepest(self, free: int) -> NDArray[np.float64]:
        """Return the steepest slope of each free node's curve. The chord method with it never overshoots: a flatter curve only slows it down. [p.u.]"""
        slope = np.zeros(free)
        for row, curves in zip(self.rows, self.curves, strict=True):
            slope[row] = sum(max((-np.diff(reactive) / np.diff(voltages)).max(initial=0.0), 0.0) for voltages, reactive in curves)
        return slope


NO_CURVES = NodeCurves(np.array([], dtype=np.int64), ())


def apply_power_factors(wires: Wires, q_mvar: NDArray[np.float64], rules: tuple[Rule, ...]) -> NDArray[np.float64]:
    """Return the reactive injections with what the power factor curves add. Shape (T, N). [Mvar]"""
    curves = [rule for rule in rules if isinstance(rule, PowerFactorCurve)]
    if not curves:
        return q_mvar
    q_mvar = np.array(q_mvar, dtype=float)
    for rule in curves:
        q_mvar[:, wires.bus(rule.bus)] += reactive_of(rule)
    return q_mvar


def reactive_of(rule: PowerFactorCurve) -> NDArray[np.float64]:
    """Reactive supply of a power factor curve. Shape (T,). [Mvar]

    Examples
    --------
    >>> reactive_of(PowerFactorCurve("a", np.array([0.0, 8.0]), (0.0,), (-0.8,)))
    array([-0., -6.])
    """
    size = np.abs(rule.p_mw)
    # between two points of unlike sign the curve passes 1 (no reactive power), not 0: it is straight in sign · (1 - |cos φ|)
    shifted = np.interp(size, rule.at_mw, [np.sign(factor) * (1.0 - abs(factor)) for factor in rule.power_factor])
    factor = 1.0 - np.abs(shifted)
    return np.sign(shifted) * size * np.sqrt(1.0 - factor**2) / factor


def node_curves(wires: Wires, rules: tuple[Rule, ...]) -> NodeCurves:
    """Gather the Q(U) curves by node."""
    by_node: dict[int, list] = {}
    for rule in rules:
        if isinstance(rule, VoltageCurve):
            curve = np.asarray(rule.vm_pu, dtype=float), np.asarray(rule.q_mvar, dtype=float) / wires.base_mva
            by_node.setdefault(int(wires.bus_node[wires.bus(rule.bus)]), []).append(curve)
    return NodeCurves(np.array(list(by_node), dtype=np.int64), tuple(tuple(curves) for curves in by_node.values()))


def check_rules(wires: Wires, rules: tuple[Rule, ...]) -> None:
    """Raise a DefinitionError with all that is wrong with rules."""
    problems: list[Problem] = []
    for number, rule in enumerate(rules):
        where = f"rules[{number}]"
        check = _CHECKS.get(type(rule))
        if check is None:
            problems.append(Problem(where, f"{type(rule).__name__} is no rule", f"known: {', '.join(kind.__name__ for kind in _CHECKS)}"))
            continue
        if rule.bus not in wires.bus_names:
            problems.append(Problem(where, f"'{rule.bus}' is not a bus of the network", did_you_mean(rule.bus, wires.bus_names)))
        elif wires.bus_names.count(rule.bus) > 1:
            problems.append(Problem(where, f"{wires.bus_names.count(rule.bus)} buses are called '{rule.bus}'", "give each a name of its own"))
        elif wires.bus_node[wires.bus(rule.bus)] < 0:
            problems.append(Problem(where, f"bus '{rule.bus}' is out of service"))
        found, remedy = check(wires, rule)
        if found:
            problems.append(Problem(where, found, remedy))
    if problems:
        raise DefinitionError("the power flow's rules", problems)


def _check_voltage_curve(wires: Wires, rule: VoltageCurve) -> tuple[str, str]:
    if len(rule.vm_pu) != len(rule.q_mvar) or len(rule.vm_pu) < 2 or np.any(np.diff(rule.vm_pu) <= 0.0):
        return "needs two or more points of rising voltage", "give vm_pu and q_mvar of one length"
    if np.any(np.diff(rule.q_mvar) > 0.0):
        return "supplies more reactive power where the voltage is higher", "that would drive the voltage away; let q_mvar fall"
    return "", ""


def _check_power_factor_curve(wires: Wires, rule: PowerFactorCurve) -> tuple[str, str]:
    if len(rule.at_mw) != len(rule.power_factor) or not rule.at_mw or np.any(np.diff(rule.at_mw) <= 0.0):
        return "needs points of rising active power", "give at_mw and power_factor of one length"
    if any(not 0.0 < abs(factor) <= 1.0 for factor in rule.power_factor):
        return f"power factors {rule.power_factor}", "each is between -1 and 1 and not 0"
    return "", ""


def _check_tap_control(wires: Wires, rule: TapControl) -> tuple[str, str]:
    if rule.transformer not in wires.taps.names:
        return f"'{rule.transformer}' has no tap that can move", did_you_mean(rule.transformer, wires.taps.names)
    if wires.taps.names.count(rule.transformer) > 1:
        return f"{wires.taps.names.count(rule.transformer)} transformers are called '{rule.transformer}'", "give each a name of its own"
    if not rule.lowest_vm_pu < rule.highest_vm_pu:
        return f"dead band {rule.lowest_vm_pu} to {rule.highest_vm_pu} p.u. is empty", "let the highest be above the lowest"
    return "", ""


_CHECKS = {VoltageCurve: _check_voltage_curve, PowerFactorCurve: _check_power_factor_curve, TapControl: _check_tap_control}
