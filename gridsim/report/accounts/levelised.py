"""Levelised costs of electricity, hydrogen and ammonia: beside what others found, and what they are made of."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import DASH, RECALLED, said
from gridsim.report.figures.costs import SMALL_SHARE, stacked
from gridsim.report.numbers import SPACE, number, percent
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from gridsim.report.figures.figure import Figure
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Money = dict[str, Any]

UNITS = {"electricity": "CNY/MWh", "hydrogen": "CNY/kg", "ammonia": "CNY/t"}
NODAL = {"electricity": "lcoe_cny_per_mwh", "hydrogen": "lcoh_cny_per_kg", "ammonia": "lcoa_cny_per_t"}


def costs(record: Money) -> dict[str, float]:
    """Product → levelised cost, of final users for electricity where there are any."""
    found = {carrier: sum(row["cny_per_unit"] for row in rows) for carrier, rows in record["levelised"].items()}
    final = [row for row in record["deliveries"] if row["carrier"] == "electricity" and row["final"]]
    mwh = sum(row["quantity"] for row in final)
    if mwh > 0:
        found["electricity"] = sum(row["cny"] for row in final) / mwh
    return found


def levelised_table(words: Words, record: Money) -> Table | None:
    """One row a product and a figure that others found, with the place of this park beside it."""
    ours = costs(record)
    ours |= {band["product"]: band["cost"] for band in record["bands"] if band["product"] not in ours}
    rows = []
    for product, cost in ours.items():
        bands = [band for band in record["bands"] if band["product"] == product]
        unit = UNITS.get(product, bands[0]["unit"] if bands else "")
        nodal = (record["nodal"] or {}).get(NODAL.get(product, ""))
        note = "" if nodal is None else words("levelised.nodal", cost=f"{number(nodal)}{SPACE}{unit}")
        head: list[str] = [words(f"levelised.{product}"), Cell(f"{number(cost)}{SPACE}{unit}", note=note)]
        for place, band in enumerate(bands or [None]):
            first = head if place == 0 else ["", ""]
            rows.append([*first, *(_band(words, band) if band else [DASH, "", "", ""])])
    columns = [Column(words("levelised.product"), text=True), Column(words("levelised.ours"), whole=True), Column(words("levelised.others"))]
    columns += [Column(words("levelised.place"), text=True), Column(words("levelised.what"), text=True, data=True), Column(words("table.certainty"), text=True)]
    return Table(columns, rows, caption=words("levelised.caption"), title=words("levelised.title")) if rows else None


def _band(words: Words, band: dict[str, Any]) -> list[str]:
    span = " … ".join(dict.fromkeys(number(value) for value in (band["low"], band["high"])))
    what = Cell(said(band, "label", words), note=band["source"])
    return [f"{span}{SPACE}{band['unit']}", words.named("band_place", band["place"]), what, Cell(band["certainty"], _tone(band))]


def _tone(band: dict[str, Any]) -> str:
    return "open" if band["certainty"] in RECALLED else ""


def levelised_bars(view: RunView, record: Money) -> list[Figure]:
    """Draw one figure a product: a bar a technology, stacked by kind of cost."""
    return [_bars(view, carrier, rows) for carrier, rows in record["levelised"].items() if rows]


def _bars(view: RunView, carrier: str, rows: list[dict[str, Any]]) -> Figure:
    words, unit = view.words, UNITS[carrier]
    table: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        table[row["technology"]][row["kind"]] += row["cny_per_unit"]
    bars = [(view.label(name) if name else words("levelised.whole_park"), kinds) for name, kinds in table.items()]
    bars.sort(key=lambda bar: -sum(bar[1].values()))
    whole = sum(row["cny_per_unit"] for row in rows)
    title = words("levelised.figure", product=words(f"levelised.mean_{carrier}"), cost=f"{number(whole)}{SPACE}{unit}")
    return stacked(words, f"levelised-{carrier}", title, bars, unit, words("levelised.small", share=percent(SMALL_SHARE)))
