r"""Lines that are paid by energy: imports by time of use, adders, self-use, exports, neighbours, certificates, deviation.

.. math:: A_{m,k} = \Big[\, p_{m,k} \sum_{t \in m,\, k(t) = k} i_t\, \Delta t \Big]_{0.01}

for month :math:`m` and period :math:`k`; where the price changes within the period, as a spot price does, :math:`\sum p_t i_t \Delta t` is rounded, and the
unit price shown is the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from gridsim.bill.amounts import exact, per_thousand, thousandfold
from gridsim.bill.lines import Account, Line, line
from gridsim.park.billing import of_month

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.bill.meter import Meter
    from gridsim.park.tariff import Tariff

    Profiles = dict[str, NDArray[np.float64]]


def energy_lines(tariff: Tariff, meter: Meter, month: int, profiles: Profiles) -> Iterator[Line]:
    """Imported energy by period of the day, the dearest first."""
    price, period = tariff.energy_price_at(meter.time, profiles), tariff.period_at(meter.time)
    names = [*tariff.time_of_use, "flat"]  # no period: place −1
    inside = meter.inside(month)
    found = [_priced(f"energy.{names[place]}", meter, meter.import_mw, inside & (period == place), price) for place in np.unique(period[inside]).tolist()]
    yield from sorted((one for one in found if one.quantity), key=lambda one: -one.price_cny)


def adder_lines(tariff: Tariff, meter: Meter, month: int) -> Iterator[Line]:
    """Transmission, losses, system operation, funds, by metered imports."""
    quantity = meter.energy_kwh(meter.import_mw, meter.inside(month))
    for name, value in tariff.metered_adders.items():
        yield line(f"adder.{name}", quantity, "kWh", per_thousand(of_month(value, meter.month_of_year(month))))


def capacity_fee_lines(tariff: Tariff, meter: Meter, month: int) -> Iterator[Line]:
    """Transmission by connected capacity: the fee by energy × average load rate × hours of a month, for each kW (1192/2025)."""
    fee = tariff.bill.network_fee
    if fee is not None and fee.method == "capacity":
        by_energy = per_thousand(of_month(tariff.adders_cny_per_mwh[fee.adder], meter.month_of_year(month)))
        price = by_energy * exact(fee.average_load_rate) * exact(fee.hours_per_month) * meter.month_share(month)
        yield line("network_fee.capacity", thousandfold(fee.connected_mw), "kW", price)


def self_use_lines(tariff: Tariff, meter: Meter, month: int) -> Iterator[Line]:
    """What own wind and sun costs the user: adders that are paid on it, and the price of a plant that is another entity."""
    quantity = meter.energy_kwh(meter.self_used_mw, meter.inside(month))
    number, terms = meter.month_of_year(month), tariff.bill
    for name in terms.self_use.adders if terms.self_use else ():
        yield line(f"self_use.{name}", quantity, "kWh", per_thousand(of_month(tariff.adders_cny_per_mwh[name], number)))
    if terms.direct_supply is not None:
        price = per_thousand(of_month(terms.direct_supply.price_cny_per_mwh, number))
        yield line("direct_supply", quantity, "kWh", price)
        yield line("direct_supply.received", quantity, "kWh", -price, account="plant")


def export_lines(tariff: Tariff, meter: Meter, month: int, profiles: Profiles) -> Iterator[Line]:
    """Exports: neighbours take theirs first, in the order of the file; the grid pays for the rest."""
    inside, number = meter.inside(month), meter.month_of_year(month)
    seller: Account = "plant" if tariff.bill.direct_supply is not None else "user"
    left = meter.export_mw
    for name, neighbour in tariff.bill.neighbours.items():
        taken = np.minimum(left, neighbour.up_to_mw)
        left = left - taken
        quantity = meter.energy_kwh(taken, inside)
        yield line(f"neighbour.{name}", quantity, "kWh", -per_thousand(of_month(neighbour.price_cny_per_mwh, number)), account=seller)
        yield line(f"wheeling.{name}", quantity, "kWh", per_thousand(of_month(neighbour.wheeling_fee_cny_per_mwh, number)), account=seller)
    settled = _priced("export", meter, left, inside, -tariff.export_price_at(meter.time, profiles), seller)
    if settled.quantity:
        yield settled


def certificate_lines(tariff: Tariff, meter: Meter, month: int) -> Iterator[Line]:
    """Certificates for a share of imports, and from a share of exports; one a MWh, parts of one carried as they are."""
    terms = tariff.bill.certificates
    if terms is None:
        return
    inside, price = meter.inside(month), exact(terms.price_cny_per_mwh)
    seller: Account = "plant" if tariff.bill.direct_supply is not None else "user"
    bought = meter.energy_kwh(meter.import_mw, inside) / 1000 * exact(terms.bought_share_of_import)
    sold = meter.energy_kwh(meter.export_mw, inside) / 1000 * exact(terms.sold_share_of_export)
    if bought:
        yield line("certificates.bought", bought, "MWh", price)
    if sold:
        yield line("certificates.sold", sold, "MWh", -price, account=seller)


def deviation_lines(tariff: Tariff, meter: Meter, month: int) -> Iterator[Line]:
    """Metered imports outside the band around the month's contracted energy."""
    terms = tariff.bill.deviation
    if terms is None:
        return
    metered = meter.energy_kwh(meter.import_mw, meter.inside(month))
    contracted = thousandfold(of_month(terms.contracted_mwh, meter.month_of_year(month))) * meter.month_share(month)
    band = contracted * exact(terms.band_share)
    if (above := metered - contracted - band) > 0:
        yield line("deviation.above", above, "kWh", per_thousand(terms.above_cny_per_mwh))
    if (below := contracted - band - metered) > 0:
        yield line("deviation.below", below, "kWh", per_thousand(terms.below_cny_per_mwh))


def _priced(item: str, meter: Meter, power_mw: NDArray[np.float64], where: NDArray[np.bool_], price: NDArray[np.float64], account: Account = "user") -> Line:
    """Return the line of some snapshots, at their one price or at the mean of several."""
    quantity = meter.energy_kwh(power_mw, where)
    prices = price[where]
    if np.ptp(prices) <= 1e-9:
        return line(item, quantity, "kWh", per_thousand(prices[0]), account=account)
    paid = exact(float(prices @ power_mw[where]) * meter.time.step_hours)
    mean = paid / quantity if quantity else Decimal()
    return line(item, quantity, "kWh", mean, account=account, unrounded=paid)
