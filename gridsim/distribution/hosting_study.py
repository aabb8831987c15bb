r"""An asset added at a bus, judged hour by hour: how far each limit of the network is broken at a capacity.

The asset supplies :math:`p_t = C\,s_t` and :math:`q_t = \pm |p_t| \tan(\arccos|\cos\varphi|)`, with capacity :math:`C` [MW] and per-unit shape :math:`s_t`. An
hour fits when its power flow has a solution and no limit is broken in it, for each of the states that the asset may be in (a store: charging and discharging).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.rules import PowerFactorCurve, TapControl, apply_power_factors
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.powerflow.wires import Injections
from gridsim.distribution.violations import TOLERANCE, NetworkLimits
from gridsim.errors import DefinitionError, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.rules import Rule
    from gridsim.distribution.powerflow.wires import Wires, YearFlow

    Positions: TypeAlias = tuple[NDArray[np.int64], ...]  # tap positions of all hours, shape (T, tap changers), for each state of the asset

UNSOLVED = 1.0
"""Excess of an hour without a solution: above zero is all that counts."""


@dataclass(frozen=True)
class Binding:
    """A limit that is broken first."""

    kind: str
    """voltage_low, voltage_high, line, transformer, connection or no_solution."""
    element: str
    """Bus or branch; empty for the connection and an hour without solution."""
    hour: int
    value: float
    """Just beyond the limit: p.u. of a voltage, share of the rating, MW of a connection; not a number without a solution."""
    limit: float
    """Where only worsening counts, the value without the asset may be beyond it as well."""
    supplies: bool
    """Whether the asset supplies in that hour (a store discharges); otherwise it draws."""


@dataclass(frozen=True, eq=False)
class Study:
    """What is the same for all buses and capacities. T hours, K states of the asset, N buses, B branches, E = 2 N + B + 2 limits."""

    wires: Wires
    limits: NetworkLimits
    injections: Injections
    """With the reactive power of power factor rules, which the other rules no longer hold."""
    rules: tuple[Rule, ...]
    shape: NDArray[np.float64]
    """Supply per MW of capacity. Shape (T, K)."""
    reactive: float
    """Reactive supply per size of active power. [Mvar/MW]"""
    enforce_q_limits: bool
    allowed: NDArray[np.float64]
    """Excess that is not counted, for limits that are broken already. Shape (T, E), or (1, 1) where all count."""
    before: NDArray[np.float64]
    """Largest excess of each hour without the asset. Shape (T,)."""
    before_binding: Binding | None
    """What is broken most without the asset."""
    taps: Positions
    """Positions of the tap changers without the asset, for each state."""

    @property
    def hours(self) -> int:
        """Number of hours."""
        return self.shape.shape[0]

    @property
    def follows_hours(self) -> bool:
        """Whether an hour depends on the one before, so that hours cannot be judged alone."""
        return any(isinstance(rule, TapControl) for rule in self.rules)

    def flow(
        self,
        bus: int,
        capacity_mw: float | NDArray[np.float64],
        hours: NDArray[np.int64],
        state: int,
        taps: NDArray[np.int64] | None = None,
        moving: bool = False,
    ) -> YearFlow:
        """Power flow of some hours with the asset; with ``taps`` no tap changer moves, unless they are only where those that move begin."""
        added = capacity_mw * self.shape[hours, state]
        p_mw, q_mvar = self.injections.p_mw[hours], self.injections.q_mvar[hours]
        p_mw[:, bus] += added
        q_mvar[:, bus] += self.reactive * np.abs(added)
        rules = self.rules if taps is None or moving else [rule for rule in self.rules if not isinstance(rule, TapControl)]
        return solve(self.wires, Injections(p_mw, q_mvar), rules=rules, enforce_q_limits=self.enforce_q_limits, tap_position=taps)

    def worst(self, bus: int, capacity_mw: float | NDArray[np.float64], hours: NDArray[np.int64], taps: Positions) -> NDArray[np.float64]:
        """Largest excess in each hour over all limits and states, the tap changers held; above zero the hour does not fit. Shape (hours,)."""
        flows = [self.flow(bus, capacity_mw, hours, state, held[hours]) for state, held in enumerate(taps)]
        return np.max([self.beyond(flow, hours).max(axis=1) for flow in flows], axis=0)

    def settled(self, bus: int, capacity_mw: float, guess: Positions) -> tuple[NDArray[np.float64], Positions]:
        """Largest excess in each hour of the year, the tap changers moving, and where they came to rest.

        The positions of ``guess`` say where to begin, no more: each tap changer starts the year where the network has it.
        """
        everything, worst, taps = np.arange(self.hours), [], []
        for state, held in enumerate(guess):
            flow = self.flow(bus, capacity_mw, everything, state, np.vstack([self.wires.taps.present, held[1:]]), moving=True)
            worst.append(self.beyond(flow, everything).max(axis=1))
            taps.append(flow.tap_position)
        return np.max(worst, axis=0), tuple(taps)

    def beyond(self, flow: YearFlow, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far each limit is broken beyond what is allowed. Shape (hours, E)."""
        return excess(self.wires, self.limits, flow) - (self.allowed if len(self.allowed) == 1 else self.allowed[hours])

    def binding(self, bus: int, capacity_mw: float, hours: NDArray[np.int64], rank: int, taps: Positions) -> Binding:
        """Return the limit that is broken in the hour that is the worst but for ``rank`` others, the tap changers held."""
        flows = [self.flow(bus, capacity_mw, hours, state, held[hours]) for state, held in enumerate(taps)]
        table = np.stack([self.beyond(flow, hours) for flow in flows])
        place = int(np.argsort(-table.max(axis=(0, 2)), kind="stable")[rank])
        state, element = np.unravel_index(int(np.argmax(table[:, place])), (len(flows), table.shape[2]))
        supplies = bool(self.shape[hours[place], state] > 0.0)
        return named(self.wires, self.limits, flows[state], place, int(element), int(hours[place]), supplies)


