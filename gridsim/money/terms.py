"""The terms of a feasibility study: what the park file says, and the shipped number with its source where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from gridsim.park.finance import FinanceTerms
from gridsim.park.park import DefaultUsed

TABLE = Path(__file__).parents[1] / "data" / "finance.yaml"


@dataclass(frozen=True)
class Terms:
    """`gridsim.park.finance.FinanceTerms` with nothing left out, and the real discount rate."""

    discount_rate: float
    """Real. [1/a]"""
    project_years: int
    construction_years: int
    inflation: float
    escalation_electricity: float
    escalation_products: float
    escalation_upkeep: float
    income_tax_rate: float
    income_tax_free_years: int
    income_tax_half_years: int
    loss_carry_years: int
    prices_include_vat: bool
    vat_electricity: float
    vat_products: float
    vat_fuel: float
    vat_upkeep: float
    vat_equipment: float
    vat_construction: float
    equipment_share: float
    vat_surcharge_share: float
    depreciation_years: int
    residual_share: float
    loan_share: float
    loan_rate: float
    loan_years: int
    loan_repayment: Literal["equal_payment", "equal_principal"]
    electricity_price_cny_per_mwh: float | None
    hydrogen_price_cny_per_kg: float
    ammonia_price_cny_per_t: float
    water_price_cny_per_t: float
    battery_cycles_to_end: float
    battery_cycle_depth: float
    battery_gain_at_half_depth: float
    battery_calendar_loss_after_ten_years: float
    battery_end_of_life_share: float
    battery_cell_price_cny_per_kwh: float
    stack_life_hours_alkaline: float
    stack_life_hours_pem: float
    stack_cost_share: float
    business_as_usual_hydrogen: Literal["bought", "grid_electrolysis"]
    defaults_used: tuple[DefaultUsed, ...] = ()

    @property
    def nominal_discount_rate(self) -> float:
        """Discount rate of the tables: the real one, raised by inflation. [1/a]"""
        return (1.0 + self.discount_rate) * (1.0 + self.inflation) - 1.0

    @property
    def basis(self) -> str:
        """``real`` (constant prices of the year the park file's prices are of) or ``nominal``."""
        return "real" if self.inflation == 0.0 else "nominal"

    @property
    def vat_investment(self) -> float:
        """Value-added tax over the investment without it, equipment and construction together. [1]"""
        return self.equipment_share * self.vat_equipment + (1.0 - self.equipment_share) * self.vat_construction


@cache
def shipped_terms() -> dict[str, dict[str, Any]]:
    """Return field → value, unit, label_en, label_zh, certainty, source."""
    from ruamel.yaml import YAML

    table: dict[str, dict[str, Any]] = YAML(typ="safe").load(TABLE.read_text(encoding="utf-8"))
    return table


def terms_of(finance: Any, **changes: Any) -> Terms:
    """Return the terms of a park's ``finance`` section.

    Parameters
    ----------
    finance : Finance or FinanceTerms
        What the park file says; fields that are None or absent take the shipped number. Without a ``discount_rate`` it is 0.07, as shipped for parks.
    **changes
        Fields that overrule both.
    """
    values: dict[str, Any] = {}
    used = []
    for field, shipped in shipped_terms().items():
        written = changes.get(field, getattr(finance, field, None))
        values[field] = shipped["value"] if written is None else written
        if written is None:
            used.append(DefaultUsed(f"finance.{field}", shipped["value"], shipped["unit"], shipped["source"], shipped["certainty"]))
    rate = changes.get("discount_rate", getattr(finance, "discount_rate", None))
    return Terms(discount_rate=float(_shipped_rate() if rate is None else rate), **values, defaults_used=tuple(used))


def _shipped_rate() -> float:
    from gridsim.park.defaults import Defaults

    return float(Defaults().of("finance")["discount_rate"]["value"])


FIELDS = tuple(FinanceTerms.model_fields)
