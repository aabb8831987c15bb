"""The network as its figures and tables see it: buses, branches, what they reached, and how much of their limits that used."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.numbers import MINUS, SPACE, energy, number, percent

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.report.view import RunView

VOLTAGE_KINDS = ("voltage_low", "voltage_high")
LOADING_KINDS = ("line", "transformer")


@dataclass(frozen=True)
class Bus:
    """A busbar, and the worst it saw."""

    name: str
    label: str
    site: str
    voltage_kv: float
    x_km: float | None
    y_km: float | None
    vm_min_pu: float
    """Minus infinity where there is none. [p.u.]"""
    vm_max_pu: float
    lowest_pu: float
    """Not a number where no hour was solved. [p.u.]"""
    lowest_step: int
    highest_pu: float
    highest_step: int

    @property
    def low_use(self) -> float:
        """Share of the way down to the lower limit that the lowest voltage used. [1]"""
        return float(use_of_band(self.lowest_pu, self.vm_min_pu, self.vm_max_pu)[0])

    @property
    def high_use(self) -> float:
        """The same towards the upper limit. [1]"""
        return float(use_of_band(self.highest_pu, self.vm_min_pu, self.vm_max_pu)[1])

    @property
    def use(self) -> float:
        """Largest share of its band that the voltage used, above 1 outside. [1]"""
        return largest(self.low_use, self.high_use)


@dataclass(frozen=True)
class Branch:
    """A line or transformer, and the worst it saw."""

    name: str
    kind: str
    """``line`` or ``transformer``."""
    first: str
    """Bus at its from or high-voltage end."""
    second: str
    type: str
    limit: float
    """Largest current over rating. [1]"""
    rated_mva: float
    closed: bool
    highest: float
    """Highest loading; not a number where it carries nothing or no hour was solved. [1]"""
    highest_step: int

    @property
    def use(self) -> float:
        """Highest loading over the limit. [1]"""
        return self.highest / self.limit


def use_of_band(vm_pu: Any, lowest: Any, highest: Any) -> tuple[Any, Any]:
    """Return how much of the way from the middle of the band to its lower and its upper end a voltage used. [1]

    The middle is 1.0 p.u. where only one end is set; an end that is not set is never used.

    Examples
    --------
    >>> [round(float(use), 3) for use in use_of_band(0.96, 0.97, 1.07)]
    [1.2, -1.2]
    """
    middle = np.where(np.isfinite(lowest) & np.isfinite(highest), (np.nan_to_num(lowest) + np.nan_to_num(highest)) / 2, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(np.isfinite(lowest), (middle - vm_pu) / (middle - lowest), -np.inf)
        high = np.where(np.isfinite(highest), (vm_pu - middle) / (highest - middle), -np.inf)
    return low, high


def largest(*values: float) -> float:
    """Return the largest finite value; not a number where there is none."""
    return max((value for value in values if math.isfinite(value)), default=math.nan)


def limit_of(value: float | None, otherwise: float) -> float:
    """Return a limit that JSON may not have been able to hold."""
    return otherwise if value is None else float(value)


@dataclass(frozen=True)
class WiresView:
    """The network of one run in one language."""

    view: RunView
    table: pd.DataFrame
    """``feasibility.parquet``."""
    violations: pd.DataFrame
    """``violations.parquet``."""

    @property
    def record(self) -> dict[str, Any]:
        """What run.json says of the network."""
        return self.view.record["network"]

    @property
    def loop(self) -> dict[str, Any]:
        """What run.json says of the rounds between dispatch and network; empty where there were none."""
        return self.record.get("loop") or {}

    @cached_property
    def solved(self) -> NDArray[np.bool_]:
        """Whether the power flow of each step has a solution. Shape (T,)."""
        return self.table["network:solved"].to_numpy(dtype=bool)

    def hours(self, steps: float) -> float:
        """Hours of a number of steps. [h]"""
        return float(steps) * self.view.step_hours

    def series(self, column: str) -> NDArray[np.float64]:
        """Values of a column at the steps that have a solution; not a number elsewhere. Shape (T,)."""
        return np.where(self.solved, self.table[column].to_numpy(dtype=float), np.nan)

    def extreme(self, column: str, sign: float) -> tuple[float, int]:
        """Return the highest (sign 1) or lowest (sign -1) value of a column, and its step."""
        if column not in self.table:
            return math.nan, 0
        values = sign * self.series(column)
        if not np.isfinite(values).any():
            return math.nan, 0
        step = int(np.nanargmax(values))
        return float(sign * values[step]), step

    @cached_property
    def buses(self) -> dict[str, Bus]:
        """All buses by name."""
        found = {}
        for row in self.record["buses"]:
            lowest, highest = self.extreme(f"{row['name']}:vm_pu", -1.0), self.extreme(f"{row['name']}:vm_pu", 1.0)
            found[row["name"]] = Bus(
                name=row["name"],
                label=row.get("label") or "",
                site=row.get("site") or "",
                voltage_kv=float(row["voltage_kv"]),
                x_km=row.get("x_km"),
                y_km=row.get("y_km"),
                vm_min_pu=limit_of(row.get("vm_min_pu"), -math.inf),
                vm_max_pu=limit_of(row.get("vm_max_pu"), math.inf),
                lowest_pu=lowest[0],
                lowest_step=lowest[1],
                highest_pu=highest[0],
                highest_step=highest[1],
            )
        return found

    @cached_property
    def branches(self) -> dict[str, Branch]:
        """All lines and transformers by name."""
        found = {}
        for row in self.record["branches"]:
            highest, step = self.extreme(f"{row['name']}:loading", 1.0)
            found[row["name"]] = Branch(
                name=row["name"],
                kind=row["kind"],
                first=row["from"],
                second=row["to"],
                type=row.get("type") or "",
                limit=limit_of(row.get("loading_limit"), 1.0),
                rated_mva=limit_of(row.get("rated_mva"), math.inf),
                closed=bool(row.get("closed", True)),
                highest=highest,
                highest_step=step,
            )
        return found

    @cached_property
    def _labels(self) -> dict[str, str]:
        times = Counter(bus.label for bus in self.buses.values())
        return {name: bus.label if bus.label and times[bus.label] == 1 else f"{bus.label} ({name})".strip() for name, bus in self.buses.items()}

    def bus_label(self, name: str) -> str:
        """What a bus is called; its name stands beside a label that several have."""
        bus = self.buses.get(name)
        return name if bus is None or not bus.label else self._labels[name]

    def where(self, kind: str, name: str) -> str:
        """Say where an element is: the label of a bus, both ends of a branch, the connection, the whole network."""
        if kind in VOLTAGE_KINDS:
            return self.bus_label(name)
        branch = self.branches.get(name)
        if branch is not None:
            return f"{self.bus_label(branch.first)} – {self.bus_label(branch.second)}"
        return self.view.words.get(f"wires_where.{kind}", name)

    def ends(self, kind: str, name: str) -> Any:
        """Return what parallel circuits share: both ends of a branch; of anything else its name."""
        branch = self.branches.get(name) if kind in LOADING_KINDS else None
        return frozenset((branch.first, branch.second)) if branch else (kind, name)

    def amount(self, kind: str, value: float, limit: float = math.nan) -> str:
        """Return a value of a kind of violation with its unit, with as many decimals as tell it from its limit."""
        if kind in VOLTAGE_KINDS:
            return per_unit(value)
        if kind in LOADING_KINDS:
            texts = [percent(value), *(f"{100.0 * value:.{decimals}f}{SPACE}%" for decimals in (2, 3, 4))]
            limits = [percent(limit), *(f"{100.0 * limit:.{decimals}f}{SPACE}%" for decimals in (2, 3, 4))]
            return next((text for text, other in zip(texts, limits, strict=True) if text != other), texts[0 if value == limit else -1])
        return f"{number(value)}{SPACE}MW" if kind == "connection" else "\N{EN DASH}"

    def stamp(self, step: int) -> str:
        """Return the start of a step, to the minute."""
        return str(self.view.stamps[step]).replace("T", SPACE)

    @cached_property
    def beyond(self) -> NDArray[np.float64]:
        """How far beyond its limit each row of the violations is, relative to it; infinite where the hour has no solution. Shape (V,). [1]

        Of a loading or an exchange, the excess over the limit; of a voltage, the excess over half the width of its band.
        """
        rows = self.violations
        kind, excess = rows["kind"].to_numpy(dtype=object), rows["excess"].to_numpy(dtype=float)
        scale = np.abs(rows["limit"].to_numpy(dtype=float))
        for place in np.flatnonzero(np.isin(kind, VOLTAGE_KINDS)):
            bus = self.buses.get(rows["element"].iloc[place])
            both = bus is not None and math.isfinite(bus.vm_max_pu - bus.vm_min_pu)
            scale[place] = (bus.vm_max_pu - bus.vm_min_pu) / 2 if bus is not None and both else abs(1.0 - scale[place])
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(scale > 0.0, excess / scale, excess)
        return np.where(kind == "no_solution", np.inf, relative)

    @cached_property
    def violating_steps(self) -> NDArray[np.int64]:
        """Steps with any violation, each once."""
        return np.unique(self.violations["step"].to_numpy(dtype=np.int64)) if len(self.violations) else np.zeros(0, dtype=np.int64)


def per_unit(value: float) -> str:
    """Return a voltage with as many decimals as a limit has, and one more."""
    return f"{value:.4f}{SPACE}p.u." if math.isfinite(value) else "\N{EN DASH}"


def signed(value: float) -> str:
    """Return a number that shows its sign."""
    text = number(value)
    return text if text.startswith(MINUS) or text in ("0", "–") else f"+{text}"


def signed_energy(mwh: float) -> str:
    """Return a change of an energy that shows its sign."""
    return energy(mwh) if mwh <= 0 else f"+{energy(mwh)}"


def wires_of(view: RunView) -> WiresView | None:
    """Return the network of a run; None where it was not checked."""
    run = view.run
    if run.feasibility is None or run.violations is None:
        return None
    return WiresView(view, run.feasibility, run.violations)
