"""What a feasibility study needs to know beside the discount rate: taxes, loan, depreciation, prices of products, lives of cells and stacks.

All may be left out; `gridsim.money.terms` then takes the shipped number of ``gridsim/data/finance.yaml``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.units import PositiveShare, PriceCNYPerMWh, Share

WholeYears = Annotated[int, Field(ge=0, le=60)]
Growth = Annotated[float, Field(gt=-0.5, lt=0.5)]
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]


class FinanceTerms(Definition):
    """Keys below ``finance:``; their defaults, sources and certainties stand in ``gridsim/data/finance.yaml``."""

    project_years: Annotated[int, Field(ge=1, le=60)] | None = None
    """Years of operation that are assessed. [a]"""
    construction_years: Annotated[int, Field(ge=0, le=10)] | None = None
    """Years before operation, over which the investment is spent evenly; 0: all of it at time zero. [a]"""
    inflation: Growth | None = None
    """Growth of all prices; above or below 0 the tables are nominal. [1/a]"""
    escalation_electricity: Growth | None = None
    """Real growth of electricity prices, bought and sold. [1/a]"""
    escalation_products: Growth | None = None
    escalation_upkeep: Growth | None = None

    income_tax_rate: BelowOne | None = None
    income_tax_free_years: WholeYears | None = None
    """Years free of income tax from the first year of operation on. [a]"""
    income_tax_half_years: WholeYears | None = None
    """Years of half income tax after those. [a]"""
    loss_carry_years: WholeYears | None = None

    prices_include_vat: bool | None = None
    vat_electricity: BelowOne | None = None
    vat_products: BelowOne | None = None
    vat_fuel: BelowOne | None = None
    """Natural gas and water. [1]"""
    vat_upkeep: BelowOne | None = None
    vat_equipment: BelowOne | None = None
    vat_construction: BelowOne | None = None
    equipment_share: Share | None = None
    vat_surcharge_share: BelowOne | None = None
    """City, education and local education surcharges over the value-added tax that is paid. [1]"""

    depreciation_years: Annotated[int, Field(ge=1, le=60)] | None = None
    residual_share: BelowOne | None = None
    """Of what was bought for the project's start. [1]"""

    loan_share: BelowOne | None = None
    loan_rate: BelowOne | None = None
    loan_years: Annotated[int, Field(ge=1, le=60)] | None = None
    """Years of repayment from the first year of operation on. [a]"""
    loan_repayment: Literal["equal_payment", "equal_principal"] | None = None

    electricity_price_cny_per_mwh: PriceCNYPerMWh | None = None
    """What users of the park pay; left out, what the grid's tariff would cost them. [CNY/MWh]"""
    hydrogen_price_cny_per_kg: NonNegative | None = None
    ammonia_price_cny_per_t: NonNegative | None = None
    water_price_cny_per_t: NonNegative | None = None
    """Raw water of electrolysis. [CNY/t]"""

    battery_cycles_to_end: Positive | None = None
    battery_cycle_depth: PositiveShare | None = None
    battery_gain_at_half_depth: Annotated[float, Field(ge=1)] | None = None
    battery_calendar_loss_after_ten_years: Share | None = None
    battery_end_of_life_share: BelowOne | None = None
    battery_cell_price_cny_per_kwh: NonNegative | None = None

    stack_life_hours_alkaline: Positive | None = None
    stack_life_hours_pem: Positive | None = None
    stack_cost_share: Share | None = None

    business_as_usual_hydrogen: Literal["bought", "grid_electrolysis"] | None = None
