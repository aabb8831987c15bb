r"""The fixed part of a two-part tariff (基本电费): by metered demand, by transformer capacity, or by contract.

Metered, with ratchet and floors, in month :math:`m` with peak :math:`\hat p_m`:

.. math:: A_m = d_m \max\Big(\hat p_m,\; r \max_n \hat p_n,\; \max_f s_f \max_{n \in N_f(m)} \hat p_n\Big)

Contract :math:`C` with tolerance :math:`\tau` (1.05) and excess factor :math:`\phi` (2):

.. math:: A_m = d_m \big(C_m + \phi \max(0,\, \hat p_m - \tau C_m)\big)

Where the transformers' use reaches the discount's threshold, :math:`d_m` is multiplied with its factor.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from gridsim.bill.amounts import exact, per_thousand, plain, thousandfold
from gridsim.bill.lines import Line, line
from gridsim.park.billing import of_month

if TYPE_CHECKING:
    from gridsim.bill.meter import Meter
    from gridsim.park.billing import DemandFloor, DemandTerms
    from gridsim.park.tariff import Tariff

MONTHS_OF_A_YEAR = 12


def demand_lines(tariff: Tariff, meter: Meter, month: int) -> Iterator[Line]:
    """Lines of one month on the tariff's basis; a month of which a part is run pays that share, one cut short by the park's own time in full."""
    terms, number = tariff.bill.demand, meter.month_of_year(month)
    price = demand_price(tariff, meter, month)
    if terms.basis == "transformer":
        charge = per_thousand(of_month(terms.capacity_charge_cny_per_mva_month or 0.0, number)) * meter.month_share(month)
        yield line("demand.transformer", thousandfold(terms.installed_mva), "kVA", charge)
    elif terms.basis == "contract":
        contract = max(thousandfold(of_month(terms.contract_mw or 0.0, number)), least_contract_kw(terms))
        yield line("demand.contract", contract, "kW", price)
        excess = meter.peaks_kw[month] - exact(terms.contract_tolerance) * contract
        if excess > 0:
            yield line("demand.excess", excess, "kW", price * exact(terms.contract_excess_factor))
    elif price:
        billed = billed_demand_kw(terms, meter)[month]
        own = meter.peaks_kw[month]
        yield line("demand.metered", billed, "kW", price, detail="" if billed == own else f"{plain(own, 3)} kW")
    yield from _coincident_lines(terms, meter, month)


def demand_price(tariff: Tariff, meter: Meter, month: int) -> Decimal:
    """Price of metered or contracted demand in one month, with the load-factor discount where it is earned. [CNY/kW]"""
    share = meter.month_share(month)
    price = per_thousand(of_month(tariff.demand_charge_cny_per_mw_month, meter.month_of_year(month))) * share
    discount = tariff.bill.load_factor_discount
    if discount is None:
        return price
    use = meter.energy_kwh(meter.import_mw, meter.inside(month)) / thousandfold(tariff.bill.demand.installed_mva)
    return price * exact(discount.factor) if use >= exact(discount.from_mwh_per_mva_month) * share else price


def billed_demand_kw(terms: DemandTerms, meter: Meter) -> list[Decimal]:
    """Metered demand of each month, raised to its ratchet and floors. [kW]"""
    peaks = meter.peaks_kw
    ratchet = exact(terms.ratchet_share) * max(peaks)
    floors = [[exact(floor.share) * _reference_kw(floor, peaks, meter, month) for floor in terms.floors] for month in range(len(peaks))]
    return [max(peak, ratchet, *at_least) for peak, at_least in zip(peaks, floors, strict=True)]


def _reference_kw(floor: DemandFloor, peaks: list[Decimal], meter: Meter, month: int) -> Decimal:
    """Return the highest peak that a floor looks at; months before the first are those a year later."""
    count = len(peaks)
    if floor.months is not None:
        wanted = [other for other in range(count) if meter.month_of_year(other) in floor.months]
    else:
        back = [month - before for before in range(1, (floor.previous_months or 0) + 1)]
        wanted = [other if other >= 0 else other + MONTHS_OF_A_YEAR for other in back if -MONTHS_OF_A_YEAR <= other < count]
    return max((peaks[other] for other in wanted if other < count), default=Decimal())


def least_contract_kw(terms: DemandTerms) -> Decimal:
    """Least contracted demand that the grid accepts. [kW]"""
    return exact(terms.contract_minimum_share) * thousandfold(terms.installed_mva)


def _coincident_lines(terms: DemandTerms, meter: Meter, month: int) -> Iterator[Line]:
    """Charges for the highest import within given hours, in the month that holds it."""
    for hours in terms.coincident:
        among = hours.applies(meter.time)
        if not among.any():
            continue
        highest = int(np.argmax(np.where(among, meter.import_mw, -np.inf)))
        if meter.time.billing_month[highest] == month:
            quantity = thousandfold(max(0.0, float(meter.import_mw[highest])))
            price = per_thousand(hours.price_cny_per_mw) * exact(meter.time.share_of_whole)
            yield line("demand.coincident", quantity, "kW", price, detail=meter.time.label(highest))
