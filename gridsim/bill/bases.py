r"""Which basis of the demand charge is cheapest, quarter by quarter, and the best contract.

For a contract :math:`C` held over months :math:`m` with peaks :math:`\hat p_m` and prices :math:`d_m` the cost

.. math:: \sum_m d_m \big(C + \phi \max(0,\, \hat p_m - \tau C)\big), \qquad C \ge C_{\min}

is convex and piecewise linear in :math:`C`, with breaks at :math:`\hat p_m / \tau`: the best contract is one of these, or :math:`C_{\min}`. All are tried,
so the answer is exact. It knows the peaks beforehand, which a park that declares its contract does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from gridsim.bill.amounts import exact, per_thousand, thousandfold
from gridsim.bill.demand import billed_demand_kw, demand_price, least_contract_kw
from gridsim.park.billing import of_month

if TYPE_CHECKING:
    from gridsim.bill.meter import Meter
    from gridsim.park.billing import DemandTerms
    from gridsim.park.tariff import Tariff

Held = Literal["month", "quarter"]
"""How long a contract stays: it may be changed each month, the basis each quarter (发改办价格〔2016〕1583号, M)."""


@dataclass(frozen=True)
class QuarterBases:
    """What one quarter costs on each basis, unrounded. [CNY]"""

    quarter: str
    """As ``2030-Q1``."""
    months: tuple[str, ...]
    cost_cny: dict[str, Decimal]
    """By ``metered``, ``contract`` and, where the transformers and their charge are known, ``transformer``."""
    contract_kw: tuple[Decimal, ...]
    """Best contract of each month. [kW]"""

    @property
    def cheapest(self) -> str:
        """The basis that costs least."""
        return min(self.cost_cny, key=self.cost_cny.__getitem__)


def bases_by_quarter(tariff: Tariff, meter: Meter, held: Held = "month") -> list[QuarterBases]:
    """Compare the bases for the same imports; coincident charges and the power-factor adjustment are left out, as they hold for all."""
    quarters: dict[str, list[int]] = {}
    for month in range(meter.months):
        quarters.setdefault(f"{meter.label(month)[:4]}-Q{(meter.month_of_year(month) + 2) // 3}", []).append(month)
    billed, peaks = billed_demand_kw(tariff.bill.demand, meter), meter.peaks_kw
    prices = [demand_price(tariff, meter, month) for month in range(meter.months)]
    return [_quarter(tariff, meter, name, months, held, billed, peaks, prices) for name, months in quarters.items()]


def _quarter(
    tariff: Tariff, meter: Meter, name: str, months: list[int], held: Held, billed: list[Decimal], peaks: list[Decimal], prices: list[Decimal]
) -> QuarterBases:
    terms = tariff.bill.demand
    cost = {"metered": sum((prices[month] * billed[month] for month in months), Decimal())}
    spans = [months] if held == "quarter" else [[month] for month in months]
    best = {month: best_contract_kw([peaks[one] for one in span], [prices[one] for one in span], terms) for span in spans for month in span}
    cost["contract"] = sum((contract_cost(best[month], [peaks[month]], [prices[month]], terms) for month in months), Decimal())
    if terms.transformer_mva is not None and terms.capacity_charge_cny_per_mva_month is not None:
        charge = terms.capacity_charge_cny_per_mva_month
        charges = [per_thousand(of_month(charge, meter.month_of_year(month))) * meter.month_share(month) for month in months]
        cost["transformer"] = thousandfold(terms.transformer_mva) * sum(charges, Decimal())
    return QuarterBases(name, tuple(meter.label(month) for month in months), cost, tuple(best[month] for month in months))


def best_contract_kw(peaks_kw: Sequence[Decimal], prices: Sequence[Decimal], terms: DemandTerms) -> Decimal:
    """Return the contract that costs least over months with these peaks and prices; the smallest of several. [kW]"""
    least = least_contract_kw(terms)
    breaks = [least, *(max(least, peak / exact(terms.contract_tolerance)) for peak in peaks_kw)]
    return min(sorted(breaks), key=lambda contract: contract_cost(contract, peaks_kw, prices, terms))


def contract_cost(contract_kw: Decimal, peaks_kw: Sequence[Decimal], prices: Sequence[Decimal], terms: DemandTerms) -> Decimal:
    """Return what a contract costs over months with these peaks and prices. [CNY]"""
    tolerance, factor = exact(terms.contract_tolerance), exact(terms.contract_excess_factor)
    return sum(
        (price * (contract_kw + factor * max(Decimal(), peak - tolerance * contract_kw)) for peak, price in zip(peaks_kw, prices, strict=True)),
        Decimal(),
    )
