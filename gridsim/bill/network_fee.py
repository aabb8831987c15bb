r"""Transmission and distribution by capacity against by metered energy (发改价格〔2025〕1192号).

.. math:: \text{by energy: } c\, W_m \qquad \text{by capacity: } c\, \lambda\, h\, P \qquad \text{equal at } \lambda^* = \frac{W_m}{h\,P}

with the fee :math:`c` of the voltage level, the month's imports :math:`W_m`, the province's average load rate :math:`\lambda`, the notice's month :math:`h`
and the connected capacity :math:`P`. A park whose own load rate at the connection :math:`\lambda^*` is below the province's pays less by energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gridsim.bill.amounts import exact, per_thousand, thousandfold
from gridsim.park.billing import of_month

if TYPE_CHECKING:
    from gridsim.bill.meter import Meter
    from gridsim.park.tariff import Tariff


@dataclass(frozen=True)
class NetworkFees:
    """Both methods for one month, unrounded."""

    month: str
    by_energy_cny: Decimal
    by_capacity_cny: Decimal
    load_rate: Decimal
    """Of the park at its connection, over the notice's month: the average load rate at which both methods cost the same. [1]"""

    @property
    def cheaper(self) -> str:
        """``metered`` or ``capacity``, as the tariff's ``method``."""
        return "metered" if self.by_energy_cny <= self.by_capacity_cny else "capacity"


def network_fees(tariff: Tariff, meter: Meter) -> list[NetworkFees]:
    """Compare both methods for the same imports; empty where the tariff has no ``bill.network_fee``. A month of which a part is run pays that share."""
    terms = tariff.bill.network_fee
    if terms is None:
        return []
    found = []
    for month in range(meter.months):
        fee = per_thousand(of_month(tariff.adders_cny_per_mwh[terms.adder], meter.month_of_year(month)))
        energy = meter.energy_kwh(meter.import_mw, meter.inside(month))
        whole = exact(terms.hours_per_month) * meter.month_share(month) * thousandfold(terms.connected_mw)
        found.append(NetworkFees(meter.label(month), fee * energy, fee * exact(terms.average_load_rate) * whole, energy / whole))
    return found
