r"""Where the network leaves its limits: one row for each hour and element, and what that adds up to.

=============  ===========================================================  =====  ==========================================================
kind           broken when                                                  unit   energy at risk in the hour
=============  ===========================================================  =====  ==========================================================
voltage_low    :math:`|V| < V_{min}` of the bus                             p.u.   what its assets draw or supply together, :math:`|\sum P| \Delta t`
voltage_high   :math:`|V| > V_{max}` of the bus                             p.u.   the same
line           :math:`|I| > \lambda I_{max}`, the worse end                 1      what flows beyond the limit, :math:`(|I|/I_{max} - \lambda)\,S_r \Delta t`
transformer    the same, either side                                        1      the same
connection     the grid supplies more than the declared capacity            MW     the excess
no_solution    the power flow of the hour has no solution                   p.u.   all that is drawn in the hour
=============  ===========================================================  =====  ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow

KINDS = ("voltage_low", "voltage_high", "line", "transformer", "connection", "no_solution")
UNIT = {"voltage_low": "p.u.", "voltage_high": "p.u.", "line": "1", "transformer": "1", "connection": "MW", "no_solution": "p.u."}

TOLERANCE = {"voltage_low": 1e-6, "voltage_high": 1e-6, "line": 1e-6, "transformer": 1e-6, "connection": 1e-3, "no_solution": 0.0}
"""An excess below this is rounding."""


@dataclass(frozen=True, eq=False)
class NetworkLimits:
    """What the network may do in normal operation. N buses, B branches."""

    vm_min_pu: NDArray[np.float64]
    """Shape (N,); minus infinity where there is none. [p.u.]"""
    vm_max_pu: NDArray[np.float64]
    loading: NDArray[np.float64]
    """Largest current over rating. Shape (B,). [1]"""
    import_mw: float = np.inf
    """Declared capacity of the connection to the public grid. [MW]"""
    export_mw: float = np.inf


@dataclass(frozen=True, eq=False)
class Violations:
    """All rows, by hour. V rows."""

    hour: NDArray[np.int64]
    kind: NDArray[np.int64]
    """Place in `KINDS`. Shape (V,)."""
    element: NDArray[np.int64]
    """Row of the bus or branch; 0 for the connection and hours without solution."""
    value: NDArray[np.float64]
    limit: NDArray[np.float64]
    energy_at_risk_mwh: NDArray[np.float64]

    @property
    def excess(self) -> NDArray[np.float64]:
        """How far beyond the limit. Shape (V,)."""
        return np.abs(self.value - self.limit)

    @property
    def hours(self) -> NDArray[np.int64]:
        """Hours with a violation, each once."""
        return np.unique(self.hour)

    def of(self, kind: str) -> NDArray[np.bool_]:
        """Tell which rows are of a kind. Shape (V,)."""
        return self.kind == KINDS.index(kind)

    def name(self, wires: Wires, row: int) -> str:
        """Name of the element of a row."""
        kind = KINDS[self.kind[row]]
        if kind.startswith("voltage"):
            return wires.bus_names[self.element[row]]
        if kind in {"connection", "no_solution"}:
            return ""
        return wires.branch_names[self.element[row]]


@dataclass(frozen=True)
class ElementStatistics:
    """What one element did over the year."""

    kind: str
    element: str
    hours: float
    """Hours beyond the limit. [h]"""
    energy_at_risk_mwh: float
    worst: float
    """In the unit of its kind."""
    limit: float
    worst_step: int


def find_violations(wires: Wires, injections: Injections, flow: YearFlow, limits: NetworkLimits, step_hours: float) -> Violations:
    """Compare every hour with the limits."""
    drawn = np.where(injections.p_mw < 0.0, -injections.p_mw, 0.0).sum(axis=1)
    parts = [_voltage(flow, injections, limits, "voltage_low"), _voltage(flow, injections, limits, "voltage_high")]
    kind = np.array(wires.branch_table, dtype=object)
    is_line = (kind == "line") | (kind == "impedance") | (kind == "switch")
    rated_mva = np.sqrt(3.0) * np.where(np.isfinite(wires.rating_from_ka), wires.rating_from_ka * _from_kv(wires), 0.0)
    parts += [_loading(flow, limits, rated_mva, name, mask) for name, mask in (("line", is_line), ("transformer", ~is_line))]
    slack = flow.slack_p_mw.sum(axis=1)
    for value, limit in ((slack, limits.import_mw), (-slack, limits.export_mw)):
        hour = np.flatnonzero(value > limit + TOLERANCE["connection"])
        parts.append(_rows("connection", hour, np.zeros_like(hour), value[hour], np.full(hour.size, limit), value[hour] - limit))
    unsolved = np.flatnonzero(~flow.converged)
    nothing = np.zeros(unsolved.size)
    parts.append(_rows("no_solution", unsolved, np.zeros_like(unsolved), flow.mismatch_pu[unsolved], nothing, drawn[unsolved]))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    hour, which, element, value, limit, at_risk = (column[order] for column in columns)
    return Violations(hour, which, element, value, limit, at_risk * step_hours)


def _from_kv(wires: Wires) -> NDArray[np.float64]:
    """Nominal voltage at the from end of each branch. Shape (B,). [kV]"""
    return wires.node_kv[np.maximum(wires.branch_from, 0)]


def _rows(kind: str, hour: NDArray, element: NDArray, value: NDArray, limit: NDArray, at_risk: NDArray) -> tuple[NDArray, ...]:
    return hour, np.full(hour.size, KINDS.index(kind)), element, value, limit, at_risk


def _voltage(flow: YearFlow, injections: Injections, limits: NetworkLimits, kind: str) -> tuple[NDArray, ...]:
    low = kind == "voltage_low"
    limit = limits.vm_min_pu if low else limits.vm_max_pu
    with np.errstate(invalid="ignore"):
        beyond = flow.vm_pu < limit - TOLERANCE[kind] if low else flow.vm_pu > limit + TOLERANCE[kind]
    hour, bus = np.nonzero(beyond)
    return _rows(kind, hour, bus, flow.vm_pu[hour, bus], limit[bus], np.abs(injections.p_mw[hour, bus]))


def _loading(flow: YearFlow, limits: NetworkLimits, rated_mva: NDArray, kind: str, mask: NDArray[np.bool_]) -> tuple[NDArray, ...]:
    with np.errstate(invalid="ignore"):
        hour, branch = np.nonzero((flow.loading > limits.loading + TOLERANCE[kind]) & mask)
    value, limit = flow.loading[hour, branch], limits.loading[branch]
    return _rows(kind, hour, branch, value, limit, (value - limit) * rated_mva[branch])


def statistics(wires: Wires, violations: Violations, step_hours: float) -> list[ElementStatistics]:
    """Add up by element, the most energy at risk first."""
    keys = np.column_stack([violations.kind, violations.element]) if violations.hour.size else np.zeros((0, 2), dtype=np.int64)
    different, inverse = np.unique(keys, axis=0, return_inverse=True)
    found = []
    for group in range(len(different)):
        rows = np.flatnonzero(inverse.ravel() == group)
        worst = rows[np.argmax(violations.excess[rows])]
        found.append(
            ElementStatistics(
                kind=KINDS[different[group, 0]],
                element=violations.name(wires, int(rows[0])),
                hours=rows.size * step_hours,
                energy_at_risk_mwh=float(violations.energy_at_risk_mwh[rows].sum()),
                worst=float(violations.value[worst]),
                limit=float(violations.limit[worst]),
                worst_step=int(violations.hour[worst]),
            )
        )
    return sorted(found, key=lambda element: -element.energy_at_risk_mwh)
