"""An envelope as figures, as a record that a page reads, and as columns of the hourly table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.vpp.envelope.firm import firm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.envelope.envelope import Envelope
    from gridsim.vpp.envelope.reserve import SecondLevelReserve

    Column = tuple[NDArray[np.float64], str]


def envelope_figures(envelope: Envelope, time: TimeAxis, share: float, reserves: list[SecondLevelReserve]) -> dict[str, float]:
    """Return firm and mean power by duration, and the seconds-level class, keys with units."""
    found = firm(envelope, time, share)
    figures: dict[str, float] = {}
    for place, hours in enumerate(envelope.durations_hours):
        for way, power, sure in (("up", envelope.up_mw, found.up_mw), ("down", envelope.down_mw, found.down_mw)):
            figures[f"envelope.{way}_{hours:g}h_firm_mw"] = float(sure[place])
            figures[f"envelope.{way}_{hours:g}h_mean_mw"] = float(np.nanmean(power[:, place]))
    figures["envelope.proven_share"] = envelope.proven_share
    for one in reserves:
        figures[f"envelope.{one.name}.second_level_mean_mw"] = float(one.reserve_mw.mean())
        figures[f"envelope.{one.name}.second_level_always_mw"] = one.always_mw
    return figures


def envelope_record(envelope: Envelope, time: TimeAxis, share: float, reserves: list[SecondLevelReserve]) -> dict[str, Any]:
    """Return what a page shows of an envelope."""
    found = firm(envelope, time, share)
    return {
        "durations_hours": envelope.durations_hours.tolist(),
        "recovery_hours": envelope.recovery_hours,
        "starts": int(envelope.starts.size),
        "firm_share": share,
        "proven_share": envelope.proven_share,
        "months": found.months.tolist(),
        **{
            way: {
                "firm_mw": _plain(sure),
                "mean_mw": _plain(np.nanmean(power, axis=0)),
                "lowest_mw": _plain(np.nanmin(power, axis=0)),
                "highest_mw": _plain(np.nanmax(power, axis=0)),
                "firm_by_month_mw": _plain(by_month),
                "firm_by_month_and_hour_mw": _plain(by_hour),
            }
            for way, power, sure, by_month, by_hour in (
                ("up", envelope.up_mw, found.up_mw, found.up_by_month_mw, found.up_by_hour_mw),
                ("down", envelope.down_mw, found.down_mw, found.down_by_month_mw, found.down_by_hour_mw),
            )
        },
        "second_level": [
            {
                "name": one.name,
                "load": one.load,
                "contract_mw": one.power_mw,
                "mean_mw": float(one.reserve_mw.mean()),
                "always_mw": one.always_mw,
                "calls_per_year": one.calls_per_year,
                "hours_per_call": one.hours_per_call,
            }
            for one in reserves
        ],
    }


def envelope_hourly(envelope: Envelope, time: TimeAxis, reserves: list[SecondLevelReserve]) -> dict[str, Column]:
    """Return the most power by direction and duration; not a number where no call starts."""
    columns: dict[str, Column] = {}
    for way, power in (("up", envelope.up_mw), ("down", envelope.down_mw)):
        for place, hours in enumerate(envelope.durations_hours):
            series = np.full(time.steps, np.nan)
            series[envelope.starts] = power[:, place]
            columns[f"envelope:{way}_{hours:g}h_mw"] = (series, "MW")
    return columns | {f"{one.name}:second_level_mw": (one.reserve_mw, "MW") for one in reserves}


def _plain(values: NDArray[np.float64]) -> Any:
    """Lists, with None for what is not a number."""
    return np.where(np.isfinite(values), values, None).tolist()