def excess(wires: Wires, limits: NetworkLimits, flow: YearFlow) -> NDArray[np.float64]:
    """How far each limit is broken: low voltages, high voltages, loadings, import and export; negative where it holds. Shape (hours, E)."""
    slack = np.nansum(flow.slack_p_mw, axis=1)[:, None]
    table = np.concatenate(
        [
            limits.vm_min_pu - flow.vm_pu - TOLERANCE["voltage_low"],
            flow.vm_pu - limits.vm_max_pu - TOLERANCE["voltage_high"],
            flow.loading - limits.loading - TOLERANCE["line"],
            slack - limits.import_mw - TOLERANCE["connection"],
            -slack - limits.export_mw - TOLERANCE["connection"],
        ],
        axis=1,
    )
    table[np.isnan(table)] = -np.inf  # a bus or branch out of service
    table[~flow.converged] = UNSOLVED
    return table


def named(wires: Wires, limits: NetworkLimits, flow: YearFlow, place: int, element: int, hour: int, supplies: bool) -> Binding:
    """Name a limit by its column."""
    if not flow.converged[place]:
        return Binding("no_solution", "", hour, np.nan, np.nan, supplies)
    count, branch = wires.buses, element - 2 * wires.buses
    if branch < 0:
        kind, limit = ("voltage_low", limits.vm_min_pu) if element < count else ("voltage_high", limits.vm_max_pu)
        bus = element % count
        return Binding(kind, wires.bus_names[bus], hour, float(flow.vm_pu[place, bus]), float(limit[bus]), supplies)
    if branch < wires.branches:
        kind = "line" if wires.branch_table[branch] in {"line", "impedance", "switch"} else "transformer"
        return Binding(kind, wires.branch_names[branch], hour, float(flow.loading[place, branch]), float(limits.loading[branch]), supplies)
    sign, limit_mw = (1.0, limits.import_mw) if branch == wires.branches else (-1.0, limits.export_mw)
    return Binding("connection", "", hour, sign * float(flow.slack_p_mw[place].sum()), limit_mw, supplies)


