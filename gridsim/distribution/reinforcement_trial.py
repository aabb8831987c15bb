r"""Sets of measures tried on a few hours, quickly: the wires of a set are put together from those of each measure alone.

No two measures of a set touch the same element, so with :math:`Y` the nodal admittance and :math:`Y_i` that with measure :math:`i` alone

.. math:: Y_S = Y + \sum_{i \in S} (Y_i - Y)

is exact, and each branch is that of the one measure that changes it. Each hour begins with the taps that it had in the year; where they leave a voltage out
of its dead band they move: hour by hour where these are few, in the order of the hours where they are many. What taps do in the hours between is left out, so
a set that fits here is always checked over all hours; one that does not fit here could, rarely, fit there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.rules import PowerFactorCurve, TapControl
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.powerflow.wires import Injections, TapTable, Wires
from gridsim.distribution.reinforcement_option import reinforced
from gridsim.distribution.violations import KINDS, find_violations

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from gridsim.distribution.cuts import Element
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.powerflow.rules import Rule
    from gridsim.distribution.powerflow.wires import YearFlow
    from gridsim.distribution.reinforcement_option import Option
    from gridsim.distribution.violations import Violations

NOT_THE_WIRES = KINDS.index("connection")
"""The declared capacity is a contract: no measure of the menu changes it."""

FEW_HOURS = 12
"""Up to so many hours whose taps move are solved each by itself (judged)."""


class Trials:
    """Power flows of sets of options over chosen hours."""

    def __init__(self, checked: Feasibility, options: list[Option]) -> None:
        self.checked, self.options = checked, options
        self.solved = 0
        """Sets that were tried."""
        self._wires: dict[int, Wires] = {}

    def broken(self, chosen: Collection[int], hours: NDArray[np.int64]) -> dict[Element, tuple[float, int]]:
        """Return the worst excess of each element that a set leaves broken, and the hour it is in; the connection is left out."""
        checked, wires = self.checked, self.wires_of(chosen)
        controls, moved = self._taps(chosen)
        start = checked.flow.tap_position[hours].copy()
        for unit, name in enumerate(wires.taps.names):
            start[:, unit] = moved.get(name, np.clip(start[:, unit], wires.taps.lowest[unit], wires.taps.highest[unit]))
        self.solved += 1
        worst: dict[Element, tuple[float, int]] = {}

        def solved(places: NDArray[np.int64], rules: Sequence[Rule]) -> YearFlow:
            injections = self._injections(chosen, hours[places])
            own = self._rules(hours[places])
            return solve(wires, injections, rules=(*own, *rules), enforce_q_limits=True, tap_position=start[places])

        def judge(places: NDArray[np.int64], flow: YearFlow) -> None:
            found = find_violations(wires, self._injections(chosen, hours[places]), flow, checked.network.limits, checked.dispatch.time.step_hours)
            for key, value in worst_of(found, hours[places]).items():
                worst[key] = max(worst.get(key, value), value)

        everything = np.arange(hours.size)
        flow = solved(everything, ())
        move = _out_of_band(wires, flow, controls)
        rest = np.flatnonzero(~move)
        judge(rest, flow if rest.size == hours.size else solved(rest, ()))
        out = np.flatnonzero(move)
        for places in [out[[place]] for place in range(out.size)] if out.size <= FEW_HOURS else [out]:
            judge(places, solved(places, controls))
        return worst

    def wires_of(self, chosen: Collection[int]) -> Wires:
        """Put the wires of a set together."""
        base, own = self.checked.network.wires, [self._alone(option) for option in sorted(chosen)]
        return composed(base, [wires for wires in own if wires is not base])

    def _alone(self, option: int) -> Wires:
        if option not in self._wires:
            network = self.checked.network
            self._wires[option] = reinforced(network, [self.options[option]]).wires if self.options[option].rows else network.wires
        return self._wires[option]

    def _taps(self, chosen: Collection[int]) -> tuple[list[TapControl], dict[str, int]]:
        """Tap rules of a set, and the positions of transformers whose tap it puts elsewhere for good."""
        control = {rule.transformer: rule for rule in self.checked.connected.rules if isinstance(rule, TapControl)}
        moved = {}
        for option in (self.options[number] for number in chosen):
            for row in option.rows.get("transformers", {}).values():
                if row.tap_controlled_bus is None:
                    moved[row.name] = row.tap_position
                elif row.tap_set_point_pu is not None and row.tap_dead_band_pu is not None:
                    half = row.tap_dead_band_pu / 2.0
                    control[row.name] = TapControl(row.name, row.tap_controlled_bus, row.tap_set_point_pu - half, row.tap_set_point_pu + half)
        return list(control.values()), moved

    def _rules(self, hours: NDArray[np.int64]) -> list[Rule]:
        """Rules for reactive power in some hours."""
        rules = [rule for rule in self.checked.connected.rules if not isinstance(rule, TapControl)]
        return [replace(rule, p_mw=rule.p_mw[hours]) if isinstance(rule, PowerFactorCurve) else rule for rule in rules]

    def _injections(self, chosen: Collection[int], hours: NDArray[np.int64]) -> Injections:
        p_mw = self.checked.connected.injections.p_mw[hours]
        for plan in (self.options[number].battery for number in chosen):
            if plan is not None:
                p_mw[:, self.checked.network.wires.bus(plan.bus)] += plan.supply_mw[hours]
        return Injections(p_mw, np.zeros_like(p_mw))


def _out_of_band(wires: Wires, flow: YearFlow, controls: Sequence[TapControl]) -> NDArray[np.bool_]:
    """Hours in which a voltage that a tap changer holds is out of its band. Shape (hours,)."""
    out = np.zeros(flow.converged.size, dtype=bool)
    for rule in controls:
        voltage = flow.vm_pu[:, wires.bus(rule.bus)]
        out |= (voltage < rule.lowest_vm_pu) | (voltage > rule.highest_vm_pu)
    return out


def worst_of(found: Violations, hours: NDArray[np.int64]) -> dict[Element, tuple[float, int]]:
    """Return the worst excess of each element but the connection, and the hour it is in."""
    worst: dict[Element, tuple[float, int]] = {}
    for row in np.argsort(found.excess):
        worst[int(found.kind[row]), int(found.element[row])] = float(found.excess[row]), int(hours[found.hour[row]])
    return {key: value for key, value in worst.items() if key[0] != NOT_THE_WIRES}


def composed(base: Wires, variants: list[Wires]) -> Wires:
    """Return wires with the changes of each variant against the base; no two variants change the same branch."""
    if len(variants) < 2:
        return variants[0] if variants else base
    taps = base.taps
    length = max(wires.taps.admittance.shape[1] for wires in (base, *variants))
    columns = {name: getattr(base, name).copy() for name in ("branch_admittance", "rating_from_ka", "rating_to_ka", "shunt")}
    tap_columns = {name: getattr(taps, name).copy() for name in ("lowest", "highest", "present")}
    tap_admittance = _padded(taps, length)
    admittance = base.admittance
    held: dict[int, tuple[float, float, float]] = _held(base)
    for wires in variants:
        rows = (wires.branch_admittance != base.branch_admittance).any(axis=1) | (wires.rating_from_ka != base.rating_from_ka)
        for name in ("branch_admittance", "rating_from_ka", "rating_to_ka"):
            columns[name][rows] = getattr(wires, name)[rows]
        columns["shunt"] += wires.shunt - base.shunt
        admittance = admittance + (wires.admittance - base.admittance)
        own = _padded(wires.taps, length)
        units = (own != _padded(taps, length)).any(axis=(1, 2)) | (wires.taps.present != taps.present)
        tap_admittance[units] = own[units]
        for name in tap_columns:
            tap_columns[name][units] = getattr(wires.taps, name)[units]
        held |= {node: values for node, values in _held(wires).items() if node not in held}
    values = np.array([held[node] for node in sorted(held)]).reshape(-1, 3)
    return replace(
        base,
        **columns,
        admittance=admittance.tocsr(),
        taps=replace(taps, admittance=tap_admittance, **tap_columns),
        controlled_nodes=np.array(sorted(held), dtype=np.int64),
        controlled_vm_pu=values[:, 0],
        controlled_q_min_mvar=values[:, 1],
        controlled_q_max_mvar=values[:, 2],
    )


def _padded(taps: TapTable, length: int) -> NDArray[np.complex128]:
    return np.pad(taps.admittance, ((0, 0), (0, length - taps.admittance.shape[1]), (0, 0)))


def _held(wires: Wires) -> dict[int, tuple[float, float, float]]:
    columns = (wires.controlled_vm_pu, wires.controlled_q_min_mvar, wires.controlled_q_max_mvar)
    return {int(node): (float(row[0]), float(row[1]), float(row[2])) for node, row in zip(wires.controlled_nodes, np.column_stack(columns), strict=True)}
