"""What the terminal says of a network that was checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridsim.workflow import Run

MOST_ELEMENTS = 5
WORDS = {"voltage_low": "voltage down to", "voltage_high": "voltage up to", "line": "loaded to", "transformer": "loaded to", "connection": "up to"}


def network_lines(run: Run) -> Iterator[str]:
    """Yield the lines; none for a run whose wires were not looked at."""
    checked, summary = run.feasibility, run.summary
    if checked is None:
        return
    total, beyond = checked.dispatch.time.hours, summary["violating_hours"]
    verdict = "carries every hour" if checked.feasible else f"is beyond a limit in {beyond:,.0f} of {total:,.0f} hours"
    lost, foreseen = summary["network_loss_mwh"] / 1e3, summary["network_loss_in_dispatch_mwh"] / 1e3
    yield f"  network: {verdict}; losses {lost:,.1f} GWh, where the dispatch reckons with {foreseen:,.1f}"
    for element in checked.statistics[:MOST_ELEMENTS]:
        what = f"{element.kind.replace('_', ' ')} {element.element}".strip()
        if element.kind == "no_solution":
            yield f"    {what}: the power flow has none in {element.hours:,.0f} h, first {checked.dispatch.time.label(element.worst_step)}"
            continue
        yield f"    {what}: {WORDS[element.kind]} {_size(element.kind, element.worst)} (limit {_size(element.kind, element.limit)}), {element.hours:,.0f} h"
    if len(checked.statistics) > MOST_ELEMENTS:
        yield f"    and {len(checked.statistics) - MOST_ELEMENTS} more, in violations.parquet"
    for study, found in run.network_studies.items():
        for sentence in found.words:
            yield f"  {study.replace('_', '-')}: {sentence}"
    if run.coupled is not None and len(run.coupled.rounds) > 1:
        yield f"  price of the wires: {run.coupled.cost_cny / 1e6:,.2f} million CNY, after {len(run.coupled.rounds) - 1} rounds"
        if run.coupled.unmet:
            yield "    with what it costs to come as near as can be to limits that cannot be met:"
        for need in run.coupled.unmet[:MOST_ELEMENTS]:
            what = f"{need.kind.replace('_', ' ')} {need.element}".strip()
            yield f"    cannot be met: {what}, {need.hours:,.0f} h, short by up to {need.worst_mw:,.1f} MW of the most effective asset"


def _size(kind: str, value: float) -> str:
    if kind.startswith("voltage"):
        return f"{value:.4f} p.u."
    return f"{value:,.0f} MW" if kind == "connection" else f"{value:.1%}"
