"""The scorecard's words of each month, summed again from the hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.metrics.energy import shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.view import RunView

WORDS = ("load", "available", "curtailed", "import", "export", "charge", "discharge", "line_loss", "unserved", "green_used")
SHARES = ("green_share", "hourly_matched_share", "self_use_ratio", "export_ratio", "curtailment_rate")


def causes(view: RunView) -> dict[str, NDArray[np.float64]]:
    """Return curtailed power by cause, those that occur. Each shape (T,). [MW]"""
    prefix, suffix = "curtailed_", "_mw"
    words = [word for word in view.columns.get("total", {}) if word.startswith(prefix) and word != "curtailed_mw"]
    found = [word[len(prefix) : -len(suffix)] for word in words]
    series = {cause: view.total(f"{prefix}{cause}{suffix}") for cause in found}
    return {cause: power for cause, power in series.items() if power.max(initial=0.0) > 1e-6}


def monthly_rows(view: RunView) -> list[dict[str, float | str]]:
    """Return one row a month with energies [MWh], shares [1], peaks [MW] and products [kg, t]."""
    sums = {f"{word}_mwh": view.monthly(view.total(f"{word}_mw")) for word in WORDS}
    sums |= {"hydrogen_kg": view.monthly(view.total("hydrogen_kg_per_h")), "ammonia_t": view.monthly(view.total("ammonia_t_per_h"))}
    peaks = {f"peak_{word}_mw": _peaks(view, view.total(f"{word}_mw")) for word in ("import", "export", "load")}
    rows: list[dict[str, float | str]] = []
    for place, month in enumerate(view.months):
        row = {word: float(values[place]) for word, values in sums.items()}
        row |= shares(row["available_mwh"], row["curtailed_mwh"], row["import_mwh"], row["export_mwh"], row["load_mwh"])
        row["hourly_matched_share"] = row["green_used_mwh"] / row["load_mwh"] if row["load_mwh"] > 0 else 0.0
        rows.append({"month": month, **row, **{word: float(values[place]) for word, values in peaks.items()}})
    return rows


def _peaks(view: RunView, power: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = np.full(len(view.months), -np.inf)
    np.maximum.at(largest, view.month, power)
    return largest
