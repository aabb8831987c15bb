"""An envelope as figures, as a record that a page reads, and as columns of the hourly table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.vpp.envelope.firm import firm
from gridsim.vpp.envelope.nothing import nothing_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.envelope.envelope import Envelope
    from gridsim.vpp.envelope.of_park import ParkEnvelope
    from gridsim.vpp.envelope.reserve import SecondLevelReserve

    Column = tuple[NDArray[np.float64], str]


def envelope_figures(made: ParkEnvelope, time: TimeAxis, share: float, reserves: list[SecondLevelReserve]) -> dict[str, float]:
    """Return firm and mean power by duration, what the wires take, and the seconds-level class, keys with units."""
    envelope = made.envelope
    found = firm(envelope, time, share)
    figures: dict[str, float] = {}
    for place, hours in enumerate(envelope.durations_hours):
        for way, power, sure in (("up", envelope.up_mw, found.up_mw), ("down", envelope.down_mw, found.down_mw)):
            figures[f"envelope.{way}_{hours:g}h_firm_mw"] = float(sure[place])
            figures[f"envelope.{way}_{hours:g}h_mean_mw"] = float(np.nanmean(power[:, place]))
    figures["envelope.proven_share"] = envelope.proven_share
    if made.wired is not None:
        figures["envelope.wires_bind_share"] = float(made.wired.bound_starts.mean())
        figures["envelope.wires_left_points"] = float(made.wired.beyond.sum())
    for one in reserves:
        figures[f"envelope.{one.name}.second_level_mean_mw"] = float(one.reserve_mw.mean())
        figures[f"envelope.{one.name}.second_level_always_mw"] = one.always_mw
    return figures


def envelope_record(made: ParkEnvelope, time: TimeAxis, share: float, reserves: list[SecondLevelReserve]) -> dict[str, Any]:
    """Return what a page shows of an envelope."""
    envelope = made.envelope
    found = firm(envelope, time, share)
    return {
        "durations_hours": envelope.durations_hours.tolist(),
        "recovery_hours": envelope.recovery_hours,
        "starts": int(envelope.starts.size),
        "firm_share": share,
        "proven_share": envelope.proven_share,
        "months": found.months.tolist(),
        "wires": wires_record(made, time, share),
        "nothing": nothing_record(envelope, made.dispatch),
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


def wires_record(made: ParkEnvelope, time: TimeAxis, share: float) -> dict[str, Any]:
    """Return what the wires take; ``looked`` is False where they were left out, with the reason and what helps."""
    if (wired := made.wired) is None:
        return {"looked": False, "reason": made.reason, "remedy": made.remedy}
    sure, free = firm(wired.envelope, time, share), firm(wired.without, time, share)
    taken = wired.taken_mw
    return {
        "looked": True,
        "settled": wired.settled,
        "rounds": len(wired.rounds),
        "points": wired.rounds[0].points,
        "states": sum(one.states for one in wired.rounds),
        "points_beyond": int(wired.beyond.sum()),
        "dispatched_again": made.dispatched_again,
        "network_cost_cny": made.network_cost_cny,
        "starts_bound": int(wired.bound_starts.sum()),
        "binding": [{"kind": one.kind, "element": one.element, "steps": one.steps} for one in wired.binding],
        **{
            way: {"firm_taken_mw": _plain(np.maximum(more - less, 0.0)), "mean_taken_mw": _plain(np.nanmean(taken[:, :, place], axis=0))}
            for place, (way, more, less) in enumerate((("up", free.up_mw, sure.up_mw), ("down", free.down_mw, sure.down_mw)))
        },
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
