"""What a bill knows beyond the price of each hour: ``bill:`` below a tariff of the park file. Everything is optional.

Terms that change what is best to do are in the dispatch's objective (the metered and the contracted demand, coincident hours, a transmission fee that is paid
by capacity); the others are exact in the statement alone, and `gridsim.bill.of_dispatch.reconcile` shows what they add to the dispatch's cost.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from gridsim.park.definition import Definition
from gridsim.park.shipped_tariffs import rule
from gridsim.units import EnergyMWh, PowerMW, PriceCNYPerMWh, Share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis

POWER_FACTOR_STANDARDS = (0.80, 0.85, 0.90)
Month = Annotated[int, Field(ge=1, le=12)]
Charge = Annotated[float, Field(ge=0)]


def _one_or_twelve(value: float | list[float]) -> float | list[float]:
    if isinstance(value, list) and len(value) != 12:
        count = f"{len(value)} number{'' if len(value) == 1 else 's'}"
        raise ValueError(f"has {count}", "write one number, or twelve from January to December")
    return value


ByMonth = Annotated[PriceCNYPerMWh | list[PriceCNYPerMWh], AfterValidator(_one_or_twelve)]
"""One number, or twelve from January to December."""
ChargeByMonth = Annotated[Charge | list[Charge], AfterValidator(_one_or_twelve)]
PowerByMonth = Annotated[PowerMW | list[PowerMW], AfterValidator(_one_or_twelve)]
EnergyByMonth = Annotated[EnergyMWh | list[EnergyMWh], AfterValidator(_one_or_twelve)]


def by_rule(name: str) -> Any:
    """Return a field that takes its default from ``gridsim/data/tariffs/adjustments/rules.csv``, where its source stands."""
    return Field(default_factory=partial(rule, name))


def of_months(value: float | list[float], month: NDArray[np.int64]) -> NDArray[np.float64]:
    """Spread a number, or one for each month of the year (1 … 12), over snapshots. Shape (T,)."""
    import numpy as np

    return np.asarray(value, dtype=float)[month - 1] if isinstance(value, list) else np.full(month.shape, float(value))


def of_month(value: float | list[float], month: int) -> float:
    """Return the number of one month of the year, 1 … 12."""
    return value[month - 1] if isinstance(value, list) else value


class DemandFloor(Definition):
    """A month's billed demand is at least a share of the highest peak of other months."""

    share: Share
    months: Annotated[list[Month], Field(min_length=1)] | None = None
    """Of these months of the year."""
    previous_months: Annotated[int, Field(ge=1, le=12)] | None = None
    """Of so many months before; months before the first are taken from the end of the simulated year."""

    @model_validator(mode="after")
    def _one_kind(self) -> DemandFloor:
        if (self.months is None) == (self.previous_months is None):
            found = f"has {'neither' if self.months is None else 'both'} of months and previous_months"
            raise ValueError(found, "give one: months: [1, 4, 12], or previous_months: 6")
        return self


class CoincidentHours(Definition):
    """Paid once for the highest import within given hours of the year."""

    hours_of_year: Annotated[list[Annotated[int, Field(ge=1, le=8784)]], Field(min_length=1)]
    """Counted from 1: hour 1 is 00:00 to 01:00 on January 1."""
    price_cny_per_mw: Charge

    def applies(self, time: TimeAxis) -> NDArray[np.bool_]:
        """Tell for each snapshot whether its start lies in one of the hours. Shape (T,)."""
        import numpy as np

        hour = (time.stamps - time.stamps.astype("datetime64[Y]")).astype("timedelta64[h]").astype(np.int64) + 1
        return np.isin(hour, self.hours_of_year)


class DemandTerms(Definition):
    """The fixed part of a two-part tariff (基本电费), on one of three bases."""

    basis: Literal["metered", "transformer", "contract"] = "metered"
    """``metered``: the month's highest import; ``transformer``: installed capacity; ``contract``: a declared demand."""
    transformer_mva: Annotated[float, Field(gt=0)] | None = None
    """Capacity of the transformers that take power from the grid. [MVA]"""
    capacity_charge_cny_per_mva_month: ChargeByMonth | None = None
    """Price of the transformer basis. [CNY/MVA month]"""
    contract_mw: PowerByMonth | None = None
    """Contracted demand. [MW]"""
    contract_tolerance: Annotated[float, Field(ge=1)] = by_rule("demand.contract_tolerance")
    """Up to this multiple of the contract the contract is charged, whatever was drawn."""
    contract_excess_factor: Annotated[float, Field(ge=1)] = by_rule("demand.contract_excess_factor")
    """Price of what exceeds the tolerance, as a multiple of the demand price."""
    contract_minimum_share: Share = 0.0
    """Least contract as a share of the transformers' capacity; 0.4 is recalled for many grids (M), not stated for 蒙东."""
    ratchet_share: Share = 0.0
    """Each month's billed demand is at least this share of the highest peak of the simulated year."""
    floors: list[DemandFloor] = Field(default_factory=list)
    coincident: list[CoincidentHours] = Field(default_factory=list)

    @property
    def installed_mva(self) -> float:
        """Capacity of the transformers, 0 where it is not known. [MVA]"""
        return self.transformer_mva or 0.0

    @model_validator(mode="after")
    def _what_the_basis_needs(self) -> DemandTerms:
        needs = {"metered": (), "transformer": ("transformer_mva", "capacity_charge_cny_per_mva_month"), "contract": ("contract_mw",)}[self.basis]
        missing = [field for field in needs if getattr(self, field) is None]
        if missing:
            raise ValueError(f"has basis: {self.basis} without {' and '.join(missing)}", f"write {' and '.join(missing)}, or choose another basis")
        if self.contract_minimum_share > 0 and self.transformer_mva is None:
            raise ValueError("has contract_minimum_share without transformer_mva", "write transformer_mva, or leave contract_minimum_share out")
        return self