def make_study(
    wires: Wires,
    injections: Injections,
    buses: Sequence[str],
    shape: NDArray[np.float64],
    *,
    rules: Sequence[Rule],
    limits: NetworkLimits | None,
    power_factor: float,
    worsening: float | None,
    enforce_q_limits: bool,
    base: YearFlow | None = None,
) -> Study:
    """Check what was asked, and solve the hours without the asset unless ``base`` is that."""
    shape = np.asarray(shape, dtype=float)
    shape = shape[:, None] if shape.ndim == 1 else shape
    limits = limits or limits_of_wires(wires)
    _check(wires, injections, buses, shape, limits, power_factor, worsening)
    if base is None:
        base = solve(wires, injections, rules=rules, enforce_q_limits=enforce_q_limits)
    table = excess(wires, limits, base)
    allowed = np.zeros((1, 1))
    if worsening is not None:
        allowed = np.where(table > 0.0, table + worsening, 0.0)
        allowed[~base.converged] = np.inf
    before = (table - allowed).max(axis=1)
    hour = int(np.argmax(before)) if before.size else 0
    first = named(wires, limits, base, hour, int(np.argmax(table[hour])), hour, False) if before.size and before[hour] > 0.0 else None
    with_factors = Injections(injections.p_mw, apply_power_factors(wires, injections.q_mvar, tuple(rules)))
    others = tuple(rule for rule in rules if not isinstance(rule, PowerFactorCurve))
    reactive = float(np.sign(power_factor) * np.tan(np.arccos(abs(power_factor))))
    return Study(wires, limits, with_factors, others, shape, reactive, enforce_q_limits, allowed, before, first, (base.tap_position,) * shape.shape[1])


def limits_of_wires(wires: Wires) -> NetworkLimits:
    """Return the voltage bands of the buses, and the ratings of the branches."""
    return NetworkLimits(
        vm_min_pu=np.where(np.isnan(wires.vm_min_pu), -np.inf, wires.vm_min_pu),
        vm_max_pu=np.where(np.isnan(wires.vm_max_pu), np.inf, wires.vm_max_pu),
        loading=np.ones(wires.branches),
    )


def _check(
    wires: Wires,
    injections: Injections,
    buses: Sequence[str],
    shape: NDArray[np.float64],
    limits: NetworkLimits,
    power_factor: float,
    worsening: float | None,
) -> None:
    """Raise a DefinitionError with all that does not fit."""
    problems = []
    for name in buses:
        if name not in wires.bus_names:
            problems.append(Problem("buses", f"'{name}' is not a bus of the network", did_you_mean(name, wires.bus_names)))
        elif wires.bus_node[wires.bus(name)] < 0:
            problems.append(Problem("buses", f"bus '{name}' is out of service", "connect it, or ask for another"))
    hours = len(injections.p_mw)
    if shape.ndim != 2 or len(shape) != hours or not shape.size:
        problems.append(Problem("shape", f"has the shape {shape.shape}", f"give the asset's supply per MW in each of the {hours} hours"))
    elif not np.isfinite(shape).all():
        problems.append(Problem("shape", f"hour {int(np.flatnonzero(~np.isfinite(shape).all(axis=1))[0])} is not a number"))
    if not 0.0 < abs(power_factor) <= 1.0:
        problems.append(Problem("power_factor", f"is {power_factor}", "between -1 and 1 and not 0: positive supplies reactive power, negative draws it"))
    if worsening is not None and not worsening > 0.0:
        problems.append(Problem("worsening", f"is {worsening}", "above 0, or None to count every broken limit"))
    if problems := [*problems, *_limit_problems(wires, limits)]:
        raise DefinitionError("the hosting study", problems)


def _limit_problems(wires: Wires, limits: NetworkLimits) -> Iterator[Problem]:
    for name, count in (("vm_min_pu", wires.buses), ("vm_max_pu", wires.buses), ("loading", wires.branches)):
        values = np.asarray(getattr(limits, name))
        if values.shape != (count,) or np.isnan(values).any():
            yield Problem(
                f"limits.{name}", f"has the shape {values.shape}, or holds what is not a number", f"give {count} numbers; infinite where there is none"
            )
