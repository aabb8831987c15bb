"""What to look at in a metered series before it is used: stuck meters, outages, spikes, signs, power factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.weather.finding import Finding, label
from gridsim.profiles.weather.regular import runs

if TYPE_CHECKING:
    import pandas as pd

STUCK_HOURS = 6.0
"""The very same non-zero value for longer: a stuck meter, or a flat load; judged. [h]"""

ZERO_HOURS = 24.0
"""Nothing for longer: a shutdown, or a meter without supply; judged. [h]"""

SPIKE_FACTOR = 1.5
"""A value this far above the 99.9th percentile is more likely a counter's jump than a load; judged."""

POWER_FACTOR_NORM = 0.90
"""Norm of Chinese industrial users from 160 kVA at high voltage, below which the tariff adds a charge; power-factor tariff rules of 1983."""


def findings_of(table: pd.DataFrame, step_minutes: int) -> list[Finding]:
    """Return what was noticed, in a fixed order: each column's range, then its faults, then the power factor."""
    hours = step_minutes / 60.0
    findings: list[Finding] = []
    for name in table.columns:
        values = table[name].to_numpy(float)
        findings.append(_range(str(name), values, table.index, hours))
        findings.extend(_still(str(name), values, table.index, hours))
        findings.extend(_spikes(str(name), values, table.index))
        if not str(name).endswith("_mvar"):
            findings.extend(_negative(str(name), values, table.index))
    if "power_mw" in table and "reactive_power_mvar" in table:
        findings.append(_power_factor(table, hours))
    return findings


def _range(name: str, values: np.ndarray, index: pd.DatetimeIndex, hours: float) -> Finding:
    largest = float(values.max())
    unit = {"mw": "MW", "mvar": "Mvar", "pu": ""}[name.rpartition("_")[2]]
    factor = f", load factor {values.mean() / largest:.2f}" if largest > 0 and unit == "MW" else ""
    energy = f", {values.sum() * hours:.1f} MWh" if unit == "MW" else ""
    words = f"{name}: mean {values.mean():.4g} {unit}, largest {largest:.4g} {unit}{factor}{energy} in {len(values) * hours / 24:g} days"
    return Finding("range", "ok", words.replace(" ,", ",").replace("  ", " "), "", len(values), label(index[int(values.argmax())]))


def _still(name: str, values: np.ndarray, index: pd.DatetimeIndex, hours: float) -> list[Finding]:
    same = np.concatenate([np.diff(values) == 0.0, [False]])
    findings = []
    for check, steps, limit, remedy in (
        ("frozen", same & (values != 0.0), STUCK_HOURS, "a stuck meter or filled values, unless the load is that flat"),
        ("zero_run", same & (values == 0.0), ZERO_HOURS, "a shutdown, or an outage of the meter"),
    ):
        found = runs(steps)
        long = (found.length + 1) * hours > limit
        if long.any():
            count, longest = int((found.length[long] + 1).sum()), float((found.length[long].max() + 1) * hours)
            words = f"{name}: {'zero' if check == 'zero_run' else 'the same value'} for up to {longest:g} h, {int(long.sum())} stretches beyond {limit:g} h"
            findings.append(Finding(check, "note", words, remedy, count, label(index[int(found.first[np.argmax(long)])])))
    return findings


def _spikes(name: str, values: np.ndarray, index: pd.DatetimeIndex) -> list[Finding]:
    size = np.abs(values)
    usual = float(np.quantile(size, 0.999))
    spike = size > SPIKE_FACTOR * usual
    if usual <= 0.0 or not spike.any():
        return []
    words = f"{name}: {int(spike.sum())} steps beyond {SPIKE_FACTOR:g} times the 99.9th percentile, up to {size.max():.4g} against {usual:.4g}"
    return [Finding("spikes", "warning", words, "a counter's jump? empty the cells to have them filled", int(spike.sum()), label(index[np.argmax(spike)]))]


def _negative(name: str, values: np.ndarray, index: pd.DatetimeIndex) -> list[Finding]:
    negative = values < 0.0
    if not negative.any():
        return []
    words = f"{name}: {int(negative.sum())} steps below zero, down to {values.min():.4g}"
    remedy = "own generation that flows out, or a reversed meter: a park's loads are never negative"
    return [Finding("negative", "warning", words, remedy, int(negative.sum()), label(index[np.argmax(negative)]))]


def _power_factor(table: pd.DataFrame, hours: float) -> Finding:
    r"""Power factor of the sums, as bills have it: :math:`W_p / \sqrt{W_p^2 + W_q^2}` with :math:`W_q = \sum |Q| \Delta t`."""
    active = float(np.clip(table["power_mw"].to_numpy(float), 0.0, None).sum() * hours)
    reactive = float(np.abs(table["reactive_power_mvar"].to_numpy(float)).sum() * hours)
    if active <= 0.0:
        return Finding("power_factor", "note", "no active energy")
    factor = active / float(np.hypot(active, reactive))
    words = f"power factor {factor:.3f} from {active:.1f} MWh and {reactive:.1f} Mvarh"
    low = factor < POWER_FACTOR_NORM
    return Finding("power_factor", "note" if low else "ok", words, f"below the norm of {POWER_FACTOR_NORM:g}" if low else "")