class LoadFactorDiscount(Definition):
    """The demand price is lowered in months in which the transformers are used well (需量电价打折). Not in the objective."""

    from_mwh_per_mva_month: Annotated[float, Field(gt=0)] = by_rule("load_factor_discount.from_mwh_per_mva_month")
    """Imported energy from which on it holds; the same number in kWh for each kVA."""
    factor: Share = by_rule("load_factor_discount.factor")
    """What the demand price is multiplied with, metered or contracted."""


class PowerFactorTerms(Definition):
    """Power-factor adjustment (力调电费): a month's charges rise or fall by steps of the published table. Not in the objective."""

    standard: float = by_rule("power_factor.standard")
    """0.90, 0.85 or 0.80."""
    declared: Annotated[float, Field(gt=0, le=1)] | None = None
    """The park's power factor at the connection, where no reactive power is at hand."""
    without: list[str] = by_rule("power_factor.without")
    """Adders that the adjustment does not act on."""

    @field_validator("standard")
    @classmethod
    def _there_is_a_table(cls, standard: float) -> float:
        if standard not in POWER_FACTOR_STANDARDS:
            raise ValueError(f"{standard:g} has no table", f"choose {', '.join(f'{known:g}' for known in POWER_FACTOR_STANDARDS)}")
        return standard


class NetworkFee(Definition):
    """How transmission and distribution are paid: by metered energy, or by capacity after 发改价格〔2025〕1192号.

    By capacity, each month: energy price of the voltage level × average load rate × hours of a month × connected capacity; nothing by metered energy.
    The demand charge stays as it is in both.
    """

    method: Literal["metered", "capacity"] = "metered"
    adder: str = "transmission_and_distribution"
    """Which of ``adders_cny_per_mwh`` is the fee by metered energy."""
    connected_mw: Annotated[float, Field(gt=0)]
    """Capacity that is connected to the public grid. [MW]"""
    average_load_rate: Annotated[float, Field(gt=0, le=1)]
    """Of two-part users at 110 kV and above in the province; the value is not published here: 0.5, 0.6 and 0.75 are others' assumptions (X)."""
    hours_per_month: Annotated[float, Field(gt=0)] = by_rule("network_fee.hours_per_month")
    """The notice's month. [h]"""


class SelfUse(Definition):
    """What is paid on wind and sun that the park uses itself. Not in the objective."""

    adders: list[str] = by_rule("self_use.adders")
    """Which of ``adders_cny_per_mwh`` are paid on it."""


class DirectSupply(Definition):
    """Green power from a plant that is another legal entity, at a contract price. It changes hands inside the project, so it is not in the objective."""

    price_cny_per_mwh: ByMonth


class Neighbour(Definition):
    """A user next door who takes exports (隔墙售电) before the grid does. Not in the objective."""

    up_to_mw: PowerMW
    """What it takes in an hour at most. [MW]"""
    price_cny_per_mwh: ByMonth
    """What it pays for the energy. [CNY/MWh]"""
    wheeling_fee_cny_per_mwh: ByMonth = 0.0
    """Network fee for the way to it (过网费), paid out of the price. [CNY/MWh]"""


class Certificates(Definition):
    """Green certificates (绿证), one for each MWh. Not in the objective."""

    price_cny_per_mwh: Charge
    bought_share_of_import: Share = 0.0
    sold_share_of_export: Share = 0.0
    """Exports whose certificates are sold apart; certificates of self-used power are not traded (M)."""


class Deviation(Definition):
    """Energy that was contracted for each month against what was metered (偏差考核). Not in the objective."""

    contracted_mwh: EnergyByMonth
    """[MWh a month]"""
    band_share: Share = 0.0
    """Deviation of the contracted energy that is free, both ways."""
    above_cny_per_mwh: Charge = 0.0
    """For what was taken above the band."""
    below_cny_per_mwh: Charge = 0.0
    """For what was not taken, below the band."""


class BillTerms(Definition):
    """All of the above; one place in the park file."""

    demand: DemandTerms = Field(default_factory=DemandTerms)
    load_factor_discount: LoadFactorDiscount | None = None
    power_factor: PowerFactorTerms | None = None
    network_fee: NetworkFee | None = None
    self_use: SelfUse | None = None
    direct_supply: DirectSupply | None = None
    neighbours: dict[str, Neighbour] = Field(default_factory=dict)
    certificates: Certificates | None = None
    deviation: Deviation | None = None
    note: str = ""

    @model_validator(mode="after")
    def _discount_knows_the_transformers(self) -> BillTerms:
        if self.load_factor_discount is not None and self.demand.transformer_mva is None:
            raise ValueError("has load_factor_discount without demand.transformer_mva", "write demand: {transformer_mva: ...}")
        return self
