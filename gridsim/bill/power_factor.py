r"""Power-factor adjustment (力调电费): a month's charges times a step of the published table.

.. math:: \cos\varphi = \frac{W}{\sqrt{W^2 + W_q^2}}, \qquad W_q = \sum_t |q_t|\,\Delta t

from the month's imported active and reactive energy. Reactive energy counts the same in both directions, so capacitors that stay on at night do not help.
A park that makes its own active power and takes its reactive power from the grid lowers the power factor that the grid sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.bill.amounts import CENT, exact
from gridsim.bill.lines import Line, line, total

if TYPE_CHECKING:
    from gridsim.bill.meter import Meter
    from gridsim.park.tariff import Tariff

TABLE = Path(__file__).parents[1] / "data" / "tariffs" / "adjustments" / "power_factor.yaml"
STEP = Decimal("0.01")

CHARGES = ("energy", "adder", "network_fee", "demand")
"""Kinds of lines that the adjustment acts on (M); exempt adders are named by the tariff."""


def power_factor_lines(tariff: Tariff, meter: Meter, month: int, before: Sequence[Line]) -> list[Line]:
    """Return the adjustment of a month's lines, or none where no power factor is known."""
    terms = tariff.bill.power_factor
    factor = None if terms is None else monthly_power_factor(meter, month, terms.declared)
    if terms is None or factor is None:
        return []
    exempt = {f"adder.{name}" for name in terms.without}
    base = total(one for one in before if one.kind in CHARGES and one.item not in exempt)
    return [line("power_factor", base, "CNY", adjustment(factor, terms.standard), detail=f"cos φ {factor}")]


def monthly_power_factor(meter: Meter, month: int, declared: float | None = None) -> Decimal | None:
    """Return a month's power factor to two decimals: from reactive power where it is known, else as declared; None without either, or without imports."""
    inside = meter.inside(month)
    active = float(meter.import_mw[inside].sum())
    if active <= 0:
        return None
    if meter.reactive_mvar is None:
        return None if declared is None else exact(declared).quantize(CENT, ROUND_HALF_UP)
    reactive = float(np.abs(meter.reactive_mvar[inside]).sum())
    return exact(active / float(np.hypot(active, reactive))).quantize(CENT, ROUND_HALF_UP)


def adjustment(power_factor: Decimal, standard: float) -> Decimal:
    """Return the change of a month's charges; positive where the park pays. [1]

    Examples
    --------
    >>> [str(adjustment(Decimal(factor), 0.90)) for factor in ("1.00", "0.93", "0.90", "0.85", "0.67")]
    ['-0.0075', '-0.0045', '0.0000', '0.0250', '0.1300']
    """
    table = _table()["standards"][f"{standard:.2f}"]
    change = Decimal("0.0000")
    for reached, reward in table["reward"].items():
        if power_factor >= Decimal(reached):
            change = exact(reward)
    upper = exact(standard)
    for stretch in table["penalty"]:
        lower = Decimal(stretch["down_to"])
        steps = max(Decimal(), (upper - max(power_factor, lower)) / STEP)
        change += steps * exact(stretch["each"])
        upper = lower
    return change.quantize(Decimal("0.0001"))


@cache
def _table() -> dict[str, Any]:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load(TABLE.read_text(encoding="utf-8"))
