"""Time axes without a time zone: plotly reads milliseconds and dates as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.theme import axis

if TYPE_CHECKING:
    from gridsim.report.timeline import Timeline

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def ms_of(stamp: np.datetime64) -> int:
    """Milliseconds of a stamp since 1970, as if it were in UTC, which is how plotly shows it."""
    return int(stamp.astype("datetime64[ms]").astype(np.int64))


def hours_axis(view: Timeline, first: int, last: int, **changes: Any) -> dict[str, Any]:
    """Return the axis over the steps ``first`` … ``last − 1``, with a tick each midnight, or each few hours where there are few days."""
    hours = (last - first) * view.step_hours
    begin = ms_of(view.stamps[first])
    tick = next((every for every in (1, 3, 6, 12, 24, 48, 168) if hours / every <= 14), 720)
    midnight = ms_of(view.stamps[first].astype("datetime64[D]"))
    form = "%m-%d" if tick >= 24 else "%m-%d<br>%H:%M"
    frame = {
        "type": "date",
        "range": [begin, begin + round(hours * HOUR_MS)],
        "tick0": midnight,
        "dtick": tick * HOUR_MS,
        "tickformat": form,
        "ticks": "outside",
        "tickangle": 0,
    }
    return axis(**{**frame, **changes})
