"""How all voltages and branch currents of a few hours answer to one more MW or Mvar at a bus; `gradients` serves few quantities of many hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.gradients import Quantities, gradients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.rules import Rule
    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow


@dataclass(frozen=True, eq=False)
class Sensitivities:
    """Derivatives at some hours. H hours, N buses, B branches, M buses that inject."""

    hours: NDArray[np.int64]
    buses: NDArray[np.int64]
    """Rows of the buses that inject. Shape (M,)."""
    voltage_by_p: NDArray[np.float64]
    """Shape (H, N, M). [p.u. / MW]"""
    voltage_by_q: NDArray[np.float64]
    """[p.u. / Mvar]"""
    current_from_by_p: NDArray[np.float64]
    """Size of the current at the from end; 0 where none flows. Shape (H, B, M). [kA / MW]"""
    current_from_by_q: NDArray[np.float64]
    current_to_by_p: NDArray[np.float64]
    current_to_by_q: NDArray[np.float64]


def sensitivities(
    wires: Wires, injections: Injections, flow: YearFlow, hours: Sequence[int], *, buses: Sequence[int] | None = None, rules: Sequence[Rule] = ()
) -> Sensitivities:
    """Derivatives of voltage and current at given hours of a flow.

    Parameters
    ----------
    flow : YearFlow
        What `solve` returned for these injections.
    buses : sequence of int, optional
        Rows of the buses whose injections count; all by default.
    rules : sequence
        The rules that the flow was solved with; of these, Q(U) curves answer to the change.
    """
    chosen, columns = np.asarray(hours, dtype=np.int64), np.arange(wires.buses) if buses is None else np.asarray(buses, dtype=np.int64)
    counts = (wires.buses, wires.branches, wires.branches)
    kind, element = np.repeat(("voltage", "current_from", "current_to"), counts), np.concatenate([np.arange(count) for count in counts])
    tables = [np.zeros((chosen.size, count, columns.size)) for count in counts for _ in range(2)]
    for number, hour in enumerate(chosen):  # one at a time: the columns are chosen before the next
        answer = gradients(wires, injections, flow, Quantities(np.full(kind.size, hour), kind, element), rules)
        parts = [np.split(by[:, columns], np.cumsum(counts)[:-1]) for by in answer]
        for table, values in zip(tables, [part for pair in zip(*parts, strict=True) for part in pair], strict=True):
            table[number] = values
    return Sensitivities(chosen, columns, *tables)
