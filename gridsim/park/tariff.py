r"""What electricity costs at the grid connection, hour by hour.

.. math:: c_t = e_t \cdot m_t + \sum_k a_k

with the energy price :math:`e` (flat, or a profile), the multiplier :math:`m` of the time-of-use period the snapshot lies in (1 where none
applies) and the adders :math:`a` (transmission, funds, system fee), which do not float. In CNY/MWh. Energy price and adders may differ from month to month.

What is paid beyond the hours' energy stands below ``bill`` (`gridsim.park.billing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator, model_validator

from gridsim.errors import quoted
from gridsim.park.billing import BillTerms, ByMonth, ChargeByMonth, Month, of_months
from gridsim.park.definition import Definition
from gridsim.park.shipped_tariffs import with_shipped
from gridsim.units import Factor, PriceCNYPerMWh

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis


def parse_hours(text: str) -> list[tuple[float, float]]:
    """Read ``'06-09, 17-22'`` as half-open intervals of hours of the day; an interval may pass midnight (``'22-06'``)."""
    intervals: list[tuple[float, float]] = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.strip().partition("-"))
        try:
            begin, end = _clock(first), _clock(last)
        except ValueError:
            dash = ""
        if not dash or not (0 <= begin < 24 and 0 < end <= 24) or begin == end:
            raise ValueError(f"{quoted(part.strip())} is not an interval of hours", "write hours 0..24 such as 06-09, 17:30-22 or 22-06")
        intervals += [(begin, end)] if begin < end else [(begin, 24.0), (0.0, end)]
    return intervals


def _clock(text: str) -> float:
    hours, colon, minutes = text.partition(":")
    if colon and not 0 <= int(minutes) < 60:
        raise ValueError(minutes)
    return int(hours) + (int(minutes) / 60 if colon else 0.0)


class TimeOfUsePeriod(Definition):
    """One named period of a time-of-use tariff; a later period in the file overrides an earlier one where both apply."""

    hours: str
    multiplier: Factor | None = None
    price_cny_per_mwh: PriceCNYPerMWh | None = None
    months: list[Month] | None = None
    days: Literal["all", "weekday", "weekend"] = "all"

    @field_validator("hours")
    @classmethod
    def _hours_are_intervals(cls, text: str) -> str:
        parse_hours(text)
        return text

    @model_validator(mode="after")
    def _one_price(self) -> TimeOfUsePeriod:
        if (self.multiplier is None) == (self.price_cny_per_mwh is None):
            found = "has neither multiplier nor price_cny_per_mwh" if self.multiplier is None else "has both multiplier and price_cny_per_mwh"
            raise ValueError(found, "give one: multiplier (on the energy price) or price_cny_per_mwh")
        return self

    def applies(self, time: TimeAxis) -> NDArray[np.bool_]:
        """Tell for each snapshot whether its start lies in this period. Shape (T,)."""
        import numpy as np

        inside = np.zeros(time.steps, dtype=bool)
        for begin, end in parse_hours(self.hours):
            inside |= (time.hour_of_day >= begin) & (time.hour_of_day < end)
        if self.months is not None:
            inside &= np.isin(time.month, self.months)
        if self.days != "all":
            inside &= (time.weekday < 5) == (self.days == "weekday")
        return inside


class Tariff(Definition):
    """Import and export prices, and the monthly demand charge, of a grid connection."""

    like: str | None = None
    """A shipped tariff that gives what is left out, such as ``mengdong_2023_2026/two_part/220kv``; see ``gridsim/data/tariffs``."""
    energy_price_cny_per_mwh: ByMonth | None = None
    """Energy price of the flat period, one number or twelve. [CNY/MWh]"""
    energy_price_profile: str | None = None
    """Profile of energy prices instead of one number. [CNY/MWh]"""
    time_of_use: dict[str, TimeOfUsePeriod] = Field(default_factory=dict)
    adders_cny_per_mwh: dict[str, ByMonth] = Field(default_factory=dict)
    """Parts of the price that do not float with the time of use: transmission, losses, system fee, funds; each one number or twelve. [CNY/MWh]"""
    demand_charge_cny_per_mw_month: ChargeByMonth = 0.0
    """Price of a month's metered or contracted demand, one number or twelve. [CNY/MW month]"""
    export_price_cny_per_mwh: PriceCNYPerMWh | None = None
    """Paid to the park for what it exports; none means that exports earn nothing. [CNY/MWh]"""
    export_price_profile: str | None = None
    bill: BillTerms = Field(default_factory=BillTerms)
    """What the monthly statement knows beyond that."""

    @model_validator(mode="before")
    @classmethod
    def _like_a_shipped_one(cls, written: Any) -> Any:
        return with_shipped(written) if isinstance(written, dict) and isinstance(written.get("like"), str) else written

    @model_validator(mode="after")
    def _one_price(self) -> Tariff:
        if (self.energy_price_cny_per_mwh is None) == (self.energy_price_profile is None):
            number = "neither" if self.energy_price_profile is None else "both"
            raise ValueError(f"has {number} of energy_price_cny_per_mwh and energy_price_profile", "give one of them")
        if self.export_price_cny_per_mwh is not None and self.export_price_profile is not None:
            raise ValueError("has both export_price_cny_per_mwh and export_price_profile", "give one of them")
        return self

    @model_validator(mode="after")
    def _bill_names_adders(self) -> Tariff:
        fee, self_use = self.bill.network_fee, self.bill.self_use
        named = {"bill.network_fee.adder": [fee.adder] if fee else [], "bill.self_use.adders": self_use.adders if self_use else []}
        unknown = [f"{where} names '{name}'" for where, names in named.items() for name in names if name not in self.adders_cny_per_mwh]
        if unknown:
            known = ", ".join(self.adders_cny_per_mwh) or "none"
            raise ValueError(f"{' and '.join(unknown)}, which is not among adders_cny_per_mwh", f"name one of: {known}")
        return self

    def within_steps(self, step_minutes: int) -> list[str]:
        """Periods of which a border lies within a step; the step takes the price at its start."""
        borders = {name: [border * 60.0 for interval in parse_hours(period.hours) for border in interval] for name, period in self.time_of_use.items()}
        return [name for name, minutes in borders.items() if any(abs(minute / step_minutes - round(minute / step_minutes)) > 1e-9 for minute in minutes)]

    def profile_names(self) -> dict[str, str]:
        """Profiles that this tariff reads, by field."""
        fields = {"energy_price_profile": self.energy_price_profile, "export_price_profile": self.export_price_profile}
        return {name: profile for name, profile in fields.items() if profile is not None}

    def import_price_cny_per_mwh(self, time: TimeAxis, profiles: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Price of importing at each snapshot, adders included. Shape (T,). [CNY/MWh]"""
        price = self.energy_price_at(time, profiles)
        return price + sum(of_months(value, time.month) for value in self.metered_adders.values())

    @property
    def metered_adders(self) -> dict[str, float | list[float]]:
        """Adders that are paid by metered energy: all, unless transmission is paid by capacity. [CNY/MWh]"""
        fee = self.bill.network_fee
        return {name: value for name, value in self.adders_cny_per_mwh.items() if fee is None or fee.method == "metered" or name != fee.adder}

    def energy_price_at(self, time: TimeAxis, profiles: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Energy price of its period at each snapshot, without adders. Shape (T,). [CNY/MWh]"""
        if self.energy_price_profile is not None:
            energy = profiles[self.energy_price_profile]
        else:
            energy = of_months(self.energy_price_cny_per_mwh or 0.0, time.month)
        price = energy.astype(float)
        for period in self.time_of_use.values():
            inside = period.applies(time)
            price[inside] = period.price_cny_per_mwh if period.multiplier is None else energy[inside] * period.multiplier
        return price

    def period_at(self, time: TimeAxis) -> NDArray[np.int64]:
        """Which period of ``time_of_use`` each snapshot lies in, the last that applies; −1 where none does. Shape (T,)."""
        import numpy as np

        place = np.full(time.steps, -1)
        for number, period in enumerate(self.time_of_use.values()):
            place[period.applies(time)] = number
        return place

    def export_price_at(self, time: TimeAxis, profiles: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Revenue of exporting at each snapshot. Shape (T,). [CNY/MWh]"""
        import numpy as np

        if self.export_price_profile is not None:
            return profiles[self.export_price_profile]
        return np.full(time.steps, self.export_price_cny_per_mwh or 0.0)
