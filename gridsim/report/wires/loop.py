"""What it took, and what it costs, to make the dispatch fit the network: rounds, price, what cannot be met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import number, percent
from gridsim.report.tables import Column, Table
from gridsim.report.theme import axis, colour_of, layout
from gridsim.report.wires.wires_view import signed, signed_energy

if TYPE_CHECKING:
    from gridsim.report.wires.wires_view import WiresView

BARS = 15
"""Elements in the figure; the table has all of them."""
BAR_COLOURS = {"line": "#3E86BE", "transformer": "#7A52A8", "voltage_low": "#E3AE1B", "voltage_high": "#E0762F", "connection": "#8D99A3"}


def round_table(wires: WiresView) -> Table | None:
    """Return one row a round of dispatch and power flow."""
    words, rounds = wires.view.words, wires.loop.get("rounds") or []
    if not rounds:
        return None
    factor, unit = words.money
    rows = [
        [
            str(row.get("round", place)),
            _cell(row, "violating_hours"),
            _cell(row, "violations"),
            _cell(row, "energy_at_risk_mwh"),
            _cell(row, "limits_added"),
            _cell(row, "objective_cny", factor),
            _cell(row, "seconds"),
        ]
        for place, row in enumerate(rounds)
    ]
    columns = [
        Column(words("loop.round")),
        Column(words("wires_fact.beyond"), "h"),
        Column(words("loop.violations")),
        Column(words("wires_table.energy_at_risk"), "MWh"),
        Column(words("loop.limits_added")),
        Column(words("loop.objective"), unit),
        Column(words("table.time"), "s"),
    ]
    return Table(columns, rows, caption=words("loop.rounds_caption"), title=words("loop.rounds_title"))


def _cell(row: dict[str, Any], key: str, factor: float = 1.0) -> str:
    value = row.get(key)
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) and factor == 1.0 else number(value / factor)


def price_sentence(wires: WiresView) -> str:
    """Say what the network's limits cost."""
    words, price = wires.view.words, wires.loop.get("price") or {}
    factor, unit = words.money
    parts = []
    if price.get("cost_cny") is not None:
        parts.append(words("loop.price_cost", cost=f"{signed(price['cost_cny'] / factor)} {unit}"))
    if price.get("curtailed_mwh") is not None:
        parts.append(words("loop.price_curtailed", curtailed=signed_energy(price["curtailed_mwh"])))
    if price.get("green_share") is not None:
        parts.append(words("loop.price_green", points=signed(100.0 * price["green_share"])))
    return words("loop.price", list=words("word.list_comma").join(parts)) if parts else ""


def price_bars(wires: WiresView) -> Figure | None:
    """Draw what one more per cent of each element's limit would save."""
    words = wires.view.words
    priced = [row for row in _by_element(wires) if row.get("value_cny_per_percent")][:BARS]
    if not priced:
        return None
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [plain(_name(wires, row)) for row in priced],
            "x": [float(f"{row['value_cny_per_percent']:.6g}") for row in priced],
            "marker": {"color": [BAR_COLOURS.get(row.get("kind", "")) or colour_of(row.get("kind", "")) for row in priced]},
            "hovertemplate": "%{y}<br>%{x:,.4~g} CNY/%<extra></extra>",
        }
    ]
    frame = layout(
        bargap=0.3,
        xaxis=axis(words("loop.value_axis"), rangemode="tozero"),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 120, "r": 30, "t": 10, "b": 45},
        showlegend=False,
    )
    return Figure("wires-price", words("loop.value_title"), data, frame, 80 + 26 * max(2, len(priced)))


def price_table(wires: WiresView) -> Table | None:
    """Return what each element's limit costs."""
    words, rows = wires.view.words, _by_element(wires)
    if not rows:
        return None
    columns = [
        Column(words("wires_table.element"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("wires_table.kind"), text=True),
        Column(words("loop.binding_hours"), "h"),
        Column(words("loop.value"), "CNY/%"),
        Column(words("loop.share")),
    ]
    cells = [
        [
            row.get("element") or "–",
            wires.where(row.get("kind", ""), row.get("element") or ""),
            words.named("wires_kind", row.get("kind", "")),
            _cell(row, "hours"),
            _cell(row, "value_cny_per_percent"),
            percent(row["share"]) if row.get("share") is not None else "–",
        ]
        for row in rows
    ]
    return Table(columns, cells, caption=words("loop.price_caption"), title=words("loop.price_title"))


def unmet_table(wires: WiresView) -> Table | None:
    """Return what no dispatch can bring within its limit."""
    words, rows = wires.view.words, wires.loop.get("unmet") or []
    if not rows:
        return None
    columns = [
        Column(words("wires_table.element"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("wires_table.kind"), text=True),
        Column(words("wires_table.hours"), "h"),
        Column(words("loop.worst"), "MW"),
    ]
    cells = [
        [
            row.get("element") or "–",
            wires.where(row.get("kind", ""), row.get("element") or ""),
            words.named("wires_kind", row.get("kind", "")),
            _cell(row, "hours"),
            _cell(row, "worst_mw"),
        ]
        for row in rows
    ]
    return Table(columns, cells, caption=words("loop.unmet_caption"), title=words("loop.unmet_title"))


def outcome(wires: WiresView) -> str:
    """Say whether the loop came to an end within all limits, and how that was confirmed."""
    words, confirmed = wires.view.words, wires.loop.get("confirmed") or {}
    sentences = []
    if wires.loop.get("unmet"):
        sentences.append(words("loop.not_met", count=len(wires.loop["unmet"])))
    if confirmed.get("hours") is not None:
        beyond = confirmed.get("violating_hours") or 0
        difference = confirmed.get("max_difference_pu")
        values = {"hours": number(confirmed["hours"]), "difference": "–" if difference is None else f"{difference:.1e}"}
        sentences.append(words("loop.confirmed_beyond", beyond=number(beyond), **values) if beyond else words("loop.confirmed", **values))
    return words("word.sentence_space").join(sentences)


def _by_element(wires: WiresView) -> list[dict[str, Any]]:
    price = wires.loop.get("price") or {}
    return sorted(price.get("by_element") or [], key=lambda row: -(row.get("share") or 0.0))


def _name(wires: WiresView, row: dict[str, Any]) -> str:
    kind, element = row.get("kind", ""), row.get("element") or ""
    return f"{element or wires.where(kind, element)} ({wires.view.words.named('wires_kind', kind)})"
