"""The monthly statements of one grid connection, from what its meters read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.bill.demand import demand_lines
from gridsim.bill.energy import adder_lines, capacity_fee_lines, certificate_lines, deviation_lines, energy_lines, export_lines, self_use_lines
from gridsim.bill.lines import MonthlyBill, Statement
from gridsim.bill.meter import DEMAND_WINDOW_MINUTES
from gridsim.bill.power_factor import power_factor_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gridsim.bill.meter import Meter
    from gridsim.park.tariff import Tariff


def statement(tariff: Tariff, meter: Meter, profiles: dict[str, NDArray[np.float64]] | None = None, connection: str = "grid") -> Statement:
    """Write every month's bill.

    Parameters
    ----------
    tariff : Tariff
        Prices, and the terms below its ``bill``.
    meter : Meter
        Powers at each snapshot, made by `gridsim.bill.meter.meter`.
    profiles : dict, optional
        Profiles that the tariff names, by name. Shape (T,). [CNY/MWh]
    connection : str
        Whose bill it is.

    Returns
    -------
    Statement
        Amounts are rounded half up to fen line by line; a total is the sum of rounded lines, so that whoever adds them up gets it exactly.
    """
    months = tuple(MonthlyBill(meter.label(month), _lines(tariff, meter, month, profiles or {})) for month in range(meter.months))
    return Statement(connection, months, tuple(_notes(tariff, meter)))


def _lines(tariff: Tariff, meter: Meter, month: int, profiles: dict[str, NDArray[np.float64]]) -> tuple:
    charges = [
        *energy_lines(tariff, meter, month, profiles),
        *adder_lines(tariff, meter, month),
        *capacity_fee_lines(tariff, meter, month),
        *demand_lines(tariff, meter, month),
    ]
    return (
        *charges,
        *power_factor_lines(tariff, meter, month, charges),
        *self_use_lines(tariff, meter, month),
        *deviation_lines(tariff, meter, month),
        *certificate_lines(tariff, meter, month),
        *export_lines(tariff, meter, month, profiles),
    )


def _notes(tariff: Tariff, meter: Meter) -> Iterator[tuple[str, str]]:
    step, terms = meter.time.step_minutes, tariff.bill
    if step > DEMAND_WINDOW_MINUTES and (tariff.demand_charge_cny_per_mw_month or terms.demand.basis == "contract"):
        yield (
            f"需量按 {step} 分钟平均值计算；电表按 {DEMAND_WINDOW_MINUTES} 分钟平均值计量，实际需量可能更高。",
            f"Demand is the highest mean over {step} minutes; meters average over {DEMAND_WINDOW_MINUTES}, so the true demand may be higher.",
        )
    part = [f"{meter.label(month)} {float(meter.month_share(month)):.1%}" for month in range(meter.months) if meter.month_share(month) < 1]
    if part:
        yield (
            f"仅计算部分时段的月份：{'、'.join(part)}；按月收取的费用按该比例计。",
            f"Months of which a part is run: {', '.join(part)}; what is paid by the month is charged in this share.",
        )
    cut = [meter.label(month) for month in range(meter.months) if not meter.is_whole(month) and meter.month_share(month) == 1]
    if cut:
        yield (f"不足整月：{'、'.join(cut)}；按月收取的费用仍计全额。", f"Months cut short: {', '.join(cut)}; what is paid by the month is charged in full.")
    if terms.power_factor is not None and meter.reactive_mvar is None:
        declared = terms.power_factor.declared
        if declared is None:
            yield ("未校核配电网且未申报功率因数，不计力调电费。", "No power-factor adjustment: neither reactive power nor a declared power factor is known.")
        else:
            yield (f"力调电费按申报功率因数 {declared:g} 计算。", f"The power-factor adjustment takes the declared power factor of {declared:g}.")
    if terms.power_factor is not None:
        yield ("力调系数表为记忆数据（M），使用前请核对原文。", "The table of the power-factor adjustment is recalled (M); check it against the published one.")
    if terms.demand.basis == "contract":
        yield (
            "超合同需量按超出 105% 部分加倍计收，为记忆规则（M）。",
            "Demand above the contract: the part above the tolerance is charged at the excess factor; the rule is recalled (M).",
        )
