"""The figures of ``summary.json`` that every run has, and those a study shows when it is not told which."""

from __future__ import annotations

COST = "cost_total_cny"
BILLED = "cost_total_by_bill_cny"
"""Of a study with accounts: `COST`, and what only the bill knows (`DIFFERENCE`): charges for transformers or a contracted demand, which no hour changes, and
the rounding of the statement. Scenarios that differ in the tariff can be compared by it alone. [CNY]"""
DIFFERENCE = "bill_difference_to_dispatch_cny"

DEFAULT_FIGURES = (
    "cost_total_cny",
    "cost_operating_cny",
    "cost_investment_cny",
    "green_share",
    "hourly_matched_share",
    "curtailment_rate",
    "self_use_ratio",
    "import_mwh",
    "export_mwh",
    "curtailed_mwh",
    "peak_import_mw",
    "unserved_mwh",
    "hydrogen_kg",
    "ammonia_t",
)

YEAR_FIGURES = (
    *("available_mwh", "curtailed_mwh", "import_mwh", "export_mwh", "load_mwh", "unserved_mwh", "charge_mwh", "discharge_mwh", "line_loss_mwh"),
    *(f"curtailed_{cause}_mwh" for cause in ("line_or_transformer", "network", "export_rule", "price", "unit_commitment", "no_use")),
    *("green_used_mwh", "green_export_mwh", "green_share", "self_use_ratio", "export_ratio", "export_ratio_of_generation", "curtailment_rate"),
    *("hourly_matched_share", "hours", "peak_import_mw", "peak_export_mw", "peak_load_mw", "green_share_annual_balance", "green_share_monthly"),
    *("green_share_hourly_without_storage", "hydrogen_kg", "ammonia_t", "grey_export_mwh", "green_ledger_residual_mw", "objective_cny"),
    *("max_balance_residual_mw", "max_simultaneous_charge_discharge_mw", "max_simultaneous_import_export_mw"),
    *("cost_total_cny", "cost_operating_cny", "cost_investment_cny", "solver_gap", "solve_seconds"),
)
"""Without a technology's name before them; a test compares them with a run."""
