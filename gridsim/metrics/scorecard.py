"""All words of design §5 for one dispatch: by year, by month, by hour, by technology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.metrics.cost import CostLine, cost_lines, totals
from gridsim.metrics.curtailment import curtailment_by_cause
from gridsim.metrics.energy import HourlyEnergy, hourly_energy, shares
from gridsim.metrics.green import GreenLedger, green_ledger

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.dispatch.audit import Audit
    from gridsim.dispatch.result import Dispatch

ENERGIES = ("available", "curtailed", "import", "export", "load", "unserved", "charge", "discharge", "line_loss")


@dataclass(frozen=True)
class Scorecard:
    """What a dispatch means."""

    year: dict[str, float]
    """The horizon's figures, flat keys with units: what ``summary.json`` holds."""
    month: pd.DataFrame
    """The same words a calendar month, one row each."""
    hour: pd.DataFrame
    """The same words a snapshot, one row each."""
    technology: dict[str, dict[str, float]]
    curtailment: dict[str, NDArray[np.float64]]
    """Curtailed power by cause. Each shape (T,). [MW]"""
    ledger: GreenLedger
    costs: list[CostLine]
    energy: HourlyEnergy


def scorecard(dispatch: Dispatch, audit: Audit) -> Scorecard:
    """Compute the scorecard."""
    energy, ledger = hourly_energy(dispatch), green_ledger(dispatch)
    causes = curtailment_by_cause(dispatch)
    costs = cost_lines(dispatch)
    technology = {name: t.report(name, dispatch) for name, t in dispatch.draft.park.technologies.items()}
    whole = np.zeros(dispatch.time.steps, dtype=np.int64)
    (year,) = _periods(dispatch, energy, ledger, causes, whole)
    year |= {
        "hours": dispatch.time.hours,
        "peak_import_mw": float(energy.import_mw.max()),
        "peak_export_mw": float(energy.export_mw.max()),
        "peak_load_mw": float(energy.load_mw.max()),
        "green_share_annual_balance": _balanced_by(ledger, energy, whole),
        "green_share_monthly": _balanced_by(ledger, energy, dispatch.time.billing_month),
        "green_share_hourly_without_storage": _covered(energy.used_mw, energy.load_mw),
        "hydrogen_kg": float(energy.hydrogen_kg_per_h.sum() * dispatch.time.step_hours),
        "ammonia_t": float(energy.ammonia_t_per_h.sum() * dispatch.time.step_hours),
        "grey_export_mwh": float(ledger.grey_exported_mw.sum() * dispatch.time.step_hours),
        "green_ledger_residual_mw": float(np.abs(ledger.residual_mw).max()),
        "objective_cny": dispatch.objective_cny,
        "max_balance_residual_mw": audit.max_balance_residual_mw,
        "max_simultaneous_charge_discharge_mw": audit.max_simultaneous_charge_discharge_mw,
        "max_simultaneous_import_export_mw": audit.max_simultaneous_import_export_mw,
        **totals(costs),
    }
    return Scorecard(
        year=year,
        month=_months(dispatch, energy, ledger, causes),
        hour=_hours(dispatch, energy, ledger, causes),
        technology=technology,
        curtailment=causes,
        ledger=ledger,
        costs=costs,
        energy=energy,
    )


def _periods(
    dispatch: Dispatch, energy: HourlyEnergy, ledger: GreenLedger, causes: dict[str, NDArray[np.float64]], period: NDArray[np.int64]
) -> list[dict[str, float]]:
    """Sums and shares of every period."""
    hours = dispatch.time.step_hours

    def summed(power: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(period, weights=power) * hours

    sums = {f"{word}_mwh": summed(getattr(energy, f"{word}_mw")) for word in ENERGIES}
    sums |= {f"curtailed_{cause}_mwh": summed(power) for cause, power in causes.items()}
    sums["green_used_mwh"] = summed(ledger.green_used_mw)
    sums["green_export_mwh"] = summed(ledger.green_exported_mw)
    rows = []
    for index in range(int(period.max()) + 1):
        row = {word: float(values[index]) for word, values in sums.items()}
        row |= shares(row["available_mwh"], row["curtailed_mwh"], row["import_mwh"], row["export_mwh"], row["load_mwh"])
        row["hourly_matched_share"] = row["green_used_mwh"] / row["load_mwh"] if row["load_mwh"] > 0 else 0.0
        rows.append(row)
    return rows


def _balanced_by(ledger: GreenLedger, energy: HourlyEnergy, period: NDArray[np.int64]) -> float:
    """Share of load that green power covers when it is balanced over each period, exports counted, losses of storage and lines not. [1]

    Green is what the ledger calls green: grey power that is stored in one month and used in the next stays grey.
    """
    delivered = ledger.green_used_mw + ledger.green_exported_mw
    return _covered(np.bincount(period, weights=delivered), np.bincount(period, weights=energy.load_mw))


def _covered(green: NDArray[np.float64], load: NDArray[np.float64]) -> float:
    """Σ min(green, load) / Σ load. [1]"""
    return float(np.clip(np.minimum(green, load), 0.0, None).sum() / load.sum()) if load.sum() > 0 else 0.0


def _months(dispatch: Dispatch, energy: HourlyEnergy, ledger: GreenLedger, causes: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    import pandas as pd

    month = dispatch.time.billing_month
    frame = pd.DataFrame(_periods(dispatch, energy, ledger, causes, month))
    first = np.searchsorted(month, np.arange(len(frame)))
    frame.insert(0, "month", [str(stamp)[:7] for stamp in dispatch.time.stamps[first]])
    for word, power in (("peak_import_mw", energy.import_mw), ("peak_export_mw", energy.export_mw)):
        frame[word] = [float(power[month == m].max()) for m in range(len(frame))]
    return frame


def _hours(dispatch: Dispatch, energy: HourlyEnergy, ledger: GreenLedger, causes: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {f"{word}_mw": getattr(energy, f"{word}_mw") for word in ENERGIES}
    columns |= {f"curtailed_{cause}_mw": power for cause, power in causes.items()}
    columns |= {"green_used_mw": ledger.green_used_mw, "green_export_mw": ledger.green_exported_mw, "grey_export_mw": ledger.grey_exported_mw}
    load = np.where(energy.load_mw > 0, energy.load_mw, 1.0)
    columns["green_share"] = np.where(energy.load_mw > 0, (energy.load_mw - energy.import_mw) / load, 0.0)
    columns["hourly_matched_share"] = np.where(energy.load_mw > 0, ledger.green_used_mw / load, 0.0)
    columns |= {"hydrogen_kg_per_h": energy.hydrogen_kg_per_h, "ammonia_t_per_h": energy.ammonia_t_per_h}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(dispatch.time.stamps.astype("datetime64[ns]"), name="time"))
