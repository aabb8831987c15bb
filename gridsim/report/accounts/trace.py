"""Which source fed which user: all destinations by source, the owners' pairs and ratios, and what products were made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.accounts.amounts import DASH, SENSE, limit, share, together
from gridsim.report.accounts.trace_figure import trace_bars
from gridsim.report.figures.figure import Figure
from gridsim.report.numbers import SPACE, energy, energy_scale, number, percent
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Row = dict[str, Any]

MOST_SOURCES = 6
"""Columns of sources in a table of the page; smaller ones stand together."""


@dataclass(frozen=True)
class TraceView:
    """A trace's record with its labels; arrays are (months, sources) or (sources,)."""

    view: RunView
    record: dict[str, Any]

    @property
    def words(self) -> Words:
        """Those of the page."""
        return self.view.words

    @cached_property
    def sources(self) -> list[str]:
        """What each source is called."""
        return [self._source(source) for source in self.record["sources"]]

    def _source(self, source: Row) -> str:
        label = self.view.label(source["technology"])
        return self.words(f"trace_source.{source['kind']}", technology=label) if source["kind"] in ("fuel", "stock") else label

    @cached_property
    def green(self) -> NDArray[np.bool_]:
        """Which sources are wind and sun of the park. Shape (C,)."""
        return np.array([source["kind"] == "renewable" for source in self.record["sources"]])

    def label(self, destination: Row) -> str:
        """What a destination is called."""
        name = self.view.label(destination["name"])
        if destination["kind"] == "use":
            return name
        return self.words("trace_export.label", technology=name) if destination["kind"] == "export" else self.words.named("trace_kind", destination["kind"])

    def owner(self, name: str) -> str:
        """What an owner is called; names of the park file stay."""
        return self.words.named("trace_owner", name) if name.startswith("(") else name

    @cached_property
    def destinations(self) -> list[Row]:
        """Users, the largest first, then all else."""
        return sorted(self.record["destinations"], key=lambda row: (row["kind"] != "use", -float(self.mwh(row).sum()) if row["kind"] == "use" else 0.0))

    def months(self, destination: Row) -> NDArray[np.float64]:
        """Energy by month and source. [MWh]"""
        return np.array(destination["mwh"]).T

    def mwh(self, destination: Row) -> NDArray[np.float64]:
        """Energy by source over the horizon. [MWh]"""
        return np.asarray(self.months(destination).sum(axis=0))

    def total(self, kind: str) -> NDArray[np.float64]:
        """Energy by source of all destinations of a kind. [MWh]"""
        return sum((self.mwh(row) for row in self.destinations if row["kind"] == kind), start=np.zeros(len(self.sources)))

    @property
    def owned(self) -> bool:
        """Whether the park file names any owner."""
        return any(not row[side].startswith("(") for row in self.record["settlement"] for side in ("plant_owner", "user_owner"))

    def green_share(self, mwh: NDArray[np.float64]) -> float | None:
        """Share of wind and sun of the park; None of nothing."""
        whole = float(mwh.sum())
        return float(mwh @ self.green) / whole if abs(whole) > 1e-6 else None

    def said(self, note: dict[str, Any]) -> str:
        """Return a note in words."""
        return self.words(f"trace_note.{note['key']}", **note["figures"])


def trace_parts(view: RunView, accounts: dict[str, Any]) -> list[Figure | Table | str]:
    """Return sentence, figure and tables."""
    found, words = TraceView(view, accounts["trace"]), view.words
    used, exported = found.total("use"), found.total("export")
    part = found.green_share(used)
    summary = words("trace.summary", used=energy(float(used.sum())), share=DASH if part is None else percent(part), exported=energy(float(exported.sum())))
    parts: list[Figure | Table | str | None] = [together(words, summary, words("trace.how")), trace_bars(found), destination_table(found)]
    if found.owned:
        parts += [owner_table(found), ratio_table(found)]
    return [part for part in [*parts, product_table(found)] if part]


def trace_notes(view: RunView, accounts: dict[str, Any]) -> list[str]:
    """Return what must be said of it."""
    found = TraceView(view, accounts["trace"])
    return [found.said(note) for note in found.record["notes"]]


