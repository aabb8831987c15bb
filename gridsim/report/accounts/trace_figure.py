"""Electricity by user and source, for all months and for each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, Frame, plain
from gridsim.report.numbers import energy_scale, percent
from gridsim.report.theme import axis, colour_of, layout, pale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.accounts.trace import TraceView

SMALL_SHARE = 0.005
"""Destinations below this share of all electricity are drawn together."""
BAR, AROUND = 28, 130
"""Height of a bar, and of what stands around them."""


def trace_bars(found: TraceView) -> Figure | None:
    """Draw a bar a destination, stacked by source; the reader chooses the month, where there are several."""
    bars = _bars(found)
    if not bars:
        return None
    words, months = found.words, found.record["months"]
    labels = [plain(label) for label, _ in bars]
    table = np.stack([amounts for _, amounts in bars])
    frames = [_frame(found, labels, table.sum(axis=1))]
    if len(months) > 1:
        frames += [_frame(found, labels, table[:, month]) for month in range(len(months))]
    shape = layout(
        barmode="relative",
        bargap=0.28,
        hovermode="y unified",
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 120, "r": 30, "t": 26, "b": 45},
        legend={**layout()["legend"], "y": -62 / (BAR * len(bars) + 60), "traceorder": "normal"},
    )
    caption = words("trace.figure_caption", share=percent(SMALL_SHARE)) if len(bars) < len(found.destinations) else ""
    only = frames[0]
    several = len(frames) > 1
    return Figure(
        name="trace-users",
        title=words("trace.figure"),
        data=[] if several else only.data,
        layout=shape if several else {**shape, **only.layout},
        height=AROUND + BAR * len(bars),
        caption=caption,
        choices=(words("trace.whole"), *months) if several else (),
        frames=tuple(frames) if several else (),
    )


def _bars(found: TraceView) -> list[tuple[str, NDArray[np.float64]]]:
    """Return label and energy by month and source of each bar, small ones in one. [MWh]"""
    least = SMALL_SHARE * sum(source["supplied_mwh"] for source in found.record["sources"])
    large, small = [], []
    for row in found.destinations:
        amounts = found.months(row)
        (large if np.abs(amounts.sum(axis=0)).sum() >= max(least, 1e-6) else small).append((found.label(row), amounts))
    rest = sum((amounts for _, amounts in small), start=np.zeros((len(found.record["months"]), len(found.sources))))
    if np.abs(rest).sum() > 1e-6:
        large.append(small[0] if len(small) == 1 else (found.words("trace.other", count=len(small)), rest))
    return large


def _frame(found: TraceView, labels: list[str], mwh: NDArray[np.float64]) -> Frame:
    """Draw one month, or all, of shape (bars, sources)."""
    factor, unit = energy_scale(float(np.abs(mwh).sum(axis=1).max()))
    colours = _colours(found)
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": plain(name),
            "y": labels,
            "x": [float(f"{amount / factor:.5g}") for amount in mwh[:, place]],
            "marker": {"color": colours[place]},
            "hovertemplate": f"%{{x:,.4~g}} {unit}",
        }
        for place, name in enumerate(found.sources)
        if np.abs(mwh[:, place]).sum() > 1e-6
    ]
    return Frame(data, {"xaxis": axis(unit, zerolinecolor="#22303C")})


def _colours(found: TraceView) -> list[str]:
    """Return the colour of each source: that of its type, paler for each further source of the type."""
    times: Counter[str] = Counter()
    colours = []
    for source in found.record["sources"]:
        kind = source["type"] if source["kind"] in ("renewable", "import") else f"{source['type']}_{source['kind']}"
        colour = colour_of(kind)
        colours.append(pale(colour, 0.85 ** times[kind]) if times[kind] else colour)
        times[kind] += 1
    return colours
