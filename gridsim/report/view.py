"""A run's folder as the figures and tables see it: words, labels, hours, months, and series by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.folder import RunFolder
from gridsim.report.timeline import Timeline
from gridsim.report.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class RunView(Timeline):
    """One run in one language."""

    run: RunFolder
    words: Words

    @property
    def summary(self) -> dict[str, Any]:
        """The flat figures of ``summary.json``."""
        return self.run.summary

    @property
    def record(self) -> dict[str, Any]:
        """``run.json``."""
        return self.run.record

    @property
    def hourly(self) -> pd.DataFrame:
        """One row a step."""
        return self.run.hourly

    @cached_property
    def stamps(self) -> NDArray[np.datetime64]:
        """Start of each step, without a time zone. Shape (T,)."""
        return self.hourly.index.to_numpy().astype("datetime64[m]")

    @property
    def step_hours(self) -> float:
        """Hours of one step. [h]"""
        return float(self.record["park"]["step_minutes"]) / 60.0

    def total(self, word: str) -> NDArray[np.float64]:
        """One of the scorecard's words, hour by hour, such as ``import_mw``; zeros where the run does not know it."""
        column = f"total:{word}"
        return self.hourly[column].to_numpy() if column in self.hourly else np.zeros(self.steps)

    @cached_property
    def columns(self) -> dict[str, dict[str, str]]:
        """Name of a technology, a bus or ``total`` → quantity → column."""
        table: dict[str, dict[str, str]] = {}
        for column in self.hourly.columns:
            name, _, quantity = column.partition(":")
            table.setdefault(name, {})[quantity] = column
        return table

    def series(self, name: str, quantity: str) -> NDArray[np.float64]:
        """One column by its two parts. Shape (T,)."""
        return self.hourly[self.columns[name][quantity]].to_numpy()

    def unit(self, name: str, quantity: str) -> str:
        """Unit of a column."""
        return self.run.units.get(self.columns[name][quantity], "")

    def monthly(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        """Energy of each month. Shape (months,). [MWh]"""
        return np.asarray(np.bincount(self.month, weights=power, minlength=len(self.months)) * self.step_hours, dtype=np.float64)

    @property
    def technologies(self) -> dict[str, dict[str, str]]:
        """What run.json says of each technology."""
        return self.record["technologies"]

    def type_of(self, name: str) -> str:
        """Type of a technology; empty for a bus."""
        return self.technologies.get(name, {}).get("type", "")

    @cached_property
    def _labels(self) -> dict[str, str]:
        given = {name: technology["label"] or name for name, technology in self.technologies.items()}
        times = Counter(given.values())
        return {name: label if times[label] == 1 else f"{label} ({name})" for name, label in given.items()}

    def label(self, name: str) -> str:
        """What a technology or a bus is called; the name stands beside a label that several technologies have.

        The only electric bus of a site bears the site's label, where it has none of its own.
        """
        return self._labels.get(name) or self._bus_labels.get(name) or name

    @cached_property
    def _bus_labels(self) -> dict[str, str]:
        electric = {name: bus["site"] for name, bus in self.record["buses"].items() if bus["carrier"] == "electricity"}
        times = Counter(electric.values())
        of_site = {name: self.record["sites"].get(site, "") for name, site in electric.items() if times[site] == 1}
        return of_site | {name: bus["label"] for name, bus in self.record["buses"].items() if bus.get("label")}

    @cached_property
    def electric_sums(self) -> dict[str, tuple[float, float]]:
        """What each technology supplied to and drew from electric buses over the horizon. [MWh]"""
        sums = {name: (0.0, 0.0) for name in self.technologies}
        for edge in self.record["energy_flow"]:
            if edge["carrier"] != "electricity" or edge["target"] == "curtailed":
                continue
            if edge["source"] in sums:
                supplied, drawn = sums[edge["source"]]
                sums[edge["source"]] = (supplied + edge["mwh"], drawn)
            if edge["target"] in sums:
                supplied, drawn = sums[edge["target"]]
                sums[edge["target"]] = (supplied, drawn + edge["mwh"])
        return sums