def destination_table(found: TraceView) -> Table:
    """One row a destination, one column a source; what each source supplied stands below."""
    words, supplied = found.words, np.array([source["supplied_mwh"] for source in found.record["sources"]])
    order = list(np.argsort(-supplied, kind="stable"))
    shown, rest = (order, []) if len(order) <= MOST_SOURCES + 1 else (order[:MOST_SOURCES], order[MOST_SOURCES:])
    factor, unit = energy_scale(float(supplied.sum()))

    def cells(mwh: NDArray[np.float64]) -> list[str]:
        amounts = [mwh[place] for place in shown] + ([mwh[rest].sum()] if rest else []) + [mwh.sum()]
        part = found.green_share(mwh)
        return [*(_amount(each / factor) for each in amounts), DASH if part is None else share(part)]

    rows = []
    for row in found.destinations:
        mwh = found.mwh(row)
        if np.abs(mwh).max(initial=0.0) > 1e-6:
            rows.append([found.label(row), *([found.owner(row["owner"]) if row["owner"] else ""] if found.owned else []), *cells(mwh)])
    columns = [Column(words("trace.destination"), text=True, data=True)]
    columns += [Column(words("trace.owner"), text=True, data=True)] if found.owned else []
    columns += [Column(found.sources[place], unit, data=True) for place in shown]
    columns += [Column(words("trace.other", count=len(rest)), unit)] if rest else []
    columns += [Column(words("table.total"), unit), Column(words("trace.green"))]
    total = [words("trace.supplied"), *([""] if found.owned else []), *cells(supplied)]
    residual = f"{number(found.record['max_residual_mw'])}{SPACE}MW"
    return Table(columns, rows, total, caption=words("trace.balance", residual=residual), title=words("trace.table"))


def _amount(value: float) -> str:
    return "" if abs(value) < 1e-9 else number(value)


def owner_table(found: TraceView) -> Table:
    """One row an owner of plants, one column where its power went."""
    words, pairs = found.words, found.record["settlement"]
    sums: dict[tuple[str, str], float] = {}
    for row in pairs:
        key = row["plant_owner"], row["user_owner"]
        sums[key] = sums.get(key, 0.0) + row["mwh"]
    plants, users = (list(dict.fromkeys(key[place] for key in sums)) for place in (0, 1))
    users = [user for user in users if any(abs(sums.get((owner, user), 0.0)) > 1e-6 for owner in plants)]
    factor, unit = energy_scale(sum(abs(mwh) for mwh in sums.values()))

    def cells(owners: list[str]) -> list[str]:
        amounts = [sum(sums.get((owner, user), 0.0) for owner in owners) for user in users]
        return [_amount(mwh / factor) for mwh in (*amounts, sum(amounts))]

    columns = [Column(words("trace.plant_owner"), text=True, data=True), *(Column(found.owner(user), unit, data=True) for user in users)]
    rows = [[found.owner(owner), *cells([owner])] for owner in plants]
    total = [words("table.total"), *cells(plants)]
    return Table([*columns, Column(words("table.total"), unit)], rows, total, caption=words("trace.owners_caption"), title=words("trace.owners"))


def ratio_table(found: TraceView) -> Table:
    """The ratios of the notice on several users, by owner."""
    words, rows = found.words, []
    for row in found.record["ratios"]:
        known = row["threshold"] is not None
        status = ("pass" if row["holds"] else "fail") if known else "not_known"
        demanded = f"{SENSE.get(row['sense'], '')}{SPACE}{limit(row['threshold'], '1')}" if known else DASH
        verdict = Cell(words.named("rule_status", status), {"pass": "good", "fail": "bad", "not_known": "open"}[status])
        note = f"{energy(row['above_mwh'])}{SPACE}/{SPACE}{energy(row['below_mwh'])}"
        rows.append([found.owner(row["owner"]), words.named("trace_ratio", row["rule"]), Cell(percent(row["value"]), note=note), demanded, verdict])
    columns = [Column(words("trace.owner"), text=True, data=True), Column(words("rules.metric"), text=True), Column(words("table.reached"))]
    columns += [Column(words("table.demanded"), text=True, whole=True), Column(words("rules.verdict"), text=True, whole=True)]
    return Table(columns, rows, caption=words("trace.ratios_caption"), title=words("trace.ratios"))


def product_table(found: TraceView) -> Table | None:
    """One row a product, one column a source of the electricity or hydrogen that made it."""
    words = found.words
    shares: dict[str, list[float]] = {}
    for row in found.record["products"]:
        shares.setdefault(row["product"], []).append(row["share"])
    used = [place for place in range(len(found.sources)) if any(row[place] > 0 for row in shares.values())]
    if not used:
        return None
    rows = [[found.view.label(name), *(percent(row[place]) for place in used), share(float(np.array(row) @ found.green))] for name, row in shares.items()]
    columns = [Column(words("trace.product"), text=True, data=True), *(Column(found.sources[place], data=True) for place in used)]
    return Table([*columns, Column(words("trace.green"))], rows, title=words("trace.products"))
